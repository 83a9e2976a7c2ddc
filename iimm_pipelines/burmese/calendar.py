"""The Burmese calendar: days of its lunar months, there and back to the Gregorian calendar.

Here: leap (watat) years, months and their lengths, new year, and the conversion of a date in both directions.
Not here: how a date is written in Burmese (iimm_pipelines.burmese.dates).

The rules are those that Yan Naing Aye worked out ("Algorithm, Program and Calculation of Myanmar Calendar", cool-emerald
.blogspot.com, 2013, and the program mmcal, MIT licence): constants of the Thandeikta system, the eras of the calendar
with the ways in which each finds its watat years, and the tables of years that were kept otherwise than computed.

A year is solar: it begins in the middle of April, on the day after Thingyan. Its months are lunar: twelve of 29 and 30
days, a second Waso of 30 days in a watat year, and in a big watat year one more day in Nayon. So the last days of the
lunar year may lie beyond the new year: they are "late" Tagu, and Kason, of the year that ends.
"""

import math
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from functools import lru_cache


class Month(IntEnum):
    """A month by its place in a year, from Tagu to late Kason; the order is that of time but for the first Waso."""

    FIRST_WASO = 0
    TAGU = 1
    KASON = 2
    NAYON = 3
    WASO = 4
    WAGAUNG = 5
    TAWTHALIN = 6
    THADINGYUT = 7
    TAZAUNGMON = 8
    NADAW = 9
    PYATHO = 10
    TABODWE = 11
    TABAUNG = 12
    LATE_TAGU = 13
    LATE_KASON = 14


@dataclass(frozen=True, slots=True)
class BurmeseDate:
    """A day of the Burmese era; `day` counts from the first waxing day, 15 is the full moon."""

    year: int
    month: Month
    day: int

    def __str__(self) -> str:
        return f"ME {self.year} {self.month.name.replace('_', ' ').title()} {self.day}"


class NoSuchDay(ValueError):
    """The calendar has no such day."""


FIRST_YEAR, LAST_YEAR = 2, 9000
"""Years that can be converted; Python's own calendar ends in AD 9999."""

_SOLAR_YEAR = 1577917828 / 4320000  # days
_LUNAR_MONTH = 1577917828 / 53433336
_YEAR_ZERO = 1954168.050623  # Julian day on which year 0 began, in Myanmar time
_JULIAN_DAY_OF_ORDINAL_0 = 1721425  # `date.toordinal` counts from 1 January of the year 1
_COMMON_YEAR = 354
_FULL_MOON = 15
_SECOND_WASO_FULL_MOON = 102  # days from the first of Tagu to the full moon of Waso in a common year


@dataclass(frozen=True, slots=True)
class _Era:
    """A stretch of years that one rule held for; `months` is that for the excess days, None where it is a cycle."""

    first: int
    offset: float
    months: int | None
    full_moon_moved: dict[int, int]
    watat_changed: frozenset[int] = frozenset()


_ERAS = (
    _Era(1312, -0.5, 8, {1377: 1}, frozenset({1344, 1345})),
    _Era(1217, -1, 4, {1234: 1, 1261: -1}, frozenset({1263, 1264})),
    _Era(1100, -0.85, None, {1120: 1, 1126: -1, 1150: 1, 1172: -1, 1207: 1}, frozenset({1201, 1202})),
    _Era(
        798,
        -1.1,
        None,
        dict.fromkeys((813, 849, 851, 854, 927, 933, 936, 938, 949, 952, 963, 968, 1039), -1),
    ),
    _Era(
        -10,
        -1.1,
        None,
        {205: 1, 246: 1, 471: 1, 572: -1, 651: 1, 653: 2, 656: 1, 672: 1, 729: 1, 767: -1},
    ),
)


