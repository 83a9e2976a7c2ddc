"""PRONOM identifiers by signature."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from iimm_pipelines.formats import pronom


@pytest.fixture(name="scanner", scope="module")
def a_scanner() -> object:
    return pronom.load()


def test_a_picture_has_its_identifier_by_its_bytes(scanner, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    Image.new("RGB", (4, 4)).save(tmp_path / "blob", "PNG")
    assert pronom.opinions(scanner, tmp_path / "blob") == [("pronom", "fmt/11")]


def test_text_has_no_signature_whatever_its_name(scanner, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "text.png").write_text("nothing but words")
    assert pronom.opinions(scanner, tmp_path / "text.png") == []


def test_nothing_has_no_identifier(scanner, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "blob").touch()
    assert pronom.opinions(scanner, tmp_path / "blob") == []


def test_the_signatures_are_those_that_the_stage_names(scanner, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "blob").write_bytes(b"x")
    said = scanner.identify(str(tmp_path / "blob"), detailed=True)
    assert (said["siegfried"], said["identifiers"][0]["details"]) == (pronom.SIEGFRIED, pronom.SIGNATURES)
