"""What libarchive cannot unpack, by the program 7-Zip where it is installed: encrypted 7z, UDF, WIM, squashfs, DMG.

Here: the program's listing, and its one stream of all members' bytes, cut by that listing: it writes no file itself, so
that names of members name nothing here. A password goes to it through a pipe, never on its command line.
Not here: all that libarchive reads (archive), disks of whole computers (disk).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from iimm_pipelines.engine import isolation
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, never_made, worst
from iimm_pipelines.formats.scratch import LimitReached, MemberTooLarge, Scratch

_USED = frozenset({"seven-zip"})
_PROGRAM = "7zz"
_BLOCK = 1 << 20
_HELD = 1 << 16
"""Bytes of the program's complaints that are read; they may quote names, and end here."""
_UTC = frozenset({"7z", "wim", "Udf", "NTFS"})
"""Formats that store UTC: the program is told that this is the local time."""
_OF_THE_FORMAT = frozenset({"[TOC].xml"})
"""What the program shows of an archive's own structure."""
_TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?")
_LINKS, _DEVICES = "l", "cbps"
_LONGEST_TARGET = 4096


class NotInstalled(Exception):
    """The program 7-Zip is not there."""


@dataclass(slots=True)
class _Entry:
    said: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int | None:
        size = self.said.get("Size", "")
        return int(size) if size.isdecimal() else None

    @property
    def encrypted(self) -> bool:
        return self.said.get("Encrypted") == "+"

    @property
    def other(self) -> str | None:
        """What it is, if no file."""
        if self.said["Path"] in _OF_THE_FORMAT:
            return "listings"
        mode = self.said.get("Mode") or self.said.get("Attributes", "").rpartition(" ")[2]
        if self.said.get("Folder") == "+" or self.said.get("Attributes", "").startswith("D"):
            return "folders"
        if self.said.get("Symbolic Link") or (len(mode) == 10 and mode[0] == _LINKS):
            return "links"
        return "devices" if len(mode) == 10 and mode[0] in _DEVICES else None


def installed() -> bool:
    """Whether the program is there."""
    return shutil.which(_PROGRAM) is not None


def read(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits, form: str = "") -> Parsed:
    """Read an archive, with the first password that opens it; `form` is the program's name of one of several formats.

    Raises:
        NotInstalled: the program is not there.
    """
    if not installed():
        raise NotInstalled
    found = Parsed(FileKind.CONTAINER, _USED, problem=Reason.DAMAGED)
    for number, password in enumerate(("", *passwords)):
        folder = scratch / f"seven-zip-{number}"
        folder.mkdir()
        found = _read(path, Scratch(folder, limits, path.stat().st_size), password, limits, form)
        if found.problem is not Reason.ENCRYPTED:
            break
        if number < len(passwords):
            shutil.rmtree(folder)
    return found


def instead(found: Parsed, path: Path, scratch: Path, passwords: Sequence[str], limits: Limits, *,
            udf: bool) -> Parsed:  # fmt: skip
    """What the program finds where libarchive was at its end, if that is more, or if it knows that a password lacks.

    Of a disc with two file systems, `udf` is preferred at an equal number of files too.
    """
    try:
        again = read(path, scratch, passwords, limits, "udf" if udf else "")
    except NotInstalled:
        return found
    more = _files(again) - _files(found)
    better = udf or again.problem is Reason.ENCRYPTED or len(again.members) > len(found.members)
    return replace(again, used=found.used | again.used) if more > 0 or (more == 0 and better) else found


def _files(found: Parsed) -> int:
    return sum(member.file is not None for member in found.members)


def _read(path: Path, folder: Scratch, password: str, limits: Limits, form: str) -> Parsed:
    wanted = ["-t" + form, str(path)] if form else [str(path)]
    problem, form, entries = _listed(wanted, password, limits)
    others: Counter[str] = Counter()
    members: list[Member] = []
    if entries:
        with _started(["x", "-so", *wanted], password) as process:
            assert process.stdout
            try:
                _cut(process.stdout, entries, form, folder, members, others)
            except LimitReached:
                problem = Reason.LIMIT_REACHED
            finally:
                process.kill()
                process.wait()
    counts = [(name, str(count)) for name, count in sorted(others.items())]
    return Parsed(FileKind.CONTAINER, _USED, (("archive format", form), *counts) if form else (),
                  members=tuple(members), expected_members=len(entries) - others.total() if entries else None,
                  problem=problem or worst(members))  # fmt: skip


