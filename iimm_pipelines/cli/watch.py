"""`iimm watch`: watch-lists and lexicons, and their alerts.

Here: the commands.
Not here: the rules (iimm_pipelines.work.watching). Terms are read from files, and never arguments: those can be seen by
everybody on the machine.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.rights import Right

app = typer.Typer(no_args_is_help=True, help="Watch-lists and lexicons: what is looked for in whatever comes in.")
As = Annotated[str, typer.Option("--as", help="an account")]
Text = Annotated[Path, typer.Argument(exists=True, dir_okay=False)]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="what the list is called")], terms: Text, reader: As, data: Data = None
) -> None:
    """Make a watch-list of the terms in a file: one a line, `kind: term` (name, number, unit, place, hash, text)."""
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.work.record import WorkRefused
    from iimm_pipelines.work.watching import make_list, read_terms

    try:
        written = terms.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise WorkRefused(f"{terms} cannot be read as UTF-8") from None
    with opened(data) as holding:
        of = make_list(holding, known(holding, reader, Right.TAG).name, name, read_terms(written))
    console.print(
        f"{of.id}: looks for {len(of.row.body['terms'])} terms from the next round on (`iimm watch run`, `iimm page`)"
    )


@app.command()
def lexicon(
    file: Text, by: Annotated[str | None, typer.Option("--by", help="who decides")] = None, data: Data = None
) -> None:
    """Take a lexicon into use, in place of one of the same name: docs/work.md shows its form."""
    from iimm_pipelines.work.watching import make_list, read_lexicon, shelves_of_all

    name, terms, said = read_lexicon(file)
    who = by if by is not None else getpass.getuser()
    with opened(data) as holding:
        old = next((s for s in shelves_of_all(holding) if s.name == name and s.row.body.get("flag")), None)
        of = make_list(holding, who, name, terms, said, instead=old)
    console.print(f"{of.id}: flags {len(terms)} terms as {said.flag!r} for {said.compartment}")


@app.command("list")
def list_lists(data: Data = None, as_json: AsJson = False) -> None:
    """All watch-lists and lexicons, without their terms."""
    from iimm_pipelines.work.watching import shelves_of_all

    with opened(data) as holding:
        found = shelves_of_all(holding)
    if as_json:
        print_json([{"id": s.id, "name": s.name, "owner": s.owner, "terms": len(s.row.body["terms"]),
                     "flag": s.row.body.get("flag")} for s in found])  # fmt: skip
        return
    print_table("Watch-lists", ["id", "name", "owner", "terms", "flag"],
                [[s.id, s.name, s.owner, len(s.row.body["terms"]), s.row.body.get("flag", "")] for s in found],
                numbers=["terms"])  # fmt: skip


@app.command()
def end(id: Annotated[str, typer.Argument(help="id of a watch-list or lexicon")],
        by: Annotated[str | None, typer.Option("--by", help="who decides")] = None, data: Data = None) -> None:  # fmt: skip
    """End a watch-list or lexicon; its alerts stay."""
    from iimm_pipelines.work.shelves import ShelfUnknown
    from iimm_pipelines.work.watching import shelves_of_all

    with opened(data) as holding:
        of = next((s for s in shelves_of_all(holding) if s.id == id), None)
        if of is None:
            raise ShelfUnknown
        holding.work.withdraw(by if by is not None else getpass.getuser(), of.row)
    console.print(f"{of.name} has ended")


@app.command()
def run(data: Data = None, as_json: AsJson = False) -> None:
    """Do now what `iimm page` does in rounds: move documents, bring decisions into the index, watch, send mail."""
    from iimm_pipelines.work.follow import follow

    with opened(data) as holding:
        new = follow(holding, wait_seconds=60)
    if as_json:
        print_json({"alerts": new})
    else:
        console.print(f"{new} new alerts")


@app.command()
def alerts(reader: As, settled: Annotated[bool, typer.Option("--settled", help="those that were looked at")] = False,
           data: Data = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Alerts that somebody may see, newest first."""
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.work.watching import alerts as seen_by

    with opened(data) as holding:
        who = known(holding, reader, Right.TAG)
        found = seen_by(holding, who, settled=settled)
        holding.access_log.add(AccessEvent(who.name, What.SEARCHED, query="alerts", hits=len(found)))
    if as_json:
        print_json([{"id": a.row.id, "item": a.row.about, "list": a.list.name, "terms": a.row.body["terms"],
                     "at": a.row.when.isoformat()} for a in found])  # fmt: skip
        return
    print_table("Alerts", ["id", "item", "list", "found", "at"],
                [[a.row.id, a.row.about, a.list.name, ", ".join(a.row.body["terms"]), a.row.when.isoformat(timespec="seconds")]
                 for a in found])  # fmt: skip
