"""What a file is, by its bytes, with all opinions kept.

Here: libmagic first; a look into ZIPs; the shape of mail, chats and subtitles; Magika where those say only "text" or
nothing, and neither sentences nor a page of HTML are seen; the name as a witness.
Not here: which reader reads it (read), what sentences and pages look like (prose).
"""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.formats import delimited, disk, phone, prose
from iimm_pipelines.formats.apple_mail import FIRST_LINE
from iimm_pipelines.formats.chats.signs import CELLEBRITE, TELEGRAM_PAGE, chat_type
from iimm_pipelines.formats.geo import is_shapefile
from iimm_pipelines.formats.mail import MBOX_LINE
from iimm_pipelines.formats.signatures import by_disk_layout, by_signature
from iimm_pipelines.formats.subtitles import SUBRIP, subtitle_type
from iimm_pipelines.formats.text import decode, looks_like_text
from iimm_pipelines.formats.zipped import BROKEN

if TYPE_CHECKING:
    from magic import Magic
    from magika import Magika

EMPTY = "application/x-empty"
EMLX = "message/x-emlx"
UNKNOWN = "application/octet-stream"
CERTAIN = 1_000_000
"""Score of readers that give none."""

_MAGIKA_BELOW_IS_GUESSING = 0.5
_HEAD = 1 << 16
_OOXML = "application/vnd.openxmlformats-officedocument."
_WORKBOOK = _OOXML + "spreadsheetml.sheet"
"""What libmagic also says of binary workbooks and of those with macros."""
_BY_PART = (
    (b"wordprocessingml.document.main", _OOXML + "wordprocessingml.document"),
    (b"wordprocessingml.template.main", _OOXML + "wordprocessingml.template"),
    (b"ms-word.document.macroEnabled", "application/vnd.ms-word.document.macroenabled.12"),
    (b"spreadsheetml.sheet.main", _WORKBOOK),
    (b"spreadsheetml.template.main", _OOXML + "spreadsheetml.template"),
    (b"ms-excel.sheet.macroEnabled", "application/vnd.ms-excel.sheet.macroenabled.12"),
    (b"ms-excel.sheet.binary", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
    (b"presentationml.presentation.main", _OOXML + "presentationml.presentation"),
    (b"presentationml.slideshow.main", _OOXML + "presentationml.slideshow"),
    (b"presentationml.template.main", _OOXML + "presentationml.template"),
    (b"ms-powerpoint.", "application/vnd.ms-powerpoint.presentation.macroenabled.12"),
    (b"ms-visio.", "application/vnd.ms-visio.drawing"),
    (b"ms-package.xps", "application/vnd.ms-xpsdocument"),
    (b"oxps", "application/oxps"),
)
_BY_ENTRY = (
    ("word/document.xml", _OOXML + "wordprocessingml.document"),
    ("xl/workbook.xml", _WORKBOOK),
    ("ppt/presentation.xml", _OOXML + "presentationml.presentation"),
    ("AndroidManifest.xml", "application/vnd.android.package-archive"),
    ("META-INF/MANIFEST.MF", "application/java-archive"),
    ("datapackage.json", "application/wacz"),
    ("doc.kml", "application/vnd.google-earth.kmz"),
    ("container.description", disk.AFF4),
    ("information.turtle", disk.AFF4),
)
_XML_MARK_WITHIN = 4096
_SIGN_WITHIN = 4096
_BY_XML_MARK = (
    (b"urn:oasis:names:tc:opendocument:xmlns:office", "application/vnd.oasis.opendocument.flat"),
    (b'progid="Word.Document"', "application/vnd.ms-wordml"),
    (b'progid="Excel.Sheet"', "application/vnd.ms-spreadsheetml"),
    (b"http://schemas.microsoft.com/office/2006/xmlPackage", "application/vnd.ms-wordml"),
    (b"pa.cellebrite.com/report", CELLEBRITE),
)
_XML_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.\-]*:)?([A-Za-z_][\w.\-]*)[\s/>]")
_FOUR_BYTES = (
    ("utf-32-le", (codecs.BOM_UTF32_LE, b"<\0\0\0")),
    ("utf-32-be", (codecs.BOM_UTF32_BE, b"\0\0\0<")),
)
_BY_XML_ROOT = {
    b"html": "application/xhtml+xml", b"svg": "image/svg+xml", b"kml": "application/vnd.google-earth.kml+xml",
    b"gpx": "application/gpx+xml", b"trainingcenterdatabase": "application/vnd.garmin.tcx+xml",
}  # fmt: skip
_MAPS = frozenset(_BY_XML_ROOT[root] for root in (b"kml", b"gpx", b"trainingcenterdatabase"))
_GEOJSON = re.compile(
    rb'"type"\s*:\s*"(?:FeatureCollection|Feature)"|'
    rb'^\{\s*"type"\s*:\s*"(?:(?:Multi)?(?:Point|LineString|Polygon)|GeometryCollection)"\s*,\s*"(?:coordinates|geometries)"'
)
_GEOJSON_PARTS = re.compile(rb'"(?:features|geometry|coordinates|geometries)"\s*:')
_NEVER_TEXT = ("image/", "audio/", "video/", "application/x-iso9660-image", "application/zip", "application/gzip")
_HEADER = re.compile(rb"([!-9;-~]{1,76})[ \t]*:")
_MAIL_HEADERS = frozenset({
    b"from", b"to", b"cc", b"subject", b"date", b"received", b"message-id", b"mime-version", b"return-path", b"sender",
    b"delivered-to", b"content-type", b"content-transfer-encoding", b"reply-to", b"x-mailer", b"in-reply-to",
    b"references", b"dkim-signature", b"x-received", b"envelope-to", b"x-original-to",
})  # fmt: skip
_ONLY_IN_MAIL = frozenset({b"from", b"received", b"message-id", b"return-path", b"delivered-to", b"x-received"})
_SAME = {
    "application/x-rar": "application/vnd.rar", "application/x-rar-compressed": "application/vnd.rar",
    "text/rtf": "application/rtf", "application/x-gzip": "application/gzip", "text/xml": "application/xml",
    "application/x-zip-compressed": "application/zip", "audio/x-wav": "audio/wav", "audio/wave": "audio/wav",
    "application/x-bzip": "application/x-bzip2", "video/x-msvideo": "video/avi", "image/x-ms-bmp": "image/bmp",
    "application/cdfv2": "application/x-ole-storage", "application/x-zstd": "application/zstd",
    "application/javascript": "text/javascript", "inode/x-empty": EMPTY, "application/x-tar-gz": "application/gzip",
    "text/x-subrip": SUBRIP, "text/srt": SUBRIP, "application/x-srt": SUBRIP, "text/tsv": "text/tab-separated-values",
    TELEGRAM_PAGE: "text/html",
}  # fmt: skip
_BY_EXTENSION = {
    b"pdf": "application/pdf", b"zip": "application/zip", b"7z": "application/x-7z-compressed",
    b"rar": "application/vnd.rar", b"gz": "application/gzip", b"tar": "application/x-tar",
    b"jpg": "image/jpeg", b"jpeg": "image/jpeg", b"png": "image/png", b"gif": "image/gif", b"tif": "image/tiff",
    b"tiff": "image/tiff", b"webp": "image/webp", b"bmp": "image/bmp", b"heic": "image/heic",
    b"mp3": "audio/mpeg", b"wav": "audio/wav", b"ogg": "audio/ogg", b"flac": "audio/flac",
    b"mp4": "video/mp4", b"avi": "video/avi", b"mov": "video/quicktime", b"mkv": "video/x-matroska",
    b"doc": "application/msword", b"xls": "application/vnd.ms-excel", b"ppt": "application/vnd.ms-powerpoint",
    b"msg": "application/vnd.ms-outlook", b"rtf": "application/rtf", b"eml": "message/rfc822",
    b"docx": _OOXML + "wordprocessingml.document", b"xlsx": _OOXML + "spreadsheetml.sheet",
    b"pptx": _OOXML + "presentationml.presentation", b"odt": "application/vnd.oasis.opendocument.text",
    b"html": "text/html", b"htm": "text/html", b"txt": "text/plain", b"csv": "text/csv",
    b"tsv": "text/tab-separated-values", b"json": "application/json",
    b"xml": "application/xml", b"exe": "application/x-dosexec", b"heif": "image/heif", b"avif": "image/avif",
    b"kml": "application/vnd.google-earth.kml+xml", b"kmz": "application/vnd.google-earth.kmz",
    b"gpx": "application/gpx+xml", b"geojson": "application/geo+json", b"shp": "application/vnd.shp",
}  # fmt: skip
_OLE = frozenset({
    "application/x-ole-storage", "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
    "application/vnd.ms-outlook", "application/vnd.ms-office", "application/encrypted",
})  # fmt: skip
_TABLES = frozenset({"text/csv", "text/tab-separated-values"})
_NAMES_OF_PROSE = frozenset({b"", b"txt", b"text", b"asc"})
"""Suffixes that say nothing but text, or nothing: another may mean a language that Magika knows."""
_SHOWN = frozenset({"delimiter", "sentences", "page"})
_SOUND_OR_FILM = ("audio/", "video/", "application/ogg")


