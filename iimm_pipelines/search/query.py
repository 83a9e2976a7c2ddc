"""Queries: the index asked as a reader, and the hits.

Here: hits, their order and pages, counts and suggestions.
Not here: what a person typed as a query (search/typed), who may ask what (search/access), excerpts (search/excerpts), what
each facet counts (search/facets).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, Scope, scope
from iimm_pipelines.search.asked_fields import asked_fields
from iimm_pipelines.search.asking import UNSHOWN
from iimm_pipelines.search.excerpts import BEGIN, END, excerpt, marked_piece
from iimm_pipelines.search.facet_fields import FACET_FIELDS, FIRST, OBJECT_KEY, shown_fields
from iimm_pipelines.search.facets import Facet, Sources, counted, counting, narrowing
from iimm_pipelines.search.known_places import known_places
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.sounds import sounding_like
from iimm_pipelines.search.synonyms import load_synonyms
from iimm_pipelines.search.time_line import Line
from iimm_pipelines.search.typed import ALL, FIELDS, LOOSE_FIELDS, STARTER, Typed, Way, read
from iimm_pipelines.search.when_and_where import ANY_TIME_AND_PLACE, Asked, AskedInvalid
from iimm_pipelines.search.who_was_what import NOBODY, AskedRole

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_SOURCE = {"excludes": [*UNSHOWN, "watch", *FACET_FIELDS]}
_BY_A_HUMAN = {"constant_score": {"filter": {"term": {"maker": "human"}}, "boost": 10}}
"""Of two segments that say the same, a human's translation or transcript comes before a machine's."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What hits must be besides: of one kind of record, from one sender, of a time or a place, telling a role.

    `facets`: values of facets that hits must have. `tag` and `flag` are what people decided, `watch` the id of a
    watch-list that hit them.
    """

    record: str | None = None
    sender: str | None = None
    """Name, number or address, as a whole."""
    when_and_where: Asked = ANY_TIME_AND_PLACE
    role: AskedRole = NOBODY
    facets: Mapping[Facet, str] = field(default_factory=dict)
    tag: str | None = None
    flag: str | None = None
    watch: str | None = None


EVERYTHING = Narrowing()


class Order(StrEnum):
    """In which order hits come."""

    RELEVANCE = "relevance"
    EVENT = "event"
    EVENT_LAST = "-event"
    DOCUMENT = "document"
    DOCUMENT_LAST = "-document"
    RECEIPT = "receipt"
    RECEIPT_LAST = "-receipt"
    NUMBER = "number"

    @property
    def sort(self) -> list[dict[str, Any]]:
        """As the index is asked; the document's own name last, so that no two are equal."""
        last: dict[str, Any] = {"document": {"order": "asc"}}
        if self is Order.RELEVANCE:
            return [{"_score": {"order": "desc"}}, last]
        if self is Order.NUMBER:
            return [{"item": {"order": "asc"}}, last]
        direction = "desc" if self.startswith("-") else "asc"
        at = {"order": direction, "missing": "_last", "unmapped_type": "date"}
        return [{f"{FIRST}.{self.removeprefix('-')}": at}, last]

    def is_behind(self, one: Place, other: Place) -> bool:
        """Whether a place in this order comes after another."""
        if one[0] != other[0]:
            # two places of one order begin with the same kind of value
            rising = bool(one[0] > other[0])  # type: ignore[operator]
            return rising is not (self is Order.RELEVANCE or self.startswith("-"))
        return one[1] > other[1]


Place = tuple[float | int | str, str]
"""Where a hit stands: what it is sorted by, and its document's name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a result is wanted. `together`: a family is one hit. `starter`: translations by a starter model are searched.

    `after`: the place of the last hit of the page before; with it, pages hold when documents come in between.
    """

    order: Order = Order.RELEVANCE
    together: bool = False
    starter: bool = False
    facets: tuple[Facet, ...] = (Facet.KIND, Facet.LANGUAGE)
    line: Line | None = None
    after: Place | None = None


PLAIN = Shape()


