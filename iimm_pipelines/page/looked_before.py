"""Who looked at an item before and what they noted, so that nobody has to look again for nothing.

Here: openings and notes of an item, and of those with the same bytes that its reader may see.
Not here: the log of openings (page/openings, which names nobody), writing notes (page/work_answers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iimm_pipelines.page.openings import Opened
from iimm_pipelines.page.visit import Visit
from iimm_pipelines.page.work_answers import when
from iimm_pipelines.search.items import Seen
from iimm_pipelines.work.record import Kind, Row

MOST = 20
"""Notes, and copies that were opened: the newest."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note: what somebody wrote about which item, and when."""

    item: str
    text: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class LookedBefore:
    """`opened` of the item itself, `copies` by their number; notes of both, the oldest first."""

    opened: Opened | None
    copies: Sequence[tuple[str, Opened]]
    notes: Sequence[Noted]

    def __bool__(self) -> bool:
        """Whether anybody did."""
        return bool(self.opened or self.copies or self.notes)


def looked_before(visit: Visit, seen: Seen) -> LookedBefore:
    """What colleagues did before, as the reader of an item may know it: copies are those that they may see."""
    number, openings, name = str(seen.fields["item"]), visit.desk.openings, visit.known.name
    copies = [str(copy["item"]) for copy in seen.copies.items]
    opened = [(copy, found) for copy in copies if (found := openings.by_others(copy, name))]
    rows = visit.holding.work.of_items([number, *copies])
    notes: list[Row] = sorted(
        (row for of in rows.values() for row in of if row.kind is Kind.NOTE), key=lambda row: (row.at, row.about)
    )
    return LookedBefore(
        openings.by_others(number, name),
        sorted(opened, key=lambda each: each[1].last, reverse=True)[:MOST],
        [Noted(row.about, str(row.body["text"]), row.by, when(row)) for row in notes[-MOST:]],
    )
