"""A worker and the program that drives it: it does not pay for that program, and does not outlive it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from iimm_pipelines.engine import isolation

PROGRAM = """
import os, sys
from dataclasses import replace
from pathlib import Path

folder, engine, words = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
sys.path.insert(0, engine)
with (folder / "imports").open("a") as imports:
    imports.write(f"{os.getpid()}\\n")

import stages_for_tests
from iimm_pipelines.engine.stage import Limits, Task
from iimm_pipelines.engine.workers import Workers

if __name__ == "__main__":
    stage = replace(stages_for_tests.ONE, limits=Limits(seconds=600))
    tasks = [Task(item=str(i), place=i, object=b"", size=0, suffix=w.encode()) for i, w in enumerate(words)]
    with Workers(stage, processes=2, models=folder, scratch=folder / "scratch", memory=1 << 28) as pool:
        for task, done in pool.run(tasks):
            print(done.outcome.kind)
"""


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    """A program that drives two workers, with what it prints."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, program, folder, Path(__file__).parent, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_worker_does_not_import_the_program_that_started_it(tmp_path: Path) -> None:
    printed, _ = start(tmp_path, "good", "good").communicate(timeout=120)
    assert printed.split() == ["produced", "produced"]
    assert len((tmp_path / "imports").read_text().split()) == 1


@pytest.mark.parametrize("at_work", ["hang", "hang in C"])
def test_workers_end_with_a_driver_that_is_killed(tmp_path: Path, at_work: str) -> None:
    isolation.adopt_orphans()
    before = set(isolation.descendants_left())
    with start(tmp_path, at_work, at_work) as driver:
        while sum(_begun(note) for note in tmp_path.glob("scratch/*/worker-*")) < 2:
            assert driver.poll() is None
            time.sleep(0.05)
        driver.kill()
    deadline = time.monotonic() + 5
    while left := set(isolation.descendants_left()) - before:
        assert time.monotonic() < deadline, f"{len(left)} processes left"
        time.sleep(0.05)


def _begun(note: Path) -> bool:
    """Whether a worker wrote down that it has begun an item."""
    return note.read_bytes()[8:] == bytes(8)
