"""Names of persons: after a rank or honorific with their end found, or made of nothing but name elements; their key.

Here: titles in both scripts, where a name ends, the key that all spellings of a name share.
Not here: spellings in the other script (romanisation), what a person was and did (roles), names of other kinds.

A Burmese name has no family name and no sign of its own: it is a row of some 450 words, many of which mean something
else too. A title says that one begins; it ends where what follows can stand behind a name. Without a title, a row of
name elements from the beginning of a phrase to such an end is taken for one, with less confidence.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from importlib.resources import files

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.romanisation import romanised, sound_key
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.tables import MARKS, SYLLABLE_ENDS, Entry, Forms, by_beginning, entries
from iimm_pipelines.burmese.vocabulary import vocabulary


class Rule(Enum):
    """How a name was found; the value is how sure that is, in millionths."""

    TITLE = 900_000
    TITLE_UNKNOWN_WORD = 700_000
    TITLE_OPEN_END = 650_000
    NAME_ELEMENTS = 600_000
    RECOGNISER = 550_000

    @property
    def said(self) -> str:
        """The rule in words."""
        return {"TITLE": "title, name elements", "TITLE_UNKNOWN_WORD": "title, other words",
                "TITLE_OPEN_END": "title, end unsure", "NAME_ELEMENTS": "name elements", "RECOGNISER": "recogniser"}[self.name]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A person in a text: the span with titles, the name alone, the titles in order, and how it was found."""

    start: int
    end: int
    name: str
    titles: tuple[Entry, ...]
    rule: Rule

    @property
    def key(self) -> str:
        """The same for all spellings of the name in both scripts; names that sound alike may share it."""
        return name_sounds(self.name).replace(" ", "")

    @property
    def rank(self) -> Entry | None:
        """The last title that is a rank."""
        return next((t for t in reversed(self.titles) if t.what.endswith("rank")), None)

    @property
    def both(self) -> str:
        """The name as it stands, and in Latin letters where it is Burmese."""
        return self.name if self.name.isascii() else f"{romanised(self.name)} | {self.name}"


def name_sounds(name: str) -> str:
    """The sound of each syllable of a name, with spaces between: what a search for a part of it meets."""
    sounds = (_DOUBLED.sub(r"\1", sound_key(word)) for word in romanised(name).replace("-", " ").split())
    return " ".join(_ALIKE.get(sound, sound) for sound in sounds if sound)


_DOUBLED = re.compile(r"([aeiou])\1+")
_ALIKE = {"kyi": "ki", "nang": "nan", "nant": "nan"}
"""Gyi and Kyi, Nang and Nan."""

TITLES = Forms(entries("titles"))
"""Those of the package's table."""
_LOOSE = frozenset({"U", "DAW"})
_TIGHT = frozenset({"KO", "MA", "MAUNG", "NAI", "MI", "PU", "MAI"})
"""Particles and everyday words as well: they need the beginning of a phrase, and a name of known elements."""
_ETHNIC = frozenset({"SAW", "NAW", "MAHN", "NANT", "SAI", "NANG", "SAO", "KHUN", "SALAI", "DUWA", "MISTER"})
"""Names after them need not be of known elements, but they need the beginning of a phrase."""
_BEFORE_ANOTHER = "PADOH"
"""An officer of the Karen, whose honorific follows."""
_TWO_ELEMENTS = frozenset({"MA", "NAI", "MI", "PU", "MAI"})


@lru_cache(maxsize=1)
def _elements() -> dict[str, bool]:
    """Name elements; True where they seldom mean anything else."""
    with (files("iimm_pipelines.burmese") / "tables" / "name_elements.csv").open(encoding="utf-8") as file:
        return {normal_text(row["burmese"], None).text: row["what"] == "name" for row in csv.DictReader(file)}


