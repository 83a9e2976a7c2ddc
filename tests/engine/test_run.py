"""A stage over a shard: one outcome for each item, nothing twice, numbers that stay, one bad item that fails alone."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import computed, kinds, open_holding, process, receipt, receive, tables, take_in_all, write_files

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine import run
from iimm_pipelines.engine.run import run_stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import Busy

SHARD = Shard("A00001-0000")


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def letters(count: int) -> dict[str | bytes, bytes]:
    return {f"{i:02d}.txt": f"letter {i}".encode() for i in range(count)}


def test_outcomes_are_as_many_as_items_for_each_stage(holding: Holding, tmp_path: Path) -> None:
    inner = small.pack(("c", b"three"), ("d", small.pack(("e", b"four"))))
    receive(holding, tmp_path / "in", {**letters(9), "box": small.pack(("a", b"one"), ("b", inner)), "empty": b""})
    reports = process(holding)
    items = read_items(holding.parts, SHARD)
    assert len(items) == 11 + 5
    for stage in small.STAGES:
        assert reports[stage.name, SHARD].items == len(items)
        assert set(kinds(holding, stage.name)) == {i.number for i in items}
    assert verify(holding).valid


def test_a_second_run_computes_nothing(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {**letters(6), "box": small.pack(("a", b"one"))})
    assert computed(process(holding)) == {"contents": 8, "languages": 8}
    before, parts = tables(holding), holding.catalogue.parts(current=False)
    take_in_all(holding)
    assert computed(process(holding)) == {}
    assert (tables(holding), holding.catalogue.parts(current=False)) == (before, parts)


def test_slices_stay_as_they_were_written_when_settings_change(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", letters(9))
    process(holding)
    slices = holding.catalogue.slices("contents", SHARD)
    other = [replace(s, slice_items=2) for s in small.STAGES]
    assert computed(process(holding, other)) == {}
    assert holding.catalogue.slices("contents", SHARD) == slices


def test_trouble_stays_with_its_item(holding: Holding, tmp_path: Path) -> None:
    trouble = ("leave by 3", "leave by 0", "segmentation fault", "hang with a child", "raise", "eat memory",
               "file elsewhere", "file that is not there", "lone surrogate", "contain itself")  # fmt: skip
    files = letters(50) | {f"{i:02d}-bad.txt": f"do:{word}".encode() for i, word in enumerate(trouble)}
    receive(holding, tmp_path / "in", files)
    process(holding)
    failed = [o.item for p in holding.catalogue.parts(stage="contents") for o in holding.parts.outcomes(p)
              if o.kind == "failed"]  # fmt: skip
    by_number = {i.number: i for i in read_items(holding.parts, SHARD)} | {
        i.number: i for i in read_items(holding.parts, Shard("A00001-0001"))
    }
    bad = [by_number[n] for n in failed if by_number[n].relation == "received"]
    assert sorted(i.path.decode() for i in bad) == sorted(f"{i:02d}-bad.txt" for i in range(len(trouble) - 1))
    assert verify(holding).valid
    assert list((tmp_path / "data" / "scratch").iterdir()) == []


def test_a_container_of_many_slices_is_answered_whole(holding: Holding, tmp_path: Path) -> None:
    """All members come from one leaf, so that their slices differ by nothing else than their places."""
    receive(holding, tmp_path / "in", {"box": small.pack(*((f"m{i}", f"member {i}".encode()) for i in range(12)))})
    process(holding)
    assert {i.number for i in read_items(holding.parts, SHARD)} == set(kinds(holding, "contents"))
    texts = {r["segments"][0]["text"] for v in tables(holding).values() if (r := v["tables"]).get("segments")}
    assert texts == {f"member {i}" for i in range(12)}
    assert len({p.key for p in holding.catalogue.parts()}) == len(holding.catalogue.parts())
    assert verify(holding).valid


def test_a_container_that_holds_itself_ends(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"quine": b"do:contain itself"})
    process(holding)
    assert [r for _, r in kinds(holding, "contents").values()] == [None, "limit reached", "limit reached"]


def test_containers_in_containers_end_at_a_depth(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": small.chained(run.MAX_DEPTH), "b": small.chained(run.MAX_DEPTH + 2)})
    process(holding)
    reasons = [r for _, r in kinds(holding, "contents").values()]
    assert len(reasons) == 2 * (run.MAX_DEPTH + 1)
    assert reasons.count("limit reached") == 2


def test_a_triage_that_raises_is_a_bug_of_its_items(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", letters(3))
    process(holding, [small.UNPACK, replace(small.SHOUT, triage=small.never)])
    assert set(kinds(holding, "languages").values()) == {("failed", "bug")}


def test_a_damaged_copy_in_the_vault_is_no_fault_of_the_evidence(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", letters(1))
    (stored,) = (p for p in (tmp_path / "data" / "vault" / "objects").rglob("*") if p.is_file())
    good = stored.read_bytes()
    stored.chmod(0o600)
    stored.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    process(holding)
    assert [*kinds(holding, "contents").values()] == [("failed", "unavailable")]
    stored.write_bytes(good)
    holding.catalogue.ask_again("contents", SHARD, 0, ["unavailable"])
    process(holding)
    assert [*kinds(holding, "contents").values()] == [("produced", None)]


@pytest.mark.parametrize("files", [{"empty": b""}, {"one": b"a"}, {"a": b"", "b": b"", "c": b"x"}], ids=len)
@pytest.mark.parametrize("limit", [1, 50])
def test_the_smallest_shards_work(files: dict[str | bytes, bytes], limit: int, tmp_path: Path) -> None:
    holding = open_holding(tmp_path / "data", shard_items=limit)
    receive(holding, tmp_path / "in", files)
    assert len(holding.catalogue.shards()) == (len(files) if limit == 1 else 1)
    process(holding)
    assert computed(process(holding)) == {}
    assert verify(holding).valid
    assert len(kinds(holding, "languages")) == len(files)


def test_two_processes_on_two_shards_stay_correct(tmp_path: Path) -> None:
    holding = open_holding(tmp_path / "data", shard_items=6)
    files = letters(6) | {f"x{i}": small.pack((f"m{i}", f"same {i % 2}".encode())) for i in range(6)}
    register(holding, write_files(tmp_path / "in", files), receipt())
    take_in_all(holding)
    alone = open_holding(tmp_path / "alone", shard_items=6)
    register(alone, tmp_path / "in", receipt())
    take_in_all(alone)
    process(alone)
    work = [a for s in holding.catalogue.shards() for a in ("shard", s.number, tmp_path / "data")]
    run = [sys.executable, Path(__file__).with_name("die_at.py"), *work]
    assert subprocess.run(run, check=True, capture_output=True, timeout=120).stdout.split() == [b"0", b"0"]
    assert verify(holding).valid
    found = {k: v["tables"] for k, v in tables(holding).items()}
    assert found == {k: v["tables"] for k, v in tables(alone).items()}
    assert computed(process(holding)) == {}
    assert holding.catalogue.outbox() == []


def test_the_second_on_a_shard_is_told_that_it_is_busy(holding: Holding) -> None:
    with holding.catalogue.lease(SHARD), pytest.raises(Busy), holding.catalogue.lease(SHARD):
        pass
    with holding.catalogue.lease(SHARD):
        pass


def test_scratch_of_runs_that_start_at_once_is_not_swept(holding: Holding) -> None:
    lost: list[str] = []

    def work(name: str) -> None:
        for _ in range(40):
            with holding.scratch(name) as folder:
                (folder / "object").write_bytes(b"x")
                if not (folder / "object").exists() or not (folder / "lock").exists():
                    lost.append(name)

    threads = [threading.Thread(target=work, args=[f"s{i}"]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []
    assert list(holding.settings.scratch.iterdir()) == []


def test_items_that_a_new_reader_no_longer_finds_are_gone_and_their_numbers_not_given_again(
    holding: Holding, tmp_path: Path
) -> None:
    receive(holding, tmp_path / "in", {"box": small.pack(("a", b"one"), ("b", b"two"), ("c", b"three"))})
    process(holding)
    first = {i.path: i.number for i in read_items(holding.parts, SHARD)}
    less = small.UNPACK.with_parameters({"pack": {"first_only": True}})
    process(holding, [less, small.SHOUT])
    assert {i.path for i in read_items(holding.parts, SHARD)} == {b"box", b"a"}
    assert set(kinds(holding, "languages")) == {first[b"box"], first[b"a"]}
    process(holding)
    assert {i.path: i.number for i in read_items(holding.parts, SHARD)} == first
    assert verify(holding).valid


def test_a_stage_run_before_its_upstream_does_not_end_the_run(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", letters(2))
    with holding.catalogue.lease(SHARD):
        assert run_stage(holding, small.SHOUT, SHARD).kinds == {"failed": 2}
    process(holding)
    assert set(kinds(holding, "languages").values()) == {("produced", None)}
