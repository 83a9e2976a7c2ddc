"""Names that a container stores without saying in which encoding: the code page of all of them together.

Here: one decision for a container, since one name is too short to tell, and names as text by it.
Not here: the raw bytes of names, which stay as they are (each reader), the encoding of texts (text).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from iimm_pipelines.formats.parsed import Member
from iimm_pipelines.formats.text import codec_named

METADATA = "names are in"
"""How a container says which code page was taken."""

_CODE_PAGES = (
    "gb18030", "big5hkscs", "cp950", "cp932", "cp949", "cp874", "cp1258", "cp866", "cp855", "cp1251", "koi8-r",
    "cp437", "cp850", "cp852", "cp857", "cp1250", "cp1252", "cp720", "cp862", "cp1256",
)  # fmt: skip
"""What DOS, Windows and Unix wrote names in, where people who hand something over, and those around them, live."""
_SAMPLE = 1 << 16
_NEVER_IN_NAMES = frozenset({"Cc", "Co", "Cn"})


def code_page(names: Iterable[bytes]) -> str | None:
    """The codec in which names are written that claim no encoding; None: they are UTF-8, or nothing fits them all."""
    words = dict.fromkeys(word for name in names if not name.isascii() for word in name.split(b"/"))
    unknown = [word for word in words if not word.isascii()]
    if all(_as_text(word, "utf-8") is not None for word in unknown):
        return None
    import chardet

    guesses = chardet.detect_all(b"\n".join(unknown)[:_SAMPLE], ignore_threshold=True, prefer_superset=True,
                                 compat_names=False, include_encodings=_CODE_PAGES)  # fmt: skip
    for guess in guesses:
        codec = codec_named(guess["encoding"]) if guess["encoding"] else None
        if codec and all(_as_text(word, codec) is not None for word in unknown):
            return codec
    return None


def in_code_page(name: bytes, codec: str | None) -> str | None:
    """A name as text in a code page; None where its bytes say it themselves."""
    return None if codec is None or name.isascii() else _as_text(name, codec)


def with_names(members: Sequence[Member]) -> tuple[tuple[Member, ...], str | None]:
    """The members of a container that claims no encoding for any name, with their names as text; and the code page."""
    codec = code_page(m.path for m in members)
    if codec is None:
        return tuple(members), None
    return tuple(replace(m, name=in_code_page(m.path, codec)) for m in members), codec


def _as_text(name: bytes, codec: str) -> str | None:
    try:
        text = name.decode(codec)
    except (UnicodeError, ValueError):
        return None
    return None if any(unicodedata.category(c) in _NEVER_IN_NAMES for c in text) else text
