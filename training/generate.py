"""Synthetic Burmese and English pairs in the register of evidence: who did what to whom, where and when.

    python -m training.generate DATA WORK

Writes synthetic.train.jsonl, synthetic.test.jsonl and the same of names to WORK. The same bytes each time: 160,000
pairs from a fixed seed, about 50 MB, so they are made and not kept. Names of the test part never occur in the training part.

Here: grammar and chance. Not here: words (wording.py, lines.py), names of persons (names.py), places (places.py).
Some pairs are absurd (31 February, 300 hospitals burned): what counts is that both sides say the same.
"""

import argparse
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from training import lines, names, wording
from training.places import Name, Places, Site, held_out, part, read_places
from training.wording import Noun

TRAINING_PAIRS = 160_000
TEST_PAIRS = 1_000
PERSON_NAMES = 12_000
SEED = 20_261_123

_SPOKEN, _WRITTEN, _SUBJECTS = (lines.table(block) for block in (lines.SPOKEN, lines.WRITTEN, lines.SUBJECTS))
_MY_DIGITS = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")
_ONES_MY = ("", "တစ်", "နှစ်", "သုံး", "လေး", "ငါး", "ခြောက်", "ခုနစ်", "ရှစ်", "ကိုး")
_ONES_EN = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS_EN = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

T = TypeVar("T")


class Phrase(NamedTuple):
    """The same thing in both languages; plural says which verb form English needs."""

    my: str
    en: str
    plural: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence in both languages and the names in it, which may be hidden behind placeholders."""

    my: str
    en: str
    names: tuple[Name, ...]


def burmese_words(number: int) -> str:
    """A number from 1 to 99 in Burmese words."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _ONES_MY[ones]
    head = "" if tens == 1 else _ONES_MY[tens]
    return head + ("ဆယ့်" + _ONES_MY[ones] if ones else "ဆယ်")


def english_words(number: int) -> str:
    """A number from 0 to 99 in English words."""
    if number < len(_ONES_EN):
        return _ONES_EN[number]
    tens, ones = divmod(number, 10)
    return _TENS_EN[tens] + (f"-{_ONES_EN[ones]}" if ones else "")


