"""Cells of a table for spreadsheets."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.page.cells import as_csv, cell


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\uff1d1", "|cmd", "\n-1", "\u3000=1"]
)
def test_a_formula_is_text(value: str) -> None:
    assert cell(value) == f"'{value}"


@pytest.mark.parametrize("value", ["A00001-0000-00001", "ရန်ကုန်", "1=1", "", "1,234"])
def test_other_text_stays(value: str) -> None:
    assert cell(value) == value


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_no_value_begins_a_formula_or_leaves_its_cell(values: list[str]) -> None:
    [_, row] = csv.reader(io.StringIO(as_csv(["a"] * len(values), [values]).decode("utf-8-sig"), newline=""))
    assert len(row) == len(values)
    for written, value in zip(row, values, strict=True):
        assert written.lstrip("'") == value.replace("\0", "").lstrip("'")
        assert not written.strip().startswith(("=", "+", "-", "@"))
