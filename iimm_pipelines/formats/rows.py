"""Rows of tables as segments: values one under the other, the column of each, and the names of the columns.

Here: what becomes of a row wherever it comes from; which row is the header.
Not here: reading delimited text (delimited) and workbooks (workbook).

The text of a row is its values alone: with the columns' names in it, every row would be found by them, and its language
would be theirs. The names stand once, in the header's record; `Segment.cells` says which column each value is of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from iimm_pipelines.formats.parsed import SEGMENT_CODE_POINTS, Segment, clean, pieces
from iimm_pipelines.formats.records import Gathering, Record, RecordKind

Row = tuple[int, Sequence[str]]
"""Number of the row, from 1, and its values, with an empty string for each empty cell."""

_ROW = Record(RecordKind.ROW)
_SAMPLE = 50
_LONGEST_NAME = 200
_NUMBER_OR_DATE = re.compile(r"[\s$€£¥%+\-()#]*\d[\d\s.,:/\-+()TZ%]*(?:[ap]\.?m\.?)?", re.IGNORECASE)
_COLUMN_LIMIT = 16_384
"""Columns of the widest sheet that any program makes."""


def add_table(gathered: Gathering, rows: Iterable[Row], sheet: str | None = None) -> tuple[str, ...]:
    """Gather a table; the names of its columns, if its first filled row is a header.

    Raises:
        Full: a limit is reached.
    """
    remaining = iter(rows)
    sample = list(islice((row for row in remaining if any(row[1])), _SAMPLE))
    names = _header([values for _, values in sample])
    for place, (number, values) in enumerate(chain(sample, remaining)):
        if place == 0 and names:
            _add(gathered, Record(RecordKind.HEADER, columns=names), number, values, sheet)
        elif any(values):
            _add(gathered, _ROW, number, values, sheet)
    return names


def _add(gathered: Gathering, record: Record, number: int, values: Sequence[str], sheet: str | None) -> None:
    gathered.count(sum(map(len, values)))
    ordinal = len(gathered.records)
    gathered.records.append(record)
    field = "header" if record.kind is RecordKind.HEADER else "sheet row"
    for text, cells in _texts(values):
        gathered.segments.append(Segment(text, field, sheet=sheet, row=number, record=ordinal, cells=cells))


def _texts(values: Sequence[str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The text of a row, cut between cells where it is too long, and within a cell where that alone is."""
    parts: list[str] = []
    cells: list[int] = []
    length = 0
    for column, value in enumerate(values[:_COLUMN_LIMIT], 1):
        for piece in pieces(clean(value)):
            if parts and length + len(piece) > SEGMENT_CODE_POINTS:
                yield "\n".join(parts), tuple(cells)
                parts, cells, length = [], [], 0
            parts.append(piece)
            cells += (column, length)
            length += len(piece) + 1
    if parts:
        yield "\n".join(parts), tuple(cells)


def _header(sample: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The names of the columns: words that differ, in the first row, and none of which stands below itself."""
    if len(sample) < 2:
        return ()
    first = [value.strip() for value in sample[0]]
    filled = [value for value in first if value]
    widest = max(sum(1 for value in row if value.strip()) for row in sample)
    if len(filled) < max(1, (widest + 1) // 2) or len(set(filled)) < len(filled):
        return ()
    if any(_NUMBER_OR_DATE.fullmatch(value) or len(value) > _LONGEST_NAME for value in filled):
        return ()
    below = (row[at].strip() for at, name in enumerate(first) if name for row in sample[1:] if at < len(row)
             if row[at].strip() == name)  # fmt: skip
    if next(below, None) is not None:
        return ()
    while first and not first[-1]:
        first.pop()
    return tuple(clean(name) for name in first)
