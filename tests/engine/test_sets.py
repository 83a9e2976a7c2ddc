"""Containers in several pieces: read at their head, wherever the pieces lie in the accession, and redone with them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from small_holding import (
    computed,
    kinds,
    open_holding,
    process,
    receipt,
    receive,
    tables,
    take_in_all,
    with_same_keys,
    write_files,
)
from stages_for_tests import STAGES, UNPACK, pack

from iimm_pipelines.accessions.holds import Decision, HoldKind, place, release
from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Number, Shard
from iimm_pipelines.accessions.register import register
from iimm_pipelines.custody.lineage import lineage
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine.run import pending
from iimm_pipelines.holding import Holding

FIRST, SECOND = Shard("A00001-0000"), Shard("A00001-0001")
BOX = pack(("one", b"first"), ("two", pack(("deep", b"second"))))
PIECE = ("excluded", "piece of a set")


def cut(name: str, data: bytes, pieces: int) -> dict[str | bytes, bytes]:
    """A file cut in pieces, by name; the last is the shortest."""
    each = -(-len(data) // pieces)
    return {f"{name}.{n + 1:03}": data[n * each : (n + 1) * each] for n in range(pieces)}


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data", shard_items=4)
    yield opened
    opened.close()


def paths(holding: Holding, *shards: Shard) -> dict[str, bytes]:
    """The name of each item by its number."""
    return {i.number: i.path for s in shards for i in read_items(holding.parts, s)}


def test_a_set_is_read_at_its_head_and_its_pieces_say_so(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a.txt": b"beside it", **cut("box.tar", BOX, 3)})
    process(holding)
    process(holding)
    assert paths(holding, FIRST) == {f"{FIRST}-{n:05}": p for n, p in enumerate(
        (b"a.txt", b"box.tar.001", b"box.tar.002", b"box.tar.003", b"one", b"two", b"deep"))}  # fmt: skip
    answers = kinds(holding, "contents")
    assert [answers[f"{FIRST}-{n:05}"] for n in range(4)] == [("produced", None), ("produced", None), PIECE, PIECE]
    steps = lineage(holding, Number(f"{FIRST}-00005")).steps
    assert {s.item[-1] for s in steps if s.stage == "inventory"} == {"1", "2", "3"}
    assert verify(holding).valid
    assert computed(process(holding)) == {}


@pytest.fixture(scope="module")
def over_shards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holding]:
    """A set of nine pieces in three shards of four files, with files before and behind."""
    folder = tmp_path_factory.mktemp("over")
    opened = open_holding(folder / "data", shard_items=4)
    receive(opened, folder / "in", {"a": b"1", "b": b"2", **cut("box.tar", BOX, 9), "z": b"3"})
    process(opened)
    yield opened
    opened.close()


def test_pieces_are_found_in_the_shards_behind(over_shards: Holding) -> None:
    shards = [s.number for s in over_shards.catalogue.shards()]
    named = paths(over_shards, *shards)
    answers = {named[n].decode(): a for n, a in kinds(over_shards, "contents").items()}
    assert len(shards) == 3
    assert {n for n, a in answers.items() if a == PIECE} == {f"box.tar.{n:03}" for n in range(2, 10)}
    assert {"box.tar.001", "one", "two", "deep"} <= {n for n, a in answers.items() if a == ("produced", None)}
    assert computed(process(over_shards)) == {}


def test_lineage_and_verification_reach_pieces_in_other_shards(over_shards: Holding) -> None:
    (deep,) = (n for n, p in paths(over_shards, FIRST).items() if p == b"deep")
    received = {s.item[6:11] for s in lineage(over_shards, Number(deep)).steps if s.stage == "inventory"}
    assert received == {"-0000", "-0001", "-0002"}
    assert verify(over_shards).faults == []


def test_a_shard_without_such_names_at_its_edges_reads_nothing_of_another(
    holding: Holding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(holding, tmp_path / "in", {f"{n}.{'txt' if n % 4 in (0, 3) else '001'}": b"x" for n in range(8)})
    columns, asked = holding.parts.columns, []

    def noted(stage: str, shard: str, *more: Any) -> Iterator[pa.Table]:
        asked.append(shard)
        return columns(stage, shard, *more)

    monkeypatch.setattr(holding.parts, "columns", noted)
    pending(holding, UNPACK, SECOND)
    assert set(asked) == {SECOND}


def test_a_piece_that_arrives_later_redoes_the_head_alone(holding: Holding, tmp_path: Path) -> None:
    files = {"a": b"1", "b": b"2", **cut("box.tar", BOX, 3)}
    number = register(holding, write_files(tmp_path / "in", files), receipt()).number
    late = tmp_path / "in" / "box.tar.003"  # in the second shard, the head in the first
    late.write_bytes(late.read_bytes() + b" ")
    take_in_all(holding)
    process(holding)
    answers = kinds(holding, "contents")
    assert (answers[f"{SECOND}-00000"], answers[f"{FIRST}-00003"]) == (("excluded", "no input"), PIECE)
    assert b"deep" not in paths(holding, FIRST).values()
    late.write_bytes(late.read_bytes()[:-1])
    os.utime(late, ns=(10**18, 10**18))
    holding.catalogue.ask_again("inventory", SECOND, 0, ["changed while read"])
    take_in_all(holding)
    before = tables(holding)
    assert pending(holding, UNPACK, FIRST) > 0
    done = computed(process(holding))
    assert b"deep" in paths(holding, FIRST).values()
    assert {a for a in kinds(holding, "contents").values() if a[0] == "excluded"} == {PIECE}
    after = tables(holding)
    assert all(before["contents", FIRST, n]["content"] == after["contents", FIRST, n]["content"] for n in (0, 1))
    assert done["contents"] <= 3 + 3  # head and two pieces, which name what is there; three members
    assert verify(holding).valid
    assert number == "A00001"


def test_equal_sets_in_two_accessions_are_read_once(holding: Holding, tmp_path: Path) -> None:
    for name, source in (("one", "S-1"), ("two", "S-2")):
        receive(holding, tmp_path / name, cut("box.tar", BOX, 3), source=source)
    reports = process(holding)
    again = reports["contents", "A00002-0000"]
    assert (again.computed, again.carried) == (2, 4)  # pieces name another head; head and members are carried
    numbers = [[i.number[-5:] for i in read_items(holding.parts, Shard(f"A0000{n}-0000"))] for n in (1, 2)]
    assert numbers[0] == numbers[1]
    assert verify(holding).valid


def test_pieces_in_a_container_are_a_set_too(holding: Holding, tmp_path: Path) -> None:
    inner = pack(*((str(n), d) for n, d in cut("box.tar", BOX, 3).items()))
    receive(holding, tmp_path / "in", {"outer": inner})
    process(holding)
    process(holding)
    items = read_items(holding.parts, FIRST)
    assert sorted(i.path for i in items if i.depth == 2) == [b"one", b"two"]
    assert verify(holding).valid


def test_a_set_of_which_one_piece_is_kept_shut_is_not_opened(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"1", "b": b"2", **cut("box.tar", BOX, 3)})
    process(holding)
    before = tables(holding)
    decision = Decision("E-7", "contains malware", datetime.now(UTC).date() + timedelta(days=9))
    held = place(holding, HoldKind.QUARANTINE, f"{SECOND}-00000", decision)  # in another shard than the head
    process(holding)
    assert kinds(holding, "contents")[f"{FIRST}-00002"] == ("excluded", "kept shut")
    assert b"one" not in paths(holding, FIRST).values()
    release(holding, held.hold.number, "E-7", "was harmless")
    process(holding)
    assert tables(holding) == before


def test_a_run_that_is_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"a": b"1", "b": b"2", **cut("box.tar", BOX, 9), "z": b"3"})
    faults = (("while workers work", 2), ("after the part file", 6))
    whole = open_holding(tmp_path / "whole", shard_items=6)
    register(whole, tmp_path / "in", receipt(), ["sesame"])
    take_in_all(whole)
    process(whole)
    work: list[str] = []
    for point, count in faults:
        data = with_same_keys(tmp_path / f"{point} {count}", tmp_path / "whole" / "keys")
        (data / "keys" / "hints" / "A00001").unlink()
        work += [point, str(count), str(data)]
    run = [sys.executable, str(Path(__file__).with_name("die_at.py")), *work]
    ended = subprocess.run(run, check=True, capture_output=True, text=True)
    assert ended.stdout.split() == ["137"] * len(faults), ended.stderr[-2000:]
    for point, count in faults:
        holding = open_holding(tmp_path / f"{point} {count}", shard_items=6)
        take_in_all(holding)
        process(holding, STAGES)
        assert tables(holding) == tables(whole)
        assert verify(holding).faults == []
        holding.close()
    whole.close()
