"""Worker processes: a stage is applied where it may die, hang or eat memory without harm to the others.

Here: the pool, what runs inside a worker, staging of bytes, and finding the culprit when a chunk dies.
Not here: what a worker process does to itself (engine/isolation), what is done with outcomes (engine/run).

Isolation is pebble's: one process for each worker, replaced when it dies. Items travel in chunks, since a task each
costs more than a small item's work. A worker writes down which item it begins, and arms the kernel's alarm for it with
the default action, so that even a loop in C code without the interpreter's lock is ended in time. When a chunk dies,
the item that had been begun is tried once more alone (a crash may be an earlier item's damage); the rest goes again.
"""

from __future__ import annotations

import itertools
import mmap
import multiprocessing
import os
import shutil
import signal
import struct
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

import pebble
import pyarrow as pa

from iimm_pipelines.custody.canonical import NotCanonical
from iimm_pipelines.custody.leaf import content_data
from iimm_pipelines.engine import isolation
from iimm_pipelines.engine.outcome import Outcome, Problem, Reason, ended
from iimm_pipelines.engine.stage import Source, Stage, Task

CHUNK_ITEMS = {Source.NOTHING: 64, Source.BYTES: 8}
CHUNK_BYTES = 16 << 20
LOAD_SECONDS = 600.0
"""Allowance for loading a stage's tool, which the first chunk of a worker pays."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an item, how long its worker took, and how often it was tried."""

    outcome: Outcome
    took_us: int
    attempts: int


@dataclass(slots=True)
class _Chunk:
    tasks: list[Task]
    attempts: int = 1


StageBytes = Callable[[Task, Path], None]
"""Writes an object's plaintext to a path in scratch."""


