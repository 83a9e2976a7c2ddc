"""Small evidence for tests of search, assets and the command line, and a holding on the test run's search node.

Here: files with a few lines of text, receiving them, running stages without Dagster, a command line in a child.
Not here: fixtures (tests/conftest.py), stages made to fail (tests/engine), assertions.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from iimm_pipelines.accessions.facts import NOTHING_STATED, Facts
from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.engine.run import StageReport
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search.delivery import Delivered, deliver
from iimm_pipelines.search.node import Node
from iimm_pipelines.stages.graph import bound, run
from iimm_pipelines.stages.inventory import take_in

ACCOUNTS = {"analyst": ["restricted"], "lead": ["restricted", "witness"], "nobody": []}

SHARED = {"both/list.txt": "Both sources handed over this list of villages near the river.\n"}
OPEN = {
    "letters/bell.txt": "The village elders wrote that the monastery bell was stolen in the night.\n",
    "letters/school.txt": "The bell of the school rang. Nobody saw a monastery there.\n\nThe monastery has a well.\n",
    "စာများ/well.txt": "မနက်ပိုင်းတွင်ကျောင်းဆောင်အနောက်ဘက်ရေတွင်းမှာလူများစုဝေးခဲ့ကြသည်။\n",
    "စာများ/apart.txt": "ရေတွင်းသည် ရွာထဲတွင် ရှိသည်။ ကျောင်းဆောင် သစ်ကို အနောက်ဘက် တောင်ခြေတွင် ဆောက်သည်။\n",
    "accounts/paid.txt": "ငွေ ၁၂၃၄၅ ကျပ် ပေးခဲ့သည်။\n\nA receipt for 67890 kyats was kept.\n",
}
WITNESS = {
    "statements/w-1.txt": "The witness heard zanzibarite shouting near the monastery bell.\n",
    "statements/w-2.txt": "monastery monastery monastery bell bell zanzibarite\n\nကျောင်းဆောင်အနောက်ဘက်ရေတွင်း\n",
}

Files = Mapping[str, str | bytes]


def write_files(folder: Path, files: Files) -> Path:
    """Files below `folder`, all with one time of last change."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        os.utime(path, ns=(10**18, 10**18))
    return folder


def write_settings(data: Path, node: Node, name: str, **settings: Any) -> Path:
    """The settings of a holding on this node; JSON's strings, numbers and lists are TOML's too."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    values = {
        "holding": name,
        "search_folder": str(node.folder),
        "search_port": node.http_port,
        "workers": 2,
        **settings,
    }
    lines = [f"{k} = {json.dumps(v)}" for k, v in values.items()]
    (data / "iimm.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


def add_accounts(holding: Holding, accounts: Mapping[str, Sequence[str]] = ACCOUNTS) -> None:
    """Analysts with these marks."""
    for name, marks in accounts.items():
        holding.accounts.add(name, Role.ANALYST, marks, by="tests")


def receive(holding: Holding, folder: Path, files: Files, marks: Sequence[str] = ("restricted",),
            source: str = "S-1", facts: Facts = NOTHING_STATED) -> Accession:  # fmt: skip
    """Register files and take them in."""
    receipt = Receipt(source, Basis.CONSENT, tuple(marks), facts=facts)
    number = register(holding, write_files(folder, files), receipt).number
    with holding.catalogue.lease(number):
        take_in(holding, number)
    holding.record.drain()
    return number


TEXT_STAGES = ("contents", "languages", "search_index")
"""What text needs to be found. The others load models for seconds, and the index does without what did not run."""


def compute(holding: Holding, names: Sequence[str] = TEXT_STAGES) -> list[StageReport]:
    """Some stages over every shard of sealed accessions."""
    reports = []
    for row in holding.catalogue.accessions():
        for shard in holding.catalogue.shards(row.number) if row.state == "sealed" else ():
            for stage in map(bound(holding.settings).__getitem__, names):
                with holding.catalogue.lease(shard.number):
                    reports.append(run(holding, stage, shard.number))
    holding.record.drain()
    return reports


def deliver_all(holding: Holding) -> Delivered:
    """Every shard of sealed accessions into the index."""
    stage = bound(holding.settings)["search_index"]
    done = []
    for row in holding.catalogue.accessions():
        for shard in holding.catalogue.shards(row.number) if row.state == "sealed" else ():
            with holding.catalogue.lease(shard.number):
                done.append(deliver(holding, stage, shard.number))
    return Delivered(sum(d.sent for d in done), sum(d.standing for d in done))


def process(holding: Holding) -> list[StageReport]:
    """What text needs, and the index."""
    reports = compute(holding)
    deliver_all(holding)
    return reports


def iimm(*arguments: str | Path, data: Path, cwd: Path | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
    """The command line, as a person has it."""
    command = [str(Path(sys.executable).with_name("iimm")), *map(str, arguments)]
    environment = {**os.environ, "IIMM_DATA": str(data)}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=environment, timeout=900, **more
    )
