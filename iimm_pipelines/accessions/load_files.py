"""Load files and manifests: rows of Concordance DAT, Opticon OPT, EDRM XML and CSV.

Here: which format a list has, its encoding, its columns by their usual names, and its rows, in a stream.
Not here: which received file a row means and which rows are a family (claims).

A DAT is a CSV whose quote is þ and whose delimiter is the control character DC4, which viewers show as ¶. Inside a
value ® stands for a line end.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, BinaryIO, TextIO
from xml.etree import ElementTree

from iimm_pipelines.accessions.rows import Deviation, GivenText, Maker, NamedFile, Role, Row, digest_of

QUOTE, DELIMITER, LINE_END = "\u00fe", "\x14", "\u00ae"
_HEAD = 1 << 16
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_LOOKS_LIKE_A_PATH = re.compile(r"[^\n\r]{1,1000}\.[A-Za-z0-9]{2,5}")


class ListUnreadable(ValueError):
    """A list is of no known format, or has no column that names a file or a number; the message says what to do."""


class Format(StrEnum):
    """The formats of lists."""

    DAT = "Concordance DAT"
    OPT = "Opticon OPT"
    EDRM = "EDRM XML"
    CSV = "CSV"


class Meaning(StrEnum):
    """What a column says. Any other column is kept as a field under its own name."""

    NUMBER = "number"
    LAST_NUMBER = "last number"
    PARENT = "parent"
    FAMILY = "family"
    CUSTODY = "custody"
    DIGEST = "digest"
    FILE = "file"
    TEXT = "extracted text"
    TRANSLATION = "translation"
    HUMAN_TRANSLATION = "human translation"
    TRANSCRIPT = "transcript"
    HUMAN_TRANSCRIPT = "human transcript"


_TEXTS = {
    Meaning.TEXT: (Role.TEXT, Maker.OTHER_SYSTEM),
    Meaning.TRANSLATION: (Role.TRANSLATION, Maker.OTHER_SYSTEM),
    Meaning.HUMAN_TRANSLATION: (Role.TRANSLATION, Maker.HUMAN),
    Meaning.TRANSCRIPT: (Role.TRANSCRIPT, Maker.OTHER_SYSTEM),
    Meaning.HUMAN_TRANSCRIPT: (Role.TRANSCRIPT, Maker.HUMAN),
}
_USUAL = {
    Meaning.NUMBER: "BEGDOC BEGDOCNO BEGBATES BEGINBATES BEGINNINGBATES BEGNO BEGINNO BEGCONTROL BEGINDOC BATESBEG BATESBEGIN "
    "BATESSTART FIRSTBATES PRODBEG PRODBEGBATES BEGPROD CONTROLNUMBER CONTROLNO CONTROLID DOCID DOCUMENTID DOCNO "
    "DOCNUMBER DOCUMENTNUMBER NUMBER",
    Meaning.LAST_NUMBER: "ENDDOC ENDDOCNO ENDBATES ENDINGBATES ENDNO ENDCONTROL BATESEND LASTBATES PRODEND PRODENDBATES ENDPROD",
    Meaning.PARENT: "PARENT PARENTID PARENTDOCID PARENTDOC PARENTNO PARENTNUMBER PARENTBATES PARENTBEGDOC PARENTCONTROLNUMBER",
    Meaning.FAMILY: "BEGATTACH BEGATT BEGATTACHMENT BEGINATTACH BATESBEGATTACH BEGBATESATTACH ATTACHBEG ATTACHSTART BEGFAMILY "
    "PRODBEGATTACH FAMILYBEG",
    Meaning.CUSTODY: "CUSTODY CUSTODYHISTORY CHAINOFCUSTODY CUSTODYCHAIN CUSTODYLOG",
    Meaning.DIGEST: "MD5 MD5HASH HASHMD5 SHA1 SHA1HASH HASHSHA1 SHA256 SHA256HASH HASHSHA256 SHA384 SHA512 SHA512HASH HASH "
    "HASHVALUE FILEHASH DIGEST CHECKSUM MD5SUM SHA256SUM",
    Meaning.FILE: "NATIVELINK NATIVEFILE NATIVEFILELINK NATIVEPATH NATIVEFILEPATH NATIVE FILEPATH PATH FILE DOCLINK DOCPATH ITEMPATH "
    "RELATIVEPATH",
    Meaning.TEXT: "EXTRACTEDTEXT FULLTEXT OCRTEXT OCR TEXT TEXTLINK TEXTPATH TEXTFILE TEXTFILEPATH EXTRACTEDTEXTPATH "
    "EXTRACTEDTEXTLINK OCRPATH OCRTEXTPATH FULLTEXTPATH FULLTEXTLINK",
    Meaning.TRANSLATION: "TRANSLATION TRANSLATIONLINK TRANSLATIONPATH TRANSLATIONFILE ENGLISHTRANSLATION MACHINETRANSLATION "
    "TRANSLATEDTEXT",
    Meaning.HUMAN_TRANSLATION: "HUMANTRANSLATION HUMANTRANSLATIONLINK HUMANTRANSLATIONPATH HUMANTRANSLATIONFILE "
    "CERTIFIEDTRANSLATION",
    Meaning.TRANSCRIPT: "TRANSCRIPT TRANSCRIPTION TRANSCRIPTLINK TRANSCRIPTPATH TRANSCRIPTFILE MACHINETRANSCRIPT",
    Meaning.HUMAN_TRANSCRIPT: "HUMANTRANSCRIPT HUMANTRANSCRIPTLINK HUMANTRANSCRIPTPATH HUMANTRANSCRIPTFILE CERTIFIEDTRANSCRIPT",
}  # fmt: skip
_MEANINGS = {name: meaning for meaning, names in _USUAL.items() for name in names.split()}
_ONLY_A_NAME = frozenset({"FILENAME", "NAME"})
"""Names a file in a manifest; in a load file it is what the document was called once."""

Open = Callable[[], BinaryIO]


@dataclass(frozen=True)
class ListFile:
    """A list: how to open it, and the columns whose meaning the operator said, by name in lower case."""

    open: Open
    columns: Mapping[str, Meaning] = field(default_factory=dict)

    def format(self) -> Format:
        """Which format it has, by what it begins with.

        Raises:
            ListUnreadable: none that is known.
        """
        with self._text() as text:
            head = text.read(4096)
        begin = head.lstrip("\ufeff \t\r\n")
        if begin.startswith("<"):
            return Format.EDRM
        first = begin.splitlines()[0] if begin else ""
        if "\0" in first or not first:
            raise ListUnreadable("a list is Concordance DAT, Opticon OPT, EDRM XML or CSV; this is none of them")
        cells = next(csv.reader([first]), [])
        if len(cells) == 7 and cells[3].strip().upper() in ("", "Y") and _LOOKS_LIKE_A_PATH.fullmatch(cells[2].strip()):
            return Format.OPT
        return Format.DAT if begin.startswith(QUOTE) else Format.CSV

    def rows(self) -> Iterator[Row]:
        """Its rows in order, in a stream that can be begun again.

        Raises:
            ListUnreadable: see the class.
        """
        csv.field_size_limit(sys.maxsize)  # for the process; texts of whole documents stand in one value
        found = self.format()
        if found is Format.EDRM:
            yield from _edrm(self.open)
            return
        with self._text() as text:
            try:
                if found is Format.OPT:
                    yield from _opticon(csv.reader(text))
                elif found is Format.DAT:
                    yield from self._table(csv.reader(text, delimiter=_dat_delimiter(text), quotechar=QUOTE), LINE_END)
                else:
                    yield from self._table(csv.reader(text, delimiter=_csv_delimiter(text)), None)
            except csv.Error:
                raise ListUnreadable(f"the list is no {found} that can be read to its end") from None

    @contextmanager
    def _text(self) -> Iterator[TextIO]:
        with self.open() as raw:
            encoding = _encoding(raw.read(_HEAD))
        errors = "replace" if encoding.startswith("utf-16") else "surrogateescape"  # which keeps raw names
        with self.open() as raw, io.TextIOWrapper(raw, encoding, errors=errors, newline="") as text:
            yield text

    def _table(self, lines: Iterator[list[str]], line_end: str | None) -> Iterator[Row]:
        header = next(lines, [])
        meanings = self._meanings(header)
        for nth, cells in enumerate(lines, 1):
            if not any(cells):
                continue
            if len(cells) != len(header):
                yield Row(nth, deviation=Deviation.UNREADABLE)
            else:
                yield _row(nth, header, meanings, cells, line_end)

    def _meanings(self, header: Sequence[str]) -> list[Meaning | None]:
        """The meaning of each column; the first of several of one meaning has it, but digests and texts may be many.

        Raises:
            ListUnreadable: no column names a number or a file.
        """
        known = {n.strip().lstrip("\ufeff").lower() for n in header}
        if missing := self.columns.keys() - known:
            raise ListUnreadable(f"the list has no column {sorted(missing)[0]!r}")
        found: list[Meaning | None] = []
        for name in header:
            said = self.columns.get(name.strip().lstrip("\ufeff").lower())
            meaning = said or _MEANINGS.get(_plain(name))
            many = meaning is Meaning.DIGEST or meaning in _TEXTS
            found.append(None if meaning in found and not many and not said else meaning)
        if Meaning.FILE not in found and Meaning.NUMBER not in found:
            found = [Meaning.FILE if m is None and _plain(n) in _ONLY_A_NAME else m
                     for n, m in zip(header, found, strict=True)]  # fmt: skip
        if Meaning.FILE not in found and Meaning.NUMBER not in found:
            raise ListUnreadable("no column of the list names a file or a number: say which one does, e.g. "
                                 "--column 'file=Where it lies'")  # fmt: skip
        return found


@dataclass
class _Said:
    """What has been read of a row."""

    single: dict[Meaning, str] = field(default_factory=dict)
    files: list[NamedFile] = field(default_factory=list)
    digests: list[tuple[str, str]] = field(default_factory=list)
    texts: list[GivenText] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)

    def row(self, nth: int) -> Row:
        said = self.single
        return Row(nth, number=said.get(Meaning.NUMBER, ""), last_number=said.get(Meaning.LAST_NUMBER, ""),
                   parent=said.get(Meaning.PARENT, ""), family=said.get(Meaning.FAMILY, ""),
                   custody=said.get(Meaning.CUSTODY, ""), files=tuple(self.files), digests=tuple(self.digests),
                   texts=tuple(self.texts), fields=tuple(self.fields))  # fmt: skip

    def text(self, meaning: Meaning, name: str, value: str) -> None:
        """A text, or the path of the file that holds it: as the column's name says, else as it looks."""
        role, maker = _TEXTS[meaning]
        if _plain(name).endswith(("PATH", "LINK", "FILE")) or _LOOKS_LIKE_A_PATH.fullmatch(value):
            self.files.append(NamedFile(role, value, maker))
        else:
            self.texts.append(GivenText(role, maker, _clean(value)))


