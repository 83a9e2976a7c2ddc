"""Metadata of pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from iimm_pipelines.formats import image


def test_size_orientation_time_and_place_are_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8769] = {0x9003: "2024:01:02 03:04:05", 0x9011: "+06:30"}
    exif[0x8825] = {1: "S", 2: (16.0, 48.0, 0.0), 3: "E", 4: (96.0, 9.0, 36.0)}
    Image.new("RGB", (4, 3)).save(tmp_path / "blob", "JPEG", exif=exif)
    found = dict(image.read(tmp_path / "blob").metadata)
    assert (found["width"], found["height"], found["orientation"]) == ("4", "3", "6")
    assert (found["taken as written"], found["taken offset"]) == ("2024:01:02 03:04:05", "+06:30")
    assert (found["latitude"], found["longitude"]) == ("-16.800000", "96.160000")


def test_a_picture_that_cannot_be_opened_is_a_picture_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    found = image.read(tmp_path / "blob")
    assert (found.kind, found.problem, found.metadata) == ("picture", None, ())
