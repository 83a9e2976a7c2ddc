"""Where members' bytes are written, and the limits that end a bomb.

Here: sequential names in the scratch folder, sums of bytes and members.
Not here: what a member is called in its container (each reader), quotas of the folder itself (engine).
"""

from __future__ import annotations

import errno
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.engine.outcome import Problem, Reason
from iimm_pipelines.formats.parsed import Limits

_FREE_OF_RATIO = 16 << 20
"""Bytes that any file may yield: a kilobyte of zeros zipped well is no bomb."""


_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class LimitReached(Exception):
    """A file yields more members or bytes than allowed."""


class MemberTooLarge(LimitReached):
    """One member is larger than allowed; those beside it may be read."""


@dataclass(frozen=True, slots=True)
class Written:
    """A member's bytes in the scratch folder."""

    path: Path
    size: int


class Scratch:
    """A folder that takes members under sequential names, never under their own."""

    def __init__(self, folder: Path, limits: Limits, packed: int) -> None:
        """Start counting for one file of `packed` bytes."""
        self._folder = folder
        self._most_members = limits.max_members
        self._most_of_one = limits.max_member_bytes
        self._most_bytes = min(limits.max_bytes, max(packed * limits.max_ratio, _FREE_OF_RATIO))
        self._until = limits.until
        self._members = 0
        self._bytes = 0

    def add(self, blocks: Iterable[bytes | memoryview]) -> Written:
        """Write one member.

        Raises:
            LimitReached: with this member the file yields too much, or takes too long; nothing of the member stays.
            MemberTooLarge: this member alone is too large; nothing of it stays.
            Problem: the disk is full, which is no fault of the file.
        """
        if self._members >= self._most_members or time.monotonic() > self._until:
            raise LimitReached
        self._members += 1
        path = self._folder / f"{self._members:06d}"
        size = 0
        done = False
        try:
            with path.open("xb") as file:
                for block in blocks:
                    size += len(block)
                    self._bytes += len(block)
                    if self._bytes > self._most_bytes or time.monotonic() > self._until:
                        raise LimitReached
                    if size > self._most_of_one:
                        raise MemberTooLarge
                    file.write(block)
            done = True
        except OSError as error:
            if error.errno in _DISK_FULL:
                raise Problem(Reason.UNAVAILABLE) from None
            if error.errno == errno.EFBIG:
                raise MemberTooLarge from None
            raise
        finally:
            if not done:
                path.unlink(missing_ok=True)
                self._bytes -= size
        return Written(path, size)
