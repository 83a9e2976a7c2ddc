"""Rows seen at once and rows brought through Arrow: the same are taken, as the same."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine import plain_rows
from iimm_pipelines.schema import BYTES, DIGEST, TEXT, TRUTH, WHOLE, Column, Table

INNER = pa.struct([("a", WHOLE), ("b", TEXT)])
TABLE = Table("made", "for a test", (
    Column("text", TEXT, ""), Column("whole", WHOLE, ""), Column("truth", TRUTH, ""), Column("bytes", BYTES, ""),
    Column("digest", DIGEST, ""), Column("one", INNER, ""), Column("many", pa.list_(INNER), ""), Column("list", pa.list_(WHOLE), ""),
))  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(-5, 5) | st.floats() | st.text(st.characters())
    | st.binary() | st.binary(min_size=32, max_size=32),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner)
    | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.sampled_from([*TABLE.names]), VALUES), max_size=2)


def taken(way: Callable[..., object], rows: list[dict[str, object]]) -> bytes | None:
    try:
        return canonical(way(TABLE, rows))
    except TypeError:
        return None


@settings(max_examples=600, deadline=None)
@given(ROWS)
def test_both_ways_take_the_same_rows_as_the_same(rows: list[dict[str, object]]) -> None:
    assert taken(plain_rows.plain_rows, rows) == taken(plain_rows._through_arrow, rows)


def test_rows_of_plain_values_need_no_arrow() -> None:
    row = {"text": "မြန်မာ", "whole": 2**53 - 1, "truth": False, "bytes": b"", "digest": bytes(32), "one": {"a": 1, "b": None},
           "many": [{"b": "x"}], "list": [1, 2]}  # fmt: skip
    assert plain_rows._fits_row(TABLE)(row)
    assert not plain_rows._fits_row(TABLE)({**row, "whole": True})
