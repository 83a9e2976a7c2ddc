"""What a person typed, as a query: its parts, and the ways in which each of them may stand in a text.

Here: words, Burmese stretches and quoted phrases, the ways and their weights, which way found a hit.
Not here: `AND`, `OR` and the like as they are typed (search/language), what fields mean (search/asked_fields), asking the
index and who may ask what (search/query), terms (search/analysis), sounds and synonyms themselves.

Burmese is written without spaces between words, so that a Burmese stretch is always a phrase of syllables; other words
must all stand in one segment. What stands in quotes is meant as it is typed, and is found in no other way. What may be
Zawgyi is asked in Unicode as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice, pairwise, product
from typing import Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.names import persons
from iimm_pipelines.burmese.zawgyi import breaks_unicode, can_be_zawgyi, detector, to_unicode
from iimm_pipelines.search.analysis import SYLLABLE, terms
from iimm_pipelines.search.language import Either, Every, Field, Near, Node, Plain, Prefix, QueryInvalid, parsed
from iimm_pipelines.search.sounds import asked_key
from iimm_pipelines.search.synonyms import Synonyms, Terms

__all__ = [
    "ALL",
    "FIELDS",
    "LOOSE_FIELDS",
    "STARTER",
    "AskField",
    "TEXT_FIELDS",
    "QueryInvalid",
    "Typed",
    "Way",
    "read",
]

FIELDS = ("text", "translation", "entities", "people", "name", "number")
LOOSE_FIELDS = tuple(f"{field}.loose" for field in ("text", "entities", "people", "name"))
STARTER = "translation_starter"
"""Translations by a starter model, fluent and mostly wrong: searched only when asked for."""
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
_SHORTEST_PREFIX = 2
_EXPANSIONS = 500
"""Of the last word of a phrase that ends in `*`: more than there are syllables with one beginning of two letters."""


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


AskField = Callable[[str, bool], Query]
"""What a field is asked for: its value, and whether only the beginning was typed. Raises AskedInvalid."""

TEXT_FIELDS = {"text": ("text",), "translation": ("translation", STARTER), "file": ("name",), "people": ("people",),
                "number": ("number",)}  # fmt: skip
"""Fields whose value may stand in the text in all ways; any other is a whole value."""


@dataclass(frozen=True, slots=True)
class _Found:
    """How to tell from the queries that a hit matched in which way a part of the query was found."""

    kind: str
    """saying, every, either, sure."""
    number: int = 0
    parts: int = 0
    of: tuple[_Found, ...] = ()

    def way(self, matched: Mapping[int, Mapping[int, int]]) -> int | None:
        """As sure as the least sure part, of several ways the surest; none where it was not found."""
        if self.kind == "saying":
            ways = matched.get(self.number, {})
            return max(ways.values()) if len(ways) == self.parts else None
        inner = [found for each in self.of if (found := each.way(matched)) is not None]
        if self.kind == "either":
            return min(inner, default=None)
        return max(inner, default=0) if len(inner) == len(self.of) else None


@dataclass(frozen=True, slots=True)
class Typed:
    """The query, the sounds in it, and how its readings were found."""

    query: Query
    keys: frozenset[str]
    readings: tuple[_Found, ...]

    def way(self, matched: Iterable[str]) -> Way:
        """How a hit was found, by the names of the queries that it matched."""
        found: dict[int, dict[int, int]] = {}
        for name in matched:
            saying, part, way, _ = map(int, name.split("."))
            ways = found.setdefault(saying, {})
            ways[part] = min(way, ways.get(part, way))
        whole = [sure for reading in self.readings if (sure := reading.way(found)) is not None]
        return _SUREST_FIRST[min(whole, default=0)]


ALL = Typed({"match_all": {}}, frozenset(), ())
"""Nothing was typed: everything, narrowed by what else is asked."""


def read(typed: str, synonyms: Synonyms, asked: Mapping[str, AskField] | None = None, starter: bool = False) -> Typed:
    """The query for what a person typed: every phrase and every word must be there, in one segment, unless it says else.

    `asked`: fields that stand for whole values, by name. `starter`: translations by a starter model count too.

    Raises:
        QueryInvalid: nothing to look for, more than 1,000 characters or 100 words, or no query.
        AskedInvalid: a field cannot have that value.
    """
    if not typed.strip() or len(typed) > MOST_CHARACTERS:
        raise QueryInvalid(f"type something to look for, at most {MOST_CHARACTERS} characters")
    forms = dict.fromkeys([normal_text(typed, None).text])
    if can_be_zawgyi(typed) and (breaks_unicode(typed) or detector()(typed) > _MAY_BE_ZAWGYI):
        forms[normal_text(to_unicode(typed), None).text] = None
    fields = asked or {}
    trees = [parsed(form, {*TEXT_FIELDS, *fields}) for form in filter(terms, forms)]
    if not trees:
        raise QueryInvalid("type words to look for: there is no letter and no digit in this")
    if any(_words(tree) > MOST_WORDS for tree in trees):
        raise QueryInvalid(f"type at most {MOST_WORDS} words; for a longer stretch of a text, put it in quotes")
    trees = [_unwanted_in_all(tree, [other for other in trees if other is not tree]) for tree in trees]
    sayings: list[_Saying] = []
    built = [_Reading(tree, synonyms, fields, starter, sayings).built(tree) for tree in trees]
    query = {"bool": {"should": [query for query, _ in built], "minimum_should_match": 1}}
    keys = frozenset(key for saying in sayings for key in saying.keys)
    return Typed(query, keys, tuple(found for _, found in built))


def _unwanted_in_all(tree: Node, others: Sequence[Node]) -> Node:
    """A reading that leaves out what `NOT` names in any of the readings: Zawgyi is in no text, so that alone it bars nothing."""
    match tree:
        case Every(all_of, none_of):
            alike = [
                o
                for o in others
                if isinstance(o, Every) and (len(o.all_of), len(o.none_of)) == (len(all_of), len(none_of))
            ]
            kept = tuple(_unwanted_in_all(each, [o.all_of[at] for o in alike]) for at, each in enumerate(all_of))
            barred = tuple(Either((each, *(o.none_of[at] for o in alike))) for at, each in enumerate(none_of))
            return Every(kept, barred)
        case Either(any_of):
            alike_ways = [o for o in others if isinstance(o, Either) and len(o.any_of) == len(any_of)]
            return Either(
                tuple(_unwanted_in_all(each, [o.any_of[at] for o in alike_ways]) for at, each in enumerate(any_of))
            )
        case _:
            return tree


def _words(node: Node) -> int:
    """How many words and phrases are asked for."""
    match node:
        case Plain(text):
            quoted, burmese, others = _split(text)
            return len(quoted) + len(burmese) + sum(len(terms(w)) for w in others)
        case Every(all_of, none_of):
            return sum(map(_words, (*all_of, *none_of)))
        case Either(any_of):
            return sum(map(_words, any_of))
        case Near(texts, _):
            return len(texts)
        case _:
            return 1


def _split(text: str) -> tuple[list[str], list[str], list[str]]:
    """Quoted phrases, Burmese stretches, other words; a phrase of nothing but signs would find nothing."""
    quoted = [p for p in _QUOTED.findall(text) if terms(p)]
    rest = [w for w in _QUOTED.sub(" ", text).split() if terms(w)]
    return quoted, [w for w in rest if _BURMESE.search(w)], [w for w in rest if not _BURMESE.search(w)]


@dataclass(slots=True)
class _Budget:
    """What one reading may still ask for besides what was typed."""

    in_all_ways: bool
    names_left: int = _OTHER_NAMES


@dataclass(frozen=True, slots=True)
class _Where:
    """In which fields words are looked for."""

    fields: tuple[str, ...]
    loose: tuple[str, ...]
    sounds: bool = True


class _Reading:
    """One reading of what was typed, from tree to query."""

    def __init__(self, tree: Node, synonyms: Synonyms, asked: Mapping[str, AskField], starter: bool,
                 sayings: list[_Saying]) -> None:  # fmt: skip
        self._synonyms = synonyms
        self._asked = asked
        self._starter = starter
        self._sayings = sayings
        self._budget = _Budget(_words(tree) <= _WORDS_IN_ALL_WAYS)
        self._everywhere = _Where((*FIELDS, STARTER) if starter else FIELDS, LOOSE_FIELDS)

    def built(self, node: Node) -> tuple[Query, _Found]:
        """The query of a node, and how to tell by which way it was found."""
        match node:
            case Plain(text):
                return self._plain(text, self._everywhere)
            case Prefix(text):
                return _begins(text, self._everywhere.fields), _SURE
            case Near(texts, gaps):
                return _near(texts, gaps, self._everywhere.fields), _SURE
            case Field(name, value, prefix):
                return self._field(name, value, prefix)
            case Either(any_of):
                ways = [self.built(each) for each in any_of]
                query = {"bool": {"should": [q for q, _ in ways], "minimum_should_match": 1}}
                return query, _Found("either", of=tuple(found for _, found in ways))
            case Every(all_of, none_of):
                wanted = [self.built(each) for each in all_of]
                unwanted = [self._as_typed(each) for each in none_of]
                query = {"bool": {"must": [q for q, _ in wanted], "must_not": unwanted}}
                return query, _Found("every", of=tuple(found for _, found in wanted))

    def _as_typed(self, node: Node) -> Query:
        """What shall not be there: in no other way than as typed, since `NOT Kyaw Min` means no one who sounds alike."""
        before, self._budget = self._budget, _Budget(in_all_ways=False)
        try:
            return self.built(node)[0]
        finally:
            self._budget = before

    def _plain(self, text: str, where: _Where) -> tuple[Query, _Found]:
        if not terms(text):
            raise QueryInvalid(
                "beside OR, NOT and brackets stand words: there is no letter and no digit in one of them"
            )
        saying = _Saying(len(self._sayings), text, self._synonyms, self._budget, where)
        self._sayings.append(saying)
        return saying.query, _Found("saying", saying.number, saying.parts)

    def _field(self, name: str, value: str, prefix: bool) -> tuple[Query, _Found]:
        if name not in TEXT_FIELDS:
            return self._asked[name](value, prefix), _SURE
        fields = tuple(f for f in TEXT_FIELDS[name] if f != STARTER or self._starter)
        if prefix:
            return _begins(value, fields), _SURE
        loose = tuple(f"{f}.loose" for f in fields if f"{f}.loose" in LOOSE_FIELDS)
        spaced = any(c.isspace() for c in value)
        return self._plain(f'"{value}"' if spaced else value, _Where(fields, loose, sounds=name == "people"))


_SURE = _Found("every")


def _begins(text: str, fields: Sequence[str]) -> Query:
    """Texts in which a word begins so; of several words the last one."""
    words = terms(text)
    if not words or len(words[-1]) < _SHORTEST_PREFIX:
        raise QueryInvalid(f"type at least {_SHORTEST_PREFIX} letters before *")
    if len(words) == 1:
        return {"dis_max": {"queries": [{"prefix": {field: {"value": words[0]}}} for field in fields]}}
    return {
        "multi_match": {"query": text, "fields": list(fields), "type": "phrase_prefix", "max_expansions": _EXPANSIONS}
    }


def _near(texts: Sequence[str], gaps: Sequence[int], fields: Sequence[str]) -> Query:
    """Texts in which these stand near each other, in one field, in either order."""
    stretches = [terms(text) for text in texts]
    if not all(stretches):
        raise QueryInvalid("on both sides of ~ stands a word")
    return {"dis_max": {"queries": [_near_in(field, stretches, gaps) for field in fields]}}


def _near_in(name: str, stretches: Sequence[Sequence[str]], gaps: Sequence[int]) -> Query:
    spans = [_span(name, stretch) for stretch in stretches]
    whole = spans[0]
    for span, gap in zip(spans[1:], gaps, strict=True):
        whole = {"span_near": {"clauses": [whole, span], "slop": gap, "in_order": False}}
    return whole


def _span(name: str, stretch: Sequence[str]) -> Query:
    words: list[Query] = [{"span_term": {name: term}} for term in stretch]
    return words[0] if len(words) == 1 else {"span_near": {"clauses": words, "slop": 0, "in_order": True}}


class _Saying:
    """One reading of what was typed."""

    def __init__(self, number: int, text: str, synonyms: Synonyms, budget: _Budget, where: _Where) -> None:
        self.number = number
        self._synonyms = synonyms
        self._budget = budget
        self._where = where
        self.keys: set[str] = set()
        quoted, burmese, others = _split(text)
        parts = [
            *([(Way.WRITTEN, self._phrase(p))] for p in quoted),
            *map(self._stretch, burmese),
            *self._words(others),
        ]
        self.parts = len(parts)
        whole = {"constant_score": {"filter": self._phrase(text.replace('"', " ")), "boost": 20}}
        self.query: Query = {
            "bool": {"must": [self._any(at, ways) for at, ways in enumerate(parts)], "should": [whole]}
        }

    def _phrase(self, text: str) -> Query:
        return _phrase(text, self._where.fields)

    def _any(self, part: int, ways: Sequence[tuple[Way, Query]]) -> Query:
        """One part in any of its ways; each is named, so that a hit can say by which it was found."""
        named = []
        for number, (way, query) in enumerate(ways):
            ((kind, body),) = query.items()
            name = f"{self.number}.{part}.{_SUREST_FIRST.index(way)}.{number}"  # of one name only the last counts
            named.append({kind: {**body, "_name": name, "boost": _WEIGHTS[way]}})
        return {"dis_max": {"queries": named}}

    def _stretch(self, text: str) -> list[tuple[Way, Query]]:
        """A Burmese stretch: a phrase, with letters put right, in other words, in another tone, by its sound."""
        if not self._budget.in_all_ways:
            return [(Way.WRITTEN, self._phrase(text))]
        syllables = terms(text)
        mended = list(_mended(text, syllables))
        ways = [(Way.WRITTEN, self._phrase(text)), *((Way.MENDED, self._phrase(other)) for other in mended)]
        ways += self._named(self._reworded(syllables))
        if len(syllables) > 1 and self._where.loose:
            ways += [(Way.ENDING, _phrase(each, self._where.loose)) for each in (text, *mended)]
        if len(syllables) <= _SYLLABLES_OF_A_NAME:
            ways += self._sounds([text])
        return ways

    def _words(self, words: Sequence[str]) -> Iterator[list[tuple[Way, Query]]]:
        """Other words, each by itself; names of several words stand for each of these."""
        at = [(number, term) for number, word in enumerate(words) for term in terms(word)]
        names: dict[int, list[tuple[Way, Query]]] = {}
        for known in self._synonyms.found([term for _, term in at]) if self._budget.in_all_ways else ():
            for number in dict.fromkeys(number for number, _ in at[known.start : known.end]):
                names.setdefault(number, []).extend(self._named(known.others))
        for number, word in enumerate(words):
            written = {"multi_match": {"query": word, "fields": list(self._where.fields), "type": "cross_fields", "operator": "and",
                                       "analyzer": SYLLABLE}}  # fmt: skip
            sounds = self._sounds(_runs_with(number, words)) if self._budget.in_all_ways else ()
            yield [(Way.WRITTEN, written), *names.get(number, ()), *sounds]

    def _named(self, others: Sequence[Terms]) -> list[tuple[Way, Query]]:
        taken = others[: self._budget.names_left]
        self._budget.names_left -= len(taken)
        return [(Way.SYNONYM, self._phrase(" ".join(name))) for name in taken]

    def _sounds(self, names: Sequence[str]) -> list[tuple[Way, Query]]:
        if not self._where.sounds:
            return []
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


def _phrase(text: str, fields: Sequence[str]) -> Query:
    return {"multi_match": {"query": text, "fields": list(fields), "type": "phrase"}}
