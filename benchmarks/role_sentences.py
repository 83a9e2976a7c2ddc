"""Sentences that tell who was what, with what they tell: 200 put together, 40 written by hand.

Here: the sentences and their truth. Not here: how well roles are found (names), sentences to learn from (training).

The truth of a composed sentence comes from how it was put together. Names are of syllables in use, and every fourth has
one that stands in no table. Ten in a hundred sentences tell no role.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.names import name_sounds
from training.names import compose

BY_HAND = Path(__file__).resolve().parents[1] / "tests" / "burmese" / "role_sentences.txt"
SEED = 5
COMPOSED = 200
_DIGITS = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")

Told = Mapping[str, str]
"""What a role tells: key of the name, rank, unit, organisation, post, date, by these names."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A sentence and the roles that it tells."""

    text: str
    roles: tuple[Told, ...]


def key_of(name: str) -> str:
    """The sound of a name, as mentions have it."""
    return name_sounds(normal_text(name, None).text).replace(" ", "")


def by_hand() -> list[Telling]:
    """The sentences of tests/burmese/role_sentences.txt: a sentence, a tab, roles with `;` between."""
    found = []
    for line in BY_HAND.read_text(encoding="utf-8").splitlines():
        text, _, told = line.partition("\t")
        roles = [dict(part.split("=") for part in role.split(" ")) for role in told.split(";") if role]
        found.append(_telling(text, *roles))
    return found


def _telling(text: str, *roles: dict[str, str]) -> Telling:
    told = ({("key" if n == "name" else n): key_of(v) if n == "name" else v for n, v in r.items()} for r in roles)
    return Telling(normal_text(text, None).text, tuple(told))


_RANKS = (
    ("ဗိုလ်ချုပ်", "Maj-Gen", "MAJOR-GENERAL"), ("ဗိုလ်မှူးချုပ်", "Brig-Gen", "BRIGADIER-GENERAL"), ("ဗိုလ်မှူးကြီး", "Colonel", "COLONEL"),
    ("ဒုတိယဗိုလ်မှူးကြီး", "Lt-Col", "LIEUTENANT-COLONEL"), ("ဒုဗိုလ်မှူးကြီး", "Lt. Col.", "LIEUTENANT-COLONEL"), ("ဗိုလ်မှူး", "Major", "MAJOR"),
    ("ဗိုလ်ကြီး", "Captain", "CAPTAIN"), ("တပ်ကြပ်ကြီး", "Sergeant", "SERGEANT"),
)  # fmt: skip
_UNITS = (
    (("ခမရ ({})", "ခမရ {}", "အမှတ် ({}) ခြေမြန်တပ်ရင်း", "ခမရ-{}"), ("LIB {}", "Light Infantry Battalion {}"), "LIB-{}", "battalion"),
    (("ခလရ ({})", "ခလရ {}", "အမှတ် ({}) ခြေလျင်တပ်ရင်း"), ("IB {}", "Infantry Battalion {}"), "IB-{}", "battalion"),
    (("တပ်မ ({})", "တပ်မ {}", "ခြေမြန်တပ်မ ({})"), ("LID {}", "Light Infantry Division {}"), "LID-{}", "division"),
    (("စကခ ({})", "စကခ-{}"), ("MOC {}", "Military Operations Command {}"), "MOC-{}", "operations"),
    (("အနောက်မြောက်တိုင်းစစ်ဌာနချုပ်", "နမခ"), ("Northwestern Command",), "RMC-NORTHWESTERN", "region"),
    (("အရှေ့မြောက်တိုင်း စစ်ဌာနချုပ်",), ("Northeast Regional Military Command",), "RMC-NORTHEASTERN", "region"),
)  # fmt: skip
_POSTS = {
    "battalion": (("တပ်ရင်းမှူး", "battalion commander", "BATTALION-COMMANDER"), ("ဒုတိယတပ်ရင်းမှူး", "deputy battalion commander", "DEPUTY-BATTALION-COMMANDER")),
    "division": (("တပ်မမှူး", "division commander", "DIVISION-COMMANDER"), ("ဒုတိယတပ်မမှူး", "deputy division commander", "DEPUTY-DIVISION-COMMANDER")),
    "operations": (("စစ်ဆင်ရေးမှူး", "operations commander", "OPERATIONS-COMMANDER"),),
    "region": (("တိုင်းမှူး", "regional commander", "REGIONAL-COMMANDER"), ("ဒုတိယတိုင်းမှူး", "deputy regional commander", "DEPUTY-REGIONAL-COMMANDER")),
}  # fmt: skip
_BODIES = (
    ("အမျိုးသားဒီမိုကရေစီအဖွဲ့ချုပ်", "NLD", "NLD"), ("ပြည်ထောင်စုကြံ့ခိုင်ရေးနှင့်ဖွံ့ဖြိုးရေးပါတီ", "USDP", "USDP"), ("ကေအန်ယူ", "KNU", "KNU"),
    ("ကချင်လွတ်လပ်ရေးတပ်မတော်", "KIA", "KIA"), ("ရွေးကောက်ပွဲကော်မရှင်", "Union Election Commission", "UEC"),
)  # fmt: skip
_POSTS_IN_BODIES = (
    ("ဥက္ကဋ္ဌ", "chairman", "CHAIR"),
    ("ပြောရေးဆိုခွင့်ရှိသူ", "spokesperson", "SPOKESPERSON"),
    ("အတွင်းရေးမှူး", "secretary", "SECRETARY"),
)
_HONORIFICS = (("ဦး", "U"), ("ဒေါ်", "Daw"))
_MONTHS = (("ဇန်နဝါရီ", "January"), ("မတ်", "March"), ("မေ", "May"), ("ဩဂုတ်", "August"), ("ဒီဇင်ဘာ", "December"))
_MONTH_NUMBERS = (1, 3, 5, 8, 12)
_STRANGE = (("ဂမ်", "Gam"), ("ဗြန်", "Bran"), ("ထုံ", "Htone"), ("ရမ်", "Ram"))

