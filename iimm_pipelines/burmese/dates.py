"""Dates, weekdays and times of day as they are written in Burmese.

Here: the Gregorian months in Burmese script, the Burmese calendar's dates and what day they were, weekdays, clock times.
Not here: the calendar itself (calendar), dates in English words (iimm_pipelines.stages.patterns).

Where the order of the parts is free it follows google/language-resources (Burmese text normalisation): year, month and
day in either direction, with the words for them or without, years in figures or in words. Days in figures only are read
day first, as people in Myanmar write them. A month alone, without day or year, is no date.
"""

import re
from collections.abc import Iterator
from datetime import date, time

from iimm_pipelines.burmese.calendar import BurmeseDate, Month, NoSuchDay, is_watat, month_length, to_gregorian
from iimm_pipelines.burmese.numerals import SMALL_WORDS, WORDS, number, to_ascii_digits
from iimm_pipelines.burmese.spans import Day, Found, Kind

MONTHS = {
    "ဇန်နဝါရီ": 1, "ဇန္နဝါရီ": 1, "ဇန်ဝါရီ": 1, "ဇနဝါရီ": 1, "ဖေဖော်ဝါရီ": 2, "ဖေဖေါ်ဝါရီ": 2, "ဖေဝါရီ": 2,
    "မတ်": 3, "မတ်ခ်ျ": 3, "ဧပြီ": 4, "ဧပရယ်": 4, "ဧပရီ": 4, "မေ": 5, "ဇွန်": 6, "ဂျွန်": 6, "ဇူလိုင်": 7, "ဇူလှိုင်": 7, "ဂျူလိုင်": 7, "ဩဂုတ်": 8, "ဩဂတ်": 8, "စက်တင်ဘာ": 9, "အောက်တိုဘာ": 10, "နိုဝင်ဘာ": 11, "နိုဗင်ဘာ": 11, "ဒီဇင်ဘာ": 12, "ဒီဇဘာ": 12,
}  # fmt: skip
"""The Gregorian months in Burmese script, by their usual spellings."""

LUNAR_MONTHS = {
    "တန်ခူး": Month.TAGU, "ကဆုန်": Month.KASON, "ကုဆုန်": Month.KASON, "နယုန်": Month.NAYON, "ဝါဆို": Month.WASO,
    "ပထမဝါဆို": Month.FIRST_WASO, "ပဝါဆို": Month.FIRST_WASO, "ဒုတိယဝါဆို": Month.WASO, "ဒုဝါဆို": Month.WASO,
    "ဝါခေါင်": Month.WAGAUNG, "တော်သလင်း": Month.TAWTHALIN, "သီတင်းကျွတ်": Month.THADINGYUT, "တန်ဆောင်မုန်း": Month.TAZAUNGMON,
    "တန်ဆောင်မုန်": Month.TAZAUNGMON, "နတ်တော်": Month.NADAW, "ပြာသို": Month.PYATHO, "တပို့တွဲ": Month.TABODWE, "တပေါင်း": Month.TABAUNG,
    "နှောင်းတန်ခူး": Month.LATE_TAGU, "နှောင်းကဆုန်": Month.LATE_KASON,
}  # fmt: skip
"""The months of the Burmese calendar."""

WEEKDAYS = {
    "တနင်္လာ": 1, "တနင်းလာ": 1, "အင်္ဂါ": 2, "အင်ဂါ": 2, "ဗုဒ္ဓဟူး": 3, "ဗုဒ္ဒဟူး": 3, "ကြာသပတေး": 4, "ကြာသာပတေး": 4, "သောကြာ": 5,
    "စနေ": 6, "တနင်္ဂနွေ": 7, "တနင်းဂနွေ": 7, "တနင်ဂနွေ": 7,
}  # fmt: skip
"""Days of the week by their number in ISO 8601, Monday first."""

