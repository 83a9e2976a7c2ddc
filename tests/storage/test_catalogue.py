"""The catalogue: transactions that hold, leases of the living, an outbox that forgets nothing."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_holding import open_holding, receive

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import change_marks
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import Busy, Catalogue, CatalogueError, PartRow

SHARD = Shard("A00001-0000")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue.at(tmp_path)
    yield opened
    opened.close()


def part(key: str, start: int = 0, retry: int = 0, stage: str = "s") -> PartRow:
    return PartRow(key=key, stage=stage, shard=SHARD, start=start, end=start + 5, retry=retry, root="r", leaves=5,
                   counts={"produced": 5}, bytes=1, seconds=0.1, attestation=f"of {key}", finished="2026-01-01T00:00:00Z")  # fmt: skip


def commit(catalogue: Catalogue, row: PartRow) -> None:
    catalogue.commit_part(row, given=None, objects=[])


def test_slices_that_stand_stay(catalogue: Catalogue) -> None:
    catalogue.write_slices("s", SHARD, [(0, 5), (5, 9)])
    catalogue.write_slices("s", SHARD, [(0, 9), (9, 12)])
    assert [(s.start, s.end) for s in catalogue.slices("s", SHARD)] == [(0, 5), (5, 9), (9, 12)]


def test_one_part_of_a_slice_is_current(catalogue: Catalogue) -> None:
    for key in ("a", "b", "a"):
        commit(catalogue, part(key))
        commit(catalogue, part(key + "5", start=5))
        assert [p.key for p in catalogue.parts(SHARD, "s")] == [key, key + "5"]
    assert len(catalogue.parts(SHARD, "s", current=False)) == 4
    assert len(catalogue.outbox()) == 4


def test_reasons_to_try_again_add_up_until_they_were_tried(catalogue: Catalogue) -> None:
    catalogue.write_slices("s", SHARD, [(0, 5)])
    catalogue.ask_again("s", SHARD, 0, ["crashed"])
    catalogue.ask_again("s", SHARD, 0, ["timed out"])
    (piece,) = catalogue.slices("s", SHARD)
    assert (piece.retry, piece.retry_reasons) == (2, {"crashed", "timed out"})
    commit(catalogue, part("a", retry=1))
    assert catalogue.slices("s", SHARD)[0].retry_reasons, "asked for while that run went on"
    commit(catalogue, part("b", retry=2))
    (piece,) = catalogue.slices("s", SHARD)
    assert (piece.retry, piece.retry_reasons) == (2, frozenset())


def test_a_slice_that_is_not_there_cannot_be_tried_again(catalogue: Catalogue) -> None:
    with pytest.raises(CatalogueError):
        catalogue.ask_again("s", SHARD, 0, ["crashed"])


def test_an_object_is_first_seen_where_it_was_seen_first(catalogue: Catalogue) -> None:
    catalogue.commit_part(part("a"), given=None, objects=[(b"x", SHARD, 3), (b"x", SHARD, 4)])
    catalogue.commit_part(part("b"), given=None, objects=[(b"x", SHARD, 1), (b"y", SHARD, 1)])
    assert catalogue.first_seen([b"x", b"y", b"z"]) == {b"x": (SHARD, 3), b"y": (SHARD, 1)}


def test_many_objects_are_asked_for_at_once(catalogue: Catalogue) -> None:
    digests = [i.to_bytes(32) for i in range(1201)]
    catalogue.commit_part(part("a"), given=None, objects=[(d, SHARD, i) for i, d in enumerate(digests)])
    assert len(catalogue.first_seen(digests)) == 1201


def test_a_lease_is_one_s_own(catalogue: Catalogue, tmp_path: Path) -> None:
    other = Catalogue.at(tmp_path)
    with catalogue.lease("a"):
        with pytest.raises(Busy), other.lease("a"):
            pass
        with other.lease("b"):
            pass
    with other.lease("a"):
        pass


def test_a_lease_ends_with_an_exception(catalogue: Catalogue) -> None:
    with pytest.raises(ZeroDivisionError), catalogue.lease("a"):
        _ = 1 / 0
    with catalogue.lease("a"):
        pass


def test_of_many_who_ask_at_once_one_gets_the_lease(catalogue: Catalogue, tmp_path: Path) -> None:
    got: list[str] = []
    ready = threading.Barrier(6)
    done = threading.Event()

    def ask() -> None:
        own = Catalogue.at(tmp_path)
        ready.wait()
        try:
            with own.lease("a"):
                got.append("held")
                done.wait(10)
        except Busy:
            got.append("busy")
        if len(got) == 6:
            done.set()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    while len(got) < 6 and any(t.is_alive() for t in threads):
        done.wait(0.05)
    done.set()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["busy"] * 5 + ["held"]


def test_a_catalogue_of_an_earlier_version_gets_the_columns_that_came_later(tmp_path: Path) -> None:
    holding = open_holding(tmp_path / "data")
    receive(holding, tmp_path / "in", {"a": b"a"})
    holding.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "catalogue.sqlite")) as earlier:
        earlier.execute("ALTER TABLE accessions DROP COLUMN facts")
    holding = open_holding(tmp_path / "data")
    assert [(a.number, a.facts) for a in holding.catalogue.accessions()] == [("A00001", "{}")]
    holding.close()


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    receive(opened, tmp_path / "in", {"a": b"a"})
    yield opened
    opened.close()


def test_two_events_at_the_same_time_do_not_fork_the_chain(holding: Holding) -> None:
    one = holding.record.event("marks changed", "A00001", {"before": [], "after": ["a"]})
    change_marks(holding, "A00001", ["b"])
    with pytest.raises(CatalogueError, match="try again"):
        holding.catalogue.change_accession(holding.catalogue.accession("A00001").number, one, marks=["a"])
    assert holding.catalogue.accession("A00001").marks == ("b",)


def test_draining_twice_adds_nothing(holding: Holding) -> None:
    before = holding.proof.log.checkpoint()
    assert holding.record.drain() == 0
    assert holding.proof.log.checkpoint() == before


def test_drains_at_once_bring_each_attestation_in_once(holding: Holding, tmp_path: Path) -> None:
    for i in range(30):
        change = holding.record.event("marks changed", "A00001", {"before": [], "after": [f"{i}"]})
        holding.catalogue.change_accession(holding.catalogue.accession("A00001").number, change, marks=[f"{i}"])
    threads = [threading.Thread(target=open_holding(tmp_path / "data").record.drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    checkpoint = holding.proof.log.checkpoint()
    assert checkpoint is not None
    entries = holding.proof.log.entries(0, checkpoint.size)
    assert len(entries) == len(set(entries)) == 3 + 30
    assert holding.catalogue.outbox() == []
