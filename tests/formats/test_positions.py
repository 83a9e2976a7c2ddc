"""Positions as files write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.formats import positions
from iimm_pipelines.formats.positions import MOST_ALONG, Of


@pytest.mark.parametrize(
    ("written", "latitude", "longitude", "altitude"),
    [
        ("+16.8661+096.1951+012.5/", 16_866_100, 96_195_100, 12_500),
        ("-33.5+070.25/", -33_500_000, 70_250_000, None),
        ("+1651.966+09611.706/", 16_866_100, 96_195_100, None),
        ("+165157.96+0961142.36-5/", 16_866_100, 96_195_100, -5_000),
    ],
)
def test_the_places_of_films_are_read(written: str, latitude: int, longitude: int, altitude: int | None) -> None:
    found = positions.from_iso6709(Of.RECORDER, written, "test")
    assert found is not None
    assert (found.latitude, found.longitude, found.altitude_mm, found.written) == (
        latitude,
        longitude,
        altitude,
        written,
    )


@pytest.mark.parametrize("written", ["", "16.8,96.1", "+95.0+010.0/", "+10.0+400.0/", "+16.8661"])
def test_what_is_no_place_is_none(written: str) -> None:
    assert positions.from_iso6709(Of.RECORDER, written, "test") is None


@given(st.text(alphabet="+-0123456789./CRSW", max_size=30))
def test_no_text_makes_it_fail(text: str) -> None:
    positions.from_iso6709(Of.RECORDER, text, "test")
    positions.degrees_of_xmp(text)


@pytest.mark.parametrize(
    ("written", "degrees"), [("16,51.966N", 16.8661), ("16,51,57.96S", -16.8661), ("096,11.706W", -96.1951)]
)
def test_the_degrees_of_xmp_are_read(written: str, degrees: float) -> None:
    assert positions.degrees_of_xmp(written) == pytest.approx(degrees)


def test_a_long_track_keeps_number_bounds_and_some_points() -> None:
    track = [(96 + i / 1000, 16 + i / 1000, None) for i in range(1000)]
    found = positions.line(Of.TRACK, track, "test")
    assert found is not None
    assert (found.points, found.bounds) == (1000, (16_000_000, 96_000_000, 16_999_000, 96_999_000))
    assert len(found.along) == 2 * MOST_ALONG
    assert (found.along[:2], found.along[-2:]) == ((16_000_000, 96_000_000), (16_999_000, 96_999_000))


def test_points_that_are_nowhere_are_left_out() -> None:
    found = positions.line(Of.LINE, [(math.nan, 16.0, None), (96.0, 16.0, math.nan), (0.0, 91.0, None)], "test")
    assert found is not None
    assert (found.points, found.altitude_mm) == (1, None)
    assert positions.line(Of.LINE, [(math.inf, 0.0, None)], "test") is None


def test_a_track_across_the_date_line_has_its_west_in_the_east() -> None:
    found = positions.line(Of.TRACK, [(179.5, 0.0, None), (-179.5, 1.0, None)], "test")
    assert found is not None
    assert found.bounds == (0, 179_500_000, 1_000_000, -179_500_000)
