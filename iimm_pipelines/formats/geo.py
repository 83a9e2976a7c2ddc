"""Maps: what features are called and say, as segments; where they lie, as positions. GeoJSON and shapefiles.

Here: gathering features of any map format within limits, and the formats that are no XML.
Not here: KML, GPX and TCX (geo_xml), archives of maps (zipped), a shapefile's table, which is a file of its own (tika).

A shapefile's reference system stands in another file beside it. Where numbers could be degrees, they are taken for them,
and the position says that its reference is not stated.
"""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import positions, text
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, Segment, clean, pieces
from iimm_pipelines.formats.positions import NOT_STATED, WGS84, Of, Point, Position
from iimm_pipelines.formats.times import Time

USED = frozenset({"geo"})
READER = "geo"
SHAPE_MAGIC = b"\x00\x00\x27\x0a"
_MOST_POSITIONS = 10_000
"""Of a file; the rest becomes one position with its number and bounds."""
MOST_POINTS = 1_000_000
"""Of all lines of a file together: some 150 MB in memory."""
_MOST_JSON = 256 << 20
_MOST_TIMES = 10_000
_VALUE = 10_000
_DEGREES = frozenset({
    "urn:ogc:def:crs:ogc:1.3:crs84", "urn:ogc:def:crs:epsg::4326", "epsg:4326", "urn:ogc:def:crs:ogc::crs84",
})  # fmt: skip
_GEOMETRIES = frozenset({
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
})  # fmt: skip
_DEEPEST = 20
_RECORD_SEPARATOR = b"\x1e"


