"""The sample, processed by commands as a person types them.

Here: making it, handing it over, running everything, and what came of it.
Not here: fixtures (conftest.py beside this), assertions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from small_evidence import ACCOUNTS, iimm

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings


@dataclass(frozen=True)
class Journey:
    """A sample that was processed by commands typed in an empty folder, and what `iimm run` said."""

    folder: Path
    data: Path
    first: dict[str, Any]
    numbers: dict[str, str]

    def iimm(self, *words: str) -> Any:
        """What a command says as JSON."""
        done = iimm(*words, "--json", data=self.data, cwd=self.folder)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def make_journey(data: Path, folder: Path) -> Journey:
    """Make the sample in the empty `folder`, hand over both accessions, run everything."""
    for who, marks in ACCOUNTS.items():
        held = [w for m in marks for w in ("--mark", {"witness": "compartment-witness"}.get(m, m))]
        added = iimm("user", "add", who, "--role", "analyst", *held, data=data, cwd=folder)
        assert added.returncode == 0, added.stderr
    sample = json.loads(iimm("sample", "sample", "--json", data=data, cwd=folder).stdout)
    assert 60 <= sample["files"] <= 100
    for number in (1, 2):
        about = folder / "sample" / f"accession-{number}"
        words = ["accession", "add", about, "--facts", about.with_suffix(".toml"), "--sample", "--json"]
        passwords = about.with_suffix(".passwords")
        words += ["--passwords", passwords] if passwords.exists() else []
        done = iimm(*words, data=data, cwd=folder)
        assert done.returncode == 0, done.stderr
    done = iimm("run", "--json", data=data, cwd=folder)
    assert done.returncode == 0, done.stderr
    return Journey(folder, data, json.loads(done.stdout), _numbers_in(data))


def _numbers_in(data: Path) -> dict[str, str]:
    """Item numbers by the accession's folder and the names from the received file inwards."""
    holding, found = Holding(load_settings(data)), {}
    for shard in holding.catalogue.shards():
        ways: dict[str, str] = {}
        for item in read_items(holding.parts, shard.number):
            before = f"accession-{int(shard.accession[1:])}" if item.parent is None else ways[item.parent]
            ways[item.number] = f"{before}/{item.path.decode(errors='surrogateescape')}"
            found[ways[item.number]] = item.number
    holding.close()
    return found
