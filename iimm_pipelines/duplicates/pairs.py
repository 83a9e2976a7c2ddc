"""Pairs of near-duplicates: new fingerprints against committed ones, and reading what was found.

Here: fingerprints and pairs as columns of committed parts, and who is named as whose near-duplicate.
Not here: the search (hamming), the stage with its slices and proof (stages/near_pairs), clusters (clusters).

A pair is named by the one of its two items that was compared later; equal objects are no pair. Only hashes of one
recipe are compared: a hash made otherwise says other things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from iimm_pipelines.accessions.numbers import Number, Shard, item_number
from iimm_pipelines.duplicates.hamming import Hashes, Index, Matches
from iimm_pipelines.duplicates.pictures import PHASH
from iimm_pipelines.storage.catalogue import PartRow
from iimm_pipelines.storage.parts import Parts

_HASH_BYTES = 8
_ROWS_BEFORE_PRUNING = 1 << 21
"""44 MB: matches beyond it are cut down to each item's nearest before more are taken in."""

Recipe = bytes
Objects = Callable[[Shard], Mapping[int, bytes | None]]
"""The objects of a shard by place."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Hashes of one recipe with the places of their items."""

    places: npt.NDArray[np.int64]
    values: Hashes

    def at(self, places: Set[int]) -> Fingerprints:
        """Those of some items."""
        chosen = np.isin(self.places, list(places))
        return Fingerprints(self.places[chosen], self.values[chosen])

    def and_more(self, more: Fingerprints) -> Fingerprints:
        """These, then others."""
        return Fingerprints(np.concatenate([self.places, more.places]), np.concatenate([self.values, more.values]))


@dataclass(frozen=True, slots=True)
class Near:
    """A near-duplicate: which item, and how many bits apart."""

    other: Number
    distance: int


@dataclass(frozen=True, slots=True)
class Found:
    """The nearest of an item, nearest first; `more` says that there were others, beyond the most that are named."""

    near: tuple[Near, ...]
    more: bool


def read_fingerprints(parts: Parts, part: PartRow) -> dict[Recipe, Fingerprints]:
    """The pHashes of a part, by the recipe that made them."""
    table = parts.arrow(part.stage, part.shard, part.key, ["place", "recipe", "fingerprints"])
    rows = _flat(table, "fingerprints").filter(pl.col("method") == PHASH)
    found = {}
    for (recipe,), some in rows.group_by("recipe", maintain_order=True):
        values = np.frombuffer(b"".join(some["value"].to_list()), dtype=f">u{_HASH_BYTES}").astype(np.uint64)
        found[recipe] = Fingerprints(some["place"].to_numpy().astype(np.int64), values)
    return found


def read_pairs(parts: Parts, part: PartRow) -> pl.DataFrame:
    """The pairs of a part: `item`, `other`, `distance`."""
    table = parts.arrow(part.stage, part.shard, part.key, ["item", "pairs"])
    return _flat(table, "pairs").select("item", "other", "distance")


def _flat(table: Any, name: str) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame.filter(pl.col(name).list.len() > 0).explode(name).unnest(name)


class Comparison:
    """New items of one shard, compared with one committed part after the other."""

    def __init__(self, shard: Shard, new: Mapping[Recipe, Fingerprints], objects: Objects, *, distance: int,
                 most: int) -> None:  # fmt: skip
        """`distance`: bits up to which two are near; `most`: how many are named for an item, the nearest first."""
        self.shard = shard
        self.most = most
        self._new = new
        self._objects = objects
        self._indices = {r: Index(f.values, distance) for r, f in new.items()}
        self._rows: list[npt.NDArray[Any]] = []
        self._shards: dict[Shard, int] = {}

    def with_part(self, shard: Shard, stored: Mapping[Recipe, Fingerprints], before: Set[int] = frozenset()) -> None:
        """Compare with a part's fingerprints; parts come in order of their shards.

        Of the own shard, an item's predecessors are those at lower places and those at the places `before`, which were
        compared in an earlier run. All of another shard are predecessors.
        """
        for recipe, index in self._indices.items():
            if recipe in stored:
                self._add(shard, self._new[recipe], stored[recipe], index, before)
        if sum(map(len, self._rows)) > _ROWS_BEFORE_PRUNING:
            self._rows = [self._pruned()]

    def found(self) -> dict[int, Found]:
        """What is near, by place; items that have nothing near are left out."""
        numbers = list(self._shards)
        near: dict[int, list[Near]] = defaultdict(list)
        for place, distance, shard, other in self._pruned().tolist():
            near[place].append(Near(item_number(numbers[shard], other), distance))
        return {p: Found(tuple(n[: self.most]), len(n) > self.most) for p, n in near.items()}

    def _add(self, shard: Shard, new: Fingerprints, stored: Fingerprints, index: Index, before: Set[int]) -> None:
        matches = index.near(stored.values)
        if shard == self.shard and len(matches):
            mine, other = new.places[matches.new], stored.places[matches.stored]
            matches = matches.only((other < mine) | (np.isin(other, list(before)) & (other != mine)))
        if not matches.distance.all():
            matches = matches.only(self._differ(shard, new, stored, matches))
        if not len(matches):
            return
        number = self._shards.setdefault(shard, len(self._shards))
        rows = np.empty(len(matches), dtype=_ROW)
        rows["place"], rows["other"] = new.places[matches.new], stored.places[matches.stored]
        rows["distance"], rows["shard"] = matches.distance, number
        self._rows.append(rows)

    def _differ(self, shard: Shard, new: Fingerprints, stored: Fingerprints, matches: Matches) -> npt.NDArray[np.bool_]:
        """Which matches are of different objects: equal ones have distance 0."""
        mine, theirs = self._objects(self.shard), self._objects(shard)
        codes = {o: i for i, o in enumerate({mine.get(p) for p in new.places.tolist()})}
        ours = np.array([codes[mine.get(p)] for p in new.places.tolist()])
        others = np.array([codes.get(theirs.get(p), -1) for p in stored.places.tolist()])
        differ: npt.NDArray[np.bool_] = ours[matches.new] != others[matches.stored]
        return differ

    def _pruned(self) -> npt.NDArray[Any]:
        """Each item's nearest, by distance, shard and place, and one more where there are more."""
        rows = np.concatenate(self._rows) if self._rows else np.empty(0, dtype=_ROW)
        order = np.lexsort((rows["other"], rows["shard"], rows["distance"], rows["place"]))
        rows = rows[order]
        # hashes of several frames may bring the same other more than once: the nearest stays
        _, firsts = np.unique(rows[["place", "shard", "other"]], return_index=True)
        rows = rows[np.sort(firsts)]
        starts = np.searchsorted(rows["place"], rows["place"])
        return rows[np.arange(len(rows)) - starts <= self.most]


_ROW = np.dtype([("place", np.int64), ("distance", np.uint8), ("shard", np.int32), ("other", np.int64)])


def edges(parts: Parts, stage: str) -> Iterator[pl.DataFrame]:
    """All pairs that are current, part by part."""
    for part in parts.catalogue.parts(stage=stage):
        yield read_pairs(parts, part)
