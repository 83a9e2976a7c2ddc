"""Tables of titles, posts, units and organisations: their entries, and finding the forms of all entries in a text.

Here: reading a table, what an operator adds to one, one pattern of all its forms, where a form ends within a word.
Not here: what stands around a form (units, names), how entries become mentions (iimm_pipelines.stages.entities).

A table is a CSV with an identifier, a column that says what the entry is, and forms in English and Burmese with `|`
between them. A space in a form may be a hyphen, a full stop or nothing in a text.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from iimm_pipelines.burmese.encoding import normal_text

MARKS = "\u102b-\u103e\u1056-\u1059\u105e-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
SYLLABLE_ENDS = f"(?![{MARKS}]|[\u1000-\u1021][\u1037\u1038]?[\u1039\u103a])"
"""No mark follows that belongs to the letter before, and no letter that closes its syllable."""
_LATIN_ENDS = "(?![A-Za-z])"


class TableInvalid(ValueError):
    """An entry that an operator wrote cannot be used."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing with its identifier, what it is, and the forms in which it is written, the full one first."""

    id: str
    what: str
    english: tuple[str, ...]
    burmese: tuple[str, ...]

    @property
    def both(self) -> str:
        """Its first form in both languages, so that a search in one finds what is written in the other."""
        return " | ".join(forms[0].replace(" ", "") if forms is self.burmese else forms[0]
                          for forms in (self.english, self.burmese) if forms)  # fmt: skip


@lru_cache(maxsize=8)
def entries(table: str) -> tuple[Entry, ...]:
    """The entries of one of this package's tables."""
    with (files("iimm_pipelines.burmese") / "tables" / f"{table}.csv").open(encoding="utf-8") as file:
        return tuple(_entry(row) for row in csv.DictReader(file))


def added(rows: Iterable[Mapping[str, object]]) -> tuple[Entry, ...]:
    """Entries that an operator wrote in iimm.toml.

    Raises:
        TableInvalid: naming the row and what is missing.
    """
    found = []
    for number, row in enumerate(rows, start=1):
        unknown = row.keys() - {"id", "what", "english", "burmese"}
        if unknown or not all(isinstance(value, str) for value in row.values()):
            raise TableInvalid(f"entry {number}: it has id, what, english and burmese, all of them text")
        if not row.get("id") or not (row.get("english") or row.get("burmese")):
            raise TableInvalid(f"entry {number}: it needs an id, and a form in english or burmese")
        found.append(_entry({name: str(value) for name, value in row.items()}))
    return tuple(found)


def _entry(row: Mapping[str, str]) -> Entry:
    english, burmese = (
        tuple(normal_text(form.strip(), None).text for form in row.get(language, "").split("|") if form.strip())
        for language in ("english", "burmese")
    )
    return Entry(row["id"], row.get("what", ""), english, burmese)


class Forms:
    """All forms of entries as one pattern; where two begin at one place, the longer is found."""

    def __init__(self, table: Iterable[Entry], *, any_case: bool = False, plain_words: bool = False) -> None:
        """Two entries with one form: the later one has it, so that an operator's comes before the package's.

        `any_case`: forms of several words are found in small letters and capitals too; `plain_words`: single ones too.
        """
        self._entries: dict[str, Entry] = {}
        forms: dict[str, str] = {}
        for entry in table:
            for form in entry.english:
                cased = any_case and (plain_words or " " in form or "-" in form)
                self._entries[_plain(form)] = entry
                ways = (form, form.lower(), form.capitalize(), form.title(), form.upper()) if cased else (form,)
                forms |= {way: _latin(way) for way in ways}
            for form in entry.burmese:
                self._entries[_plain(form)] = entry
                forms[form] = form.replace(" ", r"\s?") + SYLLABLE_ENDS
        self.source = by_beginning(forms)
        self._pattern = re.compile(self.source)

    def find(self, text: str) -> Iterator[tuple[int, int, Entry]]:
        """Forms in a text in normal form, in order, none over another."""
        for match in self._pattern.finditer(text):
            if begins_word(text, match.start()):
                yield match.start(), match.end(), self.entry(match[0])

    def at(self, text: str, place: int) -> tuple[int, Entry] | None:
        """The form that begins at a place, as its end and entry."""
        match = self._pattern.match(text, place)
        return (match.end(), self.entry(match[0])) if match and begins_word(text, place) else None

    def entry(self, form: str) -> Entry:
        """The entry of a form as it was found."""
        return self._entries[_plain(form)]


def begins_word(text: str, place: int) -> bool:
    """Whether a form may begin here: not within a Latin word, not on a stacked letter."""
    if place == 0:
        return True
    before = text[place - 1]
    return before != "\u1039" and not (before.isascii() and before.isalnum() and text[place].isascii())


def _latin(form: str) -> str:
    gap = r"(?:\.?[ \u00a0]|\.[ ]?|[-\u2010\u2011])"
    return gap.join(map(re.escape, re.split("[ -]", form))) + r"(?:\.(?=[ ]))?" + _LATIN_ENDS


def _plain(form: str) -> str:
    return re.sub(r"[\s.\u00a0\u2010\u2011-]", "", form).casefold()


def by_beginning(forms: Mapping[str, str]) -> str:
    """Patterns by form as alternatives, the longest first, grouped by first letters: a place is tried against few."""
    groups: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for form in sorted(forms, key=len, reverse=True):
        pattern = forms[form]
        first = pattern[0]
        groups[first][pattern[1:2]].append(pattern)
    return "(?:" + "|".join(
        re.escape(first) + "(?:" + "|".join(p[1:] for seconds in group.values() for p in seconds) + ")"
        for first, group in groups.items()
    ) + ")"  # fmt: skip
