"""Exact search of 64-bit hashes by Hamming distance: new hashes against a stream of stored ones.

Here: the join, in NumPy, with flat memory.
Not here: where hashes come from and whose they are (pairs).

Two hashes at most 10 bits apart agree, up to 2 bits in one of the first three bands of 16 bits or up to 1 bit in the
fourth: otherwise they would differ in 3 + 3 + 3 + 2 = 11. So each new hash is entered in a table for each band under
all band values that near (137, 137, 137 and 17 of 65,536), and a stored hash is compared with what stands under its own
band values: 0.65 % of all pairs where bits are independent. The new hashes are the ones in tables because they are
few; the stored ones, which may be millions, only pass by. benchmarks/near_pairs.py holds it against comparing all.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

FARTHEST = 15
"""Beyond it a band would hold 4 bits and more (2,517 of 65,536 values each), and nearness would mean nothing."""
_BANDS, _BITS = 4, 16
_MASK = np.uint64((1 << _BITS) - 1)
_STORED_AT_ONCE = 1 << 16
_COMPARED_AT_ONCE = 1 << 17
"""1 MB for each of the few arrays of a step, which stay in the processor's cache: twice as many took 1.4 times as long."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Near hashes: index into the new ones, index into the stored ones, distance in bits; in no order."""

    new: Indices
    stored: Indices
    distance: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """How many."""
        return len(self.new)

    def only(self, which: npt.NDArray[np.bool_]) -> Matches:
        """Those of the matches for which `which` is true."""
        return Matches(self.new[which], self.stored[which], self.distance[which])


@dataclass(frozen=True, slots=True)
class _Band:
    shift: np.uint64
    radius: int
    starts: Indices
    """For each band value, where its entries begin; one more at the end."""
    entries: npt.NDArray[np.int32]
    hashes: Hashes


class Index:
    """New hashes, entered under all band values that a near hash can have."""

    def __init__(self, hashes: Hashes, most: int) -> None:
        """Enter `hashes`, to find what is at most `most` bits away from them.

        Raises:
            ValueError: `most` is negative or more than 15.
        """
        if not 0 <= most <= FARTHEST:
            raise ValueError(f"a distance lies between 0 and {FARTHEST} bits, not at {most}")
        self.most = most
        self._bands = [_band(hashes, b, r) for b, r in enumerate(_radii(most)) if r >= 0]

    def near(self, stored: Hashes) -> Matches:
        """Every pair of a new and a stored hash that is near, once."""
        found = [self._among(stored[i : i + _STORED_AT_ONCE], i, b) for i in range(0, len(stored), _STORED_AT_ONCE)
                 for b in range(len(self._bands))]  # fmt: skip
        return joined([m for some in found for m in some])

    def _among(self, stored: Hashes, offset: int, number: int) -> list[Matches]:
        """The matches that this band is the first to show."""
        band = self._bands[number]
        keys = ((stored >> band.shift) & _MASK).astype(np.int64)
        begins = band.starts[keys]
        counts = band.starts[keys + 1] - begins
        ends = np.cumsum(counts)
        found = []
        start = 0
        while start < len(stored):  # in pieces: hashes that are all alike stand under one value
            passed = int(ends[start - 1]) if start else 0
            stop = max(start + 1, int(np.searchsorted(ends, passed + _COMPARED_AT_ONCE, side="right")))
            some = counts[start:stop]
            into = np.repeat(begins[start:stop] - (ends[start:stop] - some), some)
            into += np.arange(passed, passed + len(into))
            differing = np.repeat(stored[start:stop], some)
            differing ^= band.hashes[into]
            distance = np.bitwise_count(differing)
            kept = np.flatnonzero(distance <= self.most)
            kept = kept[self._not_before(differing[kept], number)]
            if len(kept):
                which = np.searchsorted(ends, passed + kept, side="right") + offset
                found.append(Matches(band.entries[into[kept]].astype(np.int64), which, distance[kept]))
            start = stop
        return found

    def _not_before(self, differing: Hashes, number: int) -> npt.NDArray[np.bool_]:
        new = np.ones(len(differing), dtype=np.bool_)
        for band in self._bands[:number]:
            new &= np.bitwise_count((differing >> band.shift) & _MASK) > band.radius
        return new


def joined(matches: list[Matches]) -> Matches:
    """Several as one."""
    none = Matches(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8))
    every = [none, *matches]
    return Matches(np.concatenate([m.new for m in every]), np.concatenate([m.stored for m in every]),
                   np.concatenate([m.distance for m in every]))  # fmt: skip


def _radii(most: int) -> list[int]:
    """How far a band may differ: one more in each band would make `most` + 1 in all; -1 where a band is not needed."""
    each, more = divmod(most + 1, _BANDS)
    return [each - (b >= more) for b in range(_BANDS)]


def _band(hashes: Hashes, number: int, radius: int) -> _Band:
    shift = np.uint64(number * _BITS)
    flips = [sum(1 << bit for bit in bits) for n in range(radius + 1) for bits in combinations(range(_BITS), n)]
    values = ((hashes >> shift) & _MASK).astype(np.uint16)
    keys = (values[:, None] ^ np.array(flips, dtype=np.uint16)).ravel()
    order = np.argsort(keys, kind="stable")
    starts = np.zeros((1 << _BITS) + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=1 << _BITS), out=starts[1:])
    entries = (order // len(flips)).astype(np.int32)
    return _Band(shift, radius, starts, entries, hashes[entries])