@lru_cache(maxsize=1024)
def _watat(year: int) -> tuple[bool, int]:
    """Whether a year has a second Waso, and the Julian day of that month's full moon (of no meaning if it has none)."""
    era = next(era for era in _ERAS if year >= era.first)
    offset = era.offset + era.full_moon_moved.get(year, 0)
    growth = _SOLAR_YEAR / 12 - _LUNAR_MONTH  # by how much a solar month is longer
    excess = math.fmod(_SOLAR_YEAR * (year + 3739), _LUNAR_MONTH)
    if excess < growth * (12 - (-1 if era.months is None else era.months)):
        excess += _LUNAR_MONTH
    full_moon = math.floor(_SOLAR_YEAR * year + _YEAR_ZERO - excess + 4.5 * _LUNAR_MONTH + offset + 0.5)
    by_cycle = (year * 7 + 2) % 19 >= 12  # of 19 years
    is_watat = by_cycle if era.months is None else excess >= _LUNAR_MONTH - growth * era.months
    return is_watat != (year in era.watat_changed), full_moon


@dataclass(frozen=True, slots=True)
class _Year:
    """A year: the Julian day of its first of Tagu, and the lengths of its months in the order of time."""

    first_of_tagu: int
    lengths: tuple[tuple[Month, int], ...]


@lru_cache(maxsize=1024)
def _year(year: int) -> _Year:
    is_watat, full_moon = _watat(year)
    back = next((back for back in (1, 2) if _watat(year - back)[0]), 3)
    earlier_full_moon = _watat(year - back)[1]
    first_of_tagu = earlier_full_moon + _COMMON_YEAR * back - _SECOND_WASO_FULL_MOON
    # A watat year is 30 or 31 days longer than a common one, as its full moon of Waso demands.
    is_big = is_watat and (full_moon - earlier_full_moon) % _COMMON_YEAR == 31
    lengths = [(Month(place), 30 - place % 2) for place in range(1, 13)]
    if is_big:
        lengths[2] = (Month.NAYON, 30)
    if is_watat:
        lengths.insert(3, (Month.FIRST_WASO, 30))
    lengths += [(Month.LATE_TAGU, 29), (Month.LATE_KASON, 30)]
    return _Year(first_of_tagu, tuple(lengths))


def new_year(year: int) -> date:
    """The first day of a year, the day after Thingyan."""
    return date.fromordinal(_new_year(year) - _JULIAN_DAY_OF_ORDINAL_0)


def _new_year(year: int) -> int:
    return math.floor(_SOLAR_YEAR * year + _YEAR_ZERO + 0.5) + 1


def is_watat(year: int) -> bool:
    """Whether a year has two months of Waso."""
    return _watat(year)[0]


def month_length(year: int, month: Month) -> int:
    """Days of a month.

    Raises:
        NoSuchDay: a first Waso in a year that has but one; a year outside of what can be converted.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoSuchDay(f"years {FIRST_YEAR} to {LAST_YEAR} can be converted")
    for found, length in _year(year).lengths:
        if found is month:
            return length
    raise NoSuchDay("a year without watat has one Waso only")


def to_gregorian(day: BurmeseDate) -> date:
    """The Gregorian date, of a day that began at midnight.

    Tagu that would lie before its year's new year is late Tagu: people seldom write "late".

    Raises:
        NoSuchDay: the month has fewer days, or the year no such month.
    """
    if not 1 <= day.day <= month_length(day.year, day.month):
        raise NoSuchDay("the month has fewer days")
    year = _year(day.year)
    julian = year.first_of_tagu + day.day - 1
    for month, length in year.lengths:
        if month is day.month:
            break
        julian += length
    if day.month is Month.TAGU and julian < _new_year(day.year):
        julian += sum(length for month, length in year.lengths if month <= Month.TABAUNG)
    return date.fromordinal(julian - _JULIAN_DAY_OF_ORDINAL_0)


def from_gregorian(day: date) -> BurmeseDate:
    """The Burmese date of a day.

    Raises:
        NoSuchDay: before the second year of the Burmese era.
    """
    julian = day.toordinal() + _JULIAN_DAY_OF_ORDINAL_0
    year = math.floor((julian - 0.5 - _YEAR_ZERO) / _SOLAR_YEAR)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise NoSuchDay(f"years {FIRST_YEAR} to {LAST_YEAR} can be converted")
    left = julian - _year(year).first_of_tagu
    for month, length in _year(year).lengths:
        if left < length:
            return BurmeseDate(year, month, left + 1)
        left -= length
    raise NoSuchDay("no month reaches this far beyond the new year")
