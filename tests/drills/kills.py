"""Kills: `iimm run` on the whole sample, killed with SIGKILL at random instants, each time followed by a rerun.

Here: one uninterrupted run as the reference, the kills, and what must be the same afterwards.
Not here: faults at chosen points between two writes (tests/engine), workers that die alone (tests/engine).

Every run begins with a copy of one holding in which the sample is registered, so that keys, numbers and salts are the
same. Each second kill hits the run's own process only: what it had started must end by itself.

    python tests/drills/kills.py [--kills 10] [--seed N]
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine import isolation
from iimm_pipelines.holding import Holding
from iimm_pipelines.sample.make import make_sample
from iimm_pipelines.search.node import TRANSPORT_OFFSET, Node, home_in, lay_out, reachable_place
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.graph import STAGES

IIMM = Path(sys.executable).with_name("iimm")
LEFT_SECONDS = 5
BESIDE_THE_LEAF = frozenset({"carried", "took_us", "attempts", "detail"})
WITH_MODELS = frozenset(s.name for s in STAGES if any(i.models for i in s.ingredients.values()))
Row = tuple[str, str, int]
"""Stage, shard and place."""


@dataclass(slots=True)
class Result:
    """What stands after a run."""

    rows: Mapping[Row, Mapping[str, Any]]
    documents: Mapping[tuple[str, str], Mapping[str, Any]]
    faults: list[str]
    seconds: float


@dataclass(slots=True)
class Drill:
    """One kill: when, what was hit, and what is not as it should be."""

    number: int
    after: float
    hit: str
    parts: int = 0
    rerun_seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        said = "; ".join(self.wrong) or "same rows, same index, valid, nothing left"
        when = f"{self.number:>4}  {self.after:>7.1f}  {self.hit:<15}"
        return f"{when}  {self.parts:>5}  {self.rerun_seconds:>7.1f}  {said}"


def main() -> int:
    """Do the drills; 1 when anything differs."""
    arguments = argparse.ArgumentParser(description="kill -9 at random instants, each followed by a rerun")
    arguments.add_argument("--kills", type=int, default=10)
    arguments.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    chosen = arguments.parse_args()
    print(f"seed {chosen.seed}: --seed {chosen.seed} kills after the same share of the reference's time", flush=True)
    chance = random.Random(chosen.seed)
    isolation.adopt_orphans()
    search = Path(tempfile.mkdtemp(prefix="iimm-drill-search-"))
    with tempfile.TemporaryDirectory(prefix="iimm-drill-") as folder:
        node = search_node(search)
        try:
            registered = registered_sample(Path(folder), node)
            reference = _run_to_the_end(_copy(registered), node)
            standing = f"{len(reference.rows)} outcomes, {len(reference.documents)} documents"
            print(f"reference: {reference.seconds:.0f} s, {standing}", *reference.faults, sep="\n  ")
            print("kill  after s  what was hit     parts  rerun s  verdict", flush=True)
            drills = []
            for number in range(1, chosen.kills + 1):
                drills.append(_drill(number, chance.uniform(0, reference.seconds), registered, node, reference))
                print(drills[-1], flush=True)
        finally:
            node.stop()
            shutil.rmtree(search)
    wrong = sum(bool(d.wrong) for d in drills)
    print(f"{len(drills)} kills, {wrong} with differences")
    return 1 if wrong or reference.faults else 0


def _drill(number: int, after: float, registered: Path, node: Node, reference: Result) -> Drill:
    whole = number % 2 == 1
    drill = Drill(number, after, "all its processes" if whole else "itself")
    data = _copy(registered)
    ours = set(isolation.descendants_left())
    run = subprocess.Popen([IIMM, "run", "--data", data], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        run.wait(after)
        drill.hit = "had ended"
    except subprocess.TimeoutExpired:
        _kill(run.pid, whole=whole)
        run.wait()
    drill.wrong += _left(ours)
    with opened(data) as holding:
        drill.parts = len(holding.catalogue.parts())
    again = _run_to_the_end(data, node)
    drill.rerun_seconds = again.seconds
    drill.wrong += again.faults + _differences(reference, again)
    shutil.rmtree(data)
    return drill


def _kill(pid: int, *, whole: bool) -> None:
    process = psutil.Process(pid)
    hit = [process, *(process.children(recursive=True) if whole else ())]
    for one in hit:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue


def _left(ours: set[int]) -> list[str]:
    """Processes of the run that live on: as the reaper of orphans we are now the parent of each."""
    deadline = time.monotonic() + LEFT_SECONDS
    while left := set(isolation.descendants_left()) - ours:
        if time.monotonic() > deadline:
            return [f"left after {LEFT_SECONDS} s: {', '.join(_named(pid) for pid in sorted(left))}"]
        time.sleep(0.1)
    for child in psutil.Process().children():
        if child.status() == psutil.STATUS_ZOMBIE:
            os.waitpid(child.pid, os.WNOHANG)
    return []


def _named(pid: int) -> str:
    """A process that should not be, ended after all: what it is, what it does, how old it is."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        said = f"{process.name()} ({process.status()}, {time.time() - process.create_time():.0f} s old)"
        process.kill()
        return said
    return "one that ended meanwhile"


