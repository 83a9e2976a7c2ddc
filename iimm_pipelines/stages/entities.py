"""Entities: who, where, when and how to reach them, as mentions in the segments of an item.

Here: which finder sees which text, which of two mentions of one stretch stays, how sure each rule is.
Not here: forms of addresses, numbers and dates (patterns), persons, units and organisations by rule (people), the
gazetteer (places), the recogniser that learnt (burmese/recogniser), making the translations.

Places are looked for in the original only: a translation guesses names by their sound. Persons and organisations are
also looked for by a model in a translation that calls itself reliable: it finds names that stand without a title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from iimm_pipelines.burmese import recogniser
from iimm_pipelines.burmese.names import (
    MAY_FOLLOW,
    Rule,
    begins_in_a_word,
    is_a_place,
    is_a_word,
    is_of_a_thing,
    name_sounds,
    names_a_thing,
    names_at,
    of_elements,
    original_at,
    person_at,
)
from iimm_pipelines.burmese.recogniser import Guess, Kind, Recogniser
from iimm_pipelines.burmese.roles import Role
from iimm_pipelines.burmese.romanisation import romanised
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.tables import SYLLABLE_ENDS, Forms, by_beginning
from iimm_pipelines.engine.outcome import Outcome, Problem, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.schema import MENTIONS, ROLES
from iimm_pipelines.stages import patterns, people, places
from iimm_pipelines.stages.texts import normal_segments, stretches, without_normal_segments
from iimm_pipelines.stages.weights import model

GAZETTEER_MODEL, NAMES_MODEL, RECOGNISER_MODEL = "mimu-places", "english-names", "burmese-names"
_BY_GAZETTEER, _BY_SPACY, _BY_BOTH = "gazetteer mimu", "spacy en_core_web_sm", "gazetteer mimu, spacy en_core_web_sm"
_BY_COUNTRIES = "table of countries"
_BY_TITLE = "spacy en_core_web_sm, title"
_BY_ITEM = "named in another line of the item"
_BY_RECOGNISER = f"recogniser {RECOGNISER_MODEL} {recogniser.VERSION}"

# Millionths. A name with the word for its level lies in a name marked by people in 99 of 100 cases, a large name alone
# in 86 (places.py); less where it is open which of several places is meant.
_PLACE_SAID, _PLACE_ALONE, _PLACE_BY_BOTH, _SEVERAL_LESS = 950_000, 800_000, 600_000, 200_000
# The model's own precision is 0.86 for persons and 0.79 for organisations on news of its kind; Burmese names are not.
_PERSON, _PERSON_WITH_TITLE, _ORGANISATION, _ON_TRANSLATION_LESS = 700_000, 850_000, 500_000, 300_000

_LINKED = 850_000
"""How sure it is that what stands beside a name belongs to it."""
_SURE_ENOUGH = 400_000
_SURE_TO_REACH = 700_000
_SURE_OF_A_USUAL_NAME, _SURE_OF_A_STRANGE_NAME, _SURE_OF_A_LATIN_NAME = 350_000, 550_000, 900_000
_SURE_OF_A_WORD = 900_000
"""Chosen on the training part of myNER, which nothing learnt from."""
_SURE_TO_RECALL, _TOLD_OF = 700_000, 600_000
"""How sure a name must be found once, to be found bare elsewhere in the item; and how sure that is."""
_MOST_TOLD_OF = 500
_USUAL = 0.6
"""Share of syllables in name elements from which on a name is a usual one."""
_BURMESE = re.compile("[\u1000-\u109f]")
_CELL_END = re.compile(r"[\n\t]")
"""No name goes from one line, or cell of a table, into the next."""
_TITLES = frozenset({"U", "Daw", "Ko", "Ma", "Mg", "Maung", "Saw", "Naw", "Sai", "Nang", "Salai"})


class Name(NamedTuple):
    """A name as the model found it, with the model's own label."""

    start: int
    end: int
    label: str


Names = Callable[[Sequence[str]], Iterator[list[Name]]]
"""The names in each text."""


