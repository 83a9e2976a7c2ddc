"""Names by their sound: keys of runs of syllables, and the stretches that have one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.search.sounds import asked_key, name_keys, sounding_like


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("ဦးကျော်မင်းထွန်း", "Kyaw Min"), ("ဦးကျော်မင်းထွန်း", "U Kyaw Min Tun"), ("ဦးကျော်မင်းထွန်း", "Minhtun"),
        ("U Kyaw Min Tun", "ကျော်မင်းထွန်း"), ("Daw Thandar Aung", "သန္တာ"), ("ဦးနု", "U Nu"), ("Kyawmin", "ကျော်မင်း"),
        ("မန္တလေး", "Mandalay"), ("စိုး", "Soe"),
    ],
)  # fmt: skip
def test_a_name_is_met_by_what_sounds_like_part_of_it(written: str, typed: str) -> None:
    assert asked_key(typed) in name_keys(written)


@pytest.mark.parametrize(
    ("written", "typed"), [("ကျော်မင်းထွန်း", "Min Kyaw"), ("ကျော်မင်းထွန်း", "Min"), ("ကျော်မင်းထွန်း", "Kyaw Tun")]
)
def test_a_name_is_not_met_by_another_order_or_by_one_syllable(written: str, typed: str) -> None:
    assert asked_key(typed) not in name_keys(written)


@pytest.mark.parametrize("typed", ["၁၂၃", "2021", "။", "中国", "", "a" * 200])
def test_what_is_no_name_has_no_key(typed: str) -> None:
    assert asked_key(typed) is None


def test_stretches_that_sound_like_a_key_are_whole_syllables() -> None:
    text = "ဗိုလ်ချုပ် ကျော် မင်းထွန်းနှင့် U Kyaw Min, ကျော်။မင်း"
    assert [text[a:b] for a, b in sounding_like(text, {"kyawmin"})] == ["ကျော် မင်း", "Kyaw Min"]
    assert list(sounding_like(text, set())) == []


@given(st.text() | st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F)))
def test_any_text_has_keys_of_bounded_number_and_length(name: str) -> None:
    keys = name_keys(name)
    assert len(keys) <= 56
    assert all(0 < len(key) <= 60 for key in keys)
    assert all(0 <= a < b <= len(name) for a, b in sounding_like(name, keys))
