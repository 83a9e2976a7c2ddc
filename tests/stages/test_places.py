"""Names of places in texts: which are found, and which of several places of one name is meant."""

import pytest

from iimm_pipelines.stages.places import Gazetteer, Level, Place

SAGAING = ("MMR005", Level.STATE, "Sagaing", "စစ်ကိုင်း", ())
PLACES = [
    (Place(code, level, english, burmese, within), [english, burmese])
    for code, level, english, burmese, within in (
        SAGAING,
        ("MMR005D001", Level.DISTRICT, "Sagaing", "စစ်ကိုင်း", ("MMR005",)),
        ("MMR005001", Level.TOWNSHIP, "Sagaing", "စစ်ကိုင်း", ("MMR005D001", "MMR005")),
        ("MMR005005", Level.TOWNSHIP, "Khin-U", "ခင်ဦး", ("MMR005D002", "MMR005")),
        ("MMR005009", Level.TOWNSHIP, "Ye-U", "ရေဦး", ("MMR005D002", "MMR005")),
        ("MMR011009", Level.TOWNSHIP, "Ye", "ရေး", ("MMR011D001", "MMR011")),
        ("MMR013018", Level.TOWNSHIP, "Dagon Myothit (South)", "ဒဂုံမြို့သစ် (တောင်ပိုင်း)", ("MMR013",)),
        ("172311", Level.VILLAGE, "Nyaung Pin Thar", "ညောင်ပင်သာ", ("MMR005009040", "MMR005009", "MMR005")),
        ("172999", Level.VILLAGE, "Nyaung Pin Thar", "ညောင်ပင်သာ", ("MMR005005001", "MMR005005", "MMR005")),
        ("173000", Level.VILLAGE, "Khin-U", "ခင်ဦး", ("MMR005009041", "MMR005009", "MMR005")),
        ("173001", Level.VILLAGE, "Moe", "မိုး", ("MMR005009042", "MMR005009", "MMR005")),
        ("173002", Level.VILLAGE, "Zee Kone", "ဇီးကုန်း", ("MMR005009042", "MMR005009", "MMR005")),
    )
]
GAZETTEER = Gazetteer(PLACES)


def found(text, named=()):
    return [(text[f.start : f.end], f.place.code if f.place else None) for f in GAZETTEER.find(text, named)]


@pytest.mark.parametrize(
    "text",
    ["ခင်ဦးမြို့နယ်အတွင်းရှိ ကျေးရွာများသို့", "ခင်ဦး မြို့နယ်", "Khin-U Township", "KHIN-U TOWNSHIP", "Khin U township",
     "the township of Khin-U", "ခင်ဦး", "near Khin-U."],
)  # fmt: skip
def test_a_name_is_found_with_the_word_for_its_level_or_without(text):
    assert [code for _, code in found(text)] == ["MMR005005"]


def test_offsets_are_those_of_the_name_alone():
    assert found("(ခင်ဦးမြို့နယ်)") == [("ခင်ဦး", "MMR005005")]


@pytest.mark.parametrize(("text", "code"), [("Sagaing Region", "MMR005"), ("စစ်ကိုင်းခရိုင်", "MMR005D001"),
                                            ("စစ်ကိုင်း", "MMR005001"), ("ခင်ဦးရွာ", "173000")])  # fmt: skip
def test_the_word_for_the_level_tells_places_of_one_name_apart(text, code):
    assert [c for _, c in found(text)] == [code]


def test_a_township_named_beside_it_tells_villages_of_one_name_apart():
    assert found("ရေဦးမြို့နယ် ညောင်ပင်သာကျေးရွာတွင်") == [("ရေဦး", "MMR005009"), ("ညောင်ပင်သာ", "172311")]
    assert found("Nyaung Pin Thar village, Ye-U Township")[0] == ("Nyaung Pin Thar", "172311")


def test_one_of_several_villages_stays_open():
    assert found("ညောင်ပင်သာကျေးရွာ") == [("ညောင်ပင်သာ", None)]
    assert found("ရေဦးမြို့နယ်၊ ခင်ဦးမြို့နယ်၊ ညောင်ပင်သာကျေးရွာ")[2] == ("ညောင်ပင်သာ", None)


@pytest.mark.parametrize(
    "text", ["မိုးရွာသည်", "မိုး", "ဇီးကုန်း", "Zee Kone", "Ye", "ye-u", "khin-u", "ခင် ဦးမောင်", "ခင်ဦးပြည်နယ်"]
)
def test_what_is_more_likely_an_ordinary_word_is_no_place(text):
    assert found(text) == []


def test_a_name_in_a_longer_word_is_not_found():
    assert found("Sagaingers") == found("ခင်ဦးရ်") == []


def test_a_second_witness_makes_a_village_of_a_name_alone():
    (village,) = GAZETTEER.find("in Zee Kone today", [(3, 11)])
    assert (village.place.code, village.by_others) == ("173002", True)


def test_what_stands_in_brackets_belongs_to_the_name():
    assert found("Dagon Myothit (South) Township") == [("Dagon Myothit (South)", "MMR013018")]


def test_both_names_are_given():
    (township,) = GAZETTEER.find("ခင်ဦးမြို့နယ်")
    assert township.names == "Khin-U | ခင်ဦး"


def test_a_short_name_is_trusted_with_its_level_or_a_witness():
    assert found("Ye Town") == found("in Ye", [(3, 5)]) == [("Ye", "MMR011009")]
