"""ZIP: every entry of the directory as a member, under its raw name.

Here: names as stored, overlaps, encryption, times, by the standard library; libarchive for what that cannot unpack.
Not here: where members lie in a ZIP of several pieces (spanned_zip); files that are ZIPs under another name, such as
DOCX (tika); other archives (archive).
"""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from lzma import LZMAError
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import archive, names
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, clean, never_made, worst
from iimm_pipelines.formats.scratch import LimitReached, MemberTooLarge, Scratch, Written
from iimm_pipelines.formats.spanned_zip import PiecesLacking, Whole

_BLOCK = 1 << 20
_ENCRYPTED_BIT, _UTF8_BIT = 0x1, 0x800
_DEFLATE64 = 9
_AES = 99
_BY_STANDARD_LIBRARY = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA})
_LOCAL_HEADER = 30
_UNIX = 3
_UNICODE_PATH = 0x7075
_MEMBER = b"PK\x03\x04"
_GAP = 1 << 20
_DESCRIPTOR = 24
"""Bytes of sizes and checksum that may follow a member."""
_LONGEST_TARGET = 4096
"""Bytes of a path that a link may lead to (PATH_MAX)."""
_FILETIME_EPOCH = 116_444_736_000_000_000  # 1970 in units of 100 ns since 1601

_FOLDERS, _LINKS = "folders", "links"
OVERLAPPING = "places that several entries share"

BROKEN = (
    zipfile.BadZipFile, zlib.error, LZMAError, struct.error, EOFError, NotImplementedError, ValueError, OverflowError,
)  # fmt: skip
"""What the standard library raises on a ZIP that breaks the rules."""


def read(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits, sizes: Sequence[int] = ()) -> Parsed:
    """Read a ZIP; `sizes`: of the pieces that were joined, where it was in several."""
    folder = Scratch(scratch, limits, path.stat().st_size)
    try:
        with _opened(path, sizes) as opened:
            return _parsed(path, opened, folder, passwords, limits)
    except PiecesLacking:
        return Parsed(FileKind.CONTAINER, frozenset({"zip"}), problem=Reason.TRUNCATED)
    except BROKEN:
        return _without_directory(path, folder, passwords, limits)
    except OSError as error:
        if error.errno != errno.EINVAL:  # the directory points before the file's beginning
            raise
        return _without_directory(path, folder, passwords, limits)


@contextmanager
def _opened(path: Path, sizes: Sequence[int]) -> Iterator[zipfile.ZipFile]:
    if not sizes:
        with zipfile.ZipFile(path) as opened:
            yield opened
        return
    with io.BufferedReader(Whole(path, sizes), _BLOCK) as whole, zipfile.ZipFile(whole) as opened:
        yield opened


def raw_name(info: zipfile.ZipInfo) -> bytes:
    """The name as it stands in the file: code page 437 is how Python shows bytes of an unknown encoding."""
    return info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8_BIT else "cp437", errors="surrogateescape")


def _parsed(path: Path, opened: zipfile.ZipFile, folder: Scratch, passwords: Sequence[str], limits: Limits) -> Parsed:
    entries = opened.infolist()
    overlapping = _overlapping(entries)
    page = names.code_page(raw_name(info) for info in entries if not info.flag_bits & _UTF8_BIT)
    others: Counter[str] = Counter()
    members: list[Member] = []
    by_libarchive: list[int] = []
    full = False
    for info in entries:
        kind = _no_file(info)
        if kind:
            others[kind] += 1
        if kind == _FOLDERS:
            continue
        if len(members) >= limits.max_members:
            full = True
            break
        member = Member(raw_name(info), Relation.MEMBER, None, info.file_size, *_modified(info), metadata=_said(info),
                        name=_name(info, page))  # fmt: skip
        if kind:
            member = never_made(member, kind.removesuffix("s"), _target(opened, info) if kind == _LINKS else None)
        elif info.header_offset in overlapping:
            member = replace(member, problem=Reason.DAMAGED)
        elif full:
            member = replace(member, problem=Reason.LIMIT_REACHED)
        elif info.compress_type not in _BY_STANDARD_LIBRARY | {_DEFLATE64}:
            by_libarchive.append(len(members))
            encrypted = bool(info.flag_bits & _ENCRYPTED_BIT)
            member = replace(member, problem=Reason.ENCRYPTED if encrypted else Reason.UNSUPPORTED)
        else:
            try:
                written = _extracted(opened, info, folder, passwords)
            except LimitReached as reached:
                full = not isinstance(reached, MemberTooLarge)
                member = replace(member, problem=Reason.LIMIT_REACHED)
            else:
                if isinstance(written, Reason):
                    member = replace(member, problem=written)
                else:
                    member = replace(member, file=written.path, size=written.size)
        members.append(member)
    if overlapping:
        others[OVERLAPPING] = len(overlapping)
    used = {"zip"}
    if by_libarchive and not full:
        used.add("archive")
        members, full = _filled_by_libarchive(path, members, by_libarchive, folder, passwords)
    return Parsed(
        FileKind.CONTAINER,
        frozenset(used),
        metadata=(*_metadata(opened, others), *_unnamed(opened, entries), *([(names.METADATA, page)] if page else [])),
        members=tuple(members),
        expected_members=sum(_no_file(info) is None for info in entries),
        problem=Reason.LIMIT_REACHED if full else worst(members),
    )