class Writer:
    """Writes pairs; each is literary or spoken, with Burmese or ASCII digits, throughout."""

    def __init__(self, rng: random.Random, places: Places, people: Sequence[tuple[Name, bool]]) -> None:
        """People are names and whether they are of women."""
        self.rng, self.places, self.people = rng, places, people
        self.names: list[Name] = []
        self.literary = self.burmese_digits = True

    def pair(self) -> Pair:
        """The next pair."""
        self.names = []
        self.literary = self.chance(0.55)
        self.burmese_digits = self.chance(0.7)
        kinds: tuple[Callable[[], Phrase], ...] = (
            self.deed,
            self.fate,
            self.plain,
            self.spoken_line,
            self.written_line,
            self.bare,
        )
        maker = self.rng.choices(kinds, weights=(36, 13, 13, 17, 14, 7))[0]
        my, en, _ = maker()
        my = " ".join(my.split())
        en = re.sub(r",? *([.,?])(?= |$)", r"\1", " ".join(en.split())).replace("m..", "m.")
        if maker != self.bare:
            en = en[0].upper() + en[1:]
        return Pair(my, en, tuple(dict.fromkeys(self.names)))

    # Chance

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.rng.random() < share

    def one(self, *options: T) -> T:
        """Any of the options."""
        return self.rng.choice(options)

    def digits(self, text: object) -> str:
        """In the digits of this sentence."""
        return str(text).translate(_MY_DIGITS) if self.burmese_digits else str(text)

    # Particles

    def plural(self) -> str:
        """The plural ending."""
        return "များ" if self.literary else "တွေ"

    def subject(self) -> str:
        """The particle after who acts."""
        return self.one("သည်", "က", "က") if self.literary else "က"

    def where_at(self) -> str:
        """The particle after a place."""
        return self.one("တွင်", "တွင်", "၌", "မှာ") if self.literary else "မှာ"

    def past(self) -> str:
        """The ending of a past deed."""
        if self.literary:
            return self.one("ခဲ့သည်", "ခဲ့သည်", "ခဲ့ပါသည်", "ခဲ့ကြောင်း သိရသည်", "ခဲ့သည်ဟု ဆိုသည်")
        return self.one("ခဲ့တယ်", "ခဲ့ပါတယ်", "တယ်", "သွားတယ်", "ခဲ့ကြတယ်")

    def ending(self) -> str:
        """The bare sentence ending."""
        return self.one("သည်", "သည်", "ပါသည်") if self.literary else self.one("တယ်", "ပါတယ်")

    # Parts of a sentence

    def number(self, low: int = 1, high: int = 40) -> Phrase:
        """A count: words or digits, now and then a large one."""
        value = self.rng.randint(low, high) if self.chance(0.8) else self.rng.randint(low, high * 15)
        if value < 100 and self.chance(0.35):
            return Phrase(burmese_words(value), english_words(value), value != 1)
        return Phrase(self.digits(value), str(value), value != 1)

    def counted(self, nouns: Sequence[Noun], high: int = 30, hedge: bool = True) -> Phrase:
        """A noun with number and classifier, or its bare plural."""
        noun = self.rng.choice(nouns)
        if self.chance(0.2):
            return Phrase(noun.my + self.plural(), noun.many, True)
        count = self.number(1, high)
        classifier = self.one("ဦး", "ယောက်") if noun.classifier == "ဦး" else noun.classifier
        my = noun.my + self.one(" ", "") + count.my + self.one(" ", "") + classifier
        en = f"{count.en} {noun.many if count.plural else noun.one}"
        if hedge and count.plural and self.chance(0.22):
            my_form, en_form = self.rng.choice(wording.HEDGES)
            my, en = my_form.format(my), en_form.format(en)
        return Phrase(my, en, count.plural)

    def person(self) -> Phrase:
        """A person with title or rank."""
        name, woman = self.rng.choice(self.people)
        self.names.append(name)
        if self.chance(0.2):
            title = self.rng.choice(wording.RANKS)
        elif self.chance(0.1):
            title = self.rng.choice(wording.TITLES_OF_BOTH)
        else:
            title = self.rng.choice(wording.TITLES_OF_WOMEN if woman else wording.TITLES_OF_MEN)
        return Phrase(title[0] + self.one("", "", "", " ") + name[0], f"{title[1]} {name[1]}")

    def unit(self) -> Phrase:
        """A military or police unit with its number."""
        value = self.rng.randint(1, 99) if self.chance(0.4) else self.rng.randint(100, 600)
        my, en = self.rng.choice(wording.UNITS)
        return Phrase(my.format(self.rng.choice(wording.UNIT_NUMBERS).format(self.digits(value))), en.format(value))

    def actor(self) -> Phrase:
        """Who did it."""
        if self.chance(0.35):
            unit, (my, en) = self.unit(), self.rng.choice(wording.OF_UNIT)
            return Phrase(unit.my + my.format(pl=self.plural()), en.format(unit.en))
        if self.chance(0.08):
            return self.counted(wording.COUNTED_ACTORS, 60)
        if self.chance(0.06):
            return self.person()
        my, en = self.rng.choice(wording.ACTORS)
        return Phrase(my.format(pl=self.plural()), en)

    def victims(self) -> Phrase:
        """To whom: counted people, a person with or without an age, or two groups."""
        if self.chance(0.68):
            return self.counted(wording.PEOPLE)
        if self.chance(0.2):
            first, second = self.counted(wording.PEOPLE), self.counted(wording.PEOPLE)
            return Phrase(
                f"{first.my} {'နှင့်' if self.literary else 'နဲ့'} {second.my}", f"{first.en} and {second.en}", True
            )
        person = self.person()
        if self.chance(0.3):
            age = self.rng.randint(4, 90)
            return Phrase(f"အသက် {self.digits(age)} နှစ်အရွယ် {person.my}", f"{person.en}, aged {age},")
        return person

    def village(self) -> Phrase:
        """A village by its name alone."""
        return self._village(self._site(self.places.villages))

    def _site(self, sites: Sequence[Site]) -> Site:
        site = self.rng.choice(sites)
        self.names.append(site.name)
        return site

    def _village(self, site: Site) -> Phrase:
        return Phrase(site.name[0] + self.one("ရွာ", "ကျေးရွာ", "ကျေးရွာ"), f"{site.name[1]} village")

    def place(self) -> Phrase:
        """A place that something happens in."""
        kind = self.rng.random()
        if kind < 0.62:
            site = self._site(self.places.villages)
            inner, within = self._village(site), self.rng.choice(site.within)
            return self._inside(inner, within, "မြို့နယ်", " Township")
        if kind < 0.78:
            town = self.rng.choice(self.places.towns)
            self.names.append(town)
            my, en = self.one(("မြို့နယ်", " Township"), ("မြို့", " town"))
            return Phrase(town[0] + my, town[1] + en)
        if kind < 0.9:
            site = self._site(self.places.wards)
            inner = Phrase(site.name[0] + self.one("ရပ်ကွက်", "ရပ်ကွက်", " ရပ်ကွက်"), f"{site.name[1]} ward")
            return self._inside(inner, self.rng.choice(site.within), "မြို့", " town")
        return Phrase(*self.rng.choice(list(wording.REGIONS.values())))

    def _inside(self, inner: Phrase, within: tuple[Name | None, Name], my_kind: str, en_kind: str) -> Phrase:
        town, region = within
        my, en = inner.my, inner.en
        gap = self.one("", " ", "၊ ")
        if town and self.chance(0.6):
            self.names.append(town)
            my, en = town[0] + my_kind + gap + my, f"{en}, {town[1]}{en_kind}"
        if self.chance(0.25):
            my, en = region[0] + gap + my, f"{en}, {region[1]}"
        return Phrase(my, en)

    def day(self) -> Phrase:
        """A full date as a noun."""
        month, day, year = self.rng.choice(wording.MONTHS), self.rng.randint(1, 31), self.year()
        gap, inner = self.one(" ", "၊ ", ""), self.one(" ", "")
        my = f"{self.digits(year)}{inner}ခုနှစ်{gap}{month[0]}လ{inner}{self.digits(day)}{inner}ရက်{self.one('', '', 'နေ့')}"
        return Phrase(my, f"{day} {month[1]} {year}")

    def year(self) -> int:
        """Mostly of the last years."""
        return self.rng.randint(2017, 2026) if self.chance(0.85) else self.rng.randint(1962, 2016)

    def date(self) -> Phrase:
        """When, as an adverbial with its particle."""
        kind, at = self.rng.random(), self.one("တွင်", "က", "က", "") if self.literary else self.one("က", "က", "မှာ", "")
        month = self.rng.choice(wording.MONTHS)
        if kind < 0.4:
            day = self.day()
            return Phrase(day.my + at, f"on {day.en}")
        if kind < 0.6:
            number, inner = self.rng.randint(1, 31), self.one(" ", "")
            return Phrase(
                f"{month[0]}လ{inner}{self.digits(number)}{inner}ရက်{self.one('', 'နေ့')}{at}", f"on {number} {month[1]}"
            )
        if kind < 0.7:
            year = self.year()
            return Phrase(f"{self.digits(year)} ခုနှစ်{self.one(' ', '၊ ')}{month[0]}လ{at}", f"in {month[1]} {year}")
        if kind < 0.75:
            year = self.year()
            return Phrase(f"{self.digits(year)} ခုနှစ်{at}", f"in {year}")
        if kind < 0.81:
            my, en = self.rng.choice(wording.WEEKDAYS)
            return Phrase(f"{my}နေ့{at}", f"on {en}")
        if kind < 0.87:
            mark = self.one("-", "/", ".")
            text = f"{self.rng.randint(1, 31)}{mark}{self.rng.randint(1, 12)}{mark}{self.year()}"
            return Phrase(self.digits(text) + self.one("", "", " ရက်နေ့") + at, f"on {text}")
        return Phrase(*self.rng.choice(wording.LONG_AGO))

    def clock(self) -> Phrase:
        """At what time, as an adverbial with its particle."""
        hour, minute = self.rng.randint(1, 12), self.one(0, 0, 0, 30, 30, self.rng.randint(1, 59))
        my, half = ("နေ့လယ်", "p.m.") if hour == 12 else self.rng.choice(wording.HOURS)
        inner = self.one(" ", "")
        my = f"{my}{inner}{self.digits(hour)}{inner}နာရီ"
        en = f"{hour}:{minute:02d} {half}" if minute else f"{hour} {half}"
        if minute == 30:
            my += "ခွဲ"
        elif minute:
            my += f" {self.digits(minute)}{inner}မိနစ်"
        at = self.one("တွင်", "က", "") if self.literary else self.one("မှာ", "က", "")
        if self.chance(0.3):
            return Phrase(my + self.one("ခန့်", "လောက်", "ဝန်းကျင်") + at, f"at about {en}")
        return Phrase(my + at, f"at {en}")

    def setting(self) -> Phrase:
        """Any of when and where; may be empty."""
        my, en = [], []
        if self.chance(0.7):
            date = self.date()
            my.append(date.my)
            en.append(date.en)
        if self.chance(0.18):
            clock = self.clock()
            my.append(clock.my)
            en.insert(0, clock.en)
        if self.chance(0.7):
            place = self.place()
            near = self.rng.choice(
                (("", "in"),) * 7 + (("အနီး", "near"), ("အပြင်ဘက်", "outside"), ("မြောက်ဘက်", "north of"))
            )
            my.append(place.my + near[0] + self.where_at())
            en.insert(0, f"{near[1]} {place.en}")
        return Phrase(self.one(" ", " ", "၊ ").join(my), " ".join(en))

    # Sentences

    def deed(self) -> Phrase:
        """Somebody did something to people, buildings or goods; active, passive, or suffered."""
        kind = self.rng.random()
        if kind < 0.4:
            target, deed = self.victims(), self.rng.choice(wording.DEEDS_TO_PEOPLE)
        elif kind < 0.75:
            target, deed = self.counted(wording.BUILDINGS, 60), self.rng.choice(wording.DEEDS_TO_BUILDINGS)
        else:
            target, deed = self.counted(wording.GOODS), self.rng.choice(wording.DEEDS_TO_GOODS)
        setting = self.setting()
        was = "were" if target.plural else "was"
        form = self.rng.random()
        if form < 0.72 or deed.participle is None:
            actor = self.actor()
            doer, whom = actor.my + self.subject(), target.my + (self.one("ကို", "ကို", "ကို", "") if target.plural else "ကို")
            opening = f"{setting.my} {doer}" if self.chance(0.75) else f"{doer} {setting.my}"
            my, en = (
                f"{opening} {whom} {deed.my}{self.past()}",
                f"{actor.en} {deed.past.format(target.en)} {setting.en}",
            )
        elif form < 0.88:
            mark, suffered = self.one("", self.subject()), self.one("ခံခဲ့ရ", "ခံရ")
            my = f"{setting.my} {target.my}{mark} {deed.my}{suffered}{self.ending()}"
            en = f"{target.en} {was} {deed.participle} {setting.en}"
        else:
            actor = self.actor()
            of = "၏" if self.literary else "ရဲ့"
            my = f"{setting.my} {target.my} {actor.my}{of} {deed.my}ခြင်းကို ခံခဲ့ရ{self.ending()}"
            en = f"{target.en} {was} {deed.participle} by {actor.en} {setting.en}"
        if self.chance(0.08):
            source = self.rng.choice(wording.ACCORDING_TO)
            my, en = f"{source[0]}{self.one(' ', '၊ ')}{my}", f"{source[1]} {en}"
        return Phrase(f"{my}။", f"{en}.")

    def fate(self) -> Phrase:
        """What befell people, one fate or two."""
        setting, who = self.setting(), self.victims()
        my, en = self.rng.choice(wording.FATES)
        en = en.format(who=who.en, was="were" if who.plural else "was")
        if self.chance(0.15):
            others, second = self.counted(wording.PEOPLE, hedge=False), self.rng.choice(wording.FATES)
            joined = second[1].format(who=others.en, was="were" if others.plural else "was")
            return Phrase(
                f"{setting.my} {who.my} {my}ပြီး {others.my} {second[0]}{self.ending()}။",
                f"{en} and {joined} {setting.en}.",
            )
        return Phrase(f"{setting.my} {who.my} {my}{self.ending()}။", f"{en} {setting.en}.")

    def plain(self) -> Phrase:
        """A short everyday sentence: someone goes, stays or does, in one of seven tenses and moods."""
        self.literary = False
        (my_who, who, third), kind = self.rng.choice(wording.SUBJECTS), self.rng.random()
        if self.chance(0.12):
            kin = self.rng.choice(wording.KIN)
            my_who, who, third = f"{self.one('ကျွန်တော့်', 'ကျွန်မ')}{kin[0]}", f"my {kin[1]}", True
        if kind < 0.3:
            verb, (my_goal, goal) = self.rng.choice(wording.MOVES), self.rng.choice(wording.TARGETS)
            if self.chance(0.25):
                my_goal, goal, _ = self.village()
            my_goal, goal = self.one(
                (f"{my_goal}ကို", f"to {goal}"), (f"{my_goal}ကို", f"to {goal}"), (f"{my_goal}ကနေ", f"from {goal}")
            )
            if my_goal.endswith("ကနေ") and verb.base == "get":
                verb = wording.MOVES[0]
        elif kind < 0.5:
            verb, (my_goal, goal) = self.rng.choice(wording.STAYS), self.rng.choice(wording.TARGETS)
            my_goal, goal = f"{my_goal}မှာ", f"in {goal}"
        else:
            verb, (my_goal, goal) = self.rng.choice(wording.ACTS), self.rng.choice(wording.OBJECTS)
            if self.chance(0.15):
                my_goal, goal, _ = self.person()
            my_goal = f"{my_goal}ကို"
        was, does = ("was" if third or who == "I" else "were"), ("does" if third else "do")
        my_verb, en_verb = self.one(
            (self.one(f"{verb.my}ခဲ့တယ်", f"{verb.my}တယ်", f"{verb.my}ခဲ့ပါတယ်"), verb.past),
            (self.one(f"{verb.negated}ဘူး", f"{verb.negated}ခဲ့ဘူး", f"{verb.negated}ပါဘူး"), f"did not {verb.base}"),
            (f"{verb.my}ခဲ့ရတယ်", f"had to {verb.base}"),
            (f"{verb.my}နေတယ်", f"{was} {verb.going}"),
            (self.one(f"{verb.my}မယ်", f"{verb.my}ပါမယ်"), f"will {verb.base}"),
            (f"{verb.my}ချင်တယ်", f"want{'s' if third else ''} to {verb.base}"),
            (f"{verb.negated}ချင်ဘူး", f"{does} not want to {verb.base}"),
            (f"{verb.negated}နိုင်ဘူး", f"could not {verb.base}"),
        )
        when = self.date() if self.chance(0.3) else Phrase("", "")
        mark = self.one("", "က") if not my_who.endswith("က") else ""
        my = (
            f"{when.my} {my_who}{mark} {my_goal} {my_verb}"
            if self.chance(0.7)
            else f"{my_who}{mark} {when.my} {my_goal} {my_verb}"
        )
        return Phrase(f"{my}။", f"{who} {en_verb} {goal} {when.en}.")

    def spoken_line(self) -> Phrase:
        """A line of a witness."""
        self.literary = False
        return self._filled(self.rng.choice(_SPOKEN))

    def written_line(self) -> Phrase:
        """A line of a document."""
        self.literary = True
        return self._filled(self.rng.choice(_WRITTEN))

    def _filled(self, line: tuple[str, str]) -> Phrase:
        makers: dict[str, Callable[[], Phrase]] = {
            "kin": lambda: Phrase(*self.rng.choice(wording.KIN)),
            "count": lambda: self.number(2),
            "person": self.person,
            "village": self.village,
            "place": self.place,
            "unit": self.unit,
            "date": self.date,
            "day": self.day,
            "clock": self.clock,
            "rank": lambda: Phrase(*self.rng.choice(wording.RANKS)),
            "subject": lambda: Phrase(*self.rng.choice(_SUBJECTS)),
            "phone": lambda: self.phone(),
        }
        my, en = {}, {}
        for key in dict.fromkeys(re.findall(r"{(\w+)}", line[0])):
            filling = makers[key.rstrip("2")]()
            my[key], en[key], en[key.capitalize()] = filling.my, filling.en, filling.en.capitalize()
        return Phrase(line[0].format(**my), line[1].format(**en))

    def phone(self) -> Phrase:
        """A mobile number, whole or in groups."""
        number = "09" + "".join(self.rng.choices("0123456789", k=self.one(7, 9, 9)))
        if self.chance(0.3):
            number = f"{number[:2]}-{number[2:]}"
        return Phrase(self.digits(number), number)

    def bare(self) -> Phrase:
        """A phrase without a sentence: headings, tables, captions."""
        maker = self.one(
            self.day,
            self.unit,
            self.place,
            self.person,
            lambda: self.counted(self.one(wording.PEOPLE, wording.BUILDINGS, wording.GOODS)),
            self._place_and_day,
        )
        return maker()

    def _place_and_day(self) -> Phrase:
        place, day = self.place(), self.day()
        return Phrase(f"{place.my}{self.one(' ', '၊ ')}{day.my}", f"{place.en}, {day.en}")


