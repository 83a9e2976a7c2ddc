"""Jobs on a real instance: what is computed, what Dagster's users see, and what they must never see."""

from __future__ import annotations

import sqlite3

import dagster as dg
import pytest
from dagster_work import FILES, PLANTED_NAME, PLANTED_SENTENCE, SHARDS, Worked

from iimm_pipelines.definitions import build_defs
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.mapping import index_name
from iimm_pipelines.search.query import search
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.graph import STAGES


def plain(made: dg.AssetMaterialization) -> dict[str, object]:
    return {k: v.value for k, v in made.metadata.items()}


def test_intake_says_what_came_in_and_how_fast(worked: Worked) -> None:
    assert worked.intake.success
    said = plain(worked.intake.asset_materializations_for_node("inventory")[0])
    assert (said["received files"], said["computed"], said["shards"], said["corroborates"]) == (5, 5, 2, "nothing")
    assert said["bytes"] == sum(len(d if isinstance(d, bytes) else d.encode()) for d in FILES.values())
    assert {"bytes per second", "root", "dagster/row_count"} <= said.keys()
    assert [(c.check_name, c.passed) for c in worked.intake.get_asset_check_evaluations()] == [
        ("one_outcome_for_each_received_file", True)
    ]


def test_a_repeated_delivery_fails_its_intake_and_says_which_it_repeats(worked: Worked) -> None:
    assert not worked.refused.success
    failure = worked.refused.failure_data_for_node("inventory")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "A00002 repeats A00001" in str(failure.user_failure_data.description)


@pytest.mark.parametrize("shard", SHARDS)
def test_every_stage_says_of_every_shard_what_an_engineer_needs(worked: Worked, shard: str) -> None:
    for stage in STAGES:
        said = plain(worked.latest(stage.name, shard))
        assert {"items", "computed", "carried over", "standing", "items per second", "seconds", "bytes of parts", "parts",
                "dagster/row_count"} <= said.keys()  # fmt: skip
        assert said["items"] == said["dagster/row_count"]
        assert sum(int(str(n)) for k, n in said.items() if k.startswith("outcomes: ")) == said["items"]


def test_two_shards_by_two_processes_at_once_are_both_found(worked: Worked) -> None:
    holding = Holding(load_settings(worked.data))
    assert search(holding, reader(holding, "analyst"), PLANTED_SENTENCE).total == 3
    assert all(holding.catalogue.delivered(s) for s in SHARDS)
    holding.close()


def test_a_second_run_computes_nothing_and_says_so(worked: Worked) -> None:
    again = worked.run("processing", SHARDS[0])
    assert again.success
    for stage in STAGES:
        said = plain(again.asset_materializations_for_node(stage.name)[0])
        assert (said["computed"], said["carried over"], said["standing"]) == (0, 0, said["items"]), stage.name
    assert plain(again.asset_materializations_for_node("search_index")[0])["documents sent"] == 0
    assert {c.passed for c in again.get_asset_check_evaluations()} == {True}
    assert len(again.get_asset_check_evaluations()) == 2 * len(STAGES)


def test_what_stands_has_the_same_data_version(worked: Worked) -> None:
    filtered = dg.AssetRecordsFilter(asset_key=dg.AssetKey("contents"), asset_partitions=[SHARDS[0]])
    records = worked.instance.fetch_materializations(filtered, limit=10).records
    versions = {
        (r.asset_materialization.tags or {})["dagster/data_version"] for r in records if r.asset_materialization
    }
    assert len(versions) == 1


def test_reindex_brings_a_deleted_index_back(worked: Worked) -> None:
    holding = Holding(load_settings(worked.data))
    holding.node.client("ingest").indices.delete(index=index_name(holding.settings.holding, "segments", ["restricted"]))
    done = [worked.run("reindex", shard) for shard in SHARDS]
    assert [d.success for d in done] == [True, True]
    assert search(holding, reader(holding, "analyst"), PLANTED_SENTENCE).total == 3
    holding.close()


def test_a_broken_promise_fails_the_step_and_is_not_tried_again(worked: Worked) -> None:
    """An outcome too few is in the catalogue; the job would retry twice."""
    assets = list(build_defs(load_settings(worked.data)).assets or ())
    job = dg.define_asset_job("again", selection=["languages"], executor_def=dg.in_process_executor,
                              op_retry_policy=dg.RetryPolicy(max_retries=2))  # fmt: skip
    made = dg.Definitions(assets=assets, jobs=[job], resources={"holding": worked.resource}).resolve_job_def("again")
    miscount(worked, -1)
    try:
        result = made.execute_in_process(instance=worked.instance, partition_key=SHARDS[0], raise_on_error=False)
    finally:
        miscount(worked, +1)
    events = [e.event_type for e in result.all_events]
    assert events.count(dg.DagsterEventType.STEP_FAILURE) == 1
    assert dg.DagsterEventType.STEP_UP_FOR_RETRY not in events
    failure = result.failure_data_for_node("languages")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert failure.user_failure_data.description == f"languages of {SHARDS[0]}: 2 outcomes for 3 items"


def miscount(worked: Worked, by: int) -> None:
    with sqlite3.connect(worked.data / "catalogue.sqlite") as catalogue:
        catalogue.execute(
            "UPDATE parts SET leaves = leaves + ? WHERE stage = 'languages' AND shard = ?", (by, SHARDS[0])
        )
    catalogue.close()


def test_a_shard_that_another_run_holds_fails_with_a_line_that_says_so(
    worked: Worked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assets.factory._WAIT_SECONDS", 0.5)
    holding = Holding(load_settings(worked.data))
    with holding.catalogue.lease(SHARDS[0]):
        result = worked.run("reindex", SHARDS[0])
    holding.close()
    failure = result.failure_data_for_node("search_index")
    assert failure is not None
    assert failure.user_failure_data is not None
    assert "another run" in str(failure.user_failure_data.description)


def test_the_audit_adds_up_and_verifies(worked: Worked) -> None:
    result = worked.run("audit")
    assert {c.check_name: c.passed for c in result.get_asset_check_evaluations()} == {
        "accessions_add_up": True, "custody_holds": True, "legal_holds_are_locked": True,
        "vault_keeps_what_is_locked": True}  # fmt: skip
    assert plain(result.asset_materializations_for_node("custody_audit")[0])["received files"] == 5


def test_neither_dagsters_storage_nor_its_output_holds_a_name_or_a_word_of_the_evidence(worked: Worked) -> None:
    """After runs that succeeded, failed, found damage, were refused; the words are in the index and in the vault only."""
    wanted = [w.encode() for w in (PLANTED_NAME, PLANTED_NAME.lower(), PLANTED_SENTENCE, "zorgon", "letters/")]
    kept = {str(f.relative_to(worked.home)): f.read_bytes() for f in worked.home.rglob("*") if f.is_file()}
    assert sum(map(len, kept.values())) > 100_000
    assert any(b"materialization" in data.lower() for data in kept.values())
    kept |= {f"output of {shard}": text.encode() for shard, text in zip(SHARDS, worked.printed, strict=True)}
    assert all("STEP_SUCCESS" in text for text in worked.printed)
    assert [(name, word) for name, data in kept.items() for word in wanted if word in data] == []


def test_one_materialization_stands_for_a_stage_over_a_shard_and_none_for_an_item(worked: Worked) -> None:
    records = worked.instance.fetch_materializations(dg.AssetKey("contents"), limit=999).records
    assert {r.partition_key for r in records} == set(SHARDS)
