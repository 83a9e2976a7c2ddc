"""Runs holdings, each in a process that dies at a chosen point as by kill -9: `die_at.py POINT COUNT DATA …`.

Here: the points, each a function of the engine that ends the process at its COUNT-th call, before or after its work.
Not here: what must hold afterwards (test_faults).

One process imports everything and forks for each holding, since the imports cost more than the run.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
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
from iimm_pipelines.storage.ciphertext import FolderStore
from iimm_pipelines.storage.durable import Desk
from iimm_pipelines.storage.listings import Listings
from iimm_pipelines.storage.parts import PartFiles
from iimm_pipelines.storage.vault import Vault

KILLED = 137
POINTS: dict[str, tuple[type, str, bool]] = {
    "after the listing": (Listings, "write", True),
    "after an event": (Record, "event", True),
    "after registering": (Catalogue, "register", True),
    "during a vault put": (Vault, "_encrypt_whole", True),
    "between vault drafts and names": (Desk, "sync", True),
    "after a vault name": (FolderStore, "_give_name", True),
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


def run_all(data: Path) -> None:
    """Register what lies beside the data folder unless that is done, and run everything."""
    holding = open_holding(data, shard_items=6)
    if not holding.catalogue.accessions():
        register(holding, data.parent / "in", receipt(), ["sesame"])
    take_in_all(holding)
    process(holding)


def run_shard(data: Path, shard: str) -> None:
    """Run one shard of a holding whose accessions are in."""
    holding = open_holding(data)
    for stage in STAGES:
        with holding.catalogue.lease(shard):
            run_stage(holding, stage, Shard(shard))
        holding.record.drain()


def forked(work: Callable[[], None]) -> int:
    """Start a process that does this and ends."""
    pid = os.fork()
    if pid:
        return pid
    try:
        work()
        sys.stdout.flush()
        os._exit(0)
    finally:
        os._exit(1)


def main(arguments: Sequence[str]) -> None:
    """Run each holding; print how each process ended, one a line. `shard NUMBER DATA` runs one shard, all at once."""
    running = []
    for point, count, data in zip(arguments[::3], arguments[1::3], arguments[2::3], strict=True):
        if point == "shard":
            running.append(forked(lambda d=data, s=count: run_shard(Path(d), s)))  # type: ignore[misc]
        else:
            running.append(forked(lambda d=data, p=point, c=count: (die_at(p, int(c)), run_all(Path(d)))))  # type: ignore[misc]
            os.waitid(os.P_PID, running[-1], os.WEXITED | os.WNOWAIT)
    for pid in running:
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


if __name__ == "__main__":
    main(sys.argv[1:])
