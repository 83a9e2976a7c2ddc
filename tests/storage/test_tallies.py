"""Sums over the catalogue: what they count, and of which accessions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.accessions.numbers import Accession, Shard
from iimm_pipelines.engine.outcome import Kind
from iimm_pipelines.storage.catalogue import AccessionRow, Catalogue, EventRow, PartRow, ShardRow
from iimm_pipelines.storage.tallies import FailingPart, Recent, Tallies, Tally

EARLY, LATE = "2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    """A00001 with two shards, A00002 with one; one slice was done twice."""
    made = Catalogue.at(tmp_path)
    for number, shards in (("A00001", 2), ("A00002", 1)):
        row = AccessionRow(Accession(number), "S-1", "consent", ("restricted",), "", b"", 10, 100, "l", "sealed", None, None,
                           False, EARLY)  # fmt: skip
        mine = [ShardRow(Shard(f"{number}-{n:04d}"), Accession(number), 5, 10) for n in range(shards)]
        made.register(row, mine, EventRow(f"e{number}", number, 0, "registered"))
    commit(made, "old", "contents", "A00001-0000", EARLY, produced=10)
    commit(made, "new", "contents", "A00001-0000", EARLY, produced=7, failed=3)
    commit(made, "other shard", "contents", "A00001-0001", LATE, produced=10)
    commit(made, "stage", "languages", "A00001-0000", LATE, empty=4, excluded=6)
    commit(made, "other accession", "contents", "A00002-0000", LATE, failed=10)
    yield made
    made.close()


def commit(catalogue: Catalogue, key: str, stage: str, shard: str, finished: str, **counts: int) -> None:
    catalogue.write_slices(stage, shard, [(0, 10)])
    counts = {**counts, "computed": 10, "carried": 0}
    part = PartRow(key, stage, Shard(shard), 0, 10, 0, "", 10, counts, 1, 1.0, f"attestation of {key}", finished)
    catalogue.commit_part(part, given=None, objects=())


def test_outcomes_of_current_parts_are_counted_by_stage(catalogue: Catalogue) -> None:
    found = Tallies(catalogue).by_stage()
    assert found["contents"] == Tally({Kind.PRODUCED: 17, Kind.EMPTY: 0, Kind.EXCLUDED: 0, Kind.FAILED: 13}, 30)
    assert found["languages"] == Tally({Kind.PRODUCED: 0, Kind.EMPTY: 4, Kind.EXCLUDED: 6, Kind.FAILED: 0}, 10)
    assert Tallies(catalogue).by_stage(["A00002"])["contents"].kinds[Kind.FAILED] == 10
    assert Tallies(catalogue).by_stage([]) == {}


def test_accessions_and_shards_have_sums_of_their_own(catalogue: Catalogue) -> None:
    assert Tallies(catalogue).by_accession(["A00001", "A00002", "A00009"]) == {"A00001": (30, 3), "A00002": (10, 10)}
    assert Tallies(catalogue).by_shard(["A00001-0000"]) == {"A00001-0000": {"contents": (10, 3), "languages": (10, 0)}}


def test_what_was_finished_lately_is_counted(catalogue: Catalogue) -> None:
    assert Tallies(catalogue).since(LATE) == Recent(30, LATE)
    assert Tallies(catalogue).since(LATE, ["A00002"]) == Recent(10, LATE)
    assert Tallies(catalogue).since("2026-11-24T00:00:00Z") is None


def test_parts_with_failures_are_named_where_they_are_current(catalogue: Catalogue) -> None:
    assert Tallies(catalogue).failing() == [
        FailingPart("new", "contents", "A00001-0000"), FailingPart("other accession", "contents", "A00002-0000")
    ]  # fmt: skip
    assert [p.key for p in Tallies(catalogue).failing(["A00001"])] == ["new"]


def test_slices_that_wait_for_another_try_are_counted(catalogue: Catalogue) -> None:
    catalogue.ask_again("contents", "A00002-0000", 0, ["timed out"])
    assert [Tallies(catalogue).asked_again(of) for of in (None, ["A00001"], ["A00002"])] == [1, 0, 1]
