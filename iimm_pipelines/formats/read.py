"""One way in: a path and its type, and the reader that reads it.

Here: which reader stands for which type.
Not here: how the type was found (detect), and each format's own knowledge (the modules beside this one).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import (
    apple_mail,
    archive,
    delimited,
    disk,
    geo,
    geo_xml,
    html,
    image,
    mail,
    media,
    outlook,
    packed_bag,
    pdf,
    pdf_readers,
    phone,
    raw,
    seven_zip,
    signatures,
    streams,
    subtitles,
    text,
    web_archive,
    workbook,
    zipped,
)
from iimm_pipelines.formats.chats import signs
from iimm_pipelines.formats.detect import EMLX, EMPTY, UNKNOWN, is_text
from iimm_pipelines.formats.facts import with_facts
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation
from iimm_pipelines.formats.tika import Tika

_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_ZIPS = frozenset({
    "application/zip", "application/java-archive", "application/vnd.android.package-archive",
    "application/vnd.google-earth.kmz",
})  # fmt: skip
_ARCHIVES = frozenset({
    "application/x-7z-compressed", "application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz",
    "application/zstd", "application/x-lz4", "application/x-lzma", "application/x-lzip", "application/x-compress",
    "application/vnd.ms-cab-compressed", "application/x-iso9660-image", "application/x-archive", "application/x-cpio",
    "application/vnd.rar", "application/x-rpm", "application/vnd.debian.binary-package", "application/x-debian-package",
    "application/x-lzh-compressed", "application/x-lha", "application/x-lharc",
    "application/x-unix-archive",
})  # fmt: skip
_BY_SEVEN_ZIP = frozenset({
    "application/x-ms-wim", "application/vnd.squashfs", "application/x-apple-diskimage", "application/x-udf",
    "application/x-xar",
})  # fmt: skip
_MAILBOXES = frozenset({"application/vnd.ms-outlook-pst", "application/x-outlook-pst"})
_OFFICE = frozenset({
    "application/msword", "application/rtf", "application/x-ole-storage", "application/encrypted", "application/x-hwp",
    "application/x-tnef", "application/onenote", "application/msonenote", "application/x-chm", "application/epub+zip", "application/oxps",
    "application/x-msaccess", "application/x-dbf", "image/vnd.dwg",
})  # fmt: skip
_METAFILES = frozenset({"image/wmf", "image/x-wmf", "image/emf", "image/x-emf"})
"""Pictures made of lines and words, from office documents."""
_OFFICE_FAMILIES = (
    "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "application/vnd.ms-",
    "application/vnd.sun.xml.", "application/vnd.apple.", "application/x-iwork-", "application/vnd.visio",
)  # fmt: skip
_OTHER_KINDS = (("image/", FileKind.PICTURE), ("audio/", FileKind.SOUND), ("video/", FileKind.FILM))
_TABLES = frozenset({"text/csv", "text/tab-separated-values"})
_RECORDS = signs.TYPES | subtitles.TYPES | _TABLES
_SMALL_ENOUGH_TO_TRY = 1 << 16


def parse(path: Path, media_type: str, name_hint: bytes, scratch: Path, passwords: Sequence[str], limits: Limits,
          tika: Tika | None = None) -> Parsed:  # fmt: skip
    """Read one file with the reader for its type. Bad input ends in `Parsed.problem`, never in an exception."""
    if media_type == EMPTY:
        return Parsed(FileKind.DATA)
    return with_facts(_read(path, media_type, name_hint, scratch, passwords, limits, tika), path, media_type)


def _read(path: Path, media_type: str, name_hint: bytes, scratch: Path, passwords: Sequence[str], limits: Limits,
          tika: Tika | None) -> Parsed:  # fmt: skip
    if media_type in _PAGES:
        return html.read(path, limits)
    if media_type in ("message/rfc822", "message/news", "application/x-mimearchive"):
        return mail.read(path, scratch, limits)
    if media_type == EMLX:
        return apple_mail.read(path, scratch, limits)
    if media_type == "application/mbox":
        return mail.read_mbox(path, scratch, limits)
    if media_type in _ZIPS:
        return packed_bag.checked(_zip(path, scratch, passwords, limits, tika))
    if media_type in (signatures.WARC, signatures.ARC):
        return web_archive.read(path, scratch, limits)
    if media_type == "application/wacz":
        return web_archive.read_wacz(path, scratch, passwords, limits)
    if media_type == phone.UFDR:
        return phone.read(path, scratch, passwords, limits)
    if media_type in disk.TYPES:
        return disk.read(path, media_type, scratch, limits)
    if media_type in _ARCHIVES:
        found = archive.read(path, name_hint, scratch, passwords, limits)
        udf = media_type == "application/x-iso9660-image" and archive.is_udf(path)
        if udf or found.problem not in (None, Reason.LIMIT_REACHED):
            found = seven_zip.instead(found, path, scratch, passwords, limits, udf=udf)
        return packed_bag.checked(found)
    if media_type in (streams.ZLIB, streams.SNAPPY):
        return streams.read(path, media_type, name_hint, scratch, limits)
    if media_type in _BY_SEVEN_ZIP:
        try:
            return seven_zip.read(path, scratch, passwords, limits)
        except seven_zip.NotInstalled:
            return Parsed(FileKind.CONTAINER, frozenset({"seven-zip"}), problem=Reason.UNAVAILABLE)
    if media_type == "application/pdf":
        return _read_twice(pdf.read(path, scratch, passwords, limits), path, scratch, passwords, limits, tika)
    if media_type in geo_xml.TYPES:
        return geo_xml.read(path, media_type, limits)
    if media_type == "application/geo+json":
        return geo.read_geojson(path, limits)
    if media_type == "application/vnd.shp":
        return geo.read_shapefile(path, limits)
    if media_type == "application/vnd.shx":  # where to find what the geometry holds, and no more
        return Parsed(FileKind.DATA, geo.USED)
    if media_type in _RECORDS:
        return _records(path, media_type, limits)
    if media_type == "image/svg+xml":
        return text.read(path, limits, FileKind.PICTURE)
    if media_type in _MAILBOXES:
        return outlook.read(path, scratch, limits)
    if media_type in _OFFICE | _METAFILES or media_type.startswith(_OFFICE_FAMILIES):
        kind = _office_kind(media_type)
        if tika is None:
            return Parsed(kind, problem=Reason.UNAVAILABLE)
        found = replace(tika.read(path, scratch, passwords, limits), kind=kind)
        if media_type in workbook.TYPES:
            return workbook.with_rows(path, media_type, found, limits)
        if kind is not FileKind.MESSAGE:
            return workbook.rows_as_records(found)
        return mail.with_record(replace(found, members=_attached(found.members)))
    for family, kind in _OTHER_KINDS:
        if media_type.startswith(family):
            picture = kind is FileKind.PICTURE
            return _picture(path, media_type, scratch, limits) if picture else media.read(path, kind, scratch, limits)
    if media_type == "application/ogg":
        return media.read(path, FileKind.SOUND, scratch, limits)
    if is_text(media_type):
        return text.read(path, limits, FileKind.DOCUMENT)
    if name_hint.lower().endswith(b".br") and (unpacked := streams.read_brotli(path, name_hint, scratch, limits)):
        return unpacked
    return _unknown(path, media_type, scratch, limits, tika)


def _records(path: Path, media_type: str, limits: Limits) -> Parsed:
    """Records, or plain text where a file that began like records has none."""
    if media_type in signs.TYPES:
        found = signs.read(path, media_type, limits)
    elif media_type in subtitles.TYPES:
        found = subtitles.read(path, limits)
    else:
        found = delimited.read(path, limits)
    if found.segments:
        return found
    plain = text.read(path, limits)
    return replace(plain, used=plain.used | found.used, problem=plain.problem or found.problem)


def _zip(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits, tika: Tika | None) -> Parsed:
    """A ZIP by its directory; where that is wrong, Tika goes by the members themselves and may find more."""
    found = zipped.read(path, scratch, passwords, limits)
    bomb = any(name == zipped.OVERLAPPING for name, _ in found.metadata)
    if found.problem is not Reason.DAMAGED or bomb or tika is None:
        return found
    again = tika.read(path, scratch, (), limits)
    if sum(m.file is not None for m in again.members) <= sum(m.file is not None for m in found.members):
        return found
    return replace(again, kind=FileKind.CONTAINER, used=found.used | again.used, problem=Reason.DAMAGED,
                   members=tuple(replace(m, relation=Relation.MEMBER) for m in again.members),
                   metadata=found.metadata, expected_members=found.expected_members)  # fmt: skip


def _read_twice(found: Parsed, path: Path, scratch: Path, passwords: Sequence[str], limits: Limits,
                tika: Tika | None) -> Parsed:  # fmt: skip
    """A PDF with what Tika makes of its right-to-left pages, and of Burmese ones where it reads something else.

    PDFium gives right-to-left pages as they are seen, Tika as they are read. Both stay: what Tika sets right of one script
    it may tear apart of another on the same line.
    """
    backwards = {int(n) for n in dict(found.metadata).get(pdf.RIGHT_TO_LEFT, "").split(",") if n}
    if not backwards and not pdf_readers.burmese_pages(found):
        return found
    if tika is None:
        return pdf_readers.with_second_reader(found, None)
    again = tika.read(path, scratch, passwords, limits)
    read = [s for s in again.segments if s.page and s.field == "text"]
    both = pdf_readers.with_second_reader(found, read if again.problem is None else None)
    in_order = (replace(s, field="text in reading order") for s in read if s.page in backwards)
    return replace(both, used=found.used | {"tika"}, segments=(*both.segments, *in_order))


def _picture(path: Path, media_type: str, scratch: Path, limits: Limits) -> Parsed:
    """A picture's metadata, and of camera raw the preview, which becomes an item."""
    found = image.read(path)
    a_camera = any(name == "exif:Make" for name, _ in found.metadata)
    if media_type not in raw.TYPES and not (media_type == raw.MAY_BE and a_camera):
        return found
    member, problem = raw.preview(path, scratch, limits)
    if member is None:
        return replace(found, used=found.used | {"raw"}, problem=problem if media_type in raw.TYPES else None)
    return replace(found, used=found.used | {"raw"}, members=(member,), problem=problem,
                   metadata=(*found.metadata, (raw.PREVIEW, member.path.decode())))  # fmt: skip


