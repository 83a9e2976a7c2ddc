"""PDF: text page by page, attached files, and which pages need to be looked at as pictures.

Here: what PDFium reads without drawing.
Not here: attached files (pdf_attachments), notes, forms and outline (pdf_notes), XMP (xmp), what a second reader makes of
it (pdf_readers), the look of a page and text recognition on it (stages).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import pdf_notes
from iimm_pipelines.formats.parsed import (
    FileKind,
    Limits,
    Member,
    Parsed,
    Segment,
    clean,
    pieces,
    segments_of,
    worst,
)
from iimm_pipelines.formats.pdf_attachments import attached, has_pinned
from iimm_pipelines.formats.pdf_readers import NEEDS_OCR
from iimm_pipelines.formats.scratch import Scratch
from iimm_pipelines.formats.times import Time

RIGHT_TO_LEFT = "page_right_to_left"
"""Name of the fact that says on which pages PDFium's letters stand the wrong way round."""
_USED = frozenset({"pdf"})
_WRONG_PASSWORD = 4
"""FPDF_ERR_PASSWORD: one is needed, or the one given is wrong."""
_MOST_PAGES = 100_000
_JUNK_SHARE = 0.02
"""Share of letters from a broken map above which a Burmese page's text is not what it shows."""
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_BROKEN_HYPHENS = {0x02: "\u00ad", 0xFFFE: "\u00ad"}
"""How PDFium writes a hyphen at a line's end."""


@dataclass(slots=True)
class _Found:
    metadata: list[tuple[str, str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    problem: Reason | None = None


def read(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits) -> Parsed:
    """Read a PDF, with the first password that opens it."""
    import pypdfium2

    code = None
    for password in (None, *passwords):
        try:
            document = pypdfium2.PdfDocument(path, password=password)
        except pypdfium2.PdfiumError as error:
            code = error.err_code
            if code != _WRONG_PASSWORD:
                break
            continue
        try:
            return _parsed(document, Scratch(scratch, limits, path.stat().st_size), limits)
        finally:
            document.close()
    if code == _WRONG_PASSWORD:
        return Parsed(FileKind.DOCUMENT, _USED, problem=Reason.ENCRYPTED)
    return Parsed(FileKind.DOCUMENT, _USED, problem=Reason.DAMAGED if _has_end(path) else Reason.TRUNCATED)


def text_is_junk(text: str) -> bool:
    """Whether a page's letters come from a broken character map.

    Such a page has Burmese letters and, where its fonts' maps are wrong, extended Latin, private ones or U+FFFD. Without
    any Burmese, more than half must be private or U+FFFD: Czech is no junk.
    """
    letters = burmese = extended = private = 0
    for character in text:
        code = ord(character)
        if 0x1000 <= code <= 0x109F:
            burmese += 1
        elif 0x0100 <= code <= 0x024F:
            extended += 1
        elif 0xE000 <= code <= 0xF8FF or code == 0xFFFD:
            private += 1
        elif character.isalpha():
            letters += 1
    counted = letters + burmese + extended + private
    if not burmese:
        return private > counted / 2
    return extended + private > _JUNK_SHARE * counted


def _parsed(document: Any, folder: Scratch, limits: Limits) -> Parsed:
    found = _Found()
    pdf_notes.with_forms(document)
    count = len(document)
    found.metadata.append(("pages", str(count)))
    found.metadata.extend((f"pdf:{key}", clean(value)) for key, value in document.get_metadata_dict(True).items())
    if _revision(document) >= 0:
        found.metadata.append(("encrypted", "true"))
    with_files = _pages(document, min(count, _MOST_PAGES), limits, found)
    if count > _MOST_PAGES:
        found.problem = Reason.LIMIT_REACHED
    for title, number in pdf_notes.outline(document):
        found.segments.extend(Segment(piece, "outline", number) for piece in pieces(title))
    signatures, signed = pdf_notes.signatures(document)
    found.metadata.extend(signatures)
    found.times.extend(signed)
    found.members, expected = attached(document, with_files, folder)
    return Parsed(
        FileKind.DOCUMENT,
        _USED,
        tuple(found.metadata),
        tuple(found.segments),
        tuple(found.members),
        expected,
        found.problem or worst(found.members),
        tuple(found.times),
    )


def _pages(document: Any, count: int, limits: Limits, found: _Found) -> list[int]:
    """Read the pages; give those that files are pinned to."""
    from pypdfium2 import PdfiumError

    left = limits.max_characters
    empty, look, backwards, unreadable, with_files = [], [], [], [], []
    for number in range(1, count + 1):
        if left <= 0:
            found.problem = Reason.LIMIT_REACHED
            break
        try:
            text, notes, written, files = _page(document, number - 1)
        except PdfiumError:
            unreadable.append(number)
            continue
        if files:
            with_files.append(number)
        if not text.strip():
            empty.append(number)
        if not text.strip() or text_is_junk(text):
            look.append(number)
        if _RIGHT_TO_LEFT.search(text):
            backwards.append(number)
        found.segments.extend(segments_of(text[:left], page=number))
        for kind, note in notes:
            found.segments.extend(segments_of(note[:left], field=kind, page=number))
        found.times.extend(written)
        left -= len(text) + sum(len(note) for _, note in notes)
    found.metadata.append(("pages_without_text", str(len(empty))))
    # Pages whose text layer is missing or junk; of right-to-left pages PDFium gives letters as they stand, left to right.
    for name, pages in ((NEEDS_OCR, look), (RIGHT_TO_LEFT, backwards), ("page_unreadable", unreadable)):
        if pages:
            found.metadata.append((name, ",".join(map(str, pages))))
    if unreadable:
        found.problem = found.problem or Reason.DAMAGED
    return with_files


def _page(document: Any, index: int) -> tuple[str, list[pdf_notes.Note], list[Time], bool]:
    """Text, notes and their times, and whether files are pinned to the page."""
    page = document[index]
    try:
        textpage = page.get_textpage()
        try:
            text = clean(textpage.get_text_range().translate(_BROKEN_HYPHENS))
        finally:
            textpage.close()
        return text, *pdf_notes.of_page(document, page), has_pinned(page)
    finally:
        page.close()


def _revision(document: Any) -> int:
    import pypdfium2.raw as pdfium

    return int(pdfium.FPDF_GetSecurityHandlerRevision(document))


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 2048))
        return b"%%EOF" in file.read()
