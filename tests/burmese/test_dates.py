"""Dates, weekdays and times in Burmese."""

import pytest

from iimm_pipelines.burmese.dates import LUNAR_MONTHS, MONTHS, WEEKDAYS, dates, lunar_dates, times, weekdays
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.numerals import MULTIPLIERS, SMALL_WORDS, WORDS
from iimm_pipelines.burmese.spans import apart


def test_words_of_the_tables_are_in_normal_form() -> None:
    words = [*MONTHS, *LUNAR_MONTHS, *WEEKDAYS, *MULTIPLIERS, WORDS, SMALL_WORDS]
    assert [word for word in words if normal_text(word, None).edits] == []


@pytest.mark.parametrize(
    ("text", "stretch", "normal"),
    [
        ("၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့က", "၂၀၂၁ ခုနှစ် မေလ ၃ ရက်နေ့", "2021-05-03"),
        ("၂၀၂၁ခုနှစ်၊ ဩဂုတ်လ (၁၅)ရက်", "၂၀၂၁ခုနှစ်၊ ဩဂုတ်လ (၁၅)ရက်", "2021-08-15"),
        ("၂၀၂၁ မေလတွင်", "၂၀၂၁ မေလ", "2021-05"),
        ("၂၀၂၁ မေ ၃", "၂၀၂၁ မေ ၃", "2021-05-03"),
        ("၂၀၂၁ မေ ၃ ဦး", "၂၀၂၁ မေ", "2021-05"),
        ("ဖေဖော်ဝါရီ ၁၊ ၂၀၂၁", "ဖေဖော်ဝါရီ ၁၊ ၂၀၂၁", "2021-02-01"),
        ("မေလ ၃ ရက်နေ့ ၂၀၂၁ ခုနှစ်", "မေလ ၃ ရက်နေ့ ၂၀၂၁ ခုနှစ်", "2021-05-03"),
        ("၃ ရက် မေလ ၂၀၂၁", "၃ ရက် မေလ ၂၀၂၁", "2021-05-03"),
        ("မေလ ၃ ရက်", "မေလ ၃ ရက်", "--05-03"),
        ("၂၀၂၁ ခုနှစ် ၅ လပိုင်း ၃ ရက်", "၂၀၂၁ ခုနှစ် ၅ လပိုင်း ၃ ရက်", "2021-05-03"),
        ("မေလ သုံးရက်နေ့", "မေလ သုံးရက်နေ့", "--05-03"),
        ("ရက်စွဲ၊ ၃.၅.၂၀၂၁", "၃.၅.၂၀၂၁", "2021-05-03"),
        ("၁၃-၅-၂၀၂၁", "၁၃-၅-၂၀၂၁", "2021-05-13"),
    ],
)
def test_dates(text: str, stretch: str, normal: str) -> None:
    assert [(text[d.start : d.end], d.normal) for d in apart(dates(text))] == [(stretch, normal)]


@pytest.mark.parametrize(
    "text", ["မေမေ ၃ ယောက်", "မေလ", "၂၀၂၁ ခုနှစ် မေလ ၃၂ ရက်", "၁၃၈၃ ခုနှစ်", "03/05/1383", "၃-၅-၂၁", "ဘီစီ 300 ခုနှစ် ဇွန် 4 ရက်"]
)
def test_what_is_no_date_of_our_calendar(text: str) -> None:
    assert [d.normal for d in dates(text) if d.value.year and d.value.day] == []


