"""Searches narrowed to times and places that files state."""

from __future__ import annotations

import io
import json
from collections.abc import Callable

import pytest
from PIL import Image
from small_evidence import iimm, process, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.search.when_and_where import Asked, AskedInvalid, points_of, times_of

TRACK = """<gpx xmlns="http://www.topografix.com/GPX/1/1"><trk><name>monastery road</name><trkseg>
<trkpt lat="16.80" lon="96.15"><time>2024-03-01T00:10:00Z</time></trkpt>
<trkpt lat="16.90" lon="96.15"><time>2024-03-01T00:50:00Z</time></trkpt></trkseg></trk></gpx>"""
MAIL = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: monastery mail\r\nDate: Sat, 2 Mar 2024 01:00:00 +0630\r\n\r\nx\r\n"


@pytest.fixture(name="holding", scope="module")
def dated(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """Four files that say when and where, all of which hold the word monastery."""
    holding = new_holding()
    files = {"camera.jpg": _picture("2024:03:01 20:00:00", ""), "telephone.jpg": _picture("2024:03:01 20:00:00", "+06:30"),
             "road.gpx": TRACK, "sent.eml": MAIL}  # fmt: skip
    receive(holding, tmp_path_factory.mktemp("dated"), files)
    process(holding)
    return holding


@pytest.fixture(name="found")
def by_name(holding: Holding) -> Callable[[Asked], set[str]]:
    names = {i.number: i.path.decode() for s in holding.catalogue.shards() for i in read_items(holding.parts, s.number)}

    def ask(asked: Asked) -> set[str]:
        return {
            names[h.item]
            for h in search(holding, reader(holding, "analyst"), "monastery", 10, Narrowing(when_and_where=asked)).hits
        }

    return ask


def test_without_a_limit_all_is_found(found: Callable[[Asked], set[str]]) -> None:
    assert found(Asked()) == {"camera.jpg", "telephone.jpg", "road.gpx", "sent.eml"}


def test_a_time_with_offset_is_found_by_its_moment_and_no_other(found: Callable[[Asked], set[str]]) -> None:
    """20:00 in Yangon is 13:30 UTC; the camera without a zone may have been anywhere."""
    evening = Asked(after="2024-03-01T13:30", before="2024-03-01T13:31", when="picture taken")
    later = Asked(after="2024-03-01T20:00", before="2024-03-01T20:01", when="picture taken")
    assert (found(evening), found(later)) == ({"camera.jpg", "telephone.jpg"}, {"camera.jpg"})


def test_a_moment_is_typed_with_an_offset(found: Callable[[Asked], set[str]]) -> None:
    assert "telephone.jpg" in found(
        Asked(after="2024-03-01T20:00+06:30", before="2024-03-01T20:00+06:30", when="event")
    )


def test_the_time_of_a_mail_is_none_of_a_picture(found: Callable[[Asked], set[str]]) -> None:
    assert found(Asked(after="2024-03-01", before="2024-03-01", when="mail sent")) == {"sent.eml"}
    assert found(Asked(when="document")) == set()


def test_file_times_are_those_of_the_files_as_received(found: Callable[[Asked], set[str]]) -> None:
    """The files of this test were last changed on 9 September 2001."""
    assert found(Asked(after="2001-09-09", before="2001-09-09")) == found(Asked())
    assert found(Asked(after="2001-09-09", before="2001-09-09", when="event")) == set()


def test_places_are_found_from_points_and_along_tracks(found: Callable[[Asked], set[str]]) -> None:
    assert found(Asked(near="16.9,96.15,2")) == {"road.gpx"}
    assert found(Asked(near="16.8,96.15,2")) == {"road.gpx", "camera.jpg", "telephone.jpg"}
    assert found(Asked(near="20,96.15,2")) == set()


@pytest.mark.parametrize("asked", [Asked(after="last year"), Asked(when="birthday"), Asked(near="Yangon"), Asked(near="91,0,1"),
                                   Asked(near="1,2"), Asked(near="nan,0,1"), Asked(before="9999")])  # fmt: skip
def test_what_cannot_be_meant_is_refused(asked: Asked) -> None:
    with pytest.raises(AskedInvalid):
        asked.filters()


def test_the_command_line_takes_times_and_places(holding: Holding) -> None:
    asked = ("search", "monastery", "--as", "analyst", "--json", "--after", "2024-03-01", "--when", "event")
    found = iimm(*asked, "--near", "16.9,96.15,2", data=holding.settings.data)
    assert [hit["fields"]["media_type"] for hit in json.loads(found.stdout)["hits"]] == ["application/gpx+xml"]
    refused = iimm(*asked, "--near", "Yangon", data=holding.settings.data)
    assert (refused.returncode != 0, "latitude,longitude,kilometres" in refused.stderr) == (True, True)


def test_many_points_are_thinned_and_stay_where_they_are() -> None:
    rows = [{"latitude": 16_000_000 + i * 50, "longitude": 96_000_000 + i * 50} for i in range(5_000)]
    points = points_of(rows)
    assert points is not None
    assert 20 <= len(points) <= 200
    assert points[0] == "16.000000,96.000000"


def test_a_member_without_offset_may_be_of_any_zone() -> None:
    known = times_of([], {"parent": 1, "modified_ms": 0})
    written = times_of([], {"parent": 1, "modified_text": "2024-01-01T00:00:00"})
    assert known == {
        "file_modified_in_container": [{"gte": "1970-01-01T00:00:00.000Z", "lte": "1970-01-01T00:00:00.000Z"}]
    }
    assert written == {
        "file_modified_in_container": [{"gte": "2023-12-31T10:00:00.000Z", "lte": "2024-01-01T12:00:00.999Z"}]
    }


def _picture(taken: str, offset: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = b"monastery"
    exif[0x8769] = {0x9003: taken, 0x9011: offset} if offset else {0x9003: taken}
    exif[0x8825] = {1: "N", 2: (16.0, 48.0, 0.0), 3: "E", 4: (96.0, 9.0, 0.0)}
    made = io.BytesIO()
    Image.new("RGB", (8, 8), "green" if offset else "red").save(made, "JPEG", exif=exif)
    return made.getvalue()
