"""The text rule that training and translation share."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.stages.model_text import for_model

BURMESE = st.text(
    alphabet=st.characters(min_codepoint=0x1000, max_codepoint=0x109F) | st.sampled_from(" ၊။<e0>\u200b1a\n")
)


def test_each_syllable_stands_alone():
    assert for_model("ရွာသားများ") == "ရွာ သား များ"


def test_a_stacked_or_closing_consonant_opens_no_syllable():
    assert for_model("တနင်္လာ သတ္တိ ခွင့်") == "တ နင်္လာ သတ္တိ ခွင့်"


def test_digits_become_ascii_and_stay_together():
    assert for_model("၂၀၂၁ခုနှစ်") == "2021 ခု နှစ်"


def test_nothing_of_zero_width_is_left():
    assert for_model("ရွာ\u200bသား\ufeff") == "ရွာ သား"


def test_other_scripts_and_punctuation_are_set_apart():
    assert for_model("ခမရ(77)မှ။") == "ခ မ ရ (77) မှ ။"


def test_placeholder_letters_in_evidence_are_not_a_placeholder():
    assert "<e0>" not in for_model("ရွာ<e0>သား")


@given(BURMESE)
def test_applying_it_twice_changes_nothing(text):
    assert for_model(for_model(text)) == for_model(text)


@given(BURMESE)
def test_only_spaces_are_added(text):
    kept = "".join(for_model(text).split()).translate({ord(d): str(i) for i, d in enumerate("၀၁၂၃၄၅၆၇၈၉")})
    wanted = unicodedata.normalize("NFC", text).replace("\u200b", "")
    assert kept == "".join(wanted.split()).translate({ord(d): str(i) for i, d in enumerate("၀၁၂၃၄၅၆၇၈၉")})
