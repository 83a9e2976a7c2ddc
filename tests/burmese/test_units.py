"""Units of armies and police in both scripts, and the identifier that all forms of one share."""

import pytest

from iimm_pipelines.burmese.units import units

ONE = [
    ("ခမရ ၃၄၅", "LIB-345"), ("ခမရ(၃၄၅)", "LIB-345"), ("ခမရ - ၃၄၅", "LIB-345"), ("ခမရ-345", "LIB-345"), ("(၃၄၅) ခမရ", "LIB-345"),
    ("အမှတ် (၃၄၅) ခြေမြန်တပ်ရင်း", "LIB-345"), ("ခြေမြန်တပ်ရင်း (ခမရ) ၃၄၅", "LIB-345"), ("ခြေမြန်တပ်ရင်း အမှတ် ၃၄၅", "LIB-345"),
    ("အမှတ် ၃၄၅ ခြေမြန်တပ်ရင်း (ခမရ)", "LIB-345"), ("LIB 345", "LIB-345"), ("LIB345", "LIB-345"), ("LIB-345", "LIB-345"), ("LIB No. 345", "LIB-345"),
    ("Light Infantry Battalion 345", "LIB-345"), ("Light Infantry Battalion (LIB) 345", "LIB-345"), ("light infantry battalion No 345", "LIB-345"),
    ("345th Light Infantry Battalion", "LIB-345"), ("No. 345 Light Infantry Battalion", "LIB-345"), ("Kha Ma Ya 345", "LIB-345"), ("345 LIB", "LIB-345"),
    ("ခလရ ၁၀", "IB-10"), ("ခ လ ရ ၁၀", "IB-10"), ("ခြေလျင်တပ်ရင်း(၁၀)", "IB-10"), ("Infantry Battalion 10", "IB-10"), ("IB 10", "IB-10"), ("KhaLaYa 10", "IB-10"),
    ("တပ်မ ၃၃", "LID-33"), ("တပ်မ(၃၃)", "LID-33"), ("အမှတ် (၃၃) ခြေမြန်တပ်မဌာနချုပ်", "LID-33"), ("ခြေမြန်တပ်မ ၃၃", "LID-33"), ("33rd Light Infantry Division", "LID-33"),
    ("LID 33", "LID-33"), ("33rd LID", "LID-33"), ("Light Infantry Division (LID) No. 33", "LID-33"),
    ("စကခ-၇", "MOC-7"), ("စကခ (၇)", "MOC-7"), ("စစ်ဆင်ရေးကွပ်ကဲမှုဌာနချုပ် (စကခ) (၇)", "MOC-7"), ("MOC 7", "MOC-7"), ("Military Operations Command 7", "MOC-7"),
    ("No. 7 Military Operations Command", "MOC-7"), ("Sa Ka Kha 7", "MOC-7"),
    ("ဒကစ (ကလေး)", "ROC-KALAY"), ("ဒေသကွပ်ကဲမှုစစ်ဌာနချုပ် (ကလေး)", "ROC-KALAY"),
    ("အနောက်မြောက်တိုင်းစစ်ဌာနချုပ်", "RMC-NORTHWESTERN"), ("အနောက်မြောက်တိုင်း စစ်ဌာနချုပ်", "RMC-NORTHWESTERN"), ("နမခ", "RMC-NORTHWESTERN"),
    ("North-Western Command", "RMC-NORTHWESTERN"), ("Northwest Regional Military Command", "RMC-NORTHWESTERN"),
    ("အရှေ့တောင်တိုင်းစစ်ဌာနချုပ်", "RMC-SOUTHEASTERN"), ("ကမ်းရိုးတန်းဒေသတိုင်းစစ်ဌာနချုပ်", "RMC-COASTAL"), ("တြိဂံတိုင်းစစ်ဌာနချုပ်", "RMC-TRIANGLE"),
    ("ဗျူဟာ (၁)", "TOC-1"), ("TOC-1", "TOC-1"), ("စစ်ဆင်ရေးအထူးအဖွဲ့ (၂)", "BSO-2"), ("Bureau of Special Operations (2)", "BSO-2"),
    ("နယ်ခြားစောင့်တပ် ၁၀၂၂", "BGF-1022"), ("BGF 1022", "BGF-1022"), ("အမြောက်တပ်ရင်း ၃၆၅", "ARTB-365"), ("Artillery Battalion 365", "ARTB-365"),
    ("လုံထိန်းရဲတပ်ရင်း (၈)", "SPB-8"), ("Security Police Battalion 8", "SPB-8"), ("KNLA Brigade 5", "KNLA-BDE-5"), ("5th Brigade of the KNLA", "KNLA-BDE-5"),
    ("ကေအန်အယ်လ်အေ တပ်မဟာ (၅)", "KNLA-BDE-5"), ("တပ်မဟာ ၅", "BDE-5"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "unit"), ONE)
def test_every_form_of_a_unit_gives_its_identifier_and_whole_span(text, unit):
    inside = f"ယမန်နေ့က {text} မှ တပ်များ" if text[0] > "\u1000" or text[0] == "(" else f"soldiers of {text} came"
    (found,) = units(inside)
    assert (found.id, inside[found.start : found.end]) == (unit, text)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("ခလရ ၁၀၊ ၁၁ နှင့် ၁၂ တို့", ["IB-10", "IB-11", "IB-12"]),
        ("ခမရ(၃၄၅)၊(၃၄၆)", ["LIB-345", "LIB-346"]),
        ("ခမရ ၃၄၅-၃၄၇", ["LIB-345", "LIB-346", "LIB-347"]),
        ("LIBs 345, 346 and 347", ["LIB-345", "LIB-346", "LIB-347"]),
        ("Light Infantry Battalions 345 to 347", ["LIB-345", "LIB-346", "LIB-347"]),
        ("တပ်မ(၁၁)လက်အောက်ခံ ခလရ(၂၁၅)", ["LID-11", "IB-215"]),
        ("33rd LID and No. 7 Military Operations Command", ["LID-33", "MOC-7"]),
    ],
)
def test_lists_and_ranges_are_one_unit_for_each_number(text, ids):
    assert [u.id for u in units(text)] == ids


@pytest.mark.parametrize(
    "text", ["တပ်မတော် ၃ ခု", "တပ်ရင်း ၃ ရင်း", "ဗျူဟာမှူး", "သူတို့ ၅ ဦး တပ်မှ ထွက်", "LIBRARY 3", "IBM 10", "in Battalion 2021", "ခမရ"]
)  # fmt: skip
def test_what_has_no_number_or_only_a_count_is_no_unit(text):
    assert units(text) == []
