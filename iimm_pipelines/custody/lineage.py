"""Lineage of an item: every outcome that it, and what it came from, rests on, each with its proof.

Here: walking leaves from an item's last outcome back to the receipt, with no catalogue.
Not here: showing it (cli/), packages for outsiders (sharing/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from iimm_pipelines.accessions.numbers import Number, Shard, accession_of, shard_of
from iimm_pipelines.accessions.shards import SPILLED
from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import AttestationInvalid, CustodyEvent, Processing
from iimm_pipelines.custody.merkle import inclusion_proof, leaf_hash, verify_inclusion
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.parts import StoredOutcome, read_outcomes


class ItemUnknown(LookupError):
    """No part holds an item of this number."""


@dataclass(frozen=True, slots=True)
class Step:
    """One outcome: what was said of which item, by which recipe, and where its proof stands.

    `log_index` is the place of its attestation in the log, None while it waits in the outbox.
    """

    stage: str
    item: str
    kind: str
    reason: str | None
    leaf: bytes
    inputs: tuple[bytes, ...]
    carried: bool
    key: str
    root: str
    stage_digest: str
    recipe: Mapping[str, Any]
    environment: Mapping[str, str]
    finished: datetime
    log_index: int | None
    object: bytes | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """The steps from the last one back to the receipt, and the custody events of the accession and of the item."""

    steps: tuple[Step, ...]
    events: tuple[CustodyEvent, ...]


@dataclass
class _Part:
    said: Processing
    digest: bytes
    outcomes: list[StoredOutcome]
    log_index: int | None

    @cached_property
    def by_leaf(self) -> dict[bytes, StoredOutcome]:
        return {o.leaf: o for o in self.outcomes}


def lineage(holding: Holding, number: Number) -> Lineage:
    """Walk an item's lineage; each leaf is proven under its part's root, each attestation under the log's checkpoint.

    Raises:
        ItemUnknown: no part holds such an item.
        ProofInvalid: a proof does not hold.
    """
    events = events_of(holding, accession_of(number), number)
    shards = _with_origins(shard_of(number), events)
    parts = sorted(
        (p for s in shards for p in _parts(holding, s)), key=lambda p: -1 if p.log_index is None else p.log_index
    )
    latest: dict[str, tuple[_Part, StoredOutcome]] = {}
    for part in parts:
        for outcome in part.outcomes:
            if outcome.item == number:
                latest[part.said.stage] = (part, outcome)
    if not latest:
        raise ItemUnknown(f"there is no item {number}")
    steps: dict[bytes, Step] = {}
    named: set[bytes] = set()
    last = [o.leaf for _, o in latest.values()]
    waiting = sorted(last, key=lambda leaf: [o.leaf for _, o in latest.values()].index(leaf), reverse=True)
    while waiting:
        leaf = waiting.pop(0)
        found = _holding(parts, leaf)
        if found is None and leaf in named:
            parts += _received_elsewhere(holding, shards)
            named.clear()
            found = _holding(parts, leaf)
        if leaf in steps or found is None:
            continue
        part, outcome = found
        if part.said.stage != "inventory":  # whose inputs are lines of the listing, and nobody's outcome
            named.update(outcome.inputs)
        _prove(holding, part, outcome)
        steps[leaf] = _step(part, outcome)
        waiting.extend(outcome.inputs)
    ordered = sorted(steps.values(), key=lambda s: (s.finished, s.item), reverse=True)
    return Lineage(tuple(ordered), tuple(events))


OVER_ALL_ACCESSIONS = frozenset({"near_pairs"})
"""Stages that look at every accession: that one of them produced something tells of items a reader may not see."""
TELLS_OF_OTHERS = frozenset({"carried", "same_as", "corroborates", "items", "shards", "log_index"})
"""That an object was received elsewhere too, or is held there, and how much else stands in the log: a reader may not be told,
as those accessions may not be theirs to see."""


def for_reader(found: Lineage) -> Lineage:
    """A lineage without steps that tell of accessions which may not be the reader's; of what is left, `TELLS_OF_OTHERS` is not shown."""
    return replace(found, steps=tuple(s for s in found.steps if s.stage not in OVER_ALL_ACCESSIONS))


