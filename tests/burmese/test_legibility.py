"""How much of a text is spelled as writing is."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.legibility import legible

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese"


@pytest.mark.parametrize("text", [
    "ရန်ကုန်မြို့တွင် စစ်တပ်က ၁၂၃ ဦး။", "ကမ္ဘာ ဥက္ကဋ္ဌ ဗုဒ္ဓ", "အင်္ဂလိပ် ယောက်ျား ကျွန်ုပ်", "ဥပဒေ၏ ၎င်း ဤ ဧရာဝတီ ဩဂုတ်",
    "နှင့် တော့်", "The bridge, Yangon (2021) NUG", "A bridge I saw",
])  # fmt: skip
def test_writing_is_legible(text: str) -> None:
    assert legible(text).share == 1


@pytest.mark.parametrize("text", ["ာ့း ံ ်", "ကာိေ", "oOo gcd xQz", "မ|င် ~ #¢", "၈b ဂျ်ုံးး"])
def test_what_a_machine_makes_of_texture_is_not(text: str) -> None:
    assert legible(text).share < 0.6


def test_nothing_has_no_share() -> None:
    assert legible(" \n").share == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference texts are not here")
def test_reference_texts_are_legible() -> None:
    text = normal_text((SHARED / "talpco" / "my.txt").read_text(encoding="utf-8"), None).text
    assert legible(text).share > 0.999


@given(st.text())
def test_any_string_has_a_share(text: str) -> None:
    assert 0 <= legible(text).share <= 1
