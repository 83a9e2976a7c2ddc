"""Originals: an item's bytes as they were received, given out into a file, and what must not be given out.

Here: the one way by which bytes leave the vault for a person, with its custody event.
Not here: who may see what (search/access), decisions that keep material shut (holds), copies of the vault (recovery).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.accessions.holds import shut
from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.accessions.numbers import Number, Shard, accession_of, shard_of
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.durable import sync_folder

EXPORTED = "exported"


class Cause(StrEnum):
    """Why bytes are not given out."""

    NO_BYTES = "no bytes"
    KEPT_SHUT = "kept shut"
    MALWARE = "malware"
    ASKED_WRONGLY = "asked wrongly"


class OriginalRefused(ValueError):
    """An original is not given out; the message says why and what to do."""

    def __init__(self, message: str, cause: Cause = Cause.ASKED_WRONGLY) -> None:
        """Keep the cause."""
        super().__init__(message)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Harmless:
    """An item whose bytes may leave the vault. `scanner`: which scanner found nothing in it; None where none has looked."""

    item: Item
    object: bytes
    scanner: str | None


@dataclass(frozen=True, slots=True)
class GivenOut:
    """What was given out. `scanner`: which scanner found nothing in it; None where none has looked."""

    item: Number
    sha256: bytes
    size: int
    scanner: str | None


def harmless(holding: Holding, number: Number) -> Harmless:
    """An item of which nothing stands against its bytes being looked at or given out.

    Raises:
        OriginalRefused: a scanner found malware in it, it is kept shut, or its bytes were never read.
        CatalogueError: there is no such shard.
    """
    items = read_items(holding.parts, shard_of(number))
    item = next((i for i in items if i.number == number), None)
    if item is None:
        raise OriginalRefused(f"there is no item {number}", Cause.NO_BYTES)
    if item.object is None:
        raise OriginalRefused(f"the bytes of {number} could not be read: there is nothing to give out", Cause.NO_BYTES)
    return Harmless(item, item.object, _require_harmless(holding, item, _inside(item, items)))


def give_out(holding: Holding, number: Number, target: Path, *, to: str, reason: str) -> GivenOut:
    """Write an item's bytes into a new file, checked against its SHA-256; a custody event of the item says to whom and why.

    Raises:
        OriginalRefused: a scanner found malware in it, it is kept shut, its bytes were never read, no reason is said, or
            there is such a file.
        CatalogueError: there is no such shard.
        ObjectDamaged, ObjectMissing: the vault's copy is not whole.
    """
    _require_reason(reason)
    found = harmless(holding, number)
    if target.exists() or target.resolve().is_relative_to(holding.settings.data):
        raise OriginalRefused(f"{target} is there already, or lies in the data folder: name another file")
    if not target.parent.is_dir():
        raise OriginalRefused(f"there is no folder {target.parent}")
    return _written(holding, found, target, to, reason)


def hand_over(holding: Holding, found: Harmless, target: Path, *, to: str, reason: str) -> GivenOut:
    """The same into a new file in scratch, from which a browser is given it.

    Raises:
        OriginalRefused: no reason is said.
        ObjectDamaged, ObjectMissing: the vault's copy is not whole.
    """
    _require_reason(reason)
    return _written(holding, found, target, to, reason)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise OriginalRefused("say why it is given out: --reason")


def _written(holding: Holding, found: Harmless, target: Path, to: str, reason: str) -> GivenOut:
    item = found.item
    draft = target.with_name(f"{target.name}.not-whole")
    holding.vault.copy_to(found.object, draft)
    try:  # the record first: what it does not know of must not be there
        body = {"reason": reason.strip(), "sha256": found.object.hex(), "size": item.size, "to": to}
        holding.catalogue.note_event(holding.record.event(EXPORTED, item.number, body))
        holding.record.drain()
        draft.rename(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(target.parent)
    return GivenOut(item.number, found.object, item.size, found.scanner)


def _inside(item: Item, items: Sequence[Item]) -> list[Item]:
    """What came out of an item and lies in its shard, at any depth; what is inside has a later place."""
    numbers = {item.number}
    for other in items:
        if other.parent in numbers:
            numbers.add(other.number)
    return [i for i in items if i.number in numbers and i is not item]


def _require_harmless(holding: Holding, item: Item, inside: Sequence[Item]) -> str | None:
    """Refuse what may be opened by nobody, and what a scanner warns of: in it, or in the same bytes elsewhere."""
    if shut(holding, accession_of(item.number), [item, *inside]):
        raise OriginalRefused(f"{item.number}, or what is in it, is kept shut: `iimm hold list` says by whom and why",
                              Cause.KEPT_SHUT)  # fmt: skip
    warnings, scanner = _scanned(holding, item, inside)
    if warnings:
        raise OriginalRefused(f"{item.number} has malware in it ({warnings[0]}): it is kept and searched, and not given out. "
                              "Its text and metadata can be read by `iimm search`", Cause.MALWARE)  # fmt: skip
    return scanner


def _scanned(holding: Holding, item: Item, inside: Sequence[Item]) -> tuple[list[str], str | None]:
    """Signatures that fit an item, what is in it, or the same bytes where they were seen first; and who found none in it.

    An archive that opens with a password only is none to a scanner: so what came out of it counts as well.
    """
    places: dict[Shard, set[int]] = defaultdict(set)
    for each in (item, *inside):
        places[shard_of(each.number)].add(each.place)
    for shard, place in holding.catalogue.first_seen([i.object for i in (item, *inside) if i.object]).values():
        places[shard].add(place)
    found, scanner = [], None
    for shard, wanted in places.items():
        for table in holding.parts.columns("malware", shard, ["place", "reason", "malware"]):
            for place, reason, rows in zip(
                *(table[n].to_pylist() for n in ("place", "reason", "malware")), strict=True
            ):
                for row in rows or () if place in wanted else ():
                    if row["signature"]:
                        found.append(row["signature"])
                    elif reason == Reason.NO_MALWARE and (shard, place) == (shard_of(item.number), item.place):
                        scanner = row["scanner"]
    return found, scanner
