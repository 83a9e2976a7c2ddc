"""`iimm figures`: what came in each month, what is done, and what waits.

Here: the command and its tables.
Not here: counting (iimm_pipelines.accessions.figures).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table

if TYPE_CHECKING:
    from iimm_pipelines.accessions.figures import Group


def figures(data: Data = None, as_json: AsJson = False) -> None:
    """Received and processed by month and source; done and backlog by source, kind and language."""
    from iimm_pipelines.accessions.figures import done_and_waiting, months

    with opened(data) as holding:
        by_month = months(holding)
        done, waiting = done_and_waiting(holding)
    if as_json:
        print_json({"months": [asdict(m) for m in by_month], "done": _listed(done), "backlog": _listed(waiting)})
        return
    numbers = ["accessions", "received files", "bytes", "items processed"]
    print_table("Months", ["month", "source", *numbers], [list(asdict(m).values()) for m in by_month], numbers=numbers)
    for title, groups in (("Done", done), ("Backlog", waiting)):
        print_table(title, ["source", "kind", "language", "items"], [[*g, n] for g, n in sorted(groups.items())],
                    numbers=["items"])  # fmt: skip


def _listed(groups: Counter[Group]) -> list[dict[str, object]]:
    return [{**g._asdict(), "items": n} for g, n in sorted(groups.items())]