_WEEKDAY_NAMES = ("", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _any_of(words: dict[str, int] | dict[str, Month]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


_S = r"\s{0,2}"
_GAP = r"\s{0,2}[၊,]?\s{0,2}"
# Before Christ too, which google/language-resources has.
_BC = r"ဘီ\s?စီ"
_YEAR = (
    rf"(?:(?P<bc>{_BC})\s?)?"
    r"(?:(?<!\d)\(?(?<![\d.,/-])(?P<year>1[6-9]\d\d|[2-9]\d\d\d)\)?(?!\d|[.,/-]\d)"
    rf"|(?P<spelled>{WORDS})(?=\s?(?:ပြည့်\s?)?ခုနှစ်))"
)
_YEAR_WORD = rf"(?:{_S}(?:ပြည့်နှစ်|ခုနှစ်|ပြည့်|ခု|နှစ်))?"
_MONTH = rf"(?P<month>{_any_of(MONTHS)})(?![\u102b-\u103e])(?:{_S}လ(?![\u102b-\u103e]))?"
_MONTH_ORDER = rf"(?:(?P<order>\d{{1,2}}|{SMALL_WORDS}){_S}လပိုင်း(?:\s?လ(?![\u102b-\u103e]))?)"
_DAY = rf"\(?{_S}(?<!\d)(?P<day>\d{{1,2}}|{SMALL_WORDS}){_S}\)?{_S}ရက်(?:\s?နေ့)?"
_BARE_DAY = r"(?<![\d.,/-])(?P<day>\d{1,2})(?!\d|[.,/-]\d)"
_ANY_MONTH = f"(?:{_MONTH}|{_MONTH_ORDER})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_YEAR}{_YEAR_WORD}{_GAP}{_ANY_MONTH}{_GAP}{_DAY}",
        rf"{_ANY_MONTH}{_GAP}{_DAY}(?:{_GAP}{_YEAR}{_YEAR_WORD})?",
        rf"{_DAY}{_GAP}{_ANY_MONTH}(?:{_GAP}{_YEAR}{_YEAR_WORD})?",
        rf"{_BARE_DAY}{_S}{_MONTH}(?:{_GAP}{_YEAR}{_YEAR_WORD})?",
        rf"(?P<day>{SMALL_WORDS})\s(?P<month>{_any_of(MONTHS)}){_S}လ(?![\u102b-\u103e])(?:{_GAP}{_YEAR}{_YEAR_WORD})?",
        rf"{_YEAR}{_YEAR_WORD}{_GAP}(?P<month>{_any_of(MONTHS)}){_S}{_BARE_DAY}(?=\s*(?:$|[၊။,)\n]))",
        rf"(?P<month>{_any_of(MONTHS)})(?![\u102b-\u103e]){_S}{_BARE_DAY}\s?[၊,]\s?{_YEAR}{_YEAR_WORD}",
        rf"{_YEAR}{_YEAR_WORD}{_GAP}{_ANY_MONTH}",
        rf"{_MONTH}{_GAP}{_YEAR}{_YEAR_WORD}",
    )
)
_HAS_MONTH = re.compile(_any_of(MONTHS) + "|လပိုင်း")
_BC_AHEAD = re.compile(rf"\s?{_BC}")


def dates(text: str) -> Iterator[Found]:
    """Gregorian dates with a month in Burmese words, or in figures; the longest reading of each first.

    Figures that could be read month first, with a year of another era or of two figures, are not sure. A Burmese word
    for day behind them says that the day is first.
    """
    ascii_text = to_ascii_digits(text)
    if _HAS_MONTH.search(text):
        for form in _FORMS:
            for match in form.finditer(ascii_text):
                if (found := _gregorian(match)) and not _BC_AHEAD.match(ascii_text, match.end()):
                    yield found
    for match in _FIGURES.finditer(ascii_text) if _HAS_FIGURES.search(ascii_text) else ():
        day, month, year = map(int, match.group(1, 3, 4))
        if short := len(match[4]) == 2:
            year += 2000 if year < _THIS_CENTURY else 1900
        if _exists(year, month, day):
            value = Day(year, month, day)
            sure = (day > 12 or day == month or any(match.group(5, 6))) and year < _NOT_OURS and not short
            yield Found(*match.span(), Kind.DATE, value.iso, value, sure)


# From 1000 to 1899 a year in figures is mostly one of the Burmese era.
_FIGURES = re.compile(
    r"(?<![\d/.-])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(?:(19\d\d|[2-9]\d{3}|\d\d(?=\)?\s?ရက်))(?!\d|[/.-]\d))(?:\s?(ရက်(?:\s?နေ့)?)|(?=\)\s?(ရက်)))?"
)
_HAS_FIGURES = re.compile(r"\d\s?[-/.]\s?\d{1,2}\s?[-/.]\s?\d")
_NOT_OURS = 2100
_THIS_CENTURY = 50


def _gregorian(match: re.Match[str]) -> Found | None:
    parts = match.groupdict()
    written = parts.get("order")
    order = number(written) if written else None
    month = MONTHS[parts["month"]] if parts["month"] else int(order or 0)
    told = parts.get("year") or parts.get("spelled")
    year = int(number(told) or 0) if told else None
    day = number(parts["day"]) if parts.get("day") else None
    if not _exists(_A_LEAP_YEAR if year is None or parts["bc"] else year, month, 1 if day is None else int(day)):
        return None
    if year is not None and parts["bc"]:
        year = 1 - year
    value = Day(year, month, None if day is None else int(day))
    return Found(*match.span(), Kind.DATE, value.iso, value)


