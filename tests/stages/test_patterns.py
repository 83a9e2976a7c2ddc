"""Addresses, numbers and dates in texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.numerals import to_burmese_digits
from iimm_pipelines.stages.patterns import matches


def found(text):
    return [(m.type, text[m.start : m.end], m.normal) for m in matches(text)]


@pytest.mark.parametrize(("text", "stretch", "normal"), [
    ("on 2021-05-03.", "2021-05-03", "2021-05-03"),
    ("on 3 May 2021,", "3 May 2021", "2021-05-03"),
    ("on May 3rd, 2021", "May 3rd, 2021", "2021-05-03"),
    ("in February 2022", "February 2022", "2022-02"),
    ("2021/5/3", "2021/5/3", "2021-05-03"),
    ("13/05/2021", "13/05/2021", "2021-05-13"),
    ("၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က", "၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့", "2021-05-03"),
    ("၂၀၂၁ခုနှစ်၊ ဩဂုတ်လ (၁၅)ရက်", "၂၀၂၁ခုနှစ်၊ ဩဂုတ်လ (၁၅)ရက်", "2021-08-15"),
    ("၂၀၂၁ မေလတွင်", "၂၀၂၁ မေလ", "2021-05"),
])  # fmt: skip
def test_dates(text, stretch, normal):
    assert found(text) == [("date", stretch, normal)]


@pytest.mark.parametrize(
    "text", ["03/05/2021", "2021-02-30", "31 June 2021", "order 14 of 2022", "12/2021/05", "မေလ ၃ ရက်"]
)
def test_what_is_ambiguous_or_in_no_calendar_is_no_date(text):
    assert found(text) == []


def test_a_day_that_can_only_be_read_one_way_is_a_date():
    assert found("05/05/2021") == [("date", "05/05/2021", "2021-05-05")]


@pytest.mark.parametrize(("text", "stretch", "normal"), [
    ("ဖုန်း ၀၉ ၄၂၁ ၁၂၃ ၄၅၆ သို့", "၀၉ ၄၂၁ ၁၂၃ ၄၅၆", "+959421123456"),
    ("tel 09-250-123-456.", "09-250-123-456", "+959250123456"),
    ("Call me: +1 202 555 0123.", "+1 202 555 0123", "+12025550123"),
])  # fmt: skip
def test_telephone_numbers(text, stretch, normal):
    assert found(text) == [("phone", stretch, normal)]


def test_a_second_telephone_number_begins_as_the_first_does():
    assert found("ဖုန်း 09-5012345, 5012346၊ ၅၀၁၂၃၄၇ နှင့် 123456") == [
        ("phone", "09-5012345", "+9595012345"),
        ("phone", "5012346", "+9595012346"),
        ("phone", "၅၀၁၂၃၄၇", "+9595012347"),
    ]


def test_a_telephone_number_said_digit_by_digit_is_found_in_a_transcript():
    said = "သုည ကိုး လေး နှစ် သုည သုည သုံး ရှစ် တစ် ကိုး ခုနစ်"
    assert found(f"ဖုန်းနံပါတ် {said} ပါ။") == [("phone", said, "+959420038197")]


@pytest.mark.parametrize("text", ["03/05/2021", "၅ ဆင့်", "ဘီစီ ၂၀၀၀ ခုနှစ် ဇွန် ၄ ရက်", "၁၃-၅-၂၄၅၅", "ရှစ်နာရီ"])
def test_what_can_be_read_in_more_ways_or_is_of_no_use_is_no_mention(text):
    assert found(text) == []


def test_addresses_without_the_marks_around_them():
    text = "Mail Aung.Nay@Village.example, see (https://Market.example/Map?a=1)။"
    assert found(text) == [
        ("email", "Aung.Nay@Village.example", "aung.nay@village.example"),
        ("url", "https://Market.example/Map?a=1", "https://market.example/Map?a=1"),
    ]


@given(st.text(alphabet=st.sampled_from("0123456789 /-.:@aMay၃မေလရက်ခုနှစ်()+w"), max_size=60))
def test_offsets_hold_and_nothing_overlaps(text):
    for written in (text, to_burmese_digits(text)):
        spans = [(m.start, m.end) for m in matches(written)]
        assert all(0 <= a < b <= len(written) for a, b in spans)
        assert all(b <= c for (_, b), (c, _) in zip(spans, spans[1:], strict=False))


def test_long_runs_take_no_long_time():
    assert matches("a." * 1000) == matches("a@" * 1000) == matches("-" * 2000) == []
