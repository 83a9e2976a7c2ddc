"""Every case of google/language-resources: numbers, dates, times, telephone numbers, money."""

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.language_resources import KINDS, cases
from iimm_pipelines.burmese.numerals import number

CASES = Path(__file__).resolve().parents[2] / ".." / "shared" / "burmese" / "language-resources"


@pytest.mark.skipif(not CASES.is_dir(), reason="reference texts are not beside the repository")
@pytest.mark.parametrize("kind", KINDS)
def test_every_case_is_read_as_the_reference_says(kind: str) -> None:
    of_kind = [case for case in cases(CASES) if case.kind == kind]
    assert of_kind
    assert [case for case in of_kind if case.read != case.said] == []


@pytest.mark.skipif(not CASES.is_dir(), reason="reference texts are not beside the repository")
def test_numbers_in_words_are_the_same_without_spaces() -> None:
    words = [case for case in cases(CASES) if case.kind == "number" and not case.text.isascii()]
    assert [case for case in words if number(case.text.replace(" ", "")) != case.said] == []


@pytest.mark.skipif(not CASES.is_dir(), reason="reference texts are not beside the repository")
def test_no_case_of_the_reference_is_left_out() -> None:
    lines = Counter(
        line.split("\t")[0]
        for file in (*CASES.glob("classifier/*.tsv"), *CASES.glob("verbalizer/*.tsv"))
        for line in file.read_text().splitlines()
    )
    read = Counter(case.kind for case in cases(CASES))
    assert (read["money"], read["date"]) == (lines["MONEY_MARKUP"], lines["DATE_MARKUP"])
    assert (read["time"], read["telephone"]) == (lines["TIME_MARKUP"], lines["PHONE_NUMBER_MARKUP"])
    assert read["digits"] == lines["DIGIT_MARKUP"]