def _row(nth: int, header: Sequence[str], meanings: Sequence[Meaning | None], cells: Sequence[str],
         line_end: str | None) -> Row:  # fmt: skip
    said = _Said()
    for name, meaning, cell in zip(header, meanings, cells, strict=True):
        value = cell.strip()
        if not value:
            continue
        if meaning is Meaning.FILE:
            said.files.append(NamedFile(Role.FILE, value))
        elif meaning is Meaning.DIGEST:
            said.digests.append(digest_of(_clean(value), _algorithm(name)))
        elif meaning in _TEXTS:
            said.text(meaning, name, value.replace(line_end, "\n") if line_end else value)
        elif meaning is None:
            said.fields.append((_clean(name), _clean(value)))
        else:
            said.single[meaning] = _clean(value)
    return said.row(nth)


def _opticon(lines: Iterator[list[str]]) -> Iterator[Row]:
    """One row for each page: key, volume, path, Y where a document begins. Its number is that of its first page."""
    number = ""
    for nth, cells in enumerate(lines, 1):
        if not any(cells):
            continue
        if len(cells) < 4:
            yield Row(nth, deviation=Deviation.UNREADABLE)
            continue
        key, volume, path, begins = (_clean(c.strip()) for c in cells[:4])
        if begins.upper() == "Y" or not number:
            number = key
        fields = tuple((n, v) for n, v in (("page", key), ("volume", volume)) if v)
        yield Row(nth, number, files=(NamedFile(Role.PAGE, cells[2].strip() or path),), fields=fields)


