"""Units of armies and police: light infantry battalion 345 in any of its forms, as one identifier.

Here: the words for a kind of unit, its number before or after, lists and ranges of numbers, regional commands.
Not here: who belonged to a unit (roles), parties and armed groups (organisations).

An identifier is the abbreviation in English use, a hyphen and the number: LIB-345, LID-33, MOC-7, BGF-1015. What has no
number has its name: RMC-NORTHWESTERN, ROC-KALAY. A brigade or battalion says whose it is where the text does: KNLA-BDE-5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from iimm_pipelines.burmese.numerals import to_ascii_digits
from iimm_pipelines.burmese.romanisation import romanised
from iimm_pipelines.burmese.tables import MARKS, Entry, Forms, entries


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in a text: its span, identifier, name in both languages, and the rule that found it."""

    start: int
    end: int
    id: str
    name: str
    rule: str


FORMS = Forms(entries("units"), any_case=True)
"""Those of the package's table."""
_GENERAL = {"BDE", "BN", "COY", "COLUMN"}
"""They say little alone, so that their number must stand right beside them."""
_BESIDE_PLACE = "ROC"
_BY_NAME = ("regional", "named")
"""What they are begins so: they need no number."""
_LARGEST_RANGE = 20

_NUMBER = r"[0-9]{1,4}(?![0-9]|[.,][0-9])"
_MARKED = r"(?:[Nn]o\.?[ ]?|[Nn]umber[ ]|#[ ]?|အမှတ်(?:စဉ်)?\s?)"
_JOIN = r"(?:\s?[,၊/&+]\s?(?:and[ ]|or[ ]|နှင့်\s?|နဲ့\s?)?|\s?(?:and|or|နှင့်|နှင်|နဲ့)\s?|\s?\)\s?(?:[,၊/&]|and|နှင့်|နဲ့)?\s?\(\s?)"
_RANGE = r"(?:\s?[-\u2010-\u2015]\s?|\s?မှ\s?|[ ]to[ ])"
_LIST = rf"{_NUMBER}(?:(?:{_JOIN}{_MARKED}?|{_RANGE}){_NUMBER})*"
# Between word and number: a space, a hyphen, brackets, the short form in brackets.
_AFTER = re.compile(
    rf"\s?(?:\((?P<short>[^()0-9]{{1,30}})\)\s?)?[-\u2010-\u2015:]?\s?{_MARKED}?\(?\s?{_MARKED}?(?P<numbers>{_LIST})\s?\)?"
)
_BEFORE = re.compile(rf"(?:{_MARKED})?\(?\s?(?<![0-9])(?P<numbers>{_LIST})(?:st|nd|rd|th)?\s?\)?[ -]?\s?$")
_FIGURES = re.compile(f"(?P<range>{_RANGE})?(?P<number>[0-9]{{1,4}})")
_LONGEST_BEFORE = 40
# A number that counts or dates is none of a unit: "3 battalions", "battalions in 2021".
_COUNTED = re.compile(r"[ ]?(?:ခု|ရင်း|ဦး|ယောက်|နှစ်|ရက်|နာရီ|မိုင်|people|soldiers|troops|men\b|km|miles)")
_OWNER_BEFORE = re.compile(
    r"(?P<owner>KNLA|KNU|KIA|KIO|AA|TNLA|MNDAA|PDF|KNDF|UWSA|DKBA|CNA|SSPP|RCSS|BPLA|ကေအန်အယ်လ်အေ|ကေအန်ယူ|ကေအိုင်အေ|ပီဒီအက်ဖ်|တီအန်အယ်လ်အေ)(?:['\u2019]s)?[ ,၊-]{0,2}(?:တပ်\s?)?$"
)  # noqa: E501
_OWNER_AFTER = re.compile(
    r"[ ]?(?:of|,|\()[ ]?(?:the[ ])?(?P<owner>KNLA|KNU|KIA|KIO|AA|TNLA|MNDAA|PDF|KNDF|UWSA|DKBA)\b"
)
_OWNERS = {"KNU": "KNLA", "KIO": "KIA", "ကေအန်အယ်လ်အေ": "KNLA", "ကေအန်ယူ": "KNLA", "ကေအိုင်အေ": "KIA", "ပီဒီအက်ဖ်": "PDF",
           "တီအန်အယ်လ်အေ": "TNLA"}  # fmt: skip
_BURMESE_WORD = rf"(?:[\u1000-\u102a\u103f\u104e][{MARKS}]*(?:[\u1000-\u1021]\u1037?[\u103a\u1039]\u1038?)*){{1,5}}"
_PLACE_BEFORE = re.compile(rf"(?P<place>{_BURMESE_WORD}|[A-Z][a-z]+(?:-[A-Z]?[a-z]+)?)(?:မြို့)?[ ]?$")
_PLACE_AFTER = re.compile(rf"\s?\(\s?(?P<place>{_BURMESE_WORD}|[A-Z][a-z]+)\s?\)")
_OF_PLACE = re.compile("[^a-z]")


