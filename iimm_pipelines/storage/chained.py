"""Chained lines: a file for each month, a line for each event, each naming the SHA-256 of the line before it.

Here: adding lines lastingly, by several processes, and following the chain from its first line.
Not here: what a line says, and who signs or seals it (people/access_log, work/record).

Lines are canonical JSON and chained over months. The newest line's digest stands beside them in `head`, so that a tail
that was cut is missed too; an anchor, kept elsewhere, shows a chain that was written anew as a whole.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.storage.durable import locked, make_folder, sync_folder, write_atomic

HEAD = "head"

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Anchor:
    """How many lines there were at some time, and the digest of the last."""

    lines: int
    digest: str


@dataclass(frozen=True, slots=True)
class Head:
    """The newest line: how many there are, its digest, and the file that it stands in with its length in bytes."""

    lines: int
    digest: str
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Where the chain breaks first; `line` from 1 in that file."""

    file: str
    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check came to."""

    lines: int
    digest: str
    fault: Fault | None


_NO_LINE = "0" * 64
_EMPTY = Head(0, _NO_LINE, "", 0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next line begins: file and byte. The first file has no name yet."""

    file: str = ""
    byte: int = 0


class ChainedLines:
    """The lines in one folder. Several processes may add to them."""

    def __init__(self, folder: Path) -> None:
        """Open the lines in `folder`; there may be none yet."""
        self.folder = folder

    def add(
        self, lines: Sequence[Mapping[str, Any]], at: datetime, seal: Callable[[Line], Line] = lambda line: line
    ) -> list[Line]:
        """Write lines down, lastingly: when this is back, they stand. The caller holds the lock.

        Each gets its number `n` and the digest `previous`; `seal` may add to what is then written.
        """
        head = self._present_head()
        # A clock put back writes on into the newest file: the order of lines is that of the files' names.
        file = self.folder / max(f"{at:%Y-%m}.jsonl", head.file)
        is_new = not file.exists()
        written: list[Line] = []
        with os.fdopen(os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "a+b") as log:
            if log.tell() and (log.seek(-1, os.SEEK_END), log.read())[1] != b"\n":
                log.write(b"\n")  # somebody cut the line before: it is a fault, and this one is not to be another
            number, digest = head.lines, head.digest
            for said in lines:
                number += 1
                whole = seal({**said, "n": number, "previous": digest})
                line = canonical(whole)
                digest = hashlib.sha256(line).hexdigest()
                written.append(whole)
                log.write(line + b"\n")
            log.flush()
            os.fsync(log.fileno())
            size = log.tell()
        if is_new:
            sync_folder(self.folder)
        write_atomic(self.folder / HEAD, json.dumps(asdict(Head(number, digest, file.name, size))).encode())
        return written

    def lines(self, after: Place = Place()) -> Iterator[tuple[bytes, Place]]:
        """Lines from a place on, oldest first, each with the place behind it; whether they are what was written, `verify` says.

        A line that has no end yet is not given.
        """
        for file in _files(self.folder):
            if file.name < after.file:
                continue
            at = after.byte if file.name == after.file else 0
            with file.open("rb") as lines:
                lines.seek(at)
                for line in lines:
                    if not line.endswith(b"\n"):
                        break
                    at += len(line)
                    yield line[:-1], Place(file.name, at)

    def anchor(self) -> Anchor | None:
        """The newest line, to be kept elsewhere; None where there is none."""
        head = _read_head(self.folder)
        return Anchor(head.lines, head.digest) if head else None

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lines still."""
        make_folder(self.folder)
        return locked(self.folder)

    def _present_head(self) -> Head:
        """The line to go on from.

        A writer that died left lines that `head` does not name, and perhaps the beginning of one, which is taken away:
        nobody was told that it stands. Where lines are missing or others than they were, the chain goes on from what
        `head` says, so that `verify` finds the gap at any later time.
        """
        head = _read_head(self.folder) or _EMPTY
        for file in _files(self.folder):
            begin = head.size if file.name == head.file else 0
            if file.name < head.file or file.stat().st_size <= begin:
                continue
            with file.open("r+b") as log:
                log.seek(begin)
                for line in log:
                    if not line.endswith(b"\n"):
                        log.truncate(begin)
                        os.fsync(log.fileno())
                        break
                    begin += len(line)
                    if _link(line) != (head.lines + 1, head.digest):
                        break
                    head = Head(head.lines + 1, hashlib.sha256(line[:-1]).hexdigest(), file.name, begin)
        return head


def verify(folder: Path, anchors: Sequence[Anchor] = ()) -> Checked:
    """Follow the chain from its first line, and name the first line that does not fit. Needs no key.

    A line that does not fit was changed or put in, or lines before it were taken out. `head` and anchors say which line
    must stand at their place, so that the end is checked too.
    """
    wanted = {a.lines: a.digest for a in anchors}
    head = _read_head(folder)
    if head is not None:
        wanted[head.lines] = head.digest if wanted.get(head.lines, head.digest) == head.digest else ""
    count, digest, files = 0, _NO_LINE, _files(folder)
    for file in files:
        with file.open("rb") as lines:
            for place, line in enumerate(lines, 1):
                if not line.endswith(b"\n") and file is files[-1]:
                    break  # a writer is at it, or died; if it had stood, `head` would count it
                link = _link(line)
                if link is None:
                    return Checked(count, digest, Fault(file.name, place, "is no line of this log"))
                if link != (count + 1, digest):
                    return Checked(count, digest, Fault(file.name, place, _unfit(link[0], count)))
                count, digest = count + 1, hashlib.sha256(line[:-1]).hexdigest()
                if wanted.get(count, digest) != digest:
                    return Checked(count, digest, Fault(file.name, place, f"line {count} of all is not the one that was written"))  # fmt: skip
    missing = max(wanted, default=0) - count
    if missing > 0:
        last = files[-1] if files else folder / HEAD
        return Checked(count, digest, Fault(last.name, _length(last) + 1, f"{missing} lines are missing at the end"))
    if count and head is None:
        return Checked(count, digest, Fault(HEAD, 1, "is missing: whether lines are missing at the end, backups tell"))
    return Checked(count, digest, None)


def _unfit(number: int, count: int) -> str:
    if number > count + 1:
        return f"{number - count - 1} lines before it are missing"
    return "does not follow the line before it: one of the two was changed or put in"


def _length(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.suffix == ".jsonl" else 0


def _link(line: bytes) -> tuple[int, str] | None:
    """A line's number, and the digest that it names."""
    try:
        said = json.loads(line)
        return int(said["n"]), str(said["previous"])
    except (ValueError, KeyError, TypeError):
        return None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.jsonl"))


def _read_head(folder: Path) -> Head | None:
    try:
        return Head(**json.loads((folder / HEAD).read_bytes()))
    except (FileNotFoundError, ValueError, TypeError):
        return None
