"""Legal holds told to the buckets of the vault and its copy: S3 then deletes no such object, whatever its retention and whoever asks.

Here: which objects legal holds are about now, and bringing the buckets up to that.
Not here: placing and releasing holds (holds), how a bucket is told (storage/locked_bucket).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import pyarrow.compute as pc

from iimm_pipelines.accessions.holds import HoldKind, standing
from iimm_pipelines.holding import Holding, in_s3, open_vault
from iimm_pipelines.storage.legal_locks import LegalLocks
from iimm_pipelines.storage.vault import ObjectMissing, Vault

_TOGETHER = 1_000
_AT_ONCE = 8
"""Requests under way: as many again would wait for the same connections."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Objects that a bucket holds now, of them those that it was told this time, those let go, and those not there."""

    held: int
    new: int
    let_go: int
    missing: int


class Place(StrEnum):
    """Which bucket: what is missing in the copy was perhaps not copied yet, what is missing in the vault is lost."""

    VAULT = "vault"
    COPY = "copy"


def lock_what_is_held(holding: Holding) -> dict[Place, Locked]:
    """Have the buckets of the vault and its copy hold every object that a legal hold is about, and no other.

    A vault in a folder has no line in the answer. What was told before is not told again: a run without anything new
    asks nothing of the service.

    Raises:
        VaultUnavailable: a bucket cannot be reached or refuses. What it was told stands; trying again does the rest.
    """
    settings = holding.settings
    buckets = {Place.VAULT: settings.vault, Place.COPY: settings.vault_copy}
    told = {place: str(where) for place, where in buckets.items() if in_s3(where)}
    if not told:
        return {}
    wanted = set(_objects(holding))

    def vault(place: Place) -> Vault:
        if place is Place.VAULT:
            return holding.vault
        return open_vault(told[place], holding.keys, settings, settings.vault_copy_s3)

    return {place: _lock(LegalLocks(holding.catalogue), where, partial(vault, place), wanted)
            for place, where in told.items()}  # fmt: skip


def _lock(locks: LegalLocks, bucket: str, vault: Callable[[], Vault], wanted: Set[bytes]) -> Locked:
    before = locks.held(bucket)
    new, gone = sorted(wanted - before), sorted(before - wanted)
    missing = 0
    for objects, on in ((new, True), (gone, False)):
        for begin in range(0, len(objects), _TOGETHER):
            some = objects[begin : begin + _TOGETHER]
            told = _tell(vault(), some, on=on)
            missing += len(some) - len(told)
            locks.note(bucket, told if on else some, held=on)
    return Locked(len(wanted) - missing, len(new) - missing, len(gone), missing)


def _tell(vault: Vault, objects: Sequence[bytes], *, on: bool) -> list[bytes]:
    """Tell the bucket of each; gives those that are there."""

    def one(sha256: bytes) -> bool:
        try:
            vault.hold(sha256, on=on)
        except ObjectMissing:  # `iimm verify` names it, or `iimm vault copy` brings it
            return False
        return True

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return [sha256 for sha256, there in zip(objects, threads.map(one, objects), strict=True) if there]


def _objects(holding: Holding) -> Iterator[bytes]:
    """The objects that legal holds are about: an item's, or those of an accession with all that came out of them."""
    for hold in standing(holding):
        if hold.kind != HoldKind.LEGAL:
            continue
        if hold.object is not None:
            yield hold.object
            continue
        for shard in holding.catalogue.shards(hold.about):
            for stage, table in (("inventory", "received"), ("contents", "members")):
                for part in holding.parts.columns(stage, shard.number, [table]):
                    rows = part[table].combine_chunks().flatten()
                    yield from pc.unique(pc.struct_field(rows, "sha256").drop_null()).to_pylist()
