"""One holding taken in and processed through a real Dagster instance, its two shards by two processes at once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster_work import FILES, SHARDS, Worked, run, start
from small_evidence import add_accounts, write_files

from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def worked(new_data: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worked]:
    """Two accessions of the same files from the same source: A00001 is processed, A00002 refused."""
    data, home = new_data(shard_items=3), tmp_path_factory.mktemp("dagster")
    shutil.copyfile(REPOSITORY / "dagster.yaml", home / "dagster.yaml")
    folder = write_files(tmp_path_factory.mktemp("received"), FILES)
    holding = Holding(load_settings(data))
    add_accounts(holding)
    for _ in range(2):
        register(holding, folder, Receipt("S-1", Basis.CONSENT, ("restricted",)))
    holding.close()
    with dg.DagsterInstance.from_config(str(home)) as instance:
        instance.add_dynamic_partitions("accessions", ["A00001", "A00002"])
        intake, refused = (run(data, instance, "intake", number) for number in ("A00001", "A00002"))
        both = [start(data, home, shard) for shard in SHARDS]
        printed = [child.communicate()[0] for child in both]
        assert [child.returncode for child in both] == [0, 0], printed
        yield Worked(data, home, instance, intake, refused, printed)
