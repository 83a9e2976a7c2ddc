"""The Burmese calendar against announced holidays and dates of history."""

from datetime import date

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

FULL_MOON, WANING = 15, 15

# Public holidays as the government of Myanmar announced them: 2013 (gazetted days), 2015 (Ministry of Foreign Affairs),
# 2021 (Ministry of Labour, Immigration and Population), and as guides list them for 2017 to 2023.
HOLIDAYS = [
    ("2013-03-26", 1374, Month.TABAUNG, FULL_MOON),
    ("2013-07-22", 1375, Month.WASO, FULL_MOON),
    ("2015-03-04", 1376, Month.TABAUNG, FULL_MOON),
    ("2015-05-02", 1377, Month.KASON, FULL_MOON),
    ("2015-07-31", 1377, Month.WASO, FULL_MOON),
    ("2015-10-28", 1377, Month.THADINGYUT, FULL_MOON),
    ("2015-11-26", 1377, Month.TAZAUNGMON, FULL_MOON),
    ("2015-12-06", 1377, Month.TAZAUNGMON, WANING + 10),
    ("2017-05-10", 1379, Month.KASON, FULL_MOON),
    ("2017-07-08", 1379, Month.WASO, FULL_MOON),
    ("2017-10-05", 1379, Month.THADINGYUT, FULL_MOON),
    ("2017-11-03", 1379, Month.TAZAUNGMON, FULL_MOON),
    ("2017-11-13", 1379, Month.TAZAUNGMON, WANING + 10),
    ("2018-03-01", 1379, Month.TABAUNG, FULL_MOON),
    ("2019-05-18", 1381, Month.KASON, FULL_MOON),
    ("2019-07-16", 1381, Month.WASO, FULL_MOON),
    ("2019-10-13", 1381, Month.THADINGYUT, FULL_MOON),
    ("2019-11-11", 1381, Month.TAZAUNGMON, FULL_MOON),
    ("2019-11-21", 1381, Month.TAZAUNGMON, WANING + 10),
    ("2020-03-08", 1381, Month.TABAUNG, FULL_MOON),
    ("2020-05-06", 1382, Month.KASON, FULL_MOON),
    ("2021-05-25", 1383, Month.KASON, FULL_MOON),
    ("2021-07-23", 1383, Month.WASO, FULL_MOON),
    ("2021-10-20", 1383, Month.THADINGYUT, FULL_MOON),
    ("2021-11-18", 1383, Month.TAZAUNGMON, FULL_MOON),
    ("2023-03-05", 1384, Month.TABAUNG, FULL_MOON),
    ("2023-05-03", 1385, Month.KASON, FULL_MOON),
    ("2023-08-01", 1385, Month.WASO, FULL_MOON),
    ("2023-10-29", 1385, Month.THADINGYUT, FULL_MOON),
    ("2023-11-27", 1385, Month.TAZAUNGMON, FULL_MOON),
    ("2023-12-07", 1385, Month.TAZAUNGMON, WANING + 10),
]
# Days that both calendars tell in history books.
HISTORY = [
    ("1948-01-04", 1309, Month.PYATHO, WANING + 9),  # independence
    ("1920-12-05", 1282, Month.TAZAUNGMON, WANING + 10),  # the students' strike, since then National Day
    ("1885-11-29", 1247, Month.TAZAUNGMON, WANING + 8),  # King Thibaw is taken away
]


@pytest.mark.parametrize(("gregorian", "year", "month", "day"), HOLIDAYS + HISTORY)
def test_known_days_in_both_directions(gregorian: str, year: int, month: Month, day: int) -> None:
    burmese = BurmeseDate(year, month, day)
    assert to_gregorian(burmese).isoformat() == gregorian
    assert from_gregorian(date.fromisoformat(gregorian)) == burmese


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