@dataclass(slots=True)
class Features:
    """What was gathered of a map so far."""

    limits: Limits
    metadata: list[tuple[str, str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    times: list[Time] = field(default_factory=list)
    problem: Reason | None = None
    features: int = 0
    _characters: int = 0
    _points: int = 0
    _rest: list[Position] = field(default_factory=list)

    def say(self, lines: Iterable[str], kind: str = "place") -> None:
        """Words of a feature, as one segment where they are short."""
        said = clean("\n".join(line.strip() for line in lines if line and line.strip())).replace("\0", "")
        self._characters += len(said)
        if self._characters > self.limits.max_characters:
            self.problem = Reason.LIMIT_REACHED
            return
        self.segments.extend(Segment(p, kind, row=self.features or None) for p in pieces(said))

    def time(self, time: Time | None) -> None:
        """A time, where there is one."""
        if time and len(self.times) < _MOST_TIMES:
            self.times.append(time)
        elif time:
            self.problem = Reason.LIMIT_REACHED

    def room(self, points: int) -> bool:
        """Whether so many more points may be held."""
        self._points += points
        if self._points > MOST_POINTS:
            self.problem = Reason.LIMIT_REACHED
        return self._points <= MOST_POINTS

    def place(self, of: Of, points: Sequence[Point], name: str = "", reference: str = WGS84) -> None:
        """A geometry; one without any point on Earth is left out."""
        found = positions.line(of, points, READER, name=clean(name).strip()[:200], reference=reference)
        if found is None:
            return
        if len(self.positions) < _MOST_POSITIONS:
            self.positions.append(found)
            return
        self._rest.append(found)
        if len(self._rest) > _MOST_POSITIONS:
            self._rest = [_together(self._rest)]

    def parsed(self, kind: FileKind = FileKind.DOCUMENT) -> Parsed:
        """All of it."""
        places = [*self.positions, *([_together(self._rest)] if self._rest else [])]
        self.metadata.append(("features", str(self.features)))
        return Parsed(kind, USED, tuple(self.metadata), tuple(self.segments), problem=self.problem,
                      times=tuple(self.times), positions=tuple(places))  # fmt: skip


def _together(found: Sequence[Position]) -> Position:
    corners = [p.bounds or (p.latitude, p.longitude, p.latitude, p.longitude) for p in found]
    bounds = (
        min(c[0] for c in corners),
        min(c[1] for c in corners),
        max(c[2] for c in corners),
        max(c[3] for c in corners),
    )
    first = found[0]
    return Position(Of.AREA, first.latitude, first.longitude, READER, reference=first.reference,
                    points=sum(p.points for p in found), bounds=bounds)  # fmt: skip


def raw_text(path: Path, limits: Limits, problem: Reason) -> Parsed:
    """The file as text, where it cannot be read as a map: nothing of its words is lost."""
    found = text.read(path, limits)
    return Parsed(FileKind.DOCUMENT, USED | found.used, found.metadata, found.segments, problem=problem)


def number(value: object) -> float:
    """A number, or one that is no place."""
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def read_geojson(path: Path, limits: Limits) -> Parsed:
    """Read GeoJSON (RFC 7946), whole or as a sequence of features (RFC 8142)."""
    import orjson

    if path.stat().st_size > _MOST_JSON:
        return raw_text(path, limits, Reason.LIMIT_REACHED)
    data = path.read_bytes()
    found = Features(limits)
    try:
        roots = [orjson.loads(data)]
    except orjson.JSONDecodeError:
        try:
            roots = [orjson.loads(line) for line in _sequence(data)]
        except orjson.JSONDecodeError:
            return raw_text(path, limits, Reason.DAMAGED)
    for root in roots:
        if isinstance(root, dict):
            _geojson(root, found)
    return found.parsed()


def _sequence(data: bytes) -> Iterator[bytes]:
    separator = _RECORD_SEPARATOR if data.lstrip().startswith(_RECORD_SEPARATOR) else b"\n"
    return (line for line in data.split(separator) if line.strip())


def _geojson(root: Mapping[str, Any], found: Features) -> None:
    crs = root.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    stated = str(properties.get("name", "")) if isinstance(properties, dict) else ""
    reference = WGS84 if not stated or stated.lower() in _DEGREES else clean(stated)[:100]
    if stated:
        found.metadata.append(("reference system", clean(stated)[:200]))
    if isinstance(root.get("name"), str):
        found.say([root["name"]], "title")
    members = root.get("features")
    for feature in members if isinstance(members, list) else [root]:
        if not isinstance(feature, dict):
            continue
        found.features += 1
        said = feature.get("properties")
        lines = [f"{k}: {_value(v)}" for k, v in said.items() if v not in (None, "")] if isinstance(said, dict) else []
        found.say(lines)
        name = (
            next((str(said[k]) for k in ("name", "Name", "NAME", "title") if said.get(k)), "")
            if isinstance(said, dict)
            else ""
        )
        geometry = feature if feature.get("type") in _GEOMETRIES else feature.get("geometry")
        _geometry(geometry, name, reference, found, 0)


def _value(value: object) -> str:
    import orjson

    return value[:_VALUE] if isinstance(value, str) else orjson.dumps(value).decode()[:_VALUE]


def _geometry(geometry: object, name: str, reference: str, found: Features, depth: int) -> None:
    if not isinstance(geometry, dict) or depth > _DEEPEST:
        return
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    inside = geometry.get("geometries")
    if kind == "GeometryCollection" and isinstance(inside, list):
        for one in inside:
            _geometry(one, name, reference, found, depth + 1)
        return
    if not isinstance(coordinates, list):
        return
    match kind:
        case "Point":
            found.place(Of.POINT, _points([coordinates], found), name, reference)
        case "MultiPoint":
            for point in coordinates:
                found.place(Of.POINT, _points([point], found), name, reference)
        case "LineString":
            found.place(Of.LINE, _points(coordinates, found), name, reference)
        case "MultiLineString":
            for line in coordinates:
                found.place(Of.LINE, _points(line, found), name, reference)
        case "Polygon":
            found.place(Of.AREA, _outer(coordinates, found), name, reference)
        case "MultiPolygon":
            for polygon in coordinates:
                found.place(Of.AREA, _outer(polygon, found), name, reference)


def _outer(rings: object, found: Features) -> list[Point]:
    return _points(rings[0], found) if isinstance(rings, list) and rings else []


def _points(coordinates: object, found: Features) -> list[Point]:
    if not isinstance(coordinates, list) or not found.room(len(coordinates)):
        return []
    return [(number(c[0]), number(c[1]), number(c[2]) if len(c) > 2 else None)
            for c in coordinates if isinstance(c, list) and len(c) >= 2]  # fmt: skip


def is_shapefile(head: bytes) -> str | None:
    """The type of a shapefile's geometry or of its index, which begin alike; `None` for anything else.

    The first record of the geometry has number 1, the first of the index points to byte 100, counted in words.
    """
    if not head.startswith(SHAPE_MAGIC) or len(head) < 100 or head[28:32] != b"\xe8\x03\0\0":
        return None
    index = head[100:104] == b"\0\0\0\x32"
    return "application/vnd.shx" if index else "application/vnd.shp"


def read_shapefile(path: Path, limits: Limits) -> Parsed:
    """Read the geometry of a shapefile."""
    import shapefile

    found = Features(limits)
    with path.open("rb") as file:
        declared = int.from_bytes(file.read(28)[24:], "big") * 2  # in words of 16 bits
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            path.open("rb") as file,
            shapefile.Reader(shp=file) as reader,
        ):
            found.metadata.append(("shape type", str(reader.shapeTypeName)))
            for shape in reader.iterShapes():
                found.features += 1
                _shape(shape, found)
                if found.problem:
                    break
    except (shapefile.ShapefileException, struct.error, OSError, ValueError, TypeError, KeyError, IndexError,
            AttributeError, OverflowError, EOFError):  # fmt: skip
        found.problem = found.problem or Reason.DAMAGED
    if declared > path.stat().st_size and found.problem in (None, Reason.DAMAGED):
        found.problem = Reason.TRUNCATED
    return found.parsed()


def _shape(shape: Any, found: Features) -> None:
    points = list(getattr(shape, "points", ()))
    if not points or not found.room(len(points)):
        return
    heights = list(getattr(shape, "z", ())) or [None] * len(points)
    whole: list[Point] = [(number(p[0]), number(p[1]), h) for p, h in zip(points, heights, strict=False)]
    name = str(shape.shapeTypeName)
    if "POINT" in name:
        for one in whole:
            found.place(Of.POINT, [one], reference=NOT_STATED)
        return
    starts = [*getattr(shape, "parts", (0,)), len(whole)]
    for start, end in zip(starts, starts[1:], strict=False):
        found.place(Of.LINE if "LINE" in name else Of.AREA, whole[start:end], reference=NOT_STATED)
