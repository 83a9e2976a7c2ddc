"""A gallery of hits: a small picture of each that has one, veiled until somebody opens it.

Here: which hits have a picture, and its address: of a PDF the page, of a film the second that was found.
Not here: drawing (page/views, page/originals), answering the address and writing down who looked (page/file_answers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
    return Gallery({hit.item: _tile(visit, hit, veiled) for hit in hits if _has_picture(hit)}, veil_on, opened)


def _has_picture(hit: ShownHit) -> bool:
    return not hit.shut and kind_of({"kind": hit.kind, "media_type": hit.media_type}) in _DRAWN


def _tile(visit: Visit, hit: ShownHit, veiled: bool) -> Tile:
    form = Form.VEILED if veiled else Form.SMALL
    links, now = visit.desk.links, visit.desk.clock()
    return Tile(links.address(visit.known, hit.item, Kind.PICTURE, now, form=form, page=str(hit.at)), veiled)
