"""The fixity job: it reads what is due in one run, shows numbers only, and fails where damage stays."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
from dagster_work import PLANTED_NAME
from small_evidence import receive

from iimm_pipelines.definitions import build_defs
from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery.vault_copy import copy_to
from iimm_pipelines.settings import load_settings
from iimm_pipelines.storage.checks import Checks


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A holding of one object with a copy of its vault, of which the object is damaged in the vault and due."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "iimm.toml").write_text(f"vault_copy = {str(tmp_path / 'copy')!r}\n")
    holding = Holding(load_settings(folder))
    receive(holding, tmp_path / "one", {f"{PLANTED_NAME}.txt": "a letter"})
    copy_to(holding, str(tmp_path / "copy"))
    assert run(folder).success
    (file,) = folder.glob("vault/objects/*/*")
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1])
    Checks(holding.catalogue).note(holding.catalogue.object_digests(), 1)
    holding.close()
    return folder


def run(data: Path) -> dg.ExecuteInProcessResult:
    return build_defs(load_settings(data)).resolve_job_def("fixity").execute_in_process(raise_on_error=False)


def test_damage_that_the_copy_mends_is_shown_and_the_run_succeeds(data: Path) -> None:
    done = run(data)
    assert done.success
    (shown,) = [e for e in done.all_events if e.is_successful_output]
    metadata = shown.step_output_data.metadata
    assert (metadata["read now"].value, metadata["restored"].value) == (1, 1)
    assert run(data).success


def test_damage_that_nothing_mends_fails_the_run_and_names_items_only(data: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").rename(tmp_path / "unmounted")
    failed = run(data)
    assert not failed.success
    (step,) = [e for e in failed.all_events if e.is_step_failure]
    said = str(step.event_specific_data)
    assert "mounted" in said
    assert "A00001-0000-00000" in said
    assert PLANTED_NAME not in said


def test_the_job_is_scheduled_each_night(data: Path) -> None:
    schedules = {s.job_name: s.cron_schedule for s in build_defs(load_settings(data)).schedules or ()}  # type: ignore[union-attr]
    assert schedules["fixity"] == "0 22 * * *"
