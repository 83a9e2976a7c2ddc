"""Encodings of plain text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import text
from iimm_pipelines.formats.parsed import Limits

BURMESE = "မြန်မာနိုင်ငံ"


@settings(deadline=None)  # the first guess loads chardet's models
@given(st.binary(), st.none() | st.sampled_from(["utf-8", "idna", "base64", "ucs-9", "shift_jis", "utf-16", "\0"]))
def test_decoding_never_raises_and_gives_clean_text(data: bytes, declared: str | None) -> None:
    text.decode(data, declared).text.encode("utf-8")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    found = text.decode(BURMESE.encode(encoding), declared="iso-8859-1")
    assert (found.text, found.how) == (BURMESE, "bom")


def test_utf_8_cut_inside_its_last_character_is_still_utf_8() -> None:
    found = text.decode(BURMESE.encode()[:-1])
    assert (found.text[:-1], found.encoding) == (BURMESE[:-1], "utf-8")


def test_a_declared_encoding_is_believed_despite_a_damaged_byte() -> None:
    data = ("Привет, " * 40).encode("utf-8")
    assert text.decode(data[:100] + b"\xff" + data[100:], "utf-8").how == "declared"


def test_a_declared_encoding_that_fits_nothing_is_not_believed() -> None:
    sample = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
    assert text.decode(sample.encode("cp1251"), "utf-8").text == sample


def test_bytes_with_control_characters_do_not_look_like_text() -> None:
    assert text.looks_like_text(b"a line\n")
    assert not text.looks_like_text(b"\0\1\2")


def test_a_text_beyond_the_limit_keeps_its_beginning(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"word " * 100)
    found = text.read(tmp_path / "blob", Limits(max_characters=50))
    assert found.problem == "limit reached"
    assert found.segments[0].text.startswith("word")


def test_wide_text_without_a_mark_is_not_taken_for_utf_8() -> None:
    page = "<html><body>" + "The village elders wrote. " * 40 + BURMESE * 20
    assert text.decode(page.encode("utf-32-be")).text == page


def test_utf_8_with_zeros_behind_it_is_still_utf_8() -> None:
    assert text.decode(BURMESE.encode() + bytes(3_000)).text.startswith(BURMESE)


PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "text_charset" / "files"
LANGUAGES = "-(hungarian|greek|russian|croatian|czech|bulgarian|slovak|hebrew|turkish)$"


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_every_sample_is_read_as_what_its_folder_says() -> None:
    wrong = []
    for path in sorted(p for p in PACK.rglob("*") if p.is_file()):
        named = re.sub(LANGUAGES, "", path.parent.name)
        data = path.read_bytes()
        expected = data.decode("mac-cyrillic" if named == "MacCyrillic" else named, errors="replace").lstrip("\ufeff")
        words = {w for w in re.findall(r"[^\W\d_]{2,}", expected) if not w.isascii()}
        found = set(re.findall(r"[^\W\d_]{2,}", text.decode(data).text))
        if words and len(words & found) < 0.9 * len(words):
            wrong.append(path.name)
    assert wrong == []
