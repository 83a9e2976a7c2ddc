"""Places of Myanmar in a text: exact names of the gazetteer, with the P-code where the text says which place is meant.

Here: the gazetteer in memory, longest match over syllables and words, which of several places of one name is meant.
Not here: mentions as rows (entities), names of places that the gazetteer does not know.

Half of all townships share their name with a village somewhere, and 32,000 villages share theirs with other villages.
So a name alone rarely says which place; the word after it (township, village) and the township named beside it do.
"""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.numerals import to_ascii_digits
from iimm_pipelines.burmese.syllables import Span, syllables
from iimm_pipelines.burmese.tables import SYLLABLE_ENDS, Entry, by_beginning, entries

DATABASE = "mimu_geo_data_public.db"


class Level(IntEnum):
    """How large a place is, the largest first."""

    STATE = 0
    DISTRICT = 1
    TOWNSHIP = 2
    TOWN = 3
    TRACT = 4
    VILLAGE = 5
    WARD = 6


@dataclass(frozen=True, slots=True)
class Place:
    """One place: its P-code, both names without the word for its level, and the P-codes of what it lies in."""

    code: str
    level: Level
    english: str
    burmese: str
    within: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        """Both names, so that a search in one script finds what is written in the other."""
        return f"{self.english} | {self.burmese}"


@dataclass(frozen=True, slots=True)
class Found:
    """A name in a text, the places that it may mean, and the one that it does mean, if the text says so.

    `said`: the text gives the level (village, township), before or after the name. `by_others`: the name alone would
    not have been enough. `level_end`: where the word for the level ends that stands directly behind the name, else
    `end`. `likely`: of each of the places how likely it is to be meant, in millionths of all.
    """

    start: int
    end: int
    places: tuple[Place, ...]
    said: bool
    by_others: bool = False
    place: Place | None = None
    level_end: int = 0
    likely: tuple[int, ...] = ()

    @property
    def names(self) -> str:
        """Both names of the place; where it may be several, the pair that most bear, without brackets."""
        if self.place:
            return self.place.both
        counted = Counter(_BRACKETED.sub("", p.both) for p in self.places)
        return min(counted, key=lambda names: (-counted[names], names))


# The word for a level after (Burmese, English) or before (English, with "of") a name: the levels it stands for, the
# likelier first. A town without a code of its own is its township, a village that is not listed its tract. The word
# for peoples begins like the one for regions and stands for no level.
_LEVEL_WORDS: Mapping[str, tuple[Level, ...]] = {
    "တိုင်းဒေသကြီး": (Level.STATE,), "တိုင်း": (Level.STATE,), "တိုင်းရင်း": (), "ပြည်နယ်": (Level.STATE,),
    "region": (Level.STATE,), "state": (Level.STATE,), "division": (Level.STATE,),
    "ခရိုင်": (Level.DISTRICT,), "district": (Level.DISTRICT,),
    "မြို့နယ်ခွဲ": (Level.TOWNSHIP,), "မြို့နယ်": (Level.TOWNSHIP,), "township": (Level.TOWNSHIP,),
    "မြို့": (Level.TOWN, Level.TOWNSHIP), "town": (Level.TOWN, Level.TOWNSHIP), "city": (Level.TOWN, Level.TOWNSHIP),
    "ကျေးရွာအုပ်စု": (Level.TRACT,), "အုပ်စု": (Level.TRACT,), "village tract": (Level.TRACT,),
    "ကျေးရွာ": (Level.VILLAGE, Level.TRACT), "ရွာ": (Level.VILLAGE, Level.TRACT),
    "village": (Level.VILLAGE, Level.TRACT), "ရပ်ကွက်": (Level.WARD,), "ward": (Level.WARD,),
}  # fmt: skip
_LONGEST_LEVEL_WORD = 4

# Towns and districts whose names are ordinary words (child, only pretty, port, new village …), and states named after
# their peoples: the name alone is not the place.
_ORDINARY = frozenset({
    "ကလေး", "ကသာ", "ဆိပ်ကမ်း", "ရွာသစ်", "မြို့သစ်", "သီပေါ", "ပွင့်ဖြူ", "တာလေ", "ကနောင်", "အမာ", "ဘုရားကြီး", "လေးမျက်နှာ", "မြေပုံ",
    "သရက်", "ခရမ်း", "တံတား", "တိုက်ကြီး", "လသာ", "အလုံ", "ပုလဲ", "မင်းတုန်း", "ကနီ", "နောင်တရား", "အင်းမ", "ထူးကြီး", "ချောင်းသာ",
    "ငရုတ်ကောင်း", "မိုးကောင်း", "ကချင်", "ကယား", "ကရင်", "ရခိုင်", "kachin", "kayah", "kayin", "rakhine",
})  # fmt: skip
_SHORTEST_ALONE = 5
"""Letters of an English name that is trusted alone: among those of four are Ann, Saw, Muse and Pale."""
_ALONE = (Level.TOWNSHIP, Level.TOWN, Level.STATE, Level.DISTRICT)
"""What a large name stands for alone: most townships share it with their town and district, which are near."""

