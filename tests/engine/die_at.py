"""Runs a holding and dies at a chosen point, as kill -9 would: `die_at.py POINT COUNT DATA [SHARD]`.

Here: the points, each a function of the engine that ends the process at its COUNT-th call, before or after its work.
Not here: what must hold afterwards (test_faults).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from small_holding import open_holding, process, receipt, take_in_all
from stages_for_tests import STAGES

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import register
from iimm_pipelines.custody.log import Log
from iimm_pipelines.custody.record import Record
from iimm_pipelines.engine.run import run_stage
from iimm_pipelines.engine.workers import Workers
from iimm_pipelines.storage.catalogue import Catalogue
from iimm_pipelines.storage.durable import Draft
from iimm_pipelines.storage.listings import Listings
from iimm_pipelines.storage.parts import PartFiles
from iimm_pipelines.storage.vault import Vault

KILLED = 137
POINTS: dict[str, tuple[type, str, bool]] = {
    "after the listing": (Listings, "write", True),
    "after an event": (Record, "event", True),
    "after registering": (Catalogue, "register", True),
    "during a vault put": (Vault, "_encrypt", True),
    "after a vault link": (Draft, "link", True),
    "before a vault sync": (Vault, "sync", False),
    "after slices": (Catalogue, "write_slices", True),
    "while workers work": (Workers, "_settle", False),
    "after the part file": (PartFiles, "write", True),
    "after the attestation": (PartFiles, "write_attestation", True),
    "before the commit": (Catalogue, "commit_part", False),
    "after the commit": (Catalogue, "commit_part", True),
    "between tiles and checkpoint": (Log, "write_checkpoint", False),
    "after the checkpoint": (Log, "write_checkpoint", True),
    "before sealing": (Catalogue, "change_accession", False),
    "after sealing": (Catalogue, "change_accession", True),
    "between log and note": (Catalogue, "logged", False),
}


def die_at(point: str, count: int) -> None:
    """Have this process die at a point, at its `count`-th call from 1."""
    owner, name, after = POINTS[point]
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def deadly(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls < count:
            return real(*args, **options)
        if after:
            real(*args, **options)
        os._exit(KILLED)

    setattr(owner, name, deadly)


def main(point: str, count: str, data: str, *shards: str) -> None:
    """Register what lies beside the data folder unless that is done, and run; or run some shards only."""
    holding = open_holding(Path(data), shard_items=6)
    if point != "never":
        die_at(point, int(count))
    for shard in shards:
        for stage in STAGES:
            with holding.catalogue.lease(shard):
                run_stage(holding, stage, Shard(shard))
            holding.record.drain()
    if not shards:
        if not holding.catalogue.accessions():
            register(holding, Path(data).parent / "in", receipt(), ["sesame"])
        take_in_all(holding)
        process(holding)


if __name__ == "__main__":
    main(*sys.argv[1:])
