"""Perceptual hashes of pictures."""

from __future__ import annotations

from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from iimm_pipelines.duplicates.pictures import (
    NotAPicture,
    PictureDamaged,
    PictureFlat,
    PictureTooLarge,
    PictureTruncated,
    Recipe,
    fingerprint,
)
from iimm_pipelines.sample import pictures as drawn

RECIPE = Recipe(hash_size=8, highfreq_factor=4, least_contrast=2, most_pixels=1_000_000)
PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"


def value(path: Path, content: bytes) -> int:
    path.write_bytes(content)
    return int.from_bytes(fingerprint(path, RECIPE).value, "big")


@pytest.mark.parametrize("altered", [drawn.resized, drawn.recompressed, drawn.held_upright, drawn.as_png])
@pytest.mark.parametrize("scene", ["house", "road", "school", "market", "river"])
def test_an_altered_copy_lies_within_four_bits(tmp_path, scene, altered):
    original = value(tmp_path / "a", drawn.scenes()[scene])
    assert (original ^ value(tmp_path / "b", altered(scene))).bit_count() <= 4


def test_different_pictures_lie_more_than_ten_bits_apart(tmp_path):
    values = [value(tmp_path / "a", content) for content in drawn.scenes().values()]
    assert min((a ^ b).bit_count() for i, a in enumerate(values) for b in values[:i]) > 10


def test_the_hash_is_imagehashs_own(tmp_path):
    (tmp_path / "a").write_bytes(drawn.scenes()["river"])
    with Image.open(tmp_path / "a") as opened:
        assert fingerprint(tmp_path / "a", RECIPE).value.hex() == str(imagehash.phash(opened))


def test_size_is_what_a_viewer_shows(tmp_path):
    (tmp_path / "a").write_bytes(drawn.held_upright("house"))
    found = fingerprint(tmp_path / "a", RECIPE)
    assert (found.width, found.height) == (640, 480)


@pytest.mark.parametrize("shape", ["landscape", "portrait"])
def test_all_eight_orientations_show_one_picture(shape):
    files = sorted((PACK / "images_orientation" / "files" / "orientation").glob(f"{shape}_*.jpg"))
    if not files:
        pytest.skip("the evidence pack is not here")
    found = [fingerprint(f, Recipe(8, 4, 2, 10_000_000)) for f in files]
    values = [int.from_bytes(f.value, "big") for f in found]
    assert len(files) == 8 and len({(f.width, f.height) for f in found}) == 1
    assert max((values[0] ^ v).bit_count() for v in values) <= 4


@pytest.mark.parametrize("level", [0, 3, 255])
def test_a_flat_picture_has_no_hash(tmp_path, level):
    Image.new("L", (300, 200), level).save(tmp_path / "a", "PNG")
    with pytest.raises(PictureFlat):
        fingerprint(tmp_path / "a", RECIPE)


def test_what_is_transparent_lies_on_white_paper(tmp_path):
    shown = Image.new("L", (64, 64), 255)
    shown.paste(0, (8, 8, 40, 56))
    opacity = shown.point(lambda level: 255 - level)
    hidden = Image.merge("LA", (Image.new("L", (64, 64), 0), opacity))
    shown.save(tmp_path / "paper", "PNG")
    hidden.save(tmp_path / "transparent", "PNG")
    assert fingerprint(tmp_path / "paper", RECIPE) == fingerprint(tmp_path / "transparent", RECIPE)


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path):
    levels = np.outer(np.linspace(0, 1, 64), np.linspace(1, 0.2, 64)) * 255
    Image.fromarray(levels.astype(np.uint8)).save(tmp_path / "eight", "PNG")
    Image.fromarray((levels * 256).astype(np.uint16)).save(tmp_path / "sixteen", "PNG")
    eight, sixteen = (fingerprint(tmp_path / n, RECIPE).value for n in ("eight", "sixteen"))
    assert (int.from_bytes(eight, "big") ^ int.from_bytes(sixteen, "big")).bit_count() <= 4


def test_a_picture_with_too_many_pixels_is_not_decoded(tmp_path):
    Image.new("1", (2000, 1000)).save(tmp_path / "a", "PNG")
    with pytest.raises(PictureTooLarge):
        fingerprint(tmp_path / "a", RECIPE)


def test_a_picture_that_ends_early_is_truncated(tmp_path):
    whole = drawn.scenes()["market"]
    (tmp_path / "a").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(PictureTruncated):
        fingerprint(tmp_path / "a", RECIPE)


def test_a_picture_whose_pixels_are_garbled_is_damaged(tmp_path):
    whole = bytearray(drawn.as_png("market"))
    whole[whole.index(b"IDAT") + 4 :] = b"\xff" * 400
    (tmp_path / "a").write_bytes(whole)
    with pytest.raises(PictureDamaged):
        fingerprint(tmp_path / "a", RECIPE)


def test_what_has_no_pixels_is_no_picture(tmp_path):
    (tmp_path / "a").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(NotAPicture):
        fingerprint(tmp_path / "a", RECIPE)
