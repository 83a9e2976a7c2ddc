"""Cards: names that may stand in them, and pins written to TOML."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.model_store.card import CardInvalid, PinnedFile, is_safe_name, read_card, with_pins

CARD = """
name = "m"
task = "speech"
status = "starter"
languages = ["en"]
what = "a model for tests"
source = "made here"
licence = "MIT"
commercial = true
quality = []
"""


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a\\b", "a\nb", "card.toml"]
)
def test_a_name_that_could_leave_its_folder_is_not_safe(name: str) -> None:
    assert not is_safe_name(name)


@given(st.text(min_size=1, max_size=20).filter(is_safe_name))
def test_a_pin_written_to_a_card_is_read_back(name: str) -> None:
    file = PinnedFile(name, 3, "0" * 64)
    assert read_card(with_pins(CARD, [file])).files == (file,)
    assert not PurePosixPath(name).is_absolute()


@pytest.mark.parametrize(
    "pin",
    ['name = "../a"\nbytes = 1\nsha256 = "%s"' % ("0" * 64), 'name = "a"\nbytes = 1\nsha256 = "short"'],
)
def test_a_wrong_pin_is_refused(pin: str) -> None:
    with pytest.raises(CardInvalid, match="files.0"):
        read_card(f"{CARD}\n[[files]]\n{pin}\n")


def test_a_package_without_an_exact_version_is_refused() -> None:
    pin = f'name = "a"\nbytes = 1\nsha256 = "{"0" * 64}"\nparts = [{{ package = "--index-url", path = "a" }}]'
    with pytest.raises(CardInvalid, match="NAME==VERSION"):
        read_card(f"{CARD}\n[[files]]\n{pin}\n")
