"""The engine against bare pebble: items a second, the driver's processor time, custody's share, memory.

Here: a stage that does nothing, items without files, and the figures that come of running the one over the other.
Not here: how a figure is taken and judged (benchmarks.measure), whether the engine is right (tests/engine).

Everything that a real stage costs is in it: outcome, leaf, part with fsync, attestation, catalogue, log, workers that
are isolated. Only bytes are not, since the stage reads none. Items come from inventory parts that are committed
directly: a hundred thousand files would measure the file system.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pebble

from benchmarks.measure import Figure, alternately, compared, digest_of, run_benchmark
from benchmarks.no_op import STAGE, nothing
from iimm_pipelines.accessions.numbers import Shard, accession_number, item_number, shard_number
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import Processing
from iimm_pipelines.custody.leaf import content_data, seal
from iimm_pipelines.custody.merkle import root
from iimm_pipelines.engine.commit import Provenance, commit, sealed
from iimm_pipelines.engine.outcome import produced
from iimm_pipelines.engine.stage import Stage, part_key
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import graph, inventory
from iimm_pipelines.storage.catalogue import AccessionRow, ShardRow, SliceRow
from iimm_pipelines.storage.parts import StoredOutcome

SHARD_ITEMS = 5_000
ROUND_SHARDS = 2
ROUNDS = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Driven:
    """A run in a process of its own: processor seconds an item without its workers', custody's part, largest memory."""

    processor: float
    custody: float
    peak_bytes: int


def main() -> int:
    """Take all figures."""
    with tempfile.TemporaryDirectory(prefix="bench-engine-") as folder:
        top = Path(folder)
        ours, bare = _against_pebble(top / "pebble")
        small, middle, large = (_driven(top / str(n), n) for n in (10_000, 100_000, 1_000_000))
        share, stages, sample_digest = _fresh(on_sample, top / "sample")
    figures = [
        compared("items a second", ours, bare, unit="1/s", against="bare pebble, an item a task", at_least=0.6),
        Figure("driver's processor time", middle.processor * 1e6, "µs an item", at_most=100),
        Figure("custody, no-op stage", middle.custody * 1e6, "µs an outcome", at_most=25),
        Figure(f"custody on the sample's {stages} stages", share * 100, "% of their time", at_most=2),
        Figure("driver's memory at 1,000,000 items", large.peak_bytes / 1e6, "MB", "10,000 items",
               small.peak_bytes / 1e6, large.peak_bytes / small.peak_bytes, at_most=1.1),
        Figure("driver's memory at 100,000 items", middle.peak_bytes / 1e6, "MB", "10,000 items",
               small.peak_bytes / 1e6, middle.peak_bytes / small.peak_bytes, at_most=1.1),
    ]  # fmt: skip
    return run_benchmark("engine", figures, inputs={"sample": sample_digest},
                         packages=["iimm-pipelines", "pebble", "pyarrow", "orjson", "cryptography", "sqlalchemy"])  # fmt: skip


# the engine and bare pebble, in turn


def _against_pebble(folder: Path) -> tuple[list[float], list[float]]:
    """Items a second of both, round by round; pebble's workers are up before, ours start anew with each shard."""
    holding = _opened(folder)
    shards = iter(_items(holding, (ROUNDS + 2) * ROUND_SHARDS * SHARD_ITEMS))

    def engine() -> None:
        for _ in range(ROUND_SHARDS):
            _process(holding, STAGE, next(shards))

    def bare() -> None:
        for future in [pool.schedule(nothing, args=(i,)) for i in range(ROUND_SHARDS * SHARD_ITEMS)]:
            future.result()

    engine()  # first, so that the one fork server of this process is started by it, as in a real run
    context = multiprocessing.get_context("forkserver")
    with pebble.ProcessPool(max_workers=holding.settings.workers, context=context) as pool:
        seconds = alternately(engine, bare, rounds=ROUNDS)
    ours, theirs = ([ROUND_SHARDS * SHARD_ITEMS / s for s in way] for way in seconds)
    holding.close()
    return ours, theirs


# a run in a process of its own


def _driven(folder: Path, items: int) -> Driven:
    shards = _fresh(make_items, folder, items)
    return _fresh(drive, folder, shards)


def make_items(folder: Path, items: int) -> list[Shard]:
    """A holding with items but no files."""
    holding = _opened(folder)
    shards = list(_items(holding, items))
    holding.close()
    return shards


def drive(folder: Path, shards: Sequence[Shard]) -> Driven:
    """Run the stage over every shard, then do the custody of what came out once more, by itself."""
    holding = _opened(folder)
    began = time.process_time()
    log = sum(_process(holding, STAGE, shard) for shard in shards)
    processor, peak = time.process_time() - began, _peak_bytes()
    some = shards[:20]
    custody = sum(_custody_again(holding, STAGE, shard) for shard in some)
    holding.close()
    items = len(shards) * SHARD_ITEMS
    return Driven(processor / items, log / items + custody / (len(some) * SHARD_ITEMS), peak)


