"""Queries: what people type, and what it finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.query import EMPTY, search
from iimm_pipelines.search.typed import MOST_CHARACTERS, MOST_WORDS, QueryInvalid
from iimm_pipelines.settings import load_settings

PHRASE = "ကျောင်းဆောင် အနောက်ဘက် ရေတွင်း"
ZAWGYI = "ေက်ာင္းေဆာင္ အေနာက္ဘက္ ေရတြင္း"


@pytest.fixture(scope="module")
def names(both: Holding) -> dict[str, str]:
    """File name by item number."""
    return {i.number: i.path.decode() for s in both.catalogue.shards() for i in read_items(both.parts, s.number)}


@pytest.fixture
def found(both: Holding, names: dict[str, str]) -> Callable[[str], list[str]]:
    """The names of what the analyst finds, best first."""
    return lambda typed: [names[h.item] for h in search(both, reader(both, "analyst"), typed).hits]


def test_a_burmese_phrase_is_found_where_it_is_written_without_spaces(found: Callable[[str], list[str]]) -> None:
    assert found(PHRASE)[0] == "စာများ/well.txt"
    assert found(PHRASE.replace(" ", "")) == ["စာများ/well.txt"]


def test_words_apart_come_after_the_phrase(found: Callable[[str], list[str]]) -> None:
    assert found(PHRASE) == ["စာများ/well.txt", "စာများ/apart.txt"]


def test_syllables_in_another_order_are_not_the_word(found: Callable[[str], list[str]]) -> None:
    assert found("တွင်းရေ") == []


def test_what_is_typed_in_zawgyi_finds_the_same(found: Callable[[str], list[str]]) -> None:
    assert normal_text(ZAWGYI, detector()).text == PHRASE
    assert found(ZAWGYI) == found(PHRASE)
    assert found(f'"{ZAWGYI}"'.replace(" ", "")) == ["စာများ/well.txt"]


@pytest.mark.parametrize("typed", ["12345", "၁၂၃၄၅", "ငွေ ၁၂၃၄၅ ကျပ်", "67890", "၆၇၈၉၀", "၆၇၈၉၀ kyats"])
def test_digits_are_found_in_either_script(found: Callable[[str], list[str]], typed: str) -> None:
    assert found(typed) == ["accounts/paid.txt"]


def test_all_words_must_stand_in_one_segment(found: Callable[[str], list[str]]) -> None:
    assert set(found("monastery bell")) == {"letters/bell.txt", "letters/school.txt"}
    assert found("elders school") == []
    assert found("receipt school") == []
    assert found("MONASTERY Well") == ["letters/school.txt"]


def test_quoted_words_must_stand_side_by_side(found: Callable[[str], list[str]]) -> None:
    assert found('"monastery bell"') == ["letters/bell.txt"]
    assert found('"bell monastery"') == []
    assert found('"monastery bell" night') == ["letters/bell.txt"]
    assert found('"monastery bell" well') == []


def test_words_side_by_side_come_first_unquoted_too(found: Callable[[str], list[str]]) -> None:
    assert found("monastery bell")[0] == "letters/bell.txt"


@pytest.mark.parametrize(
    "typed", [f"{PHRASE} ။", f"၊ {PHRASE}", '"monastery bell" - !', "monastery & bell", '"။" monastery bell']
)
def test_signs_beside_the_words_do_no_harm(found: Callable[[str], list[str]], typed: str) -> None:
    assert found(typed)


def test_part_of_a_file_name_is_found(found: Callable[[str], list[str]]) -> None:
    assert found("paid.txt") == ["accounts/paid.txt"]
    assert found("စာများ well") == ["စာများ/well.txt"]


def test_an_item_found_by_name_and_by_text_is_one_hit(both: Holding) -> None:
    result = search(both, reader(both, "analyst"), "well")
    assert result.total == len(result.hits) == len({h.fields["object"] for h in result.hits})


@pytest.mark.parametrize("typed", ["", "   ", "\n", "\\", "*", "?!", "။ ၊", '""', "{}"])
def test_a_query_that_says_nothing_is_refused(both: Holding, typed: str) -> None:
    with pytest.raises(QueryInvalid):
        search(both, reader(both, "analyst"), typed)


def test_a_query_that_is_too_long_is_refused(both: Holding) -> None:
    search(both, reader(both, "analyst"), "m" * MOST_CHARACTERS)
    with pytest.raises(QueryInvalid, match="1000"):
        search(both, reader(both, "analyst"), "m" * (MOST_CHARACTERS + 1))


def test_as_many_words_as_may_be_typed_are_not_too_many_for_the_node(both: Holding) -> None:
    words = [f"{a}{b}" for a in "bcdfghjklm" for b in "aeiouwxyzq"]
    for form in ("{}", "ေက်ာ္{}", "ကျော်{}"):
        most = " ".join(map(form.format, words))
        assert search(both, reader(both, "analyst"), most).total == 0
        with pytest.raises(QueryInvalid, match="quotes"):
            search(both, reader(both, "analyst"), f"{most} one more")
    assert len(words) == MOST_WORDS


@pytest.mark.parametrize("typed", ["text:/mona.*/", '{"match_all": {}}', '{"script": {"source": "1"}}', "[a TO z]", "or bell and",
                                   "accession:A00001", 'bell" OR "zanzibarite', "${marks}", "x" * 999, "a\\\"b\x00c", "http://bell"])  # fmt: skip
def test_what_only_looks_like_a_query_is_nothing_but_words(both: Holding, typed: str) -> None:
    """None of it is an error, and none of it finds what the words themselves do not."""
    assert search(both, reader(both, "analyst"), typed).total == 0


def test_every_word_of_a_query_counts_however_it_is_joined(found: Callable[[str], list[str]]) -> None:
    assert found("monastery-bell") == found("monastery/bell") == found("monastery bell")


def test_found_words_are_marked(both: Holding) -> None:
    hit = search(both, reader(both, "analyst"), '"monastery bell"').hits[0]
    assert hit.highlights["text"] == [
        "The village elders wrote that the <em>monastery</em> <em>bell</em> was stolen in the night."
    ]


def test_facets_count_objects(both: Holding) -> None:
    result = search(both, reader(both, "lead"), "monastery")
    assert result.facets["kind"] == {"document": result.total}
    assert sum(result.facets["language"].values()) >= result.total


def test_no_more_hits_come_than_were_asked_for(both: Holding) -> None:
    result = search(both, reader(both, "lead"), "monastery", size=1)
    assert (len(result.hits), result.total) == (1, 4)


def test_before_anything_is_indexed_nothing_is_found(new_holding: Callable[..., Holding], both: Holding) -> None:
    empty = new_holding()
    assert search(empty, reader(empty, "lead"), "monastery") == EMPTY
    unindexed = Holding(load_settings(both.settings.data, holding="unindexed"))
    assert search(unindexed, reader(unindexed, "lead"), "monastery") == EMPTY


def test_without_a_search_node_the_refusal_says_what_starts_it(both: Holding, free_port: int) -> None:
    away = Holding(load_settings(both.settings.data, search_folder=both.settings.data / "none", search_port=free_port))
    with pytest.raises(NodeError, match="iimm up"):
        search(away, reader(away, "lead"), "monastery")


# The query language


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("elders OR school", {"letters/bell.txt", "letters/school.txt"}),
        ("monastery NOT elders", {"letters/school.txt"}),
        ("monastery (elders OR zanzibarite)", {"letters/bell.txt"}),
        ("elde* stol*", {"letters/bell.txt"}),
        ('"monastery bel"*', {"letters/bell.txt"}),
        ("elders ~2 monastery", set()),
        ("elders ~3 monastery", {"letters/bell.txt"}),
        ("monastery ~3 elders", {"letters/bell.txt"}),
        ("file:paid", {"accounts/paid.txt"}),
        ("text:paid", set()),
        ("monastery NOT text:elders", {"letters/school.txt"}),
        ("accession:a00002 receipt", {"accounts/paid.txt"}),
        ("kind:document receipt", {"accounts/paid.txt"}),
        ("language:my* ငွေ", {"accounts/paid.txt"}),
        ("source:S-2 receipt", {"accounts/paid.txt"}),
        ("source:S-1 receipt", set()),
        ("ငွေ OR ရေတွင်းမှာ", {"accounts/paid.txt", "စာများ/well.txt"}),
        ("ကျောင်းဆော*", {"စာများ/well.txt", "စာများ/apart.txt"}),
        ("ကျောင်းဆောင် ~0 အနောက်ဘက်", {"စာများ/well.txt"}),
        ("အနောက်ဘက် ~3 ကျောင်းဆောင်", {"စာများ/well.txt", "စာများ/apart.txt"}),
        ("ကျောင်းဆောင် NOT ရေတွင်းမှာ", {"စာများ/apart.txt"}),
    ],
)  # fmt: skip
def test_commands_find_what_they_say(found: Callable[[str], list[str]], typed: str, expected: set[str]) -> None:
    assert set(found(typed)) == expected


@pytest.mark.parametrize(
    ("zawgyi", "unicode"),
    [
        ("ေက်ာင္းေဆာင္ NOT ေရတြင္းမွာ", "ကျောင်းဆောင် NOT ရေတွင်းမှာ"),
        ("ေရတြင္းမွာ OR ေငြ", "ရေတွင်းမှာ OR ငွေ"),
        ("ေက်ာင္းေဆာင္ ~0 အေနာက္ဘက္", "ကျောင်းဆောင် ~0 အနောက်ဘက်"),
    ],
)
def test_commands_mean_the_same_in_zawgyi(found: Callable[[str], list[str]], zawgyi: str, unicode: str) -> None:
    assert found(zawgyi)
    assert set(found(zawgyi)) == set(found(unicode))


def test_words_that_are_near_are_marked(both: Holding) -> None:
    (hit,) = search(both, reader(both, "analyst"), "elders ~3 monastery").hits
    assert "<em>elders</em>" in hit.highlights["text"][0]
    (hit,) = search(both, reader(both, "analyst"), "elde*").hits
    assert "<em>elders</em>" in hit.highlights["text"][0]
