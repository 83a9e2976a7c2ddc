"""Names of one thing: found among terms, those shipped and those of an operator."""

from pathlib import Path

import pytest

from iimm_pipelines.search.analysis import terms
from iimm_pipelines.search.synonyms import Synonyms, SynonymsInvalid, load_synonyms
from iimm_pipelines.search.typed import read


def others(synonyms: Synonyms, typed: str) -> list[tuple[str, ...]]:
    return [other for known in synonyms.found(terms(typed)) for other in known.others]


def test_the_longest_name_is_found_and_none_within_it() -> None:
    synonyms = Synonyms([["LIB", "light infantry battalion"], ["infantry battalion", "IB"]])
    assert others(synonyms, "the Light Infantry Battalion 345") == [("lib",)]
    assert others(synonyms, "infantry battalion, lib") == [("ib",), ("light", "infantry", "battalion")]


def test_spaces_capitals_and_digits_of_either_script_do_not_matter() -> None:
    synonyms = Synonyms([["ခမရ ၃၄၅", "LIB 345"]])
    assert others(synonyms, "ခ မ ရ 345") == [("lib", "345")]
    assert others(synonyms, "lib ၃၄၅") == [("ခ", "မ", "ရ", "345")]


def test_a_name_in_two_lines_has_the_others_of_both() -> None:
    assert others(Synonyms([["a1", "b"], ["a1", "c"]]), "a1") == [("b",), ("c",)]


@pytest.mark.parametrize(
    ("typed", "other"), [("Rangoon", "ရန်ကုန်"), ("ရန်ကုန်", "Rangoon"), ("nay pyi taw", "Naypyidaw"), ("ခမရ", "LIB")]
)
def test_old_and_new_names_of_places_come_with_the_program(typed: str, other: str) -> None:
    assert tuple(terms(other)) in others(load_synonyms(None), typed)


def test_an_operators_names_stand_beside_them(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("# remark\n\nRangoon, City of Peace # another\n", encoding="utf-8")
    assert {("yangon",), ("city", "of", "peace")} <= set(others(load_synonyms(file), "rangoon"))
    file.write_text("", encoding="utf-8-sig")
    assert ("city", "of", "peace") not in others(load_synonyms(file), "rangoon")


@pytest.mark.parametrize("written", [b"one name\n", b"\xff\xfe", None])
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, written: bytes | None) -> None:
    file = tmp_path / "names.txt"
    if written:
        file.write_bytes(written)
    with pytest.raises(SynonymsInvalid):
        load_synonyms(file)


def test_many_names_in_one_stretch_do_not_make_a_query_without_end() -> None:
    query = read("ရန်ကုန်ပဲခူးမော်လမြိုင်ပုသိမ်စစ်တွေထားဝယ်", load_synonyms(None)).query
    assert str(query).count("multi_match") < 20
