"""`iimm failures` and `iimm retry`: what failed, why, what to do, and trying again.

Here: the two commands.
Not here: reasons and their remedies (iimm_pipelines.engine.outcome), asking again (iimm_pipelines.accessions.retries).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iimm_pipelines.accessions.numbers import Number
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table, shards_of, shown_name
from iimm_pipelines.engine.outcome import Reason

if TYPE_CHECKING:
    from iimm_pipelines.accessions.accounts import Failure
    from iimm_pipelines.accessions.items import Item

Only = Annotated[str | None, typer.Option(help="only this accession")]


def failures(data: Data = None, accession: Only = None,
             names: Annotated[bool, typer.Option("--names", help="show file names, which may name persons")] = False,
             csv_file: Annotated[Path | None, typer.Option("--csv", help="write them to this file, for a spreadsheet")] = None,
             as_json: AsJson = False) -> None:  # fmt: skip
    """Every failure: item, stage, reason, and what to do."""
    from iimm_pipelines.accessions.accounts import failures as find
    from iimm_pipelines.accessions.items import read_items
    from iimm_pipelines.stages.graph import STAGES

    with opened(data) as holding:
        shards = shards_of(holding, accession)
        found = list(find(holding, ["inventory", *(s.name for s in STAGES)], shards))
        items = {i.number: i for s in shards for i in read_items(holding.parts, s)} if names else {}
    if csv_file is not None:
        _write_csv(csv_file, found, items, names=names)
        console.print(f"{len(found)} failures written to {csv_file}")
        return
    if as_json:
        print_json([{"item": f.item, "stage": f.stage, "reason": f.reason, "detail": f.detail, "again": f.again,
                     "what to do": f.reason.what_to_do, **({"path": items[Number(f.item)].path} if names else {})} for f in found])  # fmt: skip
        return
    columns = ["item", "stage", "reason", "detail", *(["name"] if names else [])]
    print_table("Failures", columns, [[f.item, f.stage, f.reason, f.detail,
                                       *([_name(items, f)] if names else [])] for f in found])  # fmt: skip
    counts = Counter(f.reason for f in found)
    print_table("What to do", ["reason", "times", "what to do"],
                [[r, n, r.what_to_do] for r, n in counts.most_common()], numbers=["times"])  # fmt: skip


def _name(items: Mapping[Number, Item], failure: Failure) -> str:
    item = items[Number(failure.item)]
    return shown_name(item.path, item.name)


def _write_csv(file: Path, found: Sequence[Failure], items: Mapping[Number, Item], *, names: bool) -> None:
    """With a byte order mark, as spreadsheets want it; a cell never begins as a formula does."""
    with file.open("w", encoding="utf-8-sig", newline="") as raw:
        rows = csv.writer(raw)
        rows.writerow(
            ["item", "stage", "reason", "detail", "can help to try again", "what to do", *(["name"] if names else [])]
        )
        for f in found:
            name = [_name(items, f)] if names else []
            cells = [f.item, f.stage, f.reason, f.detail, "yes" if f.again else "no", f.reason.what_to_do, *name]
            rows.writerow([f"'{c}" if str(c)[:1] in "=+-@" else c for c in map(str, cells)])


def retry(reason: Annotated[list[str] | None, typer.Option(help="reason, as `iimm failures` names it; may be repeated")] = None,
          every: Annotated[bool, typer.Option("--all", help="every reason for which trying again can help")] = False,
          data: Data = None, accession: Only = None,
          stage: Annotated[str | None, typer.Option(help="only this stage")] = None) -> None:  # fmt: skip
    """Have outcomes tried again at the next `iimm run`, only where that can help: of an accession, stage or reason, or --all."""
    from iimm_pipelines.accessions.retries import RetryRefused, ask_again, reasons_named

    every = every or (not reason and (accession is not None or stage is not None))
    reasons = sorted({*reasons_named(reason or ())} | {r for r in Reason if every and r.again})
    if not reasons:
        raise RetryRefused("say which: --reason REASON, as `iimm failures` names it, --accession, --stage, or --all that can "
                           "be helped")  # fmt: skip
    with opened(data) as holding:
        asked = ask_again(holding, reasons, shards_of(holding, accession), stage)
    console.print(f"{asked} outcomes will be tried again. Next: `iimm run`" if asked else "There is no such outcome.")
