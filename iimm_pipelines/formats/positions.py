"""Positions as files state them: points, tracks and areas, in degrees.

Here: what a position is, ISO 6709, degrees in words, the few points that stand for a long line.
Not here: where each format keeps its positions (the readers), names of places in text (stages/places).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MILLION = 1_000_000
MOST_ALONG = 64
"""Points kept of a line besides their number and bounds: enough to find it by where it leads through."""
WGS84 = "WGS 84"
NOT_STATED = "not stated"

_ISO6709 = re.compile(r"([+-])(\d+(?:\.\d*)?)([+-])(\d+(?:\.\d*)?)(?:([+-])(\d+(?:\.\d*)?))?(?:CRS.*)?/?")
_XMP = re.compile(r"(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?([NSEW])")


class Of(StrEnum):
    """What is there, by the file's own word."""

    CAMERA = "camera"
    RECORDER = "recorder"
    SHOWN = "shown"
    POINT = "point"
    TRACK = "track"
    LINE = "line"
    AREA = "area"


@dataclass(frozen=True, slots=True)
class Position:
    """A point, or several that belong together: then latitude and longitude are the first one's."""

    of: Of
    latitude: int
    """Millionths of a degree, north positive."""
    longitude: int
    """Millionths of a degree, east positive."""
    reader: str
    altitude_mm: int | None = None
    """Above sea level or the ellipsoid: most formats do not say."""
    accuracy_mm: int | None = None
    name: str = ""
    written: str = ""
    """As it stands in the file, where it is one value."""
    reference: str = WGS84
    points: int = 1
    bounds: tuple[int, int, int, int] | None = None
    """South, west, north, east in millionths of a degree, of more than one point. Across the date line west > east."""
    along: tuple[int, ...] = ()
    """Latitude and longitude in turn, of at most 64 points, the first and the last among them."""


Point = tuple[float, float, float | None]
"""Longitude, latitude in degrees, altitude in metres."""


def micro(latitude: float, longitude: float) -> tuple[int, int] | None:
    """Both in millionths, or `None` where there is no such place."""
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 360):  # what is no number fails this too
        return None
    east = longitude - 360 if longitude > 180 else longitude
    return round(latitude * MILLION), round(east * MILLION)


def millimetres(metres: float | None) -> int | None:
    """Metres as whole millimetres; `None` for what is no height in this world."""
    return round(metres * 1000) if metres is not None and abs(metres) < 1_000_000 else None


def point(of: Of, latitude: float, longitude: float, reader: str, *, altitude: float | None = None,
          accuracy: float | None = None, name: str = "", written: str = "", reference: str = WGS84) -> Position | None:  # fmt: skip
    """One point in degrees and metres, or `None` where there is no such place."""
    at = micro(latitude, longitude)
    if at is None:
        return None
    return Position(of, *at, reader, millimetres(altitude), millimetres(accuracy), name, written, reference)


def line(of: Of, points: Sequence[Point], reader: str, *, name: str = "", reference: str = WGS84) -> Position | None:
    """Several points as one position; those that are nowhere are left out. `None` if none is left."""
    found = [(at, height) for x, y, height in points if (at := micro(y, x)) is not None]
    if not found:
        return None
    places = [at for at, _ in found]
    (latitude, longitude), height = found[0]
    if len(found) == 1:
        return Position(of, latitude, longitude, reader, millimetres(height), name=name, reference=reference)
    return Position(of, latitude, longitude, reader, millimetres(height), name=name, reference=reference,
                    points=len(found), bounds=_bounds(places), along=_along(places))  # fmt: skip


def _bounds(places: Sequence[tuple[int, int]]) -> tuple[int, int, int, int]:
    norths, easts = [p[0] for p in places], [p[1] for p in places]
    west, east = min(easts), max(easts)
    crossing = any(abs(one - other) > 180 * MILLION for one, other in zip(easts, easts[1:], strict=False))
    if crossing:
        west = min((e for e in easts if e >= 0), default=west)
        east = max((e for e in easts if e < 0), default=east)
    return min(norths), west, max(norths), east


def _along(places: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    last = len(places) - 1
    chosen = sorted({round(i * last / (MOST_ALONG - 1)) for i in range(MOST_ALONG)}) if last >= MOST_ALONG else None
    return tuple(n for i in (chosen or range(len(places))) for n in places[i])


def from_iso6709(of: Of, written: str, reader: str) -> Position | None:
    """A place as films write it: `+16.8661+096.1951+012.0/`, also in degrees with minutes and seconds run together."""
    match = _ISO6709.fullmatch(written.strip())
    if not match:
        return None
    latitude, longitude = _packed(match[1], match[2], 2), _packed(match[3], match[4], 3)
    altitude = float(f"{match[5]}{match[6]}") if match[6] else None
    return point(of, latitude, longitude, reader, altitude=altitude, written=written.strip()[:200])


def _packed(sign: str, digits: str, width: int) -> float:
    """Degrees of DD.D, DDMM.M or DDMMSS.S (ISO 6709, annex H; longitudes have three digits of degrees)."""
    whole, _, fraction = digits.partition(".")
    degrees, rest = whole[:width], whole[width:]
    if not rest:
        value = float(digits)
    elif len(rest) == 2:
        value = int(degrees) + float(f"{rest}.{fraction or 0}") / 60
    else:
        value = int(degrees) + int(rest[:2]) / 60 + float(f"{rest[2:]}.{fraction or 0}") / 3600
    return -value if sign == "-" else value


def degrees_of_xmp(written: str) -> float | None:
    """A latitude or longitude as XMP writes it (`16,52.0N`; XMP part 2, section 3.6), in degrees."""
    match = _XMP.fullmatch(written.strip())
    if not match:
        return None
    value = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    return -value if match[4] in "SW" else value
