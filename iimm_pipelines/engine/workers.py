"""Worker processes: a stage is applied where it may die, hang or eat memory without harm to the others.

Here: the pool, what runs inside a worker, staging of bytes, and finding the culprit when a chunk dies.
Not here: what a worker process does to itself (engine/isolation), what is done with outcomes (engine/run).

Isolation is pebble's: one process for each worker, replaced when it dies. Items travel in chunks, since a task each
costs more than a small item's work. A worker writes down which item it begins, and arms the kernel's alarm for it with
the default action, so that even a loop in C code without the interpreter's lock is ended in time. When a chunk dies,
the item that had been begun is tried once more alone (a crash may be an earlier item's damage); the rest goes again.
An item that finds memory or files used up in a worker that did others before is tried once more in the same way.
"""

from __future__ import annotations

import errno
import itertools
import mmap
import os
import shutil
import signal
import stat
import struct
import sys
import tempfile
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

import pebble

from iimm_pipelines.engine import fork_server, isolation
from iimm_pipelines.engine.outcome import MadeFile, Outcome, Problem, Reason, Row, ended
from iimm_pipelines.engine.plain_rows import plain_rows
from iimm_pipelines.engine.stage import Source, Stage, Task

CHUNK_ITEMS = {Source.NOTHING: 64, Source.BYTES: 8}
CHUNK_BYTES = 16 << 20
LOAD_SECONDS = 600.0
"""Allowance for loading a stage's tool, which the first chunk of a worker pays."""
LOAD_TRIES = 3
"""How often in a row workers may die before any answer, while they load or start, until the stage is given up."""
CRASH_LOOP = 25
"""How many items in a row may end their workers, each twice, before the fault is sought outside of them."""
MOST_CHILDREN = 64
"""Processes that a worker may have started at once; readers that start programs start one or two."""
_CHECKED_AT_ONCE = 10_000
"""Rows that are held against their schema together: a container of a million members has as many."""
_LOOK_SECONDS = 1.0
_NONE_BEGUN, _LOADING = -1, -2
_EXHAUSTED = 90
"""Exit code of a worker in which memory or files were used up, perhaps by the items before."""
_LEAST_FOR_CHILDREN = 1 << 30
_USED_UP = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
_ROOM = {errno.EFBIG: Reason.LIMIT_REACHED, errno.ENOSPC: Reason.UNAVAILABLE, errno.EDQUOT: Reason.UNAVAILABLE}
"""A file that grew beyond the quota is the item's doing, a full disk is not."""


class WorkersUnfit(RuntimeError):
    """Workers end before they take any work, or at whatever they take: no item is blamed for it."""


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
    number: int = -1


@dataclass(frozen=True, slots=True)
class _Note:
    """What a worker wrote down last: which chunk it does, and which item of it has begun."""

    pid: int
    chunk: int
    begun: int

    @property
    def alone(self) -> bool:
        """Whether its process is gone."""
        return not Path(f"/proc/{self.pid}").exists()


StageBytes = Callable[[Task, Path], None]
"""Writes an object's plaintext to a path in scratch."""


