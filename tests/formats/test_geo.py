"""Maps and tracks."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import detect, geo, geo_xml
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
MAPS = PACK / "geo_kml" / "files"
VECTORS = PACK / "geo_vector" / "files"
TYPES = {".kml": geo_xml.KML, ".gpx": geo_xml.GPX, ".tcx": geo_xml.TCX}
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")

KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Wells</name><Placemark><name>ရေတွင်း</name>
<description>&lt;b&gt;deep&lt;/b&gt; well</description><TimeStamp><when>2024-01-02T03:04:05+06:30</when></TimeStamp>
<Point><coordinates>96.1951,16.8661,12</coordinates></Point></Placemark></Document></kml>"""


def read(tmp_path: Path, text: str | bytes, media_type: str = geo_xml.KML) -> Parsed:
    (tmp_path / "blob").write_bytes(text.encode() if isinstance(text, str) else text)
    return parse(tmp_path / "blob", media_type, b"map", tmp_path, (), Limits())


def test_a_placemark_has_words_a_place_and_a_time(tmp_path: Path) -> None:
    found = read(tmp_path, KML)
    assert [(s.field, s.text) for s in found.segments] == [("title", "Wells"), ("place", "ရေတွင်း\ndeep well")]
    assert [(p.of, p.latitude, p.longitude, p.altitude_mm, p.name) for p in found.positions] == [
        ("point", 16_866_100, 96_195_100, 12_000, "ရေတွင်း")
    ]
    assert [(t.meaning, t.at.iso, t.at.offset_minutes) for t in found.times] == [
        ("point visited", "2024-01-02T03:04:05", 390)
    ]


def test_a_map_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = read(tmp_path, KML[: KML.index("</Document>")])
    assert (found.problem, len(found.positions)) == (Reason.DAMAGED, 1)


def test_what_is_no_map_is_read_as_text(tmp_path: Path) -> None:
    found = read(tmp_path, "<kml>the well & the monastery")
    assert (found.problem, [s.text for s in found.segments]) == (Reason.DAMAGED, ["<kml>the well & the monastery"])


@pytest.mark.parametrize(
    "entity", ['<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">', '<!ENTITY b SYSTEM "file:///etc/hostname">']
)
def test_entities_are_not_looked_at(tmp_path: Path, entity: str) -> None:
    found = read(tmp_path, f"<!DOCTYPE kml [{entity}]>" + KML.replace("Wells", "&b;"))
    assert (found.problem, found.positions) == (Reason.UNSUPPORTED, ())
    assert "&b;" in "".join(s.text for s in found.segments)


def test_a_network_link_is_noted_and_nothing_more(tmp_path: Path) -> None:
    link = "<kml><NetworkLink><name>n</name><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink></kml>"
    assert [s.text for s in read(tmp_path, link).segments] == ["n\nlink: http://127.0.0.1:9/a.kml"]


def test_thousands_of_nested_elements_end(tmp_path: Path) -> None:
    assert read(tmp_path, "<kml>" + "<Folder>" * 50_000).problem is Reason.DAMAGED


def test_more_places_than_are_kept_become_one(tmp_path: Path) -> None:
    points = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [i / 1000, 1]}} for i in range(10_005)]
    found = read(tmp_path, json.dumps({"type": "FeatureCollection", "features": points}), "application/geo+json")
    assert (len(found.positions), found.positions[-1].points, sum(p.points for p in found.positions)) == (
        10_001,
        5,
        10_005,
    )


def test_a_projected_map_gives_no_degrees(tmp_path: Path) -> None:
    projected = {"type": "Point", "coordinates": [2_000_000, 500_000],
                 "crs": {"type": "name", "properties": {"name": "EPSG:32647"}}}  # fmt: skip
    found = read(tmp_path, json.dumps(projected), "application/geo+json")
    assert (found.positions, ("reference system", "EPSG:32647") in found.metadata) == ((), True)


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"type":"Feature","geometry":{"type":"Point","coordinates":"no"}}',
                                  b'{"type":"FeatureCollection","features":[1,null,{"geometry":7,"properties":[]}]}',
                                  b'{"type":"Polygon","coordinates":[[[1],["a","b"],null,[1,2,3]]]}'])  # fmt: skip
def test_broken_geojson_does_not_make_it_fail(tmp_path: Path, data: bytes) -> None:
    read(tmp_path, data, "application/geo+json")


@needs_pack
def test_shapefiles_cut_and_flipped_do_not_make_it_fail(tmp_path: Path) -> None:
    for name in ("gre.shp", "test_tin.shp"):
        data = (VECTORS / name).read_bytes()
        for at in range(100, min(len(data), 400), 7):
            assert read(tmp_path, data[:at], "application/vnd.shp").problem is Reason.TRUNCATED
            read(tmp_path, data[:at] + b"\xff\xff\xff\x7f" + data[at + 4 :], "application/vnd.shp")


