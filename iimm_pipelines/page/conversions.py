"""What browsers cannot show, made into what they can by a worker, once, while its reader waits: film, sound, office pages.

Here: the stage that workers run for it, the queue, how far it is, and which file in scratch came of it.
Not here: how it is made (formats/playable, formats/office_pages), who may have it (page/file_answers), files that are played as they are
(page/originals).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from iimm_pipelines.accessions.originals import Harmless
from iimm_pipelines.engine.outcome import MadeFile, Outcome, Problem, Reason, produced
from iimm_pipelines.engine.stage import Limits, Source, Stage, Task
from iimm_pipelines.engine.workers import Workers, WorkersUnfit
from iimm_pipelines.formats.office_pages import lay_out
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.formats.playable import make_playable
from iimm_pipelines.holding import Holding
from iimm_pipelines.schema import WHOLE, Column, Table
from iimm_pipelines.storage.ciphertext import VaultUnavailable
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing

MOST_WAITING = 8
"""Beyond, who asks is told to come again: nobody waits for hours behind others."""
_LARGEST = 8 << 30
"""Bytes of an original, which lies decrypted in scratch while it is worked on."""
_TOLD_EVERY = 1.0
_END_SECONDS = 10.0

MADE = Table("made", "A file made to be shown or played", (Column("size", WHOLE, "of the file", "bytes"),))


class Into(StrEnum):
    """What is made."""

    FILM = "film"
    SOUND = "sound"
    PAGES = "pages"
    """A PDF of an office document."""


def apply(_tool: object, task: Task) -> Outcome:
    """Make one file."""
    assert task.file is not None
    assert task.scratch is not None
    into, target = Into(task.hints["into"]), task.scratch / "playable"
    try:
        if into is Into.PAGES:
            target = lay_out(task.file, task.hints["media_type"], task.scratch, STAGE.limits.seconds / 2)
        else:
            make_playable(task.file, target, into is Into.FILM, _told(Path(task.hints["share"])))
    except Unreadable as problem:
        raise Problem(problem.reason) from None
    return produced({"made": [{"size": target.stat().st_size}]}, frozenset(), (MadeFile("made", 0, target),))


def _told(file: Path) -> Callable[[float], None]:
    """Writes down how far it is, in percent, each second; without the file nobody wants it any more."""
    last = 0.0

    def tell(share: float) -> None:
        nonlocal last
        if time.monotonic() - last > _TOLD_EVERY:
            last = time.monotonic()
            if not file.exists():
                raise Problem(Reason.UNAVAILABLE)
            file.write_text(str(int(share * 100)))

    return tell


STAGE = Stage(
    name="page_made",
    version=1,
    tables=(MADE,),
    source=Source.BYTES,
    apply=apply,
    limits=Limits(seconds=120, seconds_per_mb=6, most_seconds=1800, memory=2 << 30, made_bytes=1 << 30),
)
"""No stage of the graph: what it makes is shown and forgotten. Half an hour makes some four hours of film playable. Of memory
Arrow sets 1 GB aside at once, and an encoder needs its own beside that."""


@dataclass(frozen=True, slots=True)
class Making:
    """It is being made: so much of it, or none yet where others are made first."""

    percent: int | None


class Lending(Protocol):
    """Files in the server's scratch folder, which lie there for as long as they are used."""

    def new_file(self) -> Path:
        """A path where nothing is yet."""

    def lend(self, key: bytes, path: Path) -> None:
        """Keep a file under a key."""

    def lent(self, key: bytes) -> Path | None:
        """A file that is there, which is used now."""


@dataclass(slots=True)
class _Work:
    found: Harmless
    into: Into
    media_type: str
    share: Path
    begun: bool = False
    why_not: Reason | None = None

    @property
    def key(self) -> bytes:
        return _key(self.found, self.into)


def _key(found: Harmless, into: Into) -> bytes:
    return found.object + into.encode()


class Conversions:
    """Conversions for one server, one at a time. Nothing starts before the first is asked for."""

    def __init__(self, holding: Holding, scratch: Path, files: Lending) -> None:
        """`scratch`: the server's own folder."""
        self._holding, self._scratch, self._files = holding, scratch, files
        self._lock = threading.Lock()
        self._works: dict[bytes, _Work] = {}
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._open = ExitStack()
        self._workers: Workers | None = None

    def close(self) -> None:
        """Begin nothing more, and end what runs."""
        with self._lock:
            for work in self._works.values():
                work.share.unlink(missing_ok=True)
            self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(_END_SECONDS)
        self._open.close()

    def made(self, found: Harmless, into: Into, media_type: str) -> Path | Making | Reason:
        """The file made of an item's bytes, how far it is, or why there is none. The first to ask has it begun."""
        key = _key(found, into)
        with self._lock:
            if (made := self._files.lent(key)) is not None:
                return made
            work = self._works.get(key)
            if work is None or work.why_not is Reason.UNAVAILABLE:  # which may be otherwise now
                if found.item.size > _LARGEST:
                    return Reason.LIMIT_REACHED
                if sum(w.why_not is None for w in self._works.values()) >= MOST_WAITING:
                    return Reason.UNAVAILABLE
                work = self._works[key] = _Work(found, into, media_type, self._files.new_file())
                work.share.write_text("0")
                self._waiting.put(work)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._make_all, name="playable", daemon=True)
                    self._thread.start()
            return work.why_not or Making(_percent(work))

    def _make_all(self) -> None:
        while (work := self._waiting.get()) is not None:
            if work.share.exists():
                work.begun = True
                try:
                    why_not = self._make(work)
                except Exception:  # noqa: BLE001 - who asks again is told; the thread goes on
                    why_not = Reason.BUG
                work.share.unlink(missing_ok=True)
                with self._lock:
                    work.why_not = why_not
                    if why_not is None:
                        del self._works[work.key]

    def _make(self, work: _Work) -> Reason | None:
        file, target = self._files.new_file(), self._files.new_file()
        try:
            self._holding.vault.copy_to(work.found.object, file)
            why_not = self._by_worker(work, file, target)
        except (ObjectDamaged, ObjectMissing):
            return Reason.DAMAGED
        except (VaultUnavailable, WorkersUnfit):
            return Reason.UNAVAILABLE
        finally:
            file.unlink(missing_ok=True)
        if why_not is None:
            self._files.lend(work.key, target)
        return why_not

    def _by_worker(self, work: _Work, file: Path, target: Path) -> Reason | None:
        if self._workers is None:
            memory = self._holding.settings.worker_memory
            workers = Workers(STAGE, processes=1, models=self._holding.models, scratch=self._scratch, memory=memory)
            self._workers = self._open.enter_context(workers)
        item, why_not = work.found.item, Reason.BUG
        hints = {"into": str(work.into), "media_type": work.media_type, "share": str(work.share)}
        task = Task(item.number, item.place, work.found.object, item.size, hints=hints)

        def staged(_: Task, place: Path) -> None:
            file.rename(place)

        for _, done in self._workers.run([task], staged):  # to its end, which cleans up
            if done.outcome.reason is not None:
                why_not = done.outcome.reason
            else:
                (made,) = done.outcome.files
                made.path.rename(target)
        return None if target.exists() else why_not


def _percent(work: _Work) -> int | None:
    if not work.begun:
        return None
    try:
        return int(work.share.read_text() or 0)
    except (FileNotFoundError, ValueError):
        return 0
