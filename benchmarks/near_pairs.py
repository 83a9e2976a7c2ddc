"""The search for near-duplicates: 5,000 new hashes against 1,000,000 stored ones, on one core.

Here: the search (iimm_pipelines.duplicates.hamming) against comparing every pair with NumPy's own popcount, which is
the best that the locked packages offer otherwise, in blocks that stay in the processor's cache.
Not here: making hashes, reading parts.

Two inputs, since a search in tables lives on bits that differ: hashes with independent bits, and such in which a third
of the pictures belongs to 1,000 series, as bursts, screenshots and scanned forms do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt

from benchmarks.measure import Figure, alternately, compared, digest_of, in_own_process, run_benchmark
from iimm_pipelines.duplicates.hamming import Hashes, Index

NEW, STORED, DISTANCE = 5_000, 1_000_000, 10
FEW, MANY = 100_000, 10_000_000
_BLOCK = 1 << 17
_SERIES = 1_000
_FLIPS = 8


def independent(seed: int, count: int) -> Hashes:
    """Hashes whose bits say nothing of each other."""
    return np.random.default_rng(seed).integers(0, 1 << 64, count, dtype=np.uint64)


def in_series(seed: int, count: int) -> Hashes:
    """The same, but each third one is up to 8 bits from the middle of a series; the middles are the same for all."""
    random = np.random.default_rng(seed)
    hashes = random.integers(0, 1 << 64, count, dtype=np.uint64)
    middles = independent(0, _SERIES)
    chosen = middles[random.integers(0, _SERIES, len(hashes[::3]))]
    for _ in range(_FLIPS):
        chosen ^= np.uint64(1) << random.integers(0, 64, len(chosen), dtype=np.uint64)
    hashes[::3] = chosen
    return hashes


def searched(new: Hashes, stored: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Ours: the tables are part of the work."""
    matches = Index(new, DISTANCE).near(stored)
    return matches.new, matches.stored


def all_compared(new: Hashes, stored: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Every pair: XOR and popcount into arrays that are made once."""
    differing, distance = np.empty(_BLOCK, np.uint64), np.empty(_BLOCK, np.uint8)
    ours, theirs = [], []
    for begin in range(0, len(stored), _BLOCK):
        block = stored[begin : begin + _BLOCK]
        into, bits = differing[: len(block)], distance[: len(block)]
        for i, value in enumerate(new):
            np.bitwise_xor(block, value, out=into)
            np.bitwise_count(into, out=bits)
            found = np.flatnonzero(bits <= DISTANCE)
            if len(found):
                ours.append(np.full(len(found), i))
                theirs.append(found + begin)
    return np.concatenate([np.empty(0, np.int64), *ours]), np.concatenate([np.empty(0, np.int64), *theirs])


def differing_answers(new: Hashes, stored: Hashes) -> int:
    """How many pairs only one of the two ways finds, or finds twice."""
    a, b = (np.sort(x * STORED + y) for x, y in (searched(new, stored), all_compared(new, stored)))
    return len(np.setxor1d(a, b)) + abs(len(a) - len(b))


def stream(count: int) -> int:
    """Search a stream of stored hashes that is never held as a whole; returns how many pairs there were."""
    index = Index(independent(1, NEW), DISTANCE)
    return sum(len(index.near(independent(2 + i, 50_000))) for i in range(count // 50_000))


def _measured(make: Callable[[int, int], Hashes], name: str) -> Iterator[Figure]:
    new, stored = make(1, NEW), make(2, STORED)
    ours, theirs = alternately(lambda: searched(new, stored), lambda: all_compared(new, stored), rounds=3)
    yield compared(f"5,000 against 1,000,000, {name}", ours, theirs, unit="s", against="all compared", at_most=0.25)
    yield Figure(f"pairs found by one way only, {name}", differing_answers(new, stored), "pairs", at_most=0)


def main() -> int:
    """Measure, print, write the result."""
    first, *others = [*_measured(independent, "independent bits"), *_measured(in_series, "a third in series")]
    (_, few), (_, many) = in_own_process(stream, FEW), in_own_process(stream, MANY)
    grown = Figure("memory from 100,000 to 10,000,000 stored", (many - few) / 1e6, "MB", at_most=20)
    inputs = {f.__name__: digest_of(np.concatenate([f(1, NEW), f(2, STORED)])) for f in (independent, in_series)}
    return run_benchmark("near_pairs", [first, *others, grown], inputs=inputs, packages=["numpy"])


if __name__ == "__main__":
    raise SystemExit(main())
