"""Rows held against their table's schema: whether a part would give them back as they are.

Here: rows of plain values, seen at once; all others by a way through Arrow and back.
Not here: what else an outcome must be (engine/workers), the tables (schema).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.outcome import Row
from iimm_pipelines.schema import Table

_Fits = Callable[[Any], bool]

_LARGEST = 2**53 - 1
_LONGEST = 1 << 28
"""Of a text or bytes: an array of Arrow's holds 2 GB."""


def plain_rows(table: Table, given: Sequence[Row]) -> list[Row]:
    """The rows without what is not known in them.

    Raises:
        TypeError: a row does not fit; named by table, never by content.
    """
    for row in given:
        if not table.names.issuperset(row):
            raise TypeError(f"a row of {table.name} has columns that the schema does not know")
    fits = _fits_row(table)
    rows = given if all(map(fits, given)) else _through_arrow(table, given)
    return [{n: v for n, v in row.items() if v is not None} for row in rows]


def _through_arrow(table: Table, given: Sequence[Row]) -> list[Row]:
    """By what a text would become where bytes belong, or a field that no column holds: ten times as slow."""
    stored: list[Row] = []
    try:
        stored = pa.array(given, table.struct).to_pylist()
        same = canonical(stored) == canonical(given)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        same = False
    if not same:
        raise TypeError(f"a row of {table.name} does not fit its schema")
    return stored


_KNOWN: dict[int, tuple[Table, _Fits]] = {}
"""By the table's identity (kept with it, so that it stays its own): to hash a table costs more than a row."""


def _fits_row(table: Table) -> _Fits:
    known = _KNOWN.get(id(table))
    if known is None:
        known = _KNOWN[id(table)] = table, _fits(table.struct)
    return known[1]


def _fits(kind: pa.DataType) -> _Fits:
    """Whether a value is surely given back; what is not sure, or of another kind than our tables have, is not."""
    if pa.types.is_string(kind):
        return _is_text
    if pa.types.is_int64(kind):
        return lambda value: type(value) is int and -_LARGEST <= value <= _LARGEST
    if pa.types.is_boolean(kind):
        return lambda value: type(value) is bool
    if pa.types.is_binary(kind):
        return lambda value: type(value) is bytes and len(value) <= _LONGEST
    if pa.types.is_fixed_size_binary(kind):
        width = kind.byte_width
        return lambda value: type(value) is bytes and len(value) == width
    if pa.types.is_list(kind):
        inner = _fits(kind.value_type)
        return lambda value: type(value) is list and all(map(inner, value))
    if pa.types.is_struct(kind):
        return _fits_struct({kind.field(i).name: _fits(kind.field(i).type) for i in range(kind.num_fields)})
    return lambda value: False


def _fits_struct(fields: Mapping[str, _Fits]) -> _Fits:
    known = frozenset(fields)

    def fits(value: Any) -> bool:
        return (
            type(value) is dict and known.issuperset(value) and all(v is None or fields[n](v) for n, v in value.items())
        )

    return fits


def _is_text(value: Any) -> bool:
    if type(value) is not str or len(value) > _LONGEST:
        return False
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