def units(text: str, known: Forms = FORMS) -> list[Unit]:
    """Units in a text in normal form, in order of place; each number of a list is one. `known`: words for units."""
    found: list[Unit] = []
    figures = to_ascii_digits(text)
    taken = 0
    forms = list(known.find(text))
    for i, (start, end, entry) in enumerate(forms):
        following = forms[i + 1][0] if i + 1 < len(forms) else len(text)
        new = list(_of(text, figures, start, end, entry, taken, following, known))
        found += new
        if new:
            taken = max(taken, max(u.end for u in new))
    return found


def _of(text: str, figures: str, start: int, end: int, entry: Entry, taken: int, following: int,
        known: Forms) -> Iterator[Unit]:  # fmt: skip
    if entry.what.startswith(_BY_NAME):
        yield from _named(text, start, end, entry, taken)
        return
    around = _numbers(figures, start, end, taken, following, known)
    if around is None:
        return
    numbers, (first, last), rule = around
    short, owner = entry.id, ""
    if entry.id in _GENERAL:
        if len(numbers) == 1 and numbers[0][2] > 1900 and entry.id == "BN" and rule == "unit, number after":
            return
        owned = _OWNER_BEFORE.search(text, max(0, first - _LONGEST_BEFORE), first) or _OWNER_AFTER.match(text, last)
        if owned:
            owner = f"{_OWNERS.get(owned['owner'], owned['owner'])}-"
            first, last = min(first, owned.start("owner")), max(last, owned.end("owner"))
    for at, (number_start, number_end, number) in enumerate(numbers):
        here = (first, last) if len(numbers) == 1 else (number_start, number_end)
        if len(numbers) > 1 and at == 0 and rule == "unit, number after":
            here = (first, number_end)
        elif len(numbers) > 1 and at == len(numbers) - 1 and rule == "unit, number before":
            here = (number_start, last)
        identifier = f"{owner}{short}-{number}"
        yield Unit(*here, identifier, _both(entry, number, owner), rule if len(numbers) == 1 else f"{rule}, list")


def _both(entry: Entry, number: int, owner: str) -> str:
    burmese = f" | {entry.burmese[0].replace(' ', '')} {number}" if entry.burmese else ""
    return f"{owner}{entry.id}-{number} | {entry.english[0]} {number}{burmese}"


_Numbers = tuple[list[tuple[int, int, int]], tuple[int, int], str]


def _numbers(figures: str, start: int, end: int, taken: int, following: int, known: Forms) -> _Numbers | None:
    """The numbers beside a word with the span of all: after it, or before where none follows."""
    before = _BEFORE.search(figures, max(taken, start - _LONGEST_BEFORE), start)
    after = _AFTER.match(figures, end)
    if after and (after.start("numbers") >= following and not after["short"]):
        after = None
    if after and _COUNTED.match(figures, after.end("numbers")) and not after["numbers"].endswith(")"):
        after = None
    # "the 345th battalion", "(345) ခမရ": what stands in front with a sign of its own comes first
    if before and (not after or re.search(r"\)\s?$|အမှတ်|[Nn]o\b|(?:st|nd|rd|th)[ ]?$", before[0])):
        last = end
        closed = re.compile(r"\s?\([^()0-9]{1,30}\)").match(figures, end)
        if closed and known.at(figures, closed.start() + len(closed[0]) - len(closed[0].lstrip(" ("))):
            last = closed.end()
        return (
            _listed(figures, *before.span("numbers")),
            (before.end() - len(before[0].lstrip()), last),
            "unit, number before",
        )
    if after:
        opened = "(" in figures[(after.end("short") + 1 if after["short"] else end) : after.start("numbers")]
        last = after.end() if opened and after[0].endswith(")") else after.end("numbers")
        return _listed(figures, *after.span("numbers")), (start, last), "unit, number after"
    return None


def _listed(figures: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """Span and value of each number of a list; those between the ends of a range have its span."""
    numbers: list[tuple[int, int, int]] = []
    for match in _FIGURES.finditer(figures, start, end):
        value = int(match["number"])
        if match["range"] and numbers:
            begin, _, low = numbers[-1]
            if low < value <= low + _LARGEST_RANGE:
                numbers += [(begin, match.end(), between) for between in range(low + 1, value)]
        numbers.append((*match.span("number"), value))
    return numbers


def _named(text: str, start: int, end: int, entry: Entry, taken: int) -> Iterator[Unit]:
    """A regional command by its name; a regional operations command with the place beside it."""
    if entry.id != _BESIDE_PLACE:
        yield Unit(start, end, entry.id, entry.both, "unit, by name")
        return
    near = _PLACE_AFTER.match(text, end) or _PLACE_BEFORE.search(text, max(taken, start - _LONGEST_BEFORE), start)
    if near is None:
        return
    name = near["place"].removesuffix("မြို့")
    latin = romanised(name).upper().replace(" ", "")
    span = (min(start, near.start("place")), max(end, near.end()))
    yield Unit(*span, f"{entry.id}-{latin}", f"{entry.both} | {name}", "unit, with its place")
