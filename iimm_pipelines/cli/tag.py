"""`iimm tag`: what people say of items, from a prompt or a script.

Here: the commands.
Not here: the rules (iimm_pipelines.work.tagging), the page on which most of it is done (iimm_pipelines.page).
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shown_text
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.rights import Right

app = typer.Typer(no_args_is_help=True, help="Tags and notes of items: signed rows with author and time.")
As = Annotated[str, typer.Option("--as", help="who says it: an account")]
Items = Annotated[list[str], typer.Argument(help="numbers of items, as A00012-0003-01234")]


@app.command()
def add(items: Items, reader: As, code: Annotated[str, typer.Option("--code", help="as `iimm tag codes` has it")],
        value: Annotated[str, typer.Option("--value", help="what the code takes, if it takes anything")] = "",
        data: Data = None) -> None:  # fmt: skip
    """Tag items."""
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.work.in_index import bring_now
    from iimm_pipelines.work.tagging import tag

    with opened(data) as holding:
        said = tag(holding, known(holding, reader, Right.TAG), items, code, value)
        in_index = bring_now(holding, items, len(items))
    _say(len(said.rows), in_index)


@app.command()
def note(items: Items, reader: As, data: Data = None) -> None:
    """Write a note to items: the text is read from standard input, since arguments can be seen by everybody on the machine."""
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.work.in_index import bring_now
    from iimm_pipelines.work.tagging import note as write

    with opened(data) as holding:
        said = write(holding, known(holding, reader, Right.TAG), items, sys.stdin.read())
        in_index = bring_now(holding, items, len(items))
    _say(len(said.rows), in_index)


@app.command()
def withdraw(id: Annotated[str, typer.Argument(help="id of a tag, note or correction, as `iimm tag show` has it")],
             reader: As, why: Annotated[str, typer.Option("--why", help="why")] = "", data: Data = None) -> None:  # fmt: skip
    """End a tag, note or correction. It stays in the record, with who ended it."""
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.work.tagging import withdraw as end

    with opened(data) as holding:
        said = end(holding, known(holding, reader, Right.TAG), id, why)
    _say(len(said.rows), said.in_index)


@app.command()
def show(item: Annotated[str, typer.Argument(help="number of an item")], reader: As, data: Data = None,
         as_json: AsJson = False) -> None:  # fmt: skip
    """What stands about an item: tags, notes, corrections."""
    from iimm_pipelines.custody.lineage import ItemUnknown
    from iimm_pipelines.search.access import reader as known
    from iimm_pipelines.search.visible import visible
    from iimm_pipelines.work.tagging import standing

    with opened(data) as holding:
        who = known(holding, reader, Right.TAG)
        if item not in visible(holding, who, [item]):
            holding.access_log.add(AccessEvent(who.name, What.REFUSED, subject=item))
            raise ItemUnknown(f"there is no item {item}")
        holding.access_log.add(AccessEvent(who.name, What.OPENED, subject=item))
        found = standing(holding, item)
    rows = [*found.tags, *found.notes, *found.corrections]
    if as_json:
        print_json([{"id": r.id, "kind": r.kind, "by": r.by, "at": r.when.isoformat(), **r.body} for r in rows])
        return
    print_table(f"Said of {item}", ["id", "what", "by", "at", "says"],
                [[r.id, r.kind, r.by, r.when.isoformat(timespec="seconds"), shown_text(" ".join(map(str, r.body.values())))]
                 for r in rows])  # fmt: skip


@app.command()
def codes(data: Data = None, as_json: AsJson = False) -> None:
    """The codes to tag with: the operator's list, or the plain one."""
    from iimm_pipelines.work.codes import codes as listed

    with opened(data) as holding:
        found = list(listed(holding.settings).values())
    if as_json:
        print_json([{"id": c.id, "name": c.name, "values": list(c.values), "free": c.free} for c in found])
        return
    print_table("Codes", ["code", "name", "value"],
                [[c.id, c.name, ", ".join(c.values) or ("any" if c.free else "")] for c in found])  # fmt: skip


def _say(rows: int, in_index: bool) -> None:
    more = "" if in_index else " It is found once the search node runs: `iimm up`, and `iimm page` or `iimm run`."
    console.print(f"{rows} written down.{more}")
