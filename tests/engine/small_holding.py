"""A small holding for tests: files in, everything run, tables out.

Here: opening, receiving, running, and what of a holding's tables must be the same after a kill.
Not here: stages (stages_for_tests), assertions.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from stages_for_tests import STAGES

from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.engine.run import StageReport, run_stage
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.inventory import take_in

Files = Mapping[str | bytes, bytes]


def open_holding(data: Path, **settings: Any) -> Holding:
    """A holding in `data` with two workers."""
    return Holding(load_settings(data, **{"workers": 2, "worker_memory": 256 << 20, "shard_items": 50, **settings}))


def write_files(folder: Path, files: Files) -> Path:
    """Files below `folder`, by raw name, all with one time of last change."""
    for name, data in files.items():
        path = os.fsencode(folder) + b"/" + os.fsencode(name)
        Path(os.fsdecode(path)).parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:  # noqa: PTH123
            file.write(data)
        os.utime(path, ns=(10**18, 10**18))
    return folder


def receipt(source: str = "S-1") -> Receipt:
    """What is stated at the door."""
    return Receipt(source, Basis.CONSENT, ("restricted",))


def receive(
    holding: Holding, folder: Path, files: Files, source: str = "S-1", passwords: Sequence[str] = ()
) -> Accession:
    """Register files and take them in."""
    number = register(holding, write_files(folder, files), receipt(source), passwords).number
    take_in_all(holding)
    return number


def take_in_all(holding: Holding) -> None:
    """Take in every accession that waits."""
    for row in holding.catalogue.accessions():
        with holding.catalogue.lease(row.number):
            take_in(holding, row.number)
    holding.record.drain()


def process(holding: Holding, stages: Sequence[Stage] = STAGES) -> dict[tuple[str, str], StageReport]:
    """Run every stage over every shard of sealed accessions; reports by stage and shard."""
    reports = {}
    for row in holding.catalogue.accessions():
        for shard in holding.catalogue.shards(row.number) if row.state == "sealed" else ():
            for stage in stages:
                with holding.catalogue.lease(shard.number):
                    reports[stage.name, str(shard.number)] = run_stage(holding, stage, shard.number)
                holding.record.drain()
    return reports


def computed(reports: Mapping[tuple[str, str], StageReport]) -> dict[str, int]:
    """How many outcomes each stage computed, over all shards; stages that computed none are left out."""
    found: dict[str, int] = {}
    for (stage, _), report in reports.items():
        found[stage] = found.get(stage, 0) + report.computed
    return {s: n for s, n in found.items() if n}


def with_same_keys(data: Path, keys: Path) -> Path:
    """A new data folder with the keys of another."""
    data.mkdir(mode=0o700)
    shutil.copytree(keys, data / "keys")
    return data


_BESIDE_THE_LEAF = ("carried", "took_us", "attempts")


def tables(holding: Holding) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Every current outcome by stage, shard and place, without what stands beside the leaf."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for part in holding.catalogue.parts():
        for outcome in holding.parts.outcomes(part):
            row = {n: getattr(outcome, n) for n in outcome.__slots__ if n not in _BESIDE_THE_LEAF}
            assert (part.stage, part.shard, outcome.place) not in found, "an item is answered for twice"
            found[part.stage, part.shard, outcome.place] = row
    return found


def kinds(holding: Holding, stage: str) -> dict[str, tuple[str, str | None]]:
    """Kind and reason of each item for a stage."""
    return {o.item: (o.kind, o.reason) for p in holding.catalogue.parts(stage=stage) for o in holding.parts.outcomes(p)}


def dump(holding: Holding) -> dict[str, list[tuple[Any, ...]]]:
    """The catalogue, table by table, with JSON in one order of keys."""
    inspector = sa.inspect(holding.catalogue.engine)
    with holding.catalogue.engine.connect() as c:
        return {t: sorted(tuple(_in_order(v) for v in r) for r in c.exec_driver_sql(f"select * from {t}"))
                for t in inspector.get_table_names()}  # fmt: skip


def _in_order(value: Any) -> Any:
    return "".join(sorted(value)) if isinstance(value, str) and value.startswith("{") else value