def _extracted(opened: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Scratch,
               passwords: Sequence[str]) -> Written | Reason:  # fmt: skip
    if info.compress_type == _DEFLATE64:
        if info.flag_bits & _ENCRYPTED_BIT:
            return Reason.UNSUPPORTED
        try:
            return folder.add(_deflate64(opened, info))
        except BROKEN:
            return Reason.DAMAGED
    if not info.flag_bits & _ENCRYPTED_BIT:
        return _with_password(opened, info, folder, None) or Reason.DAMAGED
    for password in passwords:
        # One wrong password in 256 passes the header's check byte and fails on the checksum only.
        written = _with_password(opened, info, folder, password.encode("utf-8"))
        if written:
            return written
    return Reason.ENCRYPTED


def _with_password(opened: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Scratch,
                   password: bytes | None) -> Written | None:  # fmt: skip
    try:
        with opened.open(info, pwd=password) as data:
            return folder.add(iter(lambda: data.read(_BLOCK), b""))
    except BROKEN:
        return None
    except RuntimeError:  # how the standard library says "bad password"
        return None
    except OSError as error:
        if error.errno not in (errno.EINVAL, None):
            raise
        return None


def _deflate64(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member in the compression that Windows uses beyond 2 GB, checked against its checksum."""
    from inflate64 import Inflater

    file = opened.fp
    assert file
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)
    left, found, inflater = info.compress_size, 0, Inflater()
    while left > 0:
        block = file.read(min(_BLOCK, left))
        if not block:
            raise zipfile.BadZipFile
        left -= len(block)
        data = inflater.inflate(block)
        found = zlib.crc32(data, found)
        yield data
    if found != info.CRC:
        raise zipfile.BadZipFile


def _overlapping(entries: Sequence[zipfile.ZipInfo]) -> frozenset[int]:
    """Offsets of entries that share bytes with another: how a small file becomes petabytes."""
    spans = sorted((info.header_offset, info.header_offset + _LOCAL_HEADER + info.compress_size) for info in entries)
    found: set[int] = set()
    furthest, owner = -1, -1
    for start, end in spans:
        if start < furthest:
            found |= {owner, start}
        if end > furthest:
            furthest, owner = end, start
    return frozenset(found)


def _no_file(info: zipfile.ZipInfo) -> str | None:
    if info.filename.endswith("/"):  # not `is_dir`, which fails on a name of no bytes
        return _FOLDERS
    mode = info.external_attr >> 16 if info.create_system == _UNIX else 0
    if stat.S_IFMT(mode) in (0, stat.S_IFREG):
        return None
    return _LINKS if stat.S_ISLNK(mode) else _FOLDERS if stat.S_ISDIR(mode) else "devices"


def _target(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """Where a link leads: its bytes, if they can be read at once."""
    try:
        with opened.open(info) as data:
            return data.read(_LONGEST_TARGET)
    except (*BROKEN, RuntimeError, OSError):
        return None


def _modified(info: zipfile.ZipInfo) -> tuple[int | None, str | None]:
    for tag, body in _extra_fields(info.extra):
        if tag == 0x5455 and len(body) >= 5 and body[0] & 1:
            return struct.unpack_from("<i", body, 1)[0] * 1000, None
        if tag == 0x000A and len(body) >= 16:
            return (struct.unpack_from("<Q", body, 8)[0] - _FILETIME_EPOCH) // 10_000, None
    try:
        return None, datetime(*info.date_time).isoformat()  # noqa: DTZ001 - the offset is not in the file
    except ValueError:
        return None, None


def _name(info: zipfile.ZipInfo, page: str | None) -> str | None:
    """The name as text, where its own bytes do not say it: as the archive's writer states it, else in the code page."""
    raw = raw_name(info)
    if info.flag_bits & _UTF8_BIT:
        return None
    for tag, body in _extra_fields(info.extra):
        if tag == _UNICODE_PATH and len(body) > 5 and body[:5] == b"\x01" + struct.pack("<I", zlib.crc32(raw)):
            return clean(body[5:].decode("utf-8", errors="replace"))
    return names.in_code_page(raw, page)


def _said(info: zipfile.ZipInfo) -> tuple[tuple[str, str], ...]:
    """What stands beside a name: the same in UTF-8, and a comment."""
    said = []
    for tag, body in _extra_fields(info.extra):
        if tag == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            said.append(("name in utf-8", body[5:].decode("utf-8", errors="replace")))
    if info.comment:
        said.append(("comment", info.comment.decode("utf-8", errors="replace")))
    return tuple(said)


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        tag, size = struct.unpack_from("<HH", extra)
        yield tag, extra[4 : 4 + size]
        extra = extra[4 + size :]


def _metadata(opened: zipfile.ZipFile, others: Counter[str]) -> tuple[tuple[str, str], ...]:
    found = [(name, str(count)) for name, count in sorted(others.items())]
    if opened.comment:
        found.append(("comment", opened.comment.decode("utf-8", errors="replace")))
    return tuple(found)


def _unnamed(opened: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> Iterator[tuple[str, str]]:
    """Stretches that no entry of the directory covers and in which a member begins: deleted, or hidden."""
    file = opened.fp
    assert file
    count = end = 0
    for info in [*sorted(entries, key=lambda info: info.header_offset), None]:
        start = info.header_offset if info else opened.start_dir
        if start - end > _DESCRIPTOR:
            file.seek(end)
            count += _MEMBER in file.read(min(start - end, _GAP))
        if info and start + _LOCAL_HEADER + info.compress_size > end:
            file.seek(start + 26)
            lengths = struct.unpack("<HH", file.read(4).ljust(4, b"\0"))
            end = start + _LOCAL_HEADER + sum(lengths) + info.compress_size
    if count:
        yield "stretches with members that the directory does not name", str(count)


def _filled_by_libarchive(path: Path, members: list[Member], missing: Sequence[int], folder: Scratch,
                          passwords: Sequence[str]) -> tuple[list[Member], bool]:  # fmt: skip
    """Fill in members that only libarchive can unpack: AES, PPMd, xz. Those that no password opens stay as they are."""
    filled = list(members)
    for password in (None, *passwords):
        # libarchive makes slashes of backslashes; of entries with one name it gives the first first.
        wanted: dict[bytes, list[int]] = {}
        for place in missing:
            if filled[place].file is None:
                wanted.setdefault(filled[place].path.replace(b"\\", b"/"), []).append(place)
        if not wanted:
            break
        try:
            for found in archive.extracted(path, folder, password, lambda name: name in wanted):  # noqa: B023
                places = wanted.get(found.path, [])
                if places and found.file is not None:
                    place = places.pop(0)
                    filled[place] = replace(filled[place], file=found.file, size=found.size, problem=None)
        except LimitReached:
            return filled, True
        except archive.Broken:
            continue
    return filled, False


def _without_directory(path: Path, folder: Scratch, passwords: Sequence[str], limits: Limits) -> Parsed:
    """What libarchive finds by going through a ZIP whose directory is damaged or cut off."""
    found = archive.read_into(path, folder, passwords, limits)
    problem = Reason.DAMAGED if _has_end(path) else Reason.TRUNCATED
    return replace(found, used=frozenset({"zip", "archive"}), problem=problem)


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (1 << 16) - 22))
        return b"PK\x05\x06" in file.read()
