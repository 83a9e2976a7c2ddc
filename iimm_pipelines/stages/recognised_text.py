"""Recognised text: lines that a machine read from pictures and from PDF pages without usable text.

Here: which items need it, which lines are kept and which are trusted.
Not here: drawing pages and running Tesseract (formats/ocr), text that stands in a file (contents).

A line is judged as a whole: single Burmese words are read rightly with a confidence of 6 %, while nearly all that is
read into a photograph of a street or a wall is a line of one to three letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import Outcome, Problem, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats import heif
from iimm_pipelines.formats.parsed import pieces
from iimm_pipelines.formats.raw import PREVIEW
from iimm_pipelines.schema import SEGMENTS

if TYPE_CHECKING:
    from iimm_pipelines.formats.ocr import Line, Page, Sizes, Tesseract

_USED = frozenset({"tesseract"})
_PDF = "application/pdf"
_DRAWINGS = frozenset({
    "image/svg+xml", "image/vnd.dwg", "image/vnd.dxf", "image/wmf", "image/emf", "image/x-wmf", "image/x-emf", "image/cgm",
})  # fmt: skip
"""Lines and curves, no pixels. Their text, where they have any, stands in them as text."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Tesseract and what is asked of it."""

    tesseract: Tesseract
    sizes: Sizes
    least_confidence: int
    least_confidence_short: int
    short_letters: int
    reliable_confidence: int


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Find Tesseract and its languages.

    Raises:
        Problem: `unavailable`.
    """
    from iimm_pipelines.formats import ocr

    parameters = ingredients["tesseract"].parameters
    found = ocr.tesseract(parameters["languages"], parameters["layout"])
    if found is None:
        raise Problem(Reason.UNAVAILABLE, _USED)
    return Tool(
        found,
        ocr.Sizes(parameters["least_side"], parameters["most_pixels"], parameters["most_pages"]),
        parameters["least_confidence"],
        parameters["least_confidence_short"],
        parameters["short_letters"],
        parameters["reliable_confidence"],
    )


def triage(task: Task) -> Outcome | None:
    """Pictures, and PDFs with pages that have no text or a broken one."""
    document = _document(task)
    if document is None:
        return ended(Reason.NO_INPUT, frozenset())
    if PREVIEW in _facts(document):  # an item of its own, which is read instead
        return ended(Reason.NO_NEED, frozenset())
    if document["media_type"] != _PDF:
        drawn = document["media_type"] in _DRAWINGS
        return None if document["kind"] == "picture" and not drawn else ended(Reason.WRONG_KIND, frozenset())
    facts = _facts(document)
    if "pages" not in facts:  # encrypted, or so damaged that nobody can say what it shows
        return ended(Reason.NO_INPUT, frozenset())
    return None if facts.get("page_needs_ocr") else ended(Reason.NO_NEED, frozenset())


def apply(tool: Tool, task: Task) -> Outcome:
    """The lines of one picture or PDF."""
    from iimm_pipelines.formats import ocr

    assert task.file is not None
    document = _document(task)
    assert document is not None
    used = _USED | {"heif"} if document["media_type"] in heif.TYPES else _USED
    problem = None
    rows: list[Row] = []
    try:
        if document["media_type"] != _PDF:
            _read(tool, ocr.picture_pages(task.file, document["media_type"], tool.sizes), rows)
        else:
            with ocr.opened_pdf(task.file, list(task.hints.get("passwords", ()))) as drawing:
                used = _USED | {HINTS} if drawing.needed_password else _USED
                numbers = [int(n) for n in _facts(document)["page_needs_ocr"].split(",")]
                _read(tool, drawing.pages(numbers, tool.sizes), rows)
    except ocr.Unreadable as unreadable:
        problem = unreadable.reason
    tables = {"segments": rows}
    if problem is Reason.ENCRYPTED:  # another password may open it
        return ended(problem, used | {HINTS}, tables)
    if problem:
        return ended(problem, used, tables)
    return produced(tables, used) if rows else ended(Reason.NO_TEXT, used)


def _read(tool: Tool, pages: Iterator[Page], rows: list[Row]) -> None:
    """Add the lines of each page, so that those of earlier pages stand when a later one cannot be drawn."""
    for page in pages:
        for line in filter(partial(_kept, tool), tool.tesseract.read(page.image)):
            rows.extend(
                {
                    "text": text, "field": "line", "page": page.number, "box": list(line.box),
                    "confidence": line.confidence, "reliable": line.confidence >= tool.reliable_confidence,
                    "model": tool.tesseract.name,
                }
                for text in pieces(line.text)
            )  # fmt: skip


def _kept(tool: Tool, line: Line) -> bool:
    least = tool.least_confidence_short if line.letters < tool.short_letters else tool.least_confidence
    return line.letters > 0 and line.confidence >= least


def _document(task: Task) -> Mapping[str, Any] | None:
    rows: Sequence[Mapping[str, Any]] = task.upstream["contents"].tables.get("document", ())
    return rows[0] if rows else None


def _facts(document: Mapping[str, Any]) -> dict[str, str]:
    return {fact["name"]: fact["value"] for fact in document.get("metadata") or ()}


# Confidences: of 121 lines read rightly (similarity 0.8 or more) 0.8 % have a mean below 40 % and 5 % below 60 %. Of
# 1,302 lines that were read into 45 photographs, 4.5 % have four letters or more and 40 %, 1.4 % so many and 60 %.
# 6 million pixels: an A4 page at 265 dots an inch; a photograph full of texture then takes 3 s, at 12 million 5 s.
STAGE = Stage(
    name="recognised_text",
    version=1,
    tables=(SEGMENTS,),
    reads=("contents",),
    source=Source.BYTES,
    ingredients={
        "heif": Ingredient(),
        "tesseract": Ingredient(
            parameters={
                "languages": "mya+eng",
                "layout": 11,  # sparse text: as much as can be found, wherever it stands
                "least_side": 32,
                "most_pixels": 6_000_000,
                "most_pages": 500,
                "least_confidence": 400_000,
                "least_confidence_short": 800_000,
                "short_letters": 4,
                "reliable_confidence": 600_000,
            }
        ),
    },
    load=load,
    apply=apply,
    triage=triage,
    slice_items=100,
    # A megabyte may hold a hundred scanned pages of 5 s each; a page of a few bytes may be full of texture.
    limits=Limits(seconds=300, seconds_per_mb=600),
    hints=("passwords",),
)