def on_sample(folder: Path) -> tuple[float, int, str]:
    """Custody's share of the time of the real stages on the sample, their number, and the sample's digest."""
    from iimm_pipelines.sample.make import make_sample

    made = make_sample(folder / "sample")
    holding = _opened(folder / "data")
    stages = graph.bound(holding.settings)
    for accession in made.accessions:
        row = register(holding, accession.folder, Receipt("S-1", Basis.CONSENT, ("restricted",), sample=True))
        inventory.take_in(holding, row.number)
    began = time.perf_counter()
    custody = 0.0
    shards = [s.number for s in holding.catalogue.shards()]
    for shard in shards:
        for stage in stages.values():
            custody += _process(holding, stage, shard)
    seconds = time.perf_counter() - began
    custody += sum(_custody_again(holding, stage, shard) for shard in shards for stage in stages.values())
    digest = digest_of("\n".join(sorted(a.root or "" for a in holding.catalogue.accessions())).encode())
    holding.close()
    return custody / seconds, len(stages), digest


def _process(holding: Holding, stage: Stage, shard: Shard) -> float:
    """A stage over a shard as an asset does it; returns the processor time that the log took."""
    with holding.catalogue.lease(shard):
        graph.run(holding, stage, shard)
        began = time.thread_time()
        holding.record.drain()
        return time.thread_time() - began


def _custody_again(holding: Holding, stage: Stage, shard: Shard) -> float:
    """Processor time of everything between an outcome and the log: salt, JSON, leaf, root, signature, attestation.

    Measured on the very outcomes of the run, by the functions that the run called, but for themselves: a clock read
    around each call would cost as much as the call.
    """
    seconds = 0.0
    for part in holding.catalogue.parts(shard, stage.name):
        path = holding.parts.attestation_path(stage.name, shard, part.key, part.attestation)
        said = attestation.read(path.read_bytes(), holding.proof.verifier)
        assert isinstance(said, Processing)
        outcomes = holding.parts.outcomes(part)
        began = time.thread_time()
        same = root([_leaf(holding, stage.name, outcome) for outcome in outcomes]).hex()
        envelope, digest = holding.record.processing(said)
        holding.parts.write_attestation(stage.name, shard, part.key, envelope, digest)
        seconds += time.thread_time() - began
        if (same, digest) != (part.root, part.attestation):
            raise AssertionError("custody done again must give the same root and attestation")
    return seconds


def _leaf(holding: Holding, stage: str, found: StoredOutcome) -> bytes:
    salt = holding.keys.salt(found.item, stage, found.recipe)
    content = content_data(found.kind, found.reason, found.tables)
    return seal(item=found.item, stage=stage, recipe=found.recipe, inputs=found.inputs, numbers=found.numbers,
                salt=salt, content=content).leaf  # fmt: skip


# a holding with items but no files


def _opened(folder: Path) -> Holding:
    return Holding(load_settings(folder))


def _items(holding: Holding, items: int) -> Iterator[Shard]:
    """Register an accession of `items` invented files, and commit its inventory; yields its shards."""
    number = accession_number(holding.catalogue.next_accession())
    shards = [shard_number(number, i) for i in range(items // SHARD_ITEMS)]
    row = AccessionRow(number=number, source="S-1", basis="consent", marks=("restricted",), note="", folder=b"/",
                       received=items, bytes=items, listing="0" * 64, state="sealed", root=None, same_as=None,
                       sample=True, registered_at="2026-01-01T00:00:00Z")  # fmt: skip
    rows = [ShardRow(s, number, SHARD_ITEMS, SHARD_ITEMS) for s in shards]
    holding.catalogue.register(row, rows, holding.record.event("registered", number, {"invented": True}))
    for shard in shards:
        for start in range(0, SHARD_ITEMS, inventory.STAGE.slice_items):
            _commit_inventory(holding, shard, start, start + inventory.STAGE.slice_items)
        holding.record.drain()
    return iter(shards)


def _commit_inventory(holding: Holding, shard: Shard, start: int, end: int) -> None:
    numbers = [item_number(shard, place) for place in range(start, end)]
    claims = [hashlib.sha256(n.encode()).digest() for n in numbers]
    rows = [{"path": n.encode(), "size": 1, "sha256": c} for n, c in zip(numbers, claims, strict=True)]
    outcomes = [sealed(holding, inventory.STAGE, item=number, place=place, outcome=produced({"received": [row]}),
                       inputs=(claim,), work=claim)
                for place, number, claim, row in zip(range(start, end), numbers, claims, rows, strict=True)]  # fmt: skip
    holding.catalogue.write_slices(inventory.STAGE.name, shard, [(start, end)])
    piece = SliceRow(start, end, 0, frozenset())
    made = Provenance(part_key(inventory.STAGE, shard, (start, end), claims, 0), datetime.now(UTC), "")
    commit(holding, inventory.STAGE, shard, piece, outcomes, made,
           objects=[(claim, shard, place) for place, claim in zip(range(start, end), claims, strict=True)])  # fmt: skip


def _fresh(work: Callable[..., T], *arguments: object) -> T:
    """What `work` returns in a new process, which may have workers of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def _peak_bytes() -> int:
    """Largest resident memory of this process; `getrusage` would count what its parent had before it was started."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0]) * 1024


if __name__ == "__main__":
    raise SystemExit(main())