@dataclass(frozen=True, slots=True)
class Tool:
    """The finders; one whose model is missing is None."""

    gazetteer: places.Gazetteer | None
    names: Names | None
    known: people.Known
    recogniser: Recogniser | None = None


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Gazetteer and name model. What is missing is said for the items that need it."""
    gazetteer = _folder(models, GAZETTEER_MODEL)
    names = _folder(models, NAMES_MODEL)
    learnt = _folder(models, RECOGNISER_MODEL)
    return Tool(
        None if gazetteer is None else places.load(gazetteer),
        None if names is None else _english_names(names),
        people.known_forms(ingredients["people"].parameters),
        None if learnt is None else Recogniser(learnt),
    )


def _folder(models: Path, name: str) -> Path | None:
    try:
        return model(models, name).folder
    except Problem:
        return None


def _english_names(folder: Path) -> Names:
    import spacy

    # only what the names need
    nlp = spacy.load(folder, disable=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"])

    def names(texts: Sequence[str]) -> Iterator[list[Name]]:
        for document in nlp.pipe(texts, batch_size=32, n_process=1):
            yield [Name(e.start_char, e.end_char, e.label_) for e in document.ents]

    return names


def apply(tool: Tool, task: Task) -> Outcome:
    """All mentions of one item, in the order of its segments."""
    segments = normal_segments(task)
    mixed = stretches(task)
    english = {_place(s): text for s in segments if (text := _english(s, mixed.get(_place(s), ())))}
    translated = {_place(r): str(r["text"]) for r in _translations(task) if r.get("reliable")}
    named, named_there = _named(tool.names, english), _named(tool.names, translated)
    rows: list[Row] = []
    roles: list[Row] = []
    in_text = [_mentions(tool, str(segment["text"]), named.get(_place(segment), ())) for segment in segments]
    told_of = _told_of(mentions for mentions, _ in in_text)
    for segment, (mentions, told) in zip(segments, in_text, strict=True):
        place = _place(segment)
        roles += [{"origin": place[0], "ordinal": place[1], **_role(role, mentions)} for role in told]
        found = {"text": _with_told_of(tool, str(segment["text"]), mentions, told_of)}
        if place in translated:
            found["translation"] = _people(translated[place], named_there.get(place, ()), _ON_TRANSLATION_LESS)
        rows += [
            {"origin": place[0], "ordinal": place[1], "on": on, "start": m.start, "end": m.end, "type": m.type,
             "text": (str(segment["text"]) if on == "text" else translated[place])[m.start : m.end],
             "normal": m.normal, "link": m.link, "key": m.key, "confidence": m.confidence, "rule": m.rule,
             "candidates": [code for code, _ in m.candidates] or None, "likely": [share for _, share in m.candidates] or None}
            for on, mentions in found.items() for m in mentions
        ]  # fmt: skip
    names_needed = bool(english or translated)
    learnt_needed = any(_BURMESE.search(str(s["text"])) for s in segments)
    if tool.gazetteer is None or (tool.names is None and names_needed) or (tool.recogniser is None and learnt_needed):
        return ended(Reason.NO_MODEL, tables={"mentions": rows, "roles": roles})
    asked = (("names", names_needed), ("recogniser", learnt_needed))
    used = frozenset({"patterns", "people", "gazetteer", *(name for name, needed in asked if needed)})
    return produced({"mentions": rows, "roles": roles}, used) if rows else ended(Reason.NO_MENTIONS, used)


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    type: str
    normal: str
    link: str | None
    confidence: int
    rule: str
    key: str | None = None
    candidates: Sequence[tuple[str, int]] = ()
    """Places that may be meant, where it is open which: identifier, and how likely in millionths."""

    def meets(self, others: Iterable[_Mention]) -> bool:
        return any(self.start < o.end and o.start < self.end for o in others)

    def lies_in(self, others: Iterable[_Mention]) -> bool:
        return any(o.start <= self.start and self.end <= o.end for o in others)


def _place(row: Row) -> tuple[str, int]:
    return str(row["origin"]), int(row["ordinal"])


def _english(segment: Row, parts: Sequence[Row]) -> str:
    """A segment's English; what of a mixed one is in another language is blank, so that offsets hold."""
    text = str(segment["text"])
    if not parts:
        return text if segment["language"] == "eng" else ""
    return "".join(
        text[p["start"] : p["end"]] if p["language"] == "eng" else " " * (p["end"] - p["start"]) for p in parts
    ).rstrip()