_ELEMENT = re.compile(by_beginning({e: e for e in _elements()}) + SYLLABLE_ENDS)
_OPEN = f"(?:(?!\u1039)[{MARKS}])*"
_STACKED = f"\u1039[\u1000-\u1021]{_OPEN}"
_SYLLABLE = re.compile(
    f"[\u1000-\u102a\u103f]{_OPEN}"
    f"(?:[\u1000-\u1021]\u1037?\u103a[\u1037\u1038]?(?:{_STACKED})?|[\u1000-\u1021]{_STACKED}|{_STACKED})*"
)
# What may stand behind a name: an end, a sign, a particle, or the beginning of a common verb or noun in apposition.
_PARTICLES = (
    "သည်", "က", "ကို", "ရဲ့", "နှင့်", "နဲ့", "တို့", "မှ", "မှာ", "တွင်", "အား", "ဟာ", "လည်း", "သို့", "ထံ", "ဆီ", "ဖြင့်", "အတွက်", "ကိုယ်တိုင်", "ဆိုသူ", "ဆိုတဲ့",
    "ဆိုသော", "ဆိုသည်", "ဟု", "ဟူ", "ပါ", "အပါအဝင်", "အပြင်", "ရှိ", "ပြော", "ဦးဆောင်", "ဖြစ်", "ဖမ်း", "သေဆုံး", "ကွပ်ကဲ", "တာဝန်", "အမိန့်", "ရောက်", "တစ်",
    "အမည်", "အသက်", "လက်အောက်", "နောက်", "ဘေး", "၏", "ရော", "တော့", "ပဲ", "ဘဲ", "ချည်း", "နား", "အနား", "အိမ်", "များ", "တွေ", "ရယ်", "ပေး", "ခေါ်", "ထက်",
    "ကြောင့်", "လို", "ကဲ့သို့", "နှစ်ဦး", "ဘယ်", "မဟုတ်", "လာ", "သွား", "၌", "တပ်ရင်းမှူး", "သေနတ်", "ကျဆုံး", "ဒဏ်ရာ", "ဆွေးနွေး", "ခန့်အပ်", "အဖြစ်", "ထွက်ပြေး",
    "လား", "ခင်ဗျား",
)  # fmt: skip
MAY_FOLLOW = (
    "(?=$|[^\u1000-\u1049\u104c-\u109f]|[\u104c-\u104f]|(?:"
    + "|".join(sorted((normal_text(p, None).text for p in _PARTICLES), key=len, reverse=True))
    + ")"
    + SYLLABLE_ENDS
    + ")"
)
"""Pattern of the end of a name: nothing of it is consumed."""
_STOP = re.compile(MAY_FOLLOW)
_OBJECT = "ကို"
# Oo before these is no end of a name but the beginning of a word: to lead, to head, to direct.
_NO_NAME = re.compile(
    "ဦး(?:ဆောင်|စီး|တည်|ခေါင်း|စား|ပိုင်|ထိပ်|နှောက်|ဩ|တိုက်)|နေ(?:ထိုင်|သော|သည်|တဲ့|ပြီး|ကြ)|နိုင်(?:ငံ|သည်|သော|ခြင်း|ရန်|မည်)|ရှင်(?:းလင်း)|မောင်းနှင်"
)
_ADDRESS = frozenset({"ကြီး", "လေး", "ငယ်", "လတ်", "မ", "တော်"})
"""With a title they address somebody: uncle, aunt, little teacher."""
# What no name holds; a name with words that are no elements is none then.
_NO_WORDS = re.compile("မြို့|ရွာ|လမ်း|ပန်းခြံ|ခြံ|တစ်|ဖြစ်|သော|သည်|ဝန်|အ$|ရာထူး|အဆင့်|ဈေး|ဟောင်း|ပညာ|များ|တွေ|ကျောင်း|မ[က-အ]")
_AFTER_TITLE = re.compile(r"\s?(?:\((?:ငြိမ်း|ကြည်း|ရေ|လေ|အငြိမ်းစား|[Rr]etd?\.?|[Rr]etired)\)\s?)?")
_MOST_ELEMENTS = 5
_BOUNDED_BY = re.compile("(?:သည်|နှင့်|နဲ့|တို့|၏|ရဲ့|တွင်|မှ|ဖြစ်သူ|သူ|ဆိုသူ|အပါအဝင်|ခင်ပွန်း|ဇနီး|သား|သမီး|ခံ|ဝင်|မှူး|ကြီး|ဌ|သား|ဖခင်|မိခင်)$")
_BURMESE = re.compile("[\u1000-\u1049\u104c-\u104f\u1050-\u109f]")
_NO_TITLE_BEFORE = {
    "DAW": re.compile("(?:အ|မိတ်)$"),
    "U": re.compile(r"[0-9၀-၉တစ်နှစ်သုံးလေးငါးခြောက်ရှစ်ကိုး\s]*[0-9၀-၉]\s?$|(?:တစ်|နှစ်|သုံး|လေး|ငါး)$"),
}

