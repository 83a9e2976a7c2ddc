"""Contents: what an object is, and what one parse of it yields: metadata, members, segments of text.

Here: detection, the reader for the type, and their results as rows.
Not here: the readers (formats/), the numbers of members (engine/run).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import MadeFile, Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats import parsed
from iimm_pipelines.schema import DOCUMENT, MEMBERS, SEGMENTS

if TYPE_CHECKING:
    from iimm_pipelines.formats.detect import Tools
    from iimm_pipelines.formats.tika import Tika

READERS = {"text": 1, "html": 1, "mail": 2, "zip": 2, "archive": 2, "pdf": 2, "tika": 1, "image": 1, "web": 1, "outlook": 1,
           "seven-zip": 1, "stream": 1, "disk": 1, "phone": 1}  # fmt: skip
"""Readers and the version of what each one finds."""


@dataclass(frozen=True, slots=True)
class _Tool:
    detection: Tools
    tika: Tika
    limits: parsed.Limits


def load(ingredients: Mapping[str, Ingredient], models: Path) -> _Tool:
    """Detectors and the Tika worker, which starts with its first document."""
    from iimm_pipelines.formats import detect, tika

    limits = parsed.Limits(**ingredients["detect"].parameters)
    return _Tool(detect.load(), tika.Tika(tika.laid_out(models.parent / "tika")), limits)


def apply(tool: _Tool, task: Task) -> Outcome:
    """Detect and parse one object."""
    from iimm_pipelines.formats.detect import detect

    assert task.file is not None
    found = detect(task.file, b"name" + task.suffix, tool.detection.magic, tool.detection.magika)
    used = frozenset({"detect"})
    result = _parsed(tool, task, found.media_type, ())
    if result.problem is Reason.ENCRYPTED:
        # what the accession's passwords open, or do not, is an outcome of this accession: nobody else gets it carried
        used |= {HINTS}
        if passwords := list(task.hints.get("passwords", ())):
            result = _parsed(tool, task, found.media_type, passwords)
    document: Row = {
        "media_type": found.media_type,
        "kind": str(result.kind),
        "opinions": [{"reader": r, "type": t, "score": s} for r, t, s in found.opinions],
        "conflict": found.conflict,
        "metadata": [{"name": n, "value": v} for n, v in result.metadata],
        "expected_members": result.expected_members,
    }
    tables: dict[str, list[Row]] = {
        "document": [document],
        "members": [_member(m) for m in result.members],
        "segments": [_segment(s) for s in result.segments],
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
                 files)  # fmt: skip


def _parsed(tool: _Tool, task: Task, media_type: str, passwords: Sequence[str]) -> parsed.Parsed:
    """One reading, with a folder of its own for the files that it makes."""
    from iimm_pipelines.formats.read import parse

    assert task.file is not None
    assert task.scratch is not None
    # What was found without a password is found again with one: it must not lie there twice.
    shutil.rmtree(task.scratch / "plain", ignore_errors=True)
    folder = task.scratch / ("opened" if passwords else "plain")
    folder.mkdir()
    return parse(task.file, media_type, b"name" + task.suffix, folder, passwords, tool.limits, tool.tika)


def _member(member: parsed.Member) -> Row:
    return {
        "path": member.path,
        "relation": str(member.relation),
        "size": member.size,
        "modified_ms": member.modified_ms,
        "modified_text": member.modified_text,
        "problem": str(member.problem) if member.problem else None,
        "url": member.url,
        "captured_ms": member.captured_ms,
        "metadata": [{"name": n, "value": v} for n, v in member.metadata] or None,
    }


def _segment(segment: parsed.Segment) -> dict[str, Any]:
    return {
        "text": segment.text,
        "field": segment.field,
        "page": segment.page,
        "paragraph": segment.paragraph,
        "sheet": segment.sheet,
        "row": segment.row,
    }


_LIMITS = {n: getattr(parsed.Limits(), n) for n in parsed.Limits.__dataclass_fields__}

STAGE = Stage(
    name="contents",
    version=1,
    tables=(DOCUMENT, MEMBERS, SEGMENTS),
    source=Source.BYTES,
    ingredients={"detect": Ingredient(version=2, parameters=_LIMITS)}
    | {name: Ingredient(version=version) for name, version in READERS.items()},
    load=load,
    apply=apply,
    slice_items=500,
    limits=Limits(seconds=90, seconds_per_mb=4),
    by_suffix=True,
    hints=("passwords",),
    makes_items=True,
)