def _translations(task: Task) -> Sequence[Row]:
    return task.upstream["translations"].tables.get("translations", ()) if "translations" in task.upstream else ()


def _named(names: Names | None, texts: Mapping[tuple[str, int], str]) -> Mapping[tuple[str, int], Sequence[Name]]:
    return {} if names is None else dict(zip(texts, names(list(texts.values())), strict=True))


def _mentions(tool: Tool, text: str, named: Sequence[Name]) -> tuple[list[_Mention], list[Role]]:
    """Mentions in an original, and roles.

    Units first, then forms, names of a table or with a title, places with their level, what the recogniser knows,
    persons without a title, places alone.
    """
    guesses = list(_guesses(tool, text))
    by_rule = people.named(text, tool.known)
    by_rule = [one for one in by_rule if not any(_knows_the_end(g, one) for g in guesses)]
    ours = {one: _Mention(one.start, one.end, one.type, one.normal, one.link, one.confidence, one.rule, one.key)
            for one in by_rule}  # fmt: skip
    units = [m for m in ours.values() if m.type == "unit"]
    formed = [_Mention(m.start, m.end, m.type, m.normal, None, m.confidence, m.rule) for m in patterns.matches(text)]
    formed = [m for m in formed if not m.meets(units)]
    said, alone = _places(tool.gazetteer, text, [(n.start, n.end) for n in named if n.label in ("GPE", "LOC")])
    first = [m for one, m in ours.items() if m.type != "person" and not m.meets(formed) or m.type == "unit"]
    said = [m for m in said if not m.meets(first) and not any(_reaches_over(g, m) for g in guesses)]
    titled = [m for one, m in ours.items() if one.is_titled and not m.meets([*formed, *said])]
    learnt = [m for m in map(partial(_learnt, text), guesses) if not m.meets([*first, *formed, *said, *titled])]
    kept = [one for one, m in ours.items() if m in first or m in titled or (one.type == "person" and not one.is_titled
            and not m.meets([*formed, *said, *learnt]) and not m.lies_in(alone))]  # fmt: skip
    kept += [
        people.learnt(person_at(text, m.start, m.end, tool.known.titles), m.confidence, m.rule)
        for m in learnt
        if m.type == "person"
    ]
    kept.sort(key=lambda n: n.start)
    first = [_mention(one) for one in kept] + [m for m in learnt if m.type == "organisation"]
    said += [m for m in learnt if m.type == "place"]
    guessed = [m for m in _people(text, named) if not m.meets(formed) and not m.meets(said) and not m.meets(first)]
    persons = [m for m in (*first, *guessed) if m.type == "person"]
    whereabouts = said + [m for m in alone if not m.meets(first) and not m.meets(said) and not m.lies_in(persons)]
    guessed = [m for m in guessed if m.type != "person" or not m.lies_in(whereabouts)]
    whereabouts = [m for m in whereabouts if not m.meets(formed)]
    told = people.roles_of(
        text,
        kept,
        [(m.start, m.end, m.normal) for m in whereabouts],
        [(m.start, m.end, m.normal) for m in formed if m.type == "date"],
    )
    first = [m for m in first if m.type != "post"] + [
        _mention(one) for one in kept if one.type == "post" and people.is_said_alone(one, text)
    ]
    return sorted(first + formed + whereabouts + guessed, key=lambda m: (m.start, m.end, m.type)), told


def _told_of(found: Iterable[Sequence[_Mention]]) -> re.Pattern[str] | None:
    """The Burmese names, without titles, that an item is sure to speak of; None where it has none."""
    names: dict[str, str] = {}
    for mention in chain.from_iterable(found):
        name = mention.normal.split(" | ")[-1]
        if mention.type != "person" or mention.confidence < _SURE_TO_RECALL or not _BURMESE.match(name):
            continue
        count = len(list(syllables(name)))
        if count > 1 and len(names) < _MOST_TOLD_OF:
            # two syllables are a word as often as a name: nothing but an end or a particle may stand behind them
            names[name] = re.escape(name) + (SYLLABLE_ENDS if count > 2 else SYLLABLE_ENDS + MAY_FOLLOW)
    return re.compile(f"(?<!\u1039){by_beginning(names)}") if names else None