_OFFICER_MY = (
    "{date} {unit} {post} {rank} {name}က အမိန့်ပေးခဲ့သည်။", "{unit} {post} {rank}{name}သည် {date} ရောက်ရှိလာသည်။", "{unit} မှ {rank} {name} ဦးဆောင်သော စစ်ကြောင်းသည် ရွာထဲသို့ ဝင်လာသည်။",
    "{rank} {name} ({unit} {post}) ကို မှတ်မိသည်။", "{rank} {name}သည် {unit} {post} ဖြစ်သည်။", "{date} {rank} {name}ကို {unit} {post}အဖြစ် ခန့်အပ်သည်။",
    "{post} {rank} {name}က ရွာသားများကို ခေါ်တွေ့သည်။", "{unit}က {rank}{name}တို့ လာသွားတယ်။", "{unit}၏ {post} {rank} {name}၏ လက်အောက်တွင် ရှိသည်။",
    "{name2} ကို {unit} {post} {rank} {name} ဖမ်းသွားတယ်။",
)  # fmt: skip
_OFFICER_EN = (
    "{rank} {name}, {post} of {unit}, gave the order on {date}.", "{unit} {post} {rank} {name} arrived on {date}.", "{rank} {name} of {unit} led the column into the village.",
    "On {date}, {rank} {name} was appointed {post} of {unit}.", "The {post} of {unit}, {rank} {name}, was seen there.", "{rank} {name} ({unit}) questioned {name2}.",
)  # fmt: skip
_CIVIL_MY = (
    "{body} {post} {title}{name}က ပြောသည်။",
    "{title}{name}သည် {body} {post} ဖြစ်သည်။",
    "{date} {body} {post} {title}{name}ကို ဖမ်းဆီးခဲ့သည်။",
    "{body}မှ {post} {title} {name} တက်ရောက်သည်။",
)
_CIVIL_EN = ("{title} {name}, {post} of the {body}, said so.", "{body} {post} {title} {name} was arrested on {date}.")
_NONE_MY = (
    "{name}နဲ့ {name2}တို့ ထွက်ပြေးရတယ်။",
    "{unit} မှ တပ်များသည် {date} ရွာကို မီးရှို့ခဲ့သည်။",
    "{name}က ရဲစခန်းမှာ တိုင်ကြားခဲ့သည်။",
    "{date} {name} သေဆုံးသည်။",
)
_NONE_EN = ("{name} and {name2} fled on {date}.", "Soldiers of {unit} burned the village on {date}.")


