"""The list of words that are hardly ever names."""

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.tables import entries
from iimm_pipelines.burmese.vocabulary import vocabulary
from iimm_pipelines.burmese.words import words


def test_words_are_in_normal_form_and_of_two_to_six_syllables():
    some = sorted(vocabulary())[::20]
    assert len(vocabulary()) > 40_000
    assert all(normal_text(word, None).text == word for word in some)
    assert {len(list(syllables(word))) for word in some} <= set(range(2, 7))


def test_no_townships_name_is_taken_for_a_word_that_names_nothing():
    named = {form for entry in entries("places") if entry.what == "township" for form in entry.burmese}
    assert len(named & vocabulary()) < 0.1 * len(named)


def test_an_everyday_sentence_falls_into_words():
    text = "စာကြည့်တိုက်ထဲမှာ ချောကလက်စားသည်"
    assert [text[a:b] for a, b in words(text, vocabulary())][0::3] == ["စာကြည့်တိုက်", "ချောကလက်"]