def _edrm(open_: Open) -> Iterator[Row]:
    """Documents in order, each with the parent that the relations name; those may stand before or after them."""
    parents: dict[str, str] = {}
    for element in _elements(open_, "relationship"):
        said = _attributes(element)
        if "childdocid" in said and said.get("type", "").lower() in ("attachment", "container", ""):
            parents.setdefault(said["childdocid"], said.get("parentdocid", ""))
    for nth, element in enumerate(_elements(open_, "document"), 1):
        row = _edrm_document(nth, element)
        yield replace(row, parent=row.parent or parents.get(row.number, ""))


def _edrm_document(nth: int, element: ElementTree.Element) -> Row:
    said = _Said({Meaning.NUMBER: _attributes(element).get("docid", "")})
    for each in element.iter():
        given = _attributes(each)
        if _local(each.tag) == "file":
            _edrm_file(said, each, _EDRM_ROLES.get(given.get("filetype", "").lower(), Role.FILE))
        elif _local(each.tag) == "tag":
            name = given.get("tagname", "")
            value = given.get("tagvalue") or "".join(each.itertext()).strip()
            meaning = _MEANINGS.get(_plain(name))
            if meaning in _TEXTS and value:
                said.text(meaning, name, value)
            elif meaning in _EDRM_TAGS:
                said.single.setdefault(meaning, value)
            elif value:
                said.fields.append((name.lstrip("#"), value))
    return said.row(nth)


