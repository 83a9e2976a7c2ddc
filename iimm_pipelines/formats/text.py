"""Plain text: which encoding, and its paragraphs.

Here: bytes to characters for every reader that meets text, and the reader of plain files.
Not here: Burmese encodings that live inside Unicode, such as Zawgyi (burmese), markup (html).
"""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, clean, segments_of

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SUPERSETS = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
    "shift_jis": "cp932", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874",
}  # fmt: skip
"""What writers who declare the narrower name really use, as browsers read it."""
_NOT_FOR_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
"""Python codecs that no file of evidence is written in, and that can hide or blow up text."""
_SAMPLE = 4096
_REMEMBERED = 1 << 16
"""Bytes of a file whose guess is kept: detection asks twice before the reader does, at 2.6 ms each time."""
_FEW_BYTES_WRONG = 0.02
"""Share of undecodable characters up to which a declared encoding is believed: damage, not a lie."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, the Python name of their encoding, and how it was found: bom, declared, valid or guessed."""

    text: str
    encoding: str
    how: str


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode bytes by BOM, by what was declared, as strict UTF-8, by chardet's guess, in this order. Never raises."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(clean(data[len(bom) :].decode(encoding, errors="replace")), encoding, "bom")
    codec = codec_named(declared) if declared else None
    if codec and (text := _almost(data, codec)) is not None:
        return Decoded(clean(text), codec, "declared")
    # Two or four bytes a character are valid UTF-8 too, with a zero in every second place or more.
    wide = _guess(data) if data[:_SAMPLE].count(0) * 4 > len(data[:_SAMPLE]) else ""
    if not wide.startswith(("utf-16", "utf-32")) and (text := _cut_utf8(data)) is not None:
        return Decoded(text, "utf-8", "valid")
    guess = wide or _guess(data)
    return Decoded(clean(data.decode(guess, errors="replace")), guess, "guessed")


def codec_named(name: str) -> str | None:
    """The Python codec for a declared name, or `None` if there is none fit for text."""
    try:
        info = codecs.lookup(name.strip().strip("'\"").replace("\0", ""))
    except (LookupError, ValueError):
        return None
    if info.name in _NOT_FOR_TEXT or not info._is_text_encoding:
        return None
    return _SUPERSETS.get(info.name, info.name)


def looks_like_text(data: bytes) -> bool:
    """Whether bytes of an unknown type read as UTF-8 text without control characters other than white space."""
    text = _cut_utf8(data)
    if not text:
        return False
    return not any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f\v" for c in text)


def read(path: Path, limits: Limits, kind: FileKind = FileKind.DOCUMENT) -> Parsed:
    """Read a plain text file."""
    # No encoding takes more than four bytes for a code point.
    most = limits.max_characters * 4
    with path.open("rb") as file:
        data = file.read(most + 1)
    decoded = decode(data[:most])
    text = decoded.text[: limits.max_characters]
    whole = len(data) <= most and len(text) == len(decoded.text)
    return Parsed(
        kind=kind,
        used=frozenset({"text"}),
        metadata=(("encoding", decoded.encoding), ("encoding found", decoded.how)),
        segments=tuple(segments_of(text)),
        problem=None if whole else Reason.LIMIT_REACHED,
    )


def _almost(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        pass
    try:
        text = data.decode(codec, errors="replace")
    except (UnicodeError, ValueError, LookupError):
        return None
    return text if text.count("\ufffd") <= len(text) * _FEW_BYTES_WRONG else None


def _cut_utf8(data: bytes) -> str | None:
    """The text of bytes that are UTF-8 throughout, where the last character may be cut off."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.start > 0:
            return data.decode("utf-8", errors="replace")
        return None


def _guess(data: bytes) -> str:
    return _guessed(data) if len(data) <= _REMEMBERED else _guessed.__wrapped__(data)


@lru_cache(maxsize=4)
def _guessed(data: bytes) -> str:
    import chardet

    name = chardet.detect(data)["encoding"]
    return (codec_named(name) if name else None) or "cp1252"
