"""The recogniser: labels and spans, what it sees, and that the shipped weights find names which no rule finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.recogniser import Kind, Recogniser, features, labelled, named, pieces
from iimm_pipelines.model_store.catalogue import load_catalogue
from iimm_pipelines.model_store.files import faults_by_digest
from iimm_pipelines.stages.entities import RECOGNISER_MODEL


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser(load_catalogue()[RECOGNISER_MODEL].shipped)


def found(recogniser, text):
    return [(text[g.start : g.end], g.kind) for g in recogniser.find(text)]


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("စန္ဒာမြင့်အောင်က စာအုပ် ဝယ်သွားတယ်။", "စန္ဒာမြင့်အောင်", Kind.PERSON),
        ("ဈေးထဲမှာ ဇေယျာမင်းထွန်းကို တွေ့ခဲ့တယ်။", "ဇေယျာမင်းထွန်း", Kind.PERSON),
        ("ညောင်ပင်စိုက်ရွာကို မီးရှို့ခဲ့သည်။", "ညောင်ပင်စိုက်ရွာ", Kind.PLACE),
    ],
)
def test_a_name_without_a_title_and_a_place_that_no_table_has_are_found(recogniser, text, name, kind):
    assert (name, kind) in found(recogniser, text)


@pytest.mark.parametrize("text", ["နေ့တိုင်း လမ်းလျှောက်ပါတယ်။", "အေးတဲ့ရေ သောက်ချင်တယ်။", "", "U Kyaw Min", "။၊ 12"])
def test_where_nobody_is_named_nothing_is_found(recogniser, text):
    assert found(recogniser, text) == []


def test_the_same_text_gives_the_same_spans_and_scores(recogniser):
    text = "မနေ့က ကျော်ဇင်ဦးတို့ ပဲခူးမြို့ကို သွားကြတယ်။"
    assert recogniser.find(text) == recogniser.find(text) != []


def test_the_shipped_weights_are_those_of_the_card():
    entry = load_catalogue()[RECOGNISER_MODEL]
    assert not faults_by_digest(entry.card, entry.shipped)


@given(
    st.text(
        alphabet=st.sampled_from("ကခစညတနပမသအဦ\u1039\u103a\u103b\u102c\u102d\u1031\u1037\u1038 ၊။()a1\n\t"), max_size=60
    )
)
def test_spans_lie_in_the_text_in_order_whatever_it_is(recogniser, text):
    end = 0
    for guess in recogniser.find(text):
        assert end <= guess.start < guess.end <= len(text)
        assert 0 <= guess.score <= 1_000_000
        end = guess.end


def test_labels_are_read_as_they_are_written():
    names = [(0, 0, Kind.PERSON), (1, 3, Kind.PLACE), (5, 6, Kind.ORGANISATION)]
    assert list(named(labelled(8, names))) == names
    assert list(named(["BP", "-", "EP", "BP", "EL", "IP", "EP"])) == []


def test_each_syllable_is_seen_with_its_tables_and_the_gap_before_it():
    (piece,) = pieces("ဦးကျော်မင်း (ရန်ကုန်)")
    seen = features(piece)
    assert len(seen) == len(piece.words)
    assert "tp=Sh|" in seen[0]
    assert "g=(" in seen[piece.words.index("ရန်")]
