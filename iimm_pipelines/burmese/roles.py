"""Who was what: a person with rank, unit, organisation and post, and the day and place that stand in the same sentence.

Here: which unit, organisation and post of a sentence belong to which person.
Not here: finding them (names, units, tables, dates), rows (iimm_pipelines.stages.entities).

What belongs to a person stands directly before or behind the name, with nothing between but signs, particles and words
such as "commander of". In Burmese all that comes before goes with the name that follows; in English what comes behind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from iimm_pipelines.burmese.names import Person


class Part(StrEnum):
    """What a stretch beside a person tells."""

    UNIT = "unit"
    ORGANISATION = "organisation"
    POST = "post"
    PLACE = "place"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that may belong to a person; `value` is its identifier or normal form."""

    start: int
    end: int
    part: Part
    value: str


@dataclass(frozen=True, slots=True)
class Role:
    """One person in one sentence; the span reaches over all that is linked by its place beside the name."""

    start: int
    end: int
    person: Person
    unit: str | None
    organisation: str | None
    post: str | None
    place: str | None
    date: str | None


_SENTENCE_END = re.compile(r"[။\n]|(?<=[a-z0-9)][a-z0-9)][a-z0-9)])[.](?=\s+[A-Z])")
_BETWEEN = re.compile(
    r"[\s၊,()\u2010-\u2015'\u2019-]*(?:(?:"
    "လက်အောက်ခံ|လက်အောက်ရှိ|အောက်ခံ|မှ|က|၏|ရဲ့|ရှိ|တွင်|အခြေစိုက်|အဖြစ်|တာဝန်ယူထားသူ|တာဝန်ယူထားသော|တာဝန်ယူထားသည့်|တာဝန်ယူသူ|တာဝန်ထမ်းဆောင်နေသော|"
    "တာဝန်ထမ်းဆောင်နေသူ|တာဝန်ထမ်းဆောင်ခဲ့သော|တာဝန်ကျ|ဖြစ်သူ|ဖြစ်သော|ဖြစ်သည့်|ဖြစ်တဲ့|သည်|ဟာ|ဟောင်း|မြို့နယ်|မြို့|ကျေးရွာ|ရွာ|ခရိုင်|ရဲစခန်း|စခန်း|"
    r"(?:of|the|from|as|is|was|were|led|leads|by|under|with|serving|who|former|then|in|at|head|heads|headed|commands|commanded|"
    r"commanding|commander|appointed|became|based|Township|District|village|and[ ](?=commander))\b"
    r")[\s၊,()\u2010-\u2015'\u2019-]*)*"
)
# Who does something, and to or with whom it is done: what follows a name so is another party.
_DOES = re.compile("\\s?က(?![\u102b-\u103e]|[\u1000-\u1021]\u1037?[\u1039\u103a])")
_DONE_TO = re.compile(r"\s?\)?\s?(?:ကို|အား|သို့|က\s|နှင့်|နဲ့)")
# In brackets behind a name stands who somebody is; what follows the bracket is said of the person.
_IN_BRACKETS = re.compile(r"\s?\((?=\S)")
# Somebody is made something: the person is the object, and the post is followed by "as".
_MADE = re.compile(r"\s?(?:ကို|အား)\s?")
_AS = re.compile(r"\s?(?:အဖြစ်|အနေဖြင့်|အနေနဲ့|ရာထူး)")
_LONGEST_GAP = 60
_BURMESE = re.compile("[\u1000-\u109f]")


def roles(text: str, people: Sequence[Person], pieces: Sequence[Piece]) -> list[Role]:
    """A role for each person of whom a rank, unit, organisation or post is told, in order of place."""
    people = sorted(people, key=lambda p: p.start)
    beside = sorted((p for p in pieces if p.part is not Part.DATE), key=lambda p: (p.start, -p.end))
    dates = [p for p in pieces if p.part is Part.DATE]
    claimed: dict[int, dict[Part, Piece]] = {i: {} for i in range(len(people))}
    spans = {i: (p.start, p.end) for i, p in enumerate(people)}
    taken: set[Piece] = set()

    def before(i: int) -> None:
        low = people[i - 1].end if i else 0
        for piece in reversed([p for p in beside if low <= p.start and p.end <= spans[i][0]]):
            if not _joined(text, piece.end, spans[i][0]) or piece in taken:
                break
            claimed[i].setdefault(piece.part, piece)
            taken.add(piece)
            spans[i] = (piece.start, spans[i][1])

    def behind(i: int) -> None:
        high = people[i + 1].start if i + 1 < len(people) else len(text)
        following = [p for p in beside if spans[i][1] <= p.start and p.end <= high]
        bracketed = _IN_BRACKETS.match(text, spans[i][1]) is not None
        if made := _MADE.match(text, spans[i][1]):
            following = _made(text, made.end(), following)
            spans[i] = (spans[i][0], made.end() if following else spans[i][1])
        for piece in following:
            if not _joined(text, spans[i][1], piece.start) or piece in taken:
                break
            if not bracketed and _DONE_TO.match(text, piece.end):
                break
            if _DOES.match(text, spans[i][1]):
                break
            claimed[i].setdefault(piece.part, piece)
            taken.add(piece)
            spans[i] = (spans[i][0], piece.end)

    latin = {i: not _BURMESE.match(p.name) for i, p in enumerate(people)}
    for way, whose in ((behind, True), (before, False), (before, True), (behind, False)):
        for i in range(len(people)):
            if latin[i] is whose:
                way(i)
    ends = [0, *(m.end() for m in _SENTENCE_END.finditer(text)), len(text) + 1]
    found = []
    for i, person in enumerate(people):
        told = claimed[i]
        if not person.rank and not told.keys() & {Part.UNIT, Part.ORGANISATION, Part.POST}:
            continue
        low = max(e for e in ends if e <= person.start)
        high = min(e for e in ends if e > person.start)
        said = {part: p.value for part, p in told.items()}
        for part, among in ((Part.DATE, dates), (Part.PLACE, [p for p in beside if p.part is Part.PLACE])):
            near = [p for p in among if low <= p.start < high]
            if near and part not in said:
                said[part] = min(near, key=lambda p: abs(p.start - person.start)).value
        found.append(
            Role(
                *spans[i],
                person,
                *(said.get(p) for p in (Part.UNIT, Part.ORGANISATION, Part.POST, Part.PLACE, Part.DATE)),
            )
        )
    return found


def _made(text: str, start: int, following: Sequence[Piece]) -> list[Piece]:
    """The pieces from here on up to the post that somebody is appointed to; none where it is no appointment."""
    end = start
    for number, piece in enumerate(following):
        if not _joined(text, end, piece.start):
            break
        if piece.part is Part.POST and _AS.match(text, piece.end):
            return list(following[: number + 1])
        end = piece.end
    return []


def _joined(text: str, start: int, end: int) -> bool:
    return 0 <= end - start <= _LONGEST_GAP and _BETWEEN.fullmatch(text, start, end) is not None
