"""`iimm access-log`: who looked at what, for auditors.

Here: the commands.
Not here: the log and its chain (iimm_pipelines.people.access_log).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table
from iimm_pipelines.people.access_log import AccessEvent, What, verify
from iimm_pipelines.people.rights import Right

app = typer.Typer(no_args_is_help=True, help="The log of access: who looked at what.")


@app.command("list")
def list_entries(reader: Annotated[str, typer.Option("--as", help="account of an auditor")],
                 who: Annotated[str | None, typer.Option(help="only what this account did")] = None,
                 about: Annotated[str | None, typer.Option(help="only this item or accession")] = None,
                 data: Data = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Searches with what was typed, openings, downloads, sign-ins and refusals, oldest first. Reading is logged too."""
    from iimm_pipelines.search.access import reader as known

    with opened(data) as holding:
        auditor = known(holding, reader, Right.READ_ACCESS_LOG)
        log = holding.access_log
        log.add(AccessEvent(auditor.name, What.READ_LOG, about))
        found = [(e, log.query_of(e)) for e in log.entries() if who in (None, e.who) and about in (None, e.subject)]
    if as_json:
        print_json([{**{k: v for k, v in asdict(e).items() if k != "sealed"}, "query": q} for e, q in found])
        return
    print_table("Access", ["#", "at", "who", "what", "item", "typed", "hits"],
                [[e.number, datetime.fromtimestamp(e.at / 1000, UTC).isoformat(timespec="milliseconds"), e.who, e.what,
                  e.subject or "", q or "", "" if e.hits is None else e.hits] for e, q in found], numbers=["#", "hits"])  # fmt: skip


@app.command("verify")
def verify_chain(data: Data = None, as_json: AsJson = False) -> None:
    """Follow the chain of the log, against its newest line and what backups noted of it."""
    from iimm_pipelines.recovery.standing import access_log_anchors

    with opened(data) as holding:
        anchors = access_log_anchors(holding)
        checked = verify(holding.access_log.folder, anchors)
    if as_json:
        print_json({**asdict(checked), "anchors": len(anchors)})
    elif checked.fault is None:
        console.print(
            f"Valid: {checked.lines} lines, newest {checked.digest[:16]}…, {len(anchors)} anchors in the log of custody"
        )
    else:
        console.print(f"NOT VALID after {checked.lines} lines: {checked.fault.file}, line {checked.fault.line}, {checked.fault.why}",
                      style="bold red")  # fmt: skip
    if checked.fault is not None:
        raise typer.Exit(1)
