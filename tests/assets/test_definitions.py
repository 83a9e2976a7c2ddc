"""The code location: it loads anywhere, and says what it is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from iimm_pipelines.definitions import build_defs
from iimm_pipelines.settings import Settings
from iimm_pipelines.stages.graph import STAGES

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """A machine without a holding, without models."""
    return Settings(data=tmp_path / "none", cache=tmp_path / "cache")


@pytest.fixture
def definitions(nowhere: Settings) -> dg.Definitions:
    return build_defs(nowhere)


def test_definitions_load_without_a_holding_and_without_models(definitions: dg.Definitions, nowhere: Settings) -> None:
    dg.Definitions.validate_loadable(definitions)
    assert not nowhere.data.exists()


def test_every_stage_is_an_asset_with_group_owner_kind_description_and_columns(definitions: dg.Definitions) -> None:
    specs = {s.key.to_user_string(): s for s in definitions.resolve_all_asset_specs()}
    assert specs.keys() == {"inventory", "custody_audit", *(s.name for s in STAGES)}
    for name, spec in specs.items():
        assert spec.group_name not in (None, "default"), name
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.description, name
        assert spec.code_version, name
        assert name == "custody_audit" or "dagster/column_schema" in spec.metadata


def test_an_asset_depends_on_what_its_stage_reads_and_on_what_brings_its_items_forth(
    definitions: dg.Definitions,
) -> None:
    specs = {s.key.to_user_string(): s for s in definitions.resolve_all_asset_specs()}
    for stage in STAGES:
        upstream = {d.asset_key.to_user_string() for d in specs[stage.name].deps}
        members = {"contents"} if set(stage.reads) <= {"inventory"} and not stage.makes_items else set()
        assert upstream == set(stage.reads or ("inventory",)) | members, stage.name


def test_a_changed_parameter_changes_the_code_version_of_its_asset_alone(nowhere: Settings) -> None:
    changed = nowhere.model_copy(update={"stages": {"languages": {"languages": {"least_letters": 9}}}})
    before, after = (
        {s.key: s.code_version for s in build_defs(n).resolve_all_asset_specs()} for n in (nowhere, changed)
    )
    assert [k.to_user_string() for k in before if before[k] != after[k]] == ["languages"]


def test_every_job_runs_in_one_process(definitions: dg.Definitions) -> None:
    jobs = [definitions.resolve_job_def(n) for n in ("intake", "processing", "reindex", "audit")]
    assert {j.executor_def.name for j in jobs} == {"in_process"}


def test_dg_check_defs_passes_and_makes_nothing(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "DAGSTER_HOME"} | {"IIMM_DATA": str(tmp_path / "none")}
    done = subprocess.run([str(Path(sys.executable).with_name("dg")), "check", "defs"], cwd=REPOSITORY, env=environment,
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / "none").exists()
