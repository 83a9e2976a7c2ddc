"""Contents: what an object is, and what one parse of it yields: metadata, members, segments of text, records.

Here: detection, the reader for the type, and their results as rows.
Not here: the readers (formats/), the numbers of members (engine/run).
"""

from __future__ import annotations

import math
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import MadeFile, Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats import parsed
from iimm_pipelines.formats.positions import Position
from iimm_pipelines.formats.pronom import SIEGFRIED, SIGNATURES
from iimm_pipelines.formats.records import as_row
from iimm_pipelines.formats.times import Time
from iimm_pipelines.schema import DOCUMENT, MEMBERS, POSITIONS, RECORDS, SEGMENTS, TIMES

if TYPE_CHECKING:
    from pygfried import Scanner

    from iimm_pipelines.formats.detect import Detected, Tools
    from iimm_pipelines.formats.records import Record
    from iimm_pipelines.formats.tika import Tika

READERS = ("text", "html", "mail", "zip", "archive", "pdf", "tika", "image", "media", "geo", "facts", "c2pa", "raw",
           "chat", "table", "subtitles", "web", "outlook", "seven-zip", "stream", "disk", "phone", "bag", "sets")  # fmt: skip


_SHARE_OF_TIME = 0.7
"""Of an item's time; the rest is for rows: those of a million members take some 20 s."""


@dataclass(frozen=True, slots=True)
class _Tool:
    detection: Tools
    pronom: Scanner
    tika: Tika
    limits: parsed.Limits


def load(ingredients: Mapping[str, Ingredient], models: Path) -> _Tool:
    """Detectors and the Tika worker, which starts with its first document."""
    from iimm_pipelines.engine import isolation
    from iimm_pipelines.formats import detect, pronom, tika

    limits = parsed.Limits(**ingredients["detect"].parameters)
    java = tika.Tika(tika.laid_out(models.parent / "tika"), shared=isolation.shared_scratch())
    return _Tool(detect.load(), pronom.load(), java, limits)


def ready(tool: _Tool) -> None:
    """Start Java, which of a shard of received files nearly always some need."""
    tool.tika.begin()


def apply(tool: _Tool, task: Task) -> Outcome:
    """Detect and parse one object, or a set at its head."""
    from iimm_pipelines.formats import pieces, pronom
    from iimm_pipelines.formats.detect import CERTAIN, detect

    assert task.file is not None
    telling = pieces.telling(task.file)
    found = detect(telling, b"name" + task.suffix, tool.detection.magic, tool.detection.magika)
    opinions = [*found.opinions, *((r, t, CERTAIN) for r, t in pronom.opinions(tool.pronom, telling))]
    used = frozenset({"detect", "pronom"})
    of = task.set
    if of is not None:
        used |= pieces.USED
        if not pieces.agrees(of, found.media_type):
            task, of = replace(task, file=pieces.alone(of, task.file), set=None), None
        elif of.head is not None and not of.pieces:
            single = replace(task, set=None)
            plainly = pieces.plainly_a_piece(of, found.media_type)
            result = None if plainly else _parsed(tool, single, found.media_type, ())
            if result is None or not pieces.stands_alone(result):
                piece = parsed.Parsed(parsed.FileKind.DATA, metadata=pieces.said_of_piece(of))
                return ended(Reason.PIECE, used, {"document": [_document(found, opinions, piece)]})
            task, of = single, None
            _emptied(task)
    result = _parsed(tool, task, found.media_type, ())
    if result.problem is Reason.ENCRYPTED:
        # what the accession's passwords open, or do not, is an outcome of this accession: nobody else gets it carried
        used |= {HINTS}
        if passwords := list(task.hints.get("passwords", ())):
            _emptied(task)
            result = _parsed(tool, task, found.media_type, passwords)
    tables: dict[str, list[Row]] = {
        "document": [_document(found, opinions, result)],
        "members": [_member(m) for m in result.members],
        "records": _records(result.records),
        "segments": [_segment(s) for s in result.segments],
        "times": [_time(t) for t in result.times],
        "positions": [_position(p) for p in result.positions],
    }
    files = tuple(MadeFile("members", i, m.file) for i, m in enumerate(result.members) if m.file is not None)
    used |= result.used
    if task.size == 0:
        return ended(Reason.NO_BYTES, used, tables)
    if result.problem is None:
        return produced(tables, used, files)
    if result.problem is Reason.ENCRYPTED:  # another password may open it, another reader may not
        return ended(result.problem, used, tables, files)
    return ended(result.problem, None if result.problem.again or result.problem is Reason.UNSUPPORTED else used, tables,
                 files, pieces.detail(of))  # fmt: skip


