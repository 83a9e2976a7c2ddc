"""Workbooks of Office Open XML as rows: sheets, cells as they are stored, dates in ISO 8601.

Here: rows of sheets with the names of their columns, beside what Tika finds in the rest of the file.
Not here: what becomes of a row (rows); old and binary workbooks and OpenDocument, whose rows Tika reads.
"""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import Limits, Parsed, Segment, clean, pieces
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.rows import Row, add_table

TYPES = frozenset(
    f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}" for kind in ("sheet", "template")
) | {"application/vnd.ms-excel.sheet.macroenabled.12"}
_ROW_FIELD = "sheet row"
_WHOLE_PART = 64 << 20
"""Bytes of a part that is held in memory as a whole: shared strings take some ten times that."""
_HELD_WHOLE = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml")


_COMMENTS = re.compile(r"xl/(?:.*/)?(?:threaded)?comments?[^/]*\.xml", re.IGNORECASE)
_ROW_OF_CELL = re.compile(r"[A-Z]{1,3}(\d{1,7})")


class _TooLarge(Exception):
    """The workbook does not fit into memory."""


def with_rows(path: Path, found: Parsed, limits: Limits) -> Parsed:
    """What Tika found, with the rows of the sheets as we read them; Tika's own rows where we cannot."""
    others = [segment for segment in found.segments if segment.field != _ROW_FIELD]
    left = limits.max_characters - sum(len(segment.text) for segment in others)
    gathered = Gathering(replace(limits, max_characters=max(left, 0)))
    metadata: list[tuple[str, str]] = []
    problem = None
    try:
        _gather(path, gathered, metadata)
    except Full:
        problem = Reason.LIMIT_REACHED
    except Exception:  # the library raises whatever a broken part leads to; Tika reads on where it stops
        return rows_as_records(found)
    return replace(
        found,
        used=found.used | {"table"},
        metadata=(*found.metadata, *metadata),
        segments=(*others, *gathered.segments),
        records=tuple(gathered.records),
        problem=found.problem or problem,
    )


def rows_as_records(found: Parsed) -> Parsed:
    """Rows that Tika read, each with a record."""
    places: dict[tuple[str | None, int | None, int | None], int] = {}
    segments: list[Segment] = []
    for segment in found.segments:
        if segment.field == _ROW_FIELD:
            place = (segment.sheet, segment.page, segment.row)
            segment = replace(segment, record=places.setdefault(place, len(places)))
        segments.append(segment)
    if not places:
        return found
    return replace(found, segments=tuple(segments), records=(Record(RecordKind.ROW),) * len(places))


def _gather(path: Path, gathered: Gathering, metadata: list[tuple[str, str]]) -> None:
    import openpyxl

    with path.open("rb") as file:
        with zipfile.ZipFile(file) as parts:
            _add_comments(parts, gathered)
            if any(part.file_size > _WHOLE_PART for part in parts.infolist() if part.filename in _HELD_WHOLE):
                raise _TooLarge
        workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in workbook.worksheets:
                if sheet.sheet_state != "visible":
                    metadata.append(("hidden sheet", str(sheet.title)))
                sheet.reset_dimensions()  # what a file says of its own size may be wrong, or an attack
                add_table(gathered, _rows(sheet), str(sheet.title))
        finally:
            workbook.close()


def _add_comments(parts: zipfile.ZipFile, gathered: Gathering) -> None:
    """Comments on cells, which Tika writes into the rows that are replaced."""
    for part in parts.infolist():
        if not _COMMENTS.fullmatch(part.filename):
            continue
        if part.file_size > _WHOLE_PART:
            raise _TooLarge
        for element in ElementTree.fromstring(parts.read(part)).iter():
            if element.tag.endswith(("}comment", "}threadedComment")):
                text = clean("".join(element.itertext())).strip()
                gathered.count(len(text))
                found = _ROW_OF_CELL.fullmatch(element.get("ref", ""))
                row = int(found[1]) if found else None
                gathered.segments.extend(Segment(piece, "annotation", row=row) for piece in pieces(text))


def _rows(sheet: Any) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
        if cells:
            yield number, [_written(value) for value in cells]


def _written(value: Any) -> str:
    """A value as text: numbers as they are stored, dates in ISO 8601, of midnight the day alone."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        only_date = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if only_date else value.isoformat(timespec="seconds")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)
