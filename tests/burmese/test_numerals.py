"""Digits: one for one, there and back."""

from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.numerals import to_ascii_digits, to_burmese_digits, to_shan_digits


def test_burmese_and_shan_digits_become_ascii() -> None:
    assert to_ascii_digits("၂၀၂၁ ႐႑႙ 7 ကခ") == "2021 019 7 ကခ"


@given(st.text("0123456789 .,-ကa"))
def test_digits_come_back_the_same(text: str) -> None:
    assert to_ascii_digits(to_burmese_digits(text)) == text == to_ascii_digits(to_shan_digits(text))
