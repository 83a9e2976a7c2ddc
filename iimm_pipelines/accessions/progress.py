"""Progress: how far the work is, how fast it goes, what failed and why; for those who keep it going.

Here: figures by stage, accession and shard, failures by reason. Numbers of accessions, shards and stages, and counts.
Not here: content, file names or persons, by design; what one item came to (accounts), estimates by hours of sound and
pages (estimate), showing this (page/engine_page).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.engine.outcome import Kind, Reason
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages.graph import STAGES
from iimm_pipelines.storage.catalogue import AccessionRow, ShardRow
from iimm_pipelines.storage.tallies import Of, Tallies, Tally

INTAKE = "inventory"
ALL_STAGES = (INTAKE, *(s.name for s in STAGES))
_WINDOW = timedelta(hours=1)
_LEAST = timedelta(minutes=1)
"""What was finished within less says nothing of how fast it goes."""
_NOTHING = Tally({k: 0 for k in Kind}, 0)

_reasons_of: dict[str, Mapping[Reason, int]] = {}
"""Failures of a part by reason, by its key. A part never changes, so that each is read once while this process lives."""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """A stage: outcomes by kind, and items that it has none for yet."""

    stage: str
    kinds: Mapping[Kind, int]
    due: int
    done: int

    @property
    def waiting(self) -> int:
        """Items that wait; what spilled over may still be counted twice while a container is open."""
        return max(0, self.due - self.done)


@dataclass(frozen=True, slots=True)
class Pace:
    """Outcomes of the last hour, and how many wait. `ends`: when it is all done if it goes on so; None: nothing moves."""

    per_hour: int
    waiting: int
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Outcomes of a stage that failed for one reason."""

    stage: str
    reason: Reason
    times: int


@dataclass(frozen=True, slots=True)
class Failures:
    """Failures by stage and reason, the most frequent first; `read` of `parts` are counted so far."""

    groups: tuple[FailureGroup, ...]
    read: int
    parts: int


@dataclass(frozen=True, slots=True)
class AccessionProgress:
    """An accession: what came in, and outcomes of all stages."""

    number: Accession
    source: str
    state: str
    registered_at: str
    urgent: bool
    received: int
    items: int
    due: int
    done: int
    failed: int
    shards: int

    @property
    def percent(self) -> int:
        """How much is done, rounded down."""
        return min(100, self.done * 100 // self.due) if self.due else 0


@dataclass(frozen=True, slots=True)
class ShardProgress:
    """A shard: outcomes of all stages, the stages that are not through, and whether somebody works on it."""

    number: str
    items: int
    due: int
    done: int
    failed: int
    waiting: tuple[str, ...]
    worked_on: bool


def by_stage(holding: Holding, of: Of = None) -> list[StageProgress]:
    """Each stage in order."""
    shards = _shards(holding, of)
    items, received = sum(s.items for s in shards), sum(s.received for s in shards)
    found = Tallies(holding.catalogue).by_stage(of)
    due = {n: received if n == INTAKE else items for n in ALL_STAGES}
    return [StageProgress(n, found.get(n, _NOTHING).kinds, due[n], found.get(n, _NOTHING).done) for n in ALL_STAGES]


def pace(holding: Holding, stages: Sequence[StageProgress], now: datetime, of: Of = None) -> Pace:
    """How fast it went within the last hour, and when it would end so."""
    waiting = sum(s.waiting for s in stages)
    recent = Tallies(holding.catalogue).since((now - _WINDOW).strftime("%Y-%m-%dT%H:%M:%SZ"), of)
    if recent is None:
        return Pace(0, waiting, None)
    took = max(now - datetime.fromisoformat(recent.first).astimezone(UTC), _LEAST)
    per_hour = int(recent.outcomes / (took / _WINDOW))
    return Pace(per_hour, waiting, now + _WINDOW * (waiting / per_hour) if waiting and per_hour else None)


def failures(holding: Holding, of: Of = None, seconds: float = 1.0) -> Failures:
    """Failures by stage and reason. Parts that were not read before are read for so long; the rest the next time."""
    parts = Tallies(holding.catalogue).failing(of)
    counts: Counter[tuple[str, Reason]] = Counter()
    read, ends = 0, time.monotonic() + seconds
    for part in parts:
        known = _reasons_of.get(part.key)
        if known is None:
            if time.monotonic() > ends:
                continue
            rows = holding.parts.arrow(part.stage, part.shard, part.key, ["kind", "reason"]).to_pylist()
            known = _reasons_of[part.key] = Counter(Reason(r["reason"]) for r in rows if r["kind"] == Kind.FAILED)
        read += 1
        counts.update({(part.stage, reason): n for reason, n in known.items()})
    groups = (FailureGroup(stage, reason, n) for (stage, reason), n in counts.most_common())
    return Failures(tuple(groups), read, len(parts))


def by_accession(holding: Holding, rows: Sequence[AccessionRow]) -> Iterator[AccessionProgress]:
    """Some accessions, in this order."""
    numbers = [a.number for a in rows]
    done = Tallies(holding.catalogue).by_accession(numbers)
    shards: dict[str, list[ShardRow]] = {n: holding.catalogue.shards(n) for n in numbers}
    for row in rows:
        mine = shards[row.number]
        items = sum(s.items for s in mine)
        outcomes, failed = done.get(row.number, (0, 0))
        yield AccessionProgress(row.number, row.source, row.state, row.registered_at, row.urgent, row.received, items,
                                row.received + items * len(STAGES), outcomes, failed, len(mine))  # fmt: skip


def by_shard(holding: Holding, shards: Sequence[ShardRow]) -> Iterator[ShardProgress]:
    """Some shards, in this order."""
    found = Tallies(holding.catalogue).by_shard([s.number for s in shards])
    leased = set(holding.catalogue.leased())
    for shard in shards:
        mine = found.get(shard.number, {})
        due = {n: shard.received if n == INTAKE else shard.items for n in ALL_STAGES}
        yield ShardProgress(
            number=shard.number, items=shard.items, due=sum(due.values()), done=sum(n for n, _ in mine.values()),
            failed=sum(n for _, n in mine.values()), worked_on=not leased.isdisjoint((shard.number, shard.accession)),
            waiting=tuple(n for n in ALL_STAGES if mine.get(n, (0, 0))[0] < due[n]),
        )  # fmt: skip


def _shards(holding: Holding, of: Of) -> list[ShardRow]:
    wanted = None if of is None else set(of)
    return [s for s in holding.catalogue.shards() if wanted is None or s.accession in wanted]
