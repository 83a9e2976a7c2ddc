"""The cases of google/language-resources: what is written in Burmese, and what it says.

Here: reading the cases of numbers, dates, times, telephone numbers and money, and what our finders make of each.
Not here: the finders (iimm_pipelines.burmese), measuring everything else (burmese).

Files of `classifier` hold text with what it says; those of `verbalizer` hold what is said with the words for it, and are
read here from the words back. Their `dollar` does not tell Singapore's from the United States': it counts as the latter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from iimm_pipelines.burmese.amounts import money
from iimm_pipelines.burmese.dates import MONTHS, dates, times
from iimm_pipelines.burmese.numerals import digits, fraction, number
from iimm_pipelines.burmese.spans import apart

KINDS = ("number", "digits", "fraction", "date", "time", "telephone", "money")


@dataclass(frozen=True, slots=True)
class Case:
    """A text, what kind of thing it tells, what it says by the reference and what we read."""

    kind: str
    text: str
    said: object
    read: object


def cases(folder: Path) -> Iterator[Case]:
    """Every case of these kinds."""
    for kind, name, line_of, parts_of, say, read in _FILES:
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            if match := re.match(line_of, line):
                text, parts = match["text"], parts_of(match["parts"])
                if name.startswith("verbalizer"):  # sounds beside the words: a pause, how a word is said
                    text = " ".join(re.sub("_unit|_standalone|# .*|\\bsil\\b", " ", text).split())
                yield Case(kind, text, say(parts), read(text))


Parts = dict[str, str]


def _named(told: str) -> Parts:
    """`hours: 10 minutes: "23"`, and `era` where there is one."""
    return dict(re.findall(r'(\w+): ?"?([^ "{}]+)', told)[::-1])


def _piped(told: str) -> Parts:
    """`hours:10|minutes:23`; parts of one name are put together."""
    found: Parts = {}
    for name, value in (part.split(":", 1) for part in told.split("|") if ":" in part):
        found[name] = found.get(name, "") + value if name == "number_part" else value
    return found


def _integer(parts: Parts) -> object:
    return Decimal(parts["integer"])


def _decimal(parts: Parts) -> object:
    value = Decimal(f"{parts['integer_part']}.{parts.get('fractional_part', '0')}").scaleb(
        int(parts.get("exponent", 0))
    )
    return -value if parts.get("negative") == "1" else value


def _fraction(parts: Parts) -> object:
    whole, of = int(parts.get("integer_part", 0)), int(parts["denominator"])
    if of == 0:
        return None  # the reference says such a thing; it has no value
    part = Fraction(int(parts["numerator"]), of)
    return whole + part if whole >= 0 else whole - part


def _date(parts: Parts) -> object:
    year = int(parts["year"]) if "year" in parts else None
    if parts.get("era") and year is not None:
        year = 1 - year
    day = re.match(r"\d+", parts.get("day", ""))
    ordered = number(parts["month"].replace("လပိုင်း", "").strip()) if "လပိုင်း" in parts["month"] else None
    return year, MONTHS.get(parts["month"], int(ordered or 0)), int(day[0]) if day else None


def _read_date(text: str) -> object:
    found = apart(dates(text))
    # a found date holds a date, as below a time and an amount: `Found` does not tell them apart by type
    return (found[0].value.year, found[0].value.month, found[0].value.day) if len(found) == 1 else None  # type: ignore[union-attr]


def _time(parts: Parts) -> object:
    """On a clock of twelve hours: the reference does not say what the part of the day makes of the hour."""
    return int(parts["hours"]) % 12, int(parts.get("minutes", 0)), int(parts.get("seconds", 0))


def _read_time(text: str) -> object:
    found = [f.value for f in apart(times(text))]
    return (found[0].hour % 12, found[0].minute, found[0].second) if len(found) == 1 else None  # type: ignore[union-attr]


def _telephone(parts: Parts) -> object:
    plus = "+" if "country_code" in parts else ""
    return plus + parts.get("country_code", "") + parts["number_part"] + parts.get("extension", "")


def _money(parts: Parts) -> object:
    amount = Decimal(f"{parts.get('integer_part', '0')}.{parts.get('fractional_part', '0')}")
    return amount * int(parts.get("quantity", 1)), {"sgd": "usd"}.get(parts["currency"], parts["currency"]).upper()


def _read_money(text: str) -> object:
    found = [f.value for f in money(text)]
    return (found[0].amount, found[0].currency) if len(found) == 1 else None  # type: ignore[union-attr]


def _spoken(markup: str, kind: str) -> str:
    return rf"{markup}\t{kind}\|(?P<parts>[^\t]*)\t(?P<text>.+)"


def _written(markup: str) -> str:
    return rf"{markup}\t(?P<text>[^\t]+?) ?\t(?P<parts>.+)"


_TOKEN = r"TOKENIZE_AND_CLASSIFY\t(?P<text>[^\t]+)\ttokens \{{ {kind}:? ?\{{? ?(?P<parts>[^{{}}]*)\}} ?\}}?$"
_Row = tuple[str, str, str, Callable[[str], Parts], Callable[[Parts], object], Callable[[str], object]]
_FILES: tuple[_Row, ...] = (
    ("number", "verbalizer/cardinal.tsv", _spoken("CARDINAL_MARKUP", "cardinal"), _piped, _integer, number),
    ("number", "verbalizer/decimal.tsv", _spoken("DECIMAL_MARKUP", "decimal"), _piped, _decimal, number),
    ("number", "classifier/tokenize_and_classify.tsv", _TOKEN.format(kind="cardinal"), _named, _integer, number),
    ("number", "classifier/tokenize_and_classify.tsv", _TOKEN.format(kind="decimal"), _named, _decimal, number),
    ("digits", "verbalizer/digit.tsv", _spoken("DIGIT_MARKUP", "digit"), _piped, lambda p: p["digit"], digits),
    ("fraction", "verbalizer/fraction.tsv", _spoken("FRACTION_MARKUP", "fraction"), _piped, _fraction, fraction),
    ("fraction", "classifier/fraction.tsv", _TOKEN.format(kind="fraction"), _named, _fraction, fraction),
    ("date", "verbalizer/date.tsv", _spoken("DATE_MARKUP", "date"), _piped, _date, _read_date),
    ("date", "classifier/date.tsv", _written("DATE_MARKUP"), _named, _date, _read_date),
    ("time", "verbalizer/time.tsv", _spoken("TIME_MARKUP", "time"), _piped, _time, _read_time),
    ("time", "classifier/time.tsv", _written("TIME_MARKUP"), _named, _time, _read_time),
    ("telephone", "verbalizer/telephone.tsv", _spoken("PHONE_NUMBER_MARKUP", "telephone"), _piped, _telephone, digits),
    ("money", "verbalizer/money.tsv", _spoken("MONEY_MARKUP", "money"), _piped, _money, _read_money),
    ("money", "classifier/money.tsv", _written("MONEY_MARKUP"), _named, _money, _read_money),
)