class Workers:
    """A pool of workers for one stage. Processes start with the first item, and none is left at the end."""

    def __init__(self, stage: Stage, *, processes: int, models: Path, scratch: Path, memory: int,
                 crash_loop: int = CRASH_LOOP) -> None:  # fmt: skip
        """`memory`: bytes that a worker may take beyond its tools; `scratch`: a folder for decrypted bytes.

        What a worker starts may take as much again, all together.
        """
        self.stage = stage
        self.processes = min(processes, stage.workers or processes)
        self._models = models
        self._memory = stage.limits.memory or memory
        scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{stage.name}-", dir=scratch))
        self._pool: pebble.ProcessPool | None = None
        self._numbers = itertools.count()
        self._early_deaths = 0
        self._crash_loop = crash_loop
        self._crashes = 0
        self._looked = 0.0
        self._overgrown: dict[int, tuple[Reason, str]] = {}
        self._unloadable: Outcome | None = None
        self._silent: set[int] = set()

    def __enter__(self) -> Workers:
        """Nothing starts yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End every worker with all its children, and sweep the scratch folder."""
        self._end_pool()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start processes and load the tool in them now, without waiting for it: items may be long in coming."""
        pool = self._started()
        for _ in range(self.processes):
            pool.schedule(_load_early, timeout=LOAD_SECONDS)

    def run(self, tasks: Sequence[Task], stage_bytes: StageBytes | None = None) -> Iterator[tuple[Task, Done]]:
        """Apply the stage to each task; the outcomes come as they are done, each exactly once.

        Files named by an outcome lie in scratch until the next outcome is asked for.

        Raises:
            WorkersUnfit: no worker can start here, or each ends at whatever it is given.
        """
        waiting = deque(_Chunk(list(c)) for c in self._chunks(tasks))
        running: dict[Future[Any], tuple[_Chunk, Path]] = {}
        while waiting or running:
            while waiting and len(running) < self._most_at_once(waiting[0]):
                chunk = waiting.popleft()
                if self._unloadable is not None:
                    yield from ((task, Done(self._unloadable, 0, chunk.attempts)) for task in chunk.tasks)
                    continue
                number = next(self._numbers)
                folder = self._folder / f"chunk-{number}"
                chunk = _Chunk(self._staged(chunk, folder, stage_bytes), chunk.attempts, number)
                running[self._schedule(chunk)] = (chunk, folder)
            finished, _ = wait(running, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
            self._end_overgrown()
            broken = self._pool is not None and not self._pool.active
            for future in list(running) if broken else finished or self._left_in_silence(running):
                chunk, folder = running.pop(future)
                yield from self._settle(future, chunk, waiting)
                shutil.rmtree(folder, ignore_errors=True)
            if broken:
                self._end_pool()

    def _most_at_once(self, chunk: _Chunk) -> int:
        """Chunks at work and ready: one of each for every worker, but of large files one ready in all, for they fill scratch."""
        small = sum(task.size for task in chunk.tasks) <= CHUNK_BYTES
        return self.processes * 2 if small else self.processes + 1

    def _chunks(self, tasks: Sequence[Task]) -> Iterator[Sequence[Task]]:
        if self.stage.batch > 1:  # fixed batches: a model's answer may depend on what stands beside it
            yield from (tasks[i : i + self.stage.batch] for i in range(0, len(tasks), self.stage.batch))
            return
        most = min(CHUNK_ITEMS[self.stage.source], max(1, len(tasks) // (self.processes * 2)))
        chunk: list[Task] = []
        size = 0
        for task in sorted(tasks, key=lambda t: t.size, reverse=True):  # large ones last would keep one worker waiting
            if chunk and (len(chunk) >= most or size + task.size > CHUNK_BYTES):
                yield chunk
                chunk, size = [], 0
            chunk.append(task)
            size += task.size
        if chunk:
            yield chunk

    def _staged(self, chunk: _Chunk, folder: Path, stage_bytes: StageBytes | None) -> list[Task]:
        """The tasks with their bytes and folders; a stage without bytes gets neither: 3 ms an item on a disk."""
        if self.stage.source is Source.NOTHING:
            return chunk.tasks
        folder.mkdir(mode=0o700)
        staged = []
        for i, task in enumerate(chunk.tasks):
            scratch = folder / str(i)
            scratch.mkdir(mode=0o700)
            file = None
            if stage_bytes is not None:
                file = folder / f"object-{i}"
                stage_bytes(task, file)
            staged.append(replace(task, file=file, scratch=scratch))
        return staged

    def _schedule(self, chunk: _Chunk) -> Future[Any]:
        # the kernel's alarm ends an item; this is the backstop for a worker that cannot even be told of one
        limit = LOAD_SECONDS + sum(self.stage.limits.time(t.size) for t in chunk.tasks) * 1.5 + 30
        work = (chunk.tasks, chunk.number, chunk.attempts > 1)
        try:
            future: Future[Any] = self._started().schedule(_run_chunk, args=work, timeout=limit)
        except RuntimeError:  # its last worker died while it had nothing to do
            self._end_pool()
            future = self._started().schedule(_run_chunk, args=work, timeout=limit)
        return future

    def _started(self) -> pebble.ProcessPool:
        if self._pool is None:
            context = _Context()
            fork_server.begin()
            start = (self.stage, self._models, self._folder, self._memory, LOAD_SECONDS)
            self._pool = pebble.ProcessPool(
                max_workers=self.processes, initializer=_begin, initargs=start, context=context
            )
        return self._pool

    def _end_pool(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None
        for note in self._notes():
            self._end_group(note)

    def _left_in_silence(self, running: Mapping[Future[Any], tuple[_Chunk, Path]]) -> list[Future[Any]]:
        """Futures whose worker left with exit code 0, of which the pool never tells.

        Seen twice in a row, so that an answer that is still on its way comes first.
        """
        gone = {note.chunk for note in self._notes() if note.alone}
        silent = {chunk.number: future for future, (chunk, _) in running.items() if chunk.number in gone}
        left = [future for number, future in silent.items() if number in self._silent]
        self._silent = set(silent)
        for future in left:
            future.cancel()
        return left

    def _end_overgrown(self) -> None:
        """End workers whose children are too many or too large; their own limits hold for each process alone."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        for pid, children in isolation.children_of({note.pid for note in self._notes()}).items():
            if children.processes > MOST_CHILDREN:
                self._overgrown[pid] = Reason.LIMIT_REACHED, "processes"
            elif children.memory > max(self._memory, _LEAST_FOR_CHILDREN):
                self._overgrown[pid] = Reason.OUT_OF_MEMORY, "children"
            else:
                continue
            isolation.end_group(pid)

    def _settle(self, future: Future[Any], chunk: _Chunk, waiting: deque[_Chunk]) -> Iterator[tuple[Task, Done]]:
        error = self._error(future)
        if error is None:
            answers: list[tuple[Outcome, int]] | None = future.result()
            self._early_deaths = self._crashes = 0
            if answers is not None:
                for task, (outcome, took) in zip(chunk.tasks, answers, strict=True):
                    yield task, Done(outcome, took, chunk.attempts)
                return
            culprit, reason, detail = None, Reason.BUG, "a batch raised"
        else:
            note = self._note_of(chunk, error)
            reason, detail = self._died(error, note)
            began = note is not None and note.chunk == chunk.number
            loading = note is not None and began and note.begun == _LOADING
            if reason is not Reason.BUG and (loading or not began):
                self._died_early(loading=loading, reason=reason, detail=detail)
                waiting.appendleft(_Chunk(chunk.tasks, chunk.attempts))
                return
            culprit = note.begun if note is not None and began and note.begun >= 0 else None
        if len(chunk.tasks) == 1:
            if reason is Reason.TIMED_OUT or chunk.attempts > 1:
                self._crashed(reason)
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

    def _crashed(self, reason: Reason) -> None:
        """Count items that crashed without any answer between them."""
        self._crashes = self._crashes + 1 if reason is Reason.CRASHED else 0
        if self._crashes >= self._crash_loop:
            raise WorkersUnfit(
                f"{self._crashes} items in a row ended the workers of {self.stage.name}: `iimm doctor` says what they "
                "lack; if other shards go well, it is these files: raise crash_loop in iimm.toml"
            )

    @staticmethod
    def _error(future: Future[Any]) -> BaseException | None:
        if not future.done():
            return BrokenProcessPool()
        try:
            return future.exception()
        except CancelledError as left:
            return left

    def _died(self, error: BaseException, note: _Note | None) -> tuple[Reason, str]:
        """What ended the worker of a chunk; its children are ended too."""
        overgrown = self._overgrown.pop(note.pid, None) if note is not None else None
        if note is not None and note.alone:
            self._end_group(note)
        if overgrown is not None:
            return overgrown
        if isinstance(error, TimeoutError):
            return Reason.TIMED_OUT, "backstop"
        if isinstance(error, CancelledError):
            return Reason.CRASHED, "exit 0"
        if isinstance(error, BrokenProcessPool):
            return Reason.CRASHED, "broken channel"
        if not isinstance(error, pebble.ProcessExpired):
            return Reason.BUG, type(error).__name__
        code = error.exitcode
        if code == -signal.SIGALRM:
            return Reason.TIMED_OUT, "alarm"
        if code == _EXHAUSTED:
            return Reason.OUT_OF_MEMORY, "used up"
        if code == -signal.SIGKILL:  # nobody here sends it to a worker at work: the kernel ran out of memory
            return Reason.OUT_OF_MEMORY, "killed"
        return Reason.CRASHED, f"exit {code}"

    def _died_early(self, *, loading: bool, reason: Reason, detail: str) -> None:
        """A worker died before any item had begun: after some in a row it is the tool's or the machine's fault."""
        self._early_deaths += 1
        if loading and (reason is Reason.TIMED_OUT or self._early_deaths >= LOAD_TRIES):
            self._unloadable = ended(reason, detail=f"while loading: {detail}")
        elif self._early_deaths >= LOAD_TRIES * (self.processes + 1):
            raise WorkersUnfit(f"workers of {self.stage.name} end as they start: `iimm doctor` says what they lack")

    def _notes(self) -> list[_Note]:
        notes = []
        for file in self._folder.glob("worker-*"):
            with suppress(struct.error, FileNotFoundError):
                notes.append(_Note(int(file.name.removeprefix("worker-")), *struct.unpack("qq", file.read_bytes())))
        return notes

    def _note_of(self, chunk: _Chunk, error: BaseException) -> _Note | None:
        pid = error.pid if isinstance(error, pebble.ProcessExpired) else None
        return next((n for n in self._notes() if n.chunk == chunk.number or n.pid == pid), None)

    def _end_group(self, note: _Note) -> None:
        """End what is left of a worker, and forget it, since its number may be given to a stranger."""
        isolation.end_group(note.pid)
        (self._folder / f"worker-{note.pid}").unlink(missing_ok=True)


