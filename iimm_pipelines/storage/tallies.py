"""Tallies: what the parts of the catalogue add up to, by stage, accession and time. One query each, however much there is.

Here: sums over the catalogue's tables for those who watch the work.
Not here: single parts (storage/catalogue), reasons, which stand in the parts themselves (accessions/progress).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from iimm_pipelines.engine.outcome import Kind
from iimm_pipelines.storage.catalogue import Catalogue

_parts = sa.table("parts", *(sa.column(n) for n in ("key", "stage", "shard", "start", "leaves", "counts", "seconds",
                                                    "finished", "current")))  # fmt: skip
_shards = sa.table(
    "shards", *(sa.column(n) for n in ("number", "accession", "received", "places", "spilled", "origin"))
)
_slices = sa.table("slices", *(sa.column(n) for n in ("stage", "shard", "retry_reasons")))

Of = Sequence[str] | None
"""These accessions; None for all. Many are named one by one, so that a reader's scope is no second query language."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes of a stage by kind, and how many there are of all kinds."""

    kinds: Mapping[Kind, int]
    done: int


@dataclass(frozen=True, slots=True)
class FailingPart:
    """A current part in which something failed."""

    key: str
    stage: str
    shard: str


@dataclass(frozen=True, slots=True)
class Recent:
    """Outcomes of parts that were finished since some moment, and when the first of these parts was finished."""

    outcomes: int
    first: str


class Tallies:
    """Sums over one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Read from this catalogue."""
        self._engine = catalogue.engine

    def by_stage(self, of: Of = None) -> dict[str, Tally]:
        """Outcomes of each stage that has any."""
        sums = [sa.func.sum(self._count(k)).label(k.name) for k in Kind]
        query = sa.select(_parts.c.stage, sa.func.sum(_parts.c.leaves).label("done"), *sums).where(_parts.c.current)
        rows = self._rows(self._of(query, of).group_by(_parts.c.stage))
        return {r.stage: Tally({k: int(getattr(r, k.name)) for k in Kind}, int(r.done)) for r in rows}

    def by_accession(self, of: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Of some accessions that have any: outcomes of all stages together, and how many of them failed."""
        failed = sa.func.sum(self._count(Kind.FAILED)).label("failed")
        query = sa.select(_shards.c.accession, sa.func.sum(_parts.c.leaves).label("done"), failed)
        query = query.join_from(_parts, _shards, _shards.c.number == _parts.c.shard).where(_parts.c.current)
        rows = self._rows(query.where(_shards.c.accession.in_(of)).group_by(_shards.c.accession))
        return {r.accession: (int(r.done), int(r.failed)) for r in rows}

    def by_shard(self, of: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
        """Of some shards: outcomes of each stage that has any, and how many of them failed."""
        failed = sa.func.sum(self._count(Kind.FAILED)).label("failed")
        query = sa.select(_parts.c.shard, _parts.c.stage, sa.func.sum(_parts.c.leaves).label("done"), failed)
        query = query.where(_parts.c.current, _parts.c.shard.in_(of)).group_by(_parts.c.shard, _parts.c.stage)
        found: dict[str, dict[str, tuple[int, int]]] = {}
        for r in self._rows(query):
            found.setdefault(r.shard, {})[r.stage] = (int(r.done), int(r.failed))
        return found

    def since(self, moment: str, of: Of = None) -> Recent | None:
        """What was finished since a moment (ISO, UTC, to the second); None where nothing was."""
        query = sa.select(sa.func.sum(_parts.c.leaves).label("n"), sa.func.min(_parts.c.finished).label("first"))
        [row] = self._rows(self._of(query.where(_parts.c.finished >= moment), of))
        return Recent(int(row.n), row.first) if row.n else None

    def failing(self, of: Of = None) -> list[FailingPart]:
        """Current parts in which something failed, in an order that stays."""
        query = sa.select(_parts.c.key, _parts.c.stage, _parts.c.shard)
        query = query.where(_parts.c.current, self._count(Kind.FAILED) > 0)
        return [FailingPart(r.key, r.stage, r.shard) for r in self._rows(self._of(query, of).order_by(_parts.c.key))]

    def asked_again(self, of: Of = None) -> int:
        """Slices that somebody asked to try again and that have not been tried yet."""
        query = sa.select(sa.func.count().label("n")).select_from(_slices).where(_slices.c.retry_reasons != "[]")
        if of is not None:
            query = query.where(_slices.c.shard.in_(self._shards_of(of)))
        return int(self._rows(query)[0].n)

    def _count(self, kind: Kind) -> Any:
        if self._engine.dialect.name == "sqlite":
            return sa.func.coalesce(sa.func.json_extract(_parts.c.counts, f"$.{kind.value}"), 0)
        return sa.func.coalesce(sa.cast(_parts.c.counts, sa.JSON)[kind.value].as_integer(), 0)

    def _of(self, query: Any, of: Of) -> Any:
        return query if of is None else query.where(_parts.c.shard.in_(self._shards_of(of)))

    def _shards_of(self, of: Sequence[str]) -> Any:
        return sa.select(_shards.c.number).where(_shards.c.accession.in_(of))

    def _rows(self, query: Any) -> Sequence[Any]:
        with self._engine.connect() as c:
            return c.execute(query).all()
