"""`iimm source`: the register of sources, by code.

Here: registering, listing, showing, correcting where the true register is kept.
Not here: who stands behind a code; the rules (iimm_pipelines.accessions.sources).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from iimm_pipelines.accessions.sources import add_source, correct_source, events_of_source, find_source
from iimm_pipelines.accessions.sources import sources as all_sources
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table

app = typer.Typer(no_args_is_help=True, help="Sources, by code; never a name.")
Register = Annotated[str, typer.Option("--register", help="where it is written down who stands behind the code")]


@app.command()
def add(code: str, register: Register = "", data: Data = None) -> None:
    """Register a source by its code; who stands behind it is kept elsewhere."""
    with opened(data, begin=True) as holding:
        source = add_source(holding, code, register)
    console.print(f"{source.code} registered")


@app.command("list")
def list_sources(data: Data = None, as_json: AsJson = False) -> None:
    """All sources, also those that only accessions name."""
    with opened(data) as holding:
        found = all_sources(holding)
    if as_json:
        print_json([asdict(s) for s in found])
        return
    print_table("Sources", ["code", "true register", "registered", "accessions"],
                [[s.code, s.true_register, s.registered_at or "no", ", ".join(s.accessions)] for s in found])  # fmt: skip


@app.command()
def show(code: str, data: Data = None, as_json: AsJson = False) -> None:
    """One source with its accessions and everything that was ever said of it."""
    with opened(data) as holding:
        source = find_source(holding, code)
        events = events_of_source(holding, code)
    if as_json:
        print_json({**asdict(source), "events": [asdict(e) for e in events]})
        return
    print_table(f"Source {source.code}", ["fact", "value"], [
        ["true register", source.true_register], ["registered", source.registered_at or "no"],
        ["accessions", ", ".join(source.accessions)],
    ])  # fmt: skip
    print_table("Custody events", ["#", "kind", "at", "true register", "reason"],
                [[e.sequence, e.kind, e.at.isoformat(), e.body["true_register"], e.body.get("reason", "")]
                 for e in events])  # fmt: skip


@app.command()
def correct(code: str, register: Register, reason: Annotated[str, typer.Option(help="why")], data: Data = None) -> None:
    """Say anew where the true register is kept; the old words stay in the record."""
    with opened(data) as holding:
        correct_source(holding, code, register, reason)
    console.print(f"{code} corrected")
