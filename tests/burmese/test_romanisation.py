"""Names in Latin letters."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.romanisation import candidates, romanised, sound_key

NAMES = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "names.unicode.tsv"


@pytest.mark.parametrize(
    ("name", "latin"),
    [
        ("ဦးကျော်မင်းထွန်း", "U Kyaw Min Tun"),
        ("ဒေါ်အောင်ဆန်းစုကြည်", "Daw Aung San Su Kyi"),
        ("မင်းအောင်လှိုင်", "Min Aung Hlaing"),
        ("စောဖိုးဦး", "Saw Phoe Oo"),
        ("မြင့်ဆွေ", "Myint Swe"),
        ("နန်းခင်အေး", "Nan Khin Aye"),
        ("သန်းရွှေ", "Than Shwe"),
        ("U Win ဝင်း", "U Win Win"),
    ],
)
def test_a_name_for_display(name: str, latin: str) -> None:
    assert romanised(normal_text(name, None).text) == latin


@pytest.mark.parametrize(
    ("name", "latin"),
    [("ထွန်း", "Htun"), ("အောင်ဆန်းစုကြည်", "Aung Hsan Su Kyee"), ("ကြီး", "Gyi"), ("သိန်းစိန်", "Thein Sein"), ("ရဲ", "Ye")],
)
def test_other_spellings_are_among_the_candidates(name: str, latin: str) -> None:
    assert latin in candidates(name)


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("ကျော်မင်းထွန်း", ["Kyaw Min Htun", "KYAW MIN TUN", "Kyawmintun"]),
        ("အောင်ဆန်း", ["Aung San", "Aung Hsan"]),
        ("ခင်သန္တာဝေ", ["Khin Thandar Wai", "Khin Thanda Way"]),
        ("မိုးဇော်ဦး", ["Moe Zaw Oo", "Mo Zaw U"]),
    ],
)
def test_all_spellings_have_one_key(name: str, spellings: list[str]) -> None:
    assert {sound_key(spelling) for spelling in spellings} == {sound_key(name)}


@pytest.mark.skipif(not NAMES.is_file(), reason="reference texts are not beside the repository")
def test_names_of_the_reference_meet_their_spelling() -> None:
    rows = list(csv.DictReader(NAMES.read_text().splitlines(), delimiter="\t"))
    # one row may have several names in Burmese that are spelled alike
    names = [(normal_text(my, None).text, row["name_en"]) for row in rows for my in row["name_my"].split("၊")]
    shown = sum(romanised(my).replace(" ", "").lower() == en.replace(" ", "").lower() for my, en in names) / len(names)
    among = sum(
        en.replace(" ", "").lower() in {c.replace(" ", "").lower() for c in candidates(my, 500)} for my, en in names
    ) / len(names)
    met = sum(sound_key(my) == sound_key(en) for my, en in names) / len(names)
    print(f"{len(names)} names: shown as spelled {shown:.3f}, among candidates {among:.3f}, one key {met:.3f}")
    assert shown > 0.5 and among > 0.8 and met > 0.8


@given(st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F) | st.sampled_from("a B1 \n")))
def test_no_text_is_too_odd(text: str) -> None:
    for name in (text, normal_text(text, None).text):
        assert candidates(name)[:1] == ([romanised(name)] if name else candidates(name)[:1])
        sound_key(name)
