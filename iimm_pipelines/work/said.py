"""What people said of all items, row by row: for programs that take it elsewhere.

Here: rows about items that a reader may see, newest first, page by page.
Not here: what stands about one item (work/tagging), writing (work/tagging, work/corrections).

A page begins behind a row that is named by its id: numbers of rows would tell how much else there is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.visible import visible
from iimm_pipelines.work.record import Kind, Row, WorkRefused

KINDS = (Kind.TAG, Kind.NOTE, Kind.CORRECTION)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class AskedRows:
    """Which rows: of these kinds, and where they are named of one code, author or accession."""

    kinds: Collection[Kind] = KINDS
    code: str = ""
    by: str = ""
    accession: str = ""

    def fits(self, row: Row) -> bool:
        """Whether a row is asked for; its author is asked of the table."""
        of_code = not self.code or row.body.get("code") == self.code
        return of_code and (not self.accession or row.about.startswith(f"{self.accession}-"))


def said(holding: Holding, who: Reader, asked: AskedRows, size: int, behind: str = "") -> list[Row]:
    """At most so many rows that stand about items which a reader may see, newest first, behind the row of an id.

    Raises:
        WorkRefused: there is no row of this id.
        NodeError: the search node does not run, or does not answer.
    """
    before: int | None = None
    if behind:
        last = holding.work.row(behind)
        if last is None:
            raise WorkRefused("there is no such row: begin again")
        before = last.number
    found: list[Row] = []
    while len(found) < size:
        rows = holding.work.rows(*asked.kinds, by=asked.by or None, before=before, most=_AT_ONCE)
        wanted = [r for r in rows if asked.fits(r)]
        there = visible(holding, who, {r.about for r in wanted})
        found += [r for r in wanted if r.about in there]
        if len(rows) < _AT_ONCE:
            break
        before = rows[-1].number
    return found[:size]