def _run_to_the_end(data: Path, node: Node) -> Result:
    """Run until nothing is due, and read all that stands; the index is emptied for the next."""
    began = time.monotonic()
    ended = subprocess.run([IIMM, "run", "--data", data], capture_output=True, text=True, check=False)
    seconds = time.monotonic() - began
    faults = []
    if ended.returncode:
        faults.append(f"iimm run ended with {ended.returncode}: {ended.stdout[-500:]}{ended.stderr[-500:]}")
    with opened(data) as holding:
        found = Counter(f"{f.kind}: {f.what}" for f in verify(holding).faults)
        faults += [f"{count} times {said}" for said, count in found.items()]
        faults += [f"scratch holds {p.name}" for p in holding.settings.scratch.glob("*")]
        result = Result(rows(holding), documents(node), faults, seconds)
    empty_index(node)
    return result


def empty_index(node: Node) -> None:
    indices = node.client("admin").indices
    if names := sorted(indices.get(index="iimm-*")):  # by name: the node refuses to delete by a pattern
        indices.delete(index=",".join(names))


def rows(holding: Holding) -> dict[Row, dict[str, Any]]:
    """Every outcome that stands, without what stands beside its leaf."""
    return {(part.stage, part.shard, outcome.place):
            {n: getattr(outcome, n) for n in outcome.__slots__ if n not in BESIDE_THE_LEAF}
            for part in holding.catalogue.parts() for outcome in holding.parts.outcomes(part)}  # fmt: skip


def documents(node: Node) -> dict[tuple[str, str], dict[str, Any]]:
    """Every document by index and id, without its generation."""
    from opensearchpy.helpers import scan

    client = node.client("admin")
    client.indices.refresh(index="iimm-*")
    return {(hit["_index"], hit["_id"]): {k: v for k, v in hit["_source"].items() if k != "generation"}
            for hit in scan(client, index="iimm-*")}  # fmt: skip


def _differences(reference: Result, again: Result) -> list[str]:
    """What a rerun made otherwise, by stage; never any content."""
    by_stage: dict[str, list[set[str]]] = defaultdict(list)
    for row in sorted(reference.rows.keys() | again.rows.keys()):
        before, after = reference.rows.get(row, {}), again.rows.get(row, {})
        if other := {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}:
            by_stage[row[0]].append(other)
    said = [f"{len(found)} outcomes of {s}{' (a model)' if s in WITH_MODELS else ''} differ in "
            f"{', '.join(sorted(set().union(*found)))}" for s, found in by_stage.items()]  # fmt: skip
    documents = sum(reference.documents.get(d) != again.documents.get(d)
                    for d in reference.documents.keys() | again.documents.keys())  # fmt: skip
    return said + ([f"{documents} documents differ"] if documents else [])


def registered_sample(folder: Path, node: Node) -> Path:
    """A holding in which the sample is registered and nothing has run."""
    made = make_sample(folder / "sample")
    data = folder / "registered"
    data.mkdir()
    lines = ['holding = "drill"', f"search_folder = {str(node.folder)!r}", f"search_port = {node.http_port}"]
    (data / "iimm.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with opened(data) as holding:
        for accession in made.accessions:
            facts = tomllib.loads(accession.settings.read_text(encoding="utf-8"))
            receipt = Receipt(facts["source"], Basis(facts["basis"]), tuple(sorted(facts["marks"])), sample=True)
            passwords = accession.passwords.read_text(encoding="utf-8").splitlines() if accession.passwords else []
            register(holding, accession.folder, receipt, [p for p in passwords if p])
    return data


def _copy(registered: Path) -> Path:
    data = registered.with_name("data")
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(registered, data)
    return data


def opened(data: Path) -> closing[Holding]:
    return closing(Holding(load_settings(data)))


def search_node(folder: Path) -> Node:
    """A search node for all runs, apart from them."""
    home = reachable_place(home_in(load_settings(folder).cache))
    lay_out(home)
    node = Node(home, folder, _free_port())
    node.configure()
    node.start()
    return node


def _free_port() -> int:
    while True:
        with socket.socket() as http, socket.socket() as transport:
            http.bind(("127.0.0.1", 0))
            try:
                transport.bind(("127.0.0.1", http.getsockname()[1] + TRANSPORT_OFFSET))
            except (OSError, OverflowError):
                continue
            return int(http.getsockname()[1])


if __name__ == "__main__":
    raise SystemExit(main())
