"""Deliveries: what was handed over, wherever it lies, as entries in order that can be opened one by one.

Here: the protocol that registration and intake work through, the folder and the single file.
Not here: the prefix of a bucket (accessions/s3_prefix), numbers and shards (accessions/register), reading into the vault
(stages/inventory), what a manifest or load file says of the entries (accessions/claims).

A delivery is read twice: once to list it, later and by several threads to take it in. What tells that an entry changed
between the two, or while it is read, is its `State`: size and time for a file; size, time and ETag for an object.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from iimm_pipelines.storage.vault import Pieces, SourceUnavailable, pieces_of_file


class DeliveryUnlistable(RuntimeError):
    """The delivery cannot be listed as a whole; the message says what to do and holds no name."""


class DeliveryUnreachable(RuntimeError):
    """Where the delivery lies cannot be reached now, so that nothing is said of its entries; trying again can help."""


@dataclass(frozen=True, slots=True)
class State:
    """What tells one state of an entry from another: bytes, time of last change, and a tag where its store gives one.

    The tag is for stores that know their bytes by one: an ETag, or an object's version. A file has none.
    """

    size: int
    modified_ns: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a delivery as it is listed: raw path below the delivery's top.

    `regular` is false for links, devices and sockets, which are named and never followed.
    """

    path: bytes
    state: State
    regular: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry that is open: its state now, and its bytes by descriptor or by a stream that can be begun again.

    A stream gives pieces of at most 1 MiB from the entry's start each time it is called. It raises `ChangedWhileRead`
    where the entry is not in `state` any more (an object: read with If-Match), `SourceUnavailable` where it cannot be
    read; neither with a name in its message.
    """

    state: State
    source: int | Pieces

    def pieces(self) -> Iterator[memoryview]:
        """Its bytes from the start, whichever way they come."""
        return pieces_of_file(self.source) if isinstance(self.source, int) else self.source()


class Delivery(Protocol):
    """What was handed over. May be used by several threads."""

    @property
    def where(self) -> bytes:
        """Where it lies, as the catalogue keeps it and `delivery_at` finds it again."""

    def entries(self) -> Iterator[Entry]:
        """Every file and what else is no folder, folder by folder by raw name: the same order each time.

        Raises:
            DeliveryUnlistable: part of it cannot be listed.
        """

    def open(self, path: bytes) -> AbstractContextManager[Opened]:
        """Open the entry of this path, as it is now.

        Raises:
            SourceUnavailable: it is not there, cannot be read, or is a link.
            DeliveryUnreachable: nothing can be read at this time.
        """

    def leads_to(self, path: bytes) -> bytes | None:
        """Where the link of this path leads, which nobody follows; None where it is none, or cannot be asked any more."""


def delivery_at(where: bytes) -> Delivery:
    """The delivery that the catalogue says lies there. What is gone is a delivery whose entries cannot be opened."""
    if where.startswith(b"s3://"):
        from iimm_pipelines.accessions.s3_prefix import S3Prefix

        return S3Prefix.at(where)
    return SingleFile(where) if stat.S_ISREG(_mode(where)) else Folder(where)


def delivery_of(path: Path) -> Delivery | None:
    """The delivery that a person names by a path: a folder or a single file, or None where there is neither."""
    where = os.fsencode(path.resolve())
    return delivery_at(where) if stat.S_ISREG(_mode(where)) or stat.S_ISDIR(_mode(where)) else None


@dataclass(frozen=True, slots=True)
class Folder:
    """The files below a folder."""

    where: bytes

    def entries(self) -> Iterator[Entry]:
        """Every entry that is no folder. With a list of what waits, since folders may lie deeper than calls can."""
        begin = len(self.where.rstrip(b"/")) + 1
        try:
            waiting = _inside(self.where)
            while waiting:
                entry = waiting.pop()
                if entry.is_dir(follow_symlinks=False):
                    waiting.extend(_inside(entry.path))
                else:
                    yield _entry(entry.path[begin:], entry.stat(follow_symlinks=False))
        except OSError as wrong:
            raise _unlistable(wrong) from None

    def open(self, path: bytes) -> AbstractContextManager[Opened]:
        """Open a file; no link is followed as its last step."""
        return _opened(self.where + b"/" + path)

    def leads_to(self, path: bytes) -> bytes | None:
        """Ask the file system."""
        try:
            return os.readlink(self.where + b"/" + path)  # noqa: PTH115 (raw names)
        except OSError:
            return None


@dataclass(frozen=True, slots=True)
class SingleFile:
    """One file, which may be a container. Its path is its name; who lies beside it does not matter."""

    where: bytes

    def entries(self) -> Iterator[Entry]:
        """The one entry."""
        try:
            yield _entry(os.path.basename(self.where), os.stat(self.where, follow_symlinks=False))  # noqa: PTH116, PTH119 (raw names)
        except OSError as wrong:
            raise _unlistable(wrong) from None

    def open(self, path: bytes) -> AbstractContextManager[Opened]:
        """Open it, if it is asked for."""
        return _opened(os.path.dirname(self.where) + b"/" + path)  # noqa: PTH120 (raw names)

    def leads_to(self, path: bytes) -> bytes | None:
        """Nowhere: a link that is handed over by its own path is followed when it is registered."""
        return None


def _entry(path: bytes, info: os.stat_result) -> Entry:
    regular = stat.S_ISREG(info.st_mode)
    return Entry(path, State(info.st_size if regular else 0, info.st_mtime_ns), regular)


@contextmanager
def _opened(path: bytes) -> Iterator[Opened]:
    try:  # no pipe that took its place is waited for, no link followed
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as wrong:  # its message holds a name
        raise SourceUnavailable(os.strerror(wrong.errno or 0)) from None
    try:
        info = os.fstat(descriptor)
        yield Opened(State(info.st_size, info.st_mtime_ns), descriptor)
    finally:
        os.close(descriptor)


def _inside(folder: bytes) -> list[os.DirEntry[bytes]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda e: e.name, reverse=True)


def _unlistable(wrong: OSError) -> DeliveryUnlistable:
    said = errno.errorcode.get(wrong.errno or 0, "?")
    return DeliveryUnlistable(f"a file or folder could not be listed ({said}): let the copying end, see who may read "
                              "the folder, and register again")  # fmt: skip


def _mode(path: bytes) -> int:
    try:
        return os.stat(path).st_mode  # noqa: PTH116 (raw names)
    except OSError:
        return 0
