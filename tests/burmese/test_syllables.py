"""Syllables: where they begin and end, and the order of marks within them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.syllables import ordered_marks, syllables

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese"


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in syllables(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ရန်ကုန်မြို့တွင် စစ်တပ်က", "ရန် ကုန် မြို့ တွင် စစ် တပ် က"),
        ("ဗုဒ္ဓ သတ္တဝါ", "ဗုဒ္ဓ သတ္တ ဝါ"),  # stacked
        ("အင်္ဂလိပ်", "အင်္ဂ လိပ်"),  # kinzi
        ("ယောက်ျား ကျွန်ုပ်", "ယောက်ျား ကျွန်ုပ်"),  # contracted
        ("န\u103e\u1004\u1037\u103a န\u103e\u1004\u103a\u1037", "န\u103e\u1004\u1037\u103a န\u103e\u1004\u103a\u1037"),
        ("ဥပဒေ၏ ၎င်း", "ဥ ပ ဒေ ၏ ၎င်း"),
        ("မႂ်ႇသုင်ၶႃႈ တႆး", "မႂ်ႇ သုင် ၶႃႈ တႆး"),  # Shan
        ("ဘာသာမန် ဍုၚ်", "ဘာ သာ မန် ဍုၚ်"),  # Mon
        ("လံာ် ကညီ", "လံာ် က ညီ"),  # Karen
        ("၁၂၃ ဦး ၁၀:30", "၁၂၃ ဦး ၁၀ 30"),
        ("Yangon ရဲများ e\u0301tat Ранг", "Yangon ရဲ များ e\u0301tat Ранг"),
        ("ไทย 中国", "ไ ท ย 中 国"),
        ("၊ ။ – !", ""),
    ],
)
def test_syllables(text: str, expected: str) -> None:
    assert split(text) == expected.split()


def test_a_run_without_end_is_cut_into_tokens_of_bounded_length() -> None:
    assert max(map(len, split("a" * 1000 + " " + "1" * 1000 + " က" + "ာ" * 1000))) == 64


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F) | st.sampled_from("a é1၁ \n中")))
def test_spans_come_in_order_and_do_not_overlap(text: str) -> None:
    bounds = [place for span in syllables(text) for place in span]
    assert bounds == sorted(bounds)
    assert all(start < end for start, end in syllables(text))


@pytest.mark.parametrize(
    ("typed", "ordered"),
    [
        ("\u103a\u1037", "\u1037\u103a"),
        ("\u102f\u102d", "\u102d\u102f"),
        ("\u1031\u103c", "\u103c\u1031"),
        ("\u1036\u102f", "\u102f\u1036"),
        ("\u102f\u102f", "\u102f"),
        ("\u103b\u103a\u102c\u1038", "\u103a\u103b\u102c\u1038"),  # man: asat stays on its consonant
        ("\u102f\u103a", "\u103a\u102f"),  # I: likewise
        ("\u102f\u1038\u103a", "\u103a\u102f\u1038"),
        ("\u1031\u102c\u103a", "\u1031\u102c\u103a"),
        ("\u1036\u102c\u103a", "\u1036\u102c\u103a"),  # Karen: book
        ("\u1037\u102c\u103a", "\u1037\u102c\u103a"),  # Karen: the dot is a vowel
        ("\u1082\u103a\u1087", "\u1082\u103a\u1087"),  # Shan
    ],
)
def test_marks_have_one_order(typed: str, ordered: str) -> None:
    assert ordered_marks(typed) == ordered


@given(st.text("\u102b\u102c\u102d\u102e\u102f\u1030\u1031\u1032\u1036\u1037\u1038\u103a\u103b\u103c\u103d\u103e"))
def test_ordering_marks_loses_none_and_settles_at_once(run: str) -> None:
    ordered = ordered_marks(run)
    assert set(ordered) == set(run)
    assert ordered_marks(ordered) == ordered


@pytest.mark.skipif(not SHARED.is_dir(), reason="reference texts are not beside the repository")
@pytest.mark.parametrize(
    "name", ["talpco/my.txt", "tico19/tico19-dev.en-my.tsv", "tatoeba/tatoeba-test-v2021-08-07.mya"]
)
def test_no_burmese_letter_of_a_text_is_lost(name: str) -> None:
    text = (SHARED / name).read_text()
    kept = "".join(split(text))
    for first, last in (("\u1000", "\u1049"), ("\u104c", "\u109f")):  # but for the two signs that end a clause
        assert [c for c in kept if first <= c <= last] == [c for c in text if first <= c <= last]
