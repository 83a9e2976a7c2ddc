"""ZIPs in several pieces (`.z01` … `.zip`): the joined pieces with a directory as a ZIP in one piece has it.

Here: where each member lies when the pieces stand one behind the other (APPNOTE 4.4.16, 4.4.19 and 4.5.3), as a file
that is read through, so that no piece is written again.
Not here: the joining (engine/sets), reading members (zipped). A ZIP cut by a program that knows nothing of ZIPs is
whole once it is joined.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

_END, _END64, _LOCATOR, _ENTRY = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x01\x02"
_END_LENGTH, _END64_LENGTH, _LOCATOR_LENGTH, _ENTRY_LENGTH = 22, 56, 20, 46
_LONGEST_COMMENT = 0xFFFF
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_ZIP64 = 0x0001
_LARGEST_DIRECTORY = 512 << 20
"""Bytes of a directory that is held in memory: a million members with long names."""


class PiecesLacking(Exception):
    """The directory speaks of more pieces than there are."""


class Whole(io.RawIOBase):
    """The joined pieces up to their directory, and behind them the directory that fits."""

    def __init__(self, path: Path, sizes: Sequence[int]) -> None:
        """The file in which pieces of these sizes stand one behind the other.

        Raises:
            BadZipFile: its directory breaks the rules.
            PiecesLacking: it speaks of more pieces than there are.
        """
        self._file = path.open("rb")
        try:
            self._cut, self._tail = _with_new_directory(self._file, sizes)
        except BaseException as error:
            self._file.close()
            if isinstance(error, struct.error):
                raise BadZipFile from None
            raise
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place.

        Raises:
            ValueError: it lies before the beginning.
        """
        at = offset + (0, self._at, self._cut + len(self._tail))[whence]
        if at < 0:
            raise ValueError("a place before the beginning")
        self._at = at
        return at

    def tell(self) -> int:
        """Where it is."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Bytes of the pieces, then of the directory."""
        view = memoryview(buffer).cast("B")
        if self._at < self._cut:
            self._file.seek(self._at)
            data = self._file.read(min(len(view), self._cut - self._at))
        else:
            begin = self._at - self._cut
            data = self._tail[begin : begin + len(view)]
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            self._file.close()
        super().close()


def _with_new_directory(file: io.BufferedReader, sizes: Sequence[int]) -> tuple[int, bytes]:
    """Where the old directory begins, and what stands there instead."""
    starts = [0, *accumulate(sizes)][:-1]
    length = sum(sizes)
    tail_at = max(0, length - _END_LENGTH - _LONGEST_COMMENT - _LOCATOR_LENGTH)
    file.seek(tail_at)
    tail = file.read()
    end = tail.rfind(_END)
    if end < 0:
        raise BadZipFile
    last, disk, _, entries, size, offset, comment = struct.unpack_from("<HHHHIIH", tail, end + 4)
    if tail[max(0, end - _LOCATOR_LENGTH) : end].startswith(_LOCATOR):
        end64_disk, end64_offset, pieces = struct.unpack_from("<IQI", tail, end - _LOCATOR_LENGTH + 4)
        file.seek(_absolute(starts, end64_disk, end64_offset))
        end64 = file.read(_END64_LENGTH)
        if not end64.startswith(_END64):
            raise BadZipFile
        disk, _, entries, size, offset = struct.unpack_from("<IQQQQ", end64, 20)
        last = pieces - 1
    if last + 1 > len(sizes):
        raise PiecesLacking
    at = _absolute(starts, disk, offset)
    if last + 1 < len(sizes) or at + size > length or size > _LARGEST_DIRECTORY:
        raise BadZipFile
    file.seek(at)
    directory = b"".join(_entries(file.read(size), starts))
    return at, directory + _ends(at, len(directory), entries, tail[end + _END_LENGTH : end + _END_LENGTH + comment])


def _absolute(starts: Sequence[int], disk: int, offset: int) -> int:
    if disk >= len(starts):
        raise PiecesLacking
    return starts[disk] + offset


def _entries(directory: bytes, starts: Sequence[int]) -> Iterator[bytes]:
    """Each entry, its member's place counted from the first piece's beginning."""
    at = 0
    while at < len(directory):
        header = bytearray(directory[at : at + _ENTRY_LENGTH])
        if not header.startswith(_ENTRY):
            raise BadZipFile
        packed, full, name, extra, comment, disk = struct.unpack_from("<IIHHHH", header, 20)
        (offset,) = struct.unpack_from("<I", header, 42)
        name_at = at + _ENTRY_LENGTH
        extra_at = name_at + name
        comment_at = extra_at + extra
        field, others = _zip64(directory[extra_at:comment_at])
        sizes = 8 * (full == _FULL32) + 8 * (packed == _FULL32)
        kept, rest = field[:sizes], field[sizes:]
        if offset == _FULL32:
            (offset,) = struct.unpack_from("<Q", rest)
            rest = rest[8:]
        if disk == _FULL16:
            (disk,) = struct.unpack_from("<I", rest)
        offset = _absolute(starts, disk, offset)
        if offset >= _FULL32:
            kept += struct.pack("<Q", offset)
        if kept:
            others = struct.pack("<HH", _ZIP64, len(kept)) + kept + others
        struct.pack_into("<H", header, 30, len(others))
        struct.pack_into("<H", header, 34, 0)
        struct.pack_into("<I", header, 42, min(offset, _FULL32))
        at = comment_at + comment
        yield bytes(header) + directory[name_at:extra_at] + others + directory[comment_at:at]


def _zip64(extra: bytes) -> tuple[bytes, bytes]:
    """The field of large numbers, and the others as they are."""
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        if tag == _ZIP64:
            return extra[at + 4 : at + 4 + size], extra[:at] + extra[at + 4 + size :]
        at += 4 + size
    return b"", extra


def _ends(at: int, size: int, entries: int, comment: bytes) -> bytes:
    """What stands behind a directory."""
    large = entries >= _FULL16 or at >= _FULL32 or size >= _FULL32
    ends = b""
    if large:
        ends = struct.pack("<4sQHHIIQQQQ", _END64, _END64_LENGTH - 12, 45, 45, 0, 0, entries, entries, size, at)
        ends += struct.pack("<4sIQI", _LOCATOR, 0, at + size, 1)
    return ends + struct.pack("<4sHHHHIIH", _END, 0, 0, min(entries, _FULL16), min(entries, _FULL16),
                              min(size, _FULL32), min(at, _FULL32), len(comment)) + comment  # fmt: skip
