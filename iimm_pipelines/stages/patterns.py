"""What has a form of its own in a text: addresses, telephone numbers, dates, amounts, cards, plates, positions.

Here: finding e-mail and web addresses, telephone numbers and English dates in normal text, with their normal forms, and
which finding stays where two meet.
Not here: what Burmese text tells in a form (iimm_pipelines.burmese.expressions), names, which have none (places,
entities).

Burmese digits are read as ASCII digits, one for one, so that offsets hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from iimm_pipelines.burmese.expressions import expressions
from iimm_pipelines.burmese.numerals import DIGIT_RUN, digits, to_ascii_digits
from iimm_pipelines.burmese.spans import Day, Kind

HOME = "MM"
"""Region of a telephone number without a country code."""


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch of a text with its type, normal form, confidence in millionths, and the rule that found it."""

    start: int
    end: int
    type: str
    normal: str
    confidence: int
    rule: str


_CERTAIN, _LIKELY, _POSSIBLE = 990_000, 900_000, 600_000
_CERTAIN_KINDS = frozenset({Kind.DATE, Kind.NRC})
_ONLY_SURE = frozenset({Kind.TIME, Kind.MONEY})
"""Four figures, hours without a part of the day and cents without dollars are mostly something else."""
_NO_MENTION = frozenset({Kind.NUMBER, Kind.WEEKDAY})
"""They tell nothing that one would look for by itself."""

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9])"
)
_URL = re.compile(r"(?<![A-Za-z0-9])(?:https?://|www\.)[^\s<>\"“”။၊]{3,2000}", re.IGNORECASE)
_URL_END = ".,;:!?)]}'’*"

_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8,
    "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
# Of ASCII letters the two cases only: without that a long s is an s.
_ENGLISH = "(?P<month>(?a:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r"))\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?P<day>\d{1,2})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\d/.-]){_YEAR}([-/.])(?P<month>\d{{1,2}})\2{_DAY}(?![\d/]|[.-]\d)",
        rf"(?<![\d/.-]){_DAY}(?:st|nd|rd|th)?[ ]+(?:of[ ]+)?{_ENGLISH},?[ ]+{_YEAR}",
        rf"\b{_ENGLISH}[ ]+{_DAY}(?:st|nd|rd|th)?,?[ ]+{_YEAR}",
        rf"(?<!\d[ ])(?<!(?:st|nd|rd|th)[ ])\b{_ENGLISH},?[ ]+{_YEAR}",
    )
)
_DAY_OR_MONTH_FIRST = re.compile(r"(?<![\d/.-])(\d{1,2})([-/.])(\d{1,2})\2((?:19|20)\d\d)(?![\d/]|[.-]\d)")


def matches(text: str) -> list[Match]:
    """All matches in a text in normal form, in order, none over another."""
    ascii_text = to_ascii_digits(text)
    taken: list[Match] = []
    for found in (
        *_emails(ascii_text), *_urls(ascii_text), *_expressions(text), *_dates(ascii_text), *_phones(ascii_text),
        *_spoken_phones(text),
    ):  # fmt: skip
        if all(found.end <= t.start or t.end <= found.start for t in taken):
            taken.append(found)
    return sorted(taken, key=lambda m: m.start)


def _emails(text: str) -> Iterator[Match]:
    for match in _EMAIL.finditer(text):
        yield Match(*match.span(), "email", match[0].lower(), _CERTAIN, "pattern e-mail")


def _urls(text: str) -> Iterator[Match]:
    for match in _URL.finditer(text):
        address = match[0].rstrip(_URL_END)
        if address.count("(") > address.count(")") and match[0][len(address) : len(address) + 1] == ")":
            address += ")"
        scheme, _, rest = address.rpartition("://")
        host, slash, path = rest.partition("/")
        normal = f"{(scheme or 'http').lower()}://{host.lower()}{slash}{path}"
        yield Match(match.start(), match.start() + len(address), "url", normal, _CERTAIN, "pattern url")


def _expressions(text: str) -> Iterator[Match]:
    for found in expressions(text):
        if found.kind in _NO_MENTION or (isinstance(found.value, Day) and not _is_told(found.value)):
            continue
        if found.kind in _ONLY_SURE and not found.sure:
            continue
        if found.kind is Kind.DATE and text[found.start : found.end].isascii():
            continue  # read below: elsewhere the month is written first
        confidence = _POSSIBLE if not found.sure else _CERTAIN if found.kind in _CERTAIN_KINDS else _LIKELY
        yield Match(found.start, found.end, str(found.kind), found.normal, confidence, f"expression {found.kind}")


def _is_told(day: Day) -> bool:
    """Whether a date names its year, one in which something could be written down that is evidence now."""
    return day.year is not None and 1000 <= day.year < 2100


def _spoken_phones(text: str) -> Iterator[Match]:
    """Telephone numbers digit by digit in words, as they stand in a transcript."""
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

    for match in _DIGIT_RUN.finditer(text):
        try:
            number = parse(digits(match[0]) or "", HOME)
        except NumberParseException:
            continue
        if is_valid_number(number):
            normal = format_number(number, PhoneNumberFormat.E164)
            yield Match(*match.span(), "phone", normal, _LIKELY, "phonenumbers, digits in words")


_DIGIT_RUN = re.compile(DIGIT_RUN)


_FURTHER = re.compile(r"\s?[,၊/]\s?([0-9]{6,8})(?![0-9])")


def _phones(text: str) -> Iterator[Match]:
    from phonenumbers import Leniency, PhoneNumberFormat, PhoneNumberMatcher, format_number, is_valid_number, parse

    if sum(map(str.isdigit, text)) < 6:
        return
    for match in PhoneNumberMatcher(text, HOME, leniency=Leniency.VALID):
        normal = format_number(match.number, PhoneNumberFormat.E164)
        yield Match(match.start, match.end, "phone", normal, _LIKELY, "phonenumbers")
        end = match.end
        while further := _FURTHER.match(text, end):  # 09-5012345, 5012346: the second begins as the first does
            other = normal[: -len(further[1])] + further[1]
            if not is_valid_number(parse(other)):
                break
            yield Match(*further.span(1), "phone", other, _POSSIBLE, "phonenumbers, begun as the one before")
            end = further.end()


def _dates(text: str) -> Iterator[Match]:
    for form in _FORMS:
        for match in form.finditer(text):
            parts = match.groupdict()
            month = _MONTHS.get(parts["month"].lower()) or int(parts["month"])
            if normal := _iso(int(parts["year"]), month, parts.get("day")):
                yield Match(*match.span(), "date", normal, _CERTAIN, "pattern date")
    for match in _DAY_OR_MONTH_FIRST.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        # 03/05/2021 is in May here and in March elsewhere: no date is better than the wrong one
        readings = {_iso(year, second, first), _iso(year, first, second)} - {None}
        if len(readings) == 1:
            yield Match(*match.span(), "date", str(readings.pop()), _LIKELY, "pattern date")


def _iso(year: int, month: int, day: str | int | None) -> str | None:
    """ISO 8601, to the month where there is no day; nothing where the calendar has no such date."""
    try:
        known = date(year, month, 1 if day is None else int(day))
    except ValueError:
        return None
    return known.isoformat() if day is not None else known.isoformat()[:7]
