"""Queries: what a person typed, as a query that no reader can bend, and the hits.

Here: words and phrases to a query, hits, counts, facets and suggestions.
Not here: who may ask what (search/access), the analyser (search/analysis).

Burmese is written without spaces between words, so that a Burmese stretch is always a phrase of syllables; other words
must all stand in one segment. What is typed in Zawgyi is asked in Unicode as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.names import name_sounds, persons
from iimm_pipelines.burmese.zawgyi import to_unicode
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, Scope, scope
from iimm_pipelines.search.analysis import terms
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.when_and_where import ANY_TIME_AND_PLACE, Asked

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_FIELDS = ("text", "translation", "entities", "people", "name", "number")
_QUOTED = re.compile(r'"([^"]+)"')
_BURMESE = re.compile(r"[\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff]")
_SOURCE = {"excludes": ["marks", "marks_needed", "generation"]}
_NO_NAME, _LONGEST_NAME, _OF_LIKE_SOUND = frozenset('"@/_*?:(){}[]~$'), 6, 0.3
"""What is typed as a name: none of these signs, so many syllables; what only sounds like it comes after what is it."""
MOST_CHARACTERS = 1_000
_BY_A_HUMAN = {"constant_score": {"filter": {"term": {"maker": "human"}}, "boost": 10}}
"""Of two segments that say the same, a human's translation or transcript comes before a machine's."""


class QueryInvalid(ValueError):
    """A query that says nothing, or too much."""


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What hits must be besides: of one kind of record, from one sender, of a time or a place."""

    record: str | None = None
    sender: str | None = None
    """Name, number or address, as a whole."""
    when_and_where: Asked = ANY_TIME_AND_PLACE


EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True)
class Hit:
    """One object, by its best segment: fields of the document, the score, and marked stretches by field."""

    item: str
    score: float
    fields: Mapping[str, Any]
    highlights: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Result:
    """Hits, and what is counted over all of them: objects, and objects by kind and by language."""

    hits: tuple[Hit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    suggestions: tuple[str, ...]


EMPTY = Result((), 0, {}, ())


def search(holding: Holding, who: Reader, typed: str, size: int = 10, within: Narrowing = EVERYTHING) -> Result:
    """Ask the index as a reader.

    Raises:
        QueryInvalid: nothing to look for, or more than 1,000 characters.
        AskedInvalid: a time or a place that nobody could mean.
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    query = query_for(typed)
    narrowed = _narrowed(within)
    where = scope(holding, who)
    if not where.indices:
        return EMPTY
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    try:
        client = holding.node.reader_client(who.name, sorted(who.marks))
        return _ask(client, where, query, narrowed, typed, size)
    except OpenSearchException as wrong:  # its own words may quote the query or a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(
            f"the search node failed: {type(wrong).__name__} ({said}); `iimm up` waits until it answers"
        ) from None


def _ask(client: OpenSearch, where: Scope, query: Mapping[str, Any], narrowed: Sequence[Mapping[str, Any]], typed: str,
         size: int) -> Result:  # fmt: skip
    body = {
        "size": size,
        "query": {"bool": {"must": [query], "filter": [_only(where), *narrowed], "should": [_BY_A_HUMAN]}},
        "collapse": {"field": "object"},
        "sort": ["_score", {"document": "asc"}],
        "_source": _SOURCE,
        "highlight": {"fields": {f: {"number_of_fragments": 1, "fragment_size": 160} for f in _FIELDS}},
        "aggs": {
            "objects": {"cardinality": {"field": "object", "precision_threshold": 40_000}},
            "kind": {"terms": {"field": "kind", "size": 20}, "aggs": _OBJECTS},
            "language": {"terms": {"field": "language", "size": 40}, "aggs": _OBJECTS},
        },
    }
    params = {"search_type": "dfs_query_then_fetch", "ignore_unavailable": "true"}
    found = client.search(index=",".join(where.indices), body=body, params=params)
    if "aggregations" not in found:  # none of these indices exists yet
        return EMPTY
    hits = tuple(_hit(h) for h in found["hits"]["hits"])
    facets = {
        n: {b["key"]: b["objects"]["value"] for b in found["aggregations"][n]["buckets"]} for n in ("kind", "language")
    }
    total = found["aggregations"]["objects"]["value"]
    return Result(hits, total, facets, () if total else _suggestions(client, where, typed))


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
    filters = within.when_and_where.filters()
    if within.record:
        filters.append({"term": {"record": within.record}})
    if within.sender:
        name = normal_text(within.sender, None).text
        named = [{"term": {field: name}} for field in ("sender", "account")]
        filters.append({"bool": {"should": named, "minimum_should_match": 1}})
    return filters


_OBJECTS = {"objects": {"cardinality": {"field": "object"}}}


def query_for(typed: str) -> dict[str, Any]:
    """The query for what a person typed: every phrase and every word must be there, in one segment.

    Raises:
        QueryInvalid: see `search`.
    """
    if not typed.strip() or len(typed) > MOST_CHARACTERS:
        raise QueryInvalid(f"type something to look for, at most {MOST_CHARACTERS} characters")
    forms = dict.fromkeys([normal_text(typed, None).text])
    if _BURMESE.search(typed):
        forms[normal_text(to_unicode(typed), None).text] = None
    sayings = [form for form in forms if terms(form)]
    if not sayings:
        raise QueryInvalid("type words to look for: there is no letter and no digit in this")
    meant = [_all_of(form) for form in sayings]
    if sounds := _name_asked(sayings[0]):
        meant.append({"match_phrase": {"name_sounds": {"query": sounds, "boost": _OF_LIKE_SOUND}}})
    return {"bool": {"should": meant, "minimum_should_match": 1}}


def _name_asked(text: str) -> str:
    """The sounds of what may be a name, without titles: another spelling of it, in either script, has the same."""
    found = persons(text)
    name = found[0].name if len(found) == 1 and (found[0].start, found[0].end) == (0, len(text)) else text
    sounds = name_sounds(name)
    is_name = not any(map(_NO_NAME.__contains__, text)) and not any(map(str.isdigit, text))
    return sounds if is_name and 2 <= len(sounds.split()) <= _LONGEST_NAME else ""


def _all_of(text: str) -> dict[str, Any]:
    phrases = [p for p in _QUOTED.findall(text) if terms(p)]  # a phrase of nothing but signs would find nothing
    rest = [w for w in _QUOTED.sub(" ", text).split() if terms(w)]
    burmese = [w for w in rest if _BURMESE.search(w)]
    words = [w for w in rest if not _BURMESE.search(w)]
    must: list[dict[str, Any]] = [_phrase(p) for p in [*phrases, *burmese]]
    if words:
        must.append({"multi_match": {"query": " ".join(words), "fields": list(_FIELDS), "type": "cross_fields",
                                     "operator": "and", "analyzer": "syllable"}})  # fmt: skip
    return {
        "bool": {"must": must, "should": [{"constant_score": {"filter": _phrase(text.replace('"', " ")), "boost": 20}}]}
    }


def _phrase(text: str) -> dict[str, Any]:
    return {"multi_match": {"query": text, "fields": [*_FIELDS, "text.loose"], "type": "phrase"}}


def _hit(found: Mapping[str, Any]) -> Hit:
    score = found["sort"][0] if found.get("_score") is None else found["_score"]
    return Hit(found["_source"]["item"], float(score), found["_source"], found.get("highlight", {}))
