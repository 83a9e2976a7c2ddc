"""Queries: the index asked as a reader, and the hits.

Here: hits, counts, facets and suggestions.
Not here: what a person typed as a query (search/typed), who may ask what (search/access), excerpts (search/excerpts).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, Scope, scope
from iimm_pipelines.search.excerpts import BEGIN, END, excerpt, marked_piece
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.sounds import sounding_like
from iimm_pipelines.search.synonyms import load_synonyms
from iimm_pipelines.search.typed import ALL, FIELDS, LOOSE_FIELDS, Typed, Way, read
from iimm_pipelines.search.when_and_where import ANY_TIME_AND_PLACE, Asked
from iimm_pipelines.search.who_was_what import NOBODY, AskedRole

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_SOURCE = {
    "excludes": ["marks", "marks_needed", "generation", "watch", "sounds", "roles.sounds", "roles.said", "spellings"]
}
_MARKED_FIELDS = (*FIELDS, *LOOSE_FIELDS)
_BY_A_HUMAN = {"constant_score": {"filter": {"term": {"maker": "human"}}, "boost": 10}}
"""Of two segments that say the same, a human's translation or transcript comes before a machine's."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What hits must be besides: of one kind of record, from one sender, of a time or a place, telling a role.

    `kind`, `language`, `tag` and `flag` are values of the facets, `watch` the id of a watch-list that hit them.
    """

    record: str | None = None
    sender: str | None = None
    """Name, number or address, as a whole."""
    when_and_where: Asked = ANY_TIME_AND_PLACE
    role: AskedRole = NOBODY
    kind: str | None = None
    language: str | None = None
    tag: str | None = None
    flag: str | None = None
    watch: str | None = None


EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True)
class Hit:
    """One object, by its best segment: fields of the document, the score, marked stretches by field, and how found.

    `copies`: how many more items that the reader may see have the same bytes.
    """

    item: str
    score: float
    fields: Mapping[str, Any]
    highlights: Mapping[str, Sequence[str]]
    way: Way = Way.WRITTEN
    copies: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """Hits, and what is counted over all of them: objects, and objects by kind and by language."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    suggestions: tuple[str, ...]


EMPTY = Result((), 0, {}, ())


_FACETS = ("kind", "language", "tags", "flags")
DEEPEST = 10_000
"""OpenSearch's own limit of hits that are counted through for a page."""


def search(holding: Holding, who: Reader, typed: str, size: int = 10, within: Narrowing = EVERYTHING,
           skip: int = 0) -> Result:  # fmt: skip
    """Ask the index as a reader, for hits behind the first `skip`; nothing need be typed where a role is asked for.

    Raises:
        QueryInvalid: nothing to look for, or more than 1,000 characters or 100 words.
        SynonymsInvalid: the operator's file of names cannot be used.
        AskedInvalid: a time, a place or a role that nobody could mean.
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    file = holding.settings.synonyms
    synonyms = load_synonyms(file and holding.settings.data / file.expanduser())
    wanted = ALL if not typed.strip() and within.role != NOBODY else read(typed, synonyms)
    narrowed = _narrowed(within)
    where = scope(holding, who)
    if not where.indices:
        return EMPTY
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    try:
        client = holding.node.reader_client(who.name, sorted(who.marks))
        return _ask(client, where, wanted, narrowed, typed, range(skip, skip + size))
    except OpenSearchException as wrong:  # its own words may quote the query or a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(
            f"the search node failed: {type(wrong).__name__} ({said}); `iimm up` waits until it answers"
        ) from None


def _ask(client: OpenSearch, where: Scope, wanted: Typed, narrowed: Sequence[Mapping[str, Any]], typed: str,
         places: range) -> Result:  # fmt: skip
    body = {
        "from": places.start,
        "size": len(places),
        "query": {"bool": {"must": [wanted.query], "filter": [_only(where), *narrowed], "should": [_BY_A_HUMAN]}},
        "collapse": {"field": "object"},
        "sort": ["_score", {"document": "asc"}],
        "_source": _SOURCE,
        "highlight": {
            "pre_tags": [BEGIN],
            "post_tags": [END],
            "number_of_fragments": 0,
            "fields": {field: {} for field in _MARKED_FIELDS},
        },
        "aggs": {
            "objects": {"cardinality": {"field": "object", "precision_threshold": 40_000}},
            "kind": {"terms": {"field": "kind", "size": 20}, "aggs": _OBJECTS},
            "language": {"terms": {"field": "language", "size": 40}, "aggs": _OBJECTS},
            "tags": {"terms": {"field": "tags", "size": 100}, "aggs": _OBJECTS},
            "flags": {"terms": {"field": "flags", "size": 20}, "aggs": _OBJECTS},
        },
    }
    params = {"search_type": "dfs_query_then_fetch", "ignore_unavailable": "true"}
    found = client.search(index=",".join(where.indices), body=body, params=params)
    if "aggregations" not in found:  # none of these indices exists yet
        return EMPTY
    seen = _items_of(client, where, {h["_source"]["object"] for h in found["hits"]["hits"]})
    hits = tuple(_hit(h, wanted, seen) for h in found["hits"]["hits"])
    facets = {n: {b["key"]: b["objects"]["value"] for b in found["aggregations"][n]["buckets"]} for n in _FACETS}
    total = found["aggregations"]["objects"]["value"]
    return Result(hits, total, facets, () if total or not typed.strip() else _suggestions(client, where, typed))


def _items_of(client: OpenSearch, where: Scope, objects: Collection[str]) -> Mapping[str, int]:
    """How many items that the reader may see have the bytes of each of these objects."""
    if not objects:
        return {}
    items = ",".join(n for n in where.indices if "-items-" in n)
    body = {
        "size": 0,
        "query": {"bool": {"filter": [_only(where), {"terms": {"object": sorted(objects)}}]}},
        "aggs": {"object": {"terms": {"field": "object", "size": len(objects)}}},
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


def _narrowed(within: Narrowing) -> list[dict[str, Any]]:
    filters = within.when_and_where.filters() + within.role.filters()
    if within.record:
        filters.append({"term": {"record": within.record}})
    terms = {"kind": within.kind, "language": within.language, "tags": within.tag, "flags": within.flag,
             "watch": within.watch}  # fmt: skip
    filters += [{"term": {field: value}} for field, value in terms.items() if value]
    if within.sender:
        name = normal_text(within.sender, detector()).text
        named = [{"term": {field: name}} for field in ("sender", "account")]
        filters.append({"bool": {"should": named, "minimum_should_match": 1}})
    return filters


_OBJECTS = {"objects": {"cardinality": {"field": "object"}}}


def _hit(found: Mapping[str, Any], wanted: Typed, items: Mapping[str, int]) -> Hit:
    score = found["sort"][0] if found.get("_score") is None else found["_score"]
    fields = found["_source"]
    way = wanted.way(found.get("matched_queries", ()))
    marked = {field: excerpt(pieces) for field, pieces in found.get("highlight", {}).items()}
    if way is Way.SOUND:
        marked |= _marked_by_sound(fields, wanted)
    shown = {field: pieces for field, pieces in marked.items() if pieces}
    return Hit(fields["item"], float(score), fields, shown, way, max(0, items.get(fields["object"], 1) - 1))


def _marked_by_sound(fields: Mapping[str, Any], wanted: Typed) -> dict[str, list[str]]:
    marked = {}
    for field in ("text", "people"):
        values = [fields[field]] if isinstance(fields.get(field), str) else fields.get(field, ())
        for value in values:
            if spans := list(sounding_like(value, wanted.keys)):
                marked[field] = [marked_piece(value, spans)]
                break
    return marked