@dataclass(frozen=True, slots=True)
class Hit:
    """One object, by its best segment: fields of the document, the score, marked stretches by field, and how found.

    `copies`: how many more items that the reader may see have the same bytes. `relatives`: how many more of its family
    were found, where a family is one hit.
    """

    item: str
    score: float
    fields: Mapping[str, Any]
    highlights: Mapping[str, Sequence[str]]
    way: Way = Way.WRITTEN
    copies: int = 0
    relatives: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Hits, and what is counted over all of them: objects (families where these are one hit), and objects by facet.

    `last`: where the last hit stands, for the page behind it.
    """

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    suggestions: tuple[str, ...]
    line: Mapping[str, int] = field(default_factory=dict)
    last: Place | None = None


EMPTY = Result((), 0, {}, ())


_FACETS = ("kind", "language", "tags", "flags")
DEEPEST = 10_000
"""OpenSearch's own limit of hits that are counted through for a page."""


_LONGEST_VALUE = 200
"""Code points of a field to narrow by, as its form has it: a name of 60,000 keeps a core busy for half a minute."""
_OVERLAP = 20
"""Hits of the page before that are looked at again, so that a page begins behind its last one wherever that stands now."""


def search(holding: Holding, who: Reader, typed: str, size: int = 10, within: Narrowing = EVERYTHING,
           skip: int = 0, shape: Shape = PLAIN) -> Result:  # fmt: skip
    """Ask the index as a reader, for hits behind the first `skip`; nothing need be typed where it is narrowed.

    Raises:
        QueryInvalid: nothing to look for, more than 1,000 characters or 100 words, or no query.
        SynonymsInvalid: the operator's file of names cannot be used.
        AskedInvalid: a time, a place or a role that nobody could mean.
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException, RequestError

    where = scope(holding, who)
    sources = _sources(holding, where)
    wanted = ALL if not typed.strip() and within != EVERYTHING else _read(holding, sources, typed, shape.starter)
    narrowed = _narrowed(within, sources)
    if not where.indices:
        return EMPTY
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    try:
        client = holding.node.reader_client(who.name, sorted(who.marks))
        asking = _Asking(client, where, sources, wanted, narrowed, shape)
        places = range(skip, skip + size)
        try:
            return asking.result(typed, places)
        except RequestError:  # until all is delivered under a new mapping, readers ask the older index
            return replace(asking, by="object").result(typed, places)
    except OpenSearchException as wrong:  # its own words may quote the query or a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(
            f"the search node failed: {type(wrong).__name__} ({said}); `iimm up` waits until it answers"
        ) from None


def _read(holding: Holding, sources: Sources, typed: str, starter: bool) -> Typed:
    file = holding.settings.synonyms
    synonyms = load_synonyms(file and holding.settings.data / file.expanduser())
    fields = asked_fields(lambda code: sources.get(code, ()), known_places(holding.models).meant)
    return read(typed, synonyms, fields, starter)


def _sources(holding: Holding, where: Scope) -> dict[str, list[str]]:
    """Accessions that the reader may see, by their source."""
    found: dict[str, list[str]] = {}
    seen = set(where.accessions)
    for row in holding.catalogue.accessions():
        if row.number in seen:
            found.setdefault(row.source, []).append(row.number)
    return found


@dataclass(frozen=True, slots=True)
class _Asking:
    """One search of one reader."""

    client: OpenSearch
    where: Scope
    sources: Sources
    wanted: Typed
    narrowed: Sequence[Mapping[str, Any]]
    shape: Shape
    by: str = OBJECT_KEY
    """What tells one object from another; `object` where an index is older than its number."""

    @property
    def _query(self) -> dict[str, Any]:
        filters = [_only(self.where), *self.narrowed]
        return {"bool": {"must": [self.wanted.query], "filter": filters, "should": [_BY_A_HUMAN]}}

    @property
    def _one_hit(self) -> str:
        return "family" if self.shape.together else self.by

    def result(self, typed: str, places: range) -> Result:
        body = self._page(places) if self.shape.after is None else {"size": 0}
        found = self._ask({**body, "query": self._query, "aggs": self._aggregations()})
        if "aggregations" not in found:  # none of these indices exists yet
            return EMPTY
        counts = found["aggregations"]
        hits = found["hits"]["hits"] if self.shape.after is None else self._behind(self.shape.after, places)
        copies = _items_of(self.client, self.where, {h["_source"]["object"] for h in hits})
        relatives = self._relatives(hits) if self.shape.together else {}
        total = counts["objects"]["value"]
        return Result(
            tuple(_hit(h, self.wanted, copies, relatives) for h in hits),
            total,
            {str(facet): counted(counts[facet]) for facet in self.shape.facets},
            () if total or not typed.strip() else _suggestions(self.client, self.where, typed),
            self.shape.line.counted(counts["line"]) if self.shape.line else {},
            _place(hits[-1]) if hits else None,
        )

    def _aggregations(self) -> dict[str, Any]:
        each = {"objects": {"cardinality": {"field": self._one_hit}}}
        wanted: dict[str, Any] = {
            "objects": {"cardinality": {"field": self._one_hit, "precision_threshold": 40_000}},
            **{str(facet): counting(facet, self.sources, each) for facet in self.shape.facets},
        }
        return {**wanted, "line": self.shape.line.counting(each)} if self.shape.line else wanted

    def _page(self, places: range) -> dict[str, Any]:
        fields = (*FIELDS, *LOOSE_FIELDS, *([STARTER] if self.shape.starter else ()))
        marked = {
            "pre_tags": [BEGIN],
            "post_tags": [END],
            "number_of_fragments": 0,
            "fields": {name: {} for name in fields},
        }
        return {"from": places.start, "size": len(places), **self._ordered, "_source": _SOURCE, "highlight": marked}

    @property
    def _ordered(self) -> dict[str, Any]:
        return {"collapse": {"field": self._one_hit}, "sort": self.shape.order.sort, "track_scores": True}

    def _behind(self, last: Place, places: range) -> list[dict[str, Any]]:
        """The hits behind a place. OpenSearch's own `search_after` does not go with one hit for an object."""
        begin, wide = max(0, places.start - _OVERLAP), len(places) + 2 * _OVERLAP
        while begin < DEEPEST:
            window = {"from": begin, "size": min(wide, DEEPEST - begin), **self._ordered, "_source": False}
            seen = self._ask({**window, "query": self._query})["hits"]["hits"]
            behind = [at for at, hit in enumerate(seen) if self.shape.order.is_behind(_place(hit), last)]
            if behind and behind[0] == 0 and begin:  # much was taken out before: it begins earlier
                begin = max(0, begin - wide)
                wide *= 2
                continue
            if behind:
                start = begin + behind[0]
                return list(
                    self._ask({**self._page(range(start, start + len(places))), "query": self._query})["hits"]["hits"]
                )
            if len(seen) < wide:
                break
            begin += wide - _OVERLAP
            wide *= 2  # a place that is behind everything costs 8 searches and not 250
        return []

    def _relatives(self, hits: Sequence[Mapping[str, Any]]) -> Mapping[str, int]:
        """How many items of the family of each hit were found."""
        families = sorted({h["_source"]["family"] for h in hits})
        if not families:
            return {}
        query = {"bool": {"filter": [self._query, {"terms": {"family": families}}]}}
        items = {"items": {"cardinality": {"field": "item"}}}
        body = {
            "size": 0,
            "query": query,
            "aggs": {"family": {"terms": {"field": "family", "size": len(families)}, "aggs": items}},
        }
        return {b["key"]: int(b["items"]["value"]) for b in self._ask(body)["aggregations"]["family"]["buckets"]}

    def _ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        # not in part: what one index refuses would be missing without a word
        params = {
            "search_type": "dfs_query_then_fetch",
            "ignore_unavailable": "true",
            "allow_partial_search_results": "false",
        }
        asked = {**body, "track_total_hits": False}  # hits are counted as objects, by an aggregation
        return dict(self.client.search(index=",".join(self.where.indices), body=asked, params=params))


