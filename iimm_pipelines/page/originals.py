"""Originals as the page shows and gives them: views made by workers, sound and film to play, files to take away.

Here: the workers that draw, what they made a short while ago, and decrypted files in scratch for as long as they are
used.
Not here: what a view is (page/views), who may have it (page/file_answers), what is never given out
(accessions/originals).
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections import OrderedDict
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from iimm_pipelines.accessions.numbers import accession_of
from iimm_pipelines.accessions.originals import Harmless
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.engine.stage import Task
from iimm_pipelines.engine.workers import Workers, WorkersUnfit
from iimm_pipelines.formats.office_pages import ENDINGS
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.conversions import Conversions, Into, Making
from iimm_pipelines.page.kept_views import KeptViews, View
from iimm_pipelines.page.views import STAGE, Form, Wanted
from iimm_pipelines.storage.ciphertext import VaultUnavailable
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing

_DRAWERS = 2
"""Views made at once; each is a process of some 100 MB."""
_WAIT_SECONDS = 30.0
_REMEMBERED_BYTES = 64 << 20
_MOST_DRAWN = 512 << 20
"""Bytes of an original that is drawn: it is decrypted as a whole for each page."""
_IDLE_SECONDS = 900.0
_MOST_LENT = 8 << 30
"""Bytes of sound and film that lie decrypted in scratch; beyond, what was used longest ago goes."""


class NoView(Exception):
    """There is no view, for one of the closed reasons."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__(reason.value)
        self.reason = reason


_Key = tuple[str, bytes, Wanted]
_SMALL = frozenset({Form.SMALL, Form.VEILED})
"""What galleries show, which would push all else out of memory."""


@dataclass(slots=True)
class _Lent:
    path: Path
    size: int
    used: float


