"""A gallery of hits: a small picture of each that has one, veiled until somebody opens it.

Here: which hits have a picture, and its address: of a PDF the page, of a film the second that was found.
Not here: drawing (page/views, page/originals), answering the address and writing down who looked (page/file_answers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.formats.office_pages import ENDINGS
from iimm_pipelines.page.hits import ShownHit
from iimm_pipelines.page.links import Kind
from iimm_pipelines.page.original_view import As, kind_of
from iimm_pipelines.page.views import Form
from iimm_pipelines.page.visit import Visit

_DRAWN = frozenset({As.PICTURE, As.PAGES, As.FILM})


@dataclass(frozen=True, slots=True)
class Tile:
    """A small picture: where it is, and whether it is veiled."""

    source: str
    veiled: bool


@dataclass(frozen=True, slots=True)
class Gallery:
    """Tiles by item. `veil_on`: whether this reader's pictures are veiled until opened."""

    tiles: Mapping[str, Tile]
    veil_on: bool
    opened: bool

    @property
    def veiled(self) -> bool:
        """Whether some of it is veiled."""
        return any(tile.veiled for tile in self.tiles.values())


def gallery(visit: Visit, hits: Iterable[ShownHit], opened: bool) -> Gallery:
    """The tiles of a page of hits. What a scanner warns of and what is kept shut has none."""
    veil_on = visit.holding.choices.veiled(visit.known.name)
    veiled = veil_on and not opened
    known = {hit.item: _tile(visit, hit.item, hit.at, veiled) for hit in hits
             if not hit.shut and _has_picture(hit.kind, hit.media_type)}  # fmt: skip
    return Gallery(known, veil_on, opened)


def tile_of(visit: Visit, fields: Mapping[str, Any], veiled: bool) -> Tile | None:
    """The tile of one item; none for what has none."""
    shut = fields.get("kept_shut") or "malware" in fields
    if shut or not _has_picture(str(fields.get("kind")), str(fields.get("media_type"))):
        return None
    return _tile(visit, str(fields["item"]), 1, veiled)


def _has_picture(kind: str, media_type: str) -> bool:
    # office documents are laid out when they are opened, and not for a tile
    return media_type not in ENDINGS and kind_of({"kind": kind, "media_type": media_type}) in _DRAWN


def _tile(visit: Visit, number: str, page: int, veiled: bool) -> Tile:
    form = Form.VEILED if veiled else Form.SMALL
    links, now = visit.desk.links, visit.desk.clock()
    return Tile(links.address(visit.known, number, Kind.PICTURE, now, form=form, page=str(page)), veiled)
