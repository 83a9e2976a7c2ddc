"""The log of access: who searched, opened, played or took away what, and who was refused.

Here: its lines, the chain over them, adding to it and checking it.
Not here: custody events. Those are about evidence and go with it; this is about those who look, and never does.

A file for each month, a line for each event: canonical JSON that names the SHA-256 of the line before it, over months.
The newest line's digest stands beside them in `head`, so that a tail that was cut is missed too, and each backup puts it
into the custody log (an anchor), so that a chain that was written anew as a whole is noticed. What somebody typed is
sealed by the holding's keys; a keyed digest says which queries are the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.storage.durable import locked, make_folder, sync_folder, write_atomic
from iimm_pipelines.storage.keys import Keys

HEAD = "head"
NOBODY = "no account"
"""Who did something where that is no account: what was typed for a name may be a password."""
_LABEL = "query in the log of access"


class What(StrEnum):
    """What somebody did."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    SEARCHED = "searched"
    OPENED = "opened"
    LOOKED_AT = "looked at the original"
    PLAYED = "played"
    DOWNLOADED = "downloaded"
    READ_LOG = "read the log of access"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """Something that an account did. `subject`: an item or accession; `query` as typed; `hits`: how many it found."""

    who: str
    what: What
    subject: str | None = None
    query: str | None = None
    hits: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. `number` from 1; `at`: milliseconds since 1970, UTC; `sealed`: the query, for `query_of`."""

    number: int
    at: int
    who: str
    what: What
    subject: str | None
    hits: int | None
    query_digest: str | None
    sealed: str | None


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


class AccessLog:
    """The log of access of one holding. Several processes may add to it."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Open the log in `folder`; there may be none yet."""
        self.folder = folder
        self._keys = keys

    def add(self, event: AccessEvent, now: datetime | None = None) -> Entry:
        """Write down what somebody did, lastingly: when this is back, it stands."""
        at = now or datetime.now(UTC)
        with self.locked():
            head = self._present_head()
            number, digest, sealed = head.lines + 1, None, None
            if event.query is not None:
                digest, sealed = self._kept_query(event.query)
            line = canonical({"at": int(at.timestamp() * 1000), "hits": event.hits, "n": number, "previous": head.digest,
                              "query": digest, "sealed": sealed, "subject": event.subject, "what": event.what,
                              "who": event.who})  # fmt: skip
            # A clock put back writes on into the newest file: the order of lines is that of the files' names.
            file = self.folder / max(f"{at:%Y-%m}.jsonl", head.file)
            is_new = not file.exists()
            with os.fdopen(os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600), "a+b") as log:
                if log.tell() and (log.seek(-1, os.SEEK_END), log.read())[1] != b"\n":
                    log.write(b"\n")  # somebody cut the line before: it is a fault, and this one is not to be another
                log.write(line + b"\n")
                log.flush()
                os.fsync(log.fileno())
                size = log.tell()
            if is_new:
                sync_folder(self.folder)
            self._write_head(Head(number, hashlib.sha256(line).hexdigest(), file.name, size))
        return _entry(json.loads(line))

    def entries(self) -> Iterator[Entry]:
        """All lines that can be read, oldest first; whether they are what was written, `verify` says."""
        for file in _files(self.folder):
            with file.open("rb") as lines:
                for line in lines:
                    try:
                        yield _entry(json.loads(line))
                    except (ValueError, KeyError, TypeError):
                        continue

    def query_of(self, entry: Entry) -> str | None:
        """What somebody typed.

        Raises:
            WrongKey: other keys sealed it.
        """
        if entry.sealed is None:
            return None
        text = self._keys.open_sealed(base64.b64decode(entry.sealed), _LABEL)
        return text.decode("utf-8", errors="surrogatepass")

    def anchor(self) -> Anchor | None:
        """The newest line, to be kept elsewhere; None where there is none."""
        head = _read_head(self.folder)
        return Anchor(head.lines, head.digest) if head else None

    def locked(self) -> AbstractContextManager[None]:
        """Hold the log still."""
        make_folder(self.folder)
        return locked(self.folder)

    def _kept_query(self, query: str) -> tuple[str, str]:
        text = query.encode("utf-8", errors="surrogatepass")
        digest = self._keys.salt("access log", "query", hashlib.sha256(text).digest()).hex()
        return digest, base64.b64encode(self._keys.seal(text, _LABEL)).decode()

    def _write_head(self, head: Head) -> None:
        write_atomic(self.folder / HEAD, json.dumps(asdict(head)).encode())

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


def _entry(said: dict[str, Any]) -> Entry:
    return Entry(said["n"], said["at"], said["who"], What(said["what"]), said.get("subject"), said.get("hits"),
                 said.get("query"), said.get("sealed"))  # fmt: skip
