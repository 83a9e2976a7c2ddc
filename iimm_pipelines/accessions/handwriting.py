"""Pages with handwriting: what a machine saw, could not read, and leaves to people.

Here: which pages they are, and where on them.
Not here: how they are found (formats/page_image, stages/recognised_text).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.holding import Holding


@dataclass(frozen=True, slots=True)
class HandwrittenPage:
    """A page, the only one where there is no number, with the boxes of its rows in millionths of width and height."""

    item: str
    page: int | None
    rows: tuple[tuple[int, ...], ...]


def handwritten_pages(holding: Holding, shards: Sequence[Shard]) -> Iterator[HandwrittenPage]:
    """Pages with rows of pen strokes that were not read, in order of items and pages."""
    for shard in shards:
        frame = holding.parts.frame("recognised_text", "pages_read", shard)
        if not frame.height:
            continue
        marked = frame.filter(pl.col("handwriting").list.len() > 0).sort("place", "nth")
        for item, page, at in marked.select("item", "page", "handwriting").iter_rows():
            yield HandwrittenPage(item, page, tuple(tuple(at[n : n + 4]) for n in range(0, len(at), 4)))
