"""Estimates: what still waits in each stage, and what it will cost at the speeds measured in this holding.

Here: hours of sound, pages for OCR, items; processor time of what was computed, and what follows for the rest.
Not here: what is done (figures, accounts). Speeds of other machines are not guessed at: run a sample of the material,
and the estimate rests on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.holding import Holding

_UNITS = {"transcripts": "hours", "recognised_text": "pages"}
"""What a stage's time grows with; of all others: items."""
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What waits in a stage. `seconds_each`: processor seconds for one unit; None where none was computed yet.

    Items that nobody has looked into yet are taken to be like those that were: `assumed` units of `waiting`.
    """

    stage: str
    unit: str
    done: float
    waiting: float
    assumed: float
    seconds_each: float | None

    @property
    def processor_days(self) -> float | None:
        """Days of one processor core."""
        if not self.waiting:
            return 0.0
        return None if self.seconds_each is None else self.waiting * self.seconds_each / 86_400


@dataclass(slots=True)
class _Sum:
    done: float = 0.0
    waiting: float = 0.0
    unlooked: int = 0
    looked: int = 0
    units: float = 0.0
    measured: float = 0.0
    seconds: float = 0.0


def estimates(holding: Holding, stages: Sequence[str]) -> list[Estimate]:
    """One estimate for each stage, over all accessions that are not refused."""
    sums = {stage: _Sum() for stage in stages}
    for row in holding.catalogue.accessions():
        if row.state != "refused":
            for shard in holding.catalogue.shards(row.number):
                looked_at = _units(holding, shard.number)
                for stage, one in sums.items():
                    _add(one, holding, stage, shard.number, looked_at, max(0, shard.items - looked_at.height))
    return list(_estimated(sums))


def _estimated(sums: dict[str, _Sum]) -> Iterator[Estimate]:
    for stage, one in sums.items():
        assumed = one.unlooked * (one.units / one.looked if one.looked else 1.0)
        each = one.seconds / one.measured if one.measured else None
        yield Estimate(stage, _UNITS.get(stage, "items"), one.done, one.waiting + assumed, assumed, each)


def _add(one: _Sum, holding: Holding, stage: str, shard: Shard, looked_at: pl.DataFrame, unlooked: int) -> None:
    unit = pl.col(_UNITS.get(stage, "items"))
    tables = list(holding.parts.columns(stage, shard, ["place", "carried", "took_us"]))
    frames = [f for f in map(pl.from_arrow, tables) if isinstance(f, pl.DataFrame)]
    outcomes = pl.concat(frames) if frames else pl.DataFrame(schema={"place": pl.Int64, "carried": pl.Boolean, "took_us": pl.Int64})  # fmt: skip
    done = looked_at.join(outcomes, on="place", how="inner")
    computed = done.filter(~pl.col("carried"))
    one.looked += looked_at.height
    one.units += _total(looked_at, unit)
    one.done += _total(done, unit)
    one.waiting += _total(looked_at.join(outcomes, on="place", how="anti"), unit)
    one.unlooked += unlooked
    one.measured += _total(computed, unit)
    one.seconds += _total(computed.filter(unit > 0), pl.col("took_us")) / 1e6


def _total(frame: pl.DataFrame, what: pl.Expr) -> float:
    return float(frame.select(what.sum()).item() or 0)


def _units(holding: Holding, shard: Shard) -> pl.DataFrame:
    """Of each item that was looked into: hours of sound, pages for OCR, and one item."""
    frame = holding.parts.frame("contents", "document", shard)
    if not frame.height:
        return pl.DataFrame(schema={"place": pl.Int64, "hours": pl.Float64, "pages": pl.Int64, "items": pl.Int64})

    def said(name: str) -> pl.Expr:
        facts = pl.col("metadata").list.eval(
            pl.when(pl.element().struct.field("name") == name).then(pl.element().struct.field("value"))
        )
        return facts.list.drop_nulls().list.first()

    needing = said("page_needs_ocr").str.split(",").list.len()
    return frame.select(
        "place",
        hours=said("length ms").cast(pl.Float64, strict=False).fill_null(0.0) / _HOUR_MS,
        pages=pl.when(pl.col("kind") == "picture").then(1).otherwise(needing.fill_null(0)).cast(pl.Int64),
        items=pl.lit(1, pl.Int64),
    )