@dataclass(frozen=True, slots=True)
class Tools:
    """What detection needs in memory: some 80 MB."""

    magic: Magic
    magika: Magika


@dataclass(frozen=True, slots=True)
class Detected:
    """The media type, and who said what: (reader, type, score in millionths)."""

    media_type: str
    opinions: tuple[tuple[str, str, int], ...]
    conflict: bool
    """The opinions, or the name, cannot all be right."""


def load() -> Tools:
    """Make the tools, once in each worker."""
    import magic
    import onnxruntime
    from magika import Magika

    class OneThread(Magika):
        """Magika without the threads that onnxruntime keeps spinning on every core: 8.6 ms of processor a file, not 16.3."""

        def _init_onnx_session(self) -> onnxruntime.InferenceSession:
            onnxruntime.disable_telemetry_events()
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            return onnxruntime.InferenceSession(self._model_path, options, providers=["CPUExecutionProvider"])

    return Tools(magic.Magic(mime=True), OneThread())


def detect(path: Path, name_hint: bytes, magic: Magic, magika: Magika) -> Detected:
    """Say what a file is."""
    if path.stat().st_size == 0:
        return Detected(EMPTY, (("libmagic", EMPTY, CERTAIN),), False)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    said = _by_libmagic(path, magic)
    opinions = [("libmagic", said, CERTAIN)]
    found = said
    closer = _closer_look(path, head, said)
    if closer:
        opinions.append(closer)
        found = closer[1]
    elif said.startswith(_NEVER_TEXT) and not is_text(said) and looks_like_text(head):
        found = UNKNOWN
    if not closer and (_vague(found) or found in ("message/rfc822", "application/mbox", "message/news")):
        mail = _mail(head)
        if mail:
            opinions.append(("mail", mail, CERTAIN))
            found = mail
    suffix = name_hint.rsplit(b".", 1)[-1].lower() if b"." in name_hint else b""
    named = _BY_EXTENSION.get(suffix)
    against_name = named is not None and not _agree(found, named)
    if found == "text/plain" and named in _TABLES and delimited.looks_like_it(decode(head).text):
        opinions.append(("delimiter", named, CERTAIN))
        found = named
    elif not against_name and (seen := _plainly(head, found, suffix)):
        opinions.append((seen, found, CERTAIN))
    shown = (closer is not None and closer[0] in ("chat", "subtitles")) or opinions[-1][0] in _SHOWN
    if (_vague(found) and not shown) or against_name:
        guess, score = _by_magika(path, magika)
        opinions.append(("magika", guess, round(score * CERTAIN)))
        if _vague(found) and not shown and score >= _MAGIKA_BELOW_IS_GUESSING and _may_refine(found, guess):
            found = guess
            against_name = named is not None and not _agree(found, named)
    if named is not None:
        opinions.append(("name", named, 0))
    weighty = [kind for _, kind, score in opinions if score >= _MAGIKA_BELOW_IS_GUESSING * CERTAIN]
    if closer:  # it says more than libmagic, and nothing else
        weighty.remove(said)
    return Detected(found, tuple(opinions), against_name or not all(_agree(found, kind) for kind in weighty))


