"""Workbooks as rows."""

from __future__ import annotations

import datetime
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.comments import Comment

from iimm_pipelines.formats import workbook
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, Segment
from iimm_pipelines.formats.records import RecordKind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS: list[list[Any]] = [
    ["အမည်", "Day", "Seen", "Sum", "Yes"],
    ["မြမြ", datetime.date(2021, 2, 1), datetime.datetime(2021, 2, 1, 14, 5), 0.1, True],  # noqa: DTZ001
    [None, None, None, 959123456789, None],
]
TIKA_SAYS = (Segment("comment", "annotation"), Segment("အမည်\tDay", "sheet row", sheet="S", row=1),
             Segment("မြမြ\t2/1/21", "sheet row", sheet="S", row=2))  # fmt: skip


def made(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == "Hidden":
            sheet.sheet_state = "hidden"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def read(folder: Path, data: bytes, limits: Limits = Limits(), found: tuple[Segment, ...] = TIKA_SAYS,  # noqa: B008
         media_type: str = XLSX) -> Parsed:  # fmt: skip
    (folder / "blob").write_bytes(data)
    return workbook.with_rows(
        folder / "blob", media_type, Parsed(FileKind.DOCUMENT, frozenset({"tika"}), segments=found), limits
    )


def test_rows_replace_those_that_tika_read_and_nothing_else(tmp_path: Path) -> None:
    found = read(tmp_path, made(Sheet=ROWS))
    assert [s.text for s in found.segments] == [
        "comment",
        "အမည်\nDay\nSeen\nSum\nYes",
        "မြမြ\n2021-02-01\n2021-02-01T14:05:00\n0.1\nTRUE",
        "959123456789",
    ]
    assert [(s.sheet, s.row) for s in found.segments[1:]] == [("Sheet", 1), ("Sheet", 2), ("Sheet", 3)]
    assert found.segments[3].cells == (4, 0)
    assert found.records[0].columns == ("အမည်", "Day", "Seen", "Sum", "Yes")
    assert found.used == {"tika", "table"}


def test_hidden_sheets_are_read_and_named(tmp_path: Path) -> None:
    found = read(tmp_path, made(Open=ROWS, Hidden=[["secret"]]))
    assert ("hidden sheet", "Hidden") in found.metadata
    assert found.segments[-1].text == "secret"


def test_comments_on_cells_stay(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["B2"] = "value"
    book.active["B2"].comment = Comment("seen by two", "Mya")
    data = io.BytesIO()
    book.save(data)
    said = [(s.text, s.field, s.row) for s in read(tmp_path, data.getvalue()).segments]
    assert ("seen by two", "annotation", 2) in said


def test_two_cells_in_the_corners_of_a_sheet_are_two_rows(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"], book.active["XFD1048576"] = "first", "last"
    data = io.BytesIO()
    book.save(data)
    found = read(tmp_path, data.getvalue())
    assert [(s.text, s.row, s.cells) for s in found.segments[1:]] == [
        ("first", 1, (1, 0)),
        ("last", 1048576, (16384, 0)),
    ]


def test_a_limit_keeps_the_rows_before_it(tmp_path: Path) -> None:
    found = read(tmp_path, made(Sheet=[[i, i] for i in range(50)]), Limits(max_records=20))
    assert (len(found.records), found.problem) == (20, "limit reached")


@pytest.mark.parametrize("damage", ["no zip", "no workbook", "broken sheet"])
def test_where_it_cannot_be_read_tikas_rows_stay(tmp_path: Path, damage: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made(Sheet=ROWS))) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            if damage != "no workbook" or name != "xl/workbook.xml":
                cut = damage == "broken sheet" and "sheet1" in name
                new.writestr(name, old.read(name)[:200] if cut else old.read(name))
    found = read(tmp_path, b"PK" if damage == "no zip" else data.getvalue())
    assert found.segments[0] == TIKA_SAYS[0]
    assert [(s.text, s.record) for s in found.segments[1:]] == [(TIKA_SAYS[1].text, 0), (TIKA_SAYS[2].text, 1)]
    assert [r.kind for r in found.records] == [RecordKind.ROW, RecordKind.ROW]


BOOK = made(Sheet=ROWS)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(zipfile.ZipFile(io.BytesIO(BOOK)).namelist()), st.integers(0, 2**31), st.binary(max_size=10))
def test_a_damaged_part_raises_nothing(part: str, at: int, noise: bytes) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(data, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            place = at % max(1, len(content))
            new.writestr(name, content[:place] + noise + content[place + 5 :] if name == part else content)
    with tempfile.TemporaryDirectory() as folder:
        found = read(Path(folder), data.getvalue())
    assert found.segments[0] == TIKA_SAYS[0]
