"""Parts: what is written is what is read, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iimm_pipelines.custody.leaf import content_data
from iimm_pipelines.schema import DOCUMENT, MEMBERS, SEGMENTS, Table
from iimm_pipelines.storage.parts import PartDamaged, PartFiles, StoredOutcome, read_outcomes

TABLES = (DOCUMENT, MEMBERS, SEGMENTS)
OUTCOME = StoredOutcome(
    item="A00001-0000-00000", place=0, kind="produced", reason=None, used=None, recipe=bytes(32), work=bytes(32),
    content=bytes(32), inputs=(b"i" * 32,), numbers=None, salt=bytes(16), leaf=bytes(32), carried=False, took_us=5,
    attempts=1, detail="", tables={},
)  # fmt: skip

_values = {
    pa.string(): st.text(st.characters(exclude_categories=["Cs"])),
    pa.int64(): st.integers(-(2**53) + 1, 2**53 - 1),
    pa.bool_(): st.booleans(),
    pa.binary(): st.binary(),
}


def _rows(type_: pa.DataType) -> st.SearchStrategy[object]:
    if pa.types.is_struct(type_):
        return st.fixed_dictionaries({}, optional={f.name: _rows(f.type) for f in type_})
    if pa.types.is_list(type_):
        return st.lists(_rows(type_.value_type), max_size=3)
    if pa.types.is_fixed_size_binary(type_):
        return st.binary(min_size=type_.byte_width, max_size=type_.byte_width)
    return _values[type_]


def _tables(table: Table) -> st.SearchStrategy[object]:
    return st.lists(_rows(table.struct), max_size=3)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries({t.name: _tables(t) for t in TABLES}), st.none() | st.frozensets(st.sampled_from("abc")))
def test_what_is_read_has_the_content_that_was_sealed(
    tmp_path: Path, tables: dict, used: frozenset[str] | None
) -> None:  # type: ignore[type-arg]
    files = PartFiles(tmp_path)
    given_ = replace(OUTCOME, tables=tables, used=used, numbers=(1, -1), detail="x")
    written = files.write("contents", "A00001-0000", "k", [given_, OUTCOME], TABLES)
    one, two = read_outcomes(files.arrow("contents", "A00001-0000", "k"))
    assert content_data("produced", None, one.tables) == content_data("produced", None, tables)
    assert replace(one, tables={}) == replace(given_, tables={})
    assert two == OUTCOME
    assert files.written("contents", "A00001-0000", "k") == written


def test_a_part_without_outcomes_is_one(tmp_path: Path) -> None:
    files = PartFiles(tmp_path)
    files.write("contents", "A00001-0000", "k", [], TABLES)
    assert read_outcomes(files.arrow("contents", "A00001-0000", "k")) == []


def test_a_column_that_was_added_later_is_null_in_older_parts(tmp_path: Path) -> None:
    files = PartFiles(tmp_path)
    files.write("contents", "A00001-0000", "k", [OUTCOME], TABLES)
    path = files.path("contents", "A00001-0000", "k")
    pq.write_table(pq.read_table(path).drop_columns(["attempts", "numbers"]), path)
    (found,) = read_outcomes(files.arrow("contents", "A00001-0000", "k"))
    assert (found.attempts, found.numbers) == (0, None)


@pytest.mark.parametrize("column", ["leaf", "item", "place", "content"])
def test_a_part_without_what_every_part_has_is_damaged(tmp_path: Path, column: str) -> None:
    files = PartFiles(tmp_path)
    files.write("contents", "A00001-0000", "k", [OUTCOME], TABLES)
    path = files.path("contents", "A00001-0000", "k")
    pq.write_table(pq.read_table(path).drop_columns([column]), path)
    with pytest.raises(PartDamaged):
        files.arrow("contents", "A00001-0000", "k")


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1PAR1", b"x" * 5000])
def test_what_is_no_parquet_is_damaged(tmp_path: Path, data: bytes) -> None:
    files = PartFiles(tmp_path)
    files.write("contents", "A00001-0000", "k", [OUTCOME], TABLES)
    files.path("contents", "A00001-0000", "k").write_bytes(data)
    with pytest.raises(PartDamaged):
        files.arrow("contents", "A00001-0000", "k", ["item"])


def test_a_part_that_is_not_there_is_named_by_its_key(tmp_path: Path) -> None:
    with pytest.raises(PartDamaged, match="contents A00001-0000 abc"):
        PartFiles(tmp_path).arrow("contents", "A00001-0000", "abc")
