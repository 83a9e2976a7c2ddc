"""Committing a part: outcomes get their leaves, the file, the attestation and the transaction, in this order.

Here: sealing outcomes, and the one way in which a part comes to exist.
Not here: computing outcomes (engine/run, stages/inventory), the form of files and attestations (storage, custody).

Custody fails closed: a file without attestation, or an attestation without transaction, is an orphan that no reader
sees; a rerun writes the same key over it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.custody.attestation import Processing
from iimm_pipelines.custody.environment import environment
from iimm_pipelines.custody.leaf import content_data, seal
from iimm_pipelines.custody.merkle import root
from iimm_pipelines.engine.outcome import Outcome
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import PartRow, SliceRow
from iimm_pipelines.storage.parts import StoredOutcome, Written


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a part was made from, besides the outcomes' own inputs."""

    key: str
    started: datetime
    invocation: str
    input_parts: Sequence[tuple[str, str]] = ()


def sealed(holding: Holding, stage: Stage, *, item: str, place: int, outcome: Outcome, inputs: Sequence[bytes],
           work: bytes, numbers: Sequence[int] | None = None, carried: bool = False, took_us: int = 0,
           attempts: int = 1) -> StoredOutcome:  # fmt: skip
    """An outcome with its recipe, salt, content digest and leaf."""
    recipe = stage.recipe(outcome.used)
    salt = holding.keys.salt(item, stage.name, recipe)
    content = content_data(outcome.kind, outcome.reason, outcome.tables)
    digests = seal(item=item, stage=stage.name, recipe=recipe, inputs=inputs, numbers=numbers, salt=salt,
                   content=content)  # fmt: skip
    return StoredOutcome(item=item, place=place, kind=outcome.kind, reason=outcome.reason, used=outcome.used,
                         recipe=recipe, work=work, content=digests.content, inputs=tuple(inputs),
                         numbers=None if numbers is None else tuple(numbers), salt=salt, leaf=digests.leaf,
                         carried=carried, took_us=took_us, attempts=attempts, detail=outcome.detail,
                         tables=outcome.tables)  # fmt: skip


def commit(holding: Holding, stage: Stage, shard: Shard, piece: SliceRow, outcomes: Sequence[StoredOutcome],
           made: Provenance, *, given: tuple[int, int] | None = None,
           objects: Sequence[tuple[bytes, Shard, int]] = ()) -> PartRow:  # fmt: skip
    """Make the outcomes of a slice its current part."""
    written = holding.parts.write(stage.name, shard, made.key, outcomes, stage.tables)
    counts = Counter(str(o.kind) for o in outcomes)
    counts["carried"] = sum(o.carried for o in outcomes)
    counts["computed"] = len(outcomes) - counts["carried"]
    return _claimed(holding, stage, shard, piece, outcomes, made, written, counts, given, objects)


def commit_again(holding: Holding, stage: Stage, shard: Shard, piece: SliceRow, former: PartRow,
                 made: Provenance) -> PartRow:  # fmt: skip
    """Make a part that others had replaced the current one again: its file stays as it is, and is claimed anew."""
    counts = {**former.counts, "carried": former.leaves, "computed": 0}
    outcomes = holding.parts.outcomes(former)
    written = holding.parts.written(former.stage, former.shard, former.key)
    return _claimed(holding, stage, shard, piece, outcomes, made, written, counts, None, ())


def _claimed(holding: Holding, stage: Stage, shard: Shard, piece: SliceRow, outcomes: Sequence[StoredOutcome],
             made: Provenance, written: Written, counts: Mapping[str, int],
             given: tuple[int, int] | None, objects: Sequence[tuple[bytes, Shard, int]]) -> PartRow:  # fmt: skip
    finished = datetime.now(UTC)
    what = Processing(
        stage=stage.name, stage_digest=stage.digest, recipe=stage.described(), shard=shard, slice_start=piece.start,
        slice_end=piece.end, key=made.key, retry=piece.retry, input_parts=made.input_parts,
        root=root([o.leaf for o in outcomes]).hex(), leaves=len(outcomes), counts=counts, environment=environment(),
        started=made.started, finished=finished, invocation=made.invocation, file=written.sha256,
    )  # fmt: skip
    envelope, digest = holding.record.processing(what)
    holding.parts.write_attestation(stage.name, shard, made.key, envelope, digest)
    part = PartRow(key=made.key, stage=stage.name, shard=shard, start=piece.start, end=piece.end, retry=piece.retry,
                   root=what.root, leaves=len(outcomes), counts=counts, bytes=written.size,
                   seconds=(finished - made.started).total_seconds(), attestation=digest,
                   finished=finished.strftime("%Y-%m-%dT%H:%M:%SZ"))  # fmt: skip
    holding.catalogue.commit_part(part, given=given, objects=objects)
    return part
