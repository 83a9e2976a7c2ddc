"""Recognised text: lines that a machine read from pictures, from PDF pages without usable text, and from films.

Here: which items need it, which lines are kept and which are trusted, which pages are for people.
Not here: opening pictures (formats/pages, formats/frames), reading a page (formats/reading), text that stands in a file
(contents).

A line is judged as a whole: single Burmese words are read rightly with a confidence of 6 %, while nearly all that is
read into a photograph of a street or a wall is a line of one to three letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.burmese.legibility import legible
from iimm_pipelines.engine.outcome import Outcome, Problem, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats import heif
from iimm_pipelines.formats.parsed import pieces
from iimm_pipelines.formats.raw import PREVIEW
from iimm_pipelines.schema import PAGES_READ, SEGMENTS

if TYPE_CHECKING:
    from iimm_pipelines.formats.ocr import Line
    from iimm_pipelines.formats.pages import Page, Sizes
    from iimm_pipelines.formats.reading import Reader, Reading

_LOOKED_AT = frozenset({"page"})
_READ = frozenset({"page", "tesseract"})
_PDF = "application/pdf"
_FILM = "film"
_DRAWINGS = frozenset({
    "image/svg+xml", "image/vnd.dwg", "image/vnd.dxf", "image/wmf", "image/emf", "image/x-wmf", "image/x-emf", "image/cgm",
})  # fmt: skip
"""Lines and curves, no pixels. Their text, where they have any, stands in them as text."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Trust:
    """Which lines are kept and which are trusted. Confidences and shares in millionths."""

    least_confidence: int
    least_confidence_short: int
    short_letters: int
    reliable_confidence: int
    reliable_legible: int

    def keeps(self, line: Line) -> bool:
        """Whether it is a line at all."""
        least = self.least_confidence_short if line.letters < self.short_letters else self.least_confidence
        return line.letters > 0 and line.confidence >= least

    def relies_on(self, line: Line) -> bool:
        """Whether the machine was sure, and what it read is spelled as writing is."""
        return (line.confidence >= self.reliable_confidence
                and legible(line.text).share * _MILLION >= self.reliable_legible)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tool:
    """Tesseract and what is asked of it."""

    reader: Reader
    sizes: Sizes
    trust: Trust
    every_ms: int
    most_frames: int


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Find Tesseract and its languages; load the libraries once, so that they do not count as an item's memory.

    Raises:
        Problem: `unavailable`.
    """
    import scipy.ndimage  # noqa: F401

    from iimm_pipelines.formats import ocr
    from iimm_pipelines.formats.pages import Sizes
    from iimm_pipelines.formats.reading import Reader

    asked, page, frames = (ingredients[name].parameters for name in ("tesseract", "page", "frames"))
    found = ocr.tesseract(asked["languages"])
    if found is None:
        raise Problem(Reason.UNAVAILABLE, _READ)
    return Tool(
        Reader(found, asked["layout"], asked["block_layout"]),
        Sizes(page["least_side"], page["most_pixels"], page["most_pages"]),
        Trust(asked["least_confidence"], asked["least_confidence_short"], asked["short_letters"],
              asked["reliable_confidence"], asked["reliable_legible"]),
        frames["every_ms"],
        frames["most_frames"],
    )  # fmt: skip


def triage(task: Task) -> Outcome | None:
    """Pictures, films, and PDFs with pages that have no text, a broken one, or one that two readers read differently."""
    document = _document(task)
    if document is None:
        return ended(Reason.NO_INPUT, frozenset())
    if PREVIEW in _facts(document):  # an item of its own, which is read instead
        return ended(Reason.NO_NEED, frozenset())
    if document["media_type"] != _PDF:
        shown = document["kind"] == "picture" and document["media_type"] not in _DRAWINGS
        return None if shown or document["kind"] == _FILM else ended(Reason.WRONG_KIND, frozenset())
    facts = _facts(document)
    if "pages" not in facts:  # encrypted, or so damaged that nobody can say what it shows
        return ended(Reason.NO_INPUT, frozenset())
    return None if facts.get("page_needs_ocr") else ended(Reason.NO_NEED, frozenset())


@dataclass(slots=True)
class _Found:
    """Rows as they come, so that those of earlier pages stand when a later one cannot be drawn."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    pages: list[Row] = field(default_factory=list)

    @property
    def tables(self) -> dict[str, list[Row]]:
        return {"segments": list(self.lines), "pages_read": self.pages}


