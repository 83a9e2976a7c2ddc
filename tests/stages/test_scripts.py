"""Scripts of a text, and where it is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.stages.scripts import NONE, letters_of, runs, script_of

BURMESE, ENGLISH = "ရွာသားများသည် တောထဲသို့ ထွက်ပြေးခဲ့ကြရသည်။", "The villagers had to flee into the forest."


def cut(text: str) -> list[tuple[str, str]]:
    return [(text[run.start : run.end], run.script) for run in runs(text)]


@pytest.mark.parametrize(("text", "script"), [
    ("ရွာ", "Mymr"), ("village", "Latn"), ("村庄", "Hani"), ("村です", "Jpan"), ("마을", "Hang"), ("𐴀𐴁𐴂", "Rohg"), ("꤀ꤊꤋꤌ", "Kali"),
    ("၁၂၃ 45", NONE), ("", NONE), ("ရွာ ၁၂ a", "Mymr"),
])  # fmt: skip
def test_the_script_is_that_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


def test_letters_of_one_script_leave_out_digits_signs_and_other_scripts() -> None:
    assert letters_of("ရွာ၊ ၁၂ Village 村", "Mymr") == "ရွာ"
    assert letters_of("ရွာ၊ ၁၂ Village 村", "Latn") == "village"


def test_lines_in_two_scripts_are_two_runs() -> None:
    assert cut(f"{BURMESE}\n{ENGLISH}") == [(f"{BURMESE}\n", "Mymr"), (ENGLISH, "Latn")]
    assert cut(f"{ENGLISH} {BURMESE} 村庄在星期一。") == [
        (f"{ENGLISH} ", "Latn"), (f"{BURMESE} ", "Mymr"), ("村庄在星期一。", "Hani"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", [
    "စစ်တပ်သည် Myanmar Economic Corporation ကို ပိုင်ဆိုင်သည်။",
    "Aung: ရွာသားများသည် တောထဲသို့ ပြေးသည် (KNLA)",
    "ဦးအောင် (Aung) နှင့် ဒေါ်လှ (Hla) တို့ လာသည်။",
])  # fmt: skip
def test_a_name_in_another_script_does_not_cut_a_sentence(text: str) -> None:
    assert cut(text) == [(text, "Mymr")]


@given(
    st.lists(st.sampled_from([BURMESE, ENGLISH, "村庄", "ab", "ရွာ", "\n", ". ", "1", "です", "𐴀"]), max_size=30).map(
        "".join
    )
)
def test_runs_cover_the_text_and_differ_from_their_neighbours(text: str) -> None:
    found = runs(text)
    assert [text[run.start : run.end] for run in found] == [part for part, _ in cut(text)]
    assert "".join(part for part, _ in cut(text)) == text
    assert all(a.end == b.start and a.start < a.end for a, b in zip(found, found[1:], strict=False))
    assert all(
        {a.script, b.script} <= {"Hani", "Jpan"} or a.script != b.script for a, b in zip(found, found[1:], strict=False)
    )


def test_a_text_that_changes_its_script_all_the_time_stays_whole() -> None:
    assert len(runs("aက" * 2_000)) == 1
