"""Workers: whatever an item does to its process, it fails alone, by the right reason, and nothing is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
import stages_for_tests as small

from iimm_pipelines.engine import isolation, workers
from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.engine.stage import Ingredient, Stage, Task
from iimm_pipelines.engine.workers import Done, Workers

MEMORY = 256 << 20
DIED = {Reason.CRASHED}
MEMORY_OUT = {Reason.OUT_OF_MEMORY}
LATE = {Reason.TIMED_OUT}
NONSENSE = {Reason.BUG}
TROUBLE: Mapping[str, set[Reason]] = {
    "leave by 3": DIED,
    "leave by 0": DIED,
    "leave by exit": DIED | NONSENSE,
    "killed": MEMORY_OUT,
    "segmentation fault": DIED,
    "hang": LATE,
    "hang in C": LATE,
    "hang with a child": LATE,
    "hang with a daemon": LATE,
    "raise": NONSENSE,
    "problem": {Reason.DAMAGED},
    "eat memory": MEMORY_OUT,
    "eat memory in C": DIED | MEMORY_OUT,
}
NONSENSICAL = (
    "nothing", "a text", "unknown table", "unknown column", "unknown inner column", "float in whole", "truth in whole",
    "bytes in text", "too large a number", "lone surrogate", "lone surrogate in detail", "null row", "object in row",
    "unknown ingredient", "file elsewhere", "file of no row", "file that is not there",
)  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_left(tmp_path: Path) -> Iterator[None]:
    """No process, and nothing in scratch, outlives a pool."""
    isolation.adopt_orphans()
    before = set(isolation.descendants_left())
    yield
    deadline = time.monotonic() + 2
    while (left := set(isolation.descendants_left()) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    names = []
    for pid in left:
        names.append(psutil.Process(pid).cmdline())
        os.kill(pid, 9)
    assert names == []
    assert list((tmp_path / "scratch").glob("*")) == []


def tasks(words: Sequence[str]) -> list[Task]:
    return [Task(item=f"{i}", place=i, object=b"", size=0, suffix=w.encode()) for i, w in enumerate(words)]


def run(stage: Stage, words: Sequence[str], scratch: Path, processes: int = 2) -> list[Done]:
    """What came of each word; every item is answered exactly once."""
    found: dict[str, Done] = {}
    with Workers(stage, processes=processes, models=scratch, scratch=scratch / "scratch", memory=MEMORY) as pool:
        for task, done in pool.run(tasks(words)):
            assert task.item not in found
            found[task.item] = done
    assert len(found) == len(words)
    return [found[f"{i}"] for i in range(len(words))]


def among_good_ones(bad: Sequence[str], total: int = 60) -> list[str]:
    words = ["good"] * total
    for i, word in enumerate(bad):
        words[5 + i * (total - 6) // len(bad)] = word
    return words


@pytest.mark.parametrize("stage", [small.ONE, small.MANY], ids=["one", "many"])
def test_only_the_bad_items_fail_each_by_its_reason(stage: Stage, tmp_path: Path) -> None:
    words = among_good_ones([*TROUBLE])
    for word, done in zip(words, run(stage, words, tmp_path), strict=True):
        assert done.outcome.reason in TROUBLE.get(word, {None}), word


@pytest.mark.parametrize("stage", [small.ONE, small.MANY], ids=["one", "many"])
def test_nonsense_is_a_bug_of_its_own_item(stage: Stage, tmp_path: Path) -> None:
    words = among_good_ones(NONSENSICAL)
    for word, done in zip(words, run(stage, words, tmp_path), strict=True):
        assert (done.outcome.reason is Reason.BUG) == (word in NONSENSICAL), (word, done.outcome)


def test_rows_leave_a_worker_as_plain_values(tmp_path: Path) -> None:
    done = run(small.ONE, ["not picklable", "rows that end"], tmp_path)
    assert [d.outcome.tables["segments"] for d in done] == [[{"text": "x"}], [{"text": "x"}, {"text": "y"}]]


def test_a_batch_with_too_few_answers_is_halved(tmp_path: Path) -> None:
    done = run(small.TOO_FEW, ["good", "good", "raise", "good", "good"], tmp_path)
    assert [d.outcome.reason for d in done] == [None, None, Reason.BUG, None, None]


def test_a_bug_says_where_and_never_what(tmp_path: Path) -> None:
    (done,) = run(small.ONE, ["raise"], tmp_path)
    assert "ValueError at stages_for_tests.py:" in done.outcome.detail
    assert "Su" not in done.outcome.detail


def test_what_a_worker_prints_goes_nowhere(tmp_path: Path) -> None:
    """In a process of its own, since a fork server keeps the streams that it began with."""
    program = "import test_workers as t, pathlib, sys; t.run(t.small.ONE, ['speak'], pathlib.Path(sys.argv[1]))"
    run = [sys.executable, "-c", program, tmp_path]
    said = subprocess.run(
        run, cwd=Path(__file__).parent, check=True, capture_output=True, env=os.environ | {"PYTHONPATH": "."}
    )
    assert said.stdout + said.stderr == b""


@pytest.mark.parametrize("word", ["leave a child", "leave a daemon"])
def test_children_that_a_good_item_left_end_with_the_pool(word: str, tmp_path: Path) -> None:
    assert [d.outcome.kind for d in run(small.ONE, [word], tmp_path)] == [Kind.PRODUCED]


@pytest.mark.parametrize(("first", "then"), [("keep memory", "need some memory"), ("keep files open", "open a file")])
def test_an_item_does_not_fail_for_what_the_one_before_it_kept(first: str, then: str, tmp_path: Path) -> None:
    words = [first, then, then, then]
    assert {d.outcome.reason for d in run(small.ONE, words, tmp_path, processes=1)} == {None}


def test_a_worker_that_dies_idle_stops_nobody(tmp_path: Path) -> None:
    with Workers(small.ONE, processes=2, models=tmp_path, scratch=tmp_path / "scratch", memory=MEMORY) as pool:
        first = [d.outcome.kind for _, d in pool.run(tasks(["die soon after"]))]
        time.sleep(0.8)
        assert first + [d.outcome.kind for _, d in pool.run(tasks(["good"] * 5))] == [Kind.PRODUCED] * 6


@pytest.mark.parametrize(("word", "reason"), [
    ("start many children", Reason.LIMIT_REACHED), ("have children eat memory", Reason.OUT_OF_MEMORY),
])  # fmt: skip
def test_children_too_many_or_too_large_end_their_own_item_alone(word: str, reason: Reason, tmp_path: Path) -> None:
    patient = replace(small.ONE, limits=replace(small.LIMITS, seconds=60))
    done = run(patient, ["good", word, "good", "good"], tmp_path)
    assert [d.outcome.reason for d in done] == [None, reason, None, None]


def test_items_that_crash_one_after_the_other_stop_the_stage(tmp_path: Path) -> None:
    with pytest.raises(workers.WorkersUnfit, match="one"):
        run(small.ONE, ["segmentation fault"] * (workers.CRASH_LOOP + 5), tmp_path)


def test_items_that_crash_with_good_ones_between_stop_nothing(tmp_path: Path) -> None:
    words = ["segmentation fault", "good"] * (workers.CRASH_LOOP + 5)
    assert {d.outcome.reason for d in run(small.ONE, words, tmp_path)} == {None, Reason.CRASHED}


def test_leaving_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    with Workers(small.ONE, processes=2, models=tmp_path, scratch=tmp_path / "scratch", memory=MEMORY) as pool:
        next(pool.run(tasks(["good"] * 20 + ["hang with a child"] * 4)))


LOADS = {small.load_raises: Reason.BUG, small.load_has_no_model: Reason.NO_MODEL, small.load_dies: Reason.CRASHED,
         small.load_eats_memory: Reason.OUT_OF_MEMORY}  # fmt: skip


@pytest.mark.parametrize("stage", [small.ONE, small.MANY], ids=["one", "many"])
@pytest.mark.parametrize("load", LOADS, ids=lambda f: f.__name__)
def test_every_item_is_answered_where_the_tool_does_not_load(load: object, stage: Stage, tmp_path: Path) -> None:
    began = time.monotonic()
    done = run(replace(stage, load=load), ["good"] * 60, tmp_path)  # type: ignore[arg-type]
    assert {d.outcome.reason for d in done} == {LOADS[load]}  # type: ignore[index]
    assert all("Su" not in d.outcome.detail for d in done)
    assert time.monotonic() - began < 15


def test_a_tool_that_loads_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = replace(small.ONE, load=small.load_hangs, ingredients={"code": Ingredient()})
    monkeypatch.setattr(workers, "LOAD_SECONDS", 1.0)
    assert {d.outcome.reason for d in run(stage, ["good"] * 20, tmp_path)} == {Reason.TIMED_OUT}


def test_workers_that_cannot_start_end_the_run_and_blame_no_item(tmp_path: Path) -> None:
    no_such_limit = replace(small.LIMITS, made_bytes=1 << 70)  # so that the initialiser raises
    with pytest.raises(workers.WorkersUnfit):
        run(replace(small.ONE, limits=no_such_limit), ["good"] * 20, tmp_path)


@pytest.mark.parametrize(
    "stage", [replace(small.ONE, load=small.load_dies), small.ONE], ids=["that dies while loading", "that loads"]
)
def test_a_worker_that_started_early_answers_as_one_that_did_not(stage: Stage, tmp_path: Path) -> None:
    with Workers(stage, processes=2, models=tmp_path, scratch=tmp_path / "scratch", memory=MEMORY) as pool:
        pool.start()
        time.sleep(0.5)
        early = [done.outcome.reason for _, done in pool.run(tasks(["good"] * 3))]
    assert early == [done.outcome.reason for done in run(stage, ["good"] * 3, tmp_path)]