def _started(arguments: list[str], password: str, errors: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """The program, with a password on its standard input."""
    process = subprocess.Popen(
        [_PROGRAM, arguments[0], "-mmt=1", "-sccUTF-8", "-bd", *arguments[1:]],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, preexec_fn=isolation.preexec,
        env={"PATH": os.environ.get("PATH", ""), "TZ": "UTC", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert process.stdin
    try:
        process.stdin.write(password.encode("utf-8") + b"\n")
        process.stdin.close()
    except BrokenPipeError:  # it needed none and was quick
        pass
    return process


def _listed(wanted: list[str], password: str, limits: Limits) -> tuple[Reason | None, str, list[_Entry]]:
    """Why the listing is not whole, the format, and the entries in the order in which their bytes come."""
    entries: list[_Entry] = []
    form = ""
    complaints = ""
    began = False
    with _started(["l", "-slt", *wanted], password, subprocess.STDOUT) as process:
        assert process.stdout
        entry = _Entry()
        for raw in process.stdout:
            line = raw.decode("utf-8", errors="surrogateescape").rstrip("\r\n")
            name, equals, value = line.partition(" = ")
            if line.startswith("----------"):
                began = True
            elif not began:
                form = value if name == "Type" else form
                complaints += line[:200].lower() if len(complaints) < _HELD else ""
            elif not line:
                entries += [entry] if "Path" in entry.said else []
                entry = _Entry()
            elif equals or line.endswith(" ="):
                entry.said.setdefault(name.removesuffix(" ="), value)
            if len(entries) > limits.max_members:
                process.kill()
                return Reason.LIMIT_REACHED, form, entries[: limits.max_members]
        entries += [entry] if "Path" in entry.said else []
        code = process.wait()
    if code == 0:
        return None, form, entries
    if "wrong password" in complaints or "encrypted archive" in complaints:
        return Reason.ENCRYPTED, form, entries
    if not form:
        return Reason.UNSUPPORTED, form, entries
    return (Reason.TRUNCATED if "unexpected end" in complaints else Reason.DAMAGED), form, entries


def _cut(stream: IO[bytes], entries: Sequence[_Entry], form: str, folder: Scratch, members: list[Member],
         others: Counter[str]) -> None:  # fmt: skip
    lost = False
    for entry in entries:
        other = entry.other
        if other:
            others[other] += 1
        if other == "folders":
            continue
        path = entry.said["Path"].encode("utf-8", errors="surrogateescape")
        member = Member(path, Relation.MEMBER, None, entry.size or 0, *_modified(entry, form))
        closed = Reason.ENCRYPTED if entry.encrypted else Reason.DAMAGED
        if entry.size is None or lost:
            # Where one member ends and the next begins is not known any more.
            lost = True
            if not other:
                members.append(replace(member, problem=Reason.UNSUPPORTED if entry.size is None else closed))
            continue
        bytes_ = _Bytes(stream, entry.size)
        if other:
            leads = (
                b"".join(bytes_.blocks()) if entry.size <= _LONGEST_TARGET else b""
            )  # a 7z has it as the link's bytes
            bytes_.skip()
            if other != "listings":
                members.append(never_made(member, other.removesuffix("s"), entry.said.get("Symbolic Link") or leads))
            continue
        try:
            written = folder.add(bytes_.blocks())
        except MemberTooLarge:
            bytes_.skip()
            members.append(replace(member, problem=Reason.LIMIT_REACHED))
            continue
        except LimitReached:
            members.append(replace(member, problem=Reason.LIMIT_REACHED))
            raise
        said = entry.said.get("CRC", "")
        if bytes_.left or (said and bytes_.crc != int(said, 16)):
            lost = bytes_.left > 0
            written.path.unlink()
            members.append(replace(member, problem=closed))
        else:
            members.append(replace(member, file=written.path, size=written.size))


class _Bytes:
    """One member's share of the stream."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self._stream = stream
        self.left = size
        self.crc = 0

    def blocks(self) -> Iterator[bytes]:
        while self.left > 0:
            block = self._stream.read(min(_BLOCK, self.left))
            if not block:
                return
            self.left -= len(block)
            self.crc = zlib.crc32(block, self.crc)
            yield block

    def skip(self) -> None:
        for _ in self.blocks():
            pass


def _modified(entry: _Entry, form: str) -> tuple[int | None, str | None]:
    match = _TIME.match(entry.said.get("Modified", ""))
    if not match:
        return None, None
    written = f"{match[1]}T{match[2]}"
    if form not in _UTC:
        return None, written
    try:
        at = datetime.fromisoformat(written).replace(tzinfo=UTC)
    except ValueError:
        return None, None
    milliseconds = int((match[3] or "0").ljust(3, "0")[:3])
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1) + milliseconds, None
