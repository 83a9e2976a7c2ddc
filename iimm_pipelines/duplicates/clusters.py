"""Views over pairs: the near-duplicates of an item, and clusters, for a reader with their marks.

Here: both directions of a pair, and what hangs together by pairs.
Not here: finding pairs (pairs, stages/near_pairs), equal objects (catalogue).

A cluster is a chain: its ends may be further apart than any pair. For a reader, what they may not see does not exist:
it is no neighbour, and it links nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import polars as pl

from iimm_pipelines.accessions.numbers import Number, accession_of
from iimm_pipelines.duplicates.pairs import Near, edges
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader

_STAGE = "near_pairs"
_Visible = Callable[[str], bool]


def near(holding: Holding, number: Number) -> list[Near]:
    """The near-duplicates of an item, whichever of the two named the other, nearest first.

    All of them, so for no reader's eyes: see `visible_near`.
    """
    found: dict[Number, int] = {}
    for frame in edges(holding.parts, _STAGE):
        mine = pl.concat([
            frame.filter(pl.col("item") == number).select("other", "distance"),
            frame.filter(pl.col("other") == number).select(other="item", distance="distance"),
        ])  # fmt: skip
        for other, distance in mine.iter_rows():
            found[other] = min(distance, found.get(other, distance))
    return sorted((Near(o, d) for o, d in found.items()), key=lambda n: (n.distance, n.other))


def visible_near(holding: Holding, number: Number, reader: Reader) -> list[Near]:
    """The near-duplicates of an item that a reader may see; none where they may not see the item itself."""
    visible = _visible(holding, reader)
    return [n for n in near(holding, number) if visible(n.other)] if visible(number) else []


def clusters(holding: Holding) -> Iterator[frozenset[Number]]:
    """All sets of items that hang together by pairs, in order of their first numbers; see `visible_clusters`."""
    return _clusters(holding, lambda number: True)


def visible_clusters(holding: Holding, reader: Reader) -> Iterator[frozenset[Number]]:
    """The clusters as if there were only what a reader may see."""
    return _clusters(holding, _visible(holding, reader))


def _visible(holding: Holding, reader: Reader) -> _Visible:
    seen = {a.number for a in holding.catalogue.accessions() if reader.sees(a.number, a.marks)}
    return lambda number: accession_of(number) in seen


def _clusters(holding: Holding, visible: _Visible) -> Iterator[frozenset[Number]]:
    """Union-find with path halving; the lower number leads. Memory grows with the items that are in a pair."""
    leaders: dict[Number, Number] = {}

    def leader(number: Number) -> Number:
        while (above := leaders.setdefault(number, number)) != number:
            leaders[number] = number = leaders[above]
        return number

    for frame in edges(holding.parts, _STAGE):
        for item, other in frame.select("item", "other").iter_rows():
            if visible(item) and visible(other):
                one, two = leader(item), leader(other)
                leaders[max(one, two)] = min(one, two)
    members: dict[Number, set[Number]] = defaultdict(set)
    for number in leaders:
        members[leader(number)].add(number)
    yield from (frozenset(members[first]) for first in sorted(members))
