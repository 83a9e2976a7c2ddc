"""Persons, units, places and organisations: where each is named, how it is spelled, what is told of it, with whom.

Here: asking the index as a reader for everything about one entity.
Not here: what documents hold of mentions (search/named), words and roles typed into the box (search/query).

A person is the sound of a name: it gathers spellings, and whoever bears them. Work is bounded however often something
is named: counts are the index's own, lists have a most, and mentions come page by page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.asking import UNSHOWN, Asking, Query, asking
from iimm_pipelines.search.named import BETWEEN, MENTIONS, SPELLINGS, apart
from iimm_pipelines.search.who_was_what import DAYS_OF, OF_SAID, SAID_OF

MOST_SPELLINGS, MOST_ROLES, MOST_BESIDE = 100, 100, 20
MENTIONS_OF_A_PAGE = 50
_SOURCES = 3
_DAYS = 10_000
"""Roles on one day under one name, of an entity; of what is beyond, days and sources are not told."""
_ITEMS_OF_BOTH = 1_000
"""Items that name two entities, of which the mentions are listed then; more are too many to read."""
_NAMES = 400
_LONGEST_KEY = 200
"""Code points; OpenSearch takes patterns of 1,000, and every sign may need another before it."""
_DOCUMENT = re.compile(r"(A\d{5}-\d{4}-\d{5})-([a-z_]+)-(\d+)")


class EntityUnknown(LookupError):
    """Nothing that the reader may see names it."""


class Kind(StrEnum):
    """What can have a page."""

    PERSON = "person"
    UNIT = "unit"
    PLACE = "place"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True)
class Source:
    """A segment: its item, the stage that made it, its place there."""

    item: str
    origin: str
    ordinal: int

    @property
    def document(self) -> str:
        """As the index names it."""
        return f"{self.item}-{self.origin}-{self.ordinal}"


@dataclass(frozen=True, slots=True)
class Spelling:
    """A spelling and how many segments have it."""

    text: str
    segments: int


@dataclass(frozen=True, slots=True)
class ToldRole:
    """Who was what, by how many segments, from the first to the last day that they name; some of them as sources."""

    person: str
    key: str
    rank: str
    post: str
    unit: str
    organisation: str
    first: str
    last: str
    segments: int
    sources: tuple[Source, ...]
    said: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Another entity that the same items name, and how many do."""

    kind: Kind
    key: str
    name: str
    items: int


