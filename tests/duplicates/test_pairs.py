"""Which items are named as near-duplicates of which."""

from __future__ import annotations

import numpy as np
import pytest

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.duplicates import pairs
from iimm_pipelines.duplicates.pairs import Comparison, Fingerprints

MINE, OTHER = Shard("A00002-0000"), Shard("A00001-0000")
RECIPE, ANOTHER = b"r" * 32, b"s" * 32


def prints(*values: int, places: list[int] | None = None) -> Fingerprints:
    return Fingerprints(np.array(places or range(len(values)), dtype=np.int64), np.array(values, dtype=np.uint64))


def compared(new, *stored, objects=None, most=10, before=frozenset()):
    """What items of MINE name, as short tuples; every item is an object of its own unless `objects` says otherwise."""
    known = objects or {}
    own = lambda shard: {p: known.get((shard, p), f"{shard}{p}".encode()) for p in range(10)}  # noqa: E731
    comparison = Comparison(MINE, {RECIPE: new}, own, distance=10, most=most)
    for shard, recipe, fingerprints in stored:
        comparison.with_part(shard, {recipe: fingerprints}, before)
    return {p: [(n.other, n.distance) for n in f.near] for p, f in comparison.found().items()}


def test_items_of_other_shards_are_named_with_their_distance():
    assert compared(prints(0b111), (OTHER, RECIPE, prints(0b100))) == {0: [("A00001-0000-00000", 2)]}


def test_within_a_shard_an_item_names_those_at_lower_places():
    mine = prints(0, 1)
    assert compared(mine, (MINE, RECIPE, mine)) == {1: [("A00002-0000-00000", 1)]}


def test_an_item_that_came_later_names_those_compared_before_it_at_higher_places():
    mine = prints(0, 1)
    found = compared(mine.at({0}), (MINE, RECIPE, mine), before=frozenset({1}))
    assert found == {0: [("A00002-0000-00001", 1)]}


def test_equal_objects_are_no_pair():
    same = {(MINE, 0): b"x", (OTHER, 0): b"x", (OTHER, 1): b"y"}
    found = compared(prints(5), (OTHER, RECIPE, prints(5, 5)), objects=same)
    assert found == {0: [("A00001-0000-00001", 0)]}


def test_hashes_of_another_recipe_are_not_compared():
    assert compared(prints(5), (OTHER, ANOTHER, prints(5))) == {}


def test_the_nearest_come_first_and_what_is_beyond_the_most_is_known(monkeypatch):
    monkeypatch.setattr(pairs, "_ROWS_BEFORE_PRUNING", 2)
    stored = [(Shard(f"A00001-000{i}"), RECIPE, prints(0b1111, 0b11, 0b1)) for i in range(3)]
    found = compared(prints(0), *stored, most=4)
    assert found == {0: [("A00001-0000-00002", 1), ("A00001-0001-00002", 1), ("A00001-0002-00002", 1),
                         ("A00001-0000-00001", 2)]}  # fmt: skip


@pytest.mark.parametrize(("most", "more"), [(2, True), (3, False)])
def test_it_says_whether_there_were_more(most, more):
    comparison = Comparison(MINE, {RECIPE: prints(0)}, lambda shard: {}, distance=10, most=most)
    comparison.with_part(OTHER, {RECIPE: prints(1, 2, 4)})
    assert comparison.found()[0].more is more
