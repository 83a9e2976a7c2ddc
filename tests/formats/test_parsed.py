"""Cutting text into segments."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import Member, Relation, clean, pieces, segments_of, worst


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_pieces_lose_nothing_but_white_space_and_are_never_too_long(text: str, longest: int) -> None:
    found = list(pieces(text, longest))
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(0 < len(piece) <= longest for piece in found)


@given(st.text(st.characters(exclude_categories=[])))
def test_clean_text_can_always_be_written_as_utf_8(text: str) -> None:
    clean(text).encode("utf-8")


def test_pieces_are_cut_where_a_sentence_ends() -> None:
    assert list(pieces("One two three. Four five six", 20)) == ["One two three.", "Four five six"]


def test_burmese_without_spaces_is_cut_between_syllables() -> None:
    word = "သက္ကြောင်း"  # a stack, a medial, vowels, a killed consonant: clusters end with the word only
    found = list(pieces(word * 40, 50))
    assert all(piece == word * (len(piece) // len(word)) for piece in found)


def test_paragraphs_are_numbered_and_pieces_of_one_share_its_number() -> None:
    found = list(segments_of("one\n\n" + "word " * 500 + "\r\n\r\nlast", page=3))
    assert [segment.paragraph for segment in found] == [1, 2, 2, 3]
    assert {segment.page for segment in found} == {3}


def test_a_container_bears_first_the_problem_that_a_person_can_mend() -> None:
    members = [
        Member(b"a", Relation.MEMBER, None, 0, problem=reason) for reason in (Reason.DAMAGED, Reason.ENCRYPTED, None)
    ]
    assert worst(members) is Reason.ENCRYPTED