_WORD = r"(?:[A-Z][a-z]+(?:['\u2019-][A-Za-z]+)*)"
_LATIN_NAME = re.compile(rf"[ ]?(?P<name>{_WORD}(?:[ ](?:{_WORD}|U\b)){{0,4}})")
_BARE_LATIN = re.compile(rf"(?<![A-Za-z]){_WORD}(?:[ ](?:{_WORD}|U\b)){{1,4}}")
_NO_LATIN_NAME = frozenset(
    re.findall(
        r"\w+",
        """
    Township District Region State Village Ward Town City Division Battalion Command Army Police Prison Road Street
    Assembly Administration Secretary Election Hospital Manager Director Council Government Minister Party Force Infantry
    Light Military Operations Regional The This That They There Then In On At Of And But For From With By To As Is Was He She
    It We You His Her My Our Their January February March April May June July August September October November December
    Monday Tuesday Wednesday Thursday Friday Saturday Sunday Myanmar Burma Yangon Mandalay Sagaing Magway Offensive Staff
    Nations Sector Major General Captain Colonel Lieutenant Sergeant Private Commander President Chairman Sector Public
    Company Limited Bank School University Market Hotel River Bridge Camp Brigade An Are Not No Yes Sun Win Lin Than
""",
    )
)  # fmt: skip
_LATER_WORDS = frozenset({"Win", "Lin", "Than", "Sun", "May"})
"""Words that are names only behind another."""
_WORDS_TOO = frozenset({"GENERAL", "MAJOR", "PRIVATE", "CAPTAIN", "TEACHER", "DOCTOR", "MISTER", "PASTOR", "BO"})


@lru_cache(maxsize=1)
def _sounds() -> frozenset[str]:
    """The sounds of all elements and of their syllables."""
    sounds = {s for element in _elements() for s in name_sounds(element).split()}
    return frozenset(sounds | {name_sounds(element).replace(" ", "") for element in _elements()})


@lru_cache(maxsize=4096)
def _is_element(word: str) -> bool:
    return word not in _NO_LATIN_NAME and name_sounds(word).replace(" ", "") in _sounds()


def _behind_title(text: str, end: int) -> int:
    """Where a name begins behind a title that ends here; the pattern may be empty, so it always fits."""
    found = _AFTER_TITLE.match(text, end)
    return found.end() if found else end


def persons(text: str, known: Forms = TITLES) -> list[Person]:
    """Persons in a text in normal form, in order, none over another; `known`: titles."""
    found: list[Person] = []
    taken = 0
    for start, end, entry in known.find(text):
        if start < taken:
            continue
        titles = [entry]
        while further := known.at(text, _behind_title(text, end)):
            if titles[-1].id in _TIGHT or (further[1].id in _TIGHT | _ETHNIC and titles[-1].id != _BEFORE_ANOTHER):
                break
            end = further[0]
            titles.append(further[1])
        after = _burmese if _BURMESE.match(text, start) else _latin
        if person := after(text, start, end, tuple(titles)):
            found.append(person)
            taken = person.end
    return sorted([*found, *_bare(text, found)], key=lambda p: p.start)