def invent_people(count: int) -> list[tuple[Name, bool]]:
    """Distinct names and whether they are of women."""
    rng = random.Random(SEED)
    found: dict[Name, bool] = {}
    while len(found) < count:
        woman = rng.random() < 0.5
        found.setdefault(names.compose(rng, woman), woman)
    return sorted(found.items())


def distinct_pairs(writer: Writer, unwanted: set[tuple[str, str]], need_names: bool) -> Iterator[Pair]:
    """Pairs without end that are neither repeated nor unwanted; what they give is added to the unwanted."""
    while True:
        pair = writer.pair()
        if (pair.my, pair.en) not in unwanted and (pair.names or not need_names):
            unwanted.add((pair.my, pair.en))
            yield pair


def _name_pairs(places: Places, people: Sequence[tuple[Name, bool]], with_towns: bool) -> list[Name]:
    found = {site.name for site in places.villages} | {name for name, _ in people}
    found |= {(f"{site.name[0]}ရပ်ကွက်", f"{site.name[1]} Ward") for site in places.wards}
    return sorted(found | set(places.towns) if with_towns else found)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with geography/mimu96_places.tsv")
    parser.add_argument("work", type=Path, help="folder for what is made")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    every_place, everybody = read_places(arguments.data), invent_people(PERSON_NAMES)
    seen: set[tuple[str, str]] = set()
    for label, for_test, count in (("test", True, TEST_PAIRS), ("train", False, TRAINING_PAIRS)):
        places = part(every_place, for_test)
        people = [(name, woman) for name, woman in everybody if held_out(name[0]) == for_test]
        pairs = distinct_pairs(Writer(random.Random(SEED + for_test), places, people), seen, need_names=for_test)
        with (arguments.work / f"synthetic.{label}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(
                json.dumps([p.my, p.en, p.names], ensure_ascii=False) + "\n"
                for p, _ in zip(pairs, range(count), strict=False)
            )
        listed = _name_pairs(places, people, with_towns=not for_test)
        with (arguments.work / f"names.{label}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(json.dumps([*name, []], ensure_ascii=False) + "\n" for name in listed)
        print(f"{label}: {count} pairs, {len(listed)} names, of them {len(people)} of persons")


if __name__ == "__main__":
    main()
