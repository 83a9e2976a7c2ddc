"""Who has looked at an item before, as the log of access says: how many colleagues, and when last.

Here: an index over the log's lines, read once and then only what was added.
Not here: the log and whether its chain holds (people/access_log). No name leaves this module.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import orjson

from iimm_pipelines.people.access_log import What

_LOOKING = frozenset({What.OPENED, What.LOOKED_AT, What.PLAYED})


@dataclass(frozen=True, slots=True)
class Opened:
    """How many others opened an item, and when the last of them did."""

    colleagues: int
    last: datetime


class Openings:
    """Openings by item, for one server. The first question reads the whole log."""

    def __init__(self, folder: Path) -> None:
        """Of the log in this folder."""
        self._folder = folder
        self._lock = threading.Lock()
        self._read: dict[str, int] = {}
        self._last: dict[str, dict[str, int]] = {}

    def by_others(self, number: str, who: str) -> Opened | None:
        """Openings of an item by others than `who`; none where there were none."""
        with self._lock:
            self._read_on()
            others = {name: at for name, at in self._last.get(number, {}).items() if name != who}
        if not others:
            return None
        return Opened(len(others), datetime.fromtimestamp(max(others.values()) / 1000, UTC))

    def _read_on(self) -> None:
        for file in sorted(self._folder.glob("*.jsonl")):
            begin = self._read.get(file.name, 0)
            if file.stat().st_size <= begin:
                continue
            with file.open("rb") as log:
                log.seek(begin)
                for line in log:
                    if not line.endswith(b"\n"):
                        break  # a writer is at it
                    begin += len(line)
                    self._take(line)
            self._read[file.name] = begin

    def _take(self, line: bytes) -> None:
        try:
            said = orjson.loads(line)
            who, what, subject, at = said["who"], said["what"], said.get("subject"), said["at"]
        except (ValueError, KeyError, TypeError):
            return
        if what in _LOOKING and subject:
            seen = self._last.setdefault(subject, {})
            seen[who] = max(at, seen.get(who, 0))
