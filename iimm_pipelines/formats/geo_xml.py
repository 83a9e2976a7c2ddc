"""Maps and tracks in XML: KML, GPX, TCX.

Here: their features, tracks and times. Elements are told by their names alone, since programs mix up the namespaces.
Not here: gathering and limits (geo), KMZ, which is a ZIP (zipped).

No entity is resolved and nothing that a map links to is fetched: a network link is noted by its address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import times
from iimm_pipelines.formats.geo import READER, Features, number, raw_text
from iimm_pipelines.formats.html import page
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.positions import Of, Point
from iimm_pipelines.formats.times import Meaning

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

KML, GPX, TCX = ("application/vnd.google-earth.kml+xml", "application/gpx+xml", "application/vnd.garmin.tcx+xml")
TYPES = frozenset({KML, GPX, TCX})
_DEEPEST = 200
"""Elements inside each other; maps have some ten."""


def read(path: Path, media_type: str, limits: Limits) -> Parsed:
    """Read a map. What breaks off is read as far as it goes; what is no map at all is read as text."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException

    found = Features(limits)
    reading = {KML: _kml, GPX: _gpx, TCX: _tcx}[media_type]
    try:
        reading(path, found)
    except DefusedXmlException:  # entities: what they stand for is not looked at
        return raw_text(path, limits, Reason.UNSUPPORTED)
    except (ParseError, ValueError, LookupError, RecursionError):
        if not (found.segments or found.positions):
            return raw_text(path, limits, Reason.DAMAGED)
        found.problem = found.problem or Reason.DAMAGED
    return found.parsed()


def _closed(
    path: Path, wanted: frozenset[str], also: Callable[[str, Element], None] | None = None
) -> Iterator[tuple[str, Element]]:
    """Each wanted element once it is closed, by its plain name; what has been seen is let go of.

    `also` is called with the elements outside of wanted ones.
    """
    from defusedxml.ElementTree import iterparse

    open_elements: list[Element] = []
    inside = 0
    with path.open("rb") as file:
        for event, element in iterparse(file, events=("start", "end")):
            name = plain(element)
            if event == "start":
                open_elements.append(element)
                inside += name in wanted
                if len(open_elements) > _DEEPEST:
                    raise ValueError("deeper than any map")
                continue
            open_elements.pop()
            inside -= name in wanted
            if inside:
                continue
            if name in wanted:
                yield name, element
                if open_elements:
                    open_elements[-1].remove(element)
            elif also:
                also(name, element)