def _document(found: Detected, opinions: Sequence[tuple[str, str, int]], result: parsed.Parsed) -> Row:
    return {
        "media_type": found.media_type,
        "kind": str(result.kind),
        "opinions": [{"reader": r, "type": t, "score": s} for r, t, s in opinions],
        "conflict": found.conflict,
        "metadata": [{"name": n, "value": v} for n, v in result.metadata],
        "expected_members": result.expected_members,
    }


def _emptied(task: Task) -> None:
    """Empty an item's folder: what an earlier reading wrote must not lie there twice."""
    assert task.scratch is not None
    shutil.rmtree(task.scratch)
    task.scratch.mkdir()


def _parsed(tool: _Tool, task: Task, media_type: str, passwords: Sequence[str]) -> parsed.Parsed:
    """One reading, into an empty folder."""
    from iimm_pipelines.formats import pieces
    from iimm_pipelines.formats.read import parse

    assert task.file is not None
    assert task.scratch is not None
    limits = replace(tool.limits, until=_until())
    what = (task.file, media_type, b"name" + task.suffix, task.scratch, passwords, limits, tool.tika)
    found = parse(*what) if task.set is None else pieces.read(task.set, *what)
    late = found.problem is Reason.LIMIT_REACHED and time.monotonic() > limits.until
    return replace(found, problem=Reason.TIMED_OUT) if late else found


def _until() -> float:
    """When reading members ends, so that what was found still comes out before the kernel's alarm ends this worker."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    return time.monotonic() + left * _SHARE_OF_TIME if left else math.inf


def _member(member: parsed.Member) -> Row:
    """What is not known is left out: a container may have a million."""
    row = {
        "path": member.path,
        "relation": str(member.relation),
        "size": _whole(member.size),
        "modified_ms": _whole(member.modified_ms),
        "modified_text": member.modified_text,
        "problem": str(member.problem) if member.problem else None,
        "url": member.url,
        "captured_ms": member.captured_ms,
        "captured_text": member.captured_text,
        "metadata": [{"name": n, "value": v} for n, v in member.metadata] or None,
        "name": member.name,
    }
    return {n: v for n, v in row.items() if v is not None}


def _records(records: Sequence[Record]) -> list[Row]:
    """Most rows of a table share one record: it is written once, and so sent once to the parent."""
    made: dict[int, Row] = {}
    for record in records:
        if id(record) not in made:
            made[id(record)] = as_row(record)
    return [made[id(record)] for record in records]


def _time(time: Time) -> Row:
    return {"meaning": str(time.meaning), "of": str(time.meaning.of), "written": time.at.written, "iso": time.at.iso,
            "offset_minutes": time.at.offset_minutes, "utc_ms": time.at.utc_ms, "reader": time.reader}  # fmt: skip


def _position(position: Position) -> Row:
    return {
        "of": str(position.of),
        "latitude": position.latitude,
        "longitude": position.longitude,
        "altitude_mm": position.altitude_mm,
        "accuracy_mm": position.accuracy_mm,
        "name": position.name or None,
        "written": position.written or None,
        "reference": position.reference,
        "points": position.points,
        "bounds": list(position.bounds) if position.bounds else None,
        "along": list(position.along) or None,
        "reader": position.reader,
    }


def _whole(claimed: int | None) -> int | None:
    """What a container claims, where a row can hold it: a lie of 2^60 bytes is not worth a failure."""
    return claimed if claimed is not None and abs(claimed) < 2**53 else None


def _segment(segment: parsed.Segment) -> dict[str, Any]:
    """What is not known is left out: of a million rows, each key counts."""
    row: dict[str, Any] = {"text": segment.text, "field": segment.field}
    if segment.cells:
        row["cells"] = list(segment.cells)
    for name in _PLACES:
        if (value := getattr(segment, name)) is not None:
            row[name] = value
    return row


_PLACES = ("page", "paragraph", "sheet", "row", "record", "start_ms", "end_ms", "reliable")

_LIMITS = {n: getattr(parsed.Limits(), n) for n in parsed.Limits.__dataclass_fields__ if n != "until"}

STAGE = Stage(
    name="contents",
    version=2,
    tables=(DOCUMENT, MEMBERS, RECORDS, SEGMENTS, TIMES, POSITIONS),
    source=Source.BYTES,
    ingredients={"detect": Ingredient(version=5, parameters=_LIMITS)}
    | {r: Ingredient() for r in READERS}
    | {n: Ingredient(version=2) for n in ("facts", "mail", "web", "outlook", "html", "zip", "archive", "seven-zip")}
    | {n: Ingredient(version=3) for n in ("table", "chat", "image", "disk")}
    | {"pdf": Ingredient(version=4)}
    | {"pronom": Ingredient(parameters={"siegfried": SIEGFRIED, "signatures": SIGNATURES})},
    load=load,
    ready=ready,
    apply=apply,
    slice_items=500,
    limits=Limits(seconds=105, seconds_per_mb=4),
    by_suffix=True,
    by_set=True,
    hints=("passwords",),
    makes_items=True,
)