def _place(hit: Mapping[str, Any]) -> Place:
    return hit["sort"][0], str(hit["sort"][1])


def _items_of(client: OpenSearch, where: Scope, objects: Collection[str]) -> Mapping[str, int]:
    """How many items that the reader may see have the bytes of each of these objects."""
    if not objects:
        return {}
    items = ",".join(n for n in where.indices if "-items-" in n)
    body = {
        "size": 0,
        "query": {"bool": {"filter": [_only(where), {"terms": {"object": sorted(objects)}}]}},
        # few objects: a list of all of them, which each new document makes anew, takes longer
        "aggs": {"object": {"terms": {"field": "object", "size": len(objects), "execution_hint": "map"}}},
    }
    found = client.search(index=items, body=body, params={"ignore_unavailable": "true"})
    return {b["key"]: b["doc_count"] for b in found.get("aggregations", {}).get("object", {}).get("buckets", ())}


def _suggestions(client: OpenSearch, where: Scope, typed: str) -> tuple[str, ...]:
    """Words near the typed ones that stand in segments the reader may see.

    A suggester minds neither query nor document-level security, so that each word is looked for before it is offered.
    """
    segments = ",".join(n for n in where.indices if "-segments-" in n)
    params = {"ignore_unavailable": "true"}
    body = {"size": 0, "suggest": {"text": typed, "near": {"term": {"field": "text", "size": 1}}}}
    near = client.search(index=segments, body=body, params=params).get("suggest", {}).get("near", ())
    offered = list(dict.fromkeys(o["text"] for s in near for o in s["options"]))
    if not offered:
        return ()
    words = {"filters": {"filters": {w: {"match": {"text": w}} for w in offered}}}
    seen = client.search(
        index=segments, body={"size": 0, "query": _only(where), "aggs": {"words": words}}, params=params
    )
    return tuple(w for w in offered if seen["aggregations"]["words"]["buckets"][w]["doc_count"])