def _plainly(head: bytes, found: str, suffix: bytes) -> str | None:
    """By what a text is seen to be just that."""
    if found == "text/plain" and suffix in _NAMES_OF_PROSE and prose.is_prose(head):
        return "sentences"
    return "page" if found == "text/html" and prose.is_page(head) else None


def _closer_look(path: Path, head: bytes, said: str) -> tuple[str, str, int] | None:
    """What a ZIP, an XML file or a mailbox says of itself, where libmagic stops at the outermost."""
    if head.startswith(b"PK") and said in ("application/zip", UNKNOWN, _WORKBOOK):
        inside = _inside_zip(path)
        other = said != _WORKBOOK or (inside or "").startswith("application/vnd.ms-excel.sheet.")
        return ("zip", inside, CERTAIN) if inside and other else None
    if kind := _wide_text(head):
        return "bom", kind, CERTAIN
    if signed := by_signature(head) or is_shapefile(head):
        return "signature", signed, CERTAIN
    if _is_geojson(head):
        return "json", "application/geo+json", CERTAIN
    if said == UNKNOWN:
        laid_out = by_disk_layout(head, path.stat().st_size)
        if laid_out:
            return "signature", laid_out, CERTAIN
    if said == "application/xml":
        inside = _inside_xml(head)
        return ("xml", inside, CERTAIN) if inside else None
    if said == "text/plain" and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):  # no declaration of XML
        inside = _inside_xml(head)
        if inside in _MAPS:
            return "xml", inside, CERTAIN
    if is_text(said) or (said == UNKNOWN and looks_like_text(head)):
        return _sayings(head, said)
    return None


