"""Facts: each is said, or unknown with a reason; times stay as they were written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.accessions.facts import (
    NOTHING_STATED,
    Exhibit,
    FactsInvalid,
    Told,
    Unknown,
    When,
    as_data,
    as_text,
    from_text,
    read_toml,
)

EVERYTHING = """
source = "S-31"
basis = "open source"
marks = ["restricted"]
note = "found"
form = { unknown = "kept by the partner" }
handling = ["no copies", "ဓာတ်ပုံ မပြရ"]
[[exhibits]]
carrier = "phone"
serial = { unknown = "label gone" }
seal = "bag 12"
condition = "screen broken"
[[transfers]]
holder = "P-4"
held_from = "early March"
held_until = "2024-03-09T18:00+06:30"
handed_over = "in person"
seal_intact = true
[[captures]]
url = "https://example.org/post/1"
account = "@example"
tool = "browser 1.2"
captured = "2024-03-01 09:30"
collector = "C-2"
"""


def test_facts_come_back_from_the_catalogue_as_they_were_told() -> None:
    facts = read_toml(EVERYTHING).facts
    assert from_text(as_text(facts)) == facts
    assert facts.exhibits == (Exhibit("phone", Unknown("label gone"), "bag 12", "screen broken"),)


def test_what_is_not_told_is_unknown_and_says_so() -> None:
    assert read_toml("").facts == NOTHING_STATED == from_text("{}")
    assert as_data(NOTHING_STATED)["exhibits"] == {"unknown": "not stated at registration"}


def test_an_empty_list_says_that_there_is_none() -> None:
    assert read_toml("exhibits = []").facts.exhibits == ()


WRONG = {
    'colour = "red"': "colour: there is no such fact",
    'marks = "restricted"': "marks: a list",
    "marks = [1]": "marks, 1: a text",
    '[[exhibits]]\ncarrier = "phone"': "exhibits, 1, serial: say it",
    '[[captures]]\nurl = ""': "captures, 1, url: it is empty",
    "form = { unknown = '' }": "form: it is empty",
    "form = { unknown = 'gone', colour = 1 }": "form, colour: there is no such fact",
    '[[transfers]]\nholder = "Daw Mya"': "holder: a code",
    "[[transfers]]\nheld_from = 2024-03-01": "held_from: put the time into quotes",
    '[[transfers]]\nheld_from = "2024-02-30"': "held_from: there is no such day",
    '[[transfers]]\nseal_intact = "yes"': "seal_intact: true or false",
    'form = "two\\nlines"': "form: one line",
    "not toml": "line 1",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_meant_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(FactsInvalid, match=WRONG[text]):
        read_toml(text)


def test_a_refusal_does_not_repeat_what_was_written() -> None:
    with pytest.raises(FactsInvalid) as refused:
        read_toml('[[transfers]]\nholder = "Daw Mya Mya"\nheld_from = "2024-13-13"')
    assert "Mya" not in str(refused.value)
    assert "13-13" not in str(refused.value)


@pytest.mark.parametrize("written", ["2024", "2024-03", "2024-03-01", "2024-03-01T09:30", "dry season of 2021", "၂၀၂၄-၀၃-၀၁",
                                     "1386 Tabaung, 3rd waxing"])  # fmt: skip
def test_a_time_without_an_offset_has_no_utc(written: str) -> None:
    assert When.read(written) == When(written, None, None)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_a_time_with_an_offset_keeps_both_and_the_same_instant(local: datetime, minutes: int) -> None:
    written = local.replace(tzinfo=timezone(timedelta(minutes=minutes))).isoformat()
    read = When.read(written)
    assert (read.written, read.offset_minutes) == (written, minutes)
    assert read.utc is not None
    assert datetime.fromisoformat(read.utc) == local.replace(tzinfo=UTC) - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-02-30", "2024-3-1", "2024-03-01T25:00", "2024-03-01T09:30+25:00", " "]
)
def test_a_date_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (the message is for the line that names the fact)
        When.read(text)


def test_what_is_told_first_stands_over_the_rest() -> None:
    both = read_toml('source = "S-2"').over(read_toml('source = "S-1"\nnote = "a note"'))
    assert both == Told(source="S-2", note="a note")
