"""What stands in a PDF beside the text of its pages: notes, form fields, links, outline, signatures.

Here: reading them through PDFium, each with its page, and the times among them.
Not here: text, attachments and passwords (pdf); whether a signature holds.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

from iimm_pipelines.formats import times
from iimm_pipelines.formats.parsed import clean
from iimm_pipelines.formats.times import Meaning, Time

READER = "pdf"
_DEEPEST = 15
_MOST_ENTRIES = 10_000
_MOST_SIGNATURES = 100
_ROOM = 1 << 20
"""Bytes of one text."""

Note = tuple[str, str]
"""Field of a segment, and its text."""
_Ask = Callable[[Any, int], int]
"""PDFium's way: given a buffer and its length it fills it, and says in any case how long it must be."""


def with_forms(document: Any) -> None:
    """Prepare a document with a form; before its pages are opened."""
    from pypdfium2 import PdfiumError

    try:
        document.init_forms()
    except PdfiumError:  # its fields stay unread
        return


def of_page(document: Any, page: Any) -> tuple[list[Note], list[Time]]:
    """Notes, filled form fields and links of a page, and when its notes were written."""
    import pypdfium2.raw as pdfium

    notes: list[Note] = []
    written: list[Time] = []
    for index in range(min(_MOST_ENTRIES, pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind == pdfium.FPDF_ANNOT_WIDGET:
                notes.extend(_field(document, annotation))
                continue
            if kind == pdfium.FPDF_ANNOT_LINK:
                notes.extend(_link(document, annotation))
            said = _value(annotation, b"Contents")
            if said.strip():
                notes.append(("annotation", said))
                author = _value(annotation, b"T").strip()
                notes.extend([("annotation author", author)] if author else [])
                day = _value(annotation, b"M") or _value(annotation, b"CreationDate")
                stated = times.stated(Meaning.NOTE_WRITTEN, day, READER)
                written.extend([stated] if stated else [])
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
    return notes, written


def outline(document: Any) -> Iterator[tuple[str, int | None]]:
    """Titles of the outline with their pages, counted from 1. A ring in it ends the reading."""
    import pypdfium2.raw as pdfium

    seen: set[int] = set()
    waiting = [(pdfium.FPDFBookmark_GetFirstChild(document, None), 1)]
    while waiting:
        entry, depth = waiting.pop()
        if not entry or ctypes.addressof(entry.contents) in seen or len(seen) >= _MOST_ENTRIES:
            continue
        seen.add(ctypes.addressof(entry.contents))
        waiting.append((pdfium.FPDFBookmark_GetNextSibling(document, entry), depth))
        if depth < _DEEPEST:
            waiting.append((pdfium.FPDFBookmark_GetFirstChild(document, entry), depth + 1))
        title = _asked(lambda b, n, e=entry: pdfium.FPDFBookmark_GetTitle(e, b, n))  # type: ignore[misc]
        target = pdfium.FPDFBookmark_GetDest(document, entry)
        page = pdfium.FPDFDest_GetDestPageIndex(document, target) if target else -1
        if title.strip():
            yield title.strip(), page + 1 if page >= 0 else None


def signatures(document: Any) -> tuple[list[tuple[str, str]], list[Time]]:
    """Forms, reasons and times of signatures, as those who signed state them."""
    import pypdfium2.raw as pdfium

    facts: list[tuple[str, str]] = []
    signed: list[Time] = []
    for index in range(min(_MOST_SIGNATURES, pdfium.FPDF_GetSignatureCount(document))):
        found = pdfium.FPDF_GetSignatureObject(document, index)
        if not found:
            continue
        form = _octets(lambda b, n, s=found: pdfium.FPDFSignatureObj_GetSubFilter(s, b, n))  # type: ignore[misc]
        facts.append((f"signature {index + 1}", clean(form.decode("latin-1"))))
        reason = _asked(lambda b, n, s=found: pdfium.FPDFSignatureObj_GetReason(s, b, n))  # type: ignore[misc]
        facts.extend([(f"signature {index + 1} reason", reason.strip())] if reason.strip() else [])
        when = _octets(lambda b, n, s=found: pdfium.FPDFSignatureObj_GetTime(s, b, n)).decode("latin-1")  # type: ignore[misc]
        stated = times.stated(Meaning.SIGNED, when, READER)
        signed.extend([stated] if stated else [])
    return facts, signed


def _field(document: Any, annotation: Any) -> Iterator[Note]:
    import pypdfium2.raw as pdfium

    if not document.formenv:
        return
    form = document.formenv.raw
    name = _asked(lambda b, n: pdfium.FPDFAnnot_GetFormFieldName(form, annotation, b, n)).strip()
    value = _asked(lambda b, n: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, b, n)).strip()
    if value:
        yield "form field", f"{name}: {value}" if name else value


def _link(document: Any, annotation: Any) -> Iterator[Note]:
    import pypdfium2.raw as pdfium

    link = pdfium.FPDFAnnot_GetLink(annotation)
    action = pdfium.FPDFLink_GetAction(link) if link else None
    if action:
        address = _octets(lambda b, n: pdfium.FPDFAction_GetURIPath(document, action, b, n))
        if address:
            yield "link", clean(address.decode("utf-8", errors="replace"))


def _value(annotation: Any, key: bytes) -> str:
    import pypdfium2.raw as pdfium

    def ask(buffer: Any, length: int) -> int:
        wide = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)) if buffer is not None else None
        return int(pdfium.FPDFAnnot_GetStringValue(annotation, key, wide, length))

    return clean(_octets(ask, end=2).decode("utf-16-le", errors="replace"))


def _asked(ask: _Ask) -> str:
    def wide(buffer: Any, length: int) -> int:
        try:
            return ask(buffer, length)
        except ctypes.ArgumentError:  # some take 16-bit units where others take bytes
            return ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)

    return clean(_octets(wide, end=2).decode("utf-16-le", errors="replace"))


def _octets(ask: _Ask, end: int = 1) -> bytes:
    """What PDFium answers, without its zeros at the end."""
    size = ask(None, 0)
    if not end < size <= _ROOM:
        return b""
    buffer = ctypes.create_string_buffer(size)
    ask(buffer, size)
    return buffer.raw[: size - end]
