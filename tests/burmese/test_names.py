"""Persons: where a name ends, what is none, the key of a name, and who was what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.names import (
    Rule,
    begins_in_a_word,
    is_a_place,
    is_a_word,
    name_sounds,
    names_a_thing,
    names_at,
    original_at,
    persons,
)
from iimm_pipelines.burmese.roles import Part, Piece, roles
from iimm_pipelines.burmese.units import units


def names(text):
    return [text[p.start : p.end] for p in persons(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ရင်ခင်ကြည်ရဲ", ["ခင်ကြည်ရဲ"]),
        ("မြမြသင်းကိုကျော်လင်း", ["မြမြသင်း", "ကျော်လင်း"]),
        ("ကိုကျော်လင်း", ["ကိုကျော်လင်း"]),
        ("ရင်မောင်", ["ရင်မောင်"]),
        ("မောင်ကိုကို", ["မောင်ကိုကို"]),
        ("ရောဘတ်စတင်းRobertSterling", ["ရောဘတ်စတင်း"]),
        ("ရောဘတ်စတင်း (Robert", ["ရောဘတ်စတင်း"]),
        ("မြမြသင်းနှင့်ကျော်လင်း", ["မြမြသင်း", "ကျော်လင်း"]),
        ("မြမြသင်းရဲ့အိမ်", ["မြမြသင်း"]),
        ("မြမြသင်းရေ", ["မြမြသင်း"]),
        ("ဪမြမြသင်း", ["မြမြသင်း"]),
        ("ဦးကျော်ဒေါ်မြသင်း", ["ဦးကျော်", "ဒေါ်မြသင်း"]),
    ],
)
def test_a_name_that_a_model_found_has_its_ends_set_right(text, found):
    assert [text[start:end] for start, end in names_at(text, 0, len(text))] == found


@pytest.mark.parametrize(
    ("behind", "original"),
    [
        ("RobertSterling၏", "RobertSterling"),
        (" (Robert J. Sterling) က", "Robert J. Sterling"),
        ("Robert-Jan Sterling III က", "Robert-Jan Sterling III"),
        ("UN က", None),
        ("Al က", None),
        ("COVID19 က", None),
        ("က Robert", None),
    ],
)
def test_behind_a_name_of_another_language_it_may_stand_as_it_is_written_there(behind, original):
    name = "ရောဘတ်စတင်း"
    found = original_at(name + behind, len(name))
    assert (found and (name + behind)[slice(*found)]) == original


def test_a_word_of_the_dictionary_is_told_from_a_name():
    assert is_a_word("ချောကလက်") and not is_a_word("ထွန်းလင်းဇော်") and not is_a_word("မြမြ")


@pytest.mark.parametrize(("text", "name", "cut"), [("အာလူးမောင်က", "လူးမောင်", True), ("သူ ထွန်းလင်းက", "ထွန်းလင်း", False)])
def test_no_name_begins_within_a_word(text, name, cut):
    start = text.index(name)
    assert begins_in_a_word(text, start, start + len(name)) is cut


def test_what_is_called_by_a_name_is_no_person():
    assert names_a_thing("ထွန်းလင်းဟိုတယ်မှာ", len("ထွန်းလင်း")) and not names_a_thing("ထွန်းလင်းက", len("ထွန်းလင်း"))
    assert is_a_place("ထွန်းလင်းကျွန်း") and not is_a_place("ထွန်းလင်း")


@pytest.mark.parametrize(("after", "name"), [("သည်", "ချစ်မိုးကို"), ("မတွေ့ပါ", "ချစ်မိုး"), ("လည်းမတွေ့ပါ", "ချစ်မိုး")])
def test_before_another_particle_that_of_the_object_belongs_to_the_name(after, name):
    text = f"ချစ်မိုးကို{after}"
    ((start, end),) = names_at(text, 0, len("ချစ်မိုး"))
    assert text[start:end] == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ဦးကျော်မင်းက ပြောသည်။", "ဦးကျော်မင်း"),
        ("ဒုတိယဗိုလ်မှူးကြီး အောင်ကျော်ဦး ဦးဆောင်သော တပ်", "ဒုတိယဗိုလ်မှူးကြီး အောင်ကျော်ဦး"),
        ("ဒုဗိုလ်မှူးကြီးအောင်ကျော်ဦးသည်", "ဒုဗိုလ်မှူးကြီးအောင်ကျော်ဦး"),
        ("ရဲအုပ်ဇော်ဇော်ဖမ်းဆီးခံရ", "ရဲအုပ်ဇော်ဇော်"),
        ("ဦးမြတ်ကိုက", "ဦးမြတ်ကို"),
        ("ဦးအောင်ကို ဖမ်းသည်", "ဦးအောင်"),
        ("ကိုကိုကြီးက", "ကိုကိုကြီး"),
        ("စောဘဦးဂျီး က", "စောဘဦးဂျီး"),
        ("နော်ဖော်ဂေးက", "နော်ဖော်ဂေး"),
        ("ဗိုလ်မှူး(ငြိမ်း) ထွန်းထွန်း", "ဗိုလ်မှူး(ငြိမ်း) ထွန်းထွန်း"),
        ("ခင်သော်တာထက်သည်", "ခင်သော်တာထက်"),
        ("Maj. Gen. Zaw Min Tun spoke", "Maj. Gen. Zaw Min Tun"),
        ("Lt-Col Aung Kyaw Oo of", "Lt-Col Aung Kyaw Oo"),
        ("with Ko Ko Gyi today", "Ko Ko Gyi"),
        ("U Win Naing Township", "U Win Naing"),
    ],
)
def test_a_name_ends_where_the_sentence_goes_on(text, name):
    assert names(text) == [name]


@pytest.mark.parametrize(
    "text", ["လူ ၃ ဦးသေဆုံး", "ဦးဆောင်သော", "သူ့ကို ဖမ်းသည်", "မလှဘူး", "အောင်မြင်သော", "ဦးလေးက", "ဒေါ်လာ ၅၀", "ဗိုလ်ချုပ်ဈေး", "ဗိုလ်မှူးက",
             "General Assembly", "Major Offensive", "Private Sector", "စောစောစီးစီး", "အကူအညီပေးနိုင်မည်"]
)  # fmt: skip
def test_words_that_look_like_titles_make_no_person(text):
    assert names(text) == []


@pytest.mark.parametrize(
    "spellings",
    [
        ["U Kyaw Min", "Kyaw Min", "ဦးကျော်မင်း", "U Kyaw Minn", "ဗိုလ်မှူး ကျော်မင်း"],
        ["Ko Ko Gyi", "ကိုကိုကြီး", "Ko Ko Kyi"],
        ["Daw Htay Htay Myint", "ဒေါ်ဌေးဌေးမြင့်"],
        ["Htun Htun Naung", "Tun Tun Naung", "ဦးထွန်းထွန်းနောင်"],
        ["Brig-Gen Than Htike", "ဗိုလ်မှူးချုပ် သန်းထိုက်"],
        ["U Phyo Thant", "ဦးဖြိုးသန့်"],
    ],
)
def test_spellings_of_a_name_share_their_key(spellings):
    assert len({persons(s)[0].key for s in spellings}) == 1


def test_other_names_have_other_keys():
    assert len({name_sounds(n) for n in ("ကျော်မင်း", "ကျော်မင်းဦး", "ကျော်ဝင်း", "မင်းကျော်")}) == 4


def test_a_name_says_by_what_rule_it_was_found():
    assert [persons(t)[0].rule for t in ("ဦးကျော်မင်းက", "ဦးဂမ်ဆိုင်းက", "ခင်သော်တာထက်သည်")] == [
        Rule.TITLE, Rule.TITLE_UNKNOWN_WORD, Rule.NAME_ELEMENTS,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ခမရ ၃၄၅ မှ ဗိုလ်မှူး အောင်မင်း၊ ခမရ ၃၄၆ မှ ဗိုလ်ကြီး ထွန်းထွန်း", [("MAJOR", "LIB-345"), ("CAPTAIN", "LIB-346")]),
        ("Lt-Col Aung Kyaw of LIB 345, Major Zaw Min of IB 10", [("LIEUTENANT-COLONEL", "LIB-345"), ("MAJOR", "IB-10")]),
        ("ဦးကျော်မင်းက ခမရ ၃၄၅ ကို မြင်သည်", []),
    ],
)  # fmt: skip
def test_a_unit_belongs_to_the_person_that_it_stands_beside(text, told):
    pieces = [Piece(u.start, u.end, Part.UNIT, u.id) for u in units(text)]
    assert [(r.person.rank.id if r.person.rank else None, r.unit) for r in roles(text, persons(text), pieces)] == told


@given(st.text(alphabet="ကခစတမရလသအဦကိုာ်း့ေှျြ္ံ ၃၄(),.-၊။UDawKoLIB", max_size=60))
def test_no_text_breaks_the_rules(text):
    for found in (*persons(text), *units(text)):
        assert 0 <= found.start < found.end <= len(text)


@pytest.mark.parametrize(
    ("text", "unit", "post"),
    [
        ("ဗိုလ်မှူး ကျော်မင်းကို ခမရ ၃၄၅ တပ်ရင်းမှူးအဖြစ် ခန့်အပ်သည်", "LIB-345", "P"),  # somebody is made commander
        ("ဗိုလ်မှူး ကျော်မင်း (ခမရ ၃၄၅ တပ်ရင်းမှူး) ကို မှတ်မိသည်", "LIB-345", "P"),  # what follows the bracket is the man's
        ("ဗိုလ်မှူး ကျော်မင်းကို ခမရ ၃၄၅ တပ်ရင်းမှူးက ခေါ်သည်", None, None),  # another one calls him
    ],
)
def test_a_unit_and_post_behind_a_name_go_with_it_where_the_sentence_says_so(text, unit, post):
    at = text.index("တပ်ရင်းမှူး")
    pieces = [Piece(u.start, u.end, Part.UNIT, u.id) for u in units(text)]
    pieces.append(Piece(at, at + len("တပ်ရင်းမှူး"), Part.POST, "P"))
    (role,) = roles(text, persons(text), pieces)
    assert (role.unit, role.post) == (unit, post)
