"""The page of a person, unit, place or organisation.

Here: from an address to an entity as a reader sees it, in words of the interface, each line with the way to its source.
Not here: asking the index (search/entities), labels of texts (page/hits), templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from http import HTTPStatus
from urllib.parse import quote, urlencode

from starlette.responses import Response

from iimm_pipelines.page.hits import date_of, lang_tag, places, which_text
from iimm_pipelines.page.shown import Piece
from iimm_pipelines.page.visit import Visit
from iimm_pipelines.page.words import Words
from iimm_pipelines.people.access_log import What
from iimm_pipelines.search.entities import Among, Entity, EntityUnknown, Kind, Named, Source
from iimm_pipelines.search.entities import entity as ask_for

_AROUND = 120
"""Code points of a text on each side of where something is named."""
_UNNAMED = 240


@dataclass(frozen=True, slots=True)
class ShownMention:
    """A segment that names the entity: where it is, and the stretch around the name."""

    item: str
    address: str
    facts: tuple[str, ...]
    pieces: tuple[Piece, ...]
    lang: str


@dataclass(frozen=True, slots=True)
class ShownEntity:
    """An entity with addresses: `of_spelling`, `of_role` and `of_both` narrow its mentions."""

    entity: Entity
    among: Among
    mentions: tuple[ShownMention, ...]
    here: str

    def of_spelling(self, text: str) -> str:
        """Mentions of one spelling."""
        return _address(self.here, Among(spelling=text))

    def of_role(self, said: str) -> str:
        """Mentions that tell one role."""
        return _address(self.here, Among(role=said))

    def of_both(self, kind: str, key: str) -> str:
        """Mentions in items that name another entity too."""
        return _address(self.here, Among(beside=f"{kind}:{key}"))

    @property
    def next(self) -> str:
        """The page behind this one."""
        return _address(self.here, replace(self.among, after=self.entity.after)) if self.entity.after else ""


def entity(visit: Visit) -> Response:
    """Everything that a reader may know of a person, unit, place or organisation."""
    kind, key = visit.path["kind"], visit.path["key"]
    if kind not in set(Kind):
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    among = Among(**{f.name: visit.values.get(f.name, "") for f in fields(Among)})
    try:
        found = ask_for(visit.holding, visit.reader, Kind(kind), key, among)
    except EntityUnknown:
        visit.note(What.SEARCHED, query=f"{kind}:{key}", hits=0)
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    visit.note(What.SEARCHED, query=f"{kind}:{key}", hits=found.total)
    shown = tuple(_mention(mention, visit.w) for mention in found.mentions)
    return visit.page("entity.html", shown=ShownEntity(found, among, shown, address_of(kind, key)), address_of=address_of,
                      address_in=address_in)  # fmt: skip


def address_of(kind: str, key: str) -> str:
    """The page of an entity; none for a key that cannot stand in a path."""
    return "" if "/" in key or not key or key in (".", "..") else f"/entities/{kind}/{quote(key, safe='')}"


def address_in(source: Source) -> str:
    """A segment on the page of its item."""
    return f"/items/{source.item}?at={source.origin}-{source.ordinal}#{source.origin}-{source.ordinal}"


def _address(here: str, among: Among) -> str:
    values = {f.name: v for f in fields(among) if (v := getattr(among, f.name))}
    return f"{here}?{urlencode(values)}" if values else here


def _mention(mention: Named, w: Words) -> ShownMention:
    known = mention.fields
    facts = (which_text(known, w), *places(known, w), date_of(known, w), str(known.get("sender") or ""))
    text, lang = str(known.get("text", "")), lang_tag(known.get("language"))
    if not any(s in text for s in mention.spellings) and any(
        s in known.get("translation", "") for s in mention.spellings
    ):
        text, lang = str(known["translation"]), "en"
        facts = (w("machine translation"), *facts[1:])
    return ShownMention(
        item=mention.source.item,
        address=address_in(mention.source),
        facts=tuple(fact for fact in facts if fact),
        pieces=tuple(around(text, mention.spellings)),
        lang=lang,
    )


def around(text: str, spellings: Sequence[str]) -> Iterator[Piece]:
    """The stretch of a text around the first spelling, with all of them marked that stand in it."""
    pattern = "|".join(re.escape(s) for s in sorted(spellings, key=len, reverse=True) if s)
    first = re.search(pattern, text) if pattern else None
    if first is None:
        yield Piece(text[:_UNNAMED] + ("…" if len(text) > _UNNAMED else ""))
        return
    begin, end = max(0, first.start() - _AROUND), min(len(text), first.end() + _AROUND)
    at = begin
    if begin:
        yield Piece("…")
    for found in re.finditer(pattern, text):
        if begin <= found.start() and found.end() <= end:
            yield Piece(text[at : found.start()])
            yield Piece(found[0], "found")
            at = found.end()
    yield Piece(text[at:end])
    if end < len(text):
        yield Piece("…")