# What may stand between the syllables or words of one name, and how a key has it.
_GAPS = {"": "", " ": " ", "-": " ", "\u2010": " ", "\u2011": " ", "'": "", "\u2019": "", "(": "(", " (": "(", ")": ")",
         ") ": ")", "- ": " ", ".": "", ". ": " "}  # fmt: skip
_BRACKETED = re.compile(r"\s*\([^()]*\)\s*")
_LEVEL_ENDING = re.compile(r"(?:\s*(?:တိုင်းဒေသကြီး|ပြည်နယ်|ခရိုင်|ရပ်ကွက်)| (?:Town|Ward))(?=$|\s*\()")


class Gazetteer:
    """All names, for finding them in texts: 103,000 keys, read in 4 s of processor time, 60 MB."""

    def __init__(self, places: Iterable[tuple[Place, Sequence[str]]]) -> None:
        """Index places by the names that each goes by."""
        self._names: dict[str, tuple[Place, ...]] = {}
        self._longest: dict[str, int] = {}
        self._level_words = {tuple(_tokens(word)): levels for word, levels in _LEVEL_WORDS.items()}
        keys: dict[str, tuple[str, int, str]] = {}
        for place, names in places:
            for name in names:
                key, count, first = keys.get(name) or keys.setdefault(name, _key(name))
                if key:
                    self._names[key] = (*self._names.get(key, ()), place)
                    self._longest[first] = max(self._longest.get(first, 0), count)

    def find(self, text: str, named: Sequence[tuple[int, int]] = ()) -> list[Found]:
        """Names in a text in normal form, in order, none over another.

        `named`: stretches that something else took for the name of a place: there any name of the gazetteer is one.
        """
        spans = list(syllables(text))
        tokens = [_token(text[s.start : s.end]) for s in spans]
        found: list[Found] = []
        at = 0
        while at < len(tokens):
            hit = self._at(text, spans, tokens, at, named)
            if hit is None:
                at += 1
                continue
            one, at = hit
            found.append(one)
        return _resolved(found)

    def _at(self, text: str, spans: Sequence[Span], tokens: Sequence[str], at: int,
            named: Sequence[tuple[int, int]]) -> tuple[Found, int] | None:  # fmt: skip
        """The longest name that begins at a token and can be accepted, and the token after it."""
        most = self._longest.get(tokens[at], 0)
        if not most or (text[spans[at].start].isascii() and not text[spans[at].start].isupper()):
            return None
        candidates: list[tuple[int, tuple[Place, ...]]] = []
        key = ""
        for i in range(at, min(at + most, len(tokens))):
            gap = "" if i == at else _GAPS.get(text[spans[i - 1].end : spans[i].start])
            if gap is None:
                break
            key += gap + tokens[i]
            if places := self._names.get(key):
                candidates.append((i, places))
        for last, places in reversed(candidates):
            begin, end = spans[at].start, spans[last].end
            if text[begin:end].count("(") > text[begin:end].count(")") and text[end : end + 1] == ")":
                end += 1
            name = _Name(text[begin:end], last - at + 1)
            levels, behind = self._level_said(text, spans, tokens, at, last)
            said = bool(levels) or _LEVEL_ENDING.search(name.text) is not None
            if chosen := _accepted(places, levels, name):
                return Found(begin, end, chosen, said, level_end=behind or end), last + 1
            witnessed = any(a <= begin and end <= b for a, b in named)
            if witnessed and (chosen := _accepted(places, levels, name, witnessed=True)):
                return Found(begin, end, chosen, said, by_others=True, level_end=behind or end), last + 1
        return None

    def _level_said(
        self, text: str, spans: Sequence[Span], tokens: Sequence[str], first: int, last: int
    ) -> tuple[tuple[Level, ...], int]:
        """The levels that the word after a name, or before it with "of", stands for; the longest word counts.

        With them where that word ends, 0 where it stands before the name.
        """
        gap = text[spans[last].end : spans[last + 1].start] if last + 1 < len(tokens) else None
        if gap is not None and gap.strip(") ") == "":
            for count in range(_LONGEST_LEVEL_WORD, 0, -1):
                levels = self._level_words.get(tuple(tokens[last + 1 : last + 1 + count]))
                if levels is not None:
                    return levels, spans[min(last + count, len(spans) - 1)].end if levels else 0
        if first >= 2 and tokens[first - 1] == "of":
            return self._level_words.get((tokens[first - 2],), ()), 0
        return (), 0