def _with_told_of(
    tool: Tool, text: str, mentions: list[_Mention], told_of: re.Pattern[str] | None
) -> Sequence[_Mention]:
    """The mentions of a text, and where nothing was found the names that other lines of the item are sure of."""
    if told_of is None:
        return mentions
    again = [
        _mention(people.learnt(person_at(text, *match.span(), tool.known.titles), _TOLD_OF, _BY_ITEM))
        for match in told_of.finditer(text)
    ]
    again = [m for m in again if not m.meets(mentions)]
    return sorted(mentions + again, key=lambda m: (m.start, m.end, m.type)) if again else mentions


def _mention(one: people.Named) -> _Mention:
    return _Mention(one.start, one.end, one.type, one.normal, one.link, one.confidence, one.rule, one.key)


def _guesses(tool: Tool, text: str) -> Iterator[Guess]:
    """What the recogniser is sure enough of, and names of other peoples once more as they are written there."""
    end = 0
    for raw in tool.recogniser.find(text) if tool.recogniser else ():
        for guess in _within(raw, text):
            if guess.start < end or not _believed(guess, text, tool.known.titles):
                continue
            yield guess
            end = guess.end
            strange = guess.kind is Kind.PERSON and of_elements(text[guess.start : guess.end]) < _USUAL
            if strange and _BURMESE.match(text, guess.start) and (original := original_at(text, guess.end)):
                end = original[1]
                yield replace(guess, start=original[0], end=end)


def _within(guess: Guess, text: str) -> Iterator[Guess]:
    """A guess; one of a person in Burmese with its ends set right."""
    if guess.kind is not Kind.PERSON or not _BURMESE.match(text, guess.start):
        yield guess
        return
    for start, end in names_at(text, guess.start, guess.end):
        kind = Kind.PLACE if is_a_place(text[start:end]) else guess.kind
        yield replace(guess, start=start, end=end, kind=kind)


def _believed(guess: Guess, text: str, titles: Forms) -> bool:
    """Whether the recogniser is sure enough: surer of persons whose names are not made of name elements."""
    if guess.kind is not Kind.PERSON:
        return guess.score >= _SURE_ENOUGH
    person = person_at(text, guess.start, guess.end, titles)
    if places.known(person.name) or (not person.titles and is_of_a_thing(person.name)):
        return False
    usual = of_elements(person.name)
    if not person.titles and (begins_in_a_word(text, guess.start, guess.end) or names_a_thing(text, guess.end)):
        return False
    if not person.titles and is_a_word(person.name):
        return usual == 1 and guess.score >= _SURE_OF_A_WORD
    if person.titles or usual >= _USUAL:
        return guess.score >= _SURE_OF_A_USUAL_NAME
    return guess.score >= (_SURE_OF_A_STRANGE_NAME if _BURMESE.match(person.name) else _SURE_OF_A_LATIN_NAME)


def _reaches_over(guess: Guess, place: _Mention) -> bool:
    """Whether the gazetteer knows only the end of a longer name: New Ywathit of a village called Ywathit."""
    longer = guess.start < place.start and guess.end == place.end
    return longer and guess.kind is Kind.PLACE and guess.score >= _SURE_TO_REACH


def _knows_the_end(guess: Guess, one: people.Named) -> bool:
    """Whether a rule was unsure where a name ends that the recogniser marks from the same place."""
    unsure = one.person is not None and one.person.rule in (Rule.TITLE_OPEN_END, Rule.TITLE_UNKNOWN_WORD)
    return unsure and guess.kind is Kind.PERSON and guess.start == one.start and guess.score >= _SURE_TO_REACH


def _learnt(text: str, guess: Guess) -> _Mention:
    """A stretch that the recogniser marked. A person's names and key are those without titles."""
    name = text[guess.start : guess.end]
    if guess.kind is Kind.PLACE:
        known = places.known(name)
        normal = known.both if known else f"{romanised(name)} | {name}"
        return _Mention(
            guess.start, guess.end, "place", normal, known.id if known else None, guess.score, _BY_RECOGNISER
        )
    kind = "person" if guess.kind is Kind.PERSON else "organisation"
    return _Mention(guess.start, guess.end, kind, f"{romanised(name)} | {name}", None, guess.score, _BY_RECOGNISER)


