"""`iimm lineage`: where an item comes from, step by step, with the proof of each.

Here: the command.
Not here: walking the lineage (iimm_pipelines.custody.lineage).
"""

from __future__ import annotations

from typing import Annotated

import typer

from iimm_pipelines.accessions.numbers import accession_of, parse_number
from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table
from iimm_pipelines.custody.lineage import ItemUnknown, Lineage, as_plain, for_reader


def lineage(number: str, data: Data = None,
            reader: Annotated[str | None, typer.Option("--as", help="show only what this reader may see")] = None,
            as_json: AsJson = False) -> None:  # fmt: skip
    """Every step that an item rests on, back to its receipt. Works without the catalogue."""
    from iimm_pipelines.custody.lineage import lineage as walk
    from iimm_pipelines.search.access import reader as known

    item = parse_number(number)
    with opened(data) as holding:
        if reader is not None:
            marks = {a.number: a.marks for a in holding.catalogue.accessions()}.get(accession_of(item), ())
            if not known(holding, reader).sees(accession_of(item), marks):
                raise ItemUnknown(f"there is no item {item}")
        found = walk(holding, item)
        if reader is not None:
            found = for_reader(found)
    if as_json:
        print_json(as_plain(found, for_reader=reader is not None))
    else:
        show(number, found, entries=reader is None)


def show(number: str, found: Lineage, *, entries: bool = True) -> None:
    """Print a lineage for a person; where in the log each step stands, only to whom all of it may be told."""
    print_table(f"Lineage of {number}", ["step", "item", "outcome", "leaf", "part root", "log entry", "finished"],
                [[s.stage, s.item, s.reason or s.kind, s.leaf.hex()[:12], s.root[:12],
                  "waits" if s.log_index is None else s.log_index if entries else "in it",
                  s.finished.strftime("%Y-%m-%d %H:%M:%SZ")] for s in found.steps], numbers=["log entry"])  # fmt: skip
    print_table("Custody of its accession, and its own", ["of", "#", "event", "at"],
                [[e.about, e.sequence, e.kind, e.at.strftime("%Y-%m-%d %H:%M:%SZ")] for e in found.events])  # fmt: skip
