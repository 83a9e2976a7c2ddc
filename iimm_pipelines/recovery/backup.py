"""Backup of what cannot be rebuilt, besides vault and keys: log, events, parts with attestations, listings, settings.

Here: what belongs to it, the form of a backup, one snapshot after another.
Not here: bringing it back (recovery/restore), the vault's copy (recovery/vault_copy), the keys (recovery/key_backup).

Parts belong to it although stages make them: they are what attestations are about, those of `inventory` cannot be made
again once the source is gone, and models give the same rows on one machine only. Catalogue, index and Dagster's storage
do not: they are made again from these. What this module does not know is taken too, so that nothing is left out because
somebody added a folder.

A backup is a store of encrypted files, each once, named as in a vault, and a row of snapshots. Everything opens with the
holding's keys alone. A snapshot is what the log names at one checkpoint, so that runs may go on meanwhile: what it names
was written before it and never changes. A snapshot lists what is new since the one before it; what the log does not name
(listings, settings, hints, accounts, the log of access, the record of work, the log's own edge) it lists in full. It appears when all that it lists is there and read back.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, astuple, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import AttestationInvalid, Processing
from iimm_pipelines.custody.log import LogForked, LogRolledBack, SealedFiles
from iimm_pipelines.custody.note import Checkpoint
from iimm_pipelines.holding import RESTORING, Holding, in_s3
from iimm_pipelines.recovery import BACKED_UP, HOLDING, RecoveryRefused
from iimm_pipelines.storage.chained import Anchor, ChainedLines
from iimm_pipelines.storage.durable import is_draft, make_folder, write_atomic
from iimm_pipelines.storage.keys import Keys, WrongKey
from iimm_pipelines.storage.vault import ChangedWhileRead, ObjectDamaged, ObjectMissing, SourceUnavailable, Vault
from iimm_pipelines.work.record import FOLDER as WORK

_LABEL = "snapshot of a backup"
_FORMAT = 1
_AT_ONCE = 4
_BATCH = 500
_NAMED_BY_THE_LOG = ("parts", "custody/log", "custody/events")
_MADE_AGAIN = (
    "catalogue.sqlite",
    "catalogue.sqlite-wal",
    "catalogue.sqlite-shm",
    "dagster",
    "search",
    "scratch",
    RESTORING,
)
_ELSEWHERE = ("vault",)
_ACCESS_LOG = "access-log"
_CHAINED = (_ACCESS_LOG, WORK)
_ABOUT = """This is a backup of an evidence holding: everything but its vault and its keys. It is encrypted.
To bring it back: iimm restore THIS-FOLDER --vault VAULT-COPY --keys KEY-BACKUP --identity RECOVERY-IDENTITY
docs/backup.md of the program has the steps one by one.
"""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one run of the backup listed. `since`: how many entries of the log the snapshots before it have."""

    number: int
    made_at: str
    holding: str
    origin: str
    since: int
    size: int
    root: str
    lines: int
    manifest: str
    format: int = _FORMAT


@dataclass(frozen=True, slots=True)
class Line:
    """One file. `lasting`: the log names it, so that it holds for all later snapshots; else for this one only."""

    path: str
    sha256: str
    size: int
    modified_ns: int
    lasting: bool


@dataclass(slots=True)
class BackedUp:
    """What a backup came to."""

    snapshot: Snapshot
    new_files: int = 0
    new_bytes: int = 0
    faults: list[str] = field(default_factory=list)
    access_log: Anchor | None = None
    """The newest line of the log of access that is in it."""
    work: Anchor | None = None
    """The newest row of the record of work that is in it."""


