"""Synthetic pairs: both sides say the same, and nothing of the test leaks into training."""

import random
import re
import string

import pytest

from iimm_pipelines.stages.model_text import for_model
from training import lines
from training.generate import Writer, burmese_words, english_words, invent_people
from training.places import Places, Site, held_out, part

REGION = ("စစ်ကိုင်းတိုင်းဒေသကြီး", "Sagaing Region")
PLACES = Places(
    (("ရေဦး", "Ye-U"),),
    (
        Site(("ညောင်ပင်သာ", "Nyaung Pin Thar"), ((("ရေဦး", "Ye-U"), REGION),)),
        Site(("ကုန်းသာ", "Kone Thar"), ((None, REGION),)),
    ),
    (Site(("အောင်မင်္ဂလာ", "Aung Min Ga Lar"), ((("ရေဦး", "Ye-U"), REGION),)),),
)


@pytest.fixture(scope="module")
def pairs():
    writer = Writer(random.Random(1), PLACES, invent_people(200))
    return [writer.pair() for _ in range(3_000)]


def test_the_same_seed_gives_the_same_pairs(pairs):
    again = Writer(random.Random(1), PLACES, invent_people(200))
    assert [again.pair() for _ in range(50)] == pairs[:50]


def test_every_name_stands_in_both_sides(pairs):
    assert all(my in pair.my and en in pair.en for pair in pairs for my, en in pair.names)


def test_every_number_written_in_digits_is_in_the_english(pairs):
    for pair in pairs:
        english = re.findall(r"\d+", pair.en)
        assert all(
            number.lstrip("0") in {n.lstrip("0") for n in english} for number in re.findall(r"\d+", for_model(pair.my))
        )


def test_no_placeholder_of_a_line_is_left_unfilled(pairs):
    assert not [pair for pair in pairs if set("{}") & set(pair.my + pair.en)]


@pytest.mark.parametrize("block", [lines.SPOKEN, lines.WRITTEN, lines.SUBJECTS])
def test_both_sides_of_a_line_ask_for_the_same(block):
    for my, en in lines.table(block):
        asked = [{key.lower() for _, key, _, _ in string.Formatter().parse(side) if key} for side in (my, en)]
        assert my and en and asked[0] == asked[1], en


def test_numbers_in_words():
    assert (burmese_words(10), burmese_words(21), english_words(21)) == ("ဆယ်", "နှစ်ဆယ့်တစ်", "twenty-one")


def test_a_held_out_village_is_in_the_test_part_only():
    parts = [part(PLACES, for_test) for for_test in (False, True)]
    for site in PLACES.villages:
        assert [site in one.villages for one in parts] == [not held_out(site.name[0]), held_out(site.name[0])]