@pytest.mark.parametrize(
    ("text", "normal", "sure"),
    [
        ("03/05/2021", "2021-05-03", False),
        ("03/05/2021 ရက်နေ့", "2021-05-03", True),
        ("(၃.၅.၂၀၂၁) ရက်နေ့", "2021-05-03", True),
        ("၃-၅-၂၁ ရက်နေ့", "2021-05-03", False),
        ("၃-၅-၈၈ ရက်နေ့", "1988-05-03", False),
        ("၁၃/၅/၂၀၂၁", "2021-05-13", True),
        ("13-5-2455", "2455-05-13", False),
        ("နှစ်ထောင့်နှစ်ဆယ့်တစ် ခုနှစ် မေလ သုံးရက်", "2021-05-03", True),
        ("ဘီစီ ၂၀၀၀ ခုနှစ် ဇွန် ၄ ရက်", "-1999-06-04", True),
    ],
)
def test_days_in_figures_years_in_words_and_before_christ(text: str, normal: str, sure: bool) -> None:
    assert [(d.normal, d.sure) for d in apart(dates(text))] == [(normal, sure)]


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ကဆုန်လပြည့်ကျော် ၃ ရက် ၁၃၈၃", "2021-05-28"),
        ("၁၃၀၉ ခုနှစ်၊ ပြာသိုလပြည့်ကျော် (၉) ရက်", "1948-01-04"),
        ("မြန်မာသက္ကရာဇ် ၁၃၈၃ ခုနှစ် သီတင်းကျွတ်လပြည့်နေ့", "2021-10-20"),
        ("၁၃၈၁ ခု တန်ဆောင်မုန်းလဆုတ် ၁၀ ရက်", "2019-11-21"),
        ("ဒုတိယဝါဆိုလပြည့် ၁၃၈၅", "2023-08-01"),
        ("ကောဇာသက္ကရာဇ် ၁၂၈၂ ခုနှစ် တန်ဆောင်မုန်းလပြည့်ကျော် ဆယ်ရက်", "1920-12-05"),
        ("၁၃၈၃ ခုနှစ် ကဆုန်လကွယ်နေ့", "2021-06-09"),
        ("၁၃၈၃ ခုနှစ် နယုန်လဆန်း ၁ ရက်", "2021-06-10"),
    ],
)
def test_dates_of_the_burmese_calendar(text: str, normal: str) -> None:
    assert [(text[d.start : d.end], d.normal, d.sure) for d in apart(lunar_dates(text))] == [(text, normal, True)]


def test_waso_of_a_year_with_two_is_not_sure() -> None:
    assert [(d.normal, d.sure) for d in lunar_dates("၁၃၈၅ ခုနှစ် ဝါဆိုလပြည့်နေ့")] == [("2023-08-01", False)]


@pytest.mark.parametrize(
    "text", ["၁၃၈၃ ခုနှစ် ကဆုန်လဆန်း ၁၆ ရက်", "၁၃၈၄ ခုနှစ် ပထမဝါဆိုလဆန်း ၁ ရက်", "ကဆုန်လပြည့်", "၁၃၈၃ ခုနှစ် နယုန်လပြည့်ကျော် ၁၅ ရက်"]
)
def test_days_that_the_burmese_calendar_does_not_have(text: str) -> None:
    assert list(lunar_dates(text)) == []


def test_weekdays() -> None:
    assert [d.normal for d in weekdays("တနင်္လာနေ့နှင့် တနင်္ဂနွေ နေ့၊ အင်္ဂါ ၅ ချက်")] == ["monday", "sunday"]


@pytest.mark.parametrize(
    ("text", "normal", "sure"),
    [
        ("ညနေ ၃ နာရီခွဲ", "15:30", True),
        ("နံနက် ၁၀း၃၀ နာရီ", "10:30", True),
        ("ည ၁၂ နာရီ", "00:00", True),
        ("ည ၂ နာရီ", "02:00", True),
        ("ည ၈ နာရီ ၁၅ မိနစ်", "20:15", True),
        ("မွန်းလွဲ ၁ နာရီ", "13:00", True),
        ("ညနေသုံးနာရီခွဲ", "15:30", True),
        ("23:54", "23:54", True),
        ("02:23:49", "02:23:49", False),
        ("4pm", "16:00", True),
        ("1330 hrs", "13:30", True),
        ("၀၆၃၀ အချိန်", "06:30", False),
        ("မနက် ၅.၄၅ နာရီ", "05:45", True),
    ],
)
def test_times(text: str, normal: str, sure: bool) -> None:
    assert [(text[t.start : t.end], t.normal, t.sure) for t in apart(times(text))] == [(text, normal, sure)]


@pytest.mark.parametrize("text", ["၃ နာရီကြာ", "၂၅:၀၀", "၁၀း၃", "Psalm 119:105:3", "စာမျက်နှာ ၁၃၃၀"])
def test_what_is_no_time_of_day(text: str) -> None:
    assert list(times(text)) == []