_A_LEAP_YEAR = 2000


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except (ValueError, OverflowError):
        return False
    return True


_LUNAR = rf"(?P<month>{_any_of(LUNAR_MONTHS)})(?![\u102b-\u103e])"
# Waxing to the 15th, the full moon, the days after it, which are also called waning, and the dark moon at the end.
_PHASE = (
    rf"(?:{_S}(?:လ{_S})?(?:(?P<waning>ပြည့်{_S}ကျော်|ဆုတ်)|(?P<waxing>ဆန်း)){_S}\(?{_S}(?P<day>\d{{1,2}}|{SMALL_WORDS}){_S}\)?(?!\d)(?:{_S}ရက်(?:\s?နေ့)?)?"
    rf"|{_S}(?:လ{_S})?(?P<full>ပြည့်)(?!{_S}ကျော်)(?:\s?နေ့)?"
    rf"|{_S}(?:လ{_S})?(?P<dark>ကွယ်)(?:\s?နေ့)?)"
)
_ERA_WORD = rf"(?:(?:မြန်မာ|ကောဇာ)?\s?(?:သက္ကရာဇ်|သက္ကရာဇ|နှစ်){_S})?"
_ERA_YEAR = rf"{_ERA_WORD}\(?(?<![\d.,/-])(?P<year>1[12345]\d\d)\)?(?!\d|[.,/-]\d){_YEAR_WORD}"
_LUNAR_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_ERA_YEAR}{_GAP}{_LUNAR}{_PHASE}",
        rf"{_LUNAR}{_PHASE}{_GAP}{_ERA_YEAR}",
    )
)
_HAS_LUNAR = re.compile(_any_of(LUNAR_MONTHS))


def lunar_dates(text: str) -> Iterator[Found]:
    """Dates of the Burmese calendar that name their year, as the Gregorian date of that day.

    Waso without "first" or "second" in a year that has two is the second, in which Lent begins: not sure.
    """
    if not _HAS_LUNAR.search(text):
        return
    for form in _LUNAR_FORMS:
        for match in form.finditer(to_ascii_digits(text)):
            burmese = _burmese_date(match)
            try:
                day = to_gregorian(burmese) if burmese else None
            except NoSuchDay:
                continue
            if burmese and day:
                sure = match["month"] != "ဝါဆို" or not is_watat(burmese.year)
                value = Day(day.year, day.month, day.day)
                yield Found(*match.span(), Kind.DATE, value.iso, value, sure)


def _burmese_date(match: re.Match[str]) -> BurmeseDate | None:
    year, month = int(match["year"]), LUNAR_MONTHS[match["month"]]
    if match["full"]:
        return BurmeseDate(year, month, 15)
    if match["dark"]:
        try:
            return BurmeseDate(year, month, month_length(year, month))
        except NoSuchDay:
            return None
    day = int(number(match["day"]) or 0)
    if not 1 <= day <= 15:
        return None
    return BurmeseDate(year, month, day + (15 if match["waning"] else 0))


_WEEKDAY = re.compile(rf"(?P<day>{_any_of(WEEKDAYS)})\s?နေ့(?![\u102b-\u103e])")


def weekdays(text: str) -> Iterator[Found]:
    """Days of the week, with the word for day: some of their names mean other things without."""
    for match in _WEEKDAY.finditer(text):
        place = WEEKDAYS[match["day"]]
        yield Found(*match.span(), Kind.WEEKDAY, _WEEKDAY_NAMES[place], place)