@dataclass(frozen=True, slots=True)
class _Name:
    """A name as it stands in a text, with its number of syllables or words."""

    text: str
    length: int

    @property
    def is_syllable(self) -> bool:
        """One Burmese syllable: hardly ever a place, unless the word for its level follows."""
        return self.length == 1 and not self.text[0].isascii()

    @property
    def is_ordinary(self) -> bool:
        """A word that means something else as well."""
        return self.text.casefold() in _ORDINARY

    @property
    def is_short(self) -> bool:
        """Too short to be trusted alone."""
        return self.is_syllable or (self.text.isascii() and len(self.text) < _SHORTEST_ALONE)


def _accepted(
    places: tuple[Place, ...], levels: tuple[Level, ...], name: _Name, *, witnessed: bool = False
) -> tuple[Place, ...]:
    """Those of the places that a name may mean here; none where it is more likely an ordinary word.

    In the 13,323 sentences of myNER, a name with the word for its level lay in a name that people had marked in 99 of
    100 cases. Alone, names of two syllables did in 4 to 12 of 100 for villages, tracts and wards, in 81 for townships.
    """
    if name.is_syllable:
        places = tuple(p for p in places if p.level <= Level.TOWN)
    for level in levels:
        if level is Level.TOWN and name.is_ordinary:
            return ()
        if fitting := tuple(p for p in places if p.level is level):
            return fitting
    if levels or ((name.is_ordinary or name.is_short) and not witnessed):
        return ()
    for level in _ALONE:
        if fitting := tuple(p for p in places if p.level is level):
            return fitting
    return places if witnessed else ()


def _resolved(found: Sequence[Found]) -> list[Found]:
    """Each name with the place that is meant; large places first, since they say where the small ones lie."""
    mentioned: dict[str, Level] = {}
    answers: dict[int, Place | None] = {}
    for level in Level:
        for i, one in enumerate(found):
            if min(p.level for p in one.places) is level:
                place = answers[i] = _meant(one.places, mentioned)
                if place is not None:
                    mentioned[place.code] = place.level
    return [replace(one, place=answers[i], likely=_likely(one.places, mentioned)) for i, one in enumerate(found)]


def _nearness(place: Place, mentioned: Mapping[str, Level]) -> int:
    """The level of the smallest place that the text mentions besides and this one lies in, -1 for none."""
    return max((mentioned[code] for code in place.within if code in mentioned), default=-1)


def _meant(places: Sequence[Place], mentioned: Mapping[str, Level]) -> Place | None:
    """The only place, or the only one within the smallest place that the text mentions besides."""
    if len(places) == 1:
        return places[0]
    best = max(_nearness(p, mentioned) for p in places)
    near = [p for p in places if _nearness(p, mentioned) == best]
    return near[0] if best >= 0 and len(near) == 1 else None


_FOR_EACH_LEVEL = 4
"""How much likelier a place is for lying in a mentioned one that is a level smaller. A judgement, not measured."""


