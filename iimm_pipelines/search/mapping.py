"""The two indices: their fields, and how they are named.

Here: mapping and settings of items and segments, names by holding, kind, mapping and set of marks.
Not here: the analyser's rules (search/analysis), what a document holds (search/documents).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.search.analysis import analysis_settings
from iimm_pipelines.search.named import MENTIONS, SPELLINGS
from iimm_pipelines.search.when_and_where import PLACES, TIME_FIELDS, TIMES
from iimm_pipelines.search.who_was_what import ROLES, role_fields

KINDS = ("items", "segments")

_KEYWORD = {"type": "keyword"}
_NUMBER = {"type": "long"}
_TEXT = {"type": "text", "analyzer": "syllable", "index_options": "offsets",
         "fields": {"loose": {"type": "text", "analyzer": "syllable_loose"}}}  # fmt: skip
_HIDDEN = {"type": "keyword", "index": False, "doc_values": False}
_TRUTH = {"type": "boolean"}
_SAID = {
    "record": _KEYWORD, "people": _TEXT, "sender": _KEYWORD, "account": _KEYWORD, "recipients": _KEYWORD,
    "group": _KEYWORD, "forwarded_from": _KEYWORD, "media": _KEYWORD, "shares": _KEYWORD, "time_utc": {"type": "date", "format": "strict_date_time_no_millis"},
    "time_local": {"type": "date", "format": "strict_date_hour_minute_second"}, "time_written": _HIDDEN,
    "offset_minutes": _NUMBER, "time_ambiguous": _TRUTH, "edited": _TRUTH, "deleted": _TRUTH, "system": _TRUTH,
}  # fmt: skip
"""Of a message, post, comment, call, mail, row or subtitle."""
_SHARED = {
    "item": _KEYWORD, "accession": _KEYWORD, "shard": _KEYWORD, "object": _KEYWORD, "family": _KEYWORD,
    "kind": _KEYWORD, "media_type": _KEYWORD, "generation": _KEYWORD, "marks": _KEYWORD,
    "marks_needed": {"type": "integer"}, "document": _KEYWORD, TIMES: {"properties": TIME_FIELDS},
    PLACES: {"type": "geo_point"}, "malware": _KEYWORD, "sounds": _KEYWORD, MENTIONS: _KEYWORD, SPELLINGS: _KEYWORD,
    "tags": _KEYWORD, "flags": _KEYWORD, "watch": _KEYWORD,
}  # fmt: skip
_FIELDS: dict[str, dict[str, Any]] = {
    "items": _SHARED | _SAID | {"name": _TEXT, "parent": _KEYWORD, "relation": _KEYWORD, "size": _NUMBER,
                                "number": _TEXT, "kept_shut": _TRUTH},
    "segments": _SHARED | _SAID | {
        "text": _TEXT, "translation": _TEXT, "entities": _TEXT, "language": _KEYWORD,
        "encoding": _KEYWORD, "origin": _KEYWORD, "ordinal": _NUMBER, "field": _KEYWORD, "page": _NUMBER,
        "sheet": _HIDDEN, "row": _NUMBER, "cells": _HIDDEN, "start_ms": _NUMBER, "end_ms": _NUMBER, "machine": _KEYWORD,
        "reliable": {"type": "boolean"}, "translation_machine": _KEYWORD, "translation_reliable": {"type": "boolean"},
        "translation_status": _KEYWORD, "given": _KEYWORD, "maker": _KEYWORD,
        "corrected": _KEYWORD, "author": _KEYWORD, ROLES: role_fields(),
    },
}  # fmt: skip


def index_body(kind: str) -> dict[str, Any]:
    """Settings and mapping of an index. Nothing is mapped that is not named: a field without a rule is refused."""
    return {
        "settings": {"index": {"number_of_shards": 1, "number_of_replicas": 0}, "analysis": analysis_settings()},
        "mappings": {"dynamic": "strict", "properties": _FIELDS[kind]},
    }


SHARED_FIELDS, SAID_FIELDS = frozenset(_SHARED), frozenset(_SAID)
BY_PEOPLE = "by people"
"""The generation of documents that no stage makes: notes and corrections, which a run leaves alone (work/in_index)."""


def mapping_digest() -> str:
    """A short digest over both mappings: another mapping is another index."""
    return hashlib.sha256(canonical({k: index_body(k) for k in KINDS})).hexdigest()[:8]


def marks_digest(marks: Iterable[str]) -> str:
    """A short digest of a set of marks: each set has indices of its own."""
    return hashlib.sha256(canonical(sorted(set(marks)))).hexdigest()[:12]


def alias_name(holding: str, kind: str, marks: Iterable[str]) -> str:
    """What readers ask."""
    return f"iimm-{holding}-{kind}-{marks_digest(marks)}"


def segments_beside(items: str) -> str:
    """The index of segments for the same marks and of the same mapping as one of items."""
    prefix, holding, _, rest = items.split("-", 3)
    return f"{prefix}-{holding}-segments-{rest}"


def index_name(holding: str, kind: str, marks: Iterable[str]) -> str:
    """What is written to."""
    return f"{alias_name(holding, kind, marks)}-{mapping_digest()}"
