"""Sentences in which every name is known, made of tables, of lines with gaps, and of texts with names put into them.

    python -m training.recogniser.generate DATA WORK MODEL

Writes MODEL.jsonl to WORK: pieces of text, each with the kind of name that it is or none. The same bytes each time. MODEL
is "names" or "words": the two models learn from other sentences, the first from more verses and chronicles.

Here: names and what they are put into. Not here: what the model sees (iimm_pipelines.burmese.recogniser), learning (train).

DATA are the Burmese reference data. Read are the places of MIMU (attribution), TALPCo (CC-BY 4.0), TICO-19 (CC0), the
Universal Declaration of Human Rights and the
Bibles of Judson and the World English Bible (public domain), of the Bible all but Matthew and Luke: the corpus that is
measured with holds verses of these two. No list of real persons is read.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.recogniser import Kind
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.tables import SYLLABLE_ENDS, entries
from iimm_pipelines.burmese.vocabulary import vocabulary
from training.generate import Phrase, Writer, invent_people
from training.places import Name, Places, Site, read_places
from training.recogniser import foreign, lines

SEED = 20_261_124
_COUNTS = {
    "names": {"lines": 21_000, "field": 3_000, "spoken": 12_000, "bible": 7_000, "plain": 6_000, "nobody": 3_000,
              "untouched": 12_000},
    "words": {"lines": 21_000, "field": 3_000, "spoken": 15_000, "bible": 3_000, "plain": 7_000, "nobody": 5_000,
              "untouched": 14_000},
}  # fmt: skip
"""Sentences by model and by where they come from."""
_BEGIN, _END = "\ue000", "\ue001"
"""Around a name, the first with the letter of its kind behind it; no text has them."""
_MARKED = re.compile(f"{_BEGIN}(.)([^{_BEGIN}{_END}]*){_END}")
_LEFT_OUT = ("matthew", "luke")

Chunk = tuple[str, str]
"""A piece of text and the letter of its kind, "" for none."""


def marked(kind: Kind, name: str) -> str:
    """A name with its kind around it."""
    return f"{_BEGIN}{kind}{name}{_END}"


def chunks(text: str) -> list[Chunk]:
    """A text with marked names as pieces in normal form."""
    found: list[Chunk] = []
    at = 0
    for match in _MARKED.finditer(text):
        found += [(text[at : match.start()], ""), (match[2], match[1])]
        at = match.end()
    found.append((text[at:], ""))
    return [(normal_text(piece, None).text, kind) for piece, kind in found if piece]


class Names:
    """Names of all kinds by chance, marked."""

    def __init__(self, rng: random.Random, places: Places, heard: Sequence[str], odd: Sequence[str]) -> None:
        """`heard`: names of other languages in Burmese letters; `odd`: syllables of any text."""
        self.rng, self.places, self.odd = rng, places, odd
        with (files("iimm_pipelines.burmese") / "tables" / "name_elements.csv").open(encoding="utf-8") as file:
            rows = [(normal_text(r["burmese"], None).text, r["what"] == "name") for r in csv.DictReader(file)]
        self.sure = [word for word, sure in rows if sure]
        self.words = [word for word, sure in rows if not sure]
        self.titles: dict[str, list[str]] = defaultdict(list)
        for entry in entries("titles"):
            kind = (
                "rank"
                if entry.what.endswith("rank")
                else "honorific"
                if entry.id in ("U", "DAW", "KO", "MA", "MAUNG")
                else "other"
            )
            self.titles[kind] += [form.replace(" ", "") for form in entry.burmese]
        self.bodies = [form.replace(" ", "") for entry in entries("organisations") for form in entry.burmese]
        by_level: dict[str, list[str]] = defaultdict(list)
        for entry in entries("places"):
            by_level[entry.what] += entry.burmese
        self.levels = by_level
        self.foreign = list(heard)
        self.kings, self.court = foreign.words_of(foreign.KINGS), foreign.words_of(foreign.COURT)
        self.uncommon = foreign.words_of(foreign.ELEMENTS) + foreign.words_of(foreign.UNCOMMON)
        self.no_names, self.deeds = foreign.words_of(foreign.NO_NAMES), foreign.words_of(foreign.DEEDS)
        self.things = sorted(word for word in vocabulary() if len(list(syllables(word))) <= _LONGEST_THING)
        self.short_things = [word for word in self.things if len(list(syllables(word))) == 2]
        strange = [*heard, *by_level["country"], *by_level["city"]]
        self._chain = _chain(strange)
        self._onsets, self._rests = _parts(strange)

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.rng.random() < share

    def bare(self) -> str:
        """A Burmese name: two to five elements, now and then one twice, or a word that no table has, or of everyday."""
        if self.chance(0.03):
            parts = [self.rng.choice(self.short_things), self.rng.choice(self.sure + self.words)]
            self.rng.shuffle(parts)
            return "".join(parts)
        left = self.rng.choices((2, 3, 4, 5), (26, 46, 22, 6))[0]
        picked: list[str] = []
        while left > 0 or len(picked) < 2:
            word = self.rng.choice(self.rng.choices((self.sure, self.words, self.uncommon, self.odd), _ELEMENTS_OF)[0])
            picked += [word, word] if left > 2 and self.chance(0.15) else [word]
            left -= sum(len(list(syllables(w))) for w in picked[-2:] if w == word)
        if self.chance(0.03) and len(picked) > 1:
            picked[-1] = "ကို"  # the object's particle too, and so often a name's last word
        return "".join(picked)

    def person(self) -> str:
        """{p}: a person without a title."""
        return marked(Kind.PERSON, self.bare())

    def titled(self) -> str:
        """{t}: with a rank or honorific; now and then two, and names of one element."""
        kind = self.rng.choices(("honorific", "rank", "other"), (58, 22, 20))[0]
        title = self.rng.choice(self.titles[kind])
        if self.chance(0.06):
            title += self.rng.choice(self.titles["honorific"])
        if title.startswith(_MISTERS):
            name = self.foreign_name()
        elif self.chance(0.18):
            # teachers and bosses of other peoples are called by a name of one syllable too
            name = (
                self.rng.choice(self._onsets) + self.rng.choice(self._rests)
                if kind == "other" and self.chance(0.3)
                else self.rng.choice(self.sure + self.words)
            )
        else:
            name = self.foreign_name() if self.chance(0.14) else self.courtly() if self.chance(0.08) else self.bare()
        gap = " " if self.chance(0.25) else ""
        return marked(Kind.PERSON, title + gap + name)

    def foreign_name(self) -> str:
        """A name as other languages have them, heard of or made up, of one to three words."""
        if self.chance(0.04):
            return self.latin_name()
        parts = [
            self.rng.choice(self.foreign) if self.chance(0.5) else self.invented()
            for _ in range(self.rng.choices((1, 2, 3), (55, 35, 10))[0])
        ]
        return self.rng.choice(("", "", " ", "-")).join(parts)

    def foreigner(self) -> str:
        """{f}: a person of another country."""
        return marked(Kind.PERSON, self.foreign_name())

    def latin_name(self) -> str:
        """In Latin letters, now and then of one word, with an initial or a title."""
        first, last = self.rng.choice(_LATIN_FIRST), self.rng.choice(_LATIN_LAST)
        if self.chance(0.15):
            return self.rng.choice((first, last))
        middle = self.rng.choice(("", "", "", f"{self.rng.choice('ABCDEFGHJLMRSTW')}.", self.rng.choice(_LATIN_FIRST)))
        title = self.rng.choice(("Mr.", "Mrs.", "Dr.", "Sir", "Professor")) if self.chance(0.1) else ""
        return " ".join(word for word in (title, first, middle, last) if word)

    def any_person(self) -> str:
        """{x}."""
        return self.rng.choice((self.person, self.titled, self.foreigner))()

    def invented(self) -> str:
        """A word that sounds like those of other languages: syllables that follow each other there, or their parts."""
        if self.chance(0.35):
            length = self.rng.choices((1, 2, 3, 4), (8, 45, 35, 12))[0]
            return "".join(self.rng.choice(self._onsets) + self.rng.choice(self._rests) for _ in range(length))
        word, last = "", "^"
        for _ in range(6):
            last = self.rng.choice(self._chain[last])
            if last == "$":
                break
            word += last
        return word if len(list(syllables(word))) > 1 else self.invented()

    def _site(self, sites: Sequence[Site]) -> str:
        name = self.rng.choice(sites).name[0]
        if self.chance(0.08):
            name = "".join(self.rng.choices(self.odd, k=self.rng.randint(1, 3)))
        return name

    def village(self) -> str:
        """{v}: always with its level."""
        direction = self.rng.choice(
            ("", "", "", "", "", "(တောင်)", "(မြောက်)", "ကြီး", "လေး", "တောင်", "မြောက်", "သစ်", "အရှေ့", "အနောက်")
        )
        level = self.rng.choice(("ရွာ", "ရွာ", "ကျေးရွာ", "ကျေးရွာ", "ကျေးရွာအုပ်စု", "အုပ်စု"))
        return marked(Kind.PLACE, self._site(self.places.villages) + direction + level)

    def ward(self) -> str:
        """{w}."""
        name = self._site(self.places.wards) if self.chance(0.7) else f"အမှတ်({self.number()})"
        return marked(Kind.PLACE, name + self.rng.choice(("", "", " ")) + "ရပ်ကွက်")

    def town(self) -> str:
        """{c}: a town, mostly with its level; now and then one of the world."""
        if self.chance(0.2):
            return marked(
                Kind.PLACE,
                (self.rng.choice(self.levels["city"]) if self.chance(0.6) else self.invented())
                + self.rng.choice(("", "", "မြို့")),
            )
        name = self.rng.choice(self.levels["township"])
        return marked(Kind.PLACE, name + self.rng.choice(("", "မြို့", "မြို့နယ်", "မြို့နယ်", "ခရိုင်")))

    def state(self) -> str:
        """{s}."""
        name = self.rng.choice(self.levels["state"])
        peoples = name in _OF_PEOPLES
        ending = self.rng.choice(("ပြည်နယ်", "ပြည်နယ်", "ပြည်") if peoples else ("တိုင်း", "တိုင်းဒေသကြီး", "တိုင်းဒေသကြီး"))
        if self.chance(0.12):
            return marked(
                Kind.PLACE, self.rng.choice(_SELF_ADMINISTERED) + "ကိုယ်ပိုင်အုပ်ချုပ်ခွင့်ရ" + self.rng.choice(("ဒေသ", "တိုင်း"))
            )
        part = self.rng.choice(_PARTS_OF_STATES) if self.chance(0.45) else ""
        if part and self.chance(0.6):
            part = f"({part})"
        return marked(Kind.PLACE, name + ending + part)

    def country(self) -> str:
        """{n}."""
        if self.chance(0.25):
            name = self.rng.choice(_NEAR)
        else:
            name = self.rng.choice(self.levels["country"]) if self.chance(0.8) else self.invented()
        return marked(
            Kind.PLACE,
            name + ("" if name.endswith(("နိုင်ငံ", "ပြည်", "စု")) else self.rng.choice(("", "", "နိုင်ငံ", "နိုင်ငံ", "ပြည်"))),
        )

    def feature(self) -> str:
        """{r}: a river, hill, island, street, and the like."""
        name = self.invented() if self.chance(0.4) else self._site(self.places.villages)
        return marked(Kind.PLACE, name + self.rng.choice(_FEATURES))

    def place(self) -> str:
        """{l}."""
        return self.rng.choice(
            (self.village, self.town, self.town, self.state, self.country, self.feature, self.ward)
        )()

    def body(self) -> str:
        """{o}: of the table, in Latin letters, in the sounds of its letters, or composed: whose, of what, which kind."""
        sort = self.rng.choices(("table", "latin", "letters", "place", "foreign", "matter"), (30, 8, 8, 24, 14, 16))[0]
        if sort == "table":
            name = self.rng.choice(self.bodies)
        elif sort == "latin":
            letters = "".join(self.rng.choices("ABCDEFGHIJKLMNOPRSTUVW", k=self.rng.choice((3, 3, 4, 4, 5))))
            name = letters if self.chance(0.3) else self.rng.choice(_LATIN_BODIES)
        elif sort == "letters":
            name = "".join(self.rng.choices(_LETTERS_AS_SAID, k=self.rng.choice((2, 3, 3, 3, 4))))
        elif sort == "place":
            of = (self.rng.choice(self.levels[self.rng.choice(("country", "township", "city", "state"))])
                  if self.chance(0.6) else self.rng.choice(_NEAR))  # fmt: skip
            name = of + self.rng.choice(_BODIES_OF_PLACES)
        elif sort == "foreign":
            name = self.foreign_name().replace("-", "") if self.chance(0.4) else self.invented()
            name += self.rng.choice(_BODIES_NAMED)
        else:
            whose = self.rng.choice(
                (
                    "",
                    "",
                    "မြန်မာ",
                    "မြန်မာ့",
                    "မြန်မာနိုင်ငံ",
                    "ဗမာ",
                    "ကမ္ဘာ့",
                    "အပြည်ပြည်ဆိုင်ရာ",
                    "နိုင်ငံတကာ",
                    "ပြည်ထောင်စု",
                    "တက္ကသိုလ်များ",
                    "အာရှ",
                )
            )
            matters = "နှင့်".join(self.rng.sample(_MATTERS, 2)) if self.chance(0.12) else self.rng.choice(_MATTERS)
            name = whose + matters + self.rng.choice(_BODIES)
        if sort in ("table", "letters") and self.chance(0.12):
            name += self.rng.choice(("အဖွဲ့", "အစိုးရ", "တပ်ဖွဲ့", "ပါတီ", "တပ်"))
        return marked(Kind.ORGANISATION, name + ("ကြီး" if self.chance(0.04) else ""))

    def number(self) -> str:
        """Digits in either script."""
        text = str(
            self.rng.choice((self.rng.randint(1, 99), self.rng.randint(100, 9999), self.rng.randint(10_000, 999_999)))
        )
        return text.translate(_DIGITS) if self.chance(0.85) else text

    def filled(self, line: str) -> str:
        """A line with its gaps filled."""
        makers: dict[str, Callable[[], str]] = {
            "p": self.person, "t": self.titled, "f": self.foreigner, "x": self.any_person, "v": self.village,
            "w": self.ward, "c": self.town, "s": self.state, "n": self.country, "r": self.feature, "l": self.place,
            "m": self.king, "h": self.monk, "e": lambda: marked(Kind.PERSON, self.latin_name()), "i": self.loan, "g": self.thing, "o": self.body, "z": self.number, "k": lambda: self.rng.choice(_KIN), "j": lambda: self.rng.choice(_WORK),
            "q": lambda: self.rng.choice(_POSTS),
            "y": lambda: str(self.rng.randint(1000, 2026)).translate(_DIGITS), "d": self._day, "b": self.deed,
        }  # fmt: skip
        return re.sub(r"{(\w)}", lambda gap: makers[gap[1]](), line)

    def courtly(self) -> str:
        """A name of the court or of the order: words of Pali and of rank, one after the other."""
        return "".join(self.rng.choices(self.court, k=self.rng.choices((1, 2, 3, 4), (6, 50, 32, 12))[0]))

    def king(self) -> str:
        """{m}: a king or somebody of a chronicle, mostly without the word for it."""
        sort = self.rng.choices(("known", "courtly", "bare", "invented"), (46, 28, 12, 14))[0]
        name = {"known": lambda: self.rng.choice(self.kings), "courtly": self.courtly, "bare": self.bare,
                "invented": self.invented}[sort]()  # fmt: skip
        ending = (
            ""
            if self.chance(0.55)
            else self.rng.choice(("မင်း", "မင်း", "မင်းကြီး", "မင်းတရားကြီး", "ဘုရင်", "မင်းစော", "ဘုရား"))
        )
        return marked(Kind.PERSON, name if name.endswith(ending or "-") else name + ending)

    def monk(self) -> str:
        """{h}: a monk, or a writer of old, with or without title."""
        title = self.rng.choice(("", "ရှင်", "အရှင်", "ဦး", "ဆရာတော်", "ဆရာတော်ဦး", "ဘဒ္ဒန္တ", "ဆရာတော်အရှင်"))
        return marked(Kind.PERSON, title + self.courtly())

    def loan(self) -> str:
        """{i}: a word of another language that names nobody and no place."""
        sort = self.rng.choices(("latin", "known", "invented"), (20, 35, 45))[0]
        if sort == "latin":
            return self.rng.choice(_LATIN_WORDS)
        return self.rng.choice(self.no_names) if sort == "known" else self.invented()

    def deed(self) -> str:
        """{b}: what somebody does, as it is written or said, with or without what else the sentence says."""
        verb = self.rng.choice(self.deeds).removesuffix("သည်")
        thing = self.rng.choice(self.things) + self.rng.choice(("", "", "ကို", "နဲ့", "မှာ")) if self.chance(0.25) else ""
        ending = self.rng.choice(_DEED_ENDINGS)
        return f"{thing}{verb}{ending}"

    def thing(self) -> str:
        """{g}: a word of the dictionary, which names nobody; now and then two."""
        return "".join(self.rng.choices(self.things, k=2 if self.chance(0.2) else 1))

    def nobody(self, line: str) -> str:
        """A line in which some of those who could be named are things."""
        return self.filled(re.sub("{[pfx]}", lambda gap: "{g}" if self.chance(0.6) else gap[0], line))

    def _day(self) -> str:
        day = str(self.rng.randint(1, 31)).translate(_DIGITS)
        return f"{self.rng.choice(_MONTHS)}လ {day} ရက်{self.rng.choice(('', 'နေ့'))}"


class Field(Writer):
    """The sentences of the translation model's training, with their names marked."""

    def __init__(self, rng: random.Random, names: Names, people: Sequence[tuple[Name, bool]]) -> None:
        """As the Writer, with names of our own."""
        super().__init__(rng, names.places, people)
        self.own = names

    def person(self) -> Phrase:
        """Mostly with a title."""
        return Phrase(self.own.any_person() if self.chance(0.4) else self.own.titled(), "x")

    def _village(self, site: Site) -> Phrase:
        return Phrase(
            self.own.village() if self.chance(0.5) else marked(Kind.PLACE, site.name[0] + self.one("ရွာ", "ကျေးရွာ")), "x"
        )

    def place(self) -> Phrase:
        """A village, with what it lies in before it."""
        gap = self.one("", " ", "၊ ")
        parts = [
            self.own.state() if self.chance(0.3) else "",
            self.own.town() if self.chance(0.6) else "",
            self.own.village(),
        ]
        return Phrase(gap.join(p for p in parts if p), "x")


