"""What a person typed, as a query: its parts, and the ways in which each of them may stand in a text.

Here: words, Burmese stretches and quoted phrases, the ways and their weights, which way found a hit.
Not here: asking the index and who may ask what (search/query), terms (search/analysis), sounds and synonyms themselves.

Burmese is written without spaces between words, so that a Burmese stretch is always a phrase of syllables; other words
must all stand in one segment. What stands in quotes is meant as it is typed, and is found in no other way. What may be
Zawgyi is asked in Unicode as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice, pairwise, product
from typing import Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.names import persons
from iimm_pipelines.burmese.zawgyi import breaks_unicode, can_be_zawgyi, detector, to_unicode
from iimm_pipelines.search.analysis import SYLLABLE, terms
from iimm_pipelines.search.sounds import asked_key
from iimm_pipelines.search.synonyms import Synonyms, Terms

FIELDS = ("text", "translation", "entities", "people", "name", "number")
LOOSE_FIELDS = tuple(f"{field}.loose" for field in ("text", "entities", "people", "name"))
MOST_CHARACTERS = 1_000
MOST_WORDS = 100
"""OpenSearch takes 1,024 clauses: four fields of a segment for each word, twice where what was typed may be Zawgyi."""

_SOUNDS = "sounds"
_QUOTED = re.compile(r'"([^"]+)"')
_BURMESE = re.compile(r"[\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff]")
_MAY_BE_ZAWGYI = 1e-4
"""Of 853 names in Zawgyi the detector gives one less than a thousandth, and of 874 in Unicode 95 more than this."""
# An open syllable and a letter that can close it: what the next key, asat, will make one syllable.
_UNFINISHED = re.compile(
    "(?:[\u1000-\u1021\u103b-\u103e\u102d\u102f]|\u1031[\u102b\u102c])[\u1000-\u101a\u101c\u101e\u101f]$"
)
_ASAT = "\u103a"
# Normal form puts right what no word can be; where both can stand, at the end of a word, both are asked for.
_LOOKALIKE = {"0": "ဝ", "ဝ": "0"}
_WORDS_OF_A_NAME = 5
_WORDS_IN_ALL_WAYS = 12
"""So many in all ways, with so many other names, are at most 920 clauses; of more words each is asked as typed only."""
_OTHER_NAMES = 40
_SYLLABLES_OF_A_NAME = 8
_REWORDINGS = 12


class QueryInvalid(ValueError):
    """A query that says nothing, or too much."""


class Way(StrEnum):
    """How what was typed stands in a text, the surest first."""

    WRITTEN = "as typed"
    MENDED = "with a letter put right"
    SYNONYM = "by another name"
    ENDING = "with another tone"
    SOUND = "by its sound"


_WEIGHTS = {Way.WRITTEN: 1.0, Way.MENDED: 0.8, Way.SYNONYM: 0.7, Way.ENDING: 0.3, Way.SOUND: 1.0}
"""Times the score of words; a sound has no score but this."""
_SUREST_FIRST = list(Way)

Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Typed:
    """The query, the sounds in it, and how many parts each reading of what was typed has."""

    query: Query
    keys: frozenset[str]
    parts: tuple[int, ...]

    def way(self, matched: Iterable[str]) -> Way:
        """How a hit was found, by the names of the queries that it matched: as sure as its least sure part."""
        found: dict[int, dict[int, int]] = {}
        for name in matched:
            saying, part, way, _ = map(int, name.split("."))
            ways = found.setdefault(saying, {})
            ways[part] = min(way, ways.get(part, way))
        whole = (max(ways.values()) for saying, ways in found.items() if len(ways) == self.parts[saying])
        return _SUREST_FIRST[min(whole, default=0)]


ALL = Typed({"match_all": {}}, frozenset(), ())
"""Nothing was typed: everything, narrowed by what else is asked."""


def read(typed: str, synonyms: Synonyms) -> Typed:
    """The query for what a person typed: every phrase and every word must be there, in one segment.

    Raises:
        QueryInvalid: nothing to look for, or more than 1,000 characters or 100 words.
    """
    if not typed.strip() or len(typed) > MOST_CHARACTERS:
        raise QueryInvalid(f"type something to look for, at most {MOST_CHARACTERS} characters")
    forms = dict.fromkeys([normal_text(typed, None).text])
    if can_be_zawgyi(typed) and (breaks_unicode(typed) or detector()(typed) > _MAY_BE_ZAWGYI):
        forms[normal_text(to_unicode(typed), None).text] = None
    sayings = [_Saying(number, form, synonyms) for number, form in enumerate(filter(terms, forms))]
    if not sayings:
        raise QueryInvalid("type words to look for: there is no letter and no digit in this")
    if any(saying.words > MOST_WORDS for saying in sayings):
        raise QueryInvalid(f"type at most {MOST_WORDS} words; for a longer stretch of a text, put it in quotes")
    query = {"bool": {"should": [saying.query for saying in sayings], "minimum_should_match": 1}}
    keys = frozenset(key for saying in sayings for key in saying.keys)
    return Typed(query, keys, tuple(saying.parts for saying in sayings))


class _Saying:
    """One reading of what was typed."""

    def __init__(self, number: int, text: str, synonyms: Synonyms) -> None:
        self._number = number
        self._synonyms = synonyms
        self.keys: set[str] = set()
        quoted = [p for p in _QUOTED.findall(text) if terms(p)]  # a phrase of nothing but signs would find nothing
        rest = [w for w in _QUOTED.sub(" ", text).split() if terms(w)]
        burmese = [w for w in rest if _BURMESE.search(w)]
        others = [w for w in rest if not _BURMESE.search(w)]
        self.words = len(quoted) + len(burmese) + sum(len(terms(w)) for w in others)
        self._in_all_ways = self.words <= _WORDS_IN_ALL_WAYS
        self._names_left = _OTHER_NAMES
        parts = [
            *([(Way.WRITTEN, _phrase(p))] for p in quoted),
            *map(self._stretch, burmese),
            *self._words(others),
        ]
        self.parts = len(parts)
        whole = {"constant_score": {"filter": _phrase(text.replace('"', " ")), "boost": 20}}
        self.query: Query = {
            "bool": {"must": [self._any(at, ways) for at, ways in enumerate(parts)], "should": [whole]}
        }

    def _any(self, part: int, ways: Sequence[tuple[Way, Query]]) -> Query:
        """One part in any of its ways; each is named, so that a hit can say by which it was found."""
        named = []
        for number, (way, query) in enumerate(ways):
            ((kind, body),) = query.items()
            name = f"{self._number}.{part}.{_SUREST_FIRST.index(way)}.{number}"  # of one name only the last counts
            named.append({kind: {**body, "_name": name, "boost": _WEIGHTS[way]}})
        return {"dis_max": {"queries": named}}

    def _stretch(self, text: str) -> list[tuple[Way, Query]]:
        """A Burmese stretch: a phrase, with letters put right, in other words, in another tone, by its sound."""
        if not self._in_all_ways:
            return [(Way.WRITTEN, _phrase(text))]
        syllables = terms(text)
        mended = list(_mended(text, syllables))
        ways = [(Way.WRITTEN, _phrase(text)), *((Way.MENDED, _phrase(other)) for other in mended)]
        ways += self._named(self._reworded(syllables))
        if len(syllables) > 1:
            ways += [(Way.ENDING, _phrase(each, LOOSE_FIELDS)) for each in (text, *mended)]
        if len(syllables) <= _SYLLABLES_OF_A_NAME:
            ways += self._sounds([text])
        return ways

    def _words(self, words: Sequence[str]) -> Iterator[list[tuple[Way, Query]]]:
        """Other words, each by itself; names of several words stand for each of these."""
        at = [(number, term) for number, word in enumerate(words) for term in terms(word)]
        names: dict[int, list[tuple[Way, Query]]] = {}
        for known in self._synonyms.found([term for _, term in at]) if self._in_all_ways else ():
            for number in dict.fromkeys(number for number, _ in at[known.start : known.end]):
                names.setdefault(number, []).extend(self._named(known.others))
        for number, word in enumerate(words):
            written = {"multi_match": {"query": word, "fields": list(FIELDS), "type": "cross_fields", "operator": "and",
                                       "analyzer": SYLLABLE}}  # fmt: skip
            sounds = self._sounds(_runs_with(number, words)) if self._in_all_ways else ()
            yield [(Way.WRITTEN, written), *names.get(number, ()), *sounds]

    def _named(self, others: Sequence[Terms]) -> list[tuple[Way, Query]]:
        taken = others[: self._names_left]
        self._names_left -= len(taken)
        return [(Way.SYNONYM, _phrase(" ".join(name))) for name in taken]

    def _sounds(self, names: Sequence[str]) -> list[tuple[Way, Query]]:
        keys = sorted({key for name in names for way in _named_as(name) if (key := asked_key(way))})
        self.keys.update(keys)
        return [(Way.SOUND, {"terms": {_SOUNDS: keys}})] if keys else []

    def _reworded(self, typed: Sequence[str]) -> list[Terms]:
        """The terms with each known name in it replaced by each other one, in all combinations."""
        known = list(self._synonyms.found(typed))
        if not known:
            return []
        borders = [0, *(place for name in known for place in (name.start, name.end)), len(typed)]
        pieces: list[tuple[Terms, ...]] = [(tuple(typed[start:end]),) for start, end in pairwise(borders)]
        for number, name in enumerate(known):
            pieces[2 * number + 1] = (*pieces[2 * number + 1], *name.others)
        ways = (tuple(chain(*chosen)) for chosen in islice(product(*pieces), _REWORDINGS + 1))
        return [way for way in ways if way != tuple(typed)]


def _runs_with(number: int, words: Sequence[str]) -> list[str]:
    """Each run of words that holds the one at this number, up to the length of a name."""
    return [
        " ".join(words[start:end])
        for start in range(max(0, number - _WORDS_OF_A_NAME + 1), number + 1)
        for end in range(number + 1, min(start + _WORDS_OF_A_NAME, len(words)) + 1)
    ]


def _mended(text: str, syllables: Sequence[str]) -> Iterator[str]:
    """What else may be meant: the last letter closed, nought for the letter that looks like it and the reverse."""
    if _UNFINISHED.search(text):
        yield text + _ASAT
    if len(syllables) > 1 and not _LOOKALIKE.keys().isdisjoint(syllables):
        yield " ".join(_LOOKALIKE.get(syllable, syllable) for syllable in syllables)


@lru_cache(maxsize=1_024)
def _named_as(name: str) -> tuple[str, ...]:
    """The name as typed, and without rank or honorific where all of it is one person: they are indexed without."""
    found = persons(name.title() if name.islower() else name)
    return (name, *(p.name for p in found if (p.start, p.end) == (0, len(name))))


def _phrase(text: str, fields: Sequence[str] = FIELDS) -> Query:
    return {"multi_match": {"query": text, "fields": list(fields), "type": "phrase"}}
