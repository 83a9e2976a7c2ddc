"""Persons, units, organisations and posts of a text by rule and table, and the roles that they make.

Here: which of two such findings stays, normal forms, how sure each rule is.
Not here: the rules themselves (iimm_pipelines.burmese), which of them and other finders stay, rows (entities).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from iimm_pipelines.burmese.bodies import bodies as composed_bodies
from iimm_pipelines.burmese.names import Person, Rule, persons
from iimm_pipelines.burmese.roles import Part, Piece, Role, roles
from iimm_pipelines.burmese.romanisation import romanised
from iimm_pipelines.burmese.tables import Forms, TableInvalid, added, entries
from iimm_pipelines.burmese.units import units

TABLES = ("titles", "units", "posts", "organisations")
"""To each of them an operator adds."""

_UNIT, _UNIT_OF_LIST, _ORGANISATION, _POST = 980_000, 950_000, 900_000, 850_000
_SHORT = 3
"""Letters of an abbreviation in capitals that may stand for much else."""
_ORGANISATION_SHORT = 600_000
_WORD = 10
"""Code points of a form of the table that is a word for many bodies; a longer one is a name of its own."""
_COMPOSED = 750_000


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of text with its type, normal form, identifier, key of a name, confidence in millionths and rule."""

    start: int
    end: int
    type: str
    normal: str
    link: str | None
    key: str | None
    confidence: int
    rule: str
    person: Person | None = None

    @property
    def is_titled(self) -> bool:
        """A person whose title the text gives."""
        return self.person is not None and self.person.rule is not Rule.NAME_ELEMENTS


@dataclass(frozen=True, slots=True)
class Known:
    """The forms of the package's tables and of an operator's."""

    titles: Forms
    units: Forms
    posts: Forms
    organisations: Forms


def known_forms(own: Mapping[str, Iterable[Mapping[str, object]]]) -> Known:
    """The tables with what an operator adds, by table.

    Raises:
        TableInvalid: an entry of the operator cannot be used; named by its table and row.
    """
    rows = {}
    for table in TABLES:
        try:
            rows[table] = (*entries(table), *added(own.get(table, ())))
        except TableInvalid as e:
            raise TableInvalid(f"{table}, {e}") from None
    return Known(
        Forms(rows["titles"]),
        Forms(rows["units"], any_case=True),
        Forms(rows["posts"], any_case=True, plain_words=True),
        Forms(rows["organisations"]),
    )


def named(text: str, known: Known) -> list[Named]:
    """Units, organisations, posts and persons in a text in normal form, in order, none over another."""
    found = [
        Named(u.start, u.end, "unit", u.name, u.id, None, _UNIT_OF_LIST if "list" in u.rule else _UNIT, u.rule)
        for u in units(text, known.units)
    ]
    people = [
        Named(p.start, p.end, "person", p.both, None, p.key, p.rule.value, p.rule.said, p)
        for p in persons(text, known.titles)
    ]  # fmt: skip
    bodies = [
        Named(start, end, "organisation", entry.both, entry.id, None,
              _ORGANISATION_SHORT if end - start <= _SHORT and text[start].isascii() else _ORGANISATION,
              f"table of organisations: {entry.what}")
        for start, end, entry in known.organisations.find(text)
    ]  # fmt: skip
    composed = [
        Named(start, end, "organisation", f"{romanised(text[start:end])} | {text[start:end]}", None, None, _COMPOSED,
              "kind of body behind a place or a matter")
        for start, end in composed_bodies(text)
        if not any(b.end - b.start > _WORD and b.start < end and start < b.end for b in bodies)
    ]  # fmt: skip
    # a word such as army in the name of a longer one: the army of another country
    bodies = [b for b in bodies if not any(c.start <= b.start and b.end <= c.end for c in composed)] + composed
    posts = [
        Named(start, end, "post", entry.both, entry.id, None, _POST, f"table of posts: {entry.what}")
        for start, end, entry in known.posts.find(text)
    ]
    # a body in the name of a post: the chief of the township police
    bodies = [b for b in bodies if not any(p.start <= b.start and b.end <= p.end and p != b for p in posts)]
    # a title before a name says more than a word of a table that lies in it; a name without one says less
    titled = [p for p in people if p.is_titled and not any(b.start <= p.start and p.end <= b.end for b in bodies)]
    for these in (titled, bodies, [p for p in people if not p.is_titled], posts):
        found += [one for one in these if not any(one.start < f.end and f.start < one.end for f in found)]
    return sorted(found, key=lambda n: (n.start, n.end))


def learnt(person: Person, score: int, rule: str) -> Named:
    """A person whom the recogniser found."""
    return Named(person.start, person.end, "person", person.both, None, person.key, score, rule, person)


def roles_of(text: str, found: Sequence[Named], places: Sequence[tuple[int, int, str]],
             dates: Sequence[tuple[int, int, str]]) -> list[Role]:  # fmt: skip
    """Roles of the persons found; places and dates by span and normal form."""
    if not any(n.person for n in found):
        return []
    parts = {"unit": Part.UNIT, "organisation": Part.ORGANISATION, "post": Part.POST}
    pieces = [Piece(n.start, n.end, parts[n.type], str(n.link)) for n in found if n.type in parts and n.link]
    pieces += [Piece(*place[:2], Part.PLACE, place[2]) for place in places]
    pieces += [Piece(*date[:2], Part.DATE, date[2]) for date in dates]
    return roles(text, [n.person for n in found if n.person], pieces)


def is_said_alone(one: Named, text: str) -> bool:
    """Whether a post is worth a mention of its own: an English word such as "director" is not."""
    return one.type != "post" or not text[one.start].isascii() or any(c in " -" for c in text[one.start : one.end])
