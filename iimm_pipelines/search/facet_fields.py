"""Fields that a document is given on its way into the index, all of them made of its other fields.

They are for facets, sorting, the time line and the map, and for what is searched only when asked for.

`object_key` is the first 8 bytes of the object's SHA-256: hits are brought together and counted by it, since for numbers
OpenSearch needs no list of all objects in memory, and no hash of a text for each match.

Here: one stretch of time for each sort of time, names by what they name, squares of the map, starter translations, what
roles are found by.
Not here: what a document says (search/documents), delivering it (search/delivery), counting (search/facets).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor
from typing import Any

from iimm_pipelines.formats.times import Meaning, TimeOf
from iimm_pipelines.search.typed import STARTER
from iimm_pipelines.search.when_and_where import PLACES, TIMES, field_of
from iimm_pipelines.search.who_was_what import ROLES, TOLD, told_fields, told_of

SPANS, FIRST, NAMED, SQUARES, OBJECT_KEY = "spans", "first", "named", "squares", "object_key"
NAMED_KINDS = ("place", "person", "unit", "organisation")
SQUARES_A_DEGREE = 10
"""A square of the map is a tenth of a degree wide, some 11 km."""
_SORT_OF = {field_of(meaning): str(meaning.of) for meaning in Meaning}

FACET_FIELDS: Mapping[str, Any] = {
    SPANS: {"properties": {str(sort): {"type": "date_range"} for sort in TimeOf}},
    FIRST: {"properties": {str(sort): {"type": "date"} for sort in TimeOf}},
    NAMED: {"properties": {kind: {"type": "keyword"} for kind in NAMED_KINDS}},
    SQUARES: {"type": "keyword"},
    OBJECT_KEY: {"type": "long"},
    TOLD: told_fields(),
}


def with_facet_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A document as the index holds it; `shown_fields` is the way back."""
    made = {**fields, **_times(fields.get(TIMES) or {}), **_named(fields.get("mentions") or ())}
    made[OBJECT_KEY] = int.from_bytes(bytes.fromhex(fields["object"])[:8], signed=True)
    if told := told_of(fields.get(ROLES) or ()):
        made[TOLD] = told
    if points := fields.get(PLACES):
        made[SQUARES] = sorted({square(*map(float, point.split(","))) for point in points})
    if fields.get("translation_status") == "starter" and "translation" in fields:
        made[STARTER] = made.pop("translation")
    return made


def shown_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """A document of the index as people are shown it."""
    shown = {n: v for n, v in fields.items() if n not in FACET_FIELDS}
    if STARTER in shown:
        shown["translation"] = shown.pop(STARTER)
    return shown


def _times(times: Mapping[str, Iterable[Mapping[str, str]]]) -> dict[str, Any]:
    """By sort: each stretch once, and the first moment of all, by which hits are sorted."""
    spans: dict[str, dict[tuple[str, str], None]] = {}
    for field, ranges in times.items():
        spans.setdefault(_SORT_OF[field], {}).update({(r["gte"], r["lte"]): None for r in ranges})
    if not spans:
        return {}
    return {
        SPANS: {sort: [{"gte": a, "lte": b} for a, b in sorted(found)] for sort, found in sorted(spans.items())},
        FIRST: {sort: min(found)[0] for sort, found in sorted(spans.items())},
    }


def _named(mentions: Iterable[str]) -> dict[str, Any]:
    named: dict[str, list[str]] = {}
    for mention in mentions:
        kind, _, what = mention.partition(":")
        if kind in NAMED_KINDS:
            named.setdefault(kind, []).append(what)
    return {NAMED: named} if named else {}


def square(latitude: float, longitude: float) -> str:
    """The square of the map that a point lies in, by its corner in the south-west."""
    corner = (floor(degrees * SQUARES_A_DEGREE) / SQUARES_A_DEGREE for degrees in (latitude, longitude))
    return ",".join(f"{degrees:.1f}" for degrees in corner)
