"""Archives other than ZIP, and single compressed files, by libarchive.

Here: 7z, tar, cab, iso, ar, cpio, rar, lha, and gz, bz2, xz, zst, lz4, lzip, Z; which also serves ZIPs that the
standard library cannot unpack.
Not here: ZIP directories (zipped), web archives, disk images of whole computers.
"""

from __future__ import annotations

import logging
import re
import struct
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import names
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, never_made, worst
from iimm_pipelines.formats.scratch import LimitReached, MemberTooLarge, Scratch

# Named one by one: "all" holds mtree, which sees an archive in any list of words, filters that start programs, and xar,
# whose reader in libarchive 3.6.2 adds zeros to every file but the first.
_FORMATS = ("7zip", "ar", "cab", "cpio", "iso9660", "lha", "rar", "rar5", "tar", "zip")
_FILTERS = ("gzip", "bzip2", "xz", "lzma", "lzip", "zstd", "lz4", "compress", "rpm")
_LOCAL_TIME = (b"ZIP", b"RAR", b"CAB", b"lha")
"""Formats that store local time without its offset; RAR5 alone of its name stores UTC."""
_DISC_DESCRIPTORS, _DISC_SECTORS = 16 * 2048, 32 * 2048
_UDF = re.compile(rb"\0NSR0[23]\x01")
_BLOCK = 1 << 16
_GZIP_MAGIC, _GZIP_EXTRA, _GZIP_NAME = b"\x1f\x8b\x08", 0x04, 0x08
_NAME_ENDINGS = {b".tgz": b".tar", b".tbz2": b".tar", b".txz": b".tar", b".svgz": b".svg"}


