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
from iimm_pipelines.burmese.zawgyi import to_unicode
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, indices_for

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_FIELDS = ("text", "translation", "entities", "name")
_QUOTED = re.compile(r'"([^"]+)"')
_BURMESE = re.compile(r"[\u1000-\u109f\uaa60-\uaa7f\ua9e0-\ua9ff]")
_SOURCE = {"excludes": ["marks", "marks_needed", "generation"]}
MOST_CHARACTERS = 1_000


class QueryInvalid(ValueError):
    """A query that says nothing, or too much."""


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


def search(holding: Holding, who: Reader, typed: str, size: int = 10) -> Result:
    """Ask the index as a reader.

    Raises:
        QueryInvalid: nothing to look for, or more than 1,000 characters.
    """
    query = query_for(typed)
    names = indices_for(holding, who)
    if not names:
        return EMPTY
    client = holding.node.reader_client(who.name, sorted(who.marks))
    body = {
        "size": size,
        "query": query,
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
    found = client.search(index=",".join(names), body=body, params=params)
    hits = tuple(_hit(h) for h in found["hits"]["hits"])
    facets = {n: {b["key"]: b["objects"]["value"] for b in found["aggregations"][n]["buckets"]} for n in ("kind", "language")}
    total = found["aggregations"]["objects"]["value"]
    return Result(hits, total, facets, () if total else _suggestions(client, names, typed))


def _suggestions(client: OpenSearch, names: Sequence[str], typed: str) -> tuple[str, ...]:
    """Words near the typed ones that stand in segments the reader may see."""
    segments = [n for n in names if "-segments-" in n]
    body = {"size": 0, "suggest": {"text": typed, "near": {"term": {"field": "text", "size": 1}}}}
    found = client.search(index=",".join(segments), body=body, params={"ignore_unavailable": "true"})
    offered = [o["text"] for s in found.get("suggest", {}).get("near", ()) for o in s["options"]]
    return tuple(dict.fromkeys(offered))


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
    return {"bool": {"should": [_all_of(form) for form in forms], "minimum_should_match": 1}}


def _all_of(text: str) -> dict[str, Any]:
    phrases = _QUOTED.findall(text)
    rest = _QUOTED.sub(" ", text).split()
    burmese = [w for w in rest if _BURMESE.search(w)]
    words = [w for w in rest if not _BURMESE.search(w)]
    must: list[dict[str, Any]] = [_phrase(p) for p in [*phrases, *burmese]]
    if words:
        must.append({"multi_match": {"query": " ".join(words), "fields": list(_FIELDS), "type": "cross_fields",
                                     "operator": "and", "analyzer": "syllable"}})  # fmt: skip
    return {"bool": {"must": must, "should": [{"constant_score": {"filter": _phrase(text.replace('"', " ")), "boost": 20}}]}}


def _phrase(text: str) -> dict[str, Any]:
    return {"multi_match": {"query": text, "fields": [*_FIELDS, "text.loose"], "type": "phrase"}}


def _hit(found: Mapping[str, Any]) -> Hit:
    score = found["sort"][0] if found.get("_score") is None else found["_score"]
    return Hit(found["_source"]["item"], float(score), found["_source"], found.get("highlight", {}))