class _Process(ForkServerProcess):
    """A worker that does not import the program that started it: `iimm` or Dagster cost 2.5 s and 70 MB each time.

    So a stage's functions must live in a module that can be imported, never in the program itself.
    """

    _hiding = threading.Lock()

    def start(self) -> None:
        """Start, with nothing to be seen of the main program (`multiprocessing.spawn.get_preparation_data`)."""
        with self._hiding:
            program = sys.modules["__main__"]
            sys.modules["__main__"] = ModuleType("__main__")
            try:
                super().start()
            finally:
                sys.modules["__main__"] = program


class _Context(ForkServerContext):
    Process = _Process


# Inside a worker

_stage: Stage
_models: Path
_memory: int
_load_seconds: float
_tool: Any = None
_loaded = False
_unloadable: Outcome | None = None
_did_others = False
_note: mmap.mmap


def _begin(stage: Stage, models: Path, folder: Path, memory: int, load_seconds: float) -> None:
    """Make this process a worker of `stage`."""
    global _stage, _models, _memory, _load_seconds, _note
    _stage, _models, _memory, _load_seconds = stage, models, memory, load_seconds
    path = folder / f"worker-{os.getpid()}"
    path.write_bytes(struct.pack("qq", -1, _NONE_BEGUN))
    with path.open("r+b") as file:
        _note = mmap.mmap(file.fileno(), 16)
    isolation.enter(isolation.WorkerLimits(memory=memory, file_bytes=stage.limits.made_bytes, scratch=folder))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a library prints may quote the evidence, and would end up in a log
        os.dup2(nowhere, stream)


