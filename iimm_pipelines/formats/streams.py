"""Single compressed files that libarchive does not know: zlib, Brotli, framed Snappy.

Here: the one file in each, and whether its stream came to its end.
Not here: gzip, bzip2, xz and the like (archive); how the wire compresses pages (web_archive).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation
from iimm_pipelines.formats.scratch import LimitReached, Scratch

ZLIB, SNAPPY = "application/zlib", "application/x-snappy-framed"

_BLOCK = 1 << 20
_ENDINGS = (b".zlib", b".br", b".sz", b".z")


class _Ended(Exception):
    """A stream ends early, or breaks its rules."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read(path: Path, media_type: str, name_hint: bytes, scratch: Path, limits: Limits) -> Parsed:
    """Read the one file in a zlib or Snappy stream."""
    return _read(path, _zlib if media_type == ZLIB else _snappy, name_hint, scratch, limits)


def read_brotli(path: Path, name_hint: bytes, scratch: Path, limits: Limits) -> Parsed | None:
    """Read the one file in a Brotli stream; `None` if it is none: nothing marks such a stream but its name."""
    found = _read(path, _brotli, name_hint, scratch, limits)
    return None if found.problem is Reason.DAMAGED else found


def _read(path: Path, decode: Callable[[BinaryIO], Iterator[bytes]], name_hint: bytes, scratch: Path,
          limits: Limits) -> Parsed:  # fmt: skip
    name = name_hint.rsplit(b"/", 1)[-1]
    name = next((name[: -len(e)] for e in _ENDINGS if name.lower().endswith(e)), name) or b"data"
    used = frozenset({"stream"})
    folder = Scratch(scratch, limits, path.stat().st_size)
    try:
        with path.open("rb") as file:
            written = folder.add(decode(file))
    except LimitReached:
        member = Member(name, Relation.MEMBER, None, 0, problem=Reason.LIMIT_REACHED)
        return Parsed(FileKind.CONTAINER, used, members=(member,), expected_members=1, problem=member.problem)
    except _Ended as ended:
        return Parsed(FileKind.CONTAINER, used, expected_members=1, problem=ended.reason)
    member = Member(name, Relation.MEMBER, written.path, written.size)
    return Parsed(FileKind.CONTAINER, used, members=(member,), expected_members=1)


def _zlib(file: BinaryIO) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    try:
        for block in iter(lambda: file.read(_BLOCK), b""):
            rest = block
            while rest and not stream.eof:
                yield stream.decompress(rest, _BLOCK)
                rest = stream.unconsumed_tail
        yield stream.flush()
    except zlib.error:
        raise _Ended(Reason.DAMAGED) from None
    if not stream.eof:
        raise _Ended(Reason.TRUNCATED)


def _brotli(file: BinaryIO) -> Iterator[bytes]:
    import brotli

    stream = brotli.Decompressor()
    try:
        for block in iter(lambda: file.read(_BLOCK), b""):
            yield stream.process(block, output_buffer_limit=_BLOCK)
            while not stream.can_accept_more_data():
                yield stream.process(b"", output_buffer_limit=_BLOCK)
    except brotli.error:
        raise _Ended(Reason.DAMAGED) from None
    if not stream.is_finished():
        raise _Ended(Reason.TRUNCATED)


def _snappy(file: BinaryIO) -> Iterator[bytes]:
    """Chunk by chunk, as the framing format of Snappy has them: none holds more than 64 KiB."""
    import cramjam

    while head := file.read(4):
        size = int.from_bytes(head[1:], "little")
        data = file.read(size)
        if len(head) < 4 or len(data) < size:
            raise _Ended(Reason.TRUNCATED)
        try:
            if head[0] == 0x00:
                yield bytes(cramjam.snappy.decompress_raw(data[4:]))
            elif head[0] == 0x01:
                yield data[4:]
            elif head[0] < 0x80:  # a chunk that a reader must know
                raise _Ended(Reason.UNSUPPORTED)
        except cramjam.DecompressionError:
            raise _Ended(Reason.DAMAGED) from None
