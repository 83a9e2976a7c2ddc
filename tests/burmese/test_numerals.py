"""Digits one for one, there and back, and numbers in words."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.numerals import WORDS, number, plain, to_ascii_digits, to_burmese_digits, to_shan_digits

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "language-resources"


def test_burmese_and_shan_digits_become_ascii() -> None:
    assert to_ascii_digits("၂၀၂၁ ႐႑႙ 7 ကခ") == "2021 019 7 ကခ"


@given(st.text("0123456789 .,-ကa"))
def test_digits_come_back_the_same(text: str) -> None:
    assert to_ascii_digits(to_burmese_digits(text)) == text == to_ascii_digits(to_shan_digits(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("၁၂,၃၄၅.၆", "12345.6"),
        ("ငါး", "5"),
        ("တစ်ဆယ့်ငါး", "15"),
        ("တရာ", "100"),
        ("သုံးထောင့်ငါးရာ", "3500"),
        ("၂.၅ သိန်း", "250000"),
        ("သုံးသိန်းခွဲ", "350000"),
        ("ဆယ်သိန်း", "1000000"),
        ("နှစ်ဆယ့်ငါး ဒသမ သုည ငါး", "25.05"),
        ("တစ်သိန်းကုဋေ", "1000000000000"),
    ],
)
def test_numbers(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "ကျောင်း", "၁၂,၃၄", "ငါး ငါး", "ခွဲ ငါး", "ဒသမ", "၁.၂.၃"])
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert number(text) is None


def cardinals() -> list[tuple[str, str]]:
    lines = (CASES / "verbalizer" / "cardinal.tsv").read_text().splitlines() if CASES.is_dir() else []
    cases = (re.fullmatch(r"CARDINAL_MARKUP\tcardinal\|integer:(-?\d+)\|\t(.+)", line) for line in lines)
    return [(match[1], re.sub("_unit|_standalone", "", match[2])) for match in cases if match]


@pytest.mark.skipif(not CASES.is_dir(), reason="reference texts are not beside the repository")
def test_every_number_of_the_reference_in_words_with_spaces_and_without() -> None:
    cases = cardinals()
    assert len(cases) > 15
    assert [plain(number(words) or Decimal(0)) for _, words in cases] == [value for value, _ in cases]
    assert [plain(number(words.replace(" ", "")) or Decimal(0)) for _, words in cases] == [value for value, _ in cases]
    found = [words for _, words in cases if not re.fullmatch(WORDS, words)]
    assert found == ["တစ်", "အနုတ် တစ်"]


@given(st.text())
def test_no_text_is_too_odd_for_a_number(text: str) -> None:
    assert number(text) is None or number(text) is not None
