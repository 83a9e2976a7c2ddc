"""Messages of Apple Mail."""

from __future__ import annotations

import plistlib
from pathlib import Path

from iimm_pipelines.formats import apple_mail, detect
from iimm_pipelines.formats.parsed import Limits, Parsed

MESSAGE = b"From: a@example.org\nTo: b@example.org\nSubject: hello\nDate: Mon, 1 Feb 2021 03:04:05 +0630\n\ntext\n"
NOTES = plistlib.dumps({"flags": 8590195713, "date-received": 1612125000, "subject": "hello"})


def read(tmp_path: Path, data: bytes) -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    (tmp_path / "scratch").mkdir()
    return apple_mail.read(tmp_path / "blob", tmp_path / "scratch", Limits())


def test_a_message_ends_where_its_length_says(tmp_path: Path) -> None:
    found = read(tmp_path, b"%-10d\n" % len(MESSAGE) + MESSAGE + NOTES)
    assert [s.text for s in found.segments] == ["hello", "text"]
    assert (dict(found.metadata)["apple mail:flags"], found.problem) == ("8590195713", None)


def test_a_message_that_was_cut_off_says_so(tmp_path: Path) -> None:
    found = read(tmp_path, b"%d\n" % (len(MESSAGE) + 100) + MESSAGE)
    assert ([s.text for s in found.segments], found.problem) == (["hello", "text"], "truncated")


def test_notes_that_cannot_be_read_are_no_loss(tmp_path: Path) -> None:
    found = read(tmp_path, b"%d\n" % len(MESSAGE) + MESSAGE + b"<plist>")
    assert (dict(found.metadata)["apple mail notes"], found.problem) == ("cannot be read", None)


def test_it_is_told_from_a_message_and_from_a_number(tmp_path: Path) -> None:
    assert detect._mail(b"%d\n" % len(MESSAGE) + MESSAGE) == detect.EMLX
    assert detect._mail(b"12\n13\n14\n") is None
