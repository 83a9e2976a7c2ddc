"""Text of evidence in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.page.shown import Piece, excerpt_pieces, mention_link, mention_pieces, tame

MENTION = {"start": 3, "end": 12, "type": "person", "text": "Kyaw Min ", "normal": "Kyaw Min", "rule": "title"}
spans = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 25)), max_size=6)


def test_a_mention_is_marked_with_what_is_known_of_it() -> None:
    assert mention_pieces("Mr Kyaw Min came", [MENTION]) == [
        Piece("Mr "), Piece("Kyaw Min ", "person", "person, Kyaw Min, title", "/entities/person/Kyaw%20Min"), Piece("came"),
    ]  # fmt: skip


def test_what_has_no_page_leads_to_a_search() -> None:
    assert mention_link({"type": "email", "text": "a&b@example.org"}) == "/search?q=a%26b%40example.org"
    assert mention_link({"type": "place", "text": "a/b", "link": "../.."}) == "/search?q=a%2Fb"


@given(st.text(max_size=20), spans)
def test_nothing_of_a_text_is_lost_or_shown_twice(text: str, spans: list[tuple[int, int]]) -> None:
    mentions = [{**MENTION, "start": start, "end": end} for start, end in spans]
    assert "".join(piece.text for piece in mention_pieces(text, mentions)) == text


def test_what_was_found_is_marked() -> None:
    assert excerpt_pieces("a <em>b</em> c") == [Piece("a "), Piece("b", "found"), Piece(" c")]


def test_signs_that_turn_writing_or_move_it_are_written_out() -> None:
    assert tame("a\u202ejpg.exe\x1b[2J\x00\u2066") == "a\\u202ejpg.exe\\x1b[2J\\x00\\u2066"
    assert tame("မြန်မာ\u200bစာ\n\tab\u200d") == "မြန်မာ\u200bစာ\n\tab\u200d"