def _sayings(head: bytes, said: str) -> tuple[str, str, int] | None:
    """Chats and subtitles, which libmagic takes for text, for JSON, or for whatever a message speaks of."""
    if (chat := chat_type(head, said)) is not None:
        return "chat", chat, CERTAIN
    cues = subtitle_type(decode(head[:_SIGN_WITHIN]).text)
    return ("subtitles", cues, CERTAIN) if cues else None


def _by_libmagic(path: Path, magic: Any) -> str:
    from magic import MagicException

    try:
        said = str(magic.from_file(str(path))).strip().lower()
    except MagicException:  # its own reader of compound files gives up on some
        return UNKNOWN
    return _SAME.get(said, said) if "/" in said else UNKNOWN


def _by_magika(path: Path, magika: Any) -> tuple[str, float]:
    result = magika.identify_path(path)
    if not result.ok:
        return UNKNOWN, 0.0
    said = str(result.output.mime_type).lower()
    return _SAME.get(said, said), float(result.score)


def _vague(media_type: str) -> bool:
    return media_type == UNKNOWN or media_type.startswith("text/")


def _may_refine(found: str, guess: str) -> bool:
    # What reads as text is not a picture: Magika may say what kind of text it is, and no more.
    return found == UNKNOWN or is_text(guess)


def is_text(media_type: str) -> bool:
    """Whether a type is written in characters that a person can read."""
    if media_type.startswith("text/") or media_type.endswith(("+xml", "+json")):
        return True
    return media_type in _TEXT


_TEXT = frozenset({
    "application/json", "application/xml", "application/javascript", "application/toml", "application/x-yaml",
    "application/yaml", "application/x-ndjson", "application/sql", "application/x-sh", "application/x-shellscript",
    "application/x-php", "application/x-httpd-php", "application/x-perl", "application/x-ruby", "application/x-python",
    "application/x-tex", "application/x-latex", "application/x-subrip", "application/x-wine-extension-ini",
    "application/typescript", "application/x-typescript", "application/x-powershell", "application/x-bat",
    "application/x-makefile", "application/x-dockerfile", "application/pgp-keys", "application/pgp-signature",
    "application/x-setupscript", "application/graphql", "application/x-csh", "application/x-tcl",
    "application/x-pem-file", "application/x-bittorrent-text", "application/vnd.google-earth.kml+xml",
    "application/x-mswinurl", "application/xhtml+xml", "application/hta", "application/x-rust", "application/x-smali",
    "application/x-mimearchive",
})  # fmt: skip


