"""Figures for people who plan and report: what came in each month, what of it is done, and what still waits.

Here: counting by month, source, kind and language, in columns, shard by shard.
Not here: outcomes by stage (accounts), how long what waits will take (accessions/estimate).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from iimm_pipelines.accessions.numbers import Shard, accession_of
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import AccessionRow

LAST_STAGE = "search_index"
"""An item that has an outcome of it is through all stages."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Month:
    """A source's month. Received and bytes count files at the door; the rest counts items, at the month they were done."""

    month: str
    source: str
    accessions: int
    received: int
    bytes: int
    processed: int


class Group(NamedTuple):
    """Items that belong together in the backlog or among what is done. `language`: that of most of an item's text."""

    source: str
    kind: str
    language: str


def months(holding: Holding, of: Sequence[AccessionRow] | None = None) -> list[Month]:
    """Each month in which a source handed something over or something of it was done, in order; of these accessions."""
    accessions, received, size, processed = Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]](), Counter[tuple[str, str]]()  # fmt: skip
    source_of: dict[str, str] = {}
    for row in holding.catalogue.accessions() if of is None else of:
        if row.state == "refused":
            continue
        source_of[row.number] = row.source
        here = (row.registered_at[:7], row.source)
        accessions[here] += 1
        received[here] += row.received
        size[here] += row.bytes
    first: dict[tuple[str, int], tuple[str, int]] = {}
    for part in holding.catalogue.parts(stage=LAST_STAGE, current=False):
        slice_ = (part.shard, part.start)
        first[slice_] = min(first.get(slice_, ("~", 0)), (part.finished[:7], part.leaves))
    for (shard, _), (month, leaves) in first.items():
        if (source := source_of.get(accession_of(shard))) is not None:
            processed[month, source] += leaves
    return [Month(*k, accessions[k], received[k], size[k], processed[k])
            for k in sorted(accessions.keys() | processed.keys())]  # fmt: skip


def done_and_waiting(holding: Holding) -> tuple[Counter[Group], Counter[Group]]:
    """Items by source, kind and language: those that are through all stages, and those that wait.

    What has not been looked at has kind and language unknown. Counts items, so a container with all its members.
    """
    done, waiting = Counter[Group](), Counter[Group]()
    for row in holding.catalogue.accessions():
        if row.state == "refused":
            continue
        for shard in holding.catalogue.shards(row.number):
            seen = 0
            for kind, language, through, count in _groups(holding, shard.number):
                (done if through else waiting)[Group(row.source, kind, language)] += count
                seen += count
            if shard.items > seen:
                waiting[Group(row.source, UNKNOWN, UNKNOWN)] += shard.items - seen
    return done, waiting


def _groups(holding: Holding, shard: Shard) -> Iterator[tuple[str, str, bool, int]]:
    kinds = holding.parts.frame("contents", "document", shard)
    if not kinds.height:
        return
    frame = kinds.select("place", "kind").join(_languages(holding, shard), on="place", how="left")
    through = [p for t in holding.parts.columns(LAST_STAGE, shard, ["place"]) for p in t["place"].to_pylist()]
    frame = frame.with_columns(through=pl.col("place").is_in(through), language=pl.col("language").fill_null("none"))
    yield from frame.group_by("kind", "language", "through").len().sort("kind", "language", "through").iter_rows()


def _languages(holding: Holding, shard: Shard) -> pl.DataFrame:
    """The language of most code points of each item that has text."""
    segments = holding.parts.frame("languages", "normal_segments", shard)
    if not segments.height:
        return pl.DataFrame(schema={"place": pl.Int64, "language": pl.String})
    sizes = segments.group_by("place", "language").agg(size=pl.col("text").str.len_chars().sum())
    ordered = sizes.sort("size", "language", descending=[True, False])
    return ordered.group_by("place", maintain_order=True).first().select("place", "language")