_MORNING, _NOON, _EVENING, _NIGHT, _MIDNIGHT = "morning", "noon", "evening", "night", "midnight"
_PARTS = {
    "မနက်": _MORNING, "နံနက်": _MORNING, "မနက်ခင်း": _MORNING, "နံနက်ခင်း": _MORNING, "မနက်စောစော": _MORNING, "နံနက်စောစော": _MORNING,
    "မိုးလင်း": _MORNING, "နံနက်ပိုင်း": _MORNING, "မနက်ပိုင်း": _MORNING, "နေ့လယ်": _NOON, "နေ့လည်": _NOON, "နေ့ခင်း": _NOON, "မွန်းလွဲ": _NOON,
    "မွန်းတည့်": _NOON, "နေ့လယ်ပိုင်း": _NOON, "ညနေ": _EVENING, "ညနေခင်း": _EVENING, "ညနေပိုင်း": _EVENING, "ညနေစောင်း": _EVENING, "ည": _NIGHT, "ညပိုင်း": _NIGHT,
    "ညဦး": _NIGHT, "ညဦးပိုင်း": _NIGHT, "သန်းခေါင်": _MIDNIGHT, "ညသန်းခေါင်": _MIDNIGHT, "သန်းခေါင်ယံ": _MIDNIGHT,
}  # fmt: skip
_PART = "(?P<part>" + "|".join(sorted(_PARTS, key=len, reverse=True)) + r")(?![\u102b-\u103e])"
_HOUR = rf"\(?(?<![\d.,:/-])(?P<hour>\d{{1,2}}|{SMALL_WORDS})"
_CLOCK = r"(?P<hour>[01]?\d|2[0-4])\s?[:း]\s?(?P<minute>[0-5]\d)(?:\s?[:း]\s?(?P<second>[0-5]\d))?"
_TIMES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        # evening (about) 3 hours and a half, or 20 minutes
        rf"{_PART}\s?(?:အချိန်)?{_S}{_HOUR}\)?{_S}နာရီ(?:{_S}(?P<half>ခွဲ)|{_S}(?P<minute>\d{{1,2}}|{SMALL_WORDS}){_S}မိနစ်)?",
        # figures with a colon, a point or a visarga between, before or after the part of the day
        rf"{_PART}\s?(?:အချိန်)?{_S}\(?(?<![\d.,:/-]){_CLOCK}\)?(?!\d|[.,:/-]\d)(?:{_S}နာရီ)?",
        rf"{_PART}\s?(?:အချိန်)?{_S}\(?(?<![\d.,:/-])(?P<hour>[01]?\d|2[0-4])\s?[.]\s?(?P<minute>[0-5]\d)\)?(?!\d|[.,:/-]\d)(?:{_S}နာရီ)?",
        rf"(?<![\d.,:/း-])\(?{_CLOCK}\)?(?!\d|[.,:/-]\d)(?:{_S}နာရီ|\s?(?P<half_day>[ap])\.?m\b\.?)?",
        rf"{_HOUR}\)?{_S}နာရီ(?:{_S}(?P<half>ခွဲ)|{_S}(?P<minute>\d{{1,2}}|{SMALL_WORDS}){_S}မိနစ်)?"
        rf"(?:{_S}(?P<second>\d{{1,2}}|{SMALL_WORDS}){_S}စက္ကန့်)?",
        r"(?<![\d.,:/-])(?P<hour>\d{1,2})(?:[.](?P<minute>[0-5]\d))?\s?(?P<half_day>[ap])\.?m\b\.?",
        # the army's four figures
        r"(?<![\d.,:/-])(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)\s?(?:နာရီ|အချိန်|hrs?\b|hours\b)",
        rf"{_PART}{_S}{_HOUR}(?!\d|[.,:/-]\d)\)?(?={_S}(?:$|[၊။,(\n]|တွင်|မှာ|က\b))",
    )
)
_HAS_TIME = re.compile(
    r"နာရီ|[0-9၀-၉]\s?[:း]\s?[0-9၀-၉]|[0-9]\s?[ap]\.?m|hrs?\b|hours\b|အချိန်|" + "|".join(_PARTS), re.IGNORECASE
)
_LASTS = re.compile(r"\s?(?:ကြာ|အကြာ|အတွင်း|တိုင်|တာ|စာ)")


def times(text: str) -> Iterator[Found]:
    """Times of day. Up to noon and without the part of the day they are not sure; what lasts so long is none."""
    if not _HAS_TIME.search(text):
        return
    ascii_text = to_ascii_digits(text)
    for form in _TIMES:
        for match in form.finditer(ascii_text):
            if not _LASTS.match(ascii_text, match.end()) and (found := _time(match)):
                yield found


def _time(match: re.Match[str]) -> Found | None:
    parts = match.groupdict()
    hour = int(number(parts["hour"]) or 0)
    minute = 30 if parts.get("half") else int(number(parts.get("minute") or "") or 0)
    second = int(number(parts.get("second") or "") or 0)
    part = _PARTS.get(parts.get("part") or "")
    if half_day := (parts.get("half_day") or "").lower():
        hour = hour % 12 + (12 if half_day == "p" else 0) if hour <= 12 else hour
    elif part is not None:
        hour = _hour_of(part, hour)
    if hour == 24 and minute == second == 0:
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    value = time(hour, minute, second)
    sure = (
        bool(part or half_day)
        or hour > 12
        or hour == 0
        or match[0].lower().rstrip(".").endswith(("hrs", "hr", "hours"))
    )
    return Found(*match.span(), Kind.TIME, value.isoformat("seconds" if second else "minutes"), value, sure)


def _hour_of(part: str, hour: int) -> int:
    """The hour of 24. Night reaches from five in the evening to four in the morning."""
    if hour > 12:
        return hour
    if part == _MIDNIGHT or (part == _NIGHT and (hour == 12 or hour < 5)):
        return hour % 12
    if part in (_NIGHT, _EVENING) or (part == _NOON and hour < 10):
        return hour % 12 + 12
    return hour
