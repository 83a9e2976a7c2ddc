"""Where the time of `contents` goes: processor time for each file, by step and by format.

Here: the steps of one worker, all in this process, and its Java; on the mixed files with all files inside, and on texts
of one sentence.
Not here: what the pipeline around a worker costs, and how fast all of it is (benchmarks.intake).

Processor time and no clock, so that another program on the machine does not count as much. The first files of a worker
cost more (libraries are loaded, Java warms up): a first pass over the same files stands beside, so that one sees both.

    python -m benchmarks.contents_steps [--texts 2000]
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.expectations import digest_of_pack
from benchmarks.measure import Figure, run_benchmark
from benchmarks.mixed_files import PACK, gathered
from iimm_pipelines.engine.stage import Task
from iimm_pipelines.engine.workers import checked
from iimm_pipelines.formats import detect, pronom, read, tika
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import contents

_STAGE = contents.STAGE.with_hints("0" * 64)
_FORMATS = 20
_STEPS: Sequence[tuple[ModuleType | type, str, str]] = (
    (detect, "_by_libmagic", "libmagic"), (detect, "_by_magika", "Magika"), (detect, "detect", "the rest of detection"),
    (pronom, "opinions", "PRONOM"), (tika.Tika, "read", "Java's answers, in Python"), (read, "_read", "our readers"),
    (read, "with_facts", "facts that many formats carry"), (contents, "apply", "rows"),
)  # fmt: skip
"""What is timed: of those that call one another each has what the inner ones leave."""


@dataclass(slots=True)
class _Times:
    """Nanoseconds of processor by step, and by format in all; files counted."""

    steps: Counter[str] = field(default_factory=Counter)
    formats: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    open: list[int] = field(default_factory=list)
    java: float = 0.0

    @property
    def files(self) -> int:
        return sum(map(len, self.formats.values()))


def main() -> int:
    """Print the tables and write the result file."""
    arguments = argparse.ArgumentParser(description="where the time of contents goes")
    arguments.add_argument("--texts", type=int, default=2_000, help="files of one sentence")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-steps-") as folder, ExitStack() as stack:
        top = Path(folder)
        models = load_settings(top / "data").cache / "models"
        tool = contents.load(contents.STAGE.ingredients, models)
        stack.callback(tool.tika.close)
        mixed = gathered(top / "mixed")
        first = _timed_pass(top, tool, mixed)
        figures = [
            *_figures("mixed files, a worker's first", first),
            *_figures("mixed files, again", _timed_pass(top, tool, mixed)),
        ]
        figures += _figures("texts of a sentence", _timed_pass(top, tool, _texts(top / "texts", chosen.texts)))
    return run_benchmark("contents_steps", figures, inputs={"evidence pack": digest_of_pack(PACK)},
                         packages=["iimm-pipelines", "magika", "pygfried"])  # fmt: skip


def _figures(name: str, times: _Times) -> Iterator[Figure]:
    total = sum(times.steps.values()) / 1e6 + times.java * 1e3
    yield Figure(f"{name}: all", total / times.files, "ms a file")
    for step, nanoseconds in times.steps.most_common():
        yield Figure(f"{name}: {step}", nanoseconds / 1e6 / times.files, "ms a file")
    yield Figure(f"{name}: Java", times.java * 1e3 / times.files, "ms a file")
    for kind, each in sorted(times.formats.items(), key=lambda k: -sum(k[1]))[:_FORMATS]:
        yield Figure(f"{name}: {kind}, without Java", sum(each) / 1e6 / len(each), f"ms, {len(each)} files")


def _timed_pass(top: Path, tool: Any, files: Sequence[Path]) -> _Times:
    """All files and those inside them, each object once, as the engine has it."""
    times = _Times()
    before = _java_seconds(tool)
    waiting, seen = [(f, f.suffix) for f in files], set()
    with tempfile.TemporaryDirectory(dir=top) as folder, _steps_timed(times):
        for number, (file, suffix) in enumerate(waiting):
            digest = hashlib.sha256(file.read_bytes()).digest()
            if digest in seen:
                continue
            seen.add(digest)
            scratch = Path(folder) / f"scratch-{number}"
            scratch.mkdir()
            task = Task(item="", place=0, object=digest, size=file.stat().st_size, suffix=os.fsencode(suffix), file=file,
                        scratch=scratch)  # fmt: skip
            began = time.process_time_ns()
            outcome = contents.apply(tool, task)
            taken = time.process_time_ns() - began
            began = time.process_time_ns()
            checked(_STAGE, outcome, scratch)
            times.steps["rows held against their schema"] += time.process_time_ns() - began
            times.formats[outcome.tables["document"][0]["media_type"]].append(taken)
            for made in outcome.files:
                name = os.fsdecode(outcome.tables[made.table][made.row]["path"].rpartition(b"/")[2])
                waiting.append((Path(shutil.copy(made.path, Path(folder) / f"{number}-{made.row}")), Path(name).suffix))
            shutil.rmtree(scratch)
    times.java = _java_seconds(tool) - before
    return times


@contextmanager
def _steps_timed(times: _Times) -> Iterator[None]:
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in _STEPS]
    for owner, name, step in _STEPS:
        setattr(owner, name, _timed(times, step, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _timed(times: _Times, step: str, work: Any) -> Any:
    @wraps(work)
    def timed(*arguments: Any, **named: Any) -> Any:
        times.open.append(0)
        began = time.process_time_ns()
        try:
            return work(*arguments, **named)
        finally:
            taken = time.process_time_ns() - began
            times.steps[step] += taken - times.open.pop()
            if times.open:
                times.open[-1] += taken

    return timed


def _java_seconds(tool: Any) -> float:
    process = tool.tika._process
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _texts(to: Path, count: int) -> list[Path]:
    to.mkdir()
    made = [to / f"{number:06d}.txt" for number in range(count)]
    for number, path in enumerate(made):
        path.write_text(f"The letter number {number}.", encoding="utf-8")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