class Backup:
    """The folder of a backup, opened with the keys of its holding."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Open the backup in `folder`, begun where there is none.

        Raises:
            WrongVault: it is another holding's.
        """
        self.folder = folder
        self._keys = keys
        self._snapshots = folder / "snapshots"
        self.store = Vault(folder / "store", keys)

    @classmethod
    def existing(cls, folder: Path, keys: Keys) -> Backup:
        """A backup that is there.

        Raises:
            RecoveryRefused: there is none.
            WrongVault: it is another holding's.
        """
        if not (folder / "snapshots").is_dir():
            raise RecoveryRefused(f"there is no backup in {folder}: is its volume mounted?")
        return cls(folder, keys)

    def numbers(self) -> list[int]:
        """The numbers of all snapshots, whether they can be read or not."""
        return sorted(int(p.name) for p in self._snapshots.glob("[0-9]" * 6)) if self._snapshots.is_dir() else []

    def chain(self, last: int | None = None) -> list[Snapshot]:
        """The snapshots that make up the latest one, or number `last`, together: oldest first.

        Raises:
            RecoveryRefused: one of them is missing or damaged.
        """
        numbers = self.numbers()
        at = last or (numbers[-1] if numbers else 0)
        found: list[Snapshot] = []
        while at and (not found or found[-1].since):
            try:
                sealed = (self._snapshots / f"{at:06}").read_bytes()
                found.append(Snapshot(**json.loads(self._keys.open_sealed(sealed, _LABEL))))
                self.store.check(bytes.fromhex(found[-1].manifest))
            except (FileNotFoundError, WrongKey, TypeError, ValueError, ObjectMissing, ObjectDamaged):
                raise RecoveryRefused(f"snapshot {at:06} of the backup is missing or damaged: use another copy of the "
                                      "backup, or move that file and all later ones away to go back before it") from None  # fmt: skip
            at -= 1
        return found[::-1]

    def add(self, snapshot: Snapshot) -> None:
        """Let a snapshot appear; all that it lists is there."""
        make_folder(self._snapshots)
        sealed = self._keys.seal(json.dumps(asdict(snapshot)).encode(), _LABEL)
        write_atomic(self._snapshots / f"{snapshot.number:06}", sealed)

    def lines(self, snapshot: Snapshot) -> Iterator[Line]:
        """What a snapshot lists.

        Raises:
            ObjectDamaged, ObjectMissing: its list is not whole.
        """
        with self.store.open(bytes.fromhex(snapshot.manifest)) as manifest:
            for line in manifest:
                yield Line(*json.loads(line))


def back_up(holding: Holding, folder: Path, *, again: bool = False, progress: Progress = lambda _: None) -> BackedUp:
    """Add a snapshot to the backup in `folder`, begun where there is none. `again`: read all that is there as well.

    Raises:
        RecoveryRefused: the folder lies in the data folder, or is that of something else.
        WrongVault: the backup there is another holding's.
    """
    folder = folder.expanduser().resolve()
    if folder.is_relative_to(holding.settings.data):
        raise RecoveryRefused(f"{folder} lies in the data folder and would be lost with it: name a place outside")
    if folder.exists() and any(folder.iterdir()) and not (folder / "store").exists():
        raise RecoveryRefused(f"{folder} holds something else than a backup: name an empty folder, or a backup's")
    with holding.catalogue.lease("backup"):
        backup = Backup(folder, holding.keys)
        if not (folder / "README.txt").exists():
            write_atomic(folder / "README.txt", _ABOUT.encode(), 0o644)
        holding.record.drain()
        run = _Run(holding, backup, progress)
        if again:
            run.read_again()
        done = run.snapshot()
        body = {"snapshot": done.snapshot.number, "size": done.snapshot.size, "root": done.snapshot.root,
                "new_files": done.new_files, "faults": len(done.faults),
                "access_log": asdict(done.access_log) if done.access_log else None,
                "work": asdict(done.work) if done.work else None}  # fmt: skip
        holding.catalogue.note_event(holding.record.event(BACKED_UP, HOLDING, body))
    holding.record.drain()
    return done


