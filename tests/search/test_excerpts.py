"""Excerpts: marks joined, and no syllable cut."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.search.excerpts import BEGIN, END, excerpt, marked_piece, unmarked

words = st.lists(st.sampled_from(["ရန်", "ကုန်", "မြို့", "ဗုဒ္ဓ", "နှင့်", "Yangon", " ", "။", "\n", "၁၂၃", ". "]), min_size=1,
                 max_size=200).map("".join)  # fmt: skip


def marked(text: str) -> str:
    return text.replace("[", BEGIN).replace("]", END)


def test_adjoining_marks_are_joined_and_others_stay_apart() -> None:
    assert excerpt([marked("[ရန်][ကုန်] [မြို့]သည်")]) == ["<em>ရန်ကုန်</em> <em>မြို့</em>သည်"]


def test_of_several_values_the_one_with_the_longest_mark_is_shown() -> None:
    assert excerpt([marked("Daw [Mya]"), "Ko Htet", marked("[Mya Than]")]) == ["<em>Mya Than</em>"]
    assert excerpt(["nothing marked"]) == []


def test_an_excerpt_begins_with_its_sentence() -> None:
    text = "A first sentence. The second has the [word]." + " More follows" * 30
    assert excerpt([marked(text)])[0].startswith("The second has the <em>word</em>. More")


@pytest.mark.parametrize("length", [1, 500])
def test_what_is_found_is_shown_to_its_end(length: int) -> None:
    text = "က" * 300 + "[" + "ခ" * length + "]" + "ဂ" * 300
    assert f"<em>{'ခ' * length}</em>" in excerpt([marked(text)])[0]


@given(words, st.data())
def test_no_syllable_and_no_word_is_cut(text: str, data: st.DataObject) -> None:
    tokens = list(syllables(text))
    if not tokens:
        return
    around = data.draw(st.sampled_from(tokens))
    piece = marked_piece(text, [around])
    before, inside, after = re.split("</?em>", piece)
    assert inside == text[around.start : around.end]
    start, end = around.start - len(before), around.end + len(after)
    assert text[start:end] == before + inside + after
    assert not any(span.start < border < span.end for span in tokens for border in (start, end))


@given(words)
def test_marks_come_off_as_they_went_on(text: str) -> None:
    tokens = list(syllables(text))
    whole = text
    for start, end in reversed(tokens):
        whole = f"{whole[:start]}{BEGIN}{whole[start:end]}{END}{whole[end:]}"
    plain, spans = unmarked(whole)
    assert plain == text
    assert sum(end - start for start, end in spans) == sum(end - start for start, end in tokens)
