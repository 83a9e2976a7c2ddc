"""The log: an append-only list of attestations' digests, sealed by signed checkpoints, after C2SP tlog-tiles.

Here: appending under a lock, durably and in an order that survives a kill at any instant; proofs; checking it all.
Not here: the form of tiles (tiles) and of checkpoints (note), what an entry stands for (attestation), which
attestations ought to be in it (iimm_pipelines.storage, verification).

Order of an append: entries and tiles, fsync, checkpoint by rename, fsync; then tiles that were not full and now have a
wider successor are removed. Killed before the rename, the log is the old one, and the next append writes over what
was left behind.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.custody import merkle
from iimm_pipelines.custody.note import Checkpoint, CheckpointInvalid, checkpoint_text, read_checkpoint
from iimm_pipelines.custody.signing import Signer, Verifier
from iimm_pipelines.custody.tiles import (
    ENTRIES,
    WIDTH,
    LogDamaged,
    Tree,
    edge_paths,
    edge_root,
    encode_bundle,
    encode_hashes,
    full_paths,
    hashes_at,
    levels,
    tile_path,
)
from iimm_pipelines.storage.durable import make_folder, sync_folder, write_atomic

ENTRY_BYTES = 32
_CHECKPOINT = "checkpoint"
_LOCK = "lock"

__all__ = ["ENTRY_BYTES", "Log", "LogDamaged", "LogForked", "LogRolledBack"]


class LogRolledBack(Exception):
    """The log is shorter than a checkpoint says that it once was."""

    def __init__(self, old_size: int, size: int) -> None:
        """Sizes: what the old checkpoint commits to, and what the log has now."""
        super().__init__(f"the log had {old_size} entries and now has {size}: an older copy was put in its place")
        self.old_size = old_size
        self.size = size


class LogForked(Exception):
    """The log is not a continuation of the one that an old checkpoint commits to."""

    def __init__(self, old_size: int, size: int) -> None:
        """Sizes: what the old checkpoint commits to, and what the log has now."""
        super().__init__(
            f"of {size} entries, the first {old_size} are not those that the old checkpoint commits to: entries were "
            "replaced, or the checkpoint is another log's"
        )
        self.old_size = old_size
        self.size = size


@dataclass(frozen=True, slots=True)
class SealedFiles:
    """The files of a log at one checkpoint: full tiles by path, and the checkpoint and its right edge with their bytes.

    Full tiles never change. The others are removed by the next append, so that they are given as they were.
    """

    checkpoint: Checkpoint
    full: list[str]
    edge: dict[str, bytes]


class Log:
    """A log in a folder. Without a signer it can be read and checked, and needs the verifier of its key."""

    def __init__(self, folder: Path, origin: str, signer: Signer | None, verifier: Verifier | None = None) -> None:
        """`origin` names the log and its key; `verifier` is the signer's unless given. Nothing is read yet."""
        if verifier is None:
            if signer is None:
                raise ValueError("a log needs a signer to be written or a verifier to be read")
            verifier = signer.verifier
        self.folder = folder
        self.origin = origin
        self._signer = signer
        self._verifier = verifier
        self._thread = threading.RLock()
        self._depth = 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the log alone, over processes and threads; `append` inside it takes the same lock again."""
        with self._thread:
            if self._depth:
                yield
                return
            make_folder(self.folder)
            lock = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._depth = 1
                yield
            finally:
                self._depth = 0
                fcntl.flock(lock, fcntl.LOCK_UN)  # closing alone would not free it where a child inherited the file
                os.close(lock)

    def append(self, entries: Sequence[bytes]) -> Checkpoint:
        """Add digests of 32 bytes, durably, and seal them; costs O(new entries + log of the size).

        Raises:
            LogDamaged: the right edge is not what the checkpoint commits to: nothing is added to a log in doubt.
            CheckpointInvalid: the checkpoint is not ours or not of this log.
        """
        if any(len(entry) != ENTRY_BYTES for entry in entries):
            raise ValueError("an entry of the log is a digest of 32 bytes")
        if self._signer is None:
            raise ValueError("this log was opened without a signer")
        with self.locked():
            old = self.checkpoint()
            if old is None:
                old = self._first_checkpoint()
            if not entries:
                return old
            new = self._write_tiles(old, entries)
            self.write_checkpoint(new)
            self._remove_superseded(old.size, new.size)
            return new

    def write_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Seal the log at a size whose tiles are durable already; only `append` has reason to call this."""
        if self._signer is None:
            raise ValueError("this log was opened without a signer")
        text = checkpoint_text(checkpoint, self._signer, self.origin)
        write_atomic(self.folder / _CHECKPOINT, text.encode())

    def checkpoint(self) -> Checkpoint | None:
        """The checkpoint that seals the log now, or None where nothing was ever appended.

        Raises:
            CheckpointInvalid: it is not signed by our key or belongs to another log.
        """
        try:
            text = (self.folder / _CHECKPOINT).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise CheckpointInvalid("the checkpoint is not UTF-8") from None
        found = read_checkpoint(text, self._verifier, self.origin)
        if found.origin != self.origin:
            raise CheckpointInvalid("the checkpoint belongs to another log")
        return found

    def entries(self, start: int, end: int) -> list[bytes]:
        """The sealed entries from `start` to before `end`, as they stand in the files: `check` says if they are right.

        Raises:
            LogDamaged: a bundle is missing or malformed.
        """
        tree = self._sealed()[1]
        if not 0 <= start <= end <= tree.size:
            raise IndexError(f"no entries {start} to {end} in a log of {tree.size}")
        first = start // WIDTH
        found = [entry for number in range(first, -(-end // WIDTH)) for entry in tree.bundle(number)]
        return found[start - first * WIDTH : end - first * WIDTH]

    def sealed_files(self, since: int = 0) -> "SealedFiles":
        """Which files make up the log as it is sealed now; of full tiles those that a log of `since` entries had not.

        Raises:
            CheckpointInvalid: the checkpoint is not ours or not of this log.
        """
        with self._shared():
            now = self.checkpoint() or Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)
            edge = {path: (self.folder / path).read_bytes() for path in edge_paths(now.size)}
            if now.size:
                edge[_CHECKPOINT] = (self.folder / _CHECKPOINT).read_bytes()
        return SealedFiles(now, full_paths(since, now.size), edge)

    def index_of(self, entry: bytes) -> int | None:
        """Where an entry stands, by a scan from the newest; None where it is not in the log."""
        tree = self._sealed()[1]
        for number in reversed(range(tree.bundles())):
            bundle = tree.bundle(number)
            if entry in bundle:
                return number * WIDTH + bundle.index(entry)
        return None

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Proof that entry `index` is under the current checkpoint; the leaf is merkle.leaf_hash(entry)."""
        tree = self._sealed()[1]
        return [tree.range_root(*span) for span in merkle.inclusion_ranges(index, tree.size)]

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Proof that the log continues the one that had `old_size` entries."""
        tree = self._sealed()[1]
        return [tree.range_root(*span) for span in merkle.consistency_ranges(old_size, tree.size)]

    def prove_extends(self, old: Checkpoint) -> None:
        """Hold the log against a checkpoint that was kept elsewhere.

        Raises:
            LogRolledBack: the log is shorter than it was.
            LogForked: it has other entries than it had, or the checkpoint is another log's.
            LogDamaged: the tiles do not lead to the current checkpoint, so nothing can be said.
            CheckpointInvalid: the current checkpoint is not ours.
        """
        now, tree = self._sealed()
        if old.origin != self.origin:
            raise LogForked(old.size, now.size)
        if now.size < old.size:
            raise LogRolledBack(old.size, now.size)
        proof = [tree.range_root(*span) for span in merkle.consistency_ranges(old.size, now.size)]
        try:
            merkle.verify_consistency(old.size, now.size, old.root, now.root, proof)
        except merkle.ProofInvalid:
            pass
        else:
            return
        try:
            merkle.verify_consistency(old.size, now.size, tree.range_root(0, old.size), now.root, proof)
        except merkle.ProofInvalid:
            raise LogDamaged("tiles do not lead to the checkpoint's root: check the log") from None
        raise LogForked(old.size, now.size)

    def check(self) -> list[str]:
        """Read every entry and tile in flat memory and name each fault with its file; [] means all is right."""
        try:
            now, tree = self._sealed()
        except CheckpointInvalid as fault:
            return [f"{_CHECKPOINT}: {fault}"]
        if not (self.folder / _CHECKPOINT).exists():
            # The first append seals an empty log before it writes a tile, so tiles alone are never a kill's doing.
            return [f"{_CHECKPOINT}: missing"] if (self.folder / "tile").exists() else []
        checker = _Checker(tree)
        found = checker.root()
        if found is not None and found != now.root:
            checker.faults.append(f"{_CHECKPOINT}: its root is not that of the tiles")
        return checker.faults

    def _sealed(self) -> tuple[Checkpoint, Tree]:
        """The checkpoint with the files of its right edge, read under the lock since the next append removes them."""
        with self._shared():
            now = self.checkpoint() or Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)
            edge = {path: self.folder / path for path in edge_paths(now.size)}
            return now, Tree(self.folder, now.size, {path: at.read_bytes() for path, at in edge.items() if at.exists()})

    @contextmanager
    def _shared(self) -> Iterator[None]:
        with self._thread:
            try:
                lock = -1 if self._depth else os.open(self.folder / _LOCK, os.O_RDONLY)
            except FileNotFoundError:  # a copy of a log, to which nobody appends
                lock = -1
            try:
                if lock >= 0:
                    fcntl.flock(lock, fcntl.LOCK_SH)
                yield
            finally:
                if lock >= 0:
                    fcntl.flock(lock, fcntl.LOCK_UN)
                    os.close(lock)

    def _first_checkpoint(self) -> Checkpoint:
        if (self.folder / "tile").exists():
            raise LogDamaged(f"{_CHECKPOINT}: missing")
        first = Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)
        self.write_checkpoint(first)
        return first

    def _write_tiles(self, old: Checkpoint, entries: Sequence[bytes]) -> Checkpoint:
        tree = self._sealed()[1]
        edges = tree.edge_hashes()
        if edge_root(edges) != old.root:
            raise LogDamaged("the tiles on the right edge do not lead to the checkpoint's root")
        bundle = tree.bundle(old.size // WIDTH) if old.size % WIDTH else []
        if edges and [merkle.leaf_hash(entry) for entry in bundle] != edges[0]:
            raise LogDamaged(f"{edge_paths(old.size)[0]}: not the entries that the checkpoint commits to")

        folders: set[Path] = set()
        bundle += entries
        first = old.size // WIDTH
        for place in range(0, len(bundle), WIDTH):
            chunk = bundle[place : place + WIDTH]
            self._write_file(tile_path(ENTRIES, first + place // WIDTH, len(chunk)), encode_bundle(chunk), folders)

        new_size = old.size + len(entries)
        added = [merkle.leaf_hash(entry) for entry in entries]
        new_edges: list[list[bytes]] = []
        for level in range(levels(new_size)):
            held = edges[level] if level < len(edges) else []
            first = hashes_at(level, old.size) // WIDTH
            hashes, full = [*held, *added], []
            if added:
                for place in range(0, len(hashes), WIDTH):
                    chunk = hashes[place : place + WIDTH]
                    path = tile_path(level, first + place // WIDTH, len(chunk))
                    self._write_file(path, encode_hashes(chunk), folders)
                    if len(chunk) == WIDTH:
                        full.append(merkle.root(chunk))
            new_edges.append(hashes[len(full) * WIDTH :])
            added = full
        for folder in folders:
            sync_folder(folder)
        return Checkpoint(self.origin, new_size, edge_root(new_edges))

    def _write_file(self, path: str, data: bytes, folders: set[Path]) -> None:
        """Write a tile that no checkpoint covers yet, so that it need not be whole at every instant."""
        target = self.folder / path
        make_folder(target.parent)
        with target.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        folders.add(target.parent)

    def _remove_superseded(self, old_size: int, new_size: int) -> None:
        """Remove narrower predecessors of the tiles now sealed, with what killed appends left beside them."""
        kept = {self.folder / path for path in edge_paths(new_size)}
        folders = {(self.folder / path).parent for path in edge_paths(old_size)} | {path.parent for path in kept}
        for folder in folders:
            for file in folder.iterdir():
                if file not in kept:
                    file.unlink()
            if not any(file.parent == folder for file in kept):
                folder.rmdir()


class _Checker:
    """Walks the tree from entries to root. Memory: one tile of each level.

    Each stored tile is held against what lies below it and then stands for itself, so that a changed file is named
    where it meets its neighbours instead of once on every level above.
    """

    def __init__(self, tree: Tree) -> None:
        self.faults: list[str] = []
        self._tree = tree
        self._below: list[list[bytes | None]] = [[] for _ in range(levels(tree.size) + 1)]
        self._edges: list[list[bytes | None]] = [[] for _ in range(levels(tree.size) + 1)]

    def root(self) -> bytes | None:
        """The root that the tiles lead to; None where too much is missing to say."""
        for number in range(self._tree.bundles()):
            self._below[0] = self._leaves(number)
            self._finish(0, number)
        for level in range(1, levels(self._tree.size)):
            if self._below[level]:
                self._finish(level, hashes_at(level, self._tree.size) // WIDTH)
        edges = [[found for found in edge if found is not None] for edge in self._edges]
        return edge_root(edges) if [*map(len, edges)] == [*map(len, self._edges)] else None

    def _leaves(self, number: int) -> list[bytes | None]:
        try:
            return [merkle.leaf_hash(entry) for entry in self._tree.bundle(number)]
        except LogDamaged as fault:
            self.faults.append(str(fault))
            return [None] * min(WIDTH, self._tree.size - number * WIDTH)

    def _finish(self, level: int, number: int) -> None:
        below = self._below[level]
        hashes = self._held_against(level, number, below)
        self._below[level] = []
        if len(hashes) < WIDTH:
            self._edges[level] = hashes
            return
        known = [found for found in hashes if found is not None]
        parent = self._below[level + 1]
        parent.append(merkle.root(known) if len(known) == WIDTH else None)
        if len(parent) == WIDTH:
            self._finish(level + 1, number // WIDTH)

    def _held_against(self, level: int, number: int, below: list[bytes | None]) -> list[bytes | None]:
        """The tile's own hashes; those from below where it cannot be read."""
        try:
            stored = self._tree.hashes(level, number)
        except LogDamaged as fault:
            self.faults.append(str(fault))
            return below
        path = tile_path(level, number, len(stored))
        for place, (made, held) in enumerate(zip(below, stored, strict=True)):
            if made is not None and made != held:
                source = f"entry {number * WIDTH + place} in " if level == 0 else ""
                self.faults.append(f"{path}: hash {place} is not that of {source}{self._source(level, number, place)}")
        return [*stored]

    def _source(self, level: int, number: int, place: int) -> str:
        if level:
            return tile_path(level - 1, number * WIDTH + place, WIDTH)
        return tile_path(ENTRIES, number, min(WIDTH, self._tree.size - number * WIDTH))
