"""A model's files on disk, with their digests.

Here: writing one while its digest is taken, reading what a folder holds, holding both against pins.
Not here: where folders lie and when they are replaced (store).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.model_store.card import CARD_FILE, Card, ModelName, PinnedFile

_CHUNK_BYTES = 1 << 20


class DigestMismatch(Exception):
    """A file has other bytes than its card says; it was not taken into the store."""


class FaultKind(StrEnum):
    """How a file differs from the card."""

    MISSING = "missing"
    DIFFERENT = "different"
    UNEXPECTED = "unexpected"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fault:
    """One file of a model in the store that is not as its card says."""

    model: ModelName
    file: str
    kind: FaultKind


def file_names(folder: Path) -> list[str]:
    """Names of all files below a folder but the card, sorted; hidden ones (a downloader's own) are left out."""
    names = []
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        below = Path(parent).relative_to(folder)
        names += [(below / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(name for name in names if name != CARD_FILE)


def chunks_of(path: Path) -> Iterator[bytes]:
    """A file's bytes, a mebibyte at a time: the largest model file known here has 3 GB."""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def pin(folder: Path, name: str) -> PinnedFile:
    """Take a file as it is now for the model's own."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks_of(folder / name):
        digest.update(chunk)
        size += len(chunk)
    return PinnedFile(name, size, digest.hexdigest())


def write_checked(folder: Path, file: PinnedFile, chunks: Iterable[bytes]) -> None:
    """Write a file below a folder and fsync it, stopping at the first byte too many.

    Raises:
        DigestMismatch: size or digest is not the pinned one.
    """
    path = folder / file.name
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as stream:
        for chunk in chunks:
            size += len(chunk)
            if size > file.bytes:
                break
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    if size != file.bytes or digest.hexdigest() != file.sha256:
        raise DigestMismatch(
            f"{file.name} should have {file.bytes} bytes with SHA-256 {file.sha256}; it has not, and nothing was "
            "taken in. Do not use what was fetched; get the model again, from another place if this repeats."
        )


def sync_folders(folder: Path) -> None:
    """Make the names in a folder and all folders below it last through a power cut."""
    for parent, _, _ in os.walk(folder):
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Make the names in one folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def faults_by_size(card: Card, folder: Path) -> list[Fault]:
    """What is wrong as far as names and sizes tell: costs no reading, so it can stand before each use."""
    found = set(file_names(folder))
    faults = [Fault(card.name, name, FaultKind.UNEXPECTED) for name in sorted(found - {f.name for f in card.files})]
    for file in card.files:
        if file.name not in found:
            faults.append(Fault(card.name, file.name, FaultKind.MISSING))
        elif not _is_plain(folder / file.name, file.bytes):
            faults.append(Fault(card.name, file.name, FaultKind.DIFFERENT))
    return faults


def faults_by_digest(card: Card, folder: Path) -> list[Fault]:
    """What is wrong when each byte is read."""
    faults = faults_by_size(card, folder)
    known = {fault.file for fault in faults}
    faults += [
        Fault(card.name, file.name, FaultKind.DIFFERENT)
        for file in card.files
        if file.name not in known and pin(folder, file.name).sha256 != file.sha256
    ]
    return faults


def _is_plain(path: Path, size: int) -> bool:
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_size == size
