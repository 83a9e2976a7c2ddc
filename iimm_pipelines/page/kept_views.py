"""Small views that were made before, as files in the server's scratch folder, up to so many bytes.

Here: keeping them, finding them again, and taking out those that were used longest ago.
Not here: making them (page/originals), who may have one (page/file_answers).

A gallery shows dozens at once, and many people the same: drawn anew each time they would keep the workers busy. Scratch
lies on memory or an encrypted volume, and goes with the server.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 256 << 20
"""Some 30,000 small pictures."""


@dataclass(frozen=True, slots=True)
class View:
    """What a worker made. Width and height are 0 for what is no picture."""

    data: bytes
    pages: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    size: int
    pages: int
    width: int
    height: int


class KeptViews:
    """Views in a folder of scratch."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        """There are none yet."""
        self._folder = folder
        self._most = most_bytes
        self._size = 0
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, key: Hashable) -> View | None:
        """A view that was kept and is there."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
            try:
                data = kept.path.read_bytes()
            except FileNotFoundError:
                self._forget(key)
                return None
        return View(data, kept.pages, kept.width, kept.height)

    def keep(self, key: Hashable, view: View) -> None:
        """Keep a view; what was used longest ago makes room."""
        path = self._folder / f"view-{secrets.token_hex(8)}"
        path.write_bytes(view.data)
        with self._lock:
            if key in self._kept:
                self._forget(key)
            self._kept[key] = _Kept(path, len(view.data), view.pages, view.width, view.height)
            self._size += len(view.data)
            while self._size > self._most:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: Hashable) -> None:
        gone = self._kept.pop(key)
        self._size -= gone.size
        gone.path.unlink(missing_ok=True)
