"""Index documents of an item: one for the item, one for each of its segments.

Here: the pure function from an item's outcomes to documents, and the stage that fixes their digests.
Not here: bringing them into the index (search/delivery), fields (search/mapping).

A document holds neither marks nor generation nor when its accession was received and captured: what the catalogue says
can change without reprocessing (search/delivery adds it).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from iimm_pipelines.accessions.numbers import accession_of, shard_of
from iimm_pipelines.accessions.rows import Role
from iimm_pipelines.burmese.encoding import normal_text, normal_texts
from iimm_pipelines.burmese.zawgyi import detector
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.outcome import Outcome, Reason, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.schema import DOCUMENTS
from iimm_pipelines.search.named import bare_name, of_item, of_segment
from iimm_pipelines.search.sounds import name_keys
from iimm_pipelines.search.when_and_where import PLACES, TIMES, points_of, said_at, times_of
from iimm_pipelines.search.who_was_what import ROLES, roles_of
from iimm_pipelines.stages.texts import ORIGINS, stretches

_NAMES_OF_AN_ITEM = 1_000
_NAMES_OF_A_SEGMENT = 100
"""Recipients that stand with each segment of a mail; all of them stand with the item."""
NAME_CODE_POINTS = 2_000
"""As much of a name as can be searched: the length of a segment. A name inside a ZIP may have 65,535 bytes."""


_NAMED = frozenset({"person", "place"})
"""Mentions that are also found by their sound."""
_SOUNDS_OF_A_DOCUMENT = 2_000
_GIVEN = frozenset({Role.TEXT, Role.TRANSLATION, Role.TRANSCRIPT})


@dataclass(frozen=True, slots=True)
class Document:
    """A document for the index of its kind."""

    kind: str
    id: str
    fields: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """SHA-256 of its canonical form."""
        return hashlib.sha256(canonical(self.fields)).digest()


def documents(task: Task) -> Iterator[Document]:
    """All documents of an item."""
    record = task.record
    number = str(record["item"])
    shard = shard_of(number)
    found = task.upstream["contents"].tables.get("document", ())
    shared = {
        "item": number,
        "accession": accession_of(number),
        "shard": shard,
        "object": task.object.hex(),
        "family": record["family"],
        "kind": found[0]["kind"] if found else "unknown",
        "media_type": found[0]["media_type"] if found else None,
        "malware": next((r["signature"] for r in _rows(task, "malware", "malware") if r.get("signature")), None),
        TIMES: times_of(task.upstream["contents"].tables.get("times", ()), record),
        PLACES: points_of(task.upstream["contents"].tables.get("positions", ())),
    }
    claims = _rows(task, "inventory", "claims")
    records = _rows(task, "contents", "records")
    yield Document("items", number, _known({
        **shared,
        "name": _name(record.get("name") or record["path"].decode("utf-8", errors="replace")),
        "parent": record["parent"],
        "relation": record["relation"],
        "number": sorted({c["number"] for c in claims if c["number"]}) or None,
        "size": record["size"],
        "document": f"{number}",
        "kept_shut": task.upstream["contents"].reason is Reason.KEPT_SHUT or None,
        **of_item(_rows(task, "entities", "mentions")),
        **(_said(records[0], shared, _NAMES_OF_AN_ITEM) if len(records) == 1 else {}),
    }))  # fmt: skip
    yield from _segments(task, number, shared, given_as(claims))


def given_as(claims: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """What a file as a whole is, where a list says so: a human translation of another, say."""
    of_text = (c for c in claims if c["role"] in _GIVEN)
    return next(({"given": c["role"], "maker": c["maker"]} for c in of_text), {})


def _name(name: str) -> str:
    """A name in normal form, Zawgyi in Unicode: Lucene refuses a whole document for one term of more than 32,766 bytes."""
    # each folder is judged by itself, a short one with those around it
    names = name[:NAME_CODE_POINTS].split("/")
    return "/".join(normal.text for normal in normal_texts(names, detector()))


def _said(record: Mapping[str, Any], shared: Mapping[str, Any], most: int) -> dict[str, Any]:
    return {**said_by(record, most), TIMES: said_at(shared[TIMES], record)}


def said_by(record: Mapping[str, Any], most: int) -> dict[str, Any]:
    """Who said it, to whom and when, as fields that can be searched and filtered; at most so many names."""
    names = ("sender", "account", "group", "forwarded_from")
    one = {name: _short(record[name]) for name in names if record.get(name)}
    recipients = [_short(name) for name in (record.get("recipients") or ())[:most]]
    people = list(dict.fromkeys([*one.values(), *recipients]))
    return {
        "record": record["kind"],
        **one,
        "recipients": recipients or None,
        "people": people or None,
        "sounds": _sounds(people),
        "shares": [address[:NAME_CODE_POINTS] for address in (record.get("shares") or ())[:most]] or None,
        "media": [_short(name) for name in (record.get("media") or ())[:most]] or None,
        "time_utc": _instant(record.get("utc_ms")),
        **{n: record.get(n) or None for n in ("time_local", "time_ambiguous", "edited", "deleted", "system")},
        "time_written": record.get("time_written"),
        "offset_minutes": record.get("offset_minutes"),
    }


def _sounds(names: Iterable[str]) -> list[str] | None:
    return sorted({key for name in names for key in name_keys(name)})[:_SOUNDS_OF_A_DOCUMENT] or None


def _short(name: str) -> str:
    return normal_text(name[:NAME_CODE_POINTS], detector()).text


def _instant(utc_ms: int | None) -> str | None:
    if utc_ms is None:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=utc_ms)
    except OverflowError:  # a day before the year 1, by its offset
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _cells(segment: Mapping[str, Any], columns: Sequence[str]) -> list[str] | None:
    """Each value of a row behind the name of its column, so that a hit can say where it stands."""
    places = segment.get("cells")
    if not places:
        return None
    text, starts = segment["text"], places[1::2]
    cells = []
    for column, start, end in zip(places[::2], starts, [*(s - 1 for s in starts[1:]), len(text)], strict=True):
        name = columns[column - 1] if column <= len(columns) and columns[column - 1] else f"column {column}"
        cells.append(_short(f"{name}: {text[start:end]}"))
    return cells


def _segments(task: Task, number: str, shared: Mapping[str, Any], whole: Mapping[str, Any]) -> Iterator[Document]:
    raw = {(o, i): row for o, up in task.upstream.items() for i, row in enumerate(up.tables.get("segments", ()))}
    translations = {(r["origin"], r["ordinal"]): r for r in _rows(task, "translations", "translations")}
    mentions: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for mention in _rows(task, "entities", "mentions"):
        mentions.setdefault((mention["origin"], mention["ordinal"]), []).append(mention)
    roles: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for role in _rows(task, "entities", "roles"):
        roles.setdefault((role["origin"], role["ordinal"]), []).append(role)
    records = _rows(task, "contents", "records")
    columns: dict[str | None, Sequence[str]] = {}
    mixed = stretches(task) if "languages" in task.upstream else {}
    for row in _rows(task, "languages", "normal_segments"):
        place = (row["origin"], row["ordinal"])
        segment = raw[place]
        record = records[segment["record"]] if segment.get("record") is not None else None
        if record is not None and record["kind"] == "header":  # stands before the rows of its sheet
            columns[segment.get("sheet")] = record.get("columns") or ()
        english = translations.get(place, {})
        named = mentions.get(place, [])
        said = _said(record, shared, _NAMES_OF_A_SEGMENT) if record is not None else {}
        names = [*(said.get("people") or ()), *(bare_name(m) for m in named if m["type"] in _NAMED)]
        given = {"given": segment["field"], "maker": segment.get("maker")} if row["origin"] == "given" else whole
        identity = f"{number}-{row['origin']}-{row['ordinal']}"
        yield Document("segments", identity, _known({
            **shared,
            "document": identity,
            "text": row["text"],
            "language": sorted({s["language"] for s in mixed[place]}) if place in mixed else row["language"],
            "encoding": row["encoding"],
            "origin": row["origin"],
            "ordinal": row["ordinal"],
            **{n: segment.get(n) for n in ("field", "page", "sheet", "row", "start_ms", "end_ms", "reliable")},
            **said,
            "sounds": _sounds(names),
            "cells": _cells(segment, columns.get(segment.get("sheet"), ())),
            "machine": segment.get("model"),
            **given,
            "translation": english.get("text"),
            "translation_machine": english.get("model"),
            "translation_reliable": english.get("reliable"),
            "translation_status": english.get("status"),
            "entities": sorted({e for m in named for e in (m.get("normal"), m.get("link")) if e}) or None,
            **of_segment(named),
            ROLES: roles_of(roles.get(place, ())),
        }))  # fmt: skip


def _rows(task: Task, stage: str, table: str) -> list[Mapping[str, Any]]:
    return list(task.upstream[stage].tables.get(table, ())) if stage in task.upstream else []


def _known(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {n: v for n, v in fields.items() if v is not None}


def apply(tool: Any, task: Task) -> Outcome:
    """The digests of an item's documents: what the index must hold of it."""
    return produced({"documents": [{"index": d.kind, "id": d.id, "digest": d.digest} for d in documents(task)]})


STAGE = Stage(
    name="search_index",
    version=1,
    tables=(DOCUMENTS,),
    reads=("inventory", "malware", *ORIGINS, "languages", "translations", "entities"),
    ingredients={"documents": Ingredient(version=10)},
    apply=apply,
    slice_items=500,
    limits=Limits(seconds=60, seconds_per_mb=10),
    by_item=True,
    of_shut=True,
)
