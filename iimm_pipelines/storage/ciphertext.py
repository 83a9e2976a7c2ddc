"""Where a vault's ciphertext lies: what any such store must do, and the store that is a folder.

Here: objects under names that say nothing, each there whole or not at all, none overwritten, none removed.
Not here: what is in them and what they are called (storage/vault), the store that is a bucket (storage/locked_bucket).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from iimm_pipelines.storage.durable import draft, make_folder, sweep, sync_folder

_SYNCS_AT_ONCE = 4
"""A journal commits what several threads ask for at once: 300 folders took 0.04 s in place of 0.76 s (ext4)."""


class VaultUnavailable(Exception):
    """The vault's store cannot be reached or refuses. What it holds is as it was; trying again can help."""


class VaultUnlocked(Exception):
    """The store let go of an object that it should have kept: nothing may be taken in before it is mended."""


class CiphertextStore(Protocol):
    """Keeps ciphertext. May be used by several threads, and by several processes at once."""

    def put(self, name: str, size: int, write: Callable[[BinaryIO], None], *, instead: bool = False) -> None:
        """Keep what `write` writes as `name`, unless that is there; `size` is about how many bytes it will be.

        Whole or not at all: where `write` raises, nothing is kept. Lasting after `sync`. `instead`: in place of what is
        there, which is damaged and is kept beside.
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
    """Where an object lies below its store's top: 65,536 folders, since some tools suffer from a million names in one."""
    return f"objects/{name[:2]}/{name[2:4]}/{name}"


class FolderStore:
    """Ciphertext in a folder."""

    def __init__(self, folder: Path) -> None:
        """Open the store in `folder`, made where there is none; what dead writers left is swept."""
        self._folder = folder
        self._incoming = folder / "incoming"
        self._objects = folder / "objects"
        self._lasting: set[Path] = set()
        self._unsynced: set[Path] = set()
        self._sync_lock = threading.Lock()
        for each in (self._incoming, self._objects):
            make_folder(each)
        sweep(self._incoming)

    def put(self, name: str, size: int, write: Callable[[BinaryIO], None], *, instead: bool = False) -> None:
        """Write a draft and link it; where another writer was first, its copy stays and this one goes."""
        path = self._folder / place_of(name)
        self._make_folders(path.parent)
        if instead or not path.exists():
            with draft(self._incoming, 0o400) as new:
                write(new.file)
                if instead:
                    self._set_aside(path)
                new.link(path)
        # Also for an object that was there: its writer may not have synced yet, and we are about to rely on it.
        self._unsynced.add(path.parent)

    def sync(self) -> None:
        """Sync the folders in which files were linked; the files are synced."""
        with self._sync_lock:  # a second thread must not return before the folders that the first took are synced
            folders = []
            while self._unsynced:  # one by one, since others add meanwhile
                folders.append(self._unsynced.pop())
            try:
                with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
                    list(pool.map(sync_folder, folders))
            except OSError:
                self._unsynced.update(folders)
                raise

    def has(self, name: str) -> bool:
        """Say whether the file is there."""
        return (self._folder / place_of(name)).exists()

    def size(self, name: str) -> int | None:
        """Look at the file."""
        try:
            return (self._folder / place_of(name)).stat().st_size
        except FileNotFoundError:
            return None

    def open(self, name: str) -> BinaryIO:
        """Open the file."""
        return (self._folder / place_of(name)).open("rb")

    def names(self) -> Iterator[str]:
        """Walk the folders."""
        for first in sorted(self._objects.iterdir()):
            for second in sorted(first.iterdir()):
                yield from sorted(path.name for path in second.iterdir())

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

    def _set_aside(self, path: Path) -> None:
        make_folder(self._folder / "damaged")
        with suppress(FileNotFoundError):
            path.replace(self._folder / "damaged" / f"{path.name}.{secrets.token_hex(4)}")

    def _make_folders(self, leaf: Path) -> None:
        if leaf in self._lasting:
            return
        leaf.parent.mkdir(mode=0o700, exist_ok=True)
        leaf.mkdir(mode=0o700, exist_ok=True)
        self._unsynced.update((self._objects, leaf.parent))
        self._lasting.add(leaf)
