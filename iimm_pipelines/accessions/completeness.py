"""Completeness of an accession: its source as it is now, held against what was taken in, and that against the vault.

Here: reading both again, naming each deviation by number, and the custody event that says so.
Not here: promises over stages (accessions/accounts), fixity of the whole vault, showing it (cli/accession).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from iimm_pipelines.accessions.delivery import Delivery, Entry
from iimm_pipelines.accessions.numbers import Accession, Number, Shard, item_number
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.listings import Listed
from iimm_pipelines.storage.vault import ChangedWhileRead, ObjectDamaged, ObjectMissing, SourceUnavailable


class Deviation(StrEnum):
    """How a file is not as it was received."""

    MISSING = "missing at the source"
    CHANGED = "changed at the source"
    ADDITIONAL = "additional at the source"
    UNREAD = "unreadable at the source"
    NOT_TAKEN_IN = "not taken in"
    NOT_IN_VAULT = "not in the vault"
    DAMAGED_IN_VAULT = "damaged in the vault"


@dataclass(frozen=True, slots=True)
class Deviating:
    """A file that deviates; one that is additional has no number."""

    item: Number | None
    path: bytes
    how: Deviation


@dataclass(frozen=True, slots=True)
class Compared:
    """How many files are as they were received, at the source and in the vault, and how many deviate in which way."""

    same: int
    in_vault: int
    deviations: Counter[str]

    @property
    def complete(self) -> bool:
        """Whether nothing deviates."""
        return not self.deviations


def compare(holding: Holding, number: Accession, delivery: Delivery, *, objects: bool = True,
            found: Callable[[Deviating], None] = lambda _: None) -> Compared:  # fmt: skip
    """Read a source and the vault again; `found` is given each deviation as it comes. A custody event holds the counts.

    Memory does not grow with the accession: a delivery gives its entries in the same order each time, so that a listed
    file that is still there comes when its turn comes, and what comes before it is additional.

    Raises:
        DeliveryUnlistable: the source cannot be listed.
    """
    same = in_vault = 0
    deviations: Counter[str] = Counter()

    def deviates(item: Number | None, path: bytes, how: Deviation) -> None:
        deviations[how] += 1
        found(Deviating(item, path, how))

    links = {e.path for e in delivery.entries() if not e.regular}  # few, and none can be opened to see if it is there
    entries = delivery.entries()
    entry = next(entries, None)
    for shard in (s.number for s in holding.catalogue.shards(number) if s.origin is None):
        taken = _taken_in(holding, shard)
        for file in holding.listings.read(number, shard):
            item = item_number(shard, file.place)
            while entry is not None and entry.path != file.path and (file.path in links or _there(delivery, file)):
                deviates(None, entry.path, Deviation.ADDITIONAL)
                entry = next(entries, None)
            here = entry if entry is not None and entry.path == file.path else None
            if here is not None:
                entry = next(entries, None)
            how = _deviation(delivery, file, here, taken.get(file.place))
            if how is None:
                same += 1
            else:
                deviates(item, file.path, how)
        for place, digest in taken.items() if objects else ():
            wrong = _in_vault(holding, digest)
            if wrong is None:
                in_vault += 1
            else:
                deviates(item_number(shard, place), b"", wrong)
    while entry is not None:
        deviates(None, entry.path, Deviation.ADDITIONAL)
        entry = next(entries, None)
    compared = Compared(same, in_vault, deviations)
    _note(holding, number, compared)
    return compared


def _taken_in(holding: Holding, shard: Shard) -> dict[int, bytes]:
    """SHA-256 of each received file of a shard that was taken in, by place."""
    taken: dict[int, bytes] = {}
    for table in holding.parts.columns("inventory", shard, ["place", "received"]):
        for place, rows in zip(table["place"].to_pylist(), table["received"].to_pylist(), strict=True):
            if rows and rows[0].get("sha256") is not None:
                taken[place] = rows[0]["sha256"]
    return taken


def _deviation(delivery: Delivery, file: Listed, here: Entry | None, taken: bytes | None) -> Deviation | None:
    if here is None:
        return Deviation.MISSING
    if not file.regular or not here.regular:  # links and devices are named and never read
        return None if file.regular == here.regular else Deviation.CHANGED
    if taken is None:
        return Deviation.NOT_TAKEN_IN
    try:
        with delivery.open(file.path) as opened:
            digest = hashlib.sha256()
            for piece in opened.pieces():
                digest.update(piece)
    except (SourceUnavailable, ChangedWhileRead):
        return Deviation.UNREAD
    return None if digest.digest() == taken else Deviation.CHANGED


def _there(delivery: Delivery, file: Listed) -> bool:
    """Whether a listed file is still at the source, so that it comes later among the entries."""
    try:
        with delivery.open(file.path):
            return True
    except SourceUnavailable:
        return False


def _in_vault(holding: Holding, digest: bytes) -> Deviation | None:
    try:
        holding.vault.check(digest)
    except ObjectMissing:
        return Deviation.NOT_IN_VAULT
    except ObjectDamaged:
        return Deviation.DAMAGED_IN_VAULT
    return None


def _note(holding: Holding, number: Accession, compared: Compared) -> None:
    body: dict[str, Any] = {"same": compared.same, "in_vault": compared.in_vault,
                            "deviations": {str(k): n for k, n in sorted(compared.deviations.items())}}  # fmt: skip
    holding.catalogue.note_event(holding.record.event("compared with its source", number, body))
    holding.record.drain()
