"""Where a vault's ciphertext lies: what any such store must do, and the store that is a folder.

Here: objects under names that say nothing, each there whole or not at all, none overwritten, none removed.
Not here: what is in them and what they are called (storage/vault), the store that is a bucket (storage/locked_bucket).
"""

from __future__ import annotations

import errno
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeVar

from iimm_pipelines.storage.durable import Desk, draft, make_folder, sweep, sync_folder

_MOST_DRAFTS = 5_000
"""So many wait for their names at most: members of a container come in any number."""


class VaultUnavailable(Exception):
    """The vault's store cannot be reached or refuses. What it holds is as it was; trying again can help."""


class VaultUnlocked(Exception):
    """The store let go of an object that it should have kept: nothing may be taken in before it is mended."""


class Writable(Protocol):
    """Where ciphertext is written."""

    def write(self, data: Any, /) -> int:
        """Take all of it."""


class CiphertextStore(Protocol):
    """Keeps ciphertext. May be used by several threads, and by several processes at once."""

    def put(self, name: str, size: int, write: Callable[[Writable], None], *, instead: bool = False) -> None:
        """Keep what `write` writes as `name`, unless that is there; `size` is about how many bytes it will be.

        Whole or not at all, also after a crash: where `write` raises, nothing is kept. Lasting, and there for other
        processes, after `sync`. `instead`: in place of what is there, which is damaged and is kept beside.
        """

    def sync(self) -> None:
        """Make lasting all that was put, also by others where `put` found it there."""

    def has(self, name: str) -> bool:
        """Say whether it is there."""

    def size(self, name: str) -> int | None:
        """Say how many bytes it has; None where it is not there."""

    def open(self, name: str) -> BinaryIO:
        """Give its bytes.

        Raises:
            FileNotFoundError: it is not there.
        """

    def names(self) -> Iterator[str]:
        """Give all names, sorted."""

    def label(self, fresh: bytes) -> bytes:
        """Give what stands on the store; where nothing stands yet, `fresh` does from now on."""

    def probe(self) -> None:
        """See whether the store keeps its promise to let go of nothing; a folder makes none.

        Raises:
            VaultUnlocked: it does not.
        """

    def hold(self, name: str, *, on: bool) -> None:
        """Let go of it for nobody until this is said again with `on` false; a folder promises nothing.

        Raises:
            FileNotFoundError: it is not there.
        """


def place_of(name: str) -> str:
    """Where an object lies below its store's top: 256 folders, so that ten million objects are 39,000 names in each.

    With 65,536 nearly each of the first objects would come with a folder to make and to sync.
    """
    return f"objects/{name[:2]}/{name}"


