"""Files that a PDF carries: those of the document, as in portfolios, and those pinned to a page.

Here: their names, bytes and times, by PDFium.
Not here: text and notes of the pages (pdf).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import times
from iimm_pipelines.formats.parsed import Member, Relation, clean
from iimm_pipelines.formats.scratch import LimitReached, Scratch


def attached(document: Any, pages: Sequence[int], folder: Scratch) -> tuple[list[Member], int]:
    """Members, and how many files the PDF says it has; `pages` are those, from 1, with files pinned to them."""
    from pypdfium2 import PdfiumError

    members: list[Member] = []
    expected = 0
    for attachment, where in _attachments(document, pages):
        expected += 1
        member = Member(b"attachment-%03d" % expected, Relation.ATTACHMENT, None, 0, metadata=where)
        if members and members[-1].problem is Reason.LIMIT_REACHED:
            continue  # they are still counted
        try:
            if attachment is None:
                raise PdfiumError("no file behind it")
            member = _described(member, attachment)
            written = folder.add([memoryview(attachment.get_data())])
        except PdfiumError:
            members.append(replace(member, problem=Reason.DAMAGED))
        except LimitReached:
            members.append(replace(member, problem=Reason.LIMIT_REACHED))
        else:
            members.append(replace(member, file=written.path, size=written.size))
    return members, expected


def has_pinned(page: Any) -> bool:
    """Whether files are pinned to an open page."""
    import pypdfium2.raw as pdfium

    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                if _pinned(annotation):
                    return True
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)
    return False


def _pinned(annotation: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT)


def _attachments(document: Any, pages: Sequence[int]) -> Iterator[tuple[Any, tuple[tuple[str, str], ...]]]:
    """Each with where it hangs; `None` where PDFium finds no file in what says it is one."""
    import pypdfium2
    import pypdfium2.raw as pdfium

    for index in range(document.count_attachments()):
        try:
            yield document.get_attachment(index), ()
        except pypdfium2.PdfiumError:
            yield None, ()
    for number in pages:
        page = document[number - 1]
        try:
            for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
                annotation = pdfium.FPDFPage_GetAnnot(page, index)
                if not annotation:
                    continue
                try:
                    if _pinned(annotation):
                        raw = pdfium.FPDFAnnot_GetFileAttachment(annotation)
                        yield pypdfium2.PdfAttachment(raw, document) if raw else None, (("page", str(number)),)
                finally:
                    pdfium.FPDFPage_CloseAnnot(annotation)
        finally:
            page.close()


def _described(member: Member, attachment: Any) -> Member:
    name = clean(attachment.get_name()).encode("utf-8") or member.path
    dates = {
        key: clean(attachment.get_str_value(key)) for key in ("CreationDate", "ModDate") if attachment.has_key(key)
    }
    at = times.read(dates.get("ModDate", ""))
    created = (("created", dates["CreationDate"]),) if dates.get("CreationDate") else ()
    known = None if at is None else at.utc_ms
    return replace(member, path=name, modified_ms=known, modified_text=at.iso if at and known is None else None,
                   metadata=member.metadata + created)  # fmt: skip