def plain(element: Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _said(element: Element, *names: str) -> str:
    """The text of the first direct child of one of these names."""
    for child in element:
        if plain(child) in names:
            return "".join(child.itertext()).strip()
    return ""


_KML_FEATURES = frozenset({"Placemark", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "NetworkLink"})


def _kml(path: Path, found: Features) -> None:
    def outside(name: str, element: Element) -> None:
        if name in ("name", "description", "address"):
            found.say([_words(element)], "title" if name == "name" else "description")

    for name, feature in _closed(path, _KML_FEATURES, outside):
        found.features += 1
        title = _said(feature, "name")
        lines = [title, _said(feature, "address"), _said(feature, "phoneNumber")]
        lines += [_words(child) for child in feature if plain(child) in ("description", "Snippet", "snippet")]
        lines += list(_data(feature))
        if name == "NetworkLink":
            lines += [f"link: {e.text}" for e in feature.iter() if plain(e) == "href" and e.text]
        found.say(dict.fromkeys(lines))
        _kml_times(feature, found)
        _kml_geometry(feature, title, found)


def _words(element: Element) -> str:
    """A description: KML allows HTML in it, as text."""
    said = "".join(element.itertext()).strip()
    if "<" not in said:
        return said
    return page(said.encode("utf-8", errors="replace"), "utf-8").text


def _data(feature: Element) -> Iterator[str]:
    for element in feature.iter():
        name = plain(element)
        if name == "Data":
            value = _said(element, "value")
            label = _said(element, "displayName") or element.attrib.get("name", "")
            if value:
                yield f"{label}: {value}"
        elif name == "SimpleData" and element.text and element.text.strip():
            yield f"{element.attrib.get('name', '')}: {element.text.strip()}"


def _kml_times(feature: Element, found: Features) -> None:
    for element in feature.iter():
        match plain(element):
            case "TimeStamp":
                found.time(times.stated(Meaning.POINT_VISITED, _said(element, "when"), READER))
            case "TimeSpan":
                found.time(times.stated(Meaning.STATED_BEGIN, _said(element, "begin"), READER))
                found.time(times.stated(Meaning.STATED_END, _said(element, "end"), READER))


def _kml_geometry(feature: Element, name: str, found: Features) -> None:
    for element in feature.iter():
        match plain(element):
            case "Point":
                found.place(Of.POINT, _coordinates(element, found), name)
            case "LineString":
                found.place(Of.LINE, _coordinates(element, found), name)
            case "Polygon":
                outer = next((e for e in element.iter() if plain(e) == "outerBoundaryIs"), element)
                found.place(Of.AREA, _coordinates(outer, found), name)
            case "LinearRing" if plain(feature) == "Placemark" and not _in_polygon(feature, element):
                found.place(Of.LINE, _coordinates(element, found), name)
            case "LatLonQuad":
                found.place(Of.AREA, _coordinates(element, found), name)
            case "LatLonBox":
                north, south, east, west = (number(_said(element, n)) for n in ("north", "south", "east", "west"))
                found.place(
                    Of.AREA, [(west, south, None), (east, south, None), (east, north, None), (west, north, None)], name
                )
            case "Track":
                _kml_track(element, name, found)


def _in_polygon(feature: Element, ring: Element) -> bool:
    return any(ring is e for polygon in feature.iter() if plain(polygon) == "Polygon" for e in polygon.iter())


def _coordinates(element: Element, found: Features) -> list[Point]:
    written = next((e.text or "" for e in element.iter() if plain(e) == "coordinates"), "")
    tuples = written.split()
    if not found.room(len(tuples)):
        return []
    return [_point(one.split(",")) for one in tuples]


def _point(parts: list[str]) -> Point:
    longitude, latitude, *height = [*parts, ""] if len(parts) == 1 else parts
    return number(longitude), number(latitude), number(height[0]) if height and height[0] else None


def _kml_track(track: Element, name: str, found: Features) -> None:
    points = [_point((e.text or "").split()) for e in track if plain(e) == "coord" and (e.text or "").strip()]
    when = [e.text or "" for e in track if plain(e) == "when"]
    if found.room(len(points)):
        found.place(Of.TRACK, points, name)
    _begun_and_ended(when, found)


def _begun_and_ended(when: list[str], found: Features) -> None:
    stated = [w for w in when if w.strip()]
    if stated:
        found.time(times.stated(Meaning.TRACK_BEGUN, stated[0], READER))
        found.time(times.stated(Meaning.TRACK_ENDED, stated[-1], READER))


_GPX_FEATURES = frozenset({"metadata", "wpt", "rte", "trk"})


def _gpx(path: Path, found: Features) -> None:
    def outside(name: str, element: Element) -> None:
        if name in ("name", "desc", "keywords", "author") and len(element) == 0:
            found.say([element.text or ""], "title" if name == "name" else "description")
        elif name == "time":
            found.time(times.stated(Meaning.CREATED, element.text or "", READER))

    for name, feature in _closed(path, _GPX_FEATURES, outside):
        if name == "metadata":
            found.say([_said(feature, "name")], "title")
            found.say([_said(feature, "desc"), _said(feature, "keywords"), _said(feature, "author")], "description")
            found.time(times.stated(Meaning.CREATED, _said(feature, "time"), READER))
            continue
        found.features += 1
        _gpx_feature(name, feature, found)


def _gpx_feature(name: str, feature: Element, found: Features) -> None:
    title = _said(feature, "name")
    found.say(_gpx_words(feature))
    if name == "wpt":
        found.place(Of.POINT, [_gpx_point(feature)], title)
        found.time(times.stated(Meaning.POINT_VISITED, _said(feature, "time"), READER))
        return
    runs = [feature] if name == "rte" else [e for e in feature if plain(e) == "trkseg"]
    for run in runs:
        visited = [e for e in run if plain(e) in ("trkpt", "rtept")]
        for point in visited:
            found.say(_gpx_words(point))
        if found.room(len(visited)):
            found.place(Of.TRACK if name == "trk" else Of.LINE, [_gpx_point(e) for e in visited], title)
        if name == "trk":
            _begun_and_ended([_said(e, "time") for e in visited], found)


def _gpx_words(element: Element) -> Iterator[str]:
    return dict.fromkeys(_said(element, n) for n in ("name", "desc", "cmt", "src", "type")).__iter__()


def _gpx_point(element: Element) -> Point:
    height = _said(element, "ele")
    return number(element.attrib.get("lon")), number(element.attrib.get("lat")), number(height) if height else None


_TCX_FEATURES = frozenset({"Track", "CoursePoint"})


def _tcx(path: Path, found: Features) -> None:
    def outside(name: str, element: Element) -> None:
        if name in ("Name", "Notes"):
            found.say([element.text or ""], "title" if name == "Name" else "description")

    for name, feature in _closed(path, _TCX_FEATURES, outside):
        found.features += 1
        if name == "CoursePoint":
            found.say([_said(feature, "Name"), _said(feature, "Notes"), _said(feature, "PointType")])
            found.place(Of.POINT, list(_tcx_points(feature)), _said(feature, "Name"))
            continue
        points = list(_tcx_points(feature))
        if found.room(len(points)):
            found.place(Of.TRACK, points)
        _begun_and_ended([_said(e, "Time") for e in feature if plain(e) == "Trackpoint"], found)


def _tcx_points(element: Element) -> Iterator[Point]:
    for around in element.iter():
        place = next((e for e in around if plain(e) == "Position"), None)
        if place is not None:
            height = _said(around, "AltitudeMeters")
            yield (number(_said(place, "LongitudeDegrees")), number(_said(place, "LatitudeDegrees")),
                   number(height) if height else None)  # fmt: skip