def as_plain(found: Lineage, *, for_reader: bool) -> dict[str, Any]:
    """A lineage for programs; JSON writes what it does not know by `plain_value`."""
    hidden = TELLS_OF_OTHERS if for_reader else frozenset[str]()
    return {"steps": [{n: getattr(s, n) for n in s.__dataclass_fields__ if n not in hidden} for s in found.steps],
            "events": [{n: getattr(e, n) for n in e.__dataclass_fields__ if n != "body"}
                       | {"body": {n: v for n, v in e.body.items() if n not in hidden}}
                       for e in found.events]}  # fmt: skip


def plain_value(value: Any) -> Any:
    """A value for JSON: bytes as hex, sets sorted, anything else as it is written."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)


def _with_origins(shard: Shard, events: Sequence[CustodyEvent]) -> list[Shard]:
    """A shard, and those from which its items were spilled."""
    origins = {e.body["shard"]: Shard(e.body["from"]) for e in events if e.kind == SPILLED}
    found = [shard]
    while found[-1] in origins:
        found.append(origins[found[-1]])
    return found


def _parts(holding: Holding, shard: Shard, only: str | None = None) -> Iterator[_Part]:
    for stage, key, path in holding.part_files.attestations(shard):
        if only not in (None, stage):
            continue
        envelope = path.read_bytes()
        try:
            said = attestation.read(envelope, holding.proof.verifier)
        except AttestationInvalid:
            continue
        digest = attestation.digest(envelope)
        if isinstance(said, Processing):
            outcomes = read_outcomes(holding.part_files.arrow(stage, shard, key))
            yield _Part(said, digest, outcomes, holding.proof.log.index_of(digest))


def _holding(parts: Sequence[_Part], leaf: bytes) -> tuple[_Part, StoredOutcome] | None:
    return next(((p, p.by_leaf[leaf]) for p in reversed(parts) if leaf in p.by_leaf), None)


def _received_elsewhere(holding: Holding, known: Sequence[Shard]) -> list[_Part]:
    """What stands of received files in the accession's other shards: pieces of a set may lie there."""
    accession = accession_of(known[0])
    others = [Shard(s) for s in holding.part_files.shards() if accession_of(s) == accession and s not in known]
    return [part for shard in others for part in _parts(holding, shard, "inventory")]


def _prove(holding: Holding, part: _Part, outcome: StoredOutcome) -> None:
    leaves = [o.leaf for o in part.outcomes]
    index = leaves.index(outcome.leaf)
    verify_inclusion(outcome.leaf, index, len(leaves), inclusion_proof(leaves, index), bytes.fromhex(part.said.root))
    checkpoint = holding.proof.log.checkpoint()
    if part.log_index is not None and checkpoint is not None:
        proof = holding.proof.log.inclusion_proof(part.log_index)
        verify_inclusion(leaf_hash(part.digest), part.log_index, checkpoint.size, proof, checkpoint.root)


def _step(part: _Part, outcome: StoredOutcome) -> Step:
    received = outcome.tables.get("received")
    said = part.said
    return Step(stage=said.stage, item=outcome.item, kind=outcome.kind, reason=outcome.reason, leaf=outcome.leaf,
                inputs=outcome.inputs, carried=outcome.carried, key=said.key, root=said.root,
                stage_digest=said.stage_digest, recipe=said.recipe, environment=said.environment,
                finished=said.finished, log_index=part.log_index,
                object=received[0].get("sha256") if received else None)  # fmt: skip


def events_of(holding: Holding, *about: str) -> list[CustodyEvent]:
    """The custody events of accessions or items, each in order; those whose signature does not hold are left to `verify`."""
    found = []
    for path in holding.proof.events_folder.glob("*.dsse.json"):
        try:
            event = attestation.read(path.read_bytes(), holding.proof.verifier)
        except AttestationInvalid:
            continue
        if isinstance(event, CustodyEvent) and event.about in about:
            found.append(event)
    return sorted(found, key=lambda e: (about.index(e.about), e.sequence))
