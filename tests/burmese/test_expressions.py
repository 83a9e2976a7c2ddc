"""All finders together."""

from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.expressions import expressions
from iimm_pipelines.burmese.spans import Kind

TEXT = (
    "၁၃၈၃ ခုနှစ် ကဆုန်လပြည့်ကျော် ၃ ရက် (၂၀၂၁ ခုနှစ် မေလ ၂၈ ရက်၊ သောကြာနေ့) နံနက် ၉ နာရီခွဲတွင် အသက် (၃၅) နှစ်၊ "
    "၅/ဝလန(နိုင်)၀၁၂၃၄၅ ကိုင်ဆောင်သူထံမှ ငွေကျပ် ၁၅ သိန်းနှင့် ယာဉ်အမှတ် 9E/1234 ကို မြေပုံညွှန်း (LS-123456) 46Q HK 05398 26493 တွင် သိမ်းသည်။"
)


def test_what_a_report_tells() -> None:
    assert [(e.kind, e.normal) for e in expressions(TEXT) if e.kind is not Kind.POSITION] == [
        (Kind.DATE, "2021-05-28"),
        (Kind.DATE, "2021-05-28"),
        (Kind.WEEKDAY, "friday"),
        (Kind.TIME, "09:30"),
        (Kind.AGE, "35"),
        (Kind.NRC, "5/WALANA(N)012345"),
        (Kind.MONEY, "1500000 MMK"),
        (Kind.VEHICLE, "9E-1234"),
        (Kind.MAP_REFERENCE, "LS 123456"),
    ]


pieces = st.lists(
    st.sampled_from(
        [
            *TEXT.split(),
            "၀",
            "ဝ",
            "/",
            "(",
            ")",
            "ရက်",
            "လ",
            "ဆယ့်",
            "ရာ",
            "ခွဲ",
            "ဒသမ",
            "၁၂",
            "99",
            ".",
            ":",
            "°",
            "'",
            "\n",
        ]
    )
    | st.text(max_size=3)
)


@given(pieces.map("".join))
def test_offsets_hold_and_nothing_overlaps_or_raises(raw: str) -> None:
    text = normal_text(raw, None).text
    found = expressions(text)
    assert all(0 <= e.start < e.end <= len(text) for e in found)
    assert all(a.end <= b.start for a, b in zip(found, found[1:], strict=False))


def test_long_runs_take_no_long_time() -> None:
    for unit in ("၁", "၁၂.", "ဆယ်", "သုံးရာ", "ကျပ်", "မေ", "၁း", "၁/က", "21.9162 ", "12/အအအ(", "ည "):
        expressions(unit * 2_000)
