"""A gallery: a small picture of each hit that has one, veiled until opened, and who looked is written down."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.kept_views import KeptViews, View
from iimm_pipelines.people.access_log import What

SHOWN = {"accession": "A00004", "view": "gallery"}


@pytest.fixture(autouse=True)
def pictures_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of fingerprints set Pillow's limit for their process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


def tile_of(page: str, number: str) -> str:
    """The address of an item's small picture; nothing where it has none."""
    found = re.search(rf'<a href="/items/{number}">\s*<span class="tile[^"]*"><img src="([^"]+)"', page)
    return html.unescape(found[1]) if found else ""


def drawn(client: Any, address: str) -> Image.Image:
    answer = client.get(address)
    assert answer.status_code == 200
    assert len(answer.content) < 30_000
    return Image.open(io.BytesIO(answer.content))


def looks(shown: Holding) -> list[str | None]:
    return [e.subject for e in shown.access_log.entries() if e.what is What.LOOKED_AT]


@pytest.mark.parametrize("name", ["photos/house.jpg", "papers/report.pdf", "film/old.avi"])
def test_pictures_pages_and_films_have_tiles_veiled_until_opened(
    person: Any, shown: Holding, numbers: dict[str, str], name: str
) -> None:
    client, number = person("analyst"), numbers[f"A00004 {name}"]
    kind = {"photos": "picture", "papers": "document", "film": "film"}[name.partition("/")[0]]
    before, looked = client.get("/search", params={**SHOWN, "kind": kind}).text, len(looks(shown))
    hidden = drawn(client, tile_of(before, number))
    assert "form=veiled" in tile_of(before, number)
    assert max(hidden.size) < 100
    assert len(looks(shown)) == looked
    opened = client.get("/search", params={**SHOWN, "kind": kind, "unveil": "1"}).text
    seen = drawn(client, tile_of(opened, number))
    assert seen.width * seen.height <= 62_000
    assert looks(shown)[looked:] == [number]
    assert len(set(seen.convert("L").resize((8, 8)).tobytes())) > (0 if kind == "film" else 1)


def test_what_has_no_picture_has_its_type(person: Any, numbers: dict[str, str]) -> None:
    page = person("analyst").get("/search", params={**SHOWN, "unveil": "1"}).text
    assert tile_of(page, numbers["A00004 talk/table.csv"]) == ""
    assert tile_of(page, numbers["A00004 photos/drawing.svg"]) == ""
    assert '<span class="tile">text/csv</span>' in page


def test_the_next_page_of_an_opened_gallery_is_veiled_again(person: Any) -> None:
    page = person("analyst").get("/search", params={**SHOWN, "unveil": "1"}).text
    following = re.search(r'rel="next" href="([^"]+)"', page)
    assert following
    assert "unveil" not in following[1]


def test_who_chose_no_veil_sees_small_pictures_at_once(person: Any, numbers: dict[str, str]) -> None:
    client = person("lead")
    try:
        client.fill_in("/veil", veil="off")
        page = client.get("/search", params={**SHOWN, "kind": "picture"}).text
    finally:
        client.fill_in("/veil", veil="on")
    assert "form=small" in tile_of(page, numbers["A00004 photos/house.jpg"])
    assert "Open the pictures" not in page


def test_a_tile_of_a_film_is_of_the_second_that_is_asked_for(person: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    desk = client.app.state.desk
    levels = []
    for page in ("1", "3"):
        number = numbers["A00004 film/old.avi"]
        account = desk.holding.accounts.get("analyst")
        address = desk.links.address(account, number, "picture", desk.clock(), form="small", page=page)
        levels.append(float(np.asarray(drawn(client, address).convert("L")).mean()))
    assert levels[1] - levels[0] > 100


def test_small_views_are_kept_up_to_so_many_bytes_in_scratch(tmp_path: Path) -> None:
    kept = KeptViews(tmp_path, most_bytes=250)
    for n in range(3):
        kept.keep(n, View(bytes([n]) * 100, 1, 10, 10))
        kept.find(0)
    assert kept.find(0) == View(b"\0" * 100, 1, 10, 10)
    assert kept.find(1) is None
    assert kept.find(2) is not None
    assert len(list(tmp_path.iterdir())) == 2