def _role(role: Role, mentions: Sequence[_Mention]) -> Row:
    person = role.person
    return {
        "start": role.start,
        "end": role.end,
        "person": person.both,
        "key": person.key,
        "person_start": person.start,
        "person_end": person.end,
        "rank": person.rank.id if person.rank else None,
        "unit": role.unit,
        "organisation": role.organisation,
        "post": role.post,
        "place": role.place,
        "place_link": next((m.link for m in mentions if m.type == "place" and m.normal == role.place), None),
        "date": role.date,
        "confidence": min([person.rule.value, _LINKED]),
        "rule": f"{person.rule.said}; beside it",
    }


def _places(
    gazetteer: places.Gazetteer | None, text: str, named: Sequence[tuple[int, int]]
) -> tuple[list[_Mention], list[_Mention]]:
    """Places whose level the text says, and those whose name stands alone."""
    said: list[_Mention] = []
    alone: list[_Mention] = []
    for start, end, country in places.countries(text):
        said.append(_Mention(start, end, "place", country.both, country.id, _PLACE_SAID, _BY_COUNTRIES))
    for found in gazetteer.find(text, named) if gazetteer else ():
        if any(
            found.start < country.end and country.start < found.level_end
            for country in said
            if country.rule == _BY_COUNTRIES
        ):
            continue
        confidence = _PLACE_SAID if found.said else _PLACE_BY_BOTH if found.by_others else _PLACE_ALONE
        link = found.place.code if found.place else None
        confidence -= 0 if link else _SEVERAL_LESS
        rule = _BY_BOTH if found.by_others else _BY_GAZETTEER
        likely = [(p.code, share) for p, share in zip(found.places, found.likely, strict=True)] if not link else []
        # in Burmese a span ends with a syllable, as the recogniser's do: a closing bracket is no part of it
        end = found.level_end - (
            text[found.level_end - 2 : found.level_end - 1] > "\u1000" and text[found.level_end - 1] == ")"
        )
        mention = _Mention(found.start, end, "place", found.names, link, confidence, rule, candidates=likely)
        (said if found.said else alone).append(mention)
    return said, alone


def _people(text: str, named: Sequence[Name], less: int = 0) -> list[_Mention]:
    """Persons and organisations. A Burmese title makes a person of what the model took for something else."""
    found = []
    for name in named:
        stretch = _CELL_END.split(text[name.start : name.end])[0].rstrip()
        words = stretch.split()
        if not words or not stretch[0].isupper():
            continue
        normal, end = " ".join(words), name.start + len(stretch)
        titled = len(words) > 1 and words[0] in _TITLES
        if name.label == "PERSON" or (titled and name.label in ("ORG", "GPE")):
            confidence, rule = (_PERSON_WITH_TITLE, _BY_TITLE) if titled else (_PERSON, _BY_SPACY)
            found.append(_Mention(name.start, end, "person", normal, None, confidence - less, rule,
                                  name_sounds(" ".join(words[titled:])).replace(" ", "")))  # fmt: skip
        elif name.label == "ORG":
            found.append(_Mention(name.start, end, "organisation", normal, None, _ORGANISATION - less, _BY_SPACY))
    return found


STAGE = Stage(
    name="entities",
    version=1,
    tables=(MENTIONS, ROLES),
    reads=("languages", "translations"),
    ingredients={
        "patterns": Ingredient(version=4),
        # an operator's own, as in the package's tables
        "people": Ingredient(version=5, parameters={table: [] for table in people.TABLES}),
        "gazetteer": Ingredient(version=3, models={GAZETTEER_MODEL: "absent"}),
        "recogniser": Ingredient(version=recogniser.VERSION, models={RECOGNISER_MODEL: "absent"}),
        "names": Ingredient(version=2, models={NAMES_MODEL: "absent"}),
    },
    load=load,
    apply=apply,
    triage=without_normal_segments,
    slice_items=500,
    limits=Limits(seconds=120, seconds_per_mb=120),
)
