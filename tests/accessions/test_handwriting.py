"""Handwriting that was seen and not read is listed for people, by number and page."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from small_evidence import compute, receive

from iimm_pipelines.holding import Holding


def note() -> Image.Image:
    """Two rows of words of loops, as a pen makes them."""
    image = Image.new("L", (900, 300), 255)
    for top in (90, 200):
        for word in range(8):
            points = [(60 + word * 100 + step * 8, top + (step * 37 + word * 11) % 34 - 17) for step in range(9)]
            ImageDraw.Draw(image).line(points, fill=20, width=3, joint="curve")
    return image


def test_a_note_by_hand_is_listed_with_its_rows_and_a_blank_page_is_not(
    new_holding: Callable[..., Holding], tmp_path: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    buffer = io.BytesIO()
    note().save(buffer, "TIFF", save_all=True, append_images=[Image.new("L", (900, 300), 255)])
    holding = new_holding()
    receive(holding, tmp_path / "one", {"note.tif": buffer.getvalue()})
    compute(holding, ("contents", "recognised_text"))
    monkeypatch.setenv("IIMM_DATA", str(holding.settings.data))
    (page,) = json.loads(typed("handwriting", "--json").out)
    assert (page["item"], page["page"], len(page["rows"])) == ("A00001-0000-00000", 1, 2)
