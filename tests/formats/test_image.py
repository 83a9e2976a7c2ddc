"""What stands beside the pixels of pictures."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from iimm_pipelines.formats import image

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"


def _jpeg(folder: Path, exif: Image.Exif) -> Path:
    Image.new("RGB", (4, 3)).save(folder / "blob", "JPEG", exif=exif)
    return folder / "blob"


def test_size_orientation_time_and_place_are_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x8769] = {0x9003: "2024:01:02 03:04:05", 0x9011: "+06:30", 0x9291: "25"}
    exif[0x8825] = {1: "S", 2: (16.0, 48.0, 0.0), 3: "E", 4: (96.0, 9.0, 36.0), 5: b"\1", 6: 2.5,
                    7: (20.0, 34.0, 5.0), 29: "2024:01:01"}  # fmt: skip
    found = image.read(_jpeg(tmp_path, exif))
    said = dict(found.metadata)
    assert (said["width"], said["height"], said["orientation"]) == ("4", "3", "6")
    assert said["exif:DateTimeOriginal"] == "2024:01:02 03:04:05"
    assert [(t.meaning, t.at.iso, t.at.offset_minutes) for t in found.times] == [
        ("picture taken", "2024-01-02T03:04:05.250", 390), ("GPS fix", "2024-01-01T20:34:05", 0),
    ]  # fmt: skip
    (place,) = found.positions
    assert (place.of, place.latitude, place.longitude, place.altitude_mm) == ("camera", -16_800_000, 96_160_000, -2_500)


def test_a_camera_without_a_zone_has_none(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2024:01:02 03:04:05"}
    (time,) = image.read(_jpeg(tmp_path, exif)).times
    assert (time.at.offset_minutes, time.at.utc_ms) == (None, None)


def test_burmese_words_in_exif_are_not_garbled(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "ရေတွင်း".encode()
    exif[0x8769] = {0x9286: b"UNICODE\0" + "ကျောင်း".encode("utf-16-le")}
    exif[0x9C9B] = "မြို့".encode("utf-16-le")
    assert [(s.field, s.text) for s in image.read(_jpeg(tmp_path, exif)).segments] == [
        ("description", "ရေတွင်း"), ("description", "ကျောင်း"), ("title", "မြို့"),
    ]  # fmt: skip


def test_texts_of_a_png_are_found(tmp_path: Path) -> None:
    said = PngInfo()
    said.add_itxt("Description", "ရေတွင်း")
    Image.new("RGB", (4, 3)).save(tmp_path / "blob", "PNG", pnginfo=said)
    assert [(s.field, s.text) for s in image.read(tmp_path / "blob").segments] == [("description", "ရေတွင်း")]


def test_a_picture_that_cannot_be_opened_is_a_picture_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    found = image.read(tmp_path / "blob")
    assert (found.kind, found.problem, found.metadata) == ("picture", None, ())


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_orientation_of_the_samples_is_that_of_their_names() -> None:
    for path in (PACK / "images_orientation" / "files" / "orientation").glob("*.jpg"):
        assert dict(image.read(path).metadata)["orientation"] == path.stem[-1]
    for path in (PACK / "images_exif" / "files").glob("*_orientation_*"):
        if path.stem[-1].isdigit():
            assert dict(image.read(path).metadata)["orientation"] == path.stem[-1]


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool, to compare with, is not installed")
def test_nearly_all_that_exiftool_reads_is_read() -> None:
    """What differs are blocks that only ExifTool digs out, of a PSD and a JPEG 2000."""
    types = {".jpg", ".png", ".tif", ".webp", ".heic", ".psd", ".bmp", ".nef", ".cr2", ".dng", ".jp2", ".gif"}
    paths = [p for d in ("images_exif", "images_orientation", "tika_formats", "c2pa") for p in sorted((PACK / d).rglob("*"))
             if p.suffix in types]  # fmt: skip
    agreed = expected = 0
    for path, theirs in zip(paths, _exiftool(paths), strict=True):
        ours = dict(image.read(path).metadata)
        for name, value in theirs.items():
            if name.startswith("EXIF:"):
                expected += 1
                mine = ours.get("orientation" if name == "EXIF:Orientation" else name.replace("EXIF:", "exif:"), "")
                agreed += mine.strip() == str(value).strip()
    assert expected > 100
    assert agreed >= expected * 0.95


def _exiftool(paths: list[Path]) -> list[dict[str, Any]]:
    asked = ("-DateTimeOriginal", "-EXIF:ModifyDate", "-EXIF:Orientation", "-EXIF:Make", "-EXIF:Model")
    done = subprocess.run(
        ["exiftool", "-j", "-n", "-G", *asked, *map(os.fspath, paths)], capture_output=True, check=False
    )
    renamed = {"EXIF:ModifyDate": "EXIF:DateTime"}
    return [{renamed.get(n, n): v for n, v in found.items()} for found in json.loads(done.stdout)]