def _write_down(begun: int) -> None:
    _note[8:] = struct.pack("q", begun)


def _run_chunk(tasks: list[Task], number: int, last_try: bool) -> list[tuple[Outcome, int]] | None:
    """One answer for each task; None when a batch raised, so that it is halved."""
    global _did_others
    _note[:] = struct.pack("qq", number, _NONE_BEGUN)
    _load()
    if _unloadable is not None:
        return [(_unloadable, 0) for _ in tasks]
    if _stage.batch > 1:
        return _run_batch(tasks, last_try)
    answers = []
    for i, task in enumerate(tasks):
        _write_down(i)
        began = time.perf_counter_ns()
        signal.setitimer(signal.ITIMER_REAL, _stage.limits.time(task.size))
        outcome = _answer(task, last_try)
        signal.setitimer(signal.ITIMER_REAL, 0)
        answers.append((outcome, (time.perf_counter_ns() - began) // 1000))
        _did_others = True
    _write_down(_NONE_BEGUN)
    return answers


def _run_batch(tasks: list[Task], last_try: bool) -> list[tuple[Outcome, int]] | None:
    global _did_others
    _write_down(0)
    began = time.perf_counter_ns()
    signal.setitimer(signal.ITIMER_REAL, sum(_stage.limits.time(t.size) for t in tasks))
    try:
        given = list(_stage.apply(_tool, tasks))  # type: ignore[arg-type]
        if len(given) != len(tasks):
            raise TypeError("a batch must be answered with one outcome for each item")
        outcomes = [checked(_stage, o, t.scratch) for o, t in zip(given, tasks, strict=True)]
    except BaseException as error:
        if len(tasks) > 1:  # also for a Problem: it may be of one item only
            return None
        outcomes = [_failed(error, last_try)]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _did_others = True
    each = (time.perf_counter_ns() - began) // 1000 // len(tasks)
    return [(o, each) for o in outcomes]


def _load_early() -> None:
    _load()
    if _unloadable is None:
        with suppress(Exception):  # its first item will tell
            _stage.ready(_tool)


def _load() -> None:
    global _tool, _loaded, _unloadable
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if _loaded:
        return
    _write_down(_LOADING)
    signal.setitimer(signal.ITIMER_REAL, _load_seconds)
    try:
        _tool = _stage.load(_stage.ingredients, _models)
    except BaseException as error:  # kept: another try in this worker would cost as much and end alike
        _unloadable = _failed(error, last_try=True)
    signal.setitimer(signal.ITIMER_REAL, 0)
    isolation.limit_memory(_memory)  # again, so that the tool does not count
    _loaded = True
    _write_down(_NONE_BEGUN)


def _answer(task: Task, last_try: bool) -> Outcome:
    try:
        return checked(_stage, _stage.apply(_tool, task), task.scratch)  # type: ignore[arg-type]
    except BaseException as error:  # a reader's sys.exit too must not end a worker that can go on
        return _failed(error, last_try)


def _failed(error: BaseException, last_try: bool) -> Outcome:
    if isinstance(error, Problem):
        return ended(error.reason, error.used)
    used_up = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in _USED_UP)
    if used_up and _did_others and not last_try:
        os._exit(_EXHAUSTED)
    if isinstance(error, MemoryError):
        return ended(Reason.OUT_OF_MEMORY)
    if isinstance(error, OSError) and error.errno in _ROOM:
        return ended(_ROOM[error.errno])
    return bug(error)


def bug(error: BaseException) -> Outcome:
    """A failure that nobody foresaw: class and code line, never the message, which may quote the evidence."""
    frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(error.__traceback__)
    *_, last = frames
    return ended(Reason.BUG, detail=f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}")


def checked(stage: Stage, outcome: object, scratch: Path | None = None) -> Outcome:
    """The outcome with plain rows, if they are what the stage's tables say, and its files lie in `scratch`.

    What a part could not give back as it was sealed (a text where bytes belong, a field that no column holds) would later
    look like a forgery.

    Raises:
        TypeError: it is not an outcome, or a row does not fit its table; named by table, never by content.
    """
    if not isinstance(outcome, Outcome):
        raise TypeError(f"stage {stage.name} must answer with an Outcome, not {type(outcome).__name__}")
    known = {t.name: t for t in stage.tables}
    tables: dict[str, list[Row]] = {}
    for name, rows in outcome.tables.items():
        if name not in known:
            raise TypeError(f"stage {stage.name} has no table {name}")
        given = iter(rows)
        tables[name] = []
        while batch := list(itertools.islice(given, _CHECKED_AT_ONCE)):
            tables[name].extend(plain_rows(known[name], batch))
    if unknown := (outcome.used or frozenset()) - stage.ingredients.keys():
        raise TypeError(f"stage {stage.name} has no ingredient {sorted(unknown)}")
    folders: dict[str, bool] = {}
    for made in outcome.files:
        if not isinstance(made, MadeFile) or made.row not in range(len(tables.get(made.table, ()))):
            raise TypeError(f"a file of stage {stage.name} belongs to no row")
        if not _made_in(scratch, made.path, folders):
            raise TypeError(f"a file of stage {stage.name} is not in the scratch folder of its item")
    outcome.detail.encode()
    return Outcome(outcome.kind, outcome.reason, tables, outcome.used, tuple(outcome.files), outcome.detail)


def _made_in(scratch: Path | None, path: Path, folders: dict[str, bool]) -> bool:
    """Whether a file, and no link, lies below `scratch`; a container's members lie in few folders, looked at once."""
    folder, _ = os.path.split(path)
    if folder not in folders:
        folders[folder] = scratch is not None and Path(folder).resolve().is_relative_to(scratch.resolve())
    try:
        return folders[folder] and stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
