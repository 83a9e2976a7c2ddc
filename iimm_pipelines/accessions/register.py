"""Registration of an accession: what a source handed over, listed, numbered and cut into shards.

Here: the register's own facts, walking the folder, the duplicate rule, the custody event of receipt.
Not here: reading the bytes into the vault (stages/inventory).
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.accessions.facts import NOTHING_STATED, Facts, Unknown, as_data, as_text, from_text
from iimm_pipelines.accessions.numbers import (
    LAST_PLACE,
    LAST_SHARD,
    Accession,
    accession_number,
    place_of,
    shard_number,
    shard_of,
)
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
    ORIGINATOR_CONTROLLED = "originator-controlled"


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
    facts: Facts = NOTHING_STATED


def register(holding: Holding, folder: Path, receipt: Receipt, passwords: Sequence[str] = ()) -> AccessionRow:
    """Register the files below `folder` as a new accession.

    The listing, the numbers and the shards are written down here and never derived again. The bytes are read later,
    so the folder must stay until `inventory` has run.

    Raises:
        RegistrationRefused: no such folder, no file in it, no mark, a source that is no code, files that move while they
            are listed, or the same files came from the same source before.
    """
    _check(folder, receipt)
    check_form(holding, receipt.facts)
    source = receipt.source.strip()
    marks = tuple(sorted({m.strip() for m in receipt.marks}))  # one that is named twice would have to be held twice
    raw = os.fsencode(folder.resolve())
    data = holding.settings.data
    if data.is_relative_to(folder.resolve()) or folder.resolve().is_relative_to(data):
        raise RegistrationRefused("the data folder and the received folder must not lie inside each other")
    with holding.catalogue.lease("register"):
        number = accession_number(holding.catalogue.next_accession())
        shards: dict[str, list[int]] = {}
        try:
            digest = holding.listings.write(number, _listed(number, raw, holding, shards))
            if not shards:
                raise RegistrationRefused("there is no file in this folder")
            received = sum(s[0] for s in shards.values())
            total = sum(s[1] for s in shards.values())
            _refuse_repeated(holding, raw, source, number, received, total)
        except RegistrationRefused:
            holding.listings.remove(number)
            raise
        row = AccessionRow(number=number, source=source, basis=receipt.basis, marks=marks,
                           note=receipt.note, folder=raw, received=received, bytes=total, listing=digest,
                           state="registered", root=None, same_as=None, sample=receipt.sample,
                           registered_at=_now(), facts=as_text(receipt.facts))  # fmt: skip
        rows = [ShardRow(shard_number(number, i), number, count, count) for i, (count, _) in enumerate(shards.values())]
        event = holding.record.event("registered", number, _body(row, rows))
        holding.forget_passwords(number)  # a registration that died may have left some under this number
        if passwords:
            holding.add_passwords(number, passwords)
        holding.catalogue.register(row, rows, event)
    holding.record.drain()
    return row


def register_exhibits(holding: Holding, receipt: Receipt) -> AccessionRow:
    """Register an accession without bytes: exhibits only. It is sealed like any other, over no file.

    Raises:
        RegistrationRefused: no exhibit, no mark, or a source that is no code.
    """
    _check_stated(receipt)
    check_form(holding, receipt.facts)
    if isinstance(receipt.facts.exhibits, Unknown) or not receipt.facts.exhibits:
        raise RegistrationRefused("an accession without a folder has at least one exhibit: say it under [[exhibits]]")
    with holding.catalogue.lease("register"):
        number = accession_number(holding.catalogue.next_accession())
        row = AccessionRow(number=number, source=receipt.source.strip(), basis=receipt.basis,
                           marks=tuple(sorted({m.strip() for m in receipt.marks})), note=receipt.note, folder=b"",
                           received=0, bytes=0, listing=holding.listings.write(number, ()), state="registered",
                           root=None, same_as=None, sample=receipt.sample, registered_at=_now(),
                           facts=as_text(receipt.facts))  # fmt: skip
        event = holding.record.event("registered", number, _body(row, ()))
        holding.forget_passwords(number)
        holding.catalogue.register(row, (), event)
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
    _check_stated(receipt)


def _check_stated(receipt: Receipt) -> None:
    _check_marks(receipt.marks)
    if len(receipt.source.split()) != 1:
        raise RegistrationRefused(
            "a source is a code without blanks, e.g. S-017; who stands behind it is kept elsewhere"
        )


def check_form(holding: Holding, facts: Facts) -> None:
    """Refuse a form that is said to be an item, and is none."""
    number = facts.form_item
    if number is not None and not holding.catalogue.has_place(shard_of(number), place_of(number)):
        raise RegistrationRefused(
            f"the form is said to be {number}, and there is no such item: register the form first"
        )


def _check_marks(marks: Sequence[str]) -> None:
    if not marks or not all(usable_mark(mark) for mark in marks):
        raise RegistrationRefused("say at least one access mark, e.g. restricted: without one nobody could see it. A mark is "
                                  '1 to 100 printable characters, none of them "\\,${}')  # fmt: skip


def _listed(number: Accession, folder: bytes, holding: Holding, shards: dict[str, list[int]]) -> Iterator[Listed]:
    """The files, folder by folder by raw name, cut into shards by number and bytes; counts go into `shards`."""
    sequence, count, size = 0, 0, 0
    most = min(holding.settings.shard_items, LAST_PLACE + 1)
    for path, info in _walk(folder):
        regular = stat.S_ISREG(info.st_mode)
        length = info.st_size if regular else 0
        if count and (count >= most or size + length > holding.settings.shard_bytes):
            sequence, count, size = sequence + 1, 0, 0
        if sequence > LAST_SHARD:
            raise RegistrationRefused(
                f"more than {LAST_SHARD + 1} shards: raise `shard_items`, or register parts of it"
            )
        shard = shard_number(number, sequence)
        yield Listed(shard, count, path, length, info.st_mtime_ns, regular)
        count, size = count + 1, size + length
        shards[shard] = [count, size]


def _walk(top: bytes) -> Iterator[tuple[bytes, os.stat_result]]:
    """Every entry that is no folder. With a list of what waits, since folders may lie deeper than calls can."""
    try:
        waiting = _entries(top)
        while waiting:
            entry = waiting.pop()
            if entry.is_dir(follow_symlinks=False):
                waiting.extend(_entries(entry.path))
            else:
                yield entry.path[len(top.rstrip(b"/")) + 1 :], entry.stat(follow_symlinks=False)
    except OSError as wrong:  # without its message, which holds a name
        raise RegistrationRefused(f"a file or folder could not be listed ({errno.errorcode.get(wrong.errno or 0, '?')}): "
                                  "let the copying end, see who may read the folder, and register again") from None  # fmt: skip


def _entries(folder: bytes) -> list[os.DirEntry[bytes]]:
    with os.scandir(folder) as found:
        return sorted(found, key=lambda e: e.name, reverse=True)


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
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:  # its message holds a name
        raise RegistrationRefused("a file could not be read: let the copying end, and register again") from None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(row: AccessionRow, shards: Sequence[ShardRow]) -> dict[str, object]:
    return {"basis": row.basis, "bytes": row.bytes, "facts": as_data(from_text(row.facts)), "folder": row.folder,
            "listing": row.listing, "marks": list(row.marks), "note": row.note, "received": row.received,
            "registered_at": row.registered_at, "sample": row.sample, "source": row.source,
            "shards": [{"number": s.number, "received": s.received} for s in shards]}  # fmt: skip