def composed(count: int = COMPOSED) -> list[Telling]:
    """Sentences by chance, the same each time."""
    rng = random.Random(SEED)
    return [_composed(rng) for _ in range(count)]


def _composed(rng: random.Random) -> Telling:
    burmese = rng.random() < 0.7
    way = 0 if burmese else 1
    (my, en), woman = _name(rng)
    title = _HONORIFICS[woman]
    other = _name(rng)
    number = rng.randint(1, 99) if rng.random() < 0.4 else rng.randint(100, 600)
    written = str(number).translate(_DIGITS) if burmese else str(number)
    forms_my, forms_en, unit, kind = rng.choice(_UNITS)
    month = rng.randrange(len(_MONTHS))
    year, day = rng.randint(2012, 2025), rng.randint(1, 28)
    date = (f"{str(year).translate(_DIGITS)} ခုနှစ် {_MONTHS[month][0]}လ {str(day).translate(_DIGITS)} ရက်နေ့က"
            if burmese else f"{day} {_MONTHS[month][1]} {year}")  # fmt: skip
    rank, post, body = rng.choice(_RANKS), rng.choice(_POSTS[kind]), rng.choice(_BODIES)
    told = {"name": my, "date": f"{year}-{_MONTH_NUMBERS[month]:02d}-{day:02d}"}
    sort = rng.random()
    if sort < 0.7:
        line = rng.choice(_OFFICER_MY if burmese else _OFFICER_EN)
        told |= {"rank": rank[2], "unit": unit.format(number), "post": post[2]}
    elif sort < 0.9:
        post = rng.choice(_POSTS_IN_BODIES)
        line = rng.choice(_CIVIL_MY if burmese else _CIVIL_EN)
        told |= {"organisation": body[2], "post": post[2]}
    else:
        line, told = rng.choice(_NONE_MY if burmese else _NONE_EN), {}
    gap = "" if burmese else " "
    name = (my, en)[way] if sort < 0.9 else f"{title[way]}{gap}{(my, en)[way]}"
    text = line.format(
        name=name,
        name2=f"{_HONORIFICS[other[1]][way]}{gap}{other[0][way]}",
        title=title[way],
        rank=rank[way],
        post=post[way],
        body=body[way],
        date=date,
        unit=rng.choice((forms_my, forms_en)[way]).format(written),
    )
    told = {n: v for n, v in told.items() if n == "name" or f"{{{'body' if n == 'organisation' else n}}}" in line}
    return _telling(text, *([told] if told else []))


_TITLE_LIKE = ("ကြီး", "ဦး", "ကို", "ဗိုလ်")
"""Behind a rank they would be part of it; hardly a name begins so."""


def _name(rng: random.Random) -> tuple[tuple[str, str], bool]:
    woman = rng.random() < 0.3
    my, en = compose(rng, woman)
    while my.startswith(_TITLE_LIKE):
        my, en = compose(rng, woman)
    if rng.random() < 0.25:
        strange = rng.choice(_STRANGE)
        my, en = my + strange[0], f"{en} {strange[1]}"
    return (my, en), woman
