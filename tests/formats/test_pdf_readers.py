"""Burmese PDFs by two readers: where nobody knows what a page says, both readings stay, and it is looked at."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from iimm_pipelines.formats import tika
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, Segment
from iimm_pipelines.formats.pdf_readers import NEEDS_OCR, READERS_DIFFER, SECOND_READER, with_second_reader
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.tika import Tika
from iimm_pipelines.sample.pictures import FONT

LINE = "ကျောင်းသားများသည် မနက်ဖြန် တံတားအနီးတွင် စောင့်နေမည်"
CERTAIN, UNCERTAIN = None, False


def read_as(*texts: str, needs_ocr: str = "") -> Parsed:
    segments = tuple(Segment(text, page=page) for page, text in enumerate(texts, 1))
    return Parsed(FileKind.DOCUMENT, metadata=((NEEDS_OCR, needs_ocr),) if needs_ocr else (), segments=segments)


def said(found: Parsed) -> list[tuple[str, int | None, bool | None]]:
    return [(s.field, s.page, s.reliable) for s in found.segments if s.page]


def test_a_page_that_two_readers_read_differently_keeps_both_and_is_looked_at() -> None:
    found = with_second_reader(read_as(LINE, LINE + " တင်း" * 2), [Segment(LINE, page=1), Segment(LINE, page=2)])
    assert said(found) == [("text", 1, CERTAIN), ("text", 2, UNCERTAIN), (SECOND_READER, 2, UNCERTAIN)]
    assert dict(found.metadata) == {NEEDS_OCR: "2", READERS_DIFFER: "2"}


def test_other_blocks_first_other_marks_first_and_other_scripts_are_no_difference() -> None:
    first, second = LINE.split(" ", 1)
    asat_first = LINE.replace("\u1037\u103a", "\u103a\u1037")
    assert asat_first != LINE
    for other in (f"{second}\n{first}", asat_first):
        assert with_second_reader(read_as(LINE), [Segment(other, page=1)]) == read_as(LINE)
    assert with_second_reader(read_as("The bridge"), [Segment("A lorry", page=1)]) == read_as("The bridge")


def test_junk_is_uncertain_also_without_a_second_reader() -> None:
    assert said(with_second_reader(read_as("မြန်မာ Ĵ Ƃ Ǝ", needs_ocr="1"), None)) == [("text", 1, UNCERTAIN)]


@pytest.fixture(name="second", scope="module")
def tika_reader() -> Iterator[Tika]:
    reader = Tika(tika.lay_out())
    yield reader
    reader.close()


def burmese_pdf() -> bytes:
    buffer = io.BytesIO()
    pdfmetrics.registerFont(TTFont("Padauk", FONT))
    canvas = Canvas(buffer, pageCompression=0, invariant=True)
    canvas.setFont("Padauk", 14)
    canvas.drawString(60, 700, LINE)
    canvas.save()
    return buffer.getvalue()


def read(second: Tika, tmp_path: Path, data: bytes) -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    return parse(tmp_path / "blob", "application/pdf", b"name.pdf", tmp_path, (), Limits(), second)


def test_what_both_read_alike_is_certain(second: Tika, tmp_path: Path) -> None:
    found = read(second, tmp_path, burmese_pdf())
    assert said(found) == [("text", 1, CERTAIN)]
    assert "tika" in found.used


def test_a_broken_map_of_letters_is_read_by_both_and_looked_at(second: Tika, tmp_path: Path) -> None:
    broken = burmese_pdf().replace(b"<103A>", b"<0134>").replace(b"<1031>", b"<0182>")
    found = read(second, tmp_path, broken)
    assert said(found) == [("text", 1, UNCERTAIN), (SECOND_READER, 1, UNCERTAIN)]
    assert dict(found.metadata)[NEEDS_OCR] == "1"
