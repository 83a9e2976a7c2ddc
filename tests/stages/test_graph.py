"""Stages as an installation has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.settings import SettingsInvalid, load_settings
from iimm_pipelines.stages.graph import STAGES, bound


def settled(tmp_path: Path, text: str) -> Path:
    (tmp_path / "iimm.toml").write_text(text, encoding="utf-8")
    return tmp_path


def test_an_operator_gives_a_stage_more_time_and_memory_and_nothing_is_done_again(tmp_path: Path) -> None:
    text = "[limits.contents]\nseconds = 600\nmemory = 4294967296\n"
    found = bound(load_settings(settled(tmp_path, text)))["contents"]
    (before,) = (s for s in STAGES if s.name == "contents")
    assert (found.limits.seconds, found.limits.memory) == (600, 4 << 30)
    assert found.limits.seconds_per_mb == before.limits.seconds_per_mb
    assert found.digest == before.digest


@pytest.mark.parametrize("text", ["[limits.contents]\nsecond = 600\n", "[limits.contents]\nseconds = 0\n"])
def test_limits_that_mean_nothing_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"limits\.contents"):
        load_settings(settled(tmp_path, text))


def test_limits_of_a_stage_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="tea"):
        bound(load_settings(settled(tmp_path, "[limits.tea]\nseconds = 600\n")))
