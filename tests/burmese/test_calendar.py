"""The Burmese calendar against announced holidays and dates of history."""

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.burmese.calendar import (
    BurmeseDate,
    Month,
    NoSuchDay,
    from_gregorian,
    is_watat,
    month_length,
    new_year,
    to_gregorian,
)

DAYS = list(csv.DictReader((Path(__file__).parent / "calendar_days.tsv").read_text().splitlines(), delimiter="\t"))
"""Days that both calendars tell, with who says so: public holidays of Myanmar as ministries announced them and guides list
them (full moons; National Day, ten days after that of Tazaungmon; Karen New Year, the first of Pyatho), and three days of
history. Those of 2020, 2022, 2024 and 2025, and Karen New Year, are the ones that the tests of the Python package holidays
(MIT) expect, which names as its sources the list of the e-visa office and that of Myanmar's embassy in Singapore."""


def test_there_are_fifty_days_and_more() -> None:
    assert len({row["gregorian"] for row in DAYS}) == len(DAYS) >= 50


@pytest.mark.parametrize("row", DAYS, ids=lambda row: row["gregorian"])
def test_known_days_in_both_directions(row: dict[str, str]) -> None:
    burmese = BurmeseDate(int(row["year"]), Month[row["month"]], int(row["day"]))
    assert to_gregorian(burmese).isoformat() == row["gregorian"]
    assert from_gregorian(date.fromisoformat(row["gregorian"])) == burmese


@pytest.mark.parametrize(
    ("year", "day"), [(1375, "2013-04-17"), (1379, "2017-04-17"), (1383, "2021-04-17"), (1385, "2023-04-17")]
)
def test_the_year_begins_after_thingyan(year: int, day: str) -> None:
    assert new_year(year).isoformat() == day
    assert from_gregorian(new_year(year)).year == year


def test_watat_years_have_two_months_of_waso() -> None:
    assert [year for year in range(1370, 1387) if is_watat(year)] == [1372, 1374, 1377, 1380, 1382, 1385]
    with pytest.raises(NoSuchDay):
        month_length(1384, Month.FIRST_WASO)


@pytest.mark.parametrize(
    "day", [BurmeseDate(1383, Month.TAGU, 30), BurmeseDate(1383, Month.KASON, 0), BurmeseDate(1, Month.KASON, 1)]
)
def test_days_that_are_in_no_calendar_are_refused(day: BurmeseDate) -> None:
    with pytest.raises(NoSuchDay):
        to_gregorian(day)


@given(st.dates(date(700, 1, 1), date(2500, 1, 1)))
def test_every_day_comes_back(day: date) -> None:
    assert to_gregorian(from_gregorian(day)) == day


def test_days_follow_each_other_without_gap() -> None:
    first = date(1850, 1, 1).toordinal()
    days = [from_gregorian(date.fromordinal(o)) for o in range(first, first + 75_000)]
    assert all(
        b.day == a.day + 1 or b.day == 1 and a.day >= 29 or b.year > a.year
        for a, b in zip(days, days[1:], strict=False)
    )


def test_tagu_before_the_new_year_is_late_tagu() -> None:
    assert to_gregorian(BurmeseDate(1384, Month.TAGU, 3)) == to_gregorian(BurmeseDate(1384, Month.LATE_TAGU, 3))
    assert from_gregorian(to_gregorian(BurmeseDate(1384, Month.TAGU, 3))).month is Month.LATE_TAGU