class Workers:
    """A pool of workers for one stage. Processes start with the first item, and none is left at the end."""

    def __init__(self, stage: Stage, *, processes: int, models: Path, scratch: Path, memory: int) -> None:
        """`memory`: bytes that a worker may take beyond its tools; `scratch`: a folder for decrypted bytes."""
        self.stage = stage
        self.processes = min(processes, stage.workers or processes)
        self._models = models
        self._memory = stage.limits.memory or memory
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{stage.name}-", dir=scratch))
        self._pool: pebble.ProcessPool | None = None
        self._numbers = itertools.count()

    def __enter__(self) -> Workers:
        """Nothing starts yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End every worker with all its children, and sweep the scratch folder."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
        self._end_groups()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, tasks: Sequence[Task], stage_bytes: StageBytes | None = None) -> Iterator[tuple[Task, Done]]:
        """Apply the stage to each task; the outcomes come as they are done, each exactly once.

        Files named by an outcome lie in scratch until the next outcome is asked for.
        """
        waiting = deque(_Chunk(list(c)) for c in self._chunks(tasks))
        running: dict[Future[Any], tuple[_Chunk, Path]] = {}
        while waiting or running:
            while waiting and len(running) < self.processes + 1:
                chunk = waiting.popleft()
                folder = self._folder / f"chunk-{next(self._numbers)}"
                staged = self._staged(chunk, folder, stage_bytes)
                running[self._schedule(staged)] = (replace_tasks(chunk, staged), folder)
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                chunk, folder = running.pop(future)
                yield from self._settle(future, chunk, waiting)
                shutil.rmtree(folder, ignore_errors=True)

    def _chunks(self, tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
        if self.stage.batch > 1:  # fixed batches: a model's answer may depend on what stands beside it
            yield from (tasks[i : i + self.stage.batch] for i in range(0, len(tasks), self.stage.batch))
            return
        most = min(CHUNK_ITEMS[self.stage.source], max(1, len(tasks) // (self.processes * 2)))
        chunk: list[Task] = []
        size = 0
        for task in tasks:
            if chunk and (len(chunk) >= most or size + task.size > CHUNK_BYTES):
                yield chunk
                chunk, size = [], 0
            chunk.append(task)
            size += task.size
        if chunk:
            yield chunk

    def _staged(self, chunk: _Chunk, folder: Path, stage_bytes: StageBytes | None) -> list[Task]:
        folder.mkdir(mode=0o700)
        staged = []
        for i, task in enumerate(chunk.tasks):
            scratch = folder / str(i)
            scratch.mkdir(mode=0o700)
            file = None
            if self.stage.source is Source.BYTES and stage_bytes is not None:
                file = folder / f"object-{i}"
                stage_bytes(task, file)
            staged.append(replace(task, file=file, scratch=scratch))
        return staged

    def _schedule(self, tasks: list[Task]) -> Future[Any]:
        if self._pool is None:
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["iimm_pipelines.engine.workers"])
            start = (self.stage, self._models, self._folder, self._memory)
            self._pool = pebble.ProcessPool(max_workers=self.processes, initializer=_begin, initargs=start, context=context)
        # the kernel's alarm ends an item; this is the backstop for a worker that cannot even be told of one
        limit = LOAD_SECONDS + sum(self.stage.limits.time(t.size) for t in tasks) * 1.5 + 30
        future: Future[Any] = self._pool.schedule(_run_chunk, args=(tasks,), timeout=limit)
        return future

    def _settle(self, future: Future[Any], chunk: _Chunk, waiting: deque[_Chunk]) -> Iterator[tuple[Task, Done]]:
        error = future.exception()
        if error is None:
            answers: list[tuple[Outcome, int]] | None = future.result()
            if answers is not None:
                for task, (outcome, took) in zip(chunk.tasks, answers, strict=True):
                    yield task, Done(outcome, took, chunk.attempts)
                return
            culprit, reason, detail = None, Reason.BUG, "a batch raised"
        else:
            culprit, reason, detail = self._died(error)
        if len(chunk.tasks) == 1:
            if reason is Reason.TIMED_OUT or chunk.attempts > 1:
                yield chunk.tasks[0], Done(ended(reason, detail=detail), 0, chunk.attempts)
            else:
                waiting.appendleft(_Chunk(chunk.tasks, 2))
            return
        if culprit is None or self.stage.batch > 1:
            middle = len(chunk.tasks) // 2
            waiting.extendleft([_Chunk(chunk.tasks[middle:]), _Chunk(chunk.tasks[:middle])])
            return
        others = [t for i, t in enumerate(chunk.tasks) if i != culprit]
        waiting.appendleft(_Chunk(others))
        if reason is Reason.TIMED_OUT:  # its own alarm rang: nothing of its neighbours is in that
            yield chunk.tasks[culprit], Done(ended(reason, detail=detail), 0, 1)
        else:
            waiting.appendleft(_Chunk([chunk.tasks[culprit]], 2))

    def _died(self, error: BaseException) -> tuple[int | None, Reason, str]:
        """Which item of the chunk had been begun, and what ended it."""
        if not isinstance(error, pebble.ProcessExpired):
            self._end_groups(dead_only=True)
            if isinstance(error, TimeoutError):
                return None, Reason.TIMED_OUT, "backstop"
            return None, Reason.BUG, type(error).__name__
        code = error.exitcode
        culprit = _begun(self._folder, error.pid)
        isolation.end_group(error.pid)
        if code == -signal.SIGALRM:
            return culprit, Reason.TIMED_OUT, "alarm"
        if code == -signal.SIGKILL:  # nobody here sends it to a worker at work: the kernel ran out of memory
            return culprit, Reason.OUT_OF_MEMORY, "killed"
        return culprit, Reason.CRASHED, f"exit {code}"

    def _end_groups(self, *, dead_only: bool = False) -> None:
        for file in self._folder.glob("worker-*"):
            pid = int(file.name.removeprefix("worker-"))
            if dead_only and Path(f"/proc/{pid}").exists():
                continue
            isolation.end_group(pid)


def replace_tasks(chunk: _Chunk, tasks: list[Task]) -> _Chunk:
    """The same chunk with its staged tasks."""
    return _Chunk(tasks, chunk.attempts)


# Inside a worker

_stage: Stage
_models: Path
_memory: int
_tool: Any = None
_loaded = False
_begun_item: mmap.mmap


def _begin(stage: Stage, models: Path, folder: Path, memory: int) -> None:
    """Make this process a worker of `stage`."""
    global _stage, _models, _memory, _begun_item
    _stage, _models, _memory = stage, models, memory
    note = folder / f"worker-{os.getpid()}"
    note.write_bytes(struct.pack("q", -1))
    with note.open("r+b") as file:
        _begun_item = mmap.mmap(file.fileno(), 8)
    isolation.enter(isolation.WorkerLimits(memory=memory, file_bytes=stage.limits.made_bytes, scratch=folder))


def _begun(folder: Path, pid: int) -> int | None:
    try:
        index = int(struct.unpack("q", (folder / f"worker-{pid}").read_bytes())[0])
    except (OSError, struct.error):
        return None
    return index if index >= 0 else None


def _run_chunk(tasks: list[Task]) -> list[tuple[Outcome, int]] | None:
    """One answer for each task; None when a batch raised, so that it is halved."""
    try:
        _load()
    except Problem as problem:
        return [(ended(problem.reason, problem.used), 0) for _ in tasks]
    if _stage.batch > 1:
        return _run_batch(tasks)
    answers = []
    for i, task in enumerate(tasks):
        _begun_item[:8] = struct.pack("q", i)
        began = time.perf_counter_ns()
        signal.setitimer(signal.ITIMER_REAL, _stage.limits.time(task.size))
        outcome = _answer(task)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.append((outcome, (time.perf_counter_ns() - began) // 1000))
    _begun_item[:8] = struct.pack("q", -1)
    return answers


def _run_batch(tasks: list[Task]) -> list[tuple[Outcome, int]] | None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    began = time.perf_counter_ns()
    signal.setitimer(signal.ITIMER_REAL, sum(_stage.limits.time(t.size) for t in tasks))
    try:
        outcomes = [checked(_stage, o) for o in _stage.apply(_tool, tasks)]  # type: ignore[arg-type, union-attr]
        if len(outcomes) != len(tasks):
            raise TypeError("a batch must be answered with one outcome for each item")
    except Problem as problem:
        outcomes = [ended(problem.reason, problem.used) for _ in tasks]
    except Exception as error:
        if len(tasks) > 1:
            return None
        outcomes = [_bug(error)]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    each = (time.perf_counter_ns() - began) // 1000 // len(tasks)
    return [(o, each) for o in outcomes]


def _load() -> None:
    global _tool, _loaded
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if not _loaded:
        _tool = _stage.load(_stage.ingredients, _models)
        isolation.limit_memory(_memory)  # again, so that the tool does not count
        _loaded = True


def _answer(task: Task) -> Outcome:
    try:
        return checked(_stage, _stage.apply(_tool, task))  # type: ignore[arg-type]
    except Problem as problem:
        return ended(problem.reason, problem.used)
    except MemoryError:
        return ended(Reason.OUT_OF_MEMORY)
    except Exception as error:
        return _bug(error)


def _bug(error: Exception) -> Outcome:
    """A failure that nobody foresaw: class and code line, never the message, which may quote the evidence."""
    frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    *_, last = frames
    return ended(Reason.BUG, detail=f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}")


def checked(stage: Stage, outcome: object) -> Outcome:
    """The outcome, if its rows are what the stage's tables say.

    Raises:
        TypeError: it is not an outcome, or a row does not fit its table; named by table, never by content.
    """
    if not isinstance(outcome, Outcome):
        raise TypeError(f"stage {stage.name} must answer with an Outcome, not {type(outcome).__name__}")
    tables = {t.name: t for t in stage.tables}
    for name, rows in outcome.tables.items():
        if name not in tables:
            raise TypeError(f"stage {stage.name} has no table {name}")
        for row in rows:
            if not tables[name].names.issuperset(row):
                raise TypeError(f"a row of {name} has columns that the schema does not know")
        try:
            pa.array(rows, tables[name].struct)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            raise TypeError(f"a row of {name} does not fit its schema") from None
    try:
        content_data(outcome.kind, outcome.reason, outcome.tables)
    except NotCanonical as wrong:
        raise TypeError(str(wrong)) from None
    if unknown := (outcome.used or frozenset()) - stage.ingredients.keys():
        raise TypeError(f"stage {stage.name} has no ingredient {sorted(unknown)}")
    return outcome
