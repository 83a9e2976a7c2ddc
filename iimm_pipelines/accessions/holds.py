"""Holds: decisions of people that material is kept shut, or kept whatever happens.

Here: placing, reviewing and releasing them, each a custody event; which items are kept shut.
Not here: how the engine answers for those (engine/run), the form of hash lists (accessions/hash_list).

A quarantine and a hash list say that bytes are kept and never opened: no stage reads them, nothing of them is shown or
exported. They go by object, since what harms in one place harms in all; a quarantine of an accession goes by place. A
legal hold says that nothing of an item or accession may be disposed of; it is worked on as ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from iimm_pipelines.accessions.hash_list import read_hash_list
from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.accessions.numbers import Number, parse_number, shard_of
from iimm_pipelines.custody.attestation import CustodyEvent
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import HoldRow

PLACED, REVIEWED, RELEASED = "hold placed", "hold reviewed", "hold released"
HOLD_EVENTS = (PLACED, REVIEWED, RELEASED)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")


class HoldKind(StrEnum):
    """What a hold asks for."""

    QUARANTINE = "quarantine"
    LEGAL = "legal hold"
    HASH_LIST = "hash list"

    @property
    def shuts(self) -> bool:
        """Whether what it is about is not opened."""
        return self is not HoldKind.LEGAL


class HoldRefused(ValueError):
    """A hold cannot be placed or changed as asked; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, why, and when it is looked at again."""

    by: str
    reason: str
    review_on: date


@dataclass(frozen=True, slots=True)
class Placed:
    """A hold, and how many items of how many shards a change of it concerns now."""

    hold: HoldRow
    items: int
    shards: int


def place(holding: Holding, kind: HoldKind, number: str, decision: Decision) -> Placed:
    """Place a quarantine or legal hold on an item or accession.

    Raises:
        HoldRefused: there is no such item, it stands already, or the decision is not complete.
        CatalogueError: there is no such accession or shard.
        NotANumber: it is no item number.
    """
    known = _object_of(holding, parse_number(number)) if "-" in number else None
    if known is None:
        holding.catalogue.accession(number)
    for hold in standing(holding):
        if (hold.kind, hold.about) == (kind, number):
            raise HoldRefused(f"{hold.number} is a {kind} of {number}: `iimm hold review` changes its date")
    row = _row(holding, kind, number, decision, object=known)
    return _write(holding, PLACED, row, decision, _concerned(holding, row))


def place_hash_list(holding: Holding, file: Path, name: str, decision: Decision) -> Placed:
    """Keep shut whatever a list names by its digest, now and when it is received later.

    Raises:
        HoldRefused: the name is taken or none, or the decision is not complete.
        HashListInvalid: the list cannot be read.
    """
    if not _NAME.fullmatch(name):
        raise HoldRefused("a list's name is at most 61 letters, digits, dots, dashes and underscores")
    about = f"hash list {name}"
    if any(h.about == about for h in standing(holding)):
        raise HoldRefused(f"there is a list {name}: release it first, or give this one another name")
    digests = read_hash_list(file)
    row = _row(holding, HoldKind.HASH_LIST, about, decision, entries=len(digests))
    row = replace(row, file=holding.hash_lists.write(digests))
    concerned = _shards_with(holding, lambda found: digests.intersection(found))
    return _write(holding, PLACED, row, decision, concerned, listed=digests)


def review(holding: Holding, number: str, decision: Decision) -> HoldRow:
    """Say that a hold was looked at and stands, until another date.

    Raises:
        HoldRefused: no such hold stands, or the decision is not complete.
    """
    row = _standing(holding, number)
    _check(decision)
    return _write(holding, REVIEWED, replace(row, review_on=decision.review_on.isoformat()), decision, {}).hold


def release(holding: Holding, number: str, by: str, reason: str) -> Placed:
    """End a hold: what it kept shut is opened by the next run.

    Raises:
        HoldRefused: no such hold stands, or it is not said who releases it and why.
    """
    row = _standing(holding, number)
    decision = Decision(by, reason, datetime.now(UTC).date())
    _check(decision)
    concerned = _concerned(holding, row)
    return _write(holding, RELEASED, replace(row, released_at=_now()), decision, concerned)


def standing(holding: Holding) -> list[HoldRow]:
    """The holds that are not released, by number."""
    return [h for h in holding.catalogue.holds() if h.released_at is None]


def shut(holding: Holding, accession: str, items: Sequence[Item]) -> frozenset[int]:
    """Places of those items of an accession's shard that are kept shut."""
    shutting = [h for h in standing(holding) if HoldKind(h.kind).shuts]
    if not shutting:
        return frozenset()
    if any(h.about == accession for h in shutting):
        return frozenset(i.place for i in items)
    kept = {h.object for h in shutting if h.object is not None}
    if any(h.kind == HoldKind.HASH_LIST for h in shutting):
        kept |= holding.catalogue.listed([d for i in items for d in (i.object, i.sha1, i.md5) if d is not None])
    return frozenset(i.place for i in items if not kept.isdisjoint((i.object, i.sha1, i.md5)) and i.object)