def _office_kind(media_type: str) -> FileKind:
    if media_type in _METAFILES:
        return FileKind.PICTURE
    mail = media_type in ("application/vnd.ms-outlook", "application/x-tnef", "application/vnd.ms-tnef")
    return FileKind.MESSAGE if mail else FileKind.DOCUMENT


def _attached(members: Sequence[Member]) -> tuple[Member, ...]:
    """Files of a message, which Tika calls embedded where the format is a message's only."""
    attachment = Relation.ATTACHMENT
    return tuple(replace(m, relation=attachment) if m.relation is Relation.EMBEDDED else m for m in members)


def _unknown(path: Path, media_type: str, scratch: Path, limits: Limits, tika: Tika | None) -> Parsed:
    """Text where it reads as text, else whatever Tika finds: it knows some hundred rare formats."""
    kind = FileKind.UNKNOWN if media_type == UNKNOWN else FileKind.DATA
    with path.open("rb") as file:
        head = file.read(_SMALL_ENOUGH_TO_TRY)
    if text.looks_like_text(head):
        return replace(text.read(path, limits), kind=kind)
    if tika is None:
        return Parsed(kind, problem=Reason.UNSUPPORTED)
    found = tika.read(path, scratch, (), limits)
    if found.segments or found.members:
        return replace(found, kind=FileKind.DOCUMENT if found.segments else FileKind.CONTAINER)
    known = found.problem in (Reason.ENCRYPTED, Reason.UNAVAILABLE, Reason.OUT_OF_MEMORY, Reason.CRASHED)
    return Parsed(kind, found.used, problem=found.problem if known else Reason.UNSUPPORTED)
