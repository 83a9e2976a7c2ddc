"""Tables as text."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import delimited
from iimm_pipelines.formats.parsed import SEGMENT_CODE_POINTS, Limits, Parsed, Segment
from iimm_pipelines.formats.records import RecordKind

TABLE = 'အမည်;Telephone;Note\nအောင်အောင်;09123456;"two\nlines; and ""quotes"""\n;;\nမြမြ;09777888;\n'


def read(folder: Path, data: str | bytes, limits: Limits = Limits()) -> Parsed:  # noqa: B008
    (folder / "blob").write_bytes(data.encode() if isinstance(data, str) else data)
    return delimited.read(folder / "blob", limits)


def values_of(segment: Segment) -> dict[int, str]:
    """Values by column, as the segment's cells cut its text."""
    starts = segment.cells[1::2]
    ends = [*(start - 1 for start in starts[1:]), len(segment.text)]
    return {c: segment.text[a:b] for c, a, b in zip(segment.cells[::2], starts, ends, strict=True)}


def test_a_row_is_its_values_and_says_their_columns(tmp_path: Path) -> None:
    found = read(tmp_path, TABLE)
    assert [r.kind for r in found.records] == [RecordKind.HEADER, RecordKind.ROW, RecordKind.ROW]
    assert found.records[0].columns == ("အမည်", "Telephone", "Note")
    assert [(s.row, s.record, values_of(s)) for s in found.segments[1:]] == [
        (2, 1, {1: "အောင်အောင်", 2: "09123456", 3: 'two\nlines; and "quotes"'}),
        (4, 2, {1: "မြမြ", 2: "09777888"}),
    ]


def test_a_table_without_names_has_rows_only(tmp_path: Path) -> None:
    found = read(tmp_path, "Aung,09123456\nMya,09777888\n")
    assert {r.kind for r in found.records} == {RecordKind.ROW}


@pytest.mark.parametrize(("delimiter", "said"), [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|")])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str, said: str) -> None:
    rows = [["Name", "Place", "Day"], ["Aung, U", "a; b", "2021-02-01"], ["Mya", "x|y", "2021-02-02"]]
    made = io.StringIO()
    csv.writer(made, delimiter=delimiter).writerows(rows)
    found = read(tmp_path, made.getvalue())
    assert dict(found.metadata)["delimiter"] == said
    assert [list(values_of(s).values()) for s in found.segments] == rows


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path: Path) -> None:
    found = read(tmp_path, "sep=^\r\nName^Place\r\nAung^Hpa-An\r\n")
    assert found.records[0].columns == ("Name", "Place")
    assert found.segments[0].row == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    text = "Prénom,Ville\n" + "Zoé,Orléans est une ville française très âgée\nRené,Besançon\n" * 20
    assert read(tmp_path, text.encode(encoding)).segments[1].text.startswith("Zoé\nOrléans est")


def test_a_quote_that_nobody_closes_costs_no_row(tmp_path: Path) -> None:
    found = read(tmp_path, 'name,note\na,"open\n' + "b,words\n" * 300_000, Limits(max_records=10))
    assert ("quotes", "taken literally: one is never closed") in found.metadata
    assert [s.text for s in found.segments[:3]] == ["name\nnote", 'a\n"open', "b\nwords"]


def test_a_limit_keeps_the_rows_before_it(tmp_path: Path) -> None:
    found = read(tmp_path, "a,b\n" + "1,2\n" * 100, Limits(max_records=50))
    assert (len(found.records), found.problem) == (50, "limit reached")


def test_a_row_longer_than_a_segment_is_cut_between_cells(tmp_path: Path) -> None:
    found = read(tmp_path, "a,b,c\n" + ",".join(["x" * 1500, "y" * 1500, "z" * 5000]) + "\n")
    pieces = [s for s in found.segments if s.record == 1]
    assert all(len(s.text) <= SEGMENT_CODE_POINTS for s in pieces)
    assert "".join(values_of(s).get(3, "") for s in pieces) == "z" * 5000


CELL = st.text("aမြ1 ,;\"\n\t|'", max_size=6)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_rows_that_were_written_come_back(rows: list[list[str]]) -> None:
    made = io.StringIO()
    csv.writer(made, quoting=csv.QUOTE_ALL).writerows([["first", "second", "third"], *rows])
    with tempfile.TemporaryDirectory() as folder:
        found = read(Path(folder), made.getvalue())
    written = [[v.strip().replace("\r\n", "\n") for v in row] for row in rows]
    assert [list(values_of(s).values()) for s in found.segments[1:]] == [[v for v in r if v] for r in written if any(r)]


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), data)
    delimited.looks_like_it(data.decode("latin-1"))
