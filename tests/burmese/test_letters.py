"""Languages of the Burmese block by their own letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.letters import LETTERS, is_not_burmese, language_by_letters


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ၸိုင်ႈတႆး လႄႈ ၵူၼ်းမိူင်း", "shn"),
        ("ဘာသာမန် တၞဟ် မၞိဟ်", "mnw"),
        ("ကညီကျိာ် တၢ်မၤ ၣ ၤ", "ksw"),
        ("ၦၥၬ ကီၢ်ၦ", "pwo"),
        ("ဖၠုံ ၮါင်း ၯၰ", "kjp"),
        ("ပအိုဝ်ႏ ငဝ်းငွါႏ ယိုꩻ", "blk"),
    ],
)
def test_letters_that_one_language_has_tell_it(text: str, language: str) -> None:
    assert language_by_letters(text) is not None
    assert (language_by_letters(text) or ("", 0))[0] == language
    assert is_not_burmese(text)


def test_burmese_has_none_of_them_and_may_quote_one() -> None:
    text = "ရွာသားများသည် တောထဲသို့ ထွက်ပြေးခဲ့ကြရသည်။ စစ်တပ်က ရွာကို မီးရှို့ခဲ့သည်။"
    assert language_by_letters(text) is None
    assert not is_not_burmese(text)
    assert not is_not_burmese(text + " ၵ")


def test_no_letter_is_of_two_languages() -> None:
    assert sum(map(len, LETTERS.values())) == len(frozenset().union(*LETTERS.values()))


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F)))
def test_shares_are_shares(text: str) -> None:
    told = language_by_letters(text)
    assert told is None or (told[0] in LETTERS and 0 < told[1] <= 1)
