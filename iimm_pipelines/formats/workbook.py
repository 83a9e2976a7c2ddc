"""Workbooks as rows: sheets, cells as they are stored, dates in ISO 8601.

Here: rows of sheets with the names of their columns, beside what Tika finds in the rest of the file: of Office Open XML
by openpyxl, row by row; of old, binary and OpenDocument workbooks by calamine, in a process that may end.
Not here: what becomes of a row (rows), what that process does (cells).
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson

from iimm_pipelines.engine import isolation
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import cells
from iimm_pipelines.formats.parsed import Limits, Parsed, Segment, clean, pieces
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.rows import Row, add_table

OPEN_XML = frozenset(
    f"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}" for kind in ("sheet", "template")
) | {"application/vnd.ms-excel.sheet.macroenabled.12"}
_OPEN_DOCUMENT = frozenset(
    f"application/vnd.oasis.opendocument.{kind}" for kind in ("spreadsheet", "spreadsheet-template")
)
TYPES = OPEN_XML | _OPEN_DOCUMENT | {
    "application/vnd.ms-excel", "application/vnd.ms-excel.sheet.binary.macroenabled.12",
}  # fmt: skip
_ROW_FIELD = "sheet row"
_WHOLE_PART = 64 << 20
"""Bytes of a part that is held in memory as a whole: shared strings take some ten times that."""
_BLOCK = 1 << 20
_SMALL = 64 << 20
"""Bytes in memory of a process that is kept: 20 MB after most workbooks."""
_CONTENT = "content.xml"
_NOTE = b":annotation"
_HELD_WHOLE = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml")


_COMMENTS = re.compile(r"xl/(?:.*/)?(?:threaded)?comments?[^/]*\.xml", re.IGNORECASE)
_ROW_OF_CELL = re.compile(r"[A-Z]{1,3}(\d{1,7})")


class _TooLarge(Exception):
    """The workbook does not fit into memory."""


class _Incomplete(Exception):
    """The process that reads cells ended before the workbook did, or read them wrongly."""


def with_rows(path: Path, media_type: str, found: Parsed, limits: Limits) -> Parsed:
    """What Tika found, with the rows of the sheets as we read them; Tika's own rows where we cannot."""
    if found.problem is Reason.ENCRYPTED:
        return found
    others = [segment for segment in found.segments if segment.field != _ROW_FIELD]
    left = limits.max_characters - sum(len(segment.text) for segment in others)
    gathered = Gathering(replace(limits, max_characters=max(left, 0)))
    metadata: list[tuple[str, str]] = []
    problem = None
    try:
        if media_type in OPEN_XML:
            _gather(path, gathered, metadata)
        else:
            _gather_by_calamine(path, gathered, metadata)
            if media_type in _OPEN_DOCUMENT:
                _add_notes(path, gathered)
    except Full:
        problem = Reason.LIMIT_REACHED
    except Exception:  # the libraries raise whatever a broken part leads to; Tika reads on where they stop
        return rows_as_records(replace(found, used=found.used | {"table"}))
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
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        if values:
            yield number, [cells.written(value) for value in values]


def _gather_by_calamine(path: Path, gathered: Gathering, metadata: list[tuple[str, str]]) -> None:
    process = _waiting() or _started()
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(str(path.resolve()).encode() + b"\n")
        process.stdin.flush()
        for sheet, rows in groupby(map(orjson.loads, process.stdout), _BySheet()):
            if not sheet:
                if _is_small(process):
                    _kept.append(process)
                if sheet is None:
                    return
                break
            if sheet["hidden"]:
                metadata.append(("hidden sheet", clean(sheet["sheet"])))
            add_table(gathered, map(_sound, (r for r in rows if isinstance(r, list))), clean(sheet["sheet"]))
    finally:
        if process not in _kept:
            process.kill()
            process.communicate()
    raise _Incomplete


_kept: list[subprocess.Popen[bytes]] = []
"""The process that read the last workbook, if it answered to the end and stayed small. It dies with its worker."""


def _is_small(process: subprocess.Popen[bytes]) -> bool:
    """Whether it holds no more than it needs for itself: what it holds counts against the worker's next items."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() < _SMALL


def _waiting() -> subprocess.Popen[bytes] | None:
    """The process that was kept, unless something ended it."""
    process = _kept.pop() if _kept else None
    return process if process is not None and process.poll() is None else None


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", cells.__file__]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                            preexec_fn=isolation.preexec)  # fmt: skip


def _sound(row: list[Any]) -> Row:
    """A row as it is, unless text of two bytes a letter was taken for text of one, as in workbooks of Works."""
    number, values = row
    if any("\0" in value for value in values):
        raise _Incomplete
    return number, values


class _BySheet:
    """To which sheet a line belongs: the last that was named; `null` ends the workbook, `false` breaks it off."""

    def __init__(self) -> None:
        self._sheet: Any = None

    def __call__(self, line: Any) -> Any:
        if not isinstance(line, list):
            self._sheet = line
        return self._sheet


def _add_notes(path: Path, gathered: Gathering) -> None:
    """Comments on cells of OpenDocument, which Tika writes into the rows that are replaced."""
    with zipfile.ZipFile(path) as parts:
        with parts.open(_CONTENT) as content:
            if not any(_NOTE in block for block in _overlapping(content)):
                return
        with parts.open(_CONTENT) as content:
            row, table = 0, None
            for event, element in ElementTree.iterparse(content, ("start", "end")):
                name = element.tag.rpartition("}")[2]
                if event == "start":
                    if name == "table":
                        row, table = 0, element
                elif name == "annotation":
                    said = (p for p in element.iter() if p.tag.rpartition("}")[2] == "p")
                    text = clean("\n".join("".join(p.itertext()) for p in said)).strip()
                    gathered.count(len(text))
                    gathered.segments.extend(Segment(piece, "annotation", row=row + 1) for piece in pieces(text))
                elif name == "table-row" and table is not None:
                    row += int(next((v for k, v in element.items() if k.endswith("}number-rows-repeated")), 1))
                    table.clear()  # a million rows


def _overlapping(content: Any) -> Iterator[bytes]:
    tail = b""
    while block := content.read(_BLOCK):
        yield tail + block
        tail = block[-len(_NOTE) :]
