"""Roles as the index holds them, and as they are asked for: a person with rank, unit, organisation and post.

Here: the fields of a role, what somebody typed as the identifier of a table, the filter.
Not here: finding roles in texts (iimm_pipelines.burmese.roles), words (search/typed), who may ask what (search/access).

All that is asked must be told of one person in one sentence: a colonel of one unit beside a captain of another is no
colonel of the other. A role is one value of a text field, so that this means near each other. It is no document of its own
(`nested`): with those, OpenSearch's document-level security looks at every document of an index for every search, which
took more than half of the time of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.tables import Forms, entries
from iimm_pipelines.burmese.units import units
from iimm_pipelines.burmese.variants import bare
from iimm_pipelines.search.analysis import ROLE
from iimm_pipelines.search.named import BETWEEN
from iimm_pipelines.search.sounds import asked_key, name_keys
from iimm_pipelines.search.when_and_where import AskedInvalid

ROLES = "roles"
_SHOWN = ("person", "key", "rank", "unit", "organisation", "post", "place", "place_link", "date")
SAID = "said"
"""Whose role it is and what it is, in one term: what is told of somebody on several days is counted by it."""
OF_SAID = ("key", "rank", "post", "unit", "organisation")
_MOST_ROLES = 200
"""Of a segment; it has at most 2,000 code points."""
TOLD = "told"
"""What roles are found and counted by, made of them on the way into the index."""
OF_ONE, SAID_OF, DAYS_OF = (f"{TOLD}.{name}" for name in ("of_one", "said", "days"))
_ASKED = ("sounds", "rank", "unit", "organisation", "post")
NAMED_IN = {"person": "key", "unit": "unit", "place": "place_link", "organisation": "organisation"}
"""Kinds of entities, and the field of a role that holds one."""
_FAR = 1_000
"""Positions between two roles: a role has 60 terms at most."""
_LONGEST = 200
"""Code points of a name that is counted; a term of more than 32,766 bytes is refused."""


def roles_of(told: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]] | None:
    """The roles that a segment tells, as its document holds them."""
    found = [
        {
            **{n: role[n] for n in _SHOWN if role.get(n)},
            SAID: said_as_one(role),
            "sounds": sorted(name_keys(str(role["person"]).split(" | ")[-1])),
        }
        for role in told
    ]
    return found[:_MOST_ROLES] or None


def said_as_one(role: Mapping[str, Any]) -> str:
    """A role in one term; the identifiers of tables hold no bar."""
    return "|".join(str(role.get(n) or "").replace("|", " ") for n in OF_SAID)


def role_fields() -> dict[str, Any]:
    """The mapping of roles: they are shown, and found by what is told of them."""
    return {"type": "object", "enabled": False}


def told_fields() -> dict[str, Any]:
    """The mapping of what roles are found and counted by."""
    text = {"type": "text", "analyzer": ROLE, "position_increment_gap": _FAR, "norms": False}
    return {"properties": {"of_one": text, "said": {"type": "keyword"}, "days": {"type": "keyword"}}}


def told_of(roles: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """What the roles of a segment are found and counted by: of whom, what is said, on which day, under which name."""
    found = list(roles)
    said = [(f"{kind}:{role[field]}{BETWEEN}{role[SAID]}", role)
            for role in found for kind, field in NAMED_IN.items() if role.get(field)]  # fmt: skip
    return {
        "of_one": [BETWEEN.join(_terms(role)) for role in found],
        "said": sorted({of for of, _ in said}),
        "days": sorted({BETWEEN.join((of, r.get("date") or "", str(r["person"])[:_LONGEST])) for of, r in said}),
    } if found else None  # fmt: skip


def _terms(role: Mapping[str, Any]) -> Iterator[str]:
    for name in _ASKED:
        values = role.get(name) or ()
        yield from (f"{name}:{value}" for value in ((values,) if isinstance(values, str) else values))


@dataclass(frozen=True, slots=True)
class AskedRole:
    """What is asked of one person: a name in any spelling, the rest in any form of the tables or as identifiers."""

    person: str = ""
    rank: str = ""
    unit: str = ""
    organisation: str = ""
    post: str = ""

    def filters(self) -> list[dict[str, Any]]:
        """As the index is asked.

        Raises:
            AskedInvalid: a rank or post that no table has, a unit without a number, a name without a sound.
        """
        words: list[dict[str, Any]] = [
            {"span_term": {OF_ONE: f"{name}:{value}"}} for name, value in self._asked().items()
        ]
        if len(words) > 1:
            return [{"span_near": {"clauses": words, "slop": _FAR - 100, "in_order": False}}]
        return words

    def among(self, roles: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Those of a segment's roles that tell all of it.

        Raises:
            AskedInvalid: as `filters`.
        """
        wanted = {f"{name}:{value}" for name, value in self._asked().items()}
        return [role for role in roles if wanted.issubset(_terms(role))]

    def _asked(self) -> dict[str, str]:
        terms: dict[str, str] = {}
        if self.person:
            terms["sounds"] = _sound(self.person)
        if self.rank:
            terms["rank"] = _known("titles", self.rank, "rank")
        if self.unit:
            terms["unit"] = unit_id(self.unit)
        if self.organisation:
            terms["organisation"] = organisation_id(self.organisation)
        if self.post:
            terms["post"] = _known("posts", self.post, "post")
        return terms


NOBODY = AskedRole()


def _sound(name: str) -> str:
    key = asked_key(bare(name.title() if name.islower() else name))
    if key is None:
        raise AskedInvalid("type a name, in either script")
    return key


def organisation_id(typed: str) -> str:
    """The identifier of an organisation; an operator's table has others, which ours does not know."""
    return _identifier("organisations", typed) or typed.strip()


def unit_id(typed: str) -> str:
    """The identifier of a unit in any form of the tables.

    Raises:
        AskedInvalid: it has no number.
    """
    found = units(normal_text(typed, None).text)
    if len(found) == 1:
        return found[0].id
    if "-" in typed and typed.strip().isascii():
        return typed.strip().upper()
    raise AskedInvalid("write a unit with its number, such as LIB 345 or ခမရ ၃၄၅, or as the identifier that hits show")


def _known(table: str, typed: str, what: str) -> str:
    if found := _identifier(table, typed):
        return found
    if _OWN.fullmatch(typed.strip()):
        return typed.strip()
    known = ", ".join(entry.id for entry in entries(table) if what != "rank" or entry.what.endswith("rank"))
    raise AskedInvalid(f"there is no such {what}; there are: {known}")


_OWN = re.compile("[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+")
"""An identifier with a hyphen may be one of an operator's table, which this machine's prompt does not know."""


def _identifier(table: str, typed: str) -> str | None:
    """The entry whose identifier or form this is."""
    text = normal_text(typed.strip(), None).text
    if text.upper() in {entry.id for entry in entries(table)}:
        return text.upper()
    found = _forms(table).at(text, 0) if text else None
    return found[1].id if found and found[0] == len(text) else None


@lru_cache(maxsize=4)
def _forms(table: str) -> Forms:
    return Forms(entries(table), any_case=True, plain_words=True)


def told(role: Mapping[str, Any]) -> str:
    """A role in a line for people."""
    parts: Sequence[str] = [
        str(role[n]) for n in ("rank", "post", "unit", "organisation", "place", "date") if role.get(n)
    ]
    return f"{role['person']}: {', '.join(parts)}" if parts else str(role["person"])
