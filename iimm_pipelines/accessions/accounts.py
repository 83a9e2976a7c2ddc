"""Accounts: what became of each received file and item, over all stages.

Here: outcomes by stage and kind, the sum for received files and items, failures by number. Counted in columns.
Not here: showing them (cli/, assets/).

An item is failed if any stage failed on it, else processed if any stage after intake produced from it, else empty or
excluded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.holding import Holding

FATES = ("processed", "empty", "excluded", "failed")


@dataclass(frozen=True, slots=True)
class Account:
    """What became of the received files, or of the items, of some shards. `unfinished`: a stage has not run yet."""

    total: int
    processed: int
    empty: int
    excluded: int
    failed: int
    unfinished: int

    @property
    def adds_up(self) -> bool:
        """Promise 2: nothing is missing and nothing is counted twice."""
        return self.total == self.processed + self.empty + self.excluded + self.failed + self.unfinished

    def __add__(self, other: Account) -> Account:
        """The sum of two accounts."""
        return Account(*(getattr(self, n) + getattr(other, n) for n in Account.__dataclass_fields__))


NOTHING = Account(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that a stage failed on."""

    item: str
    stage: str
    reason: Reason
    detail: str
    again: bool


def account(holding: Holding, stages: Sequence[str], shards: Sequence[Shard]) -> tuple[Account, Account]:
    """Received files, and all items, of some shards."""
    received, items = NOTHING, NOTHING
    for shard in shards:
        frame = _fates(holding, stages, shard)
        first = holding.catalogue.shard(shard).received
        items += _account(frame, frame.height)
        received += _account(frame.filter(pl.col("place") < first), first)
    return received, items


def by_stage(holding: Holding, stages: Sequence[str], shards: Sequence[Shard]) -> dict[str, dict[str, int] | None]:
    """Outcomes of each stage by kind; None where a stage has not run on any of these shards."""
    found: dict[str, dict[str, int] | None] = {}
    for stage in stages:
        parts = [p for s in shards for p in holding.catalogue.parts(s, stage)]
        kinds = ("produced", "empty", "excluded", "failed")
        found[stage] = {k: sum(p.counts.get(k, 0) for p in parts) for k in kinds} if parts else None
    return found


def failures(holding: Holding, stages: Sequence[str], shards: Sequence[Shard]) -> Iterator[Failure]:
    """Every failure, by item and stage."""
    for shard in shards:
        for stage in stages:
            for table in holding.parts.columns(stage, shard, ["item", "kind", "reason", "detail"]):
                rows = zip(*(table[n].to_pylist() for n in ("item", "kind", "reason", "detail")), strict=True)
                for item, kind, reason, detail in rows:
                    if kind == "failed":
                        yield Failure(item, stage, Reason(reason), detail or "", Reason(reason).again)


def _fates(holding: Holding, stages: Sequence[str], shard: Shard) -> pl.DataFrame:
    frames = []
    for stage in ("inventory", *stages):
        for table in holding.parts.columns(stage, shard, ["place", "kind"]):
            frame = pl.from_arrow(table)
            assert isinstance(frame, pl.DataFrame)
            frames.append(frame.with_columns(stage=pl.lit(stage)))
    if not frames:
        return pl.DataFrame(schema={"place": pl.Int64, "fate": pl.String})
    later = pl.col("stage") != "inventory"
    fate = (
        pl.when((pl.col("kind") == "failed").any()).then(pl.lit("failed"))
        .when(later.sum() < len(stages)).then(pl.lit("unfinished"))
        .when(((pl.col("kind") == "produced") & later & (pl.col("stage") != "search_index")).any()).then(pl.lit("processed"))
        .when((pl.col("kind") == "empty").any()).then(pl.lit("empty"))
        .otherwise(pl.lit("excluded"))
    )  # fmt: skip
    return pl.concat(frames).group_by("place").agg(fate=fate)


def _account(frame: pl.DataFrame, total: int) -> Account:
    counts = dict(frame.group_by("fate").len().iter_rows()) if frame.height else {}
    unfinished = counts.get("unfinished", 0) + total - frame.height
    processed, empty, excluded, failed = (counts.get(f, 0) for f in FATES)
    return Account(total, processed, empty, excluded, failed, unfinished)
