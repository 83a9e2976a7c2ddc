"""Facets: what hits are counted by, and narrowed to.

Here: what each facet asks the index for, its counts, the filter of a value.
Not here: who may ask what (search/access): counts are made of the indices of held marks only, with the reader's own token.

Counts are of objects, as hits are; above 3,000 of one value they are near, not exact (a few in a hundred).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from iimm_pipelines.search.facet_fields import NAMED, SQUARES

Query = dict[str, Any]


class Facet(StrEnum):
    """What hits can be counted by."""

    KIND = "kind"
    LANGUAGE = "language"
    SOURCE = "source"
    ACCESSION = "accession"
    NAMED_PLACE = "named_place"
    NAMED_PERSON = "named_person"
    NAMED_UNIT = "named_unit"
    NAMED_ORGANISATION = "named_organisation"
    READING = "reading"
    TAG = "tag"
    FLAG = "flag"
    MARK = "mark"
    SQUARE = "square"


_FIELDS = {
    Facet.KIND: ("kind", 20), Facet.LANGUAGE: ("language", 40), Facet.ACCESSION: ("accession", 50), Facet.MARK: ("marks", 50),
    Facet.TAG: ("tags", 100), Facet.FLAG: ("flags", 20),
    Facet.NAMED_PLACE: (f"{NAMED}.place", 200), Facet.NAMED_PERSON: (f"{NAMED}.person", 30), Facet.NAMED_UNIT: (f"{NAMED}.unit", 30),
    Facet.NAMED_ORGANISATION: (f"{NAMED}.organisation", 30), Facet.SQUARE: (SQUARES, 400),
}  # fmt: skip
"""The field, and how many values are counted, the most frequent first."""


class Reading(StrEnum):
    """Where a text comes from, and how far it can be relied on."""

    FILE = "file"
    HUMAN = "human"
    MACHINE = "machine"
    DOUBTFUL = "doubtful"


_IS_TEXT, _BY_MACHINE = {"exists": {"field": "origin"}}, {"exists": {"field": "machine"}}
_NOT_RELIABLE, _BY_HUMAN = {"term": {"reliable": False}}, {"term": {"maker": "human"}}
_READINGS: Mapping[Reading, Query] = {
    Reading.FILE: {"bool": {"filter": [_IS_TEXT], "must_not": [_BY_MACHINE, _BY_HUMAN, _NOT_RELIABLE]}},
    Reading.HUMAN: _BY_HUMAN,
    Reading.MACHINE: {"bool": {"filter": [_BY_MACHINE], "must_not": [_NOT_RELIABLE]}},
    Reading.DOUBTFUL: _NOT_RELIABLE,
}

Sources = Mapping[str, Sequence[str]]
"""Accessions that a reader may see, by the code of their source."""


def counting(facet: Facet, sources: Sources, each: Query) -> Query:
    """The aggregation of a facet; `each` counts within a value."""
    if facet is Facet.SOURCE:
        ways = {code: {"terms": {"accession": list(numbers)}} for code, numbers in sources.items()}
    elif facet is Facet.READING:
        ways = {str(reading): query for reading, query in _READINGS.items()}
    else:
        field, most = _FIELDS[facet]
        return {"terms": {"field": field, "size": most}, "aggs": each}
    return {"filters": {"filters": ways}, "aggs": each}


def counted(found: Mapping[str, Any]) -> dict[str, int]:
    """How many objects there are of each value, the most first."""
    buckets = found["buckets"]
    named = buckets.items() if isinstance(buckets, Mapping) else ((b["key"], b) for b in buckets)
    counts = {str(value): int(bucket["objects"]["value"]) for value, bucket in named}
    return dict(sorted(((v, n) for v, n in counts.items() if n), key=lambda each: -each[1]))


def narrowing(facet: Facet, value: str, sources: Sources) -> Query:
    """The filter of a value; one that does not exist lets nothing through."""
    if facet is Facet.SOURCE:
        return {"terms": {"accession": list(sources.get(value, ()))}}
    if facet is Facet.READING:
        return dict(_READINGS[Reading(value)]) if value in set(Reading) else {"match_none": {}}
    return {"term": {_FIELDS[facet][0]: value}}