def _likely(places: Sequence[Place], mentioned: Mapping[str, Level]) -> tuple[int, ...]:
    weights = [_FOR_EACH_LEVEL ** (_nearness(p, mentioned) + 1) for p in places]
    return tuple(1_000_000 * weight // sum(weights) for weight in weights)


def _token(text: str) -> str:
    return to_ascii_digits(text.casefold())


def _tokens(text: str) -> Iterator[str]:
    return (_token(text[s.start : s.end]) for s in syllables(text))


def _key(name: str) -> tuple[str, int, str]:
    """A name as `find` builds it from a text, the number of its tokens, the first one; nothing if it has odd signs."""
    name = _token(name)
    spans = list(syllables(name))
    key = ""
    for i, span in enumerate(spans):
        gap = "" if i == 0 else _GAPS.get(name[spans[i - 1].end : span.start])
        if gap is None:
            return "", 0, ""
        key += gap + name[span.start : span.end]
    return (key, len(spans), name[spans[0].start : spans[0].end]) if spans else ("", 0, "")


def known(name: str) -> Entry | None:
    """A country or a city of the world by its name, with the word for what it is or without."""
    table = _of_the_world()
    return table.get(name) or table.get(_WORLD_ENDING.sub("", name))


def countries(text: str) -> Iterator[tuple[int, int, Entry]]:
    """Countries of the world with the word for one behind the name, as start, end and entry."""
    for match in _countries().finditer(text):
        if match.start() == 0 or text[match.start() - 1] != "\u1039":
            yield match.start(), match.end(), _of_the_world()[match[1]]


@lru_cache(maxsize=1)
def _countries() -> re.Pattern[str]:
    forms = {form: form + SYLLABLE_ENDS for form, entry in _of_the_world().items() if entry.what == "country"}
    return re.compile(f"({by_beginning(forms)})\\s?(?:နိုင်ငံ|ပြည်ထောင်စု){SYLLABLE_ENDS}")


_WORLD_ENDING = re.compile(r"\s?(?:နိုင်ငံ|ပြည်ထောင်စု|ပြည်|မြို့တော်|မြို့)$")


@lru_cache(maxsize=1)
def _of_the_world() -> Mapping[str, Entry]:
    rows = [entry for entry in entries("places") if entry.what in ("country", "city")]
    return {form: entry for entry in reversed(rows) for form in entry.burmese}


_COLUMNS = {
    Level.STATE: ("state_pcode", "state"), Level.DISTRICT: ("district_saz_pcode", "district"),
    Level.TOWNSHIP: ("township_pcode", "township"), Level.TOWN: ("town_pcode", "town"),
    Level.TRACT: ("village_tract_pcode", "village_tract"), Level.VILLAGE: ("village_pcode", "village"),
    Level.WARD: ("ward_pcode", "ward"),
}  # fmt: skip
_TABLES = {
    "villages": (Level.STATE, Level.DISTRICT, Level.TOWNSHIP, Level.TRACT, Level.VILLAGE),
    "wards": (Level.STATE, Level.DISTRICT, Level.TOWNSHIP, Level.TOWN, Level.WARD),
}


def load(folder: Path) -> Gazetteer:
    """The gazetteer in a model's folder."""
    connection = sqlite3.connect(f"file:{folder / DATABASE}?mode=ro&immutable=1", uri=True)
    try:
        return Gazetteer(_places(connection))
    finally:
        connection.close()


def _places(connection: sqlite3.Connection) -> Iterator[tuple[Place, list[str]]]:
    """Every place once: villages and wards, and the larger ones that their rows name."""
    lines: dict[str, tuple[str, ...]] = {}  # a place and what it lies in, outwards
    for table, levels in _TABLES.items():
        columns = ", ".join(f"{code}, {name}_eng, {name}_mmr" for code, name in map(_COLUMNS.__getitem__, levels))
        for row in connection.execute(f"select {columns} from {table}"):
            within: tuple[str, ...] = ()
            for i, level in enumerate(levels):
                code, english, burmese = str(row[3 * i]), row[3 * i + 1], row[3 * i + 2]
                if code not in lines:
                    lines[code] = (code, *within)
                    if english and burmese:
                        yield _named(code, level, english, burmese, within)
                within = lines[code]


def _named(code: str, level: Level, english: str, burmese: str, within: tuple[str, ...]) -> tuple[Place, list[str]]:
    """A place with the names that it goes by: as listed, without the word for its level, without brackets."""
    listed = [_normal(english), _normal(burmese)]
    short = [_LEVEL_ENDING.sub("", name).strip() for name in listed]
    forms = dict.fromkeys([*listed, *short, *(_BRACKETED.sub("", name) for name in short if "(" in name)])
    if level in _ALONE:
        forms |= dict.fromkeys(_old_names().get(short[0].casefold(), ()))
    return Place(code, level, short[0], short[1], within), list(forms)


def short_name(listed: str) -> str:
    """A name of the gazetteer in normal form, without the word for its level."""
    return _LEVEL_ENDING.sub("", _normal(listed)).strip()


@lru_cache(maxsize=1)
def _old_names() -> Mapping[str, tuple[str, ...]]:
    """Former names, and other spellings, of large places by the name that the gazetteer lists."""
    return {entry.english[0].casefold(): (*entry.english[1:], *entry.burmese) for entry in entries("old_names")}


@lru_cache(maxsize=1024)
def _normal(name: str) -> str:
    return " ".join(normal_text(name, None).text.split())
