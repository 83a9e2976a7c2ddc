"""Files that a PDF carries: those of the document, as in portfolios, and those pinned to a page.

Here: their names, bytes and times, by PDFium.
Not here: text and notes of the pages (pdf).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import Member, Relation, clean
from iimm_pipelines.formats.scratch import LimitReached, Scratch

_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:(Z)|([+-])(\d\d)(?:'?(\d\d))?)?")
"""ISO 32000-1, 7.9.4."""


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
    at = _time(dates.get("ModDate", ""))
    created = (("created", dates["CreationDate"]),) if dates.get("CreationDate") else ()
    if at is None:
        return replace(member, path=name, metadata=member.metadata + created)
    if at.tzinfo is None:
        return replace(member, path=name, modified_text=at.isoformat(), metadata=member.metadata + created)
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return replace(member, path=name, modified_ms=milliseconds, metadata=member.metadata + created)


def _time(written: str) -> datetime | None:
    match = _DATE.match(written)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) if part else None for part in match.groups()[:6])
    zone = None
    if match[7]:
        zone = UTC
    elif match[8]:
        offset = timedelta(hours=int(match[9]), minutes=int(match[10] or 0))
        zone = timezone(offset if match[8] == "+" else -offset) if offset < timedelta(days=1) else None
    try:
        return datetime(year or 0, month or 1, day or 1, hour or 0, minute or 0, second or 0, tzinfo=zone)
    except ValueError:
        return None
