"""Tables as text: CSV and its relatives, whatever parts the values.

Here: encoding, delimiter, quotes, and the rows.
Not here: what becomes of a row (rows), load files of other holdings (accessions).
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering
from iimm_pipelines.formats.rows import Row, add_table
from iimm_pipelines.formats.text import decode

_DELIMITERS = (",", ";", "\t", "|", "^")
_NAMES = {"\t": "tab"}
_SAMPLE_CHARACTERS = 64 << 10
_SAMPLE_ROWS = 200
_LONGEST_VALUE = 1 << 20
"""A longer value is most likely a quote that nobody closed: then quotes are taken for characters like any other."""
_SAID = re.compile(r"\ufeff?sep=(?P<delimiter>.)\r?\n")
_AGREEING = 0.8


def read(path: Path, limits: Limits) -> Parsed:
    """Read a table."""
    most = limits.max_characters * 4
    with path.open("rb") as file:
        data = file.read(most + 1)
    decoded = decode(data[:most])
    whole = len(data) <= most
    del data
    text = decoded.text
    said = _SAID.match(text)
    delimiter = said["delimiter"] if said else delimiter_of(text) or ","
    gathered, problem, quoted = _gathered(text, delimiter, limits)
    metadata = [("encoding", decoded.encoding), ("encoding found", decoded.how),
                ("delimiter", _NAMES.get(delimiter, delimiter))]  # fmt: skip
    if not quoted:
        metadata.append(("quotes", "taken literally: one is never closed"))
    return Parsed(FileKind.DOCUMENT, frozenset({"table"}), tuple(metadata), tuple(gathered.segments),
                  problem=problem or (None if whole else Reason.LIMIT_REACHED), records=tuple(gathered.records))  # fmt: skip


def delimiter_of(text: str) -> str | None:
    """The character that parts the values: the one with which most rows have the same number of them, two at least."""
    sample = text[:_SAMPLE_CHARACTERS]
    whole = len(text) <= _SAMPLE_CHARACTERS
    best: tuple[float, int, str] | None = None
    for delimiter in _DELIMITERS:
        if delimiter not in sample:
            continue
        widths = [len(values) for _, values in _rows(sample, delimiter, True, _SAMPLE_ROWS) if values]
        if len(widths) > 2 and not whole:
            widths.pop()  # cut off by the sample
        if not widths:
            continue
        width, times = Counter(widths).most_common(1)[0]
        agreeing = times / len(widths)
        if width > 1 and (best is None or (agreeing, width) > best[:2]):
            best = (agreeing, width, delimiter)
    return best[2] if best else None


def looks_like_it(text: str) -> bool:
    """Whether a file that is named like a table reads as one."""
    delimiter = delimiter_of(text)
    if delimiter is None:
        return False
    widths = Counter(len(values) for _, values in _rows(text[:_SAMPLE_CHARACTERS], delimiter, True, _SAMPLE_ROWS))
    return widths.most_common(1)[0][1] >= _AGREEING * widths.total() or widths[1] == 0


def _gathered(text: str, delimiter: str, limits: Limits) -> tuple[Gathering, Reason | None, bool]:
    for quoted in (True, False):
        gathered = Gathering(limits)
        try:
            add_table(gathered, _rows(text, delimiter, quoted))
        except Full:
            return gathered, Reason.LIMIT_REACHED, quoted
        except csv.Error:
            continue
        return gathered, None, quoted
    return gathered, Reason.DAMAGED, False


def _rows(text: str, delimiter: str, quoted: bool, most: int | None = None) -> Iterator[Row]:
    """Rows of values; a row of the file may hold several lines.

    Raises:
        csv.Error: a value is too long.
    """
    csv.field_size_limit(_LONGEST_VALUE)
    said = _SAID.match(text)
    lines = io.StringIO(text, newline="")
    if said:
        lines.seek(said.end())
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
                        skipinitialspace=True)  # fmt: skip
    try:
        for number, values in enumerate(reader, 2 if said else 1):
            yield number, values
            if most is not None and number >= most:
                return
    except csv.Error:
        if most is None:
            raise
