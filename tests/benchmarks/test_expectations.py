"""A small part of the evidence pack through intake and contents, held against what is expected of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks import expectations
from benchmarks.coverage import PACK, table
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import graph
from iimm_pipelines.stages.inventory import take_in

FOLDERS = ("archives_zipslip", "social_chatminer", "datashare_docs", "geo_vector")
pytestmark = pytest.mark.skipif(not PACK.exists(), reason="the evidence pack is not beside this checkout")


@pytest.fixture(name="seen", scope="module")
def through_contents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[expectations.Pack]:
    top = tmp_path_factory.mktemp("coverage")
    for folder in FOLDERS:
        shutil.copytree(PACK / folder, top / "received" / folder, copy_function=shutil.copy)
    with closing(Holding(load_settings(top / "data"))) as holding:
        number = register(holding, top / "received", Receipt("S-1", Basis.OPEN_SOURCE, ("restricted",))).number
        take_in(holding, number)
        for shard in holding.catalogue.shards(number):
            graph.run(holding, graph.bound(holding.settings)["contents"], shard.number)
        yield expectations.seen_in(holding, ["contents"])


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_of_the_manifest_is_there_with_its_digest(seen: expectations.Pack, folder: str) -> None:
    met = expectations.identity(PACK, folder, seen[folder])
    assert met
    assert all(met.values())


def test_paths_that_lead_elsewhere_are_kept_as_names(seen: expectations.Pack) -> None:
    met = expectations.slips(PACK, seen["archives_zipslip"])
    assert len(met) == 4
    assert all(met.values())


def test_messages_of_whatsapp_signal_and_instagram_are_found(seen: expectations.Pack) -> None:
    met = expectations.messages(PACK, seen["social_chatminer"])
    assert all(ok for path, ok in met.items() if "telegram" not in path)


def test_no_outcome_is_a_bug_and_each_file_has_one(seen: expectations.Pack) -> None:
    for files in seen.values():
        assert all(one.outcomes["contents"][1] != "bug" for one in files)


def test_the_page_counts_each_file_once(seen: expectations.Pack) -> None:
    lines = table(seen, {}).splitlines()
    counted = [line.split("|") for line in lines if line.startswith("| ") and "format" not in line]
    assert sum(int(cells[2]) for cells in counted if cells[2].strip().isdigit()) == sum(map(len, seen.values()))
