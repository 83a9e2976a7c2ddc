"""The query language: what is a command, what stays a word, and what is said of a query that cannot be read."""

from __future__ import annotations

import pytest

from iimm_pipelines.search.language import Either, Every, Field, Near, Node, Plain, Prefix, QueryInvalid, parsed
from iimm_pipelines.search.synonyms import load_synonyms
from iimm_pipelines.search.typed import Way, read

FIELDS = ("sender", "text")
A, B, C = Plain("a"), Plain("b"), Plain("c")


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("a OR b", Either((A, B))),
        ("a | b", Either((A, B))),
        ("a AND b", Plain("a b")),
        ("a b OR c", Either((Plain("a b"), C))),
        ("a (b OR c)", Every((A, Either((B, C))))),
        ("a NOT b", Every((A,), (B,))),
        ("NOT b a", Every((A,), (B,))),
        ("a NOT (b OR c)", Every((A,), (Either((B, C)),))),
        ('"a b" OR c', Either((Plain('"a b"'), C))),
        ("\u201ca b\u201d OR c", Either((Plain('"a b"'), C))),
        ("villag*", Prefix("villag")),
        ('"old villag"*', Prefix("old villag")),
        ("ရန်ကု*", Prefix("ရန်ကု")),
        ("a ~5 b", Near(("a", "b"), (5,))),
        ('a ~5 "b c" ~0 d', Near(("a", "b c", "d"), (5, 0))),
        ("sender:a", Field("sender", "a")),
        ('Sender:"a b"', Field("sender", "a b")),
        ("sender:a*", Field("sender", "a", prefix=True)),
        ("text:ရန်ကုန် b", Every((B, Field("text", "ရန်ကုန်")))),
    ],
)
def test_commands_make_a_tree(typed: str, tree: Node) -> None:
    assert parsed(typed, FIELDS) == tree


@pytest.mark.parametrize(
    "typed",
    ["a b", "a or b and not c", "ခလရ (၃၄၅)", "who?", "a - b", "* a", "a ~ b", "12:30", "http://a.example/b", "(((", 'a "b c"',
     'a "b', "sender: a", "{a: b}", "ဦးကျော်: ပစ္စည်း", "50% (a|b"[:6]],
)  # fmt: skip
def test_what_is_pasted_from_a_text_stays_words(typed: str) -> None:
    assert parsed(typed, FIELDS) == Plain(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("a OR", "missing beside OR"), ("OR a", "missing beside OR"), ("() OR a", "missing beside OR"), ("a AND", "between two words"),
        ("AND a", "between two words"), ("NOT a", "beside NOT"), ("a NOT", "NOT stands before"), ("a OR NOT b", "beside NOT"),
        ("(a OR b", r"a \) is missing"), ("a OR b)", r"a \) too many"), ('a OR "b', "quotation mark"), ("a*b", "at the end"),
        ("*a", "at the end"), ("a~2", "monastery ~5 bell"), ("~5 a", "monastery ~5 bell"), ("a ~5", "monastery ~5 bell"),
        ("a ~99 b", "0 to 50"), ("a* ~5 b", "whole words"), ("sendr:a", "no field sendr: .*sender, text"), ("sender:(a)", "one word"),
        ("(" * 30 + "a OR b" + ")" * 30, "20 brackets"),
    ],
)  # fmt: skip
def test_a_query_that_cannot_be_read_is_told_how_to_write_it(typed: str, said: str) -> None:
    with pytest.raises(QueryInvalid, match=said):
        parsed(typed, FIELDS)


@pytest.mark.parametrize(("typed", "said"), [("a*", "2 letters"), ("a OR ?!", "no letter"), ("a ~5 ?", "both sides"),
                                             (" OR ".join(["word"] * 101), "100 words")])  # fmt: skip
def test_what_asks_for_nothing_or_too_much_is_refused(typed: str, said: str) -> None:
    with pytest.raises(QueryInvalid, match=said):
        read(typed, load_synonyms(None))


def test_a_hit_is_as_sure_as_the_surest_of_its_ways_that_was_found_whole() -> None:
    typed = read("monastery (Moulmein OR bell)", load_synonyms(None))
    assert typed.way(["0.0.0.0", "1.0.2.1"]) is Way.SYNONYM
    assert typed.way(["0.0.0.0", "1.0.2.1", "2.0.0.0"]) is Way.WRITTEN


def test_what_shall_not_be_there_is_meant_as_typed() -> None:
    barred = str(read("bell NOT Kyaw Min", load_synonyms(None)).query["bool"]["should"][0]["bool"]["must_not"])
    assert "kyaw" in barred.lower()
    assert "sounds" not in barred
