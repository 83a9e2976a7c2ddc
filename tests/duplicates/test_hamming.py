"""The search by Hamming distance finds every near pair, once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.duplicates import hamming
from iimm_pipelines.duplicates.hamming import Index

WORDS = st.integers(0, 2**64 - 1)


@st.composite
def two_sets(draw):
    """New and stored hashes of which many are near: all are made from a few by flipping some bits."""
    seeds = draw(st.lists(WORDS, min_size=1, max_size=3))
    flips = st.sets(st.integers(0, 63), max_size=14).map(lambda bits: sum(1 << b for b in bits))
    hashes = st.lists(st.builds(lambda seed, flip: seed ^ flip, st.sampled_from(seeds), flips), max_size=30)
    return draw(hashes), draw(hashes)


def found(new, stored, most):
    matches = Index(np.array(new, dtype=np.uint64), most).near(np.array(stored, dtype=np.uint64))
    return sorted(zip(matches.new.tolist(), matches.stored.tolist(), matches.distance.tolist(), strict=True))


def by_hand(new, stored, most):
    return sorted((i, j, (a ^ b).bit_count()) for i, a in enumerate(new) for j, b in enumerate(stored)
                  if (a ^ b).bit_count() <= most)  # fmt: skip


@given(two_sets(), st.integers(0, 12))
def test_it_finds_what_comparing_all_finds(sets, most):
    assert found(*sets, most) == by_hand(*sets, most)


def test_the_farthest_distance_that_is_allowed_is_exact_too():
    random = np.random.default_rng(5)
    new = random.integers(0, 2**64, 20, dtype=np.uint64)
    flips = np.array([sum(1 << int(b) for b in random.permutation(64)[:n]) for n in range(20)], dtype=np.uint64)
    assert found(new, new ^ flips, 15) == by_hand(new.tolist(), (new ^ flips).tolist(), 15)


@pytest.mark.parametrize("most", [-1, 16])
def test_a_distance_that_means_nothing_is_refused(most):
    with pytest.raises(ValueError, match="between 0 and 15"):
        Index(np.zeros(1, dtype=np.uint64), most)


def test_hashes_that_are_all_alike_are_compared_in_pieces(monkeypatch):
    monkeypatch.setattr(hamming, "_STORED_AT_ONCE", 64)
    monkeypatch.setattr(hamming, "_COMPARED_AT_ONCE", 128)
    new, stored = [7] * 50, [7, 6] * 100
    assert found(new, stored, 1) == by_hand(new, stored, 1)
