"""Files into a holding of their own and through stages, in this process: what the drills share.

Here: opening, intake, stages over every shard, outcomes by name, memory of this process.
Not here: what the files are (the drills beside this module), what workers take (watch).
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.accessions.numbers import Accession, Shard
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import graph
from iimm_pipelines.stages.inventory import take_in
from iimm_pipelines.storage.catalogue import ShardRow
from iimm_pipelines.storage.parts import StoredOutcome

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"


@dataclass(frozen=True, slots=True)
class Answer:
    """One stage's outcome for one item."""

    stage: str
    item: Item
    outcome: StoredOutcome


def open_holding(data: Path, **settings: Any) -> Holding:
    """A holding in `data`; settings by name."""
    return Holding(load_settings(data, **settings))


def stages_of(holding: Holding, names: Iterable[str]) -> list[Stage]:
    """Stages by name, in the graph's order, with this machine's models."""
    wanted = set(names)
    return [stage for name, stage in graph.bound(holding.settings).items() if name in wanted]


def received(holding: Holding, folder: Path, source: str = "S-1", passwords: Sequence[str] = ()) -> Accession:
    """Register the files below `folder` as invented material, and take them in."""
    number = register(holding, folder, Receipt(source, Basis.CONSENT, ("restricted",), sample=True), passwords).number
    with holding.catalogue.lease(number):
        take_in(holding, number)
    holding.record.drain()
    return number


def processed(holding: Holding, number: Accession, stages: Sequence[Stage]) -> Iterator[tuple[Shard, float]]:
    """Run the stages over each shard of an accession; gives the shard and its seconds when it is done."""
    for shard in _every_shard(holding, number):
        began = time.monotonic()
        with holding.catalogue.lease(shard.number):
            for stage in stages:
                graph.run(holding, stage, shard.number)
        holding.record.drain()
        yield shard.number, time.monotonic() - began


def _every_shard(holding: Holding, number: Accession) -> Iterator[ShardRow]:
    """Also those that come while earlier ones are processed: a large container spills into new shards."""
    done = 0
    while len(shards := holding.catalogue.shards(number)) > done:
        yield shards[done]
        done += 1


def answers(holding: Holding, shard: Shard, stages: Sequence[str]) -> Iterator[Answer]:
    """Every current outcome of a shard."""
    items = {item.place: item for item in read_items(holding.parts, shard)}
    for stage in stages:
        for part in holding.catalogue.parts(shard, stage):
            for outcome in holding.parts.outcomes(part):
                yield Answer(stage, items[outcome.place], outcome)


def pack_files() -> list[Path]:
    """The files of the evidence pack, without those that describe it."""
    return sorted(p for p in PACK.glob("*/files/**/*") if p.is_file())


def resident_bytes() -> int:
    """This process's resident memory now, after what is no longer needed was let go."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
