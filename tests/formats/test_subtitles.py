"""Subtitles."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import subtitles
from iimm_pipelines.formats.parsed import Limits, Parsed

SUBRIP = (
    "1\n00:00:01,000 --> 00:00:02,500\n<i>မင်္ဂလာပါ</i>\nsecond line\n\n2\n00:01:00,000 --> 01:00:00,040\n{\\an8}12\n"
)
WEBVTT = ("WEBVTT - title\n\nNOTE made by hand\n\nintro\n00:01.000 --> 00:02.500 align:start\n<v Mya>first &amp; <c.x>last</c>\n\n"
          "01:00:00.000 --> 01:00:00.040\nend\n")  # fmt: skip
SUBSTATION = (
    "[Script Info]\nTitle: Film\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n[Events]\nFormat: Layer, Start\n"
    "Dialogue: 0,0:00:01.00,0:00:02.50,Default,Mya,0,0,0,,{\\b1}one, two\\Nthree\n"
)
SBV = "0:00:01.000,0:00:02.500\nfirst\nsecond\n\n0:01:00.000,0:01:01.000\nlast\n"
FILES = {
    "subrip": (SUBRIP, [(1000, 2500, None, "မင်္ဂလာပါ\nsecond line"), (60_000, 3_600_040, None, "12")]),
    "webvtt": (WEBVTT, [(1000, 2500, "Mya", "first & last"), (3_600_000, 3_600_040, None, "end")]),
    "substation": (SUBSTATION, [(1000, 2500, "Mya", "one, two\nthree")]),
    "sbv": (SBV, [(1000, 2500, None, "first\nsecond"), (60_000, 61_000, None, "last")]),
}
TYPES = {
    "subrip": subtitles.SUBRIP,
    "webvtt": subtitles.WEBVTT,
    "substation": subtitles.SUBSTATION,
    "sbv": subtitles.SBV,
}


def read(folder: Path, data: bytes) -> Parsed:
    (folder / "blob").write_bytes(data)
    return subtitles.read(folder / "blob", Limits())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_cues_have_their_times_and_speakers(tmp_path: Path, name: str, line_end: str) -> None:
    text, expected = FILES[name]
    found = read(tmp_path, text.replace("\n", line_end).encode("utf-8-sig"))
    assert [(s.start_ms, s.end_ms, found.records[s.record].sender, s.text) for s in found.segments
            if s.record is not None] == expected  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_content_tells_what_it_is(name: str) -> None:
    assert subtitles.subtitle_type(FILES[name][0]) == TYPES[name]
    assert subtitles.subtitle_type("At 00:00:01,000 --> somebody spoke") is None


def test_words_outside_of_cues_stay(tmp_path: Path) -> None:
    assert "NOTE made by hand" in read(tmp_path, WEBVTT.encode()).segments[-1].text
    assert "Title: Film" in read(tmp_path, SUBSTATION.encode()).segments[-1].text


def test_a_missing_blank_line_does_not_join_two_cues(tmp_path: Path) -> None:
    found = read(tmp_path, SUBRIP.replace("\n\n2", "\n2").encode())
    assert [s.text for s in found.segments] == ["မင်္ဂလာပါ\nsecond line", "12"]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 2**31), st.integers(0, 9), st.binary(max_size=9))
def test_damage_raises_nothing(name: str, at: int, gone: int, noise: bytes) -> None:
    data = FILES[name][0].encode()
    at %= len(data)
    with tempfile.TemporaryDirectory() as folder:
        read(Path(folder), data[:at] + noise + data[at + gone :])
