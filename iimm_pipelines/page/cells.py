"""CSV for spreadsheets, of which no cell is a formula.

Here: cells and rows as bytes.
Not here: what is exported (page/search_page).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "\N{FULLWIDTH EQUALS SIGN}", "\N{FULLWIDTH PLUS SIGN}",
                     "\N{FULLWIDTH HYPHEN-MINUS}", "\N{FULLWIDTH COMMERCIAL AT}")  # fmt: skip


def cell(value: object) -> str:
    """A value as a cell: what a spreadsheet would take for a formula, behind spaces too, has an apostrophe before it."""
    text = "" if value is None else str(value).replace("\0", "")
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) or text.strip().startswith(_BEGINS_A_FORMULA) else text


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table in UTF-8 with the mark by which spreadsheets know it; every cell in quotes."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", errors="replace")
