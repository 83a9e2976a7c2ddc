"""Files inside PDFs."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.formats import pdf
from iimm_pipelines.formats.parsed import Limits, Parsed

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
FILES = {b"first.txt": b"in the portfolio", b"\xfe\xff" + "ဒု.bin".encode("utf-16-be"): bytes(range(256))}


def made(tmp_path: Path) -> Path:
    """A portfolio of two files, and a third one pinned to its only page."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/Collection<</View/D>>/Names<</EmbeddedFiles<</Names[(a) 4 0 R (b) 6 0 R]>>>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Annots[<</Type/Annot/Subtype/FileAttachment/Rect[1 1 9 9]/FS 8 0 R>>]>>",
    ]
    dates = (b"(D:20210201030405+06'30')", b"(D:20210201030405)", b"(yesterday)")
    for (name, data), date in zip([*FILES.items(), (b"pinned.txt", b"on the page")], dates, strict=True):
        place = len(objects) + 2
        objects.append(
            b"<</Type/Filespec/F<%s>/UF<%s>/EF<</F %d 0 R>>>>" % (name.hex().encode(), name.hex().encode(), place)
        )
        objects.append(b"<</Type/EmbeddedFile/Params<</ModDate%s/Size %d>>/Length %d>>stream\n%s\nendstream"
                       % (date, len(data), len(data), data))  # fmt: skip
    body, offsets = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % at for at in offsets
    )
    trailer = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(body))
    (tmp_path / "p.pdf").write_bytes(body + table + trailer)
    return tmp_path / "p.pdf"


def read(path: Path, tmp_path: Path, limits: Limits | None = None) -> Parsed:
    (tmp_path / "scratch").mkdir()
    return pdf.read(path, tmp_path / "scratch", (), limits or Limits())


def test_files_of_a_portfolio_and_of_a_page_come_with_name_and_bytes(tmp_path: Path) -> None:
    found = read(made(tmp_path), tmp_path)
    assert [(m.path.decode(), m.file.read_bytes(), str(m.relation)) for m in found.members if m.file] == [
        ("first.txt", b"in the portfolio", "attachment"),
        ("ဒု.bin", bytes(range(256)), "attachment"),
        ("pinned.txt", b"on the page", "attachment"),
    ]
    assert (found.expected_members, found.problem) == (3, None)
    assert found.members[2].metadata == (("page", "1"),)


def test_a_time_is_utc_only_where_its_offset_is_known(tmp_path: Path) -> None:
    found = read(made(tmp_path), tmp_path)
    assert [(m.modified_ms, m.modified_text) for m in found.members] == [
        (1_612_125_245_000, None), (None, "2021-02-01T03:04:05"), (None, None),
    ]  # fmt: skip


def test_beyond_the_limit_files_are_counted(tmp_path: Path) -> None:
    found = read(made(tmp_path), tmp_path, Limits(max_members=1))
    assert [m.problem for m in found.members] == [None, "limit reached"]
    assert (found.expected_members, found.problem) == (3, "limit reached")


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize(("path", "name"), [
    ("pdf_samples/files/025-attachment/with-attachment.pdf", b"image.png"),
    ("pdf_encryption/files/attachment.pdf", b"jpeg.pdf"),
])  # fmt: skip
def test_attachments_of_the_pack_are_found(tmp_path: Path, path: str, name: bytes) -> None:
    found = read(PACK / path, tmp_path)
    assert [(m.path, m.problem) for m in found.members] == [(name, None)]