class Draft:
    """The file of an object that has no name yet."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        """Write to an open file."""
        self._descriptor = descriptor

    def write(self, data: Any, /) -> int:
        """Write all of it."""
        left = memoryview(data)
        while (written := os.write(self._descriptor, left)) < len(left):
            left = left[written:]
        return len(data)

    def write_over_start(self, data: bytes) -> None:
        """Put these bytes in place of as many at the start."""
        os.pwrite(self._descriptor, data, 0)


_Written = TypeVar("_Written")


class _Waiting(NamedTuple):
    """A draft that is whole and waits for its name."""

    path: str
    instead: bool


class FolderStore:
    """Ciphertext in a folder, on a local file system of Linux.

    A put writes a draft. `sync` makes all drafts lasting by one sync of the file system, gives them their names, and
    makes those lasting by a second one: what bears an object's name is whole after any crash, and no file costs a sync
    of its own. Until then this store reads an object from its draft.
    """

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, made where there is none; what dead writers left is swept."""
        self._folder = folder
        self._incoming = folder / "incoming"
        self._objects = folder / "objects"
        for each in (self._incoming, self._objects):
            make_folder(each)
        sweep(self._incoming)
        self._drafts: dict[str, _Waiting] = {}
        self._lock = threading.Lock()
        self._sync_lock = threading.Lock()
        self._unsynced = False
        """Whether names may be there that are not lasting."""
        self._failed = False

    def put(self, name: str, size: int, write: Callable[[Draft], None], *, instead: bool = False) -> None:
        """Write a draft; where another writer was first, its copy stays and this one goes."""
        if not instead and self.has(name):
            self._unsynced = True  # its writer may not have synced yet
            return
        path, _ = self._drafted(write)
        self._wait(name, _Waiting(path, instead))

    def put_unnamed(self, write: Callable[[Draft], str]) -> None:
        """Write a draft of an object whose name is only known when it is written: `write` gives it."""
        path, name = self._drafted(write)
        self._wait(name, _Waiting(path, instead=False))

    def sync(self) -> None:
        """Sync the drafts, name them, sync the names.

        Raises:
            OSError: something was not written, and nobody knows what. This store takes in nothing more.
        """
        with self._sync_lock:  # a second thread must not return before that is lasting which the first took
            with self._lock:
                drafts = list(self._drafts.items())
            if drafts:
                self._sync_all()
                self._unsynced = True
                for name, waiting in drafts:
                    self._give_name(name, waiting)
            if self._unsynced or self._failed:
                self._unsynced = False  # before the sync: what others find there from now on may come too late for it
                try:
                    self._sync_all()
                except BaseException:
                    self._unsynced = True
                    raise

    def has(self, name: str) -> bool:
        """Say whether the draft or the file is there."""
        return name in self._drafts or os.access(self._path(name), os.F_OK)

    def size(self, name: str) -> int | None:
        """Look at the file."""
        try:
            with self.open(name) as file:
                return os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return None

    def open(self, name: str) -> BinaryIO:
        """Open the draft or the file."""
        if waiting := self._drafts.get(name):
            with suppress(FileNotFoundError):  # it got its name in between
                return Path(waiting.path).open("rb")
        return Path(self._path(name)).open("rb")

    def names(self) -> Iterator[str]:
        """Walk the folders."""
        for folder in sorted(self._objects.iterdir()):
            yield from sorted(path.name for path in folder.iterdir())

    def label(self, fresh: bytes) -> bytes:
        """Read the label, written once."""
        path = self._folder / "keys-of-this-vault"
        if not path.exists():
            with draft(self._incoming, 0o400) as new:
                new.file.write(fresh)
                new.link(path)
            sync_folder(self._folder)
        return path.read_bytes()

    def probe(self) -> None:
        """Nothing: who owns a folder's files may remove them."""

    def hold(self, name: str, *, on: bool) -> None:
        """Nothing: who owns a folder's files may remove them."""

    @cached_property
    def _desk(self) -> Desk:
        return Desk(self._incoming)

    def _path(self, name: str) -> str:
        return f"{self._folder}/{place_of(name)}"

    def _drafted(self, write: Callable[[Draft], _Written]) -> tuple[str, _Written]:
        path = self._desk.path()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o400)
        try:
            return path, write(Draft(descriptor))
        except BaseException:
            Path(path).unlink()
            raise
        finally:
            os.close(descriptor)

    def _wait(self, name: str, waiting: _Waiting) -> None:
        with self._lock:
            former = self._drafts.get(name)
            if former is None or waiting.instead:
                self._drafts[name] = waiting
                superfluous = former
            else:
                superfluous = waiting
        if superfluous is not None:
            Path(superfluous.path).unlink()
        if len(self._drafts) >= _MOST_DRAFTS:
            self.sync()

    def _give_name(self, name: str, waiting: _Waiting) -> None:
        path = self._path(name)
        with self._lock:
            if self._drafts.get(name) is not waiting:
                return  # another took its place, and has not been synced
            if waiting.instead:
                self._set_aside(Path(path))
            try:
                os.link(waiting.path, path)
            except FileExistsError:
                pass  # another process was first, and synced its draft before
            except FileNotFoundError:
                Path(path).parent.mkdir(mode=0o700, exist_ok=True)
                with suppress(FileExistsError):
                    os.link(waiting.path, path)
            del self._drafts[name]
        os.unlink(waiting.path)  # noqa: PTH108 (a Path costs as much as the call)

    def _sync_all(self) -> None:
        if self._failed:  # the system says so once only
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        try:
            self._desk.sync()
        except OSError:
            self._failed = True
            raise

    def _set_aside(self, path: Path) -> None:
        make_folder(self._folder / "damaged")
        with suppress(FileNotFoundError):
            path.replace(self._folder / "damaged" / f"{path.name}.{secrets.token_hex(4)}")
