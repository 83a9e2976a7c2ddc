"""Restore: the sample processed, backed up, its data folder deleted, restored into another one, and compared.

Here: the steps as an operator types them, with the time of each, and what must be the same afterwards.
Not here: backups that are cut short or damaged (tests/recovery).

    python tests/drills/restore.py
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kills import IIMM, documents, empty_index, opened, registered_sample, rows, search_node

from iimm_pipelines.holding import Holding
from iimm_pipelines.sample.searches import SEARCHES
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.node import Node
from iimm_pipelines.search.query import search

ACCOUNTS = {"analyst": ["restricted"], "lead": ["restricted", "compartment-witness"]}


def main() -> int:
    """Do the drill; 1 when anything differs."""
    index = Path(tempfile.mkdtemp(prefix="iimm-drill-search-"))
    with tempfile.TemporaryDirectory(prefix="iimm-drill-") as folder:
        node = search_node(index)
        try:
            wrong = _drill(Path(folder), node)
        finally:
            node.stop()
            shutil.rmtree(index)
    print(*wrong or ["same tables, same index, same search results, valid"], sep="\n")
    return 1 if wrong else 0


def _drill(folder: Path, node: Node) -> list[str]:
    data, new = registered_sample(folder, node), folder / "new"
    for name, marks in ACCOUNTS.items():
        _iimm("user", "add", name, "--role", "analyst", *(w for m in marks for w in ("--mark", m)), data=data)
    keys, identity, vault, backup, checkpoint = (
        folder / n for n in ("keys.age", "id", "vault", "backup", "checkpoint")
    )
    with _step("the work: iimm run"):
        _iimm("run", "--json", data=data)
    with opened(data) as holding:
        before = rows(holding), documents(node), _answers(holding)
        print(f"{len(before[0])} outcomes, {len(before[1])} documents, {len(before[2])} searches")
    with _step("iimm keys identity, backup, confirm"):
        recipient = _recipient(identity)
        _iimm("keys", "backup", keys, "--to", recipient, data=data)
        _iimm("keys", "confirm", keys, "--identity", identity, data=data)
    with _step("iimm vault copy"):
        _iimm("vault", "copy", vault, data=data)
    with _step("iimm backup"):
        _iimm("backup", backup, data=data)
    with _step("iimm vault copy, backup: again, with nothing new"):
        _iimm("vault", "copy", vault, data=data)
        _iimm("verify", "--keep", checkpoint, "--json", data=data)
        _iimm("backup", backup, data=data)
    shutil.rmtree(data)
    empty_index(node)
    with _step("iimm restore"):
        print(_iimm("restore", backup, "--keys", keys, "--identity", identity, "--vault", vault, data=new))
    with _step("iimm verify"):
        verdict = json.loads(_iimm("verify", "--checkpoint", checkpoint, "--json", data=new))
    with _step("the index again: iimm run"):
        done = json.loads(_iimm("run", "--json", data=new))
    with opened(new) as holding:
        after = rows(holding), documents(node), _answers(holding)
    wrong = [
        f"{what} differ"
        for what, a, b in zip(("tables", "documents", "searches"), before, after, strict=True)
        if a != b
    ]
    wrong += [] if verdict["valid"] else [f"verify: {f}" for f in verdict["faults"]]
    return wrong + ([f"computed again: {done['outcomes computed']}"] if done["outcomes computed"] else [])


def _answers(holding: Holding) -> list[tuple[str, int, list[Any]]]:
    """What each search of the sample finds, without scores: they count documents that an index has deleted."""
    found = []
    for asked in SEARCHES:
        result = search(holding, reader(holding, asked.reader), asked.query)
        found.append((asked.id, result.total, [(h.item, h.fields, h.highlights) for h in result.hits]))
    return found


def _recipient(identity: Path) -> str:
    done = subprocess.run([IIMM, "keys", "identity", identity], capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def _iimm(*words: str | Path, data: Path) -> str:
    done = subprocess.run([IIMM, *words, "--data", data], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"iimm {words[0]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:8.1f} s  {name}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
