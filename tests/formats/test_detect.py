"""What a file is."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from iimm_pipelines.formats import detect
from iimm_pipelines.formats.detect import Detected, Tools

MAIL = b"Received: from x\r\n by y\r\nFrom: a@example.org\r\nTo: b@example.org\r\nSubject: s\r\n\r\nbody\r\n"
ENVELOPE = b"From a@example.org Tue Jan  2 03:04:05 2024\n"


@pytest.fixture(name="tools", scope="module")
def the_tools() -> Tools:
    return detect.load()


def what(tools: Tools, tmp_path: Path, data: bytes, name: bytes = b"") -> Detected:
    (tmp_path / "blob").write_bytes(data)
    return detect.detect(tmp_path / "blob", name, tools.magic, tools.magika)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "application/x-empty"),
        (MAIL, "message/rfc822"),
        (ENVELOPE + MAIL, "message/rfc822"),
        (ENVELOPE + MAIL + b"\r\n" + ENVELOPE + MAIL, "application/mbox"),
        ("ရန်ကုန်မြို့တွင် နေထိုင်သည်။ ".encode() * 20, "text/plain"),
        (b"<!DOCTYPE html><html><head><title>t</title></head><body><p>words</p></body></html>", "text/html"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b"%PDF-1.4\n%%EOF", "application/pdf"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
        ("၃၁/၁၂/၂၀၂၁, ၂၁:၀၅ - အောင်: စာ\n".encode() * 3, "text/x-whatsapp"),
        (
            b'{"participants": [], "messages": [{"sender_name": "A", "timestamp_ms": 1612150200000}]}',
            "application/x-meta+json",
        ),
        (b"1\r\n00:00:01,000 --> 00:00:02,000\r\nwords\r\n", "application/x-subrip"),
    ],
)
def test_the_bytes_decide(tools: Tools, tmp_path: Path, data: bytes, expected: str) -> None:
    assert what(tools, tmp_path, data).media_type == expected


def test_a_zip_is_what_its_parts_claim(tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "z"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("other", b"")
        made.writestr("mimetype", b"application/vnd.oasis.opendocument.text")
    found = what(tools, tmp_path, path.read_bytes(), b"letter.odt")
    assert (found.media_type, found.conflict) == ("application/vnd.oasis.opendocument.text", False)


def test_a_name_that_lies_is_a_conflict_and_changes_nothing(tools: Tools, tmp_path: Path) -> None:
    found = what(tools, tmp_path, b"%PDF-1.4\n%%EOF", b"holiday.jpg")
    assert (found.media_type, found.conflict) == ("application/pdf", True)
    assert ("name", "image/jpeg", 0) in found.opinions


def test_a_table_that_is_named_one_is_read_as_one(tools: Tools, tmp_path: Path) -> None:
    found = what(tools, tmp_path, "အမည်;ရွာ\nမြမြ;ဘားအံ\n".encode() * 3, b"list.csv")
    assert (found.media_type, found.conflict) == ("text/csv", False)


def test_every_opinion_is_kept(tools: Tools, tmp_path: Path) -> None:
    found = what(tools, tmp_path, b"import os\n\n\ndef main() -> None:\n    print(os.getcwd())\n" * 5, b"code")
    assert [reader for reader, _, _ in found.opinions] == ["libmagic", "magika"]
    assert all(0 <= score <= 1_000_000 for _, _, score in found.opinions)


def test_letters_with_colons_are_no_mail(tools: Tools, tmp_path: Path) -> None:
    text = b"To: whom it may concern\nDate: today\n\nWe saw three trucks pass the bridge, and then nobody came.\n"
    assert what(tools, tmp_path, text).media_type.startswith("text/")
