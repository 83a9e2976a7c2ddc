"""The analyser: OpenSearch and Python make the same terms of a text."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.search.analysis import SYLLABLE, SYLLABLE_LOOSE, analysis_settings, loose_terms, terms
from iimm_pipelines.search.node import Node

Analyse = Callable[[str, str], list[str]]

syllable = st.builds(
    "".join,
    st.tuples(
        st.sampled_from("ကဂငစညတနပမရလသအဥၵၶၸၼဢၚၜ၎၏"),
        st.sampled_from(["", "\u1039တ", "\u103a\u1039ဂ", "\u103b", "\u103c\u103d", "\u103e", "\u1082"]),
        st.sampled_from(["", "\u1031", "\u1031\u102c", "\u102d\u102f", "\u1036", "\u1032", "\u1083", "\u1062\u103a"]),
        st.sampled_from(["", "န်", "င\u1037\u103a", "င\u103a\u1037", "့", "း", "\u1087", "ၼ\u103a\u1088"]),
    ),
)
other = st.sampled_from(
    ["Yangon", "POLICE", "İstanbul", "ΣΟΦΟΣ", "straße", "e\u0301", "Ранг", "हिन्दी", "ไทย", "中国", "ひらがな", "𝒜𝒷",
     "😀", "၁၂၃", "႒႓", "2021", "٣٤", "\u200b", "\u00ad", " ", "၊", "။", "-", "_", ".", "\n", "a1b", "့", "်", "a" * 130]
)  # fmt: skip
mixed = st.lists(syllable | other | st.characters(min_codepoint=0x1000, max_codepoint=0x109F), max_size=30).map("".join)


@pytest.fixture(scope="module")
def analyse(opensearch: Node) -> Iterator[Analyse]:
    """OpenSearch's terms for a text, by the name of an analyser."""
    client = opensearch.client("admin")
    index = "analysis-test"
    body = {"settings": {"number_of_shards": 1, "number_of_replicas": 0, "analysis": analysis_settings()}}
    client.indices.create(index=index, body=body)

    def by(analyser: str, text: str) -> list[str]:
        answer = client.indices.analyze(index=index, body={"analyzer": analyser, "text": text})
        return [token["token"] for token in answer["tokens"]]

    yield by
    client.indices.delete(index=index)


def test_a_sentence_is_split_into_syllables_digits_and_words(analyse: Analyse) -> None:
    sentence = "ရန်ကုန်မြို့တွင် စစ်တပ်က ၁၂၃ ဦး Yangon Region"
    assert analyse(SYLLABLE, sentence) == [*("ရန်", "ကုန်", "မြို့", "တွင်", "စစ်", "တပ်", "က", "123", "ဦး", "yangon", "region")]


def test_the_loose_analyser_finds_a_name_in_its_possessive(analyse: Analyse) -> None:
    for bare, possessive in (("မြန်မာ", "မြန်မာ့"), ("ကျွန်တော်", "ကျွန်တော့်")):
        assert analyse(SYLLABLE, bare) != analyse(SYLLABLE, possessive)
        assert analyse(SYLLABLE_LOOSE, bare) == analyse(SYLLABLE_LOOSE, possessive)


@pytest.mark.parametrize(("bare", "toned"), [("ကိုရီယား", "ကိုရီးယား"), ("တိုင်တန်", "တိုင်တန်း"), ("ၸၢႆ", "ၸၢႆး"), ("ခွင့်", "ခွင်")])
def test_the_loose_analyser_minds_no_tone_at_the_end_of_a_syllable(analyse: Analyse, bare: str, toned: str) -> None:
    assert analyse(SYLLABLE, bare) != analyse(SYLLABLE, toned)
    assert analyse(SYLLABLE_LOOSE, bare) == analyse(SYLLABLE_LOOSE, toned)


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("နှင့်", "နှင\u103a\u1037"), ("ရန်ကုန်", "ရန်\u200bကုန်\ufeff"), ("ခလရ ၃၄၅", "ခ.လ.ရ(345)"), ("႒၂", "22"), ("Ko KYAW", "ko kyaw"),
    ],
)  # fmt: skip
def test_the_node_folds_what_another_client_may_send(analyse: Analyse, typed: str, same: str) -> None:
    assert analyse(SYLLABLE, typed) == analyse(SYLLABLE, same)


@settings(deadline=None)
@given(mixed.map(lambda text: normal_text(text, None).text))
def test_terms_joined_by_spaces_are_the_same_terms(text: str) -> None:
    """So that another name can be asked for by its terms. In normal form, as all that is cut: no mark is doubled."""
    assert terms(" ".join(terms(text))) == terms(text)


@settings(max_examples=300, deadline=None)
@given(mixed)
def test_python_and_opensearch_make_the_same_terms(analyse: Analyse, text: str) -> None:
    assert analyse(SYLLABLE, text) == terms(text)
    assert analyse(SYLLABLE_LOOSE, text) == loose_terms(text)


@pytest.mark.parametrize("unit", ["a", "က", "1", "က\u103b", "é", "\u1031", "中", "न\u094d"])
def test_a_run_without_end_neither_stops_the_node_nor_makes_an_immense_term(analyse: Analyse, unit: str) -> None:
    text = unit * 9_000  # the API refuses to show more than 10,000 tokens
    assert analyse(SYLLABLE, text) == terms(text)
    assert max((len(term.encode()) for term in terms(text)), default=0) < 32_766
