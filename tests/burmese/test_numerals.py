"""Digits one for one, there and back, and numbers in words."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.numerals import digits, fraction, number, to_ascii_digits, to_burmese_digits, to_shan_digits


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("သုည ကိုး လေး နှစ် သုည", "09420"),
        ("အပေါင်း ကိုး ငါး", "+95"),
        ("တစ်နှစ်သုံး", "123"),
        ("တစ်ဆယ်", None),
        ("", None),
        ("ကျောင်း", None),
    ],
)
def test_digits_said_one_by_one(text: str, said: str | None) -> None:
    assert digits(text) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("၁/၂", Fraction(1, 2)),
        ("1 20/2015", Fraction(2035, 2015)),
        ("ပိုင်းဝေ လေး ပိုင်းခြေ ငါး", Fraction(4, 5)),
        ("1/0", None),
        ("1/2/3", None),
    ],
)
def test_fractions(text: str, value: Fraction | None) -> None:
    assert fraction(text) == value


def test_powers_of_ten() -> None:
    assert number("လေး ဒသမ ငါး ထပ်ကိန်း အနုတ် နှစ်") == Decimal("0.045")
    assert number("ငါး ထပ်ကိန်း တစ်သိန်း") is None


@given(st.text())
def test_no_text_is_too_odd_for_a_number(text: str) -> None:
    for value in (number(text), fraction(text), digits(text)):
        assert value is None or str(value)
