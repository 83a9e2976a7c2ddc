"""Files that are there whole or not at all, also after a power failure.

Here: drafts that become files by one rename or link, folders that outlive a crash, the sweep of drafts that dead
writers left, one sync for many files, and a folder's lock.
Not here: what is written (vault, keys, parts), and scratch, which may be lost.
"""

import ctypes
import fcntl
import os
import secrets
import shutil
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_DRAFT = ".writing-"


class Draft:
    """A file being written. It bears a name of its own until `replace` or `link` gives it the one that readers know."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        """Use `draft` to get one."""
        self.file = file
        self._path = path

    def replace(self, target: Path) -> None:
        """Become `target`, in place of what may be there. Lasting once the folder is synced."""
        self._sync()
        self._path.replace(target)

    def link(self, target: Path) -> bool:
        """Become `target` unless that exists; say whether it happened. Lasting once the folder is synced."""
        self._sync()
        try:
            target.hardlink_to(self._path)
        except FileExistsError:
            return False
        return True

    def _sync(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def draft(folder: Path, mode: int = 0o600) -> Iterator[Draft]:
    """Give a new file in `folder`, gone at the end unless it was placed.

    The writer holds a lock on it for as long as it lives. That tells the sweep who is dead: unlike a process number, a
    lock cannot be taken over by a stranger and means the same in every container that shares the folder.
    """
    descriptor, path = _create(folder, mode)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield Draft(file, path)
    finally:
        path.unlink(missing_ok=True)


def _create(folder: Path, mode: int) -> tuple[int, Path]:
    while True:
        path = folder / f"{_DRAFT}{secrets.token_hex(8)}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # a sweep came between creation and lock, and took it for a dead writer's


def write_atomic(path: Path, data: bytes | Iterable[bytes], mode: int = 0o600) -> None:
    """Write `path` whole and lastingly, in place of what may be there."""
    with draft(path.parent, mode) as new:
        for piece in (data,) if isinstance(data, bytes) else data:
            new.file.write(piece)
        new.replace(path)
    sync_folder(path.parent)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, open to its owner only and lasting."""
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make lasting which names are in a folder."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder alone, over processes and threads. Not to be taken again by who holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_draft(path: Path) -> bool:
    """Whether that is a file that somebody is still writing, or was when they died."""
    return path.name.startswith(_DRAFT)


def sweep(folder: Path) -> int:
    """Remove the drafts of writers that are dead; give their number. Those of living writers stay."""
    removed = 0
    for path in folder.glob(f"{_DRAFT}*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
            removed += 1
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
    return removed


class Desk:
    """A folder of one writer's own, for drafts that get their names many at a time.

    One lock on the folder tells the sweep that the writer lives, where `draft` takes one for each file, and one sync of
    the file system makes all drafts lasting.
    """

    def __init__(self, above: Path) -> None:
        """Make the folder below `above`; it goes with this object, or with a later sweep if anything is left in it."""
        while True:
            path = above / f"{_DRAFT}{secrets.token_hex(8)}"
            path.mkdir(mode=0o700)
            try:
                self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue  # a sweep came between creation and lock, and took it for a dead writer's
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if os.fstat(self._descriptor).st_nlink:
                break
            os.close(self._descriptor)
        self._folder = str(path)
        weakref.finalize(self, _leave, self._descriptor, path, os.getpid())

    def path(self) -> str:
        """Give a new draft's path."""
        return f"{self._folder}/{os.urandom(8).hex()}"

    def sync(self) -> None:
        """Make lasting all that was written to this file system, by whomever: syncfs(2).

        For 500 new files that takes a twentieth of the time of 500 times fsync (ext4). Since Linux 5.8 it fails if
        anything could not be written since the folder was made.
        """
        if _libc.syncfs(self._descriptor):
            error = ctypes.get_errno()
            raise OSError(error, os.strerror(error))


_libc = ctypes.CDLL(None, use_errno=True)


def _leave(descriptor: int, folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # and no child, which was forked with the same object
        with suppress(OSError):  # drafts are in it, and the sweep's
            folder.rmdir()
    os.close(descriptor)
