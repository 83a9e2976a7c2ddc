"""Places of an item: where its file says that it was, and what its texts name, on the outline of the country and as rows.

Here: from positions and mentions to spots on the outline, and what is known of each.
Not here: the outline and where a point lies on it (page/country_map), reading positions (formats), finding names (stages).

A position that a file states and a name that a machine read are two things, and stand apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from iimm_pipelines.formats.positions import NOT_STATED
from iimm_pipelines.page.country_map import on_the_map
from iimm_pipelines.page.words import Words
from iimm_pipelines.search.known_places import KnownPlaces
from iimm_pipelines.search.named import identity

MOST = 100
"""Of each of the two: a track has thousands of points, a list of villages as many names."""
_MILLION = 1_000_000
_AROUND_KM = 5

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """A place with what is said of it. Without `at` it lies beyond the map, or nobody knows where."""

    label: str
    said_by: str
    coordinates: str
    link: str
    stated: bool
    at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ItemPlaces:
    """Those that are shown, what files state first, and how many more there are."""

    shown: tuple[ItemPlace, ...]
    more: int

    @property
    def on_map(self) -> bool:
        """Whether any of them lies on it."""
        return any(place.at is not None for place in self.shown)


def item_places(positions: Sequence[Row], mentions: Iterable[Row], known: KnownPlaces, w: Words) -> ItemPlaces:
    """What an item says of places."""
    named = Counter(identity(m).partition(":")[2] for m in mentions if m["type"] == "place")
    of = known.of(named)
    frequent = named.most_common(MOST)
    shown = (*(_stated(row, w) for row in positions[:MOST]), *(_named(code, n, of, w) for code, n in frequent))
    return ItemPlaces(shown, len(positions) + len(named) - len(shown))


def _stated(row: Row, w: Words) -> ItemPlace:
    latitude, longitude = row["latitude"] / _MILLION, row["longitude"] / _MILLION
    words = [w("place stated", of=w.term(row["of"]))]
    if row.get("accuracy_mm") is not None:
        words.append(w("accuracy", n=round(row["accuracy_mm"] / 1000)))
    if (row.get("points") or 1) > 1:
        words.append(w("points of it", n=row["points"]))
    if row.get("reference") == NOT_STATED:
        words.append(w("reference not stated"))
    point = f"{latitude:.6f}, {longitude:.6f}"
    near = urlencode({"near": f"{latitude:.6f},{longitude:.6f},{_AROUND_KM}"})
    return ItemPlace(row.get("name") or point, "; ".join(words), point, f"/search?{near}", True,
                     on_the_map(latitude, longitude))  # fmt: skip


def _named(code: str, times: int, of: Mapping[str, Any], w: Words) -> ItemPlace:
    place = of.get(code)
    point = place.point if place else None
    link = f"/entities/place/{quote(code, safe='')}" if code not in ("", ".", "..") and "/" not in code else ""
    return ItemPlace(
        label=place.both if place else code.replace(" | ", " "),
        said_by=w("place named") if times == 1 else w("place named times", n=times),
        coordinates=f"{point[0]:.4f}, {point[1]:.4f}" if point else "",
        link=link or f"/search?{urlencode({'q': code})}",
        stated=False,
        at=on_the_map(*point) if point else None,
    )
