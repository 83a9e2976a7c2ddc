"""The map of a search: where its hits say that something was, on an outline of the country that this project draws itself.

Here: from places and squares with their counts to circles on the outline, and the same as rows of a table.
Not here: the outline (static/myanmar.svg), counting (search/facets), where a place lies (search/known_places).

Nothing is fetched from elsewhere: a map service would learn what is looked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

from iimm_pipelines.search.facet_fields import SQUARES_A_DEGREE
from iimm_pipelines.search.known_places import KnownPlaces

WIDTH, HEIGHT = 386, 776
"""Units of the outline, whose viewBox this is."""
_WEST, _NORTH, _A_DEGREE, _NARROWED = 91.6, 28.9, 40, 0.9455
_SMALLEST, _LARGEST = 4.0, 18.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A place or a square with its hits; without `x` it lies beyond the map, or nobody knows where."""

    facet: str
    value: str
    label: str
    count: int
    x: float | None = None
    y: float | None = None
    radius: float = _SMALLEST


def spots(squares: Mapping[str, int], places: Mapping[str, int], known: KnownPlaces) -> list[Spot]:
    """All of them, the most hits first: so that on the map the small lie on the large."""
    most = max([*squares.values(), *places.values()], default=1)
    of = known.of(places)
    found = [_spot("square", value, value.replace(",", ", "), n, _middle(value), most) for value, n in squares.items()]
    for value, n in places.items():
        place = of.get(value)
        label = place.both if place else value.replace(" | ", " ")
        found.append(_spot("named_place", value, label, n, place.point if place else None, most))
    return sorted(found, key=lambda spot: (-spot.count, spot.label))


def _middle(square: str) -> tuple[float, float] | None:
    try:
        latitude, longitude = (float(corner) + 0.5 / SQUARES_A_DEGREE for corner in square.split(","))
    except ValueError:
        return None
    return latitude, longitude


def _spot(facet: str, value: str, label: str, count: int, point: tuple[float, float] | None, most: int) -> Spot:
    at = on_the_map(*point) if point else None
    if at is None:
        return Spot(facet, value, label, count)
    return Spot(facet, value, label, count, *at, round(_SMALLEST + (_LARGEST - _SMALLEST) * sqrt(count / most), 1))


def on_the_map(latitude: float, longitude: float) -> tuple[float, float] | None:
    """Where a point lies on the outline; none for what lies beyond it."""
    x, y = round((longitude - _WEST) * _NARROWED * _A_DEGREE, 1), round((_NORTH - latitude) * _A_DEGREE, 1)
    return (x, y) if 0 <= x <= WIDTH and 0 <= y <= HEIGHT else None
