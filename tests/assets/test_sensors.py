"""Sensors: what they ask for, once for each state, with a cursor that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster_work import SHARDS, Worked
from small_evidence import receive, write_files

from assets import automation
from iimm_pipelines.accessions.corrections import correct
from iimm_pipelines.accessions.facts import read_toml
from iimm_pipelines.accessions.register import Basis, Receipt, change_marks, register
from iimm_pipelines.definitions import build_defs
from iimm_pipelines.holding import Holding
from iimm_pipelines.search import mapping
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.inventory import take_in
from resources.holding import HoldingResource


@pytest.fixture
def holding(new_holding: Callable[..., Holding], tmp_path: Path) -> Holding:
    """Two accessions taken in, of three and one shards, and one that waits."""
    made = new_holding(shard_items=2)
    receive(made, tmp_path / "1", {f"{i}.txt": f"letter {i}" for i in range(5)}, source="S-1")
    receive(made, tmp_path / "2", {"a.txt": "another"}, source="S-2")
    register(made, write_files(tmp_path / "3", {"b.txt": "waits"}), Receipt("S-3", Basis.CONSENT, ("restricted",)))
    return made


@pytest.fixture
def instance(tmp_path: Path) -> dg.DagsterInstance:
    (tmp_path / "dagster").mkdir()
    return dg.DagsterInstance.local_temp(str(tmp_path / "dagster"))


def tick(name: str, data: Path, instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"holding": HoldingResource(data=str(data))}
    )
    result = build_defs(load_settings(data)).resolve_sensor_def(name)(context)
    assert isinstance(result, dg.SensorResult)
    return result


def asked(result: dg.SensorResult) -> dict[str, str]:
    """Run keys by partition."""
    return {str(r.partition_key): str(r.run_key) for r in result.run_requests or ()}


def test_a_registered_accession_is_asked_for_once(holding: Holding, instance: dg.DagsterInstance) -> None:
    ticks = [asked(tick("registered_accessions", holding.settings.data, instance)) for _ in range(2)]
    assert list(ticks[0]) == ["A00003"]
    assert ticks[0] == ticks[1], "the same run key again: Dagster starts one run"


def test_a_file_to_be_read_again_asks_for_its_accession_once_more(
    holding: Holding, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    file = tmp_path / "3" / "b.txt"
    file.rename(tmp_path / "away")
    with holding.catalogue.lease("A00003"):
        take_in(holding, "A00003")
    assert asked(tick("registered_accessions", holding.settings.data, instance)) == {}
    holding.catalogue.ask_again("inventory", "A00003-0000", 0, ["unavailable"])
    assert list(asked(tick("registered_accessions", holding.settings.data, instance))) == ["A00003"]
    (tmp_path / "away").rename(file)
    with holding.catalogue.lease("A00003"):
        take_in(holding, "A00003")
    assert asked(tick("registered_accessions", holding.settings.data, instance)) == {}


def test_partitions_are_known_before_runs_are_asked_for(holding: Holding, instance: dg.DagsterInstance) -> None:
    requests = asked(tick("due_shards", holding.settings.data, instance))
    assert set(requests) == set(instance.get_dynamic_partitions("shards"))
    assert set(instance.get_dynamic_partitions("accessions")) == {"A00001", "A00002", "A00003"}


def test_shards_of_sealed_accessions_alone_are_asked_for_once_for_a_state(
    holding: Holding, instance: dg.DagsterInstance
) -> None:
    first = asked(tick("due_shards", holding.settings.data, instance))
    assert list(first) == ["A00001-0000", "A00001-0001", "A00001-0002", "A00002-0000"]
    assert len(set(first.values())) == 4
    assert asked(tick("due_shards", holding.settings.data, instance)) == first


def changed(holding: Holding, instance: dg.DagsterInstance, change: Callable[[], object]) -> list[str]:
    """The shards that are asked for anew after a change."""
    before = asked(tick("due_shards", holding.settings.data, instance))
    change()
    after = asked(tick("due_shards", holding.settings.data, instance))
    return [s for s in after if after[s] != before[s]]


def test_changed_marks_ask_for_the_shards_of_that_accession(holding: Holding, instance: dg.DagsterInstance) -> None:
    assert changed(holding, instance, lambda: change_marks(holding, "A00002", ["witness"])) == ["A00002-0000"]


def test_a_corrected_time_of_capture_asks_for_the_shards_of_that_accession(
    holding: Holding, instance: dg.DagsterInstance
) -> None:
    unknown = "{unknown = 'not written down'}"
    told = read_toml(f"[[captures]]\nurl = {unknown}\naccount = {unknown}\ntool = {unknown}\ncaptured = '2021-02-01'\n"
                     f"collector = {unknown}")  # fmt: skip
    assert changed(holding, instance, lambda: correct(holding, "A00002", told, "a label was found")) == ["A00002-0000"]


def test_new_passwords_ask_for_the_shards_of_that_accession(holding: Holding, instance: dg.DagsterInstance) -> None:
    assert changed(holding, instance, lambda: holding.add_passwords("A00002", ["secret"])) == ["A00002-0000"]


def test_a_retry_asks_for_that_shard(holding: Holding, instance: dg.DagsterInstance) -> None:
    holding.catalogue.write_slices("contents", "A00001-0001", [(0, 2)])
    again = changed(holding, instance, lambda: holding.catalogue.ask_again("contents", "A00001-0001", 0, ["crashed"]))
    assert again == ["A00001-0001"]


def test_changed_parameters_ask_for_every_shard(holding: Holding, instance: dg.DagsterInstance) -> None:
    file = holding.settings.data / "iimm.toml"
    text = file.read_text() + "\n[stages.languages.languages]\nleast_letters = 4\n"
    assert len(changed(holding, instance, lambda: file.write_text(text))) == 4


def test_a_changed_mapping_asks_for_every_shard(
    holding: Holding, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = lambda: monkeypatch.setitem(mapping._FIELDS["items"], "added", {"type": "keyword"})  # noqa: E731
    assert len(changed(holding, instance, change)) == 4


def test_the_cursor_keeps_its_size_over_any_number_of_shards(
    holding: Holding, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(automation, "SHARDS_A_TICK", 3)
    first = tick("due_shards", holding.settings.data, instance)
    second = tick("due_shards", holding.settings.data, instance, first.cursor)
    assert (len(asked(first)), len(asked(second))) == (3, 1)
    assert len(first.cursor or "") == len("A00001-0002")
    assert not second.cursor, "the next tick begins again"


def test_a_refused_accession_is_never_processed(worked: Worked) -> None:
    assert not asked(tick("registered_accessions", worked.data, worked.instance))
    assert list(asked(tick("due_shards", worked.data, worked.instance))) == list(SHARDS)
    assert list(worked.instance.get_dynamic_partitions("shards")) == list(SHARDS)
