"""Originals beside their text: drawn anew by workers, veiled until opened, nothing of the file itself in a page."""

from __future__ import annotations

import html
import io
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
import shown_files
from PIL import Image

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.views import Form, veiled
from iimm_pipelines.people.access_log import What


def page(person: Any, number: str, **asked: str) -> str:
    answer = person.get(f"/items/{number}", params=asked)
    assert answer.status_code == 200
    return str(answer.text)


def source(text: str) -> str:
    found = re.search(r'<(?:img|iframe|audio|video)[^>]* src="([^"]+)"', text)
    assert found
    return html.unescape(found[1])


@pytest.fixture(autouse=True)
def pictures_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of fingerprints set Pillow's limit for their process."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)


def drawn(person: Any, address: str) -> Image.Image:
    answer = person.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    return Image.open(io.BytesIO(answer.content))


def test_a_picture_is_veiled_until_it_is_opened(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    number, client = numbers["A00004 photos/house.jpg"], person("analyst")
    before = page(client, number)
    assert 'class="veiled"' in before
    assert f"form={Form.VEILED}" in source(before)
    hidden = drawn(client, source(before))
    assert max(hidden.size) < 100
    assert len(set(hidden.convert("L").resize((4, 3)).tobytes())) > 1
    noted = [e.what for e in shown.access_log.entries()][-1]
    assert noted is What.OPENED
    opened = page(client, number, open="1")
    assert drawn(client, source(opened)).size == (640, 480)
    assert [e.what for e in shown.access_log.entries()][-1] is What.LOOKED_AT


def test_a_veil_leaves_light_and_dark_in_so_few_cells_that_nothing_can_be_told() -> None:
    first = Image.effect_noise((640, 480), 90).convert("RGB")
    second = first.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    left, right = veiled(first), veiled(second)
    assert left.mode == "L"
    assert max(int(np.ptp(np.asarray(each))) for each in (left, right)) < 25


def test_a_picture_stands_upright_and_without_what_the_camera_wrote(person: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    picture = drawn(client, source(page(client, numbers["A00004 photos/upright.jpg"], open="1")))
    original = shown_files.files()["photos/upright.jpg"]
    assert isinstance(original, bytes)
    lying = Image.open(io.BytesIO(original))
    assert dict(lying.getexif())
    assert picture.size == (lying.height, lying.width)
    assert not dict(picture.getexif())
    assert not {"exif", "xmp", "icc_profile"} & set(picture.info)


def test_pages_of_a_pdf_stand_beside_their_text(person: Any, numbers: dict[str, str]) -> None:
    number, client = numbers["A00004 papers/report.pdf"], person("analyst")
    first = page(client, number, open="1")
    assert "page 1 of 2" in first
    assert "Line 1 of the papaya" in first
    assert "Line 60 of the papaya" in first
    second = page(client, number, open="1", page="2")
    assert "Line 60 of the papaya" in second
    assert "Line 2 of the papaya" not in second
    one, two = drawn(client, source(first)), drawn(client, source(second))
    assert one.size == two.size
    assert one.tobytes() != two.tobytes()


@pytest.mark.parametrize(
    ("name", "asked", "why"),
    [
        ("papers/broken.pdf", {}, "the file is damaged"),
        ("papers/locked.pdf", {}, "a password is needed"),
        ("papers/report.pdf", {"page": "9"}, "there is no such page"),
        ("photos/drawing.svg", {}, "A drawing made of lines is not shown"),
        ("talk/chat.txt", {}, "It is shown by its text"),
    ],
)
def test_what_cannot_be_shown_says_why_and_what_to_do(
    person: Any, numbers: dict[str, str], name: str, asked: dict[str, str], why: str
) -> None:
    text = page(person("analyst"), numbers[f"A00004 {name}"], open="1", **asked)
    assert why in text
    assert "<img" not in text
    told = re.search(r'class="no-view">[^.]*\. [^.]+\.', text) or re.search(r'class="no-view">.*: .*\. \w', text)
    assert told


def test_nothing_plays_before_the_log_of_access_has_it(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    client = person("analyst")
    sound = next(
        n for name, n in numbers.items() if name.startswith("A00004 ") and name.endswith((".wav", ".mp3", ".ogg"))
    )
    address, folder = source(page(client, sound)), shown.access_log.folder
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder")
    try:
        refused = [client.get(address).status_code for _ in range(2)]
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    assert refused == [500, 500]
    assert client.get(address).status_code == 200
    assert [e.what for e in shown.access_log.entries()][-1] is What.PLAYED


def test_a_picture_whose_end_is_missing_is_shown_as_far_as_it_goes(person: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    assert drawn(client, source(page(client, numbers["A00004 photos/cut-short.png"], open="1"))).size == (213, 160)


class Markup(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_a_web_page_is_text_in_a_frame_where_nothing_runs(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    client = person("analyst")
    text = page(client, numbers["A00004 pages/notice.html"])
    assert "<iframe sandbox src=" in text
    answer = client.get(source(text))
    found = Markup(answer.text)
    assert found.names <= {"meta", "title", "h1", "p", "table", "tbody", "tr", "td"}
    assert found.attributes == {"charset"}
    assert "Notice of the township" in answer.text
    assert "alert" not in answer.text
    assert "evil.example" not in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'; frame-ancestors 'self'")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert [e.what for e in shown.access_log.entries()][-1] is What.LOOKED_AT


def test_nothing_of_a_film_is_in_a_page_before_it_is_opened(person: Any, numbers: dict[str, str]) -> None:
    number, client = numbers["A00004 film/river.webm"], person("analyst")
    before = page(client, number)
    assert "<video" not in before
    assert "/media" not in before
    opened = page(client, number, open="1", t="1.5")
    assert re.search(r'<video controls preload="metadata" src="[^"]*#t=1.5"', opened)
    assert "autoplay" not in opened


def test_a_time_of_the_transcript_is_a_place_to_begin(person: Any, numbers: dict[str, str]) -> None:
    number, client = numbers["A00004 sound/boats.wav"], person("analyst")
    text = page(client, number)
    assert '<audio controls preload="none"' in text
    assert re.search(r'<article class="segment" id="s1" data-start="[\d.]+" data-end="[\d.]+">', text)
    there = re.search(r'<a class="play" data-start="[\d.]+" href="([^"]+)"', text)
    assert there
    assert re.search(r"#t=|preload", client.get(html.unescape(there[1])).text)
    assert "river" in text


def test_the_veil_is_kept_for_each_account(person: Any, numbers: dict[str, str]) -> None:
    number, client, other = numbers["A00004 photos/house.jpg"], person("lead"), person("analyst")
    try:
        answer = client.fill_in("/veil", veil="off", item=number)
        assert answer.headers["location"] == f"/items/{number}"
        assert 'class="drawn"' in page(client, number)
        assert 'class="veiled"' in page(other, number)
        assert 'class="drawn"' in page(person("lead"), number)
    finally:
        client.fill_in("/veil", veil="on", item="//evil.example")
    assert 'class="veiled"' in page(client, number)


def test_near_duplicates_stand_side_by_side_veiled(person: Any, numbers: dict[str, str]) -> None:
    one, two = numbers["A00004 photos/house.jpg"], numbers["A00004 photos/house-sent.jpg"]
    client = person("analyst")
    near = client.get(f"/items/{one}/near").text
    assert near.count('class="veiled"') == near.count("<img") == 1
    assert f"/items/{one}/beside/{two}" in near
    both = client.get(f"/items/{one}/beside/{two}").text
    assert both.count('class="veiled"') == both.count("<img") == 2
    opened = client.get(f"/items/{one}/beside/{two}", params={"open": "1"}).text
    assert opened.count('class="drawn"') == 2


@pytest.mark.parametrize(
    "address", ["/items/{one}/beside/{hidden}", "/items/{hidden}/beside/{one}", "/items/{hidden}/near"]
)
def test_nothing_is_beside_what_a_reader_may_not_see(person: Any, numbers: dict[str, str], address: str) -> None:
    one, client = numbers["A00004 photos/house.jpg"], person("analyst")
    hidden, nowhere = (
        client.get(address.format(one=one, hidden=n))
        for n in (numbers["A00001 statements/w-1.txt"], "A00009-0000-00000")
    )
    assert hidden.status_code == nowhere.status_code == 404
    assert hidden.text.replace(numbers["A00001 statements/w-1.txt"], "A00009-0000-00000") == nowhere.text


def test_colleagues_who_opened_an_item_are_counted_and_not_named(person: Any, numbers: dict[str, str]) -> None:
    number = numbers["A00002 accounts/paid.txt"]
    assert "Opened by" not in page(person("analyst"), number)
    assert "Opened by" not in page(person("analyst"), number)
    assert re.search(r"Opened by a colleague on \d{4}-\d\d-\d\d", page(person("lead"), number))
    text = page(person("linguist"), number)
    assert re.search(r"Opened by 2 colleagues, last on \d{4}-\d\d-\d\d", text)
    assert "analyst" not in text


def test_a_chat_says_who_wrote_when_and_a_table_its_columns(person: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    chat = page(client, numbers["A00004 talk/chat.txt"])
    assert re.search(r"<dt>Sender</dt><dd><bdi>Ko Naing</bdi></dd>", chat)
    table = page(client, numbers["A00004 talk/table.csv"])
    assert re.search(r'<dt><bdi>village</bdi></dt><dd class="evidence" dir="auto">Ywar Thit</dd>', table)
