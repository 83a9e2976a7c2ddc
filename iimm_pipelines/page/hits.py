"""A hit as the page shows it: which text matched, who or what made that text, and what to mind.

Here: labels of a hit, of its place and of its time.
Not here: finding (search/query), the words themselves (page/words), templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.formats.times import Meaning
from iimm_pipelines.page.shown import Piece, excerpt_pieces
from iimm_pipelines.page.words import Words
from iimm_pipelines.search.query import Hit
from iimm_pipelines.search.typed import Way
from iimm_pipelines.search.when_and_where import TIMES, field_of
from iimm_pipelines.search.who_was_what import told

_UNMARKED = 160
"""Code points of a text of which no stretch is marked, as where nothing was typed."""
_ROLES = 3


@dataclass(frozen=True, slots=True)
class Match:
    """A text that matched: which one, and the stretch around what was found."""

    which: str
    pieces: tuple[Piece, ...]
    lang: str = ""

    @property
    def plain(self) -> str:
        """Without marks."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit in words of the interface; `flags` are what a machine had to do with it, and doubts."""

    item: str
    kind: str
    media_type: str
    date: str
    language: str
    places: tuple[str, ...]
    said_by: str
    matches: tuple[Match, ...]
    flags: tuple[str, ...]
    roles: tuple[str, ...]
    copies: int
    relatives: int
    shut: bool = False
    """Nothing of its bytes is shown: it is kept shut, or a scanner warns of it."""
    at: int = 1
    """The page that was found, or of a film the second, counted from 1."""


def shown_hit(hit: Hit, w: Words) -> ShownHit:
    """A hit for a person."""
    fields = hit.fields
    language = fields.get("language", "")
    return ShownHit(
        item=hit.item,
        kind=str(fields.get("kind", "")),
        media_type=str(fields.get("media_type", "")),
        date=date_of(fields, w),
        language=language if isinstance(language, str) else " + ".join(language),
        places=tuple(places(fields, w)),
        said_by=str(fields.get("sender") or fields.get("account") or ""),
        matches=tuple(_matches(hit, w)),
        flags=tuple(_flags(hit, w)),
        roles=tuple(told(role) for role in fields.get("roles", ())[:_ROLES]),
        copies=hit.copies,
        relatives=hit.relatives,
        shut=bool(fields.get("kept_shut") or "malware" in fields),
        at=fields.get("page") or (fields.get("start_ms") or 0) // 1000 + 1,
    )


def which_text(fields: Mapping[str, Any], w: Words) -> str:
    """Where the text of a segment comes from."""
    if "given" in fields:
        by = "by a human" if fields.get("maker") == "human" else "of another system"
        return w(by, what=w.term(fields["given"]))
    return w({"recognised_text": "ocr", "transcripts": "speech"}.get(str(fields.get("origin")), "original"))


def _matches(hit: Hit, w: Words) -> Iterator[Match]:
    """Each text in which something is marked, the surest first; of one that stands in two ways, the one as typed."""
    labels = {"text": which_text(hit.fields, w), "translation": w("machine translation"), "people": w("people"),
              "name": w("file name"), "number": w("number elsewhere"), "entities": w("names")}  # fmt: skip
    marked = False
    for field, which in labels.items():
        pieces = hit.highlights.get(field) or hit.highlights.get(f"{field}.loose")
        if pieces:
            marked = True
            yield Match(which, tuple(excerpt_pieces(pieces[0])), _lang(hit.fields, field))
    if not marked:
        field = "text" if "text" in hit.fields else "name"
        text = str(hit.fields.get(field, ""))[:_UNMARKED]
        yield Match(labels[field], (Piece(text),) if text else (), _lang(hit.fields, field))


def _lang(fields: Mapping[str, Any], field: str) -> str:
    return "en" if field == "translation" else lang_tag(fields.get("language")) if field == "text" else ""


_TAGS = {"mya": "my", "eng": "en", "tha": "th", "zho": "zh", "lao": "lo", "khm": "km", "vie": "vi", "hin": "hi", "ben": "bn",
         "ara": "ar", "urd": "ur"}  # fmt: skip
_HAVE_THREE_LETTERS = frozenset(
    {"shn", "ksw", "kjp", "pwo", "mnw", "eky", "kyu", "blk", "kac", "cnh", "lus", "rhg", "ccp"}
)


def lang_tag(language: object) -> str:
    """A language for browsers, which choose fonts by it: of Myanmar and around, in the one form that BCP 47 has for it.

    Of others nothing is said: what has two letters there must not be written with three.
    """
    known = str(language) if isinstance(language, str) else ""
    return known if known in _HAVE_THREE_LETTERS else _TAGS.get(known, "")


def _flags(hit: Hit, w: Words) -> Iterator[str]:
    fields = hit.fields
    if hit.way is not Way.WRITTEN:
        yield w("found way", way=w.term(hit.way))
    if "machine" in fields:
        yield w("read by", model=fields["machine"])
    if fields.get("reliable") is False:
        yield w("not reliable")
    if "translation_machine" in fields:
        yield w(
            "translated by", model=fields["translation_machine"], status=w.term(fields.get("translation_status", ""))
        )
        if not fields.get("translation_reliable"):
            yield w("translation not reliable")
    yield from item_flags(fields, w)


def item_flags(fields: Mapping[str, Any], w: Words) -> Iterator[str]:
    """What to mind before an item is opened, and with a message."""
    if fields.get("kept_shut"):
        yield w("kept shut")
    for flag in fields.get("flags", ()):
        yield w("flagged", flag=flag)
    if "malware" in fields:
        yield w("malware", signature=fields["malware"])
    for field, word in (("deleted", "deleted"), ("edited", "edited"), ("time_ambiguous", "ambiguous")):
        if fields.get(field):
            yield w(word)


def places(fields: Mapping[str, Any], w: Words) -> Iterator[str]:
    """Where in its item a segment stands."""
    for field in ("page", "sheet", "row"):
        if fields.get(field) is not None:
            yield w(field, n=fields[field])
    if fields.get("start_ms") is not None:
        yield w("at", n=clock(fields["start_ms"]))


def clock(milliseconds: int) -> str:
    """Minutes and seconds from the start."""
    return f"{milliseconds // 60_000}:{milliseconds // 1_000 % 60:02d}"


def date_of(fields: Mapping[str, Any], w: Words) -> str:
    """The one time that says most of what happened, with its meaning; when it reached us only where nothing else is known."""
    for meaning in Meaning:
        if spans := fields.get(TIMES, {}).get(field_of(meaning)):
            return f"{span_text(spans[0])} ({w.term(meaning)})"
    return ""


def span_text(span: Mapping[str, str] | Sequence[str]) -> str:
    """From the first to the last moment that can be meant, in UTC."""
    first, last = (span["gte"], span["lte"]) if isinstance(span, Mapping) else (span[0], span[1])
    if first[:16] == last[:16]:
        return f"{first[:16].replace('T', ' ')} UTC"
    if first[:10] == last[:10] and first[11:16] == "00:00" and last[11:16] == "23:59":
        return first[:10]
    return f"{first[:16].replace('T', ' ')} – {last[:16].replace('T', ' ')} UTC"
