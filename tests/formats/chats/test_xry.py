"""XRY's plain text reports."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import detect
from iimm_pipelines.formats.chats import signs, xry
from iimm_pipelines.formats.parsed import Limits, Parsed

HEADER = "Report\r\nCase 4\r\nCalls\r\nProgram 8.1\r\n\r\n"
CALLS = """Calls #\t1
Call Type:\tMissed
Time:\t1/2/2019 1:23:45 PM UTC+6:30 (Device)
Duration:\t00:01:05
From
Tel:\t+9595551234
Name (Matched):\tKo Htet

Calls #\t2
Call Type:\tDialed
Time:\t2.1.2019 13:23
To
Tel:\t+951200300
"""
MESSAGES = """SMS #\t1
Time:\t1/2/2019 12:05:00 AM
From
Tel:\t+9595551234
Text:\tတံတားမှာ တွေ့မယ်
the second line: at nine

a paragraph behind an empty line
Status:\tRead
Index:\t17

SMS #\t2
Text:\tyes
To
Tel:\t+9595551234
"""
CONTACTS = "Contacts #\t1\nName:\tDaw Hla\nTel:\t+951200300\n"


def read(tmp_path: Path, text: str | bytes, limits: Limits | None = None) -> Parsed:
    data = text if isinstance(text, bytes) else (HEADER + text.replace("\n", "\r\n")).encode("utf-16")
    (tmp_path / "blob").write_bytes(data)
    return xry.read(tmp_path / "blob", limits or Limits())


def test_a_call_has_its_person_length_and_time(tmp_path: Path) -> None:
    missed, dialled = read(tmp_path, CALLS).records
    assert (missed.kind, missed.sender, missed.account, missed.event) == ("call", "Ko Htet", "+9595551234", "Missed")
    assert missed.time and (missed.time.iso, missed.time.offset_minutes) == ("2019-01-02T13:23:45", 390)
    assert missed.duration_s == 65
    assert (dialled.sender, dialled.recipients) == (None, ("+951200300",))
    assert dialled.time and (dialled.time.written, dialled.time.iso) == ("2.1.2019 13:23", None)


def test_a_message_keeps_all_its_lines(tmp_path: Path) -> None:
    found = read(tmp_path, MESSAGES)
    first, second = found.records
    text = "\n".join(s.text for s in found.segments if s.record == 0)
    assert text == "တံတားမှာ တွေ့မယ်\nthe second line: at nine\na paragraph behind an empty line"
    assert (first.sender, first.id, second.recipients) == ("+9595551234", "17", ("+9595551234",))
    assert first.time and (first.time.iso, first.time.utc_ms) == ("2019-01-02T00:05:00", None)


def test_what_is_no_saying_is_kept_as_text(tmp_path: Path) -> None:
    found = read(tmp_path, CONTACTS)
    assert found.records == ()
    assert all(w in found.segments[0].text for w in ("Case 4", "Daw Hla", "+951200300"))


def test_a_report_is_known_by_its_first_entry(tmp_path: Path) -> None:
    tools = detect.load()
    read(tmp_path, CALLS)
    assert detect.detect(tmp_path / "blob", b"name.txt", tools.magic, tools.magika).media_type == signs.XRY


def test_other_text_in_utf_16_is_none(tmp_path: Path) -> None:
    assert not xry.looks_like_it("Notes #1 of the meeting\nwe met: at nine\n".encode("utf-16"))


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 700), gone=st.integers(0, 40), noise=st.binary(max_size=12))
def test_a_damaged_report_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, at: int, gone: int, noise: bytes
) -> None:
    data = (HEADER + CALLS + MESSAGES).encode("utf-16")
    assert read(tmp_path_factory.mktemp("damaged"), data[:at] + noise + data[at + gone :]).kind == "message"
