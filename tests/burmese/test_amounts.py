"""Money, ages and numbers in words."""

import pytest

from iimm_pipelines.burmese.amounts import ages, money, numbers
from iimm_pipelines.burmese.spans import apart


@pytest.mark.parametrize(
    ("text", "stretch", "normal"),
    [
        ("ငွေကျပ် ၅၀၀၀ ပေးရသည်", "ကျပ် ၅၀၀၀", "5000 MMK"),
        ("ငွေ ၁၀ သိန်းကျပ်", "၁၀ သိန်းကျပ်", "1000000 MMK"),
        ("ကျပ်သိန်း ၅၀၀ တောင်း", "ကျပ်သိန်း ၅၀၀", "50000000 MMK"),
        ("သုံးသိန်းခွဲကျပ်", "သုံးသိန်းခွဲကျပ်", "350000 MMK"),
        ("ဒဏ်ငွေ ငါးသိန်း ပေးရ", "ငွေ ငါးသိန်း", "500000 MMK"),
        ("ငွေသိန်း (၃၀) တောင်း", "ငွေသိန်း (၃၀)", "3000000 MMK"),
        ("ငွေ သုံးသိန်းငါးသောင်း ဒေါ်လာ", "သုံးသိန်းငါးသောင်း ဒေါ်လာ", "350000 USD"),
        ("ငါးသောင်းကျပ်", "ငါးသောင်းကျပ်", "50000 MMK"),
        ("ဒေါ်လာ ၃.၇ သန်း", "ဒေါ်လာ ၃.၇ သန်း", "3700000 USD"),
        ("၁,၅၀၀,၀၀၀ ကျပ်", "၁,၅၀၀,၀၀၀ ကျပ်", "1500000 MMK"),
        ("paid 2.5 lakh kyat", "2.5 lakh kyat", "250000 MMK"),
        ("$1.20 only", "$1.20", "1.2 USD"),
        ("၅ ရာကျပ်", "၅ ရာကျပ်", "500 MMK"),
        ("ငါးရာဘတ်", "ငါးရာဘတ်", "500 THB"),
    ],
)
def test_money(text: str, stretch: str, normal: str) -> None:
    assert [(text[m.start : m.end], m.normal) for m in money(text)] == [(stretch, normal)]


@pytest.mark.parametrize("text", ["ကျပ်တည်းသည်", "၅ ယောက် ကျပ်", "ကျပ်", "dollars", "၁၀ ဘတ်စ်ကား"])
def test_what_is_no_money(text: str) -> None:
    assert list(money(text)) == []


def test_hundredths_add_to_their_amount_and_are_not_sure_alone() -> None:
    assert [(m.normal, m.sure) for m in money("တစ်ရာကျပ် ငါးဆယ်ပြား")] == [("100.5 MMK", True)]
    assert [(m.normal, m.sure) for m in money("၅ ဆင့်")] == [("0.05 USD", False)]


@pytest.mark.parametrize(
    ("text", "stretch", "normal"),
    [
        ("အသက် (၃၅) နှစ်ရှိ ဦးလှ", "အသက် (၃၅) နှစ်", "35"),
        ("၁၅ နှစ်အရွယ် ကလေး", "၁၅ နှစ်အရွယ်", "15"),
        ("အသက်သုံးဆယ့်ငါးနှစ်", "အသက်သုံးဆယ့်ငါးနှစ်", "35"),
        ("၃ လသား", "၃ လသား", "3 months"),
        ("a man aged 52.", "aged 52", "52"),
        ("a 7-year-old girl", "7-year-old", "7"),
    ],
)
def test_ages(text: str, stretch: str, normal: str) -> None:
    assert [(text[m.start : m.end], m.normal) for m in ages(text)] == [(stretch, normal)]


@pytest.mark.parametrize(
    "text",
    ["အသက် ၂၀ ကျော်", "အသက် ၁၈ နှစ်အောက်", "အသက်ရှူ", "အသက်သုံးဆယ်ကျော်", "အသက် ၁၉ နှစ်နှင့်အထက်", "အသက် ၆ လခန့်", "page 35", "အသက် ၃၅၀ နှစ်"],
)
def test_what_is_no_age(text: str) -> None:
    assert list(ages(text)) == []


def test_lakhs_before_their_number_and_a_half_behind() -> None:
    text = "သိန်း ၃၀ လောက်၊ တစ်သန်းခွဲ၊ ၂ သိန်းခွဲ၊ ငါးရာခွဲဝေ၊ ထောင် ၁၀ နှစ်၊ ဒေါ်သန်း ၃၅"
    assert [m.normal for m in apart(numbers(text))] == ["3000000", "1500000", "250000", "500"]


def test_numbers_in_words_need_a_multiplier() -> None:
    text = "လူ သုံးရာ့ငါးဆယ်၊ အိမ် ၂ သောင်း၊ ငါးရှစ်ကောင်၊ ၃ သိန်း၊ ကတ္တရာ၊ ဆယ်လဗာဒေါ"
    assert [(text[m.start : m.end], m.normal) for m in numbers(text)] == [
        ("သုံးရာ့ငါးဆယ်", "350"),
        ("၂ သောင်း", "20000"),
        ("၃ သိန်း", "300000"),
    ]