@dataclass(frozen=True, slots=True)
class Named:
    """A segment that names the entity, with the spellings that it has there."""

    source: Source
    fields: Mapping[str, Any]
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """Which mentions are listed: of one spelling, of one role, of items that name another entity too; those behind one."""

    spelling: str = ""
    role: str = ""
    beside: str = ""
    after: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether not all are."""
        return bool(self.spelling or self.role or self.beside)


ALL = Among()


@dataclass(frozen=True, slots=True)
class Entity:
    """What a reader may know of one. Counts are of all its mentions; `total` of those listed, `after` leads on."""

    kind: Kind
    key: str
    segments: int
    items: int
    spellings: tuple[Spelling, ...]
    more_spellings: int
    roles: tuple[ToldRole, ...]
    more_roles: int
    beside: Mapping[Kind, tuple[Beside, ...]]
    mentions: tuple[Named, ...]
    total: int
    after: str

    @property
    def name(self) -> str:
        """Its most frequent spelling."""
        return self.spellings[0].text if self.spellings else self.key


def entity(holding: Holding, who: Reader, kind: Kind, key: str, among: Among = ALL,
           most: int = MENTIONS_OF_A_PAGE) -> Entity:  # fmt: skip
    """One entity as a reader sees it.

    Raises:
        EntityUnknown: nothing names it, or nothing that is for this reader: nobody can tell which.
        NodeError: the search node does not run, or does not answer.
    """
    if len(key) > _LONGEST_KEY:
        raise EntityUnknown(f"there is no {kind} of this name")
    with asking(holding, who) as ask:
        return _entity(ask, kind, key, among, most)


def _entity(ask: Asking, kind: Kind, key: str, among: Among, most: int) -> Entity:
    identity = f"{kind}:{key}"
    named: Query = {"term": {MENTIONS: identity}}
    after = {"search_after": [among.after]} if among.after else {}
    found = ask.search(
        "segments", [named],
        post_filter={"bool": {"filter": list(_narrowed(ask, kind, key, among))}},
        size=most, sort=[{"document": "asc"}], track_total_hits=True,
        _source={"excludes": [n for n in UNSHOWN if n != SPELLINGS]},
        aggs={
            "items": {"cardinality": {"field": "item", "precision_threshold": 40_000}},
            "segments": {"value_count": {"field": "document"}},
            "spellings": {"terms": {"field": SPELLINGS, "include": _begins(f"{identity}{BETWEEN}"), "size": MOST_SPELLINGS}},
            "roles": {"terms": {"field": SAID_OF, "include": _begins(f"{identity}{BETWEEN}"), "size": MOST_ROLES}},
            "days": {"terms": {"field": DAYS_OF, "include": _begins(f"{identity}{BETWEEN}"), "size": _DAYS}},
        },
        **after,
    )  # fmt: skip
    counted = found["aggregations"]
    if not counted or not counted["segments"]["value"]:
        raise EntityUnknown(f"there is no {kind} of this name")
    roles = counted["roles"]
    told = _told(
        ask, named, {b["key"]: b["doc_count"] for b in roles["buckets"]}, [b["key"] for b in counted["days"]["buckets"]]
    )
    hits = found["hits"]["hits"]
    last = hits[-1]["_source"]["document"] if len(hits) == most else ""
    return Entity(
        kind=kind,
        key=key,
        segments=counted["segments"]["value"],
        items=counted["items"]["value"],
        spellings=tuple(Spelling(apart(b["key"])[1], b["doc_count"]) for b in counted["spellings"]["buckets"]),
        more_spellings=counted["spellings"]["sum_other_doc_count"],
        roles=tuple(sorted(told, key=lambda r: (r.first or "9", r.last, r.said))),
        more_roles=roles["sum_other_doc_count"],
        beside=_beside(ask, named, identity),
        mentions=tuple(one for hit in hits if (one := _named(hit["_source"], identity))),
        total=found["hits"]["total"]["value"],
        after=last,
    )


def _narrowed(ask: Asking, kind: Kind, key: str, among: Among) -> Iterator[Query]:
    if among.spelling:
        yield {"term": {SPELLINGS: f"{kind}:{key}{BETWEEN}{among.spelling}"}}
    if among.role:
        yield {"term": {SAID_OF: f"{kind}:{key}{BETWEEN}{among.role}"}}
    if among.beside:
        both: Sequence[Query] = [{"term": {MENTIONS: f"{kind}:{key}"}}, {"term": {MENTIONS: among.beside}}]
        found = ask.search("items", both, size=_ITEMS_OF_BOTH, sort=[{"item": "asc"}], _source=["item"])
        yield {"terms": {"item": [hit["_source"]["item"] for hit in found["hits"]["hits"]]}}


def _told(ask: Asking, named: Query, segments: Mapping[str, int], on_days: Sequence[str]) -> Iterator[ToldRole]:
    """Roles by what is said, with how many segments say it; `on_days`: each of them with a day and a name behind it."""
    days: dict[str, list[tuple[str, str, str]]] = {said: [] for said in segments}
    for term in on_days:
        said, day, person = term.rsplit(BETWEEN, 2)
        if said in days:
            days[said].append((day or "~", person, term))  # a role without a day comes last
    earliest = {said: sorted(of)[:_SOURCES] for said, of in days.items()}
    sources = _sources(ask, named, [term for of in earliest.values() for _, _, term in of])
    for said, of in days.items():
        role = said.partition(BETWEEN)[2]
        values = dict(zip(OF_SAID, role.split("|"), strict=True))
        known = sorted(day for day, _, _ in of if day != "~")
        among = dict.fromkeys(source for _, _, term in earliest[said] for source in sources[term])
        yield ToldRole(
            person=earliest[said][0][1] if of else values["key"], **values, first=known[0] if known else "",
            last=known[-1] if known else "", segments=segments[said], sources=tuple(among)[:_SOURCES], said=role,
        )  # fmt: skip


def _sources(ask: Asking, named: Query, terms: Sequence[str]) -> Mapping[str, Sequence[Source]]:
    """Some segments that tell each of these."""
    if not terms:
        return {}
    some = {"top_hits": {"size": _SOURCES, "sort": [{"document": "asc"}], "_source": False}}
    each = {term: {"term": {DAYS_OF: term}} for term in terms}
    found = ask.search("segments", [named, {"terms": {DAYS_OF: list(terms)}}], size=0,
                       aggs={"of": {"filters": {"filters": each}, "aggs": {"some": some}}})  # fmt: skip
    buckets = found["aggregations"]["of"]["buckets"]
    hits = {term: buckets[term]["some"]["hits"]["hits"] for term in terms}
    return {term: [s for hit in of if (s := source_of(hit["_id"]))] for term, of in hits.items()}


def source_of(document: str) -> Source | None:
    """The segment that a document is of; none for an item."""
    found = _DOCUMENT.fullmatch(document)
    return Source(found[1], found[2], int(found[3])) if found else None


def _beside(ask: Asking, named: Query, but: str) -> Mapping[Kind, tuple[Beside, ...]]:
    counts: dict[str, Any] = {}
    for kind in Kind:
        counts[kind] = {"terms": {"field": MENTIONS, "include": _begins(f"{kind}:"), "size": MOST_BESIDE + 1}}
        counts[f"{kind} names"] = {"terms": {"field": SPELLINGS, "include": _begins(f"{kind}:"), "size": _NAMES}}
    found = ask.search("items", [named], size=0, aggs=counts)["aggregations"]
    beside: dict[Kind, tuple[Beside, ...]] = {}
    for kind in Kind if found else ():
        names: dict[str, str] = {}
        for bucket in found[f"{kind} names"]["buckets"]:
            names.setdefault(*apart(bucket["key"]))
        others = [(b["key"], b["doc_count"]) for b in found[kind]["buckets"] if b["key"] != but][:MOST_BESIDE]
        if others:
            beside[kind] = tuple(Beside(kind, (k := i.partition(":")[2]), names.get(i, k), n) for i, n in others)
    return beside


def _named(fields: Mapping[str, Any], identity: str) -> Named | None:
    source = source_of(fields["document"])
    if source is None:
        return None
    spellings = (apart(s) for s in fields.get(SPELLINGS, ()))
    kept = {n: v for n, v in fields.items() if n != SPELLINGS}
    return Named(source, kept, tuple(text for of, text in spellings if of == identity))


def _begins(with_: str) -> str:
    """A pattern of Lucene's for terms that begin so."""
    return re.sub(r'([.?+*|{}\[\]()"\\#@&<>~^$-])', r"\\\1", with_) + ".*"
