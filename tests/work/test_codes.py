"""The list of codes: plain, or the operator's."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.settings import Settings
from iimm_pipelines.work.codes import TRANSLATE, CodesInvalid, codes
from iimm_pipelines.work.record import WorkRefused


def test_the_plain_list_has_what_every_case_needs(tmp_path: Path) -> None:
    plain = codes(Settings(data=tmp_path))
    assert {"crime-type", "incident", "unit", "linkage", "reliability", "probative-value", "potentially-exculpatory",
            TRANSLATE} <= plain.keys()  # fmt: skip
    assert plain["incident"].checked("  Night  of\tthe bell ") == "Night of the bell"
    assert plain["potentially-exculpatory"].checked("") is None


def test_the_operators_list_stands_in_its_place_and_is_read_again_when_it_changes(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, codes=Path("codes.toml"))
    file = tmp_path / "codes.toml"
    file.write_text('[[code]]\nid = "counted"\nname = "Counted"\nvalues = ["one", "two"]\n')
    assert codes(settings)["counted"].checked("two") == "two"
    with pytest.raises(WorkRefused, match="Counted: one of one, two"):
        codes(settings)["counted"].checked("three")
    file.write_text('[[code]]\nid = "other"\nname = "Other"\n')
    assert list(codes(settings)) == ["other"]


@pytest.mark.parametrize("written", [
    "", "[[code]]\nid = 'A B'\nname = 'x'", "[[code]]\nid = 'a'\nname = 'x'\nvalues = ['y']\nfree = true",
    "[[code]]\nid = 'a'\nname = 'x'\n[[code]]\nid = 'a'\nname = 'y'", "[[code]]\nid = 'a'\nname = 'x'\ncolour = 'red'", "code = 1",
])  # fmt: skip
def test_a_list_that_cannot_be_used_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "codes.toml").write_text(written)
    with pytest.raises(CodesInvalid):
        codes(Settings(data=tmp_path, codes=Path("codes.toml")))


def test_a_list_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodesInvalid, match="cannot be read"):
        codes(Settings(data=tmp_path, codes=Path("gone.toml")))
