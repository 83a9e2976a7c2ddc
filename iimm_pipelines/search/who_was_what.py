"""Roles as the index holds them, and as they are asked for: a person with rank, unit, organisation and post.

Here: the fields of a role, what somebody typed as the identifier of a table, the filter.
Not here: finding roles in texts (iimm_pipelines.burmese.roles), words (search/typed), who may ask what (search/access).

All that is asked must be told of one person in one sentence: a colonel of one unit beside a captain of another is no
colonel of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.tables import Forms, entries
from iimm_pipelines.burmese.units import units
from iimm_pipelines.burmese.variants import bare
from iimm_pipelines.search.sounds import asked_key, name_keys
from iimm_pipelines.search.when_and_where import AskedInvalid

ROLES = "roles"
_SHOWN = ("person", "key", "rank", "unit", "organisation", "post", "place", "place_link", "date")
SAID = "said"
"""Whose role it is and what it is, in one term: what is told of somebody on several days is counted by it."""
OF_SAID = ("key", "rank", "post", "unit", "organisation")
_MOST_ROLES = 200
"""Of a segment, since each is a document of its own in the index; a segment has at most 2,000 code points."""


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
    """The mapping of a role."""
    shown = {"type": "keyword", "index": False, "doc_values": False}
    return {
        "type": "nested",
        "properties": {
            n: shown if n in ("person", "place") else {"type": "keyword"} for n in (*_SHOWN, SAID, "sounds")
        },
    }


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
        if not terms:
            return []
        asked = [{"term": {f"{ROLES}.{name}": value}} for name, value in terms.items()]
        return [{"nested": {"path": ROLES, "ignore_unmapped": True, "query": {"bool": {"filter": asked}}}}]


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