def _parts(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """What opens and what closes the syllables of the words, as often as they do."""
    onsets, rests = [], []
    for word in words:
        for span in syllables(word):
            if parts := _OF_SYLLABLE.fullmatch(word[span.start : span.end]):
                onsets.append(parts[1])
                rests.append(parts[2])
    return onsets, rests


_OF_SYLLABLE = re.compile("([\u1000-\u1021][\u103b-\u103e]*)([\u102b-\u103a][\u1000-\u103a]*|)")


def _chain(words: Sequence[str]) -> dict[str, list[str]]:
    """Syllables that follow each syllable in the words, as often as they do."""
    after: dict[str, list[str]] = defaultdict(list)
    for word in words:
        last = "^"
        for span in syllables(word):
            after[last].append(word[span.start : span.end])
            last = word[span.start : span.end]
        after[last].append("$")
    return after


# Who speaks or is spoken of at the head of a phrase, and what may follow: there a name can stand instead.
_SOMEBODY = re.compile(
    "(?:(?<=^)|(?<=[ ၊]))(?:သူမ|သူ|ကျွန်တော်|ကျွန်မ|ကျွန်ုပ်|အဖေ|အမေ|ဆရာဝန်|ဆရာမ|ဆရာ|လူနာ|ကလေး|ခင်ဗျား|မင်း|ငါ)(?=က|သည်|ကို|ဟာ|မှာ|ရဲ့|၏|နဲ့|နှင့်|အား|လည်း|တော့| )"
    "(?!ကို[ယ\u1037])"
)
_MISTER = re.compile("(?:မစ္စတာ|မစ္စ)[က-႟]{2,12}?(?=ဟာ|က|ကို|ရဲ့|နဲ့|မှာ|လည်း|ဆီ|အတွက်| |။|ပါ)")
_PHRASE_END = re.compile(f"[ ၊](?![^{_BEGIN}{_END}]*{_END})")
_OPENINGS = ("{x}က ", "{p}ဟာ ", "{p}သည် ", "{p}ကို ", "{p}နဲ့ {p}က ", "{p}၏ ", "{p}ရဲ့ ", "{p}အား ", "{p}တို့ ", "{p} ", "{p}မှ ", "{p}လည်း ",
             "{p}ထံ ", "{p}အတွက် ", "{p} ", "{p} ", "{x} ", "{t}က ", "{t}ကို ", "{t}တို့ ", "{p}ဆီ ", "{p}ဆီက ", "{p}တို့ဆီ ", "{p}ပဲ ", "{p}ဆိုတာ ", "{p}ရယ် ", "{p}တစ်ယောက် ", "{t} {t}တို့ ",
             "{f}က ", "{f}ရဲ့ ", "{f} ", "{f}နဲ့ ", "{f}၊ {f}၊ {f}တို့ ", "{f}ဟူသော ", "{p}နှင့်အတူ ", "{p}၊ {p}နဲ့ {p}တို့ ", "{f}က ", "{f}သည် ", "{f}၏ ", "{f}ကို ", "{l}မှာ ", "{l}တွင် ", "{n}က ", "{l}သို့ ",
             "{o}က ", "{o}သည် ")  # fmt: skip


def with_names(text: str, names: Names) -> str:
    """A sentence with names where somebody was, or at the beginning of any phrase of it."""
    text = _MISTER.sub(lambda _: names.titled(), text)
    if names.chance(0.4):
        named, count = _SOMEBODY.subn(lambda m: names.any_person() if names.chance(0.25) else names.person(), text)
        if count:
            return named
    # without its spaces nothing but the words themselves says where the name begins
    places = [0, *(m.end() for m in _PHRASE_END.finditer(text))]
    for at in sorted(names.rng.sample(places, min(len(places), names.rng.choice((1, 1, 2)))), reverse=True):
        text = text[:at] + names.filled(names.rng.choice(_OPENINGS)) + text[at:]
    return text


def _any_of(names: Iterable[str], ending: str) -> re.Pattern[str]:
    """Whole syllables that are one of these names, in group 1, with what may end a place."""
    forms = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(f"(?<!\u1039)({forms}){SYLLABLE_ENDS}(?:{ending}{SYLLABLE_ENDS})?")


def _talpco(data: Path) -> list[str]:
    rows = (data / "talpco" / "my.txt").read_text(encoding="utf-8").splitlines()
    return [row.partition("\t")[2] for row in rows if "\t" in row]


def _tico(data: Path) -> list[str]:
    rows = (data / "tico19" / "tico19-dev.en-my.tsv").read_text(encoding="utf-8").splitlines()
    cells = [row.split("\t") for row in rows]
    return [my for _, english, my in (row[:3] for row in cells) if not _NAMED.search(english)]


def _verses(data: Path) -> list[tuple[str, str]]:
    rows = (data / "parallel" / "judson-web.en-my.tsv").read_text(encoding="utf-8").splitlines()
    cells = (row.split("\t") for row in rows)
    return [(my, en) for reference, en, my in cells if not reference.startswith(_LEFT_OUT)]


# What TICO-19 names are bodies and cities that nothing here marks: such sentences would teach that they are none.
_NAMED = re.compile(
    r"(?<![.!?:] )(?<!^)\b(?!COVID|SARS|MERS|CoV|RNA|DNA|ICU|ILI|LRTI|COPD|Coronavirus|The\b|In\b|I{1,3}\b|IV\b|Table|Figure"
    r"|Phase|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May\b|June|July|August|September"
    r"|October|November|December|China\b|Chinese|Ital|Japan|England|France|French|Iran|Spain|Korea)[A-Z][A-Za-z]+"
)
_ENGLISH_NAME = re.compile(r"(?<![.!?:;“”\"'‘’] )(?<!^)\b[A-Z][a-z]{2,}\b")
_NO_NAME = frozenset(
    [
        "God",
        "Lord",
        "Yahweh",
        "The",
        "And",
        "But",
        "For",
        "Behold",
        "Spirit",
        "Holy",
        "Father",
        "Son",
        "Almighty",
        "Most",
        "High",
        "King",
        "Christ",
        "Sabbath",
        "Passover",
        "Law",
        "Yes",
        "Jew",
        "Jews",
        "Israelite",
        "Israelites",
        "Who",
        "You",
        "Your",
        "Our",
        "His",
        "Hear",
        "Don",
        "Let",
        "Why",
        "What",
        "When",
        "Then",
        "There",
        "Sheol",
        "Scripture",
        "Lamb",
    ]
)
_LONGEST_NAME = 6
_SURE = 0.75


def aligned_names(verses: Sequence[tuple[str, str]]) -> dict[str, bool]:
    """Names in the Burmese verses by the English ones that they come and go with; True for places.

    A row of syllables is a name's when it stands in the verses of the English name and nowhere else (Dice above 0.75).
    """
    where: dict[str, set[int]] = defaultdict(set)
    towards: Counter[str] = Counter()
    for number, (_, english) in enumerate(verses):
        for match in _ENGLISH_NAME.finditer(english):
            if match[0] not in _NO_NAME:
                where[match[0]].add(number)
                towards[match[0]] += bool(
                    re.search(r"\b(?:in|into|at|from|to|toward|of the land of|city of)\s$", english[: match.start()])
                )
    rows = [[my[s.start : s.end] for s in syllables(my)] for my, _ in verses]

    def grams(number: int) -> set[str]:
        words = rows[number]
        return {
            "".join(words[a : a + n])
            for a in range(len(words))
            for n in range(2, _LONGEST_NAME + 1)
            if a + n <= len(words)
        }

    candidates: dict[str, Counter[str]] = {}
    for name, numbers in where.items():
        if len(numbers) >= 3:
            counted = Counter(gram for number in sorted(numbers)[:60] for gram in grams(number))
            enough = 0.6 * min(len(numbers), 60)
            candidates[name] = Counter({g: c for g, c in counted.items() if c >= enough})
    wanted = {gram for counted in candidates.values() for gram in counted}
    everywhere: Counter[str] = Counter()
    inside: dict[str, set[int]] = defaultdict(set)
    for number in range(len(rows)):
        for gram in grams(number) & wanted:
            everywhere[gram] += 1
            inside[gram].add(number)
    found: dict[str, bool] = {}
    for name in sorted(candidates):
        scored = [
            (2 * len(inside[g] & where[name]) / (everywhere[g] + len(where[name])), len(g), g) for g in candidates[name]
        ]
        best = max(scored, default=(0.0, 0, ""))
        if best[0] >= _SURE:
            found[best[2]] = towards[name] / len(where[name]) > 0.35
    return found


def bible(verses: Sequence[tuple[str, str]], known: dict[str, bool], names: Names) -> Iterator[str]:
    """Verses with their names marked, most of them put in for others."""
    pattern = _any_of(known, "(?:မြို့|ပြည်|ရွာ|မြစ်|တောင်|မင်းကြီး|မင်း)?")
    for my, english in verses:
        if not pattern.search(my):
            if not _ENGLISH_NAME.search(english):
                yield my
            continue

        def other(match: re.Match[str]) -> str:
            if match[0].endswith(("မင်း", "မင်းကြီး")):
                return marked(Kind.PERSON, match[0]) if names.chance(0.3) else names.king()
            if known[match[1]] or match[0] != match[1]:
                return marked(Kind.PLACE, match[0]) if names.chance(0.4) else names.place()
            return (
                marked(Kind.PERSON, match[0])
                if names.chance(0.25)
                else names.foreigner()
                if names.chance(0.3)
                else names.person()
            )

        yield pattern.sub(other, my)


def _rights(data: Path) -> list[str]:
    """The Universal Declaration of Human Rights."""
    text = (data / "myanmar-tools" / "udhr_mya_unicode_src.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if re.search("[က-အ]", line)]


def _silver(text: str, countries: re.Pattern[str]) -> str:
    """An ordinary sentence with the few names marked that patterns find."""
    text = _MISTER.sub(lambda m: marked(Kind.PERSON, m[0]), text)
    return countries.sub(lambda m: marked(Kind.PLACE, m[0]), text)


def _from_anywhere(rng: random.Random, text: str) -> str:
    """Half of all texts whole, the others from the end of one phrase on, or to the end of one: no name begins there."""
    ends = [m.end() for m in _PHRASE_END.finditer(text)]
    if not ends or rng.random() < 0.5:
        return text
    at = rng.choice(ends)
    return text[at:] if rng.random() < 0.7 else text[:at]


def sentences(data: Path, model: str) -> Iterator[list[Chunk]]:
    """All sentences that a model learns from."""
    counts = _COUNTS[model]
    rng = random.Random(f"{SEED} {model}")
    verses = _verses(data)
    known = aligned_names(verses)
    spoken = [*_talpco(data), *_tico(data)]
    odd = sorted(
        {
            text[s.start : s.end]
            for text in spoken
            for s in syllables(text)
            if len(text[s.start : s.end]) > 1 and "က" <= text[s.start] <= "အ"
        }
    )
    names = Names(rng, read_places(data), [*sorted(known), *foreign.words_of(foreign.WORDS) * 2], odd)
    field = Field(rng, names, invent_people(50))
    countries = _any_of([*names.levels["country"], *_NEAR], "(?:နိုင်ငံ|ပြည်နယ်|ပြည်ထောင်စု|ပြည်|မြို့)?")
    composed, plain = lines.lines(lines.LINES), lines.lines(lines.PLAIN)
    in_verses = list(bible(verses, known, names))
    made: list[str] = []
    made += [names.filled(rng.choice(composed)) for _ in range(counts["lines"])]
    made += [field.pair().my for _ in range(counts["field"])]
    made += [with_names(rng.choice(spoken), names) for _ in range(counts["spoken"])]
    framed = [line for line in composed if re.search("{[pfx]}", line) and not _ASKS_FOR_A_NAME.search(line)]
    made += [names.nobody(rng.choice(framed)) for _ in range(counts["nobody"])]
    made += rng.sample([v for v in in_verses if _BEGIN in v], counts["bible"])
    made += [names.filled(rng.choice(plain)) for _ in range(counts["plain"])]
    ordinary = [*spoken, *spoken, *spoken, *_rights(data), *(v for v in in_verses if _BEGIN not in v)]
    made += [_from_anywhere(rng, _silver(rng.choice(ordinary), countries)) for _ in range(counts["untouched"])]
    rng.shuffle(made)
    for text in made:
        pieces = chunks(text)
        # half of all text that comes here has no spaces, or has lost them
        if rng.random() < 0.5:
            pieces = [(piece.replace(" ", ""), kind) for piece, kind in pieces]
        yield [(piece, kind) for piece, kind in pieces if piece]


_MISTERS = ("မစ္စတာ", "မစ္စ")
_LONGEST_THING = 4
"""Syllables of a word that stands where a name could."""
_ASKS_FOR_A_NAME = re.compile("မည်|ခေါ်|အသက်|ဟူ|ဟု|{j} {|{q} {|{o} {|{e}|မင်္ဂလာ|ဖမ်း|သေဆုံး")
"""Lines in which nothing but a name can stand."""
_DIGITS = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")
_OF_PEOPLES = frozenset({"ကချင်", "ကယား", "ကရင်", "ချင်း", "မွန်", "ရခိုင်", "ရှမ်း"})
_SELF_ADMINISTERED = ("နာဂ", "ဓနု", "ပအိုဝ်း", "ပလောင်", "ကိုးကန့်", "ဝ")
_PARTS_OF_STATES = ("မြောက်ပိုင်း", "တောင်ပိုင်း", "အရှေ့ပိုင်း", "အနောက်ပိုင်း", "မြောက်", "တောင်", "အရှေ့", "အနောက်")
_NEAR = ("မြန်မာ", "မြန်မာနိုင်ငံ", "ထိုင်း", "တရုတ်", "အိန္ဒိယ", "ဂျပန်", "အမေရိကန်", "အမေရိကန်ပြည်ထောင်စု", "အင်္ဂလန်", "ဗြိတိန်", "ပြင်သစ်", "ဂျာမနီ", "ရုရှား", "အာရှ",
         "ဥရောပ", "အာဖရိက", "အမေရိက", "စင်္ကာပူ", "မလေးရှား", "ဘင်္ဂလားဒေ့ရှ်", "ဗီယက်နမ်", "ကိုရီးယား", "တောင်ကိုရီးယား", "အီတလီ", "စပိန်", "အီဂျစ်", "ဂရိ", "ရောမ",
         "မြန်မာပြည်", "ဗမာပြည်", "အရှေ့တောင်အာရှ", "လာအို", "ကမ္ဘောဒီးယား", "နီပေါ", "ပါကစ္စတန်", "သီရိလင်္ကာ", "အင်ဒိုနီးရှား", "ဖိလစ်ပိုင်", "သြစတြေးလျ", "ကနေဒါ")  # fmt: skip
_FEATURES = ("မြစ်", "တောင်", "ချောင်း", "ကျွန်း", "ကျွန်းစု", "ပင်လယ်", "သမုဒ္ဒရာ", "ပင်လယ်အော်", "ကန်", "လမ်း", "တံတား", "တောင်တန်း", "ဒေသ", "ကျွန်းဆွယ်", "ကန္တာရ",
             "လေဆိပ်", "ဈေး", "စခန်း", "မြို့တော်", "တိုက်", "ဘုရား", "ရေတံခွန်", "တူးမြောင်း", "ရိုးမ", "လွင်ပြင်", "တောင်ကြား", "ချိုင့်ဝှမ်း")  # fmt: skip
_ELEMENTS_OF = (56, 23, 14, 7)
"""How often an element of a name is seldom another word, often one, stands in no table, is any syllable."""
_BODIES = ("အဖွဲ့", "ပါတီ", "ကော်မတီ", "ကော်မရှင်", "ကောင်စီ", "ကုမ္ပဏီ", "တက္ကသိုလ်", "ကောလိပ်", "အသင်း", "သမဂ္ဂ", "အစိုးရ", "ဝန်ကြီးဌာန", "ဦးစီးဌာန", "တပ်မတော်", "တပ်ဖွဲ့",
           "တပ်ဦး", "အဖွဲ့ချုပ်", "ဖောင်ဒေးရှင်း", "ဘဏ်", "သတင်းစာ", "သတင်းဌာန", "မဂ္ဂဇင်း", "အစည်းအရုံး", "ကော်ပိုရေးရှင်း", "အဖွဲ့အစည်း", "အင်စတီကျု", "လုပ်ငန်း", "ဌာန", "ဂျာနယ်",
           "အသင်းချုပ်", "ကွန်ရက်", "သင်တန်းကျောင်း", "ဗဟိုဌာန", "ရုံး", "အေဂျင်စီ", "ပရဟိတအသင်း", "လူမှုကူညီရေးအသင်း")  # fmt: skip
_BODIES_OF_PLACES = ("တက္ကသိုလ်", "တက္ကသိုလ်", "ဆေးတက္ကသိုလ်", "နည်းပညာတက္ကသိုလ်", "ပညာရေးကောလိပ်", "ကောလိပ်", "အစိုးရ", "အစိုးရ", "ဆေးရုံ", "ဆေးရုံကြီး", "ပြည်သူ့ဆေးရုံ", "အထက်တန်းကျောင်း",
                     "ဘုန်းတော်ကြီးကျောင်း", "ကျောင်းတိုက်", "တပ်မတော်", "လေတပ်", "ရေတပ်", "ရဲတပ်ဖွဲ့", "ဘဏ်", "အဖွဲ့ချုပ်", "လွှတ်တော်", "သံရုံး", "ဘောလုံးအသင်း", "အသင်း", "စည်ပင်သာယာရေးကော်မတီ",
                     "ကုန်သည်များအသင်း", "တရားရုံး", "ရဲစခန်း", "မိန်းမအသင်း", "လူငယ်အဖွဲ့", "ဒီမိုကရက်တစ်ပါတီ", "အမျိုးသားပါတီ", "လွတ်မြောက်ရေးတပ်ဦး", "လေကြောင်းလိုင်း", "ကြက်ခြေနီအသင်း")  # fmt: skip
_BODIES_NAMED = ("ကုမ္ပဏီ", "ကုမ္ပဏီလီမိတက်", "လီမိတက်", "တက္ကသိုလ်", "ကောလိပ်", "ဘဏ်", "မဂ္ဂဇင်း", "သတင်းစာ", "သတင်းဌာန", "ဖောင်ဒေးရှင်း", "အဖွဲ့", "ကျောင်း", "ကော်ပိုရေးရှင်း", "ဂျာနယ်", "ဟိုတယ်", "အသင်း",
                 "ဂရု", "အင်ဂျင်နီယာကုမ္ပဏီ", "ဆေးရုံ", "စက်ရုံ", "ပုံနှိပ်တိုက်", "စာပေတိုက်", "ရုပ်ရှင်ကုမ္ပဏီ", "သာသနာပြုကျောင်း", "လေကြောင်း", "")  # fmt: skip
_LATIN_BODIES = ("UNICEF", "WHO", "IBM", "BBC", "VOA", "RFA", "DVB", "KIA", "KNU", "ABC", "NGO", "Apple", "Sony", "Nokia", "Reuters", "Google", "Facebook", "Microsoft", "Intel", "Amazon", "UNDP", "NATO",
                 "World Bank", "Red Cross", "CNN", "AFP", "Samsung", "Toyota", "Honda", "Oxford University", "Harvard University", "Air Asia", "KBZ Bank", "AYA Bank", "CB Bank", "MPT", "Ooredoo", "Telenor",
                 "Amnesty International", "Human Rights Watch", "Save the Children", "Yahoo", "Unilever", "Nestle", "FIFA", "IMF", "FAO", "ILO", "IOM", "MSF", "Boeing", "Shell", "Total", "Chevron", "Huawei")  # fmt: skip
_LETTERS_AS_SAID = (
    "အေ",
    "ဘီ",
    "စီ",
    "ဒီ",
    "အီး",
    "အက်ဖ်",
    "ဂျီ",
    "အိတ်ချ်",
    "အိုင်",
    "ဂျေ",
    "ကေ",
    "အယ်လ်",
    "အမ်",
    "အင်န်",
    "အန်",
    "အို",
    "ပီ",
    "ကျူ",
    "အာ",
    "အက်စ်",
    "တီ",
    "ယူ",
    "ဗွီ",
    "ဒဗလျူ",
    "ဝိုင်",
    "ဇက်",
)
_MATTERS = ("ပညာရေး", "ကျန်းမာရေး", "ကာကွယ်ရေး", "တော်လှန်ရေး", "လွတ်လပ်ရေး", "အမျိုးသား", "ပြည်သူ့", "ကျောင်းသား", "အလုပ်သမား", "တောင်သူလယ်သမား", "စီးပွားရေး", "ကွန်မြူနစ်",
            "ဒီမိုကရေစီ", "ကွန်ပျူတာ", "ဆေး", "နည်းပညာ", "ရေနံ", "အားကစား", "ဘောလုံး", "စာပေ", "ယဉ်ကျေးမှု", "ကူညီကယ်ဆယ်ရေး", "စုံစမ်းစစ်ဆေးရေး", "အမျိုးသမီး", "သစ်တော", "စိုက်ပျိုးရေး", "ပို့ဆောင်ရေး",
            "ဆောက်လုပ်ရေး", "သတ္တုတွင်း", "လျှပ်စစ်", "ဘဏ္ဍာရေး", "ပြန်ကြားရေး", "ဖက်ဆစ်ဆန့်ကျင်ရေး", "လူ့အခွင့်အရေး", "ငြိမ်းချမ်းရေး", "ကလေးသူငယ်များ", "လူငယ်", "ဗုဒ္ဓဘာသာ", "ခရစ်ယာန်", "မွတ်စလင်",
            "သမိုင်း", "သုတေသန", "ပတ်ဝန်းကျင်ထိန်းသိမ်းရေး", "ကုန်သွယ်ရေး", "အာမခံ", "ဆိုရှယ်လစ်", "တိုင်းရင်းသား", "ပြည်ထဲရေး", "ဖွံ့ဖြိုးတိုးတက်ရေး", "သာသနာပြု", "စာရေးဆရာ", "ရုပ်ရှင်", "ဂီတ")  # fmt: skip
_LATIN_FIRST, _LATIN_LAST = foreign.words_of(foreign.LATIN_FIRST), foreign.words_of(foreign.LATIN_LAST)
_LATIN_WORDS = foreign.words_of(foreign.LATIN_WORDS)
_KIN = ("ညီ", "ညီမ", "အစ်ကို", "အစ်မ", "မောင်", "သား", "သမီး", "တူ", "တူမ", "မြေး")
_WORK = ("ဆရာ", "ဆရာမ", "ဆရာဝန်", "လယ်သမား", "ရှေ့နေ", "ကုန်သည်", "စာရေးဆရာ", "အင်ဂျင်နီယာ", "သတင်းထောက်", "ဝန်ထမ်း", "ကျောင်းသား", "ရုပ်ရှင်မင်းသား", "သင်္ချာပညာရှင်",
         "နိုင်ငံရေးသမား", "ဂီတပညာရှင်", "ဘောလုံးသမား", "သူနာပြု")  # fmt: skip
_DEED_ENDINGS = (
    "သည်", "သည်", "ခဲ့သည်", "လိုက်သည်", "နေသည်", "၏", "လေသည်", "တယ်", "တယ်", "နေတယ်", "ပြီ", "ပြီးပြီ", "လိုက်တယ်", "သွားတယ်", "ရင်", "လို့", "တော့", "ပြီး", "တဲ့", "သော", "နေတာ",
    "မယ်", "ရမယ်", "မှာ", "ပါတယ်", "ပါသည်", "လျှင်", "စေ", "ဖို့", "ရန်", "ခြင်း", "မှု", "ကြောင်း", "နိုင်", "ပေးပါ", "ပါ", "လား", "ဦး", "ပါဦး", "သလဲ", "ခဲ့သော", "ခဲ့တဲ့", "ရသည်", "ပြန်သည်",
)  # fmt: skip
"""Endings of verbs."""
_POSTS = (
    "ဥက္ကဋ္ဌ",
    "အတွင်းရေးမှူး",
    "ခေါင်းဆောင်",
    "ဝန်ကြီး",
    "ဝန်ကြီးချုပ်",
    "သမ္မတ",
    "သံအမတ်",
    "သံအမတ်ကြီး",
    "ညွှန်ကြားရေးမှူး",
    "တာဝန်ခံ",
    "ပြောရေးဆိုခွင့်ရှိသူ",
    "တပ်ရင်းမှူး",
    "ဗျူဟာမှူး",
    "တိုင်းမှူး",
    "ရဲမှူး",
    "အုပ်ချုပ်ရေးမှူး",
    "တရားသူကြီး",
    "အယ်ဒီတာချုပ်",
    "ကျောင်းအုပ်ကြီး",
    "ပါမောက္ခ",
    "မန်နေဂျာ",
    "အမှုဆောင်အရာရှိချုပ်",
    "လုပ်ငန်းရှင်",
    "အဆိုတော်",
    "သရုပ်ဆောင်",
    "ကဗျာဆရာ",
    "တိုက်စစ်မှူး",
    "နည်းပြချုပ်",
    "လွှတ်တော်အမတ်",
    "ဘုရင်",
    "ဘုရင်မ",
    "ဧကရာဇ်",
    "မင်းသား",
    "အမတ်ကြီး",
    "စစ်သူကြီး",
)
_MONTHS = ("ဇန်နဝါရီ", "ဖေဖော်ဝါရီ", "မတ်", "ဧပြီ", "မေ", "ဇွန်", "ဇူလိုင်", "ဩဂုတ်", "စက်တင်ဘာ", "အောက်တိုဘာ", "နိုဝင်ဘာ", "ဒီဇင်ဘာ")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the Burmese reference data")
    parser.add_argument("work", type=Path, help="folder for what is made")
    parser.add_argument("model", choices=sorted(_COUNTS))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    made = sentences(arguments.data, arguments.model)
    with (arguments.work / f"{arguments.model}.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(sentence, ensure_ascii=False) + "\n" for sentence in made)


if __name__ == "__main__":
    main()