class _Run:
    """One run of the backup."""

    def __init__(self, holding: Holding, backup: Backup, progress: Progress) -> None:
        self.holding = holding
        self.backup = backup
        self.progress = progress
        self.data = holding.settings.data
        self.before = self._chain()
        self.new_files = self.new_bytes = self.lines = 0
        self.faults: list[str] = []
        self.anchors: dict[str, Anchor | None] = {}

    def snapshot(self) -> BackedUp:
        """All that is new, then the snapshot that lists it."""
        since = self.before[-1].size if self.before else 0
        sealed = self.holding.proof.log.sealed_files(since)
        listed = self.backup.lines(self.before[-1]) if self.before else iter(())
        known = {line.path: line for line in listed if not line.lasting}
        with self.holding.scratch("backup") as scratch, (scratch / "manifest").open("w+b") as manifest:
            for path, data in sealed.edge.items():
                self._list(manifest, self._stored_bytes(f"custody/log/{path}", data), known)
            for log in (ChainedLines(self.data / folder) for folder in _CHAINED):
                for line in self._chained(log, known):
                    self._list(manifest, line, known)
            with ThreadPoolExecutor(_AT_ONCE) as threads:
                for work in (self._named_by_the_log(sealed, since), self._others(known)):
                    while batch := list(islice(work, _BATCH)):
                        for line in threads.map(lambda step: step(), batch):
                            self._list(manifest, line, known)
                            self.progress(1)
            self.backup.store.sync()
            manifest.flush()
            digests = self.backup.store.put_file(manifest.fileno())
        self.backup.store.check(digests.sha256)
        now = sealed.checkpoint
        numbers = self.backup.numbers()
        made = Snapshot(number=numbers[-1] + 1 if numbers else 1, holding=self.holding.settings.holding,
                        made_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), origin=now.origin, since=since,
                        size=now.size, root=now.root.hex(), lines=self.lines, manifest=digests.sha256.hex())  # fmt: skip
        self.backup.add(made)
        return BackedUp(made, self.new_files, self.new_bytes, self.faults, self.anchors.get(_ACCESS_LOG),
                        self.anchors.get(WORK))  # fmt: skip

    def read_again(self) -> None:
        """Read every file that the backup has; what is damaged is taken anew, where it is here as it was."""
        for snapshot in self.before:
            for line in self.backup.lines(snapshot):
                if not self._is_whole(line.sha256):
                    self._take_again(line)
                self.progress(1)
        self.backup.store.sync()

    def _take_again(self, line: Line) -> None:
        try:
            self.backup.store.mend(bytes.fromhex(line.sha256), self.data / line.path)
        except (SourceUnavailable, ChangedWhileRead):
            self.faults.append(f"{line.path}: damaged in the backup, and not here as it was then")

    def _is_whole(self, sha256: str) -> bool:
        try:
            self.backup.store.check(bytes.fromhex(sha256))
        except (ObjectMissing, ObjectDamaged):
            return False
        return True

    def _chain(self) -> list[Snapshot]:
        """The snapshots that this one continues: none where they are damaged, or of another time line of the log."""
        try:
            before = self.backup.chain()
            if before:
                last = before[-1]
                self.holding.proof.log.prove_extends(Checkpoint(last.origin, last.size, bytes.fromhex(last.root)))
        except (RecoveryRefused, LogRolledBack, LogForked):  # or the holding was restored from an older backup
            return []
        return before

    # what belongs to it

    def _named_by_the_log(self, sealed: SealedFiles, since: int) -> Iterator[Callable[[], Line | None]]:
        """The log's full tiles, events and attestations with their parts, from entry `since` on."""
        for path in sealed.full:
            yield self._step(f"custody/log/{path}", lasting=True)
        entries = [e.hex() for e in self.holding.proof.log.entries(since, sealed.checkpoint.size)]
        wanted: dict[str, str] = {}
        for digest in entries:
            if self.holding.proof.event_path(digest).exists():
                yield self._step(f"custody/events/{digest}.dsse.json", lasting=True, expected=digest)
            else:
                wanted[digest[:16]] = digest
        for shard in self.holding.part_files.shards() if wanted else ():
            for stage, key, attested in self.holding.part_files.attestations(shard):
                digest = wanted.get(attested.name.split(".")[1], "")
                if digest:
                    del wanted[digest[:16]]
                    yield self._step(f"parts/{stage}/{shard}/{attested.name}", lasting=True, expected=digest)
                    yield self._step(f"parts/{stage}/{shard}/{key}.parquet", lasting=True,
                                     expected=self._file_of(attested))  # fmt: skip
        self.faults += [f"log entry {d[:16]}…: its attestation is not here" for d in wanted.values()]

    def _file_of(self, attested: Path) -> str:
        """The digest of a part's file, as its attestation says."""
        try:
            said = attestation.read(attested.read_bytes(), self.holding.proof.verifier)
        except AttestationInvalid:
            return ""
        return said.file if isinstance(said, Processing) else ""

    def _chained(self, log: ChainedLines, known: dict[str, Line]) -> list[Line | None]:
        """The log of access or record of work, of one instant: while it is read nobody adds to it, so that its newest line is known."""
        if not log.folder.exists():
            return []
        name = log.folder.name
        with log.locked():
            self.anchors[name] = log.anchor()
            paths = (f"{name}/{f.name}" for f in sorted(log.folder.iterdir()) if not is_draft(f))
            return [self._stored(path, False, None, known.get(path)) for path in paths]

    def _others(self, known: dict[str, Line]) -> Iterator[Callable[[], Line | None]]:
        """Every other file of the data folder that nothing makes again."""
        left = [self.data / p for p in (*_NAMED_BY_THE_LOG, *_MADE_AGAIN, *_ELSEWHERE, *_CHAINED)]
        left += [self.data / w for w in (self.holding.settings.vault,) if w is not None and not in_s3(w)]
        left += [self.holding.settings.search_folder or self.data / "search", self.holding.settings.scratch]
        for top, folders, files in os.walk(self.data):
            folders[:] = sorted(f for f in folders if Path(top, f) not in left)
            for file in sorted(files):
                path = Path(top, file)
                if path in left or is_draft(path) or file.endswith(".unfinished"):
                    continue
                if path.parent == self.data / "keys":  # these have a backup of their own, and this one opens with them
                    continue
                yield self._step(str(path.relative_to(self.data)), lasting=False, known=known)

    # one file

    def _step(self, path: str, *, lasting: bool, expected: str | None = None,
              known: dict[str, Line] | None = None) -> Callable[[], Line | None]:  # fmt: skip
        return lambda: self._stored(path, lasting, expected, (known or {}).get(path))

    def _stored(self, path: str, lasting: bool, expected: str | None, known: Line | None) -> Line | None:
        """Bring one file into the store and read it back, unless it is there."""
        file = self.data / path
        try:
            about = file.lstat()
            if known is not None and (known.size, known.modified_ns) == (about.st_size, about.st_mtime_ns):
                return known
            found = self.backup.store.put_file(file, deferred=True)
        except FileNotFoundError:
            if lasting:
                self.faults.append(f"{path}: missing")
            return None
        except (SourceUnavailable, ChangedWhileRead) as wrong:
            self.faults.append(f"{path}: {wrong}")
            return None
        line = Line(path, found.sha256.hex(), found.size, about.st_mtime_ns, lasting)
        if not self._is_whole(line.sha256):
            self._take_again(line)
        if expected is not None and line.sha256 != expected:
            self.faults.append(f"{path}: not the file that was signed; `iimm verify` says more")
        return line

    def _stored_bytes(self, path: str, data: bytes) -> Line:
        found = self.backup.store.put_bytes(data, deferred=True)
        self.backup.store.check(found.sha256)
        return Line(path, found.sha256.hex(), len(data), 0, lasting=False)

    def _list(self, manifest: BinaryIO, line: Line | None, known: dict[str, Line]) -> None:
        if line is None:
            return
        manifest.write(json.dumps(astuple(line)).encode() + b"\n")
        self.lines += 1
        if known.get(line.path) != line:
            self.new_files += 1
            self.new_bytes += line.size