def _only(where: Scope) -> dict[str, Any]:
    return {"terms": {"accession": list(where.accessions)}}


def _narrowed(within: Narrowing, sources: Sources) -> list[dict[str, Any]]:
    asked = (within.record, within.sender, *astuple(within.when_and_where), *astuple(within.role))
    if any(len(value or "") > _LONGEST_VALUE for value in asked):
        raise AskedInvalid(f"a field takes at most {_LONGEST_VALUE} characters")
    filters = within.when_and_where.filters() + within.role.filters()
    if within.record:
        filters.append({"term": {"record": within.record}})
    terms = {"tags": within.tag, "flags": within.flag, "watch": within.watch}
    filters += [{"term": {name: value}} for name, value in terms.items() if value]
    filters += [narrowing(facet, value, sources) for facet, value in within.facets.items()]
    if within.sender:
        name = normal_text(within.sender, detector()).text
        named = [{"term": {key: name}} for key in ("sender", "account")]
        filters.append({"bool": {"should": named, "minimum_should_match": 1}})
    return filters


def _hit(found: Mapping[str, Any], wanted: Typed, items: Mapping[str, int], relatives: Mapping[str, int]) -> Hit:
    fields = shown_fields(found["_source"])
    way = wanted.way(found.get("matched_queries", ()))
    marked = {name: excerpt(pieces) for name, pieces in found.get("highlight", {}).items()}
    if STARTER in marked:
        marked["translation"] = marked.pop(STARTER)
    if way is Way.SOUND:
        marked |= _marked_by_sound(fields, wanted)
    shown = {name: pieces for name, pieces in marked.items() if pieces}
    copies = max(0, items.get(fields["object"], 1) - 1)
    return Hit(
        fields["item"],
        float(found["_score"]),
        fields,
        shown,
        way,
        copies,
        max(0, relatives.get(fields["family"], 1) - 1),
    )


def _marked_by_sound(fields: Mapping[str, Any], wanted: Typed) -> dict[str, list[str]]:
    marked = {}
    for name in ("text", "people"):
        values = [fields[name]] if isinstance(fields.get(name), str) else fields.get(name, ())
        for value in values:
            if spans := list(sounding_like(value, wanted.keys)):
                marked[name] = [marked_piece(value, spans)]
                break
    return marked
