"""Office documents by Tika."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.formats import tika
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.tika import Tika

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="bin" ContentType="application/octet-stream"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATION = (
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" Target="{}"/>'
)
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
WORDS = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>{}</w:body></w:document>'
PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def docx(path: Path, *paragraphs: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", TYPES)
        made.writestr("_rels/.rels", RELATIONS.format(RELATION.format("officeDocument", "word/document.xml")))
        made.writestr("word/_rels/document.xml.rels", RELATIONS.format(RELATION.format("package", "inside.bin")))
        made.writestr("word/inside.bin", b"PK inside")
        made.writestr("word/document.xml", WORDS.format("".join(map(PARAGRAPH.format, paragraphs))))
    return path


@pytest.fixture(name="reader", scope="module")
def a_reader() -> Iterator[Tika]:
    reader = Tika(tika.lay_out())
    yield reader
    reader.close()


def read(reader: Tika, path: Path, limits: Limits | None = None) -> Parsed:
    scratch = path.parent / f"scratch-{len(list(path.parent.iterdir()))}"
    scratch.mkdir()
    return reader.read(path, scratch, (), limits or Limits())


def test_paragraphs_and_files_inside_are_found(reader: Tika, tmp_path: Path) -> None:
    found = read(reader, docx(tmp_path / "blob", "မြန်မာ 😀", "two"))
    assert [(segment.text, segment.paragraph) for segment in found.segments] == [("မြန်မာ 😀", 1), ("two", 2)]
    assert [member.file.read_bytes() for member in found.members if member.file] == [b"PK inside"]
    assert found.problem is None


def test_two_readings_give_the_same(reader: Tika, tmp_path: Path) -> None:
    path = docx(tmp_path / "blob", "one")
    first, second = read(reader, path), read(reader, path)
    assert (first.metadata, first.segments) == (second.metadata, second.segments)


def test_a_document_beyond_the_limit_keeps_its_beginning(reader: Tika, tmp_path: Path) -> None:
    found = read(reader, docx(tmp_path / "blob", "words " * 50, "more " * 50), Limits(max_characters=100))
    assert found.problem == "limit reached"
    assert found.segments[0].text.startswith("words")


def test_nonsense_ends_in_a_reason(reader: Tika, tmp_path: Path) -> None:
    docx(tmp_path / "blob", "one")
    (tmp_path / "blob").write_bytes((tmp_path / "blob").read_bytes()[:300])
    assert read(reader, tmp_path / "blob").problem in ("damaged", "truncated", "limit reached")


def test_a_process_that_dies_fails_one_file_and_the_next_is_read(reader: Tika, tmp_path: Path) -> None:
    path = docx(tmp_path / "blob", "one")
    read(reader, path)
    assert reader._process
    os.kill(reader._process.pid, signal.SIGKILL)
    assert read(reader, path).problem == "crashed"
    assert read(reader, path).problem is None


def test_memory_that_runs_out_fails_one_file_and_the_next_is_read(reader: Tika, tmp_path: Path) -> None:
    bomb = docx(tmp_path / "bomb", "x" * (200 << 20))
    assert read(reader, bomb).problem in ("out of memory", "limit reached", "damaged")
    assert read(reader, docx(tmp_path / "blob", "one")).problem is None


def test_java_starts_from_the_archive_of_its_rehearsal(reader: Tika, tmp_path: Path) -> None:
    read(reader, docx(tmp_path / "blob", "one"))
    assert reader._process
    assert "classes.jsa" in Path(f"/proc/{reader._process.pid}/maps").read_text()


@pytest.mark.parametrize("archive", [b"of another Java", None])
def test_without_an_archive_that_fits_documents_are_read_all_the_same(archive: bytes | None, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for jar in tika.lay_out().glob("*.jar"):
        (home / jar.name).symlink_to(jar)
    if archive:
        (home / "classes.jsa").write_bytes(archive)
    reader = Tika(home)
    assert not tika.rehearsed(home)
    assert read(reader, docx(tmp_path / "blob", "one")).segments
    reader.close()


def test_java_dies_with_its_parent(tmp_path: Path) -> None:
    docx(tmp_path / "blob", "one")
    (tmp_path / "scratch").mkdir()
    code = (
        "import sys, os, signal\nfrom pathlib import Path\nfrom iimm_pipelines.formats import tika, parsed\n"
        "reader = tika.Tika(tika.laid_out())\nfolder = Path(sys.argv[1])\n"
        "reader.read(folder / 'blob', folder / 'scratch', (), parsed.Limits())\n"
        "print(reader._process.pid, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, check=False)
    java = Path(f"/proc/{int(done.stdout)}/cmdline")
    for _ in range(50):
        if not java.exists() or not java.read_bytes():
            return
        time.sleep(0.1)
    pytest.fail("the Java process is still there")


def test_without_tika_a_document_is_unavailable(tmp_path: Path) -> None:
    assert read(Tika(None), docx(tmp_path / "blob", "one")).problem == "unavailable"


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_a_zip_whose_directory_is_wrong_is_read_by_its_members(reader: Tika, tmp_path: Path) -> None:
    packed = next((PACK / "archives").rglob("testZip_with_DataDescriptor.zip"))
    found = parse(packed, "application/zip", b"x.zip", tmp_path, (), Limits(), reader)
    assert [m.path for m in found.members if m.file] == [b"en0", b"en1", b"en2", b"en3", b"en4"]
    assert found.problem == "damaged"


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize(("name", "media_type", "relation", "members"), [
    ("testWINMAIL.dat", "application/vnd.ms-tnef", "attachment",
     {"message.rtf": 25528, "quick.doc": 19968, "quick.html": 428, "quick.pdf": 18638, "quick.txt": 235, "quick.xml": 143}),
    ("testExcel_embeddedPDF.xls", "application/vnd.ms-excel", "embedded", {"embedded-000001": 1505804, "MBD0063FA15.pdf": 7495}),
    ("testWORD_EMFAndAttachments.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
     "attachment", {"TestText.txt": 17, "TestPdf.pdf": 38230, "testWORD123.docx": 12026}),
])  # fmt: skip
def test_files_inside_come_with_relation_name_and_bytes(
    reader: Tika, tmp_path: Path, name: str, media_type: str, relation: str, members: dict[str, int]
) -> None:
    packed = next((PACK / "tika_formats").rglob(name))
    found = parse(packed, media_type, name.encode(), tmp_path, (), Limits(), reader)
    there = {m.path.decode(): m.file.stat().st_size for m in found.members if m.file and m.relation == relation}
    assert there == members


@pytest.mark.skipif(not PACK.is_dir(), reason="needs the evidence pack beside the repository")
def test_words_in_a_metafile_are_read_and_it_stays_a_picture(reader: Tika, tmp_path: Path) -> None:
    drawn = next((PACK / "tika_formats" / "files").rglob("testWMF_charset.wmf"))
    found = parse(drawn, "image/wmf", b"name.wmf", tmp_path, (), Limits(), reader)
    assert found.kind is FileKind.PICTURE
    assert "普林斯" in " ".join(s.text for s in found.segments)
