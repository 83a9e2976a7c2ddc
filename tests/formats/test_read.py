"""All readers over public test files: whatever they meet has a reason, and nothing is raised."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from iimm_pipelines.formats import detect, tika
from iimm_pipelines.formats.detect import Tools
from iimm_pipelines.formats.parsed import SEGMENT_CODE_POINTS, Limits, Parsed
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.tika import Tika

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
FOLDERS = ("tika_formats", "archives", "archives_misc", "archives_zipslip", "mail_eml", "pdf_samples", "pdf_encryption",
           "text_charset", "images_exif", "images_orientation", "c2pa", "geo_kml", "geo_vector", "audio_asr", "video_vpdq",
           "social_chatminer", "social_whatsapp", "web_warc", "web_wacz")  # fmt: skip


@dataclass(frozen=True)
class Readers:
    tools: Tools
    tika: Tika

    def read(self, path: Path, scratch: Path) -> Parsed:
        blob = scratch / "blob"
        shutil.copyfile(path, blob)
        name = os.fsencode(path.name)
        found = detect.detect(blob, name, self.tools.magic, self.tools.magika)
        return parse(blob, found.media_type, name, scratch, (), Limits(), self.tika)


@pytest.fixture(name="readers", scope="module")
def all_readers() -> Iterator[Readers]:
    readers = Readers(detect.load(), Tika(tika.lay_out()))
    yield readers
    readers.tika.close()


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_read_or_has_a_reason(readers: Readers, tmp_path: Path, folder: str) -> None:
    for number, path in enumerate(sorted(path for path in (PACK / folder).rglob("*") if path.is_file())):
        scratch = tmp_path / str(number)
        scratch.mkdir()
        found = readers.read(path, scratch)
        for segment in found.segments:
            assert 0 < len(segment.text) <= SEGMENT_CODE_POINTS
            segment.text.encode("utf-8")
        for member in found.members:
            assert (member.file is None) == (member.problem is not None)
            assert member.file is None or member.file.resolve().is_relative_to(scratch.resolve())
        shutil.rmtree(scratch)


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_arabic_of_a_pdf_stands_as_it_is_read(readers: Readers, tmp_path: Path) -> None:
    """The file's own words are habibi, twice: once in Arabic."""
    found = readers.read(PACK / "pdf_samples" / "files" / "015-arabic" / "habibi.pdf", tmp_path)
    assert "حَبيبي" in "".join(s.text for s in found.segments if s.field == "text in reading order")
    assert "tika" in found.used


def test_bytes_of_no_known_format_are_unsupported(readers: Readers, tmp_path: Path) -> None:
    (tmp_path / "noise").write_bytes(bytes((i * i * 7 + i // 3) % 251 for i in range(3000)))
    (tmp_path / "scratch").mkdir()
    found = readers.read(tmp_path / "noise", tmp_path / "scratch")
    assert (found.problem, found.kind) == ("unsupported", "unknown")