def hold_of(event: CustodyEvent) -> tuple[HoldRow, Sequence[str]]:
    """The hold as a custody event leaves it, and the shards that the change concerns."""
    said = dict(event.body["hold"])
    known = said.pop("object", None)
    return HoldRow(**said, object=None if known is None else bytes.fromhex(known)), event.body["shards"]


def _row(holding: Holding, kind: HoldKind, about: str, decision: Decision, **more: Any) -> HoldRow:
    _check(decision)
    number = f"H{len(holding.catalogue.holds()) + 1:05d}"
    return HoldRow(**{"number": number, "kind": str(kind), "about": about, "object": None, "by": decision.by.strip(),
                      "reason": decision.reason.strip(), "placed_at": _now(),
                      "review_on": decision.review_on.isoformat(), **more})  # fmt: skip


def _check(decision: Decision) -> None:
    if not decision.by.strip() or not decision.reason.strip():
        raise HoldRefused("a hold has a person and a reason: --by and --reason")
    if decision.review_on < datetime.now(UTC).date():
        raise HoldRefused("the day on which a hold is looked at again has not passed: --review YYYY-MM-DD")


def _standing(holding: Holding, number: str) -> HoldRow:
    found = next((h for h in standing(holding) if h.number == number), None)
    if found is None:
        raise HoldRefused(f"there is no hold {number} that stands; `iimm hold list` lists them")
    return found


def _object_of(holding: Holding, number: Number) -> bytes:
    holding.catalogue.shard(shard_of(number))
    found = next((i for i in read_items(holding.parts, shard_of(number)) if i.number == number), None)
    if found is None:
        raise HoldRefused(f"there is no item {number}")
    if found.object is None:
        raise HoldRefused(f"the bytes of {number} could not be read: there is nothing to hold")
    return found.object


def _write(holding: Holding, kind: str, row: HoldRow, decision: Decision, concerned: dict[str, int],
           listed: frozenset[bytes] = frozenset()) -> Placed:  # fmt: skip
    hold = {n: v for n, v in asdict(row).items() if v is not None}
    if row.object is not None:
        hold["object"] = row.object.hex()
    body = {"by": decision.by.strip(), "hold": hold, "items": sum(concerned.values()),
            "reason": decision.reason.strip(), "shards": sorted(concerned)}  # fmt: skip
    event = holding.record.event(kind, row.about, body)
    holding.catalogue.write_hold(row, event, listed=sorted(listed), shards=sorted(concerned))
    holding.record.drain()
    return Placed(row, sum(concerned.values()), sum(1 for n in concerned.values() if n))


def _concerned(holding: Holding, row: HoldRow) -> dict[str, int]:
    """Shards that have to be looked at again, and how many items of each the hold is about."""
    if not HoldKind(row.kind).shuts:
        return {}
    if row.kind == HoldKind.HASH_LIST:
        return _shards_with(holding, lambda found: holding.catalogue.listed(found))
    if row.object is None:
        return {s.number: s.items for s in holding.catalogue.shards(row.about)}
    known = {row.object}
    return _shards_with(holding, lambda found: known.intersection(found))


def _shards_with(holding: Holding, chosen: Callable[[list[bytes]], set[bytes] | frozenset[bytes]]) -> dict[str, int]:
    """Shards with items of chosen digests, and how many; those that are being worked on, whatever is known of them.

    What a shard spilled is counted where its container stands, and named with the shards that it spilled into.
    """
    rows = holding.catalogue.shards()
    busy = set(holding.catalogue.leased())
    counts: dict[str, int] = {s.number: 0 for s in rows if s.number in busy or s.accession in busy}
    for row in rows:
        count = 0
        for columns in _digests(holding, row.number):
            kept = pa.array(sorted(chosen(pc.unique(pa.concat_arrays(columns)).to_pylist())), pa.binary())
            count += _rows_among(columns, kept)
        if count:
            counts[row.number] = count
            counts |= {s.number: counts.get(s.number, 0) for s in rows if s.origin == row.number}
    return counts


def _digests(holding: Holding, shard: str) -> Iterator[list[pa.Array]]:
    """SHA-256, SHA-1 and MD5 of the received files of a shard, and of the members found in it, a column each."""
    for stage, table in (("inventory", "received"), ("contents", "members")):
        for part in holding.parts.columns(stage, shard, [table]):
            rows = part[table].combine_chunks().flatten()
            yield [pc.struct_field(rows, n).cast(pa.binary()) for n in ("sha256", "sha1", "md5")]


def _rows_among(columns: Sequence[pa.Array], kept: pa.Array) -> int:
    among = [pc.is_in(c, value_set=kept) for c in columns]
    return int(pc.sum(pc.or_(pc.or_(among[0], among[1]), among[2])).as_py() or 0)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
