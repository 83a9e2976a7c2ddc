"""A holding that Dagster works on, with planted words that must never reach Dagster's storage.

Here: its files, running a job on it in this process or in a child, what a materialization said.
Not here: the fixture (tests/assets/conftest.py), assertions.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

from iimm_pipelines.definitions import build_defs
from iimm_pipelines.settings import load_settings
from resources.holding import HoldingResource

PLANTED_NAME = "Quibblesnark"
PLANTED_SENTENCE = "saw the zorgon captain burn the granary"
FILES = {
    f"letters/{PLANTED_NAME}-1.txt": f"{PLANTED_NAME} {PLANTED_SENTENCE}.\n",
    f"letters/{PLANTED_NAME}-2.html": f"<h1>{PLANTED_NAME}</h1><p>He {PLANTED_SENTENCE}.</p>",
    f"letters/{PLANTED_NAME}-3.zip": b"PK\x03\x04 no archive " + PLANTED_NAME.encode(),
    f"letters/{PLANTED_NAME}-4.pdf": b"%PDF-1.4 no document " + PLANTED_NAME.encode(),
    f"letters/{PLANTED_NAME}-5.eml": f"From: {PLANTED_NAME} <q@example.org>\nSubject: {PLANTED_NAME}\n\n{PLANTED_SENTENCE}\n",
}
SHARDS = ("A00001-0000", "A00001-0001")

_RUN = """
import sys
from pathlib import Path
import dagster as dg
from iimm_pipelines.definitions import build_defs
from iimm_pipelines.settings import load_settings
job = build_defs(load_settings(Path(sys.argv[1]))).resolve_job_def("processing")
with dg.DagsterInstance.from_config(sys.argv[2]) as instance:
    result = job.execute_in_process(instance=instance, partition_key=sys.argv[3], raise_on_error=False)
sys.exit(not result.success)
"""


@dataclass
class Worked:
    """A holding that Dagster worked on, and what was printed meanwhile."""

    data: Path
    home: Path
    instance: dg.DagsterInstance
    intake: dg.ExecuteInProcessResult
    refused: dg.ExecuteInProcessResult
    printed: list[str]

    @property
    def resource(self) -> HoldingResource:
        return HoldingResource(data=str(self.data))

    def run(self, job: str, partition: str | None = None, **settings: Any) -> dg.ExecuteInProcessResult:
        return run(self.data, self.instance, job, partition, **settings)

    def latest(self, asset: str, shard: str) -> dg.AssetMaterialization:
        """The last materialization of an asset for a shard."""
        filtered = dg.AssetRecordsFilter(asset_key=dg.AssetKey(asset), asset_partitions=[shard])
        found = self.instance.fetch_materializations(filtered, limit=1).records[0].asset_materialization
        assert found is not None
        return found


def run(data: Path, instance: dg.DagsterInstance, job: str, partition: str | None = None,
        **settings: Any) -> dg.ExecuteInProcessResult:  # fmt: skip
    made = build_defs(load_settings(data, **settings)).resolve_job_def(job)
    return made.execute_in_process(instance=instance, partition_key=partition, raise_on_error=False)


def start(data: Path, home: Path, shard: str) -> subprocess.Popen[str]:
    """Processing of a shard, begun in a process of its own with Dagster's loggers as they come."""
    command = [sys.executable, "-c", _RUN, str(data), str(home), shard]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
