"""Index documents of an item: one for the item, one for each of its segments.

Here: the pure function from an item's outcomes to documents, and the stage that fixes their digests.
Not here: bringing them into the index (search/delivery), fields (search/mapping).

A document holds neither marks nor generation: marks change without reprocessing, and the generation is the part's key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.accessions.numbers import accession_of, item_number, shard_of
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.outcome import Outcome, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.schema import DOCUMENTS
from iimm_pipelines.search.when_and_where import PLACES, TIMES, points_of, times_of

NAME_CODE_POINTS = 2_000
"""As much of a name as can be searched: the length of a segment. A name inside a ZIP may have 65,535 bytes."""


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
        "family": item_number(shard, record["family"]),
        "kind": found[0]["kind"] if found else "unknown",
        "media_type": found[0]["media_type"] if found else None,
        TIMES: times_of(task.upstream["contents"].tables.get("times", ()), record),
        PLACES: points_of(task.upstream["contents"].tables.get("positions", ())),
    }
    parent = record["parent"]
    yield Document("items", number, _known({
        **shared,
        "name": _name(record["path"]),
        "parent": None if parent is None else item_number(shard, parent),
        "relation": record["relation"],
        "size": record["size"],
        "document": f"{number}",
    }))  # fmt: skip
    yield from _segments(task, number, shared)


def _name(path: bytes) -> str:
    """A name in normal form: Lucene refuses a whole document for one term of more than 32,766 bytes."""
    return normal_text(path.decode("utf-8", errors="replace")[:NAME_CODE_POINTS], None).text


def _segments(task: Task, number: str, shared: Mapping[str, Any]) -> Iterator[Document]:
    raw = {(o, i): row for o, up in task.upstream.items() for i, row in enumerate(up.tables.get("segments", ()))}
    translations = {(r["origin"], r["ordinal"]): r for r in _rows(task, "translations", "translations")}
    mentions: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for mention in _rows(task, "entities", "mentions"):
        mentions.setdefault((mention["origin"], mention["ordinal"]), []).append(mention)
    for row in _rows(task, "languages", "normal_segments"):
        place = (row["origin"], row["ordinal"])
        segment = raw[place]
        english = translations.get(place, {})
        named = mentions.get(place, [])
        identity = f"{number}-{row['origin']}-{row['ordinal']}"
        yield Document("segments", identity, _known({
            **shared,
            "document": identity,
            "text": row["text"],
            "language": row["language"],
            "encoding": row["encoding"],
            "origin": row["origin"],
            "ordinal": row["ordinal"],
            **{n: segment.get(n) for n in ("field", "page", "sheet", "row", "start_ms", "end_ms", "reliable")},
            "machine": segment.get("model"),
            "translation": english.get("text"),
            "translation_machine": english.get("model"),
            "translation_reliable": english.get("reliable"),
            "translation_status": english.get("status"),
            "entities": sorted({e for m in named for e in (m.get("normal"), m.get("link")) if e}) or None,
            "mentions": sorted({f"{m['type']}:{m.get('link') or m.get('normal') or m['text']}" for m in named}) or None,
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
    reads=("contents", "recognised_text", "transcripts", "languages", "translations", "entities"),
    ingredients={"documents": Ingredient(version=2)},
    apply=apply,
    slice_items=500,
    limits=Limits(seconds=60, seconds_per_mb=10),
    by_item=True,
)