def _agree(one: str, other: str) -> bool:
    one, other = _SAME.get(one, one), _SAME.get(other, other)
    if one == other or UNKNOWN in (one, other) or EMPTY in (one, other):
        return True
    if is_text(one) and is_text(other):
        return "text/html" not in (one, other) or "text/plain" in (one, other) or "xml" in one + other
    if {one, other} <= _OLE or (one.startswith(_SOUND_OR_FILM) and other.startswith(_SOUND_OR_FILM)):
        return True
    if "message/rfc822" in (one, other) and (is_text(one) or is_text(other) or "application/mbox" in (one, other)):
        return True
    return "application/zip" in (one, other) and (_zip_based(one) and _zip_based(other))


def _zip_based(media_type: str) -> bool:
    zipped = ("application/zip", "application/java-archive", "application/epub+zip", "application/wacz", phone.UFDR, disk.AFF4,
              "application/vnd.android.package-archive", "application/vnd.google-earth.kmz")  # fmt: skip
    return media_type in zipped or media_type.startswith((_OOXML, "application/vnd.oasis.opendocument."))


def _inside_zip(path: Path) -> str | None:
    """The type that a ZIP's own parts claim, or plain ZIP, or `None` if it cannot be opened."""
    try:
        with zipfile.ZipFile(path) as opened:
            names = set(opened.namelist())
            if "mimetype" in names and opened.getinfo("mimetype").file_size < 200:
                claimed = opened.read("mimetype").decode("ascii", errors="replace").strip().lower()
                if re.fullmatch(r"application/[a-z0-9.+\-]+", claimed):
                    return claimed
            if "[Content_Types].xml" in names and opened.getinfo("[Content_Types].xml").file_size < 1 << 20:
                parts = opened.read("[Content_Types].xml")
                for mark, kind in _BY_PART:
                    if mark in parts:
                        return kind
            if phone.REPORT in names:
                with opened.open(phone.REPORT) as report:
                    if phone.is_report(report.read(4096)):
                        return phone.UFDR
            for name, kind in _BY_ENTRY:
                if name in names:
                    return kind
    except (*BROKEN, OSError, RuntimeError, KeyError):
        return None
    return "application/zip"


def _inside_xml(head: bytes) -> str | None:
    for mark, kind in _BY_XML_MARK:
        if mark in head[:_XML_MARK_WITHIN]:
            return kind
    root = _XML_ROOT.search(head)
    return _BY_XML_ROOT.get(root[1].lower()) if root else None


def _wide_text(head: bytes) -> str | None:
    """Text of four bytes a character, which detectors that look at bytes take for anything."""
    for codec, marks in _FOUR_BYTES:
        if head.startswith(marks):
            text = head[: _XML_MARK_WITHIN * 4].decode(codec, errors="replace").lstrip("\ufeff")
            if "\ufffd" not in text[:-1] and looks_like_text(text.encode("utf-8")):
                return "text/html" if "<html" in text.lower() else "text/plain"
    return None


def _is_geojson(head: bytes) -> bool:
    """Whether JSON, alone or in a sequence (RFC 8142), begins as GeoJSON does."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\x1e \t\r\n")
    return start.startswith(b"{") and bool(_GEOJSON.search(start)) and bool(_GEOJSON_PARTS.search(start))


def _mail(head: bytes) -> str | None:
    """A message, a mailbox, or neither, by the lines at the top."""
    length = FIRST_LINE.match(head)
    if length:
        return EMLX if _mail(head[length.end() :]) == "message/rfc822" else None
    lines = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n")
    first = lines[0] + b"\n"
    separated = first.startswith(b"From ")
    names: list[bytes] = []
    for line in lines[1:] if separated else lines:
        if line.startswith((b" ", b"\t")) and names:
            continue
        match = _HEADER.match(line)
        if not match:
            break
        names.append(match[1].lower())
    known = set(names) & _MAIL_HEADERS
    if len(known) < (1 if separated else 2) or not (known & _ONLY_IN_MAIL):
        return None
    if MBOX_LINE.match(first):
        followed = re.search(rb"\n\r?\n" + MBOX_LINE.pattern, head)
        return "application/mbox" if followed else "message/rfc822"
    return "message/rfc822"