@needs_pack
@pytest.mark.parametrize(("name", "media_type", "places", "points"), [
    ("coutwildrnp.shp", "application/vnd.shp", 67, 6606), ("gre.shp", "application/vnd.shp", 1, 426),
    ("coutwildrnp.shx", "application/vnd.shx", 0, 0), ("trio.geojson", "application/geo+json", 3, 10),
    ("trio.seq", "application/geo+json", 3, 10), ("collection-pp.txt", "application/geo+json", 2, 146),
    ("test_gpx.gpx", geo_xml.GPX, 1, 19),
])  # fmt: skip
def test_samples_are_recognised_and_read(name: str, media_type: str, places: int, points: int, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes((VECTORS / name).read_bytes())
    tools = detect.load()
    assert detect.detect(tmp_path / "blob", b"", tools.magic, tools.magika).media_type == media_type
    found = read(tmp_path, (VECTORS / name).read_bytes(), media_type)
    assert (found.problem, len(found.positions), sum(p.points for p in found.positions)) == (None, places, points)


def test_a_kmz_is_a_container_of_its_map(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "packed", "w") as packed:
        packed.writestr("doc.kml", KML)
    tools = detect.load()
    found = detect.detect(tmp_path / "packed", b"x.kmz", tools.magic, tools.magika)
    assert (found.media_type, found.conflict) == ("application/vnd.google-earth.kmz", False)
    assert [m.path for m in parse(tmp_path / "packed", found.media_type, b"x", tmp_path, (), Limits()).members] == [
        b"doc.kml"
    ]


@needs_pack
def test_every_place_and_name_that_togeojson_finds_is_found() -> None:
    compared = 0
    for name, expected in _snapshots().items():
        path = MAPS / "test" / "data" / name
        found = geo_xml.read(path, TYPES[path.suffix], Limits())
        places = [p for f in expected["features"] for p in _points(f["geometry"])]
        assert sum(p.points for p in found.positions) >= len(set(places)), name
        said = " ".join(" ".join(s.text for s in found.segments).split())
        for feature in expected["features"]:
            title = (feature["properties"] or {}).get("name")
            assert not title or " ".join(str(title).split()) in said, name
        if places:
            compared += 1
            assert _inside(found, places), name
    assert compared >= 40


@needs_pack
@pytest.mark.parametrize("suffix", ["kml", "gpx", "tcx"])
def test_bad_maps_do_not_make_it_fail(suffix: str) -> None:
    geo_xml.read(MAPS / "test" / "data" / f"bad.{suffix}", TYPES[f".{suffix}"], Limits())


def test_a_tweet_with_a_place_is_no_map() -> None:
    assert not detect._is_geojson(b'{"id": 1, "geo": {"type": "Point", "coordinates": [1, 2]}, "text": "x"}')
    assert geo.is_shapefile(b"\0\0\x27\x0a") is None


def _snapshots() -> dict[str, Any]:
    """What placemark's togeojson makes of each sample, where its snapshot is plain JSON with trailing commas."""
    said = (MAPS / "lib" / "__snapshots__" / "index.test.ts.snap").read_text()
    found = {}
    for match in re.finditer(r"^exports\[`toGeoJSON > (\S+) 1`\] = `\n(.*?)\n`;", said, re.MULTILINE | re.DOTALL):
        try:
            root = json.loads(re.sub(r",(\s*[}\]])", r"\1", match[2].replace("\\\\", "\\")))
        except ValueError:
            continue
        if root and "features" in root and not match[1].startswith(("bad", "networklink")):
            found[match[1]] = root
    return found


def _points(geometry: Any) -> list[tuple[float, float]]:
    if not geometry:
        return []
    if geometry["type"] == "GeometryCollection":
        return [p for g in geometry["geometries"] for p in _points(g)]
    flat: list[tuple[float, float]] = []
    waiting = [geometry["coordinates"][:1] if geometry["type"] == "Polygon" else geometry["coordinates"]]
    while waiting:
        one = waiting.pop()
        if one and isinstance(one[0], (int, float)) and len(one) > 1:
            flat.append((one[0], one[1]))
        elif one and isinstance(one[0], list):
            waiting.extend(one)
    return flat


def _inside(found: Parsed, places: list[tuple[float, float]]) -> bool:
    corners = [p.bounds or (p.latitude, p.longitude, p.latitude, p.longitude) for p in found.positions]
    south, west = min(c[0] for c in corners), min(c[1] for c in corners)
    north, east = max(c[2] for c in corners), max(c[3] for c in corners)
    return all(south <= round(y * 1e6) <= north and west <= round(x * 1e6) <= east for x, y in places)