class Broken(Exception):
    """libarchive cannot go on. What it gave until then stays."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason; libarchive's own words may hold file names, and end here."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(slots=True)
class _Found:
    """What going through an archive has shown so far."""

    members: list[Member] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    format: str = ""
    problem: Reason | None = None


def read(path: Path, name_hint: bytes, scratch: Path, passwords: Sequence[str], limits: Limits) -> Parsed:
    """Read an archive or a single compressed file."""
    folder = Scratch(scratch, limits, path.stat().st_size)
    found = read_into(path, folder, passwords, limits)
    if found.members or found.problem not in (None, Reason.UNSUPPORTED):
        return found
    # Zeros, compressed, look like an archive of nothing.
    return _single(path, name_hint, folder) or found


def is_udf(path: Path) -> bool:
    """Whether a disc has a file system of UDF, of which the older one beside it may show a part only (ECMA-167, 3/9.1)."""
    with path.open("rb") as file:
        file.seek(_DISC_DESCRIPTORS)
        return bool(_UDF.search(file.read(_DISC_SECTORS)))


def read_into(path: Path, folder: Scratch, passwords: Sequence[str], limits: Limits) -> Parsed:
    """Go through an archive, first without a password, then with each for what is still closed."""
    found = _Found()
    _go_through(path, None, folder, limits, found)
    for password in passwords:
        if worst(found.members) is not Reason.ENCRYPTED and found.problem is not Reason.ENCRYPTED:
            break
        again = _Found(members=found.members)
        _go_through(path, password, folder, limits, again)
        found = again
    metadata = [(name, str(count)) for name, count in sorted(found.others.items())]
    if found.format:
        metadata.append(("archive format", found.format))
    members, page = names.with_names(found.members)
    if page:
        metadata.append((names.METADATA, page))
    return Parsed(
        FileKind.CONTAINER,
        frozenset({"archive"}),
        metadata=tuple(metadata),
        members=members,
        problem=found.problem or worst(found.members),
    )


def extracted(path: Path, folder: Scratch, password: str | None, wanted: Callable[[bytes], bool]) -> Iterator[Member]:
    """Members whose names are wanted, with their bytes where they could be read.

    Raises:
        Broken: libarchive cannot go on.
        LimitReached: the archive yields too much.
    """
    with _opened(path, password) as archive:
        for entry in _entries(archive):
            name = _raw_name(entry)
            if wanted(name) and _no_file(entry) is None:
                yield _extracted(entry, name, folder, None, None)


def _go_through(path: Path, password: str | None, folder: Scratch, limits: Limits, found: _Found) -> None:
    """Fill `found` with members; those that an earlier pass could read are kept as they are."""
    known = found.members
    found.members = []
    entries = 0
    try:
        with _opened(path, password) as archive:
            for entry in _entries(archive):
                found.format = archive.format_name.decode("ascii", errors="replace")
                entries += 1
                if entries > limits.max_members:
                    raise LimitReached
                other = _no_file(entry)
                if other:
                    found.others[other] += 1
                if other == "folders":
                    continue
                place = len(found.members)
                if place < len(known) and known[place].file is not None:
                    found.members.append(known[place])
                    continue
                times = _modified(entry, archive.format_name)
                if other:
                    member = Member(_raw_name(entry), Relation.MEMBER, None, 0, *times)
                    found.members.append(never_made(member, other.removesuffix("s"), entry.linkpath))
                    continue
                found.members.append(_extracted(entry, _raw_name(entry), folder, *times))
    except LimitReached:
        found.problem = Reason.LIMIT_REACHED
    except Broken as broken:
        found.problem = broken.reason
    found.members.extend(known[len(found.members) :])


@contextmanager
def _opened(path: Path, password: str | None, single: bool = False) -> Iterator[Any]:
    from libarchive import ffi
    from libarchive.read import ArchiveRead

    # Its warnings quote names of members.
    logging.getLogger("libarchive").disabled = True
    pointer = ffi.read_new()
    try:
        for name in _FILTERS:
            ffi.get_read_filter_function(name)(pointer)
        for name in ("raw",) if single else _FORMATS:
            ffi.get_read_format_function(name)(pointer)
        if password:
            ffi.read_add_passphrase(pointer, password.encode("utf-8"))
        with _reasons():
            ffi.read_open_filename_w(pointer, str(path), _BLOCK)
        yield ArchiveRead(pointer)
    finally:
        ffi.read_free(pointer)


@contextmanager
def _reasons() -> Iterator[None]:
    from libarchive.exception import ArchiveError

    try:
        yield
    except ArchiveError as error:
        raise Broken(_reason(error.msg)) from None


def _reason(message: str | bytes | None) -> Reason:
    text = message.decode("ascii", errors="replace") if isinstance(message, bytes) else message or ""
    text = text.lower()
    if "unrecognized archive format" in text:
        return Reason.UNSUPPORTED
    if "encrypt" in text or "passphrase" in text or "crypto" in text:
        return Reason.ENCRYPTED
    if "truncated" in text or "premature end" in text:
        return Reason.TRUNCATED
    if "unsupported" in text or "not supported" in text or "support unavailable" in text or "multivolume" in text:
        return Reason.UNSUPPORTED
    return Reason.DAMAGED


def _entries(archive: Any) -> Iterator[Any]:
    entries = iter(archive)
    while True:
        with _reasons():
            entry = next(entries, None)
        if entry is None:
            return
        yield entry


def _extracted(entry: Any, name: bytes, folder: Scratch, modified_ms: int | None, modified_text: str | None) -> Member:
    member = Member(name, Relation.MEMBER, None, entry.size or 0, modified_ms, modified_text)
    try:
        written = folder.add(_blocks(entry))
    except Broken as broken:
        return replace(member, problem=broken.reason)
    except MemberTooLarge:
        return replace(member, problem=Reason.LIMIT_REACHED)
    if entry.size is not None and written.size != entry.size:
        written.path.unlink()
        return replace(member, problem=Reason.DAMAGED)
    return replace(member, file=written.path, size=written.size)


def _blocks(entry: Any) -> Iterator[bytes]:
    with _reasons():
        yield from entry.get_blocks(_BLOCK)


def _raw_name(entry: Any) -> bytes:
    from libarchive import ffi

    # NULL where a name in UTF-16 cannot be said in the locale's encoding; then the wide form can.
    raw = ffi.entry_pathname(entry._entry_p)
    return bytes(raw) if raw else str(entry.pathname or "").encode("utf-8", errors="replace")


def _no_file(entry: Any) -> str | None:
    if entry.isdir:
        return "folders"
    if entry.issym or (entry.islnk and not entry.size):  # of several names of one file, cpio gives the last its bytes
        return "links"
    return "devices" if entry.isdev else None


def _modified(entry: Any, format_name: bytes) -> tuple[int | None, str | None]:
    from libarchive import ffi

    if not ffi.entry_mtime_is_set(entry._entry_p):
        return None, None
    seconds = ffi.entry_mtime(entry._entry_p)
    if not format_name.startswith(_LOCAL_TIME) or format_name.startswith(b"RAR5"):
        return seconds * 1000 + ffi.entry_mtime_nsec(entry._entry_p) // 1_000_000, None
    try:
        # libarchive took what was written for this machine's local time: take it back.
        return None, time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))
    except (OverflowError, ValueError, OSError):
        return None, None


def _single(path: Path, name_hint: bytes, folder: Scratch) -> Parsed | None:
    """The one file in a compressed stream, or `None` if the bytes are no such stream."""
    with path.open("rb") as file:
        head = file.read(4096)
    name, modified_ms = _gzip_header(head)
    name = name or _stem(name_hint) or b"data"
    used = frozenset({"archive"})
    try:
        with _opened(path, None, single=True) as archive:
            for entry in _entries(archive):
                if not archive.filter_names:
                    return None
                member = _extracted(entry, name, folder, modified_ms, None)
                return Parsed(FileKind.CONTAINER, used, members=(member,), expected_members=1, problem=member.problem)
    except LimitReached:
        lost = Member(name, Relation.MEMBER, None, 0, modified_ms, problem=Reason.LIMIT_REACHED)
        return Parsed(FileKind.CONTAINER, used, members=(lost,), expected_members=1, problem=Reason.LIMIT_REACHED)
    except Broken as broken:
        return Parsed(FileKind.CONTAINER, used, expected_members=1, problem=broken.reason)
    return None


def _gzip_header(head: bytes) -> tuple[bytes, int | None]:
    """Name and time in a gzip header (RFC 1952, section 2.3)."""
    if not head.startswith(_GZIP_MAGIC) or len(head) < 10:
        return b"", None
    flags, seconds = head[3], struct.unpack_from("<I", head, 4)[0]
    at = 10
    if flags & _GZIP_EXTRA:
        at += 2 + int.from_bytes(head[at : at + 2], "little")
    name = head[at:].split(b"\0", 1)[0] if flags & _GZIP_NAME else b""
    return name, seconds * 1000 if seconds else None


def _stem(name_hint: bytes) -> bytes:
    base = name_hint.rsplit(b"/", 1)[-1]
    stem, dot, ending = base.rpartition(b".")
    if not dot:
        return base
    return stem + _NAME_ENDINGS.get(b"." + ending.lower(), b"")
