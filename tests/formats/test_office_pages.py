"""Pages of office documents, laid out by LibreOffice, which is optional."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.office_pages import lay_out, program
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.sample import ooxml, pictures

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
there = pytest.mark.skipif(program() is None, reason="no LibreOffice: infra/setup.sh dev installs it")


def made_of(tmp_path: Path, data: bytes, media_type: str = DOCX, seconds: float = 120) -> Path:
    (tmp_path / "document").write_bytes(data)
    (tmp_path / "scratch").mkdir()
    return lay_out(tmp_path / "document", media_type, tmp_path / "scratch", seconds)


@there
def test_a_document_becomes_pages_and_nothing_beside_it_is_loaded(tmp_path: Path) -> None:
    """A picture that a document names by the address of a file of this machine is not put into its pages."""
    (tmp_path / "of-this-machine.jpg").write_bytes(pictures.scenes()["house"])
    linked = ooxml.docx(["A letter about rambutans"], author="Invented", picture=pictures.scenes()["market"])
    found = pypdfium2.PdfDocument(made_of(tmp_path, _relinked(linked, (tmp_path / "of-this-machine.jpg").as_uri())))
    assert "rambutans" in found[0].get_textpage().get_text_bounded()
    images = [o for o in found[0].get_objects() if o.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    assert all(max(image.get_px_size()) < 100 for image in images)


def _relinked(document: bytes, address: str) -> bytes:
    """The document with its picture by address in place of inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/_rels/document.xml.rels":
                data = data.replace(b'Target="media/image1.jpeg"', f'Target="{address}" TargetMode="External"'.encode())
                assert address.encode() in data
            if name == "word/document.xml":
                data = data.replace(b"r:embed=", b"r:link=")
                assert b"r:link=" in data
            if not name.startswith("word/media/"):
                new.writestr(name, data)
    return out.getvalue()


@there
def test_what_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        made_of(tmp_path, ooxml.docx(["A letter"], author="Invented"), seconds=0.2)
    assert refused.value.reason is Reason.TIMED_OUT


def test_without_the_program_nothing_is_laid_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unreadable) as refused:
        made_of(tmp_path, b"")
    assert refused.value.reason is Reason.UNSUPPORTED
