"""Registration of an accession: what a source handed over, listed, numbered and cut into shards.

Here: the register's own facts, listing a delivery, the duplicate rule, the custody event of receipt.
Not here: where a delivery lies and how it is opened (delivery), reading the bytes into the vault (stages/inventory).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.accessions.claims import Claims, GivenList, account_of, read_claims
from iimm_pipelines.accessions.delivery import Delivery, DeliveryUnlistable, DeliveryUnreachable, Entry, delivery_of
from iimm_pipelines.accessions.facts import NOTHING_STATED, Facts, Unknown, as_data, as_text, from_text
from iimm_pipelines.accessions.load_files import ListUnreadable
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
from iimm_pipelines.holding import Holding, in_s3
from iimm_pipelines.search.node import usable_mark
from iimm_pipelines.storage.catalogue import AccessionRow, ShardRow
from iimm_pipelines.storage.listings import Listed
from iimm_pipelines.storage.vault import ChangedWhileRead, SourceUnavailable


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


def register(holding: Holding, handed_over: Path | Delivery, receipt: Receipt, passwords: Sequence[str] = (),
             lists: Sequence[GivenList] = ()) -> AccessionRow:  # fmt: skip
    """Register what was handed over, by default the files below a folder or a single one, as a new accession.

    The listing, the numbers and the shards are written down here and never derived again, and so is what manifests and
    load files (`lists`) claim. The bytes are read later, so the delivery must stay until `inventory` has run.

    Raises:
        RegistrationRefused: nothing is there, no file in it, no mark, a source that is no code, files that move while
            they are listed, a list that cannot be read, or the same files came from the same source before.
    """
    delivery = _delivery(holding, handed_over) if isinstance(handed_over, Path) else handed_over
    _check_stated(receipt)
    check_form(holding, receipt.facts)
    source = receipt.source.strip()
    marks = tuple(sorted({m.strip() for m in receipt.marks}))  # one that is named twice would have to be held twice
    with holding.catalogue.lease("register"):
        number = accession_number(holding.catalogue.next_accession())
        shards: dict[str, list[int]] = {}
        holding.listings.remove(number)  # a registration that died may have left claims under this number
        try:
            claims = read_claims(delivery, lists)
            groups = claims.groups() if claims else ((entry,) for entry in delivery.entries())
            digest = holding.listings.write(number, _listed(number, groups, holding, shards))
            if not shards:
                raise RegistrationRefused("there is no file in what was handed over")
            received = sum(s[0] for s in shards.values())
            total = sum(s[1] for s in shards.values())
            _refuse_repeated(holding, delivery, source, number, received, total)
            claimed = _claimed(holding, number, claims, lists, received) if claims else None
        except (RegistrationRefused, DeliveryUnlistable, DeliveryUnreachable, ListUnreadable) as refused:
            holding.listings.remove(number)
            raise RegistrationRefused(str(refused)) from None
        row = AccessionRow(number=number, source=source, basis=receipt.basis, marks=marks,
                           note=receipt.note, folder=delivery.where, received=received, bytes=total, listing=digest,
                           state="registered", root=None, same_as=None, sample=receipt.sample,
                           registered_at=_now(), facts=as_text(receipt.facts))  # fmt: skip
        rows = [ShardRow(shard_number(number, i), number, count, count) for i, (count, _) in enumerate(shards.values())]
        said = _body(row, rows) if claimed is None else {**_body(row, rows), "claims": claimed}
        event = holding.record.event("registered", number, said)
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
        holding.listings.remove(number)
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


def in_bucket(holding: Holding, address: str) -> Delivery:
    """The delivery at an address of S3, at the service that the settings name for deliveries.

    Raises:
        RegistrationRefused: it is no address, or the vault lies there.
    """
    from iimm_pipelines.accessions.s3_prefix import S3Prefix
    from iimm_pipelines.storage.s3 import Address, AddressInvalid

    settings = holding.settings
    try:
        here = Address.parse(address)
        vault = Address.parse(settings.vault) if in_s3(settings.vault) else None
    except AddressInvalid as wrong:
        raise RegistrationRefused(str(wrong)) from None
    if (
        vault
        and vault.bucket == here.bucket
        and (vault.prefix.startswith(here.prefix) or here.prefix.startswith(vault.prefix))
    ):
        raise RegistrationRefused("the vault and what is received must not lie inside each other")
    return S3Prefix(here, settings.deliveries_s3)


def change_marks(
    holding: Holding, number: str, marks: Sequence[str], said: Mapping[str, str] | None = None
) -> AccessionRow:
    """Give an accession other marks. They are no input of any stage: only the index moves. `said`: by whom, and why."""
    marks = sorted({m.strip() for m in marks})  # one that is named twice would have to be held twice
    _check_marks(marks)
    row = holding.catalogue.accession(number)
    event = holding.record.event("marks changed", number, {"before": list(row.marks), "after": marks, **(said or {})})
    holding.catalogue.change_accession(row.number, event, marks=marks)
    holding.record.drain()
    return replace(row, marks=tuple(marks))


def change_urgency(holding: Holding, number: str, *, urgent: bool) -> AccessionRow:
    """Let an accession pass the backlog, or wait in it again."""
    row = holding.catalogue.accession(number)
    event = holding.record.event("urgency changed", number, {"urgent": urgent})
    holding.catalogue.change_accession(row.number, event, urgent=urgent)
    holding.record.drain()
    return replace(row, urgent=urgent)


def accession_root(paths_and_digests: Iterable[tuple[bytes, bytes]]) -> str:
    """Merkle root over path and SHA-256 of each received file, which come in order of the paths, then of the digests."""
    return root(leaf_hash(canonical({"path": p, "sha256": d})) for p, d in paths_and_digests).hex()


def _delivery(holding: Holding, path: Path) -> Delivery:
    delivery = delivery_of(path)
    if delivery is None:
        raise RegistrationRefused(f"{path} is neither a folder nor a file")
    data, where = holding.settings.data, path.resolve()
    if data.is_relative_to(where) or where.is_relative_to(data):
        raise RegistrationRefused("the data folder and what is received must not lie inside each other")
    return delivery


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


def _listed(number: Accession, groups: Iterable[Sequence[Entry]], holding: Holding,
            shards: dict[str, list[int]]) -> Iterator[Listed]:  # fmt: skip
    """The files in order, cut into shards by number and bytes, not inside a group if it fits; counts go into `shards`."""
    sequence, count, size = 0, 0, 0
    most, most_bytes = min(holding.settings.shard_items, LAST_PLACE + 1), holding.settings.shard_bytes
    for group in groups:
        together = sum(e.state.size for e in group)
        apart = len(group) > most or together > most_bytes
        for nth, entry in enumerate(group):
            length = entry.state.size
            files, bytes_ = (1, length) if apart else (len(group), together) if nth == 0 else (0, 0)
            if count and (count + files > most or size + bytes_ > most_bytes):
                sequence, count, size = sequence + 1, 0, 0
            if sequence > LAST_SHARD:
                raise RegistrationRefused(
                    f"more than {LAST_SHARD + 1} shards: raise `shard_items`, or register parts of it"
                )
            shard = shard_number(number, sequence)
            yield Listed(shard, count, entry.path, length, entry.state.modified_ns, entry.regular, entry.state.tag)
            count, size = count + 1, size + length
            shards[shard] = [count, size]


def _claimed(holding: Holding, number: Accession, claims: Claims, lists: Sequence[GivenList],
             received: int) -> dict[str, object]:  # fmt: skip
    """Write claims beside the listing, and say what the registration event says of them: digests and counts."""
    digest = holding.listings.write_claims(number, claims.claimed(holding.listings.read(number)))
    described = claims.described()
    for each in lists:  # a list that lies beside the delivery is evidence of what was claimed, too
        if _kept(holding, each.path).hex() not in {d["sha256"] for d in described}:
            raise RegistrationRefused("a list changed while it was read: let the copying end, and register again")
    account = account_of(holding.listings.claims(number), received, ())
    return {"digest": digest, "lists": described, **account.plain()}


def _kept(holding: Holding, path: Path) -> bytes:
    try:
        return holding.vault.put_file(path).sha256
    except (ChangedWhileRead, SourceUnavailable) as wrong:
        raise RegistrationRefused(f"{path}: {wrong}") from None


def _refuse_repeated(holding: Holding, delivery: Delivery, source: str, number: Accession, received: int,
                     size: int) -> None:  # fmt: skip
    alike = [a for a in holding.catalogue.accessions()
             if a.source == source and a.received == received and a.bytes == size and a.root]  # fmt: skip
    if not alike:
        return
    found = accession_root([(f.path, _file_digest(delivery, f.path)) for f in holding.listings.read(number)
                            if f.regular])  # fmt: skip
    for other in alike:
        if other.root == found:
            raise RegistrationRefused(f"source {source} handed over exactly these files before: {other.number}. "
                                      "Nothing was registered")  # fmt: skip


def _file_digest(delivery: Delivery, path: bytes) -> bytes:
    try:
        with delivery.open(path) as opened:
            found = hashlib.sha256()
            for piece in opened.pieces():
                found.update(piece)
            return found.digest()
    except (ChangedWhileRead, SourceUnavailable):
        raise RegistrationRefused("a file could not be read: let the copying end, and register again") from None


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _body(row: AccessionRow, shards: Sequence[ShardRow]) -> dict[str, object]:
    return {"basis": row.basis, "bytes": row.bytes, "facts": as_data(from_text(row.facts)), "folder": row.folder,
            "listing": row.listing, "marks": list(row.marks), "note": row.note, "received": row.received,
            "registered_at": row.registered_at, "sample": row.sample, "source": row.source,
            "shards": [{"number": s.number, "received": s.received} for s in shards]}  # fmt: skip