class Originals:
    """Originals for one server. Nothing starts, and nothing is written, before the first is asked for."""

    def __init__(self, holding: Holding) -> None:
        """Of this holding."""
        self._holding = holding
        self._open = ExitStack()
        self._lock = threading.Lock()
        self._made: OrderedDict[_Key, View | Reason] = OrderedDict()
        self._lent: dict[bytes, _Lent] = {}
        self._copying = threading.Lock()
        self._timer: threading.Timer | None = None
        self._scratch: Path | None = None
        self._kept: KeptViews | None = None
        self._conversions: Conversions | None = None
        self._drawers: SimpleQueue[Workers] = SimpleQueue()

    def close(self) -> None:
        """End the workers, and remove what lies decrypted in scratch."""
        self._open.close()

    def view(self, found: Harmless, wanted: Wanted) -> View:
        """A view of an item's bytes, from memory where it was made a short while ago.

        Raises:
            NoView: there is none.
        """
        # passwords are of an accession: what one opened is not shown as another's
        key = (accession_of(found.item.number), found.object, wanted)
        made = self._remembered(key)
        if made is None:
            made = self._drawn(found, wanted)
            if made is not Reason.UNAVAILABLE:
                self._remember(key, made)
        if isinstance(made, Reason):
            raise NoView(made)
        return made

    def _remembered(self, key: _Key) -> View | Reason | None:
        with self._lock:
            made = self._made.get(key)
            if made is not None:
                self._made.move_to_end(key)
                return made
        return self._kept.find(key) if self._kept else None

    def playable(self, found: Harmless) -> Path:
        """An item's bytes as a file in scratch, for somebody who plays it; gone a while after the last use.

        Raises:
            ObjectDamaged, ObjectMissing: the vault's copy is not whole.
        """
        with self._copying:  # two who begin a film at once wait for one copy
            lent = self._lent.get(found.object)
            if lent is None:
                path = self.new_file()
                self._holding.vault.copy_to(found.object, path)
                lent = _Lent(path, found.item.size, 0.0)
                self._lent[found.object] = lent
            lent.used = time.monotonic()
            self._sweep()
            return lent.path

    def made(self, found: Harmless, into: Into, media_type: str) -> Path | Making | Reason:
        """What is made of an item's bytes for those who look or listen, how far that is, or why it cannot be."""
        self._begun()
        assert self._conversions is not None
        return self._conversions.made(found, into, media_type)

    def lend(self, key: bytes, path: Path) -> None:
        """Keep a file in scratch for as long as it is used."""
        with self._copying:
            self._lent[key] = _Lent(path, path.stat().st_size, time.monotonic())
            self._sweep()

    def lent(self, key: bytes) -> Path | None:
        """A file that is kept so, and used now."""
        with self._copying:
            lent = self._lent.get(key)
            if lent is None:
                return None
            lent.used = time.monotonic()
            return lent.path

    def new_file(self) -> Path:
        """A path in scratch where nothing is yet; who uses it removes it."""
        return self._begun()[0] / f"file-{secrets.token_hex(8)}"

    def sweep(self) -> None:
        """Remove what was lent and is not used any more."""
        with self._copying:
            self._sweep()

    def _sweep(self) -> None:
        now, total = time.monotonic(), 0
        for key, lent in sorted(self._lent.items(), key=lambda each: -each[1].used):
            total += lent.size
            if now - lent.used > _IDLE_SECONDS or (total > _MOST_LENT and lent.used < now - 1):
                lent.path.unlink(missing_ok=True)  # who reads it now reads on
                del self._lent[key]
        if self._lent and not (self._timer and self._timer.is_alive()):
            self._timer = threading.Timer(_IDLE_SECONDS / 3, self.sweep)
            self._timer.daemon = True
            self._timer.start()

    def _begun(self) -> tuple[Path, SimpleQueue[Workers]]:
        """The scratch folder and the workers; made once."""
        with self._lock:
            if self._scratch is None:
                settings = self._holding.settings
                name = f"page-{os.getpid()}-{secrets.token_hex(4)}"
                self._scratch = self._open.enter_context(self._holding.scratch(name))
                self._kept = KeptViews(self._scratch)
                self._conversions = self._open.enter_context(closing(Conversions(self._holding, self._scratch, self)))
                for _ in range(min(_DRAWERS, settings.workers)):
                    workers = Workers(STAGE, processes=1, models=self._holding.models, scratch=self._scratch,
                                      memory=settings.worker_memory)  # fmt: skip
                    self._drawers.put(self._open.enter_context(workers))
            return self._scratch, self._drawers

    def _drawn(self, found: Harmless, wanted: Wanted) -> View | Reason:
        if found.item.size > _MOST_DRAWN:
            return Reason.LIMIT_REACHED
        _, drawers = self._begun()
        try:
            drawer = drawers.get(timeout=_WAIT_SECONDS)
        except Empty:
            return Reason.UNAVAILABLE
        file = self.new_file()
        try:
            if wanted.media_type not in ENDINGS:
                self._holding.vault.copy_to(found.object, file)
                return _made_by(drawer, found, wanted, file)
            laid_out = self.made(found, Into.PAGES, wanted.media_type)
            if not isinstance(laid_out, Path):
                return Reason.UNAVAILABLE if isinstance(laid_out, Making) else laid_out
            file.hardlink_to(laid_out)
            return _made_by(drawer, found, replace(wanted, media_type="application/pdf"), file)
        except (ObjectDamaged, ObjectMissing):
            return Reason.DAMAGED
        except (VaultUnavailable, WorkersUnfit):
            return Reason.UNAVAILABLE
        finally:
            file.unlink(missing_ok=True)
            drawers.put(drawer)

    def _remember(self, key: _Key, made: View | Reason) -> None:
        if isinstance(made, View) and key[2].form in _SMALL and self._kept:
            self._kept.keep(key, made)
            return
        with self._lock:
            self._made[key] = made
            size = sum(len(v.data) for v in self._made.values() if isinstance(v, View))
            while size > _REMEMBERED_BYTES or len(self._made) > 10_000:
                _, gone = self._made.popitem(last=False)
                size -= len(gone.data) if isinstance(gone, View) else 0


def _made_by(drawer: Workers, found: Harmless, wanted: Wanted, file: Path) -> View | Reason:
    task = Task(found.item.number, found.item.place, found.object, found.item.size, hints=wanted.hints)
    made: View | Reason = Reason.BUG

    def staged(_: Task, place: Path) -> None:
        file.rename(place)

    for _, done in drawer.run([task], staged):  # to its end, which cleans up
        outcome = done.outcome
        if outcome.reason is not None:
            made = outcome.reason
        else:
            (row,), (view,) = outcome.tables["views"], outcome.files
            made = View(view.path.read_bytes(), row["pages"], row.get("width") or 0, row.get("height") or 0)
    return made
