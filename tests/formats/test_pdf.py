"""PDF files."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.formats import pdf
from iimm_pipelines.formats.parsed import Limits, Parsed

SHARED = (
    Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "pdf_encryption" / "files" / "encryption"
)


def pdf_file(*texts: str) -> bytes:
    """A PDF without a table of its objects: PDFium finds them."""
    kids = " ".join(f"{10 + 2 * i} 0 R" for i in range(len(texts)))
    parts = [f"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count {len(texts)}/Kids[{kids}]>>endobj",
             "3 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj"]  # fmt: skip
    for i, text in enumerate(texts):
        note = "/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(a note)>>]" if i == 0 else ""
        stream = f"BT /F 12 Tf 9 99 Td ({text}) Tj ET"
        parts.append(f"{10 + 2 * i} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]{note}"
                     f"/Resources<</Font<</F 3 0 R>>>>/Contents {11 + 2 * i} 0 R>>endobj "
                     f"{11 + 2 * i} 0 obj<</Length {len(stream)}>>stream\n{stream}\nendstream endobj")  # fmt: skip
    return ("%PDF-1.4\n" + "\n".join(parts) + "\ntrailer<</Root 1 0 R>>\n%%EOF\n").encode("ascii")


def read(tmp_path: Path, data: bytes, *passwords: str) -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    return pdf.read(tmp_path / "blob", tmp_path, passwords, Limits())


def test_each_page_is_read_with_its_notes(tmp_path: Path) -> None:
    found = read(tmp_path, pdf_file("first page", "", "third page"))
    assert [(segment.page, segment.field, segment.text) for segment in found.segments] == [
        (1, "text", "first page"),
        (1, "annotation", "a note"),
        (3, "text", "third page"),
    ]
    metadata = dict(found.metadata)
    assert (metadata["pages"], metadata["pages_without_text"], metadata["page_needs_ocr"]) == ("3", "1", "2")


def test_a_pdf_that_was_cut_off_is_truncated_and_nonsense_is_damaged(tmp_path: Path) -> None:
    assert read(tmp_path, pdf_file("x")[:60]).problem == "truncated"
    assert read(tmp_path, b"%PDF-1.4 nothing %%EOF").problem == "damaged"


def test_burmese_from_a_broken_map_is_junk() -> None:
    assert pdf.text_is_junk("မြန်မာ Ĵ Ƃ Ǝ")
    assert not pdf.text_is_junk("မြန်မာနိုင်ငံ and café")
    assert not pdf.text_is_junk("Čeština má háčky")
    assert pdf.text_is_junk("\ue010\ue011\ufffd of \ue012")
    assert not pdf.text_is_junk("\uf0b7 a point of a list")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the evidence pack is not here")
def test_an_encrypted_pdf_opens_with_its_password_only(tmp_path: Path) -> None:
    data = (SHARED / "r6-user-password.pdf").read_bytes()
    assert read(tmp_path, data, "wrong").problem == "encrypted"
    found = read(tmp_path, data, "wrong", "asdfzxcv")
    assert (found.problem, ("encrypted", "true") in found.metadata) == (None, True)


PACK = SHARED.parents[2] / "pdf_samples" / "files"


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_outline_form_fields_links_and_authors_of_notes_are_found(tmp_path: Path) -> None:
    found = {
        (segment.field, segment.text)
        for path in ("006-pdflatex-outline", "012-libreoffice-form", "016-libre-office-link", "024-annotations")
        for file in (PACK / path).glob("*.pdf")
        for segment in pdf.read(file, tmp_path, (), Limits()).segments
    }
    assert {("outline", "Foo"), ("form field", "First Name: Alice"), ("link", "https://martin-thoma.com/"),
            ("annotation", "Highlight comment"), ("annotation author", "Lucas")} <= found  # fmt: skip


def test_an_outline_that_holds_itself_ends(tmp_path: Path) -> None:
    data = pdf_file("page").replace(b"/Catalog/", b"/Catalog/Outlines 5 0 R/").replace(
        b"\ntrailer", b"\n5 0 obj<</First 6 0 R/Last 6 0 R>>endobj 6 0 obj<</Title(ring)/Parent 5 0 R/Next 6 0 R"
                     b"/First 6 0 R>>endobj\ntrailer")  # fmt: skip
    assert [s.text for s in read(tmp_path, data).segments if s.field == "outline"] == ["ring"]