def _edrm_file(said: _Said, element: ElementTree.Element, role: Role) -> None:
    maker = None if role in (Role.FILE, Role.PAGE) else Maker.OTHER_SYSTEM
    for inner in element.iter():
        where = _attributes(inner)
        if _local(inner.tag) == "externalfile":
            folder, name = where.get("filepath", ""), where.get("filename", "")
            whole = not name or folder.endswith(name)
            said.files.append(NamedFile(role, folder if whole else f"{folder}/{name}".lstrip("/"), maker))
            if role is Role.FILE and where.get("hash"):
                said.digests.append(digest_of(where["hash"]))
        elif _local(inner.tag) == "inlinecontent" and maker and inner.text:
            said.texts.append(GivenText(role, maker, inner.text))


_EDRM_TAGS = frozenset({Meaning.PARENT, Meaning.FAMILY, Meaning.CUSTODY, Meaning.LAST_NUMBER})
_EDRM_ROLES = {"image": Role.PAGE, "text": Role.TEXT, "extractedtext": Role.TEXT, "translation": Role.TRANSLATION,
               "transcript": Role.TRANSCRIPT}  # fmt: skip


def _elements(open_: Open, name: str) -> Iterator[ElementTree.Element]:
    """Elements of this local name, each let go afterwards. Expat refuses entities that grow beyond all measure."""
    try:
        with open_() as raw:
            depth: list[ElementTree.Element] = []
            for event, element in ElementTree.iterparse(raw, ("start", "end")):
                if event == "start":
                    depth.append(element)
                    continue
                depth.pop()
                if _local(element.tag) == name:
                    yield element
                if _local(element.tag) in ("document", "relationship") and depth:
                    depth[-1].remove(element)
    except ElementTree.ParseError as wrong:
        line, _ = wrong.position
        raise ListUnreadable(f"the list is XML that cannot be read beyond line {line}") from None
    except (LookupError, ValueError):
        raise ListUnreadable("the list is XML in an encoding that cannot be read: convert it to UTF-8") from None


def _attributes(element: ElementTree.Element) -> dict[str, str]:
    return {_local(n): v for n, v in element.attrib.items()}


def _local(tag: Any) -> str:
    return tag.rpartition("}")[2].lower() if isinstance(tag, str) else ""


def _encoding(head: bytes) -> str:
    """By byte order mark, else by zeros (UTF-16), else UTF-8 if the head is that, else cp1252: Concordance's own."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if head[1::2].count(0) > len(head) // 8:
        return "utf-16-le"
    if head[::2].count(0) > len(head) // 8:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _dat_delimiter(text: TextIO) -> str:
    """What stands between the first two values: DC4 by default, a real ¶ where a viewer wrote the file."""
    head = text.read(_HEAD)
    text.seek(0)
    close = head.find(QUOTE, head.find(QUOTE) + 1)
    following = head[close + 1 : close + 2]
    return following if following not in ("", "\r", "\n", QUOTE) else DELIMITER


def _csv_delimiter(text: TextIO) -> str:
    line = text.readline()
    text.seek(0)
    return max(",;\t|", key=line.count)


def _algorithm(name: str) -> str:
    plain = _plain(name)
    return next((a for a in ("sha256", "sha384", "sha512", "sha1", "md5") if a.upper() in plain), "")


def _plain(name: str) -> str:
    return "".join(c for c in name.upper() if c.isalnum())


def _clean(text: str) -> str:
    """Text as it may stand in a leaf: bytes that are of no character become U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def columns_said(said: Sequence[str]) -> dict[str, Meaning]:
    """Columns whose meaning an operator says, each as `meaning=column name`.

    Raises:
        ListUnreadable: another form, or no such meaning.
    """
    found = {}
    for each in said:
        meaning, _, name = each.partition("=")
        try:
            if not name.strip():
                raise ValueError
            found[name.strip().lower()] = Meaning(meaning.strip().lower())
        except ValueError:
            raise ListUnreadable(f"--column takes meaning=name, with a meaning of: {', '.join(Meaning)}") from None
    return found
