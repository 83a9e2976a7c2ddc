"""A run that is killed at any point, and started again, ends as if it had never been killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import (
    computed,
    open_holding,
    process,
    receipt,
    tables,
    take_in_all,
    with_same_keys,
    write_files,
)

from iimm_pipelines.accessions.register import register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine import isolation
from iimm_pipelines.holding import Holding

FAULTS = (
    ("after the listing", 1), ("after an event", 1), ("after registering", 1), ("during a vault put", 3),
    ("between vault drafts and names", 1), ("after a vault name", 2), ("before a vault sync", 3), ("after slices", 4), ("while workers work", 1),
    ("after the part file", 4), ("after the attestation", 1), ("after the attestation", 4), ("before the commit", 5),
    ("after the commit", 3), ("after the commit", 7), ("between tiles and checkpoint", 1),
    ("between tiles and checkpoint", 4), ("after the checkpoint", 2), ("before sealing", 1), ("after sealing", 1),
    ("between log and note", 3),
)  # fmt: skip


def name(fault: tuple[str, int]) -> str:
    return f"{fault[0]} {fault[1]}".replace(" ", "-")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Received files, a run over them that nothing interrupted, and for each fault one that died there."""
    top = tmp_path_factory.mktemp("faults")
    inner = small.pack(("deep", b"deep"), ("deeper", small.pack(("deepest", b"letter 1"))))
    locked = small.pack(("x", b"open"), ("y", b"secret"), locks={"y": "sesame"})
    letters = {f"{i:02d}.txt": f"letter {i % 5}".encode() for i in range(6)}
    write_files(top / "in", {**letters, "a box": small.pack(("one", b"1"), ("two", inner)), "z locked": locked})
    whole = open_holding(top / "whole", shard_items=6)
    register(whole, top / "in", receipt(), ["sesame"])
    take_in_all(whole)
    process(whole)
    work: list[str] = []
    for fault in FAULTS:
        data = with_same_keys(top / name(fault), top / "whole" / "keys")
        (data / "keys" / "hints" / "A00001").unlink()
        work += [fault[0], str(fault[1]), str(data)]
    run = [sys.executable, str(Path(__file__).with_name("die_at.py")), *work]
    ended = subprocess.run(run, check=True, capture_output=True, text=True)
    assert ended.stdout.split() == ["137"] * len(FAULTS), ended.stderr[-2000:]
    return top


def finish(place: Path, fault: tuple[str, int]) -> Holding:
    """Start again what a fault ended."""
    holding = open_holding(place / name(fault), shard_items=6)
    if not holding.catalogue.accessions():
        register(holding, place / "in", receipt(), ["sesame"])
    take_in_all(holding)
    process(holding)
    return holding


@pytest.mark.parametrize("fault", FAULTS, ids=name)
def test_a_killed_run_that_is_started_again_ends_as_one_that_was_not(place: Path, fault: tuple[str, int]) -> None:
    whole = open_holding(place / "whole", shard_items=6)
    began = time.monotonic()
    holding = finish(place, fault)
    assert time.monotonic() - began < 30, "leases of the dead are taken over at once"
    assert tables(holding) == tables(whole)
    verdict = verify(holding)
    assert verdict.faults == []
    log = Counter(holding.proof.log.entries(0, verdict.size))
    assert set(log.values()) == {1}
    parts = holding.catalogue.parts(current=False)
    assert {e.hex() for e in log} == {p.attestation for p in parts} | {e.digest for e in holding.catalogue.events()}
    assert holding.catalogue.outbox() == []
    assert computed(process(holding)) == {}
    assert list((place / name(fault) / "scratch").iterdir()) == []
    assert [p for p in (place / name(fault) / "vault" / "incoming").rglob("*") if p.is_file()] == []


def test_a_lease_of_a_killed_process_that_nobody_waited_for_is_free(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from iimm_pipelines.storage.catalogue import Catalogue\n"
        "with Catalogue.at(Path(sys.argv[1])).lease('A00001-0000'): print('held', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program, tmp_path], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        time.sleep(0.2)
        with open_holding(tmp_path).catalogue.lease("A00001-0000"):
            pass


def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    write_files(tmp_path / "in", {f"{i}": b"do:hang" for i in range(2)})
    isolation.adopt_orphans()
    before = set(isolation.descendants_left())
    program = "import sys; from pathlib import Path; import die_at; die_at.run_all(Path(sys.argv[1]))"
    run = [sys.executable, "-c", program, tmp_path / "data"]
    with subprocess.Popen(run, cwd=Path(__file__).parent, env={"PYTHONPATH": "."}) as driver:
        while not list((tmp_path / "data").glob("scratch/*/*/worker-*")):
            time.sleep(0.05)
        driver.kill()
    deadline = time.monotonic() + 5
    while (left := set(isolation.descendants_left()) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == set()
