"""Extremes on a scale that each run of the tests can afford; the rest: `make drill-extremes`."""

from __future__ import annotations

from pathlib import Path

import pytest
from extremes import STEPS, Sizes

SMALL = Sizes(sparse=80 << 20, real=2 << 20, files=30, members=40, depth=100)


@pytest.mark.parametrize("step", ["large", "names", "members", "deep"])
def test_what_is_extreme_comes_back_as_it_went_in(tmp_path: Path, step: str) -> None:
    assert STEPS[step](tmp_path, SMALL).wrong == []