def apply(tool: Tool, task: Task) -> Outcome:
    """The lines of one picture, PDF or film."""
    from iimm_pipelines.formats import frames, pages

    assert task.file is not None
    document = _document(task)
    assert document is not None
    media_type = document["media_type"]
    beside: frozenset[str] = frozenset({"heif"}) if media_type in heif.TYPES else frozenset()
    found = _Found()
    problem = None
    try:
        if document["kind"] == _FILM:
            beside = frozenset({"frames"})
            _read_film(tool, frames.frames(task.file, tool.every_ms, tool.most_frames), found)
        elif media_type != _PDF:
            _read(tool, pages.picture_pages(task.file, media_type, tool.sizes), found)
        else:
            with pages.opened_pdf(task.file, list(task.hints.get("passwords", ()))) as drawing:
                beside = frozenset({HINTS}) if drawing.needed_password else beside
                numbers = [int(n) for n in _facts(document)["page_needs_ocr"].split(",")]
                _read(tool, drawing.pages(numbers, tool.sizes), found)
    except pages.Unreadable as unreadable:
        problem = unreadable.reason
    was_read = problem is not None or any(row["way"] for row in found.pages)
    used = beside | (_READ if was_read else _LOOKED_AT)
    if problem is Reason.ENCRYPTED:  # another password may open it
        return ended(problem, used | {HINTS}, found.tables)
    if problem:
        return ended(problem, used, found.tables)
    if found.lines:
        return produced(found.tables, used)
    return ended(Reason.NO_TEXT if was_read else Reason.PLAINLY_NO_TEXT, used, found.tables)


def _read(tool: Tool, shown: Iterator[Page], found: _Found) -> None:
    for page in shown:
        reading = tool.reader.read(page.image)
        kept = [line for line in reading.lines if tool.trust.keeps(line)] if reading else []
        found.pages.append(_page(tool, page, reading, kept))
        for line in kept:
            found.lines.extend(_segment(tool, line, text, page=page.number) for text in pieces(line.text))


def _read_film(tool: Tool, shown: Iterator[Page], found: _Found) -> None:
    """Lines of frames, each with the time through which it stands there; where it moves, at its first place."""
    standing: list[dict[str, Any]] = []
    for page in shown:
        reading = tool.reader.read(page.image, any_way_up=False)
        kept = [line for line in reading.lines if tool.trust.keeps(line)] if reading else []
        if reading:
            found.pages.append(_page(tool, page, reading, kept))
        before, standing = standing, []
        for line in kept:
            for text in pieces(line.text):
                same = next((row for row in before if _alike(row["text"], text)), None)
                if same is None:
                    same = _segment(tool, line, text, start_ms=page.at_ms)
                    found.lines.append(same)
                elif line.confidence > same["confidence"]:
                    same.update(_segment(tool, line, text, start_ms=same["start_ms"]))
                standing.append(same)
        for row in (*before, *standing):
            row["end_ms"] = page.at_ms


def _alike(text: str, other: str) -> bool:
    """Whether two frames show the same line: a letter or two is read differently from one to the next."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, text, other, autojunk=False).ratio() > _ALIKE


_ALIKE = 0.8


def _segment(
    tool: Tool, line: Line, text: str, *, page: int | None = None, start_ms: int | None = None
) -> dict[str, Any]:
    return {
        "text": text, "field": "line", "page": page, "box": list(line.box), "start_ms": start_ms,
        "confidence": line.confidence, "reliable": tool.trust.relies_on(line), "model": tool.reader.tesseract.name,
    }  # fmt: skip


def _page(tool: Tool, page: Page, reading: Reading | None, kept: Sequence[Line]) -> Row:
    from iimm_pipelines.formats.reading import unread_rows

    if reading is None:
        return {"page": page.number, "at_ms": page.at_ms, "way": None}
    relied_on = [line for line in kept if tool.trust.relies_on(line)]
    rows = unread_rows(reading, relied_on) if page.at_ms is None else []
    return {
        "page": page.number, "at_ms": page.at_ms, "way": reading.way, "turned": reading.turned,
        "skew": round(reading.skew * 1000), "legible": round(reading.legible.share * _MILLION),
        "handwriting": [at for row in rows for at in row] or None,
    }  # fmt: skip


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
    version=2,
    tables=(SEGMENTS, PAGES_READ),
    reads=("contents",),
    source=Source.BYTES,
    ingredients={
        "heif": Ingredient(),
        "page": Ingredient(parameters={"least_side": 32, "most_pixels": 6_000_000, "most_pages": 500}),
        "frames": Ingredient(parameters={"every_ms": 2_000, "most_frames": 600}),
        "tesseract": Ingredient(
            version=2,
            parameters={
                "languages": "mya+eng",
                "layout": 11,  # sparse text: as much as can be found, wherever it stands
                "block_layout": 6,  # of the small copy
                "least_confidence": 400_000,
                "least_confidence_short": 800_000,
                "short_letters": 4,
                "reliable_confidence": 600_000,
                "reliable_legible": 700_000,
            },
        ),
    },
    load=load,
    apply=apply,
    triage=triage,
    slice_items=100,
    # A megabyte may hold a hundred scanned pages of 10 s each; a page of a few bytes may be full of texture.
    limits=Limits(seconds=600, seconds_per_mb=1200),
    hints=("passwords",),
)
