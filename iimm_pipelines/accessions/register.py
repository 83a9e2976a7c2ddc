"""Registration of an accession: what a source handed over, listed, numbered and cut into shards.

Here: the register's own facts, walking the folder, the duplicate rule, the custody event of receipt.
Not here: reading the bytes into the vault (stages/inventory).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.accessions.numbers import Accession, accession_number, shard_number
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.custody.merkle import leaf_hash, root
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.node import usable_mark
from iimm_pipelines.storage.catalogue import AccessionRow, ShardRow
from iimm_pipelines.storage.listings import Listed


class Basis(StrEnum):
    """On what basis material may be used."""

    CONSENT = "consent"
    ARRANGEMENT = "arrangement"
    OPEN_SOURCE = "open source"


class RegistrationRefused(ValueError):
    """An accession cannot be registered as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is stated when material is handed over. `source` is a code, never a name."""

    source: str
    basis: Basis
    marks: tuple[str, ...]
    note: str = ""
    sample: bool = False
    """Invented material: starter models may work on it."""


def register(holding: Holding, folder: Path, receipt: Receipt, passwords: Sequence[str] = ()) -> AccessionRow:
    """Register the files below `folder` as a new accession.

    The listing, the numbers and the shards are written down here and never derived again. The bytes are read later,
    so the folder must stay until `inventory` has run.

    Raises:
        RegistrationRefused: no such folder, no file in it, no mark, a source that is no code, or the same files came
            from the same source before.
    """
    _check(folder, receipt)
    raw = os.fsencode(folder.resolve())
    data = os.fsencode(holding.settings.data)
    if raw == data or data.startswith(raw + b"/") or raw.startswith(data + b"/"):
        raise RegistrationRefused("the data folder and the received folder must not lie inside each other")
    with holding.catalogue.lease("register"):
        number = accession_number(holding.catalogue.next_accession())
        shards: dict[str, list[int]] = {}
        digest = holding.listings.write(number, _listed(number, raw, holding, shards))
        if not shards:
            raise RegistrationRefused(f"there is no file below {folder}")
        received = sum(s[0] for s in shards.values())
        total = sum(s[1] for s in shards.values())
        _refuse_repeated(holding, raw, receipt.source, number, received, total)
        row = AccessionRow(number=number, source=receipt.source, basis=receipt.basis, marks=receipt.marks,
                           note=receipt.note, folder=raw, received=received, bytes=total, listing=digest,
                           state="registered", root=None, same_as=None, sample=receipt.sample,
                           registered_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))  # fmt: skip
        rows = [ShardRow(shard_number(number, i), number, count, count) for i, (count, _) in enumerate(shards.values())]
        event = holding.record.event("registered", number, _body(row, rows))
        if passwords:
            holding.add_passwords(number, passwords)
        holding.catalogue.register(row, rows, event)
    holding.record.drain()
    return row


def change_marks(holding: Holding, number: str, marks: Sequence[str]) -> AccessionRow:
    """Give an accession other marks. They are no input of any stage: only the index moves."""
    marks = sorted({m.strip() for m in marks})  # one that is named twice would have to be held twice
    _check_marks(marks)
    row = holding.catalogue.accession(number)
    event = holding.record.event("marks changed", number, {"before": list(row.marks), "after": marks})
    holding.catalogue.change_accession(row.number, event, marks=marks)
    holding.record.drain()
    return replace(row, marks=tuple(marks))


def accession_root(paths_and_digests: Sequence[tuple[bytes, bytes]]) -> str:
    """Merkle root over path and SHA-256 of each received file, in order of the paths."""
    return root([leaf_hash(canonical({"path": p, "sha256": d})) for p, d in sorted(paths_and_digests)]).hex()


def _check(folder: Path, receipt: Receipt) -> None:
    if not folder.is_dir():
        raise RegistrationRefused(f"{folder} is no folder")
    _check_marks(receipt.marks)
    if not receipt.source.strip() or " " in receipt.source.strip():
        raise RegistrationRefused("a source is a code without blanks, e.g. S-017; who stands behind it is kept elsewhere")


def _check_marks(marks: Sequence[str]) -> None:
    if not marks or not all(usable_mark(mark) for mark in marks):
        raise RegistrationRefused("say at least one access mark, e.g. restricted: without one nobody could see it. A mark is "
                                  '1 to 100 printable characters, none of them "\\,${}')  # fmt: skip


def _listed(number: Accession, folder: bytes, holding: Holding, shards: dict[str, list[int]]) -> Iterator[Listed]:
    """The files in order of their raw paths, cut into shards by number and bytes; counts go into `shards`."""
    sequence, count, size = 0, 0, 0
    for path, info in _walk(folder, b""):
        if count and (count >= holding.settings.shard_items or size + info.st_size > holding.settings.shard_bytes):
            sequence, count, size = sequence + 1, 0, 0
        shard = shard_number(number, sequence)
        regular = stat.S_ISREG(info.st_mode)
        length = info.st_size if regular else 0
        yield Listed(shard, count, path, length, info.st_mtime_ns, regular)
        count, size = count + 1, size + length
        shards[shard] = [count, size]


def _walk(top: bytes, below: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    with os.scandir(top + b"/" + below if below else top) as found:
        entries = sorted(found, key=lambda e: e.name)
    for entry in entries:
        path = below + b"/" + entry.name if below else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(top, path)
        else:
            yield path, entry.stat(follow_symlinks=False)


def _refuse_repeated(holding: Holding, folder: bytes, source: str, number: Accession, received: int, size: int) -> None:
    alike = [a for a in holding.catalogue.accessions()
             if a.source == source and a.received == received and a.bytes == size and a.root]  # fmt: skip
    if not alike:
        return
    found = accession_root([(f.path, _file_digest(folder + b"/" + f.path)) for f in holding.listings.read(number)
                            if f.regular])  # fmt: skip
    for other in alike:
        if other.root == found:
            raise RegistrationRefused(f"source {source} handed over exactly these files before: {other.number}. "
                                      "Nothing was registered")  # fmt: skip


def _file_digest(path: bytes) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 (a raw path may not be UTF-8)
        return hashlib.file_digest(file, "sha256").digest()


def _body(row: AccessionRow, shards: Sequence[ShardRow]) -> dict[str, object]:
    return {"basis": row.basis, "bytes": row.bytes, "folder": row.folder, "listing": row.listing,
            "marks": list(row.marks), "note": row.note, "received": row.received, "registered_at": row.registered_at,
            "sample": row.sample, "shards": [{"number": s.number, "received": s.received} for s in shards],
            "source": row.source}  # fmt: skip