def person_at(text: str, start: int, end: int, known: Forms = TITLES) -> Person:
    """A person whom something else than these rules found here, with the titles that the stretch begins with."""
    titles: list[Entry] = []
    begin = start
    while (found := known.at(text, _behind_title(text, begin) if titles else begin)) and found[0] < end:
        begin = found[0]
        titles.append(found[1])
    begin = min(_behind_title(text, begin), end) if titles else start
    # a name of one element is Ko or Saw as often as it is addressed so
    if titles and titles[-1].id in _TIGHT | _ETHNIC and _longer_element(text, start, begin):
        titles, begin = [], start
    return Person(start, end, text[begin:end], tuple(titles), Rule.RECOGNISER)


def names_at(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The stretches of a Burmese name that something else than these rules found here, by what a name cannot be.

    It goes on in no other script and does not begin with the particle of a clause, or with somebody who is not named. The
    object's particle with a long name before it and one behind it parts two names; it belongs to the name where another
    particle of a noun follows it. Particles that no name holds end it, and so does what somebody is called out to with.
    """
    if other := _OTHER_SCRIPT.search(text, start, end):
        end = other.start()
    while (clause := _CLAUSE_ENDS.match(text, start)) and len(_SYLLABLE.findall(text, clause.end(), end)) > 1:
        start = clause.end()
    for particle in _OBJECT_PARTICLE.finditer(text, start, end):
        before = len(_SYLLABLE.findall(text, start, particle.start()))
        if before > 2 and len(_SYLLABLE.findall(text, particle.end(), end)) > 1:
            return [(start, particle.start()), (particle.end(), end)]
    if (parted := _IN_NO_NAME.search(text, start, end)) and len(_SYLLABLE.findall(text, start, parted.start())) > 1:
        further = parted[0] in _JOINS and len(_SYLLABLE.findall(text, parted.end(), end)) > 1
        return [(start, parted.start()), *([(parted.end(), end)] if further else [])]
    if text.startswith("ဦး", start) and (mother := _MOTHER.search(text, start, end)):
        return [(start, mother.start()), (mother.start(), end)]
    if (called := _CALLED_OUT.search(text, start, end)) and len(_SYLLABLE.findall(text, start, called.start())) > 1:
        return [(start, called.start())]
    closing = _OBJECT_IN_NAME.match(text, end)
    return [(start, closing.end() if closing else end)]


def original_at(text: str, end: int) -> tuple[int, int] | None:
    """Where the name of another language that ends here, in Burmese letters, is also written in its own."""
    match = _ORIGINAL.match(text, end)
    return match.span("name") if match and sum(map(str.isalpha, match["name"])) > _SHORTEST_ORIGINAL else None


_OTHER_SCRIPT = re.compile(r"\s?\(?[A-Za-z]")
_ORIGINAL = re.compile(r"\s?\(?(?P<name>(?:[A-Z][a-z]+|[A-Z]\.)(?:[ -]?(?:[A-Z][a-z]+|[A-Z]\.|I+\b))*)(?![A-Za-z0-9])")
_SHORTEST_ORIGINAL = 3
_CLAUSE_ENDS = re.compile("(?:ဪ|ဟင်|ဟေ့|ဟဲ့|ရေ|ရင်|လို့|ပြီးတော့|ပေမယ့်|ပေမဲ့|အဲ့|အဲဒီ|အခု|မှာတော့|ကြောင့်|သောအခါ|လျှင်|တဲ့)" + SYLLABLE_ENDS)
_IN_NO_NAME = re.compile("(?:သည်|နှင့်|ရဲ့|တို့)" + SYLLABLE_ENDS + "|၏|၊")
_JOINS = ("နှင့်", "၊")
_MOTHER = re.compile("(?<!္)ဒေါ်(?=[က-ဪ])")
_CALLED_OUT = re.compile("(?:ရေ|ရယ်|တဲ့)$")
_OBJECT_PARTICLE = re.compile(_OBJECT + SYLLABLE_ENDS)
_OBJECT_IN_NAME = re.compile(f"{_OBJECT}(?=(?:သည်|နှင့်|နဲ့|တို့|ရဲ့|ဟာ|အား){SYLLABLE_ENDS}|၏)")
_NO_PERSON = re.compile(
    "(?:နယ်|မြောင်း|မြစ်|စီမံကိန်း|ကိစ္စ|ဘွဲ့|ခေတ်|စစ်ပွဲ|ဝါဒ|ဗေဒ|မေဂျာ|အင်ပါယာ|လူမျိုး|ဘာသာ|ဆိုင်|ကုမ္ပဏီ|ကျောင်း|ဈေး|လမ်း|သတင်း|စာအုပ်|ဇာတ်|ရောဂါ|ဓာတ်)$"
)

_PEOPLES = frozenset(re.findall(
    r"\S+", "ဗြိတိသျှ အင်္ဂလိပ် အမေရိကန် ဂျပန် တရုတ် ပြင်သစ် ဂျာမန် ရုရှား ကုလား အာရပ် ပေါ်တူဂီ ဒတ်ချ် စပိန် မွန်ဂို ခမာ ဗီယက်နမ် ထိုင်း အိန္ဒိယ ဂရိ ရောမ ပါရှန်း တူရကီ ယိုးဒယား ဘင်္ဂါလီ ရိုဟင်ဂျာ ဗမာ မွန်",
))  # fmt: skip


def is_of_a_thing(name: str) -> bool:
    """Whether a name ends with a word for what is no person, such as a region or a project, or is that of a people."""
    return name in _PEOPLES or _NO_PERSON.search(name) is not None


def is_a_place(name: str) -> bool:
    """Whether a name ends with the word for a place, as no person's does."""
    return _PLACE_SAID.search(name) is not None


def names_a_thing(text: str, end: int) -> bool:
    """Whether behind the name that ends here stands what is called by it, such as a hotel or a monastery."""
    return _CALLED_BY_A_NAME.match(text, end) is not None


_PLACE_SAID = re.compile("(?:ကျွန်း|မြို့|ရွာ|ရပ်ကွက်|တောင်ကုန်း|တောင်တန်း|မြောင်း|ပင်လယ်|ပန်းခြံ|ပြည်နယ်|ခရိုင်|ဒေသ|နိုင်ငံ|ဂြိုဟ်|အင်ပါယာ|အင်ပိုင်ယာ)$")
_CALLED_BY_A_NAME = re.compile(
    "(?:ဟိုတယ်|ဟော်တယ်|ကျောင်းတိုက်|စာသင်တိုက်|ပုံနှိပ်တိုက်|စာအုပ်တိုက်|ပန်းခြံ|သတင်းစာ|ဂျာနယ်|မဂ္ဂဇင်း|ကုမ္ပဏီ|တက္ကသိုလ်|ဖောင်ဒေးရှင်း|လူမျိုး|ဘာသာစကား)"
    + SYLLABLE_ENDS
)


def is_a_word(name: str) -> bool:
    """Whether a name is a word of the dictionary; one syllable said twice is a name as often."""
    return name in vocabulary() and len({name[s.start : s.end] for s in syllables(name)}) > 1


def begins_in_a_word(text: str, start: int, end: int) -> bool:
    """Whether a word of the dictionary begins before a name that was found here, and ends in it."""
    behind = max(0, start - _AS_FAR)
    before = [
        behind + span.start for span in syllables(text[behind:start]) if _BURMESE.match(text, behind + span.start)
    ]
    inside = [start + span.end for span in syllables(text[start:end])]
    return any(text[a:b] in vocabulary() for a in before[-_MOST_CUT:] for b in inside[:_MOST_CUT])


_AS_FAR = 24
_MOST_CUT = 3
"""Syllables of a word before the name, and in it; three before it have no more code points than looked at."""


def of_elements(name: str) -> float:
    """The share of a Burmese name's syllables that lie in name elements; 0 where one syllable only is repeated."""
    sounds = _SYLLABLE.findall(name)
    if len(sounds) < 2 or len(set(sounds)) == 1:
        return 0.0
    return sum(len(_SYLLABLE.findall(match[0])) for match in _ELEMENT.finditer(name)) / len(sounds)


def _burmese(text: str, start: int, end: int, titles: tuple[Entry, ...]) -> Person | None:
    title = titles[-1].id
    before = text[max(0, start - 20) : start]
    if _NO_NAME.match(text, start) or ((no := _NO_TITLE_BEFORE.get(titles[0].id)) and no.search(before)):
        return None
    bounded = not before or not _BURMESE.match(before[-1]) or _BOUNDED_BY.search(before) is not None
    if not bounded and title in _TIGHT | _ETHNIC:
        return None
    if title in _TIGHT | _ETHNIC and _longer_element(text, start, end):
        return None
    begin = _behind_title(text, end)
    if title in _TIGHT and begin > end and title != "MAUNG":
        return None
    way = _end(text, begin, unknown=0 if title in _TIGHT or not bounded else 4, foreign=title in _ETHNIC)
    if way is None:
        return None
    stop, known, unknown, closed = way
    name = text[begin:stop]
    if name in _ADDRESS or (unknown and _NO_WORDS.search(name)):
        return None
    if title == "TEACHER" and (unknown or not bounded):
        return None
    if title in _TWO_ELEMENTS and known < 2:
        return None
    if not bounded and title in _LOOSE and known < 2:
        return None
    if title in _TIGHT and not closed:
        return None
    if unknown and not known and title in _LOOSE and begin > end:
        return None
    if unknown > 2 and not (title in _ETHNIC or titles[-1].what.endswith("rank") or title in _LOOSE):
        return None
    rule = Rule.TITLE_UNKNOWN_WORD if unknown else Rule.TITLE if closed else Rule.TITLE_OPEN_END
    return Person(start, stop, name, titles, rule)


def _longer_element(text: str, start: int, end: int) -> bool:
    """Whether a title is the beginning of a longer element: Ko Ko, Ma Ma."""
    match = _ELEMENT.match(text, start)
    return match is not None and match.end() > end


def _end(text: str, begin: int, unknown: int, *, foreign: bool) -> tuple[int, int, int, bool] | None:
    """Where a name that begins here ends: the place, how many known and other words it has, whether it is closed.

    `foreign`: other words are as likely as known ones.
    """
    if _STOP.match(text, begin) and not _ELEMENT.match(text, begin):
        return None
    at, known, strange = begin, 0, 0
    closed: tuple[int, int, int] | None = None
    prefix: tuple[int, int] | None = None
    last = ""
    while known + strange <= _MOST_ELEMENTS:
        if at > begin and _STOP.match(text, at):
            alone = last == _OBJECT and known + strange > 1 and not _STOP_PARTICLE.match(text, at)
            if not alone and (closed is None or (not strange and not closed[2])):
                closed = (at, known, strange)
            if strange:
                break
        if at > begin and not _BURMESE.match(text, at):
            break
        element = _ELEMENT.match(text, at)
        if element and not _NO_NAME.match(text, at):
            at, last = element.end(), element[0]
            known += 1
            if not strange and (_elements()[last] or known == 2):
                prefix = (at, known)
            continue
        other = _SYLLABLE.match(text, at)
        if not other or (closed is not None and not closed[2]) or _NO_NAME.match(text, at):
            break
        at, last = other.end(), other[0]
        strange += 1
    if closed and not closed[2]:
        return (*closed, True)
    if not (foreign and closed and closed[2] <= 2) and prefix and len(_SYLLABLE.findall(text, begin, prefix[0])) >= 2:
        return (*prefix, 0, False)
    if closed and closed[2] <= unknown and closed[1] + closed[2] <= _MOST_ELEMENTS - 1:
        return (*closed, True)
    return None


_STOP_PARTICLE = re.compile("(?:က|သည်|ကို|ရဲ့|နဲ့|နှင့်|မှ|ဟာ|တို့)" + SYLLABLE_ENDS + "|၏")


def _latin(text: str, start: int, end: int, titles: tuple[Entry, ...]) -> Person | None:
    begin = _behind_title(text, end)
    match = _LATIN_NAME.match(text, begin)
    title = text[start:end].strip()
    if match is None or begin + len(match[0]) - len(match["name"]) == end:
        return None
    words = _name_words(match["name"], titled=True)
    # Ko Ko, Maung Maung: the title is the name's first word
    if not words or words[0] == title or text[:start].endswith(f"{title} "):
        return None
    known = sum(_is_element(word) or word in _LATER_WORDS for word in words)
    honorific = titles[-1].id in _LOOSE | _TIGHT | _ETHNIC
    if not known and (titles[-1].id in _WORDS_TOO | _TIGHT or (len(title) < 3 and len(words[0]) < 4)):
        return None
    if honorific and len(words) == 1 and len(words[0]) < 3 and titles[-1].id in _TIGHT:
        return None
    name = " ".join(words)
    rule = Rule.TITLE if known == len(words) else Rule.TITLE_UNKNOWN_WORD
    begin = match.start("name")
    return Person(start, begin + len(name), name, titles, rule)


def _name_words(name: str, *, titled: bool = False) -> list[str]:
    words: list[str] = []
    for word in name.split(" "):
        if word in _NO_LATIN_NAME and not ((words or titled) and word in _LATER_WORDS):
            break
        words.append(word)
    return words


def _bare(text: str, found: list[Person]) -> Iterator[Person]:
    """Names without a title."""
    spans = [(p.start, p.end) for p in found]
    for match in _ROW.finditer(text):
        start = match.start()
        begins = start == 0 or not _BURMESE.match(text, start - 1)
        # within a phrase the object's particle and words that mean other things begin no name
        while not begins and start < match.end() and (word := _ELEMENT.match(text, start)) and not _elements()[word[0]]:
            start = word.end()
        end = _bare_end(text, start, begins=begins) if text[start - 1 : start] != "\u1039" else None
        if end is None or is_a_word(text[start:end]) or any(a < end and start < b for a, b in spans):
            continue
        yield Person(start, end, text[start:end], (), Rule.NAME_ELEMENTS)
    for match in _BARE_LATIN.finditer(text):
        words = _name_words(match[0])
        name = " ".join(words)
        start, end = match.start(), match.start() + len(name)
        if (
            len(words) > 1
            and all(_is_element(w) or (at and w in _LATER_WORDS) for at, w in enumerate(words))
            and not any(a < end and start < b for a, b in spans)
        ):
            yield Person(start, end, name, (), Rule.NAME_ELEMENTS)


def _bare_end(text: str, start: int, *, begins: bool) -> int | None:
    """Where a row of name elements ends that is long and rare enough to be a name."""
    at = start
    ends: list[tuple[int, str]] = []
    while element := _ELEMENT.match(text, at):
        if _NO_NAME.match(text, at) or len(ends) == _MOST_ELEMENTS:
            break
        at = element.end()
        ends.append((at, element[0]))
    while ends and (not _STOP.match(text, ends[-1][0]) or ends[-1][1] == _OBJECT):
        ends.pop()
    sure = sum(_elements()[word] for _, word in ends)
    syllables = sum(len(_SYLLABLE.findall(word)) for _, word in ends)
    if not begins:
        return ends[-1][0] if syllables > 2 and sure >= 2 else None
    if syllables == 2:
        return (
            ends[-1][0]
            if len(ends) == 2 and (sure == 2 or (sure and _STOP_PARTICLE.match(text, ends[-1][0])))
            else None
        )
    return ends[-1][0] if syllables > 2 and sure else None


_ROW = re.compile(f"(?:{_ELEMENT.pattern})+")
