"""Text of evidence on a page: in pieces, with what is to be marked.

Here: pieces of an excerpt and of a text with mentions, signs that would move or turn the writing around them.
Not here: escaping for HTML, which the templates do with every value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from iimm_pipelines.search.entities import Kind
from iimm_pipelines.search.named import identity

_UNRULY = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
"""Controls, and what turns the direction of writing: `exe.gpj` must not be shown as `jpg.exe`. Marks that Arabic and
Burmese need between letters stay."""


def tame(text: object) -> str:
    """A text whose unruly signs are written out."""
    return _UNRULY.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), str(text))


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `mark` says what it is where it is marked, `note` what is known of it."""

    text: str
    mark: str = ""
    note: str = ""
    link: str = ""
    """Where a mention leads."""


def excerpt_pieces(excerpt: str) -> list[Piece]:
    """An excerpt of a hit, whose found words stand in `<em>`."""
    pieces = []
    for number, part in enumerate(excerpt.split("<em>")):
        inside, _, after = part.partition("</em>") if number else ("", "", part)
        pieces += [Piece(inside, "found"), Piece(after)]
    return [piece for piece in pieces if piece.text]


def mention_pieces(text: str, mentions: Sequence[Mapping[str, Any]]) -> list[Piece]:
    """A text with its mentions marked; of two that overlap the one that begins first, and is longer."""
    pieces, at = [], 0
    for mention in sorted(mentions, key=lambda m: (m["start"], -m["end"])):
        start, end = mention["start"], mention["end"]
        if at <= start < end <= len(text):
            pieces += [Piece(text[at:start]), _mentioned(text[start:end], mention)]
            at = end
    pieces.append(Piece(text[at:]))
    return [piece for piece in pieces if piece.text]


def _mentioned(text: str, mention: Mapping[str, Any]) -> Piece:
    return Piece(text, mention["type"], mention_note(mention), mention_link(mention))


def mention_link(mention: Mapping[str, Any]) -> str:
    """The page of what a mention names; for what has none, a search, which meets other spellings and the other script."""
    kind, _, key = identity(mention).partition(":")
    if kind in set(Kind) and key not in ("", ".", "..") and "/" not in key:
        return f"/entities/{kind}/{quote(key, safe='')}"
    return f"/search?{urlencode({'q': mention['text']})}"


def mention_note(mention: Mapping[str, Any]) -> str:
    """What a mention is, in a line."""
    known = [mention["type"], mention.get("normal"), mention.get("link"), mention.get("rule")]
    return ", ".join(str(each) for each in known if each)
