"""The item's page, a gallery and what is made playable, in a real browser, by keyboard, narrow, and printed.

PICTURES=FOLDER keeps what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from in_a_browser import browser, keep, mind, served, sign_in, until

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.search.access import reader
from iimm_pipelines.work import tagging

GALLERY = "/search?accession=A00004&view=gallery"


@pytest.fixture(scope="module")
def address(shown: Holding, originals: Originals) -> Iterator[str]:
    """The page on a port of its own."""
    with served(app(shown, originals=originals)) as here:
        yield here


@pytest.fixture(scope="module")
def signed_in(address: str) -> Iterator[Callable[..., Any]]:
    """Windows of an analyst; every complaint of the browser is minded at the end."""
    complaints: list[str] = []
    with browser() as chromium:
        context = chromium.new_context(base_url=address)

        def window(width: int = 1200) -> Any:
            page = context.new_page()
            page.set_viewport_size({"width": width, "height": 900})
            mind(page, complaints)
            page.goto("/search")
            if page.get_by_label("Password").count():
                sign_in(page, "analyst")
            return page

        yield window
    assert complaints == []


def all_drawn(page: Any, of: str) -> bool:
    return bool(
        page.locator(of).evaluate_all("all => all.length > 0 && all.every(e => e.complete && e.naturalWidth > 0)")
    )


def narrow(page: Any) -> bool:
    page.set_viewport_size({"width": 360, "height": 740})
    return bool(page.evaluate("document.documentElement.scrollWidth") <= 360)


def test_a_gallery_is_opened_by_keyboard(signed_in: Callable[..., Any]) -> None:
    page = signed_in()
    page.goto(f"{GALLERY}&kind=picture")
    until(lambda: all_drawn(page, ".tile img"), 60)
    assert "blur" in page.locator(".tile img").first.evaluate("e => getComputedStyle(e).filter")
    keep(page, "gallery-veiled")
    page.get_by_role("link", name="Open the pictures of this page").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**unveil=1**")
    until(lambda: all_drawn(page, ".tile img"), 60)
    assert page.locator(".tile img").first.evaluate("e => e.naturalWidth") > 200
    keep(page, "gallery-opened")
    assert narrow(page)


def test_a_member_is_found_from_its_container_by_keyboard(
    signed_in: Callable[..., Any], numbers: dict[str, str]
) -> None:
    page = signed_in()
    page.goto(f"/items/{numbers['A00004 photos/bundle.zip']}")
    page.locator(".tree").get_by_role("link", name="14 later").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**inside=**")
    keep(page, "tree-of-container")
    page.locator(".tree").get_by_role("link", name=numbers["A00004 notes/29.txt"]).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{numbers['A00004 notes/29.txt']}")
    assert page.locator('.tree [aria-current="true"] > strong').inner_text() == numbers["A00004 notes/29.txt"]
    keep(page, "tree-of-member")
    assert narrow(page)


def test_a_photograph_stands_on_the_map_with_what_was_noted(
    signed_in: Callable[..., Any], shown: Holding, numbers: dict[str, str]
) -> None:
    number = numbers["A00004 photos/by-the-river.jpg"]
    tagging.note(shown, reader(shown, "lead"), [number], "The market by the river; nobody can be made out.")
    page = signed_in()
    page.goto(f"/items/{number}")
    assert "nobody can be made out" in page.locator(".view .before").inner_text()
    assert page.locator(".map image").evaluate("e => e.getBoundingClientRect().height") > 100
    keep(page, "item-on-map")
    page.locator(".map svg a").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?near=21.75**")
    assert page.get_by_role("link", name=number).count() == 1


def test_an_old_film_waits_until_it_is_made_and_plays_then(
    signed_in: Callable[..., Any], numbers: dict[str, str]
) -> None:
    page = signed_in()
    page.goto(f"/items/{numbers['A00004 film/old.avi']}")
    keep(page, "film-closed")
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_load_state()
    if page.locator("iframe.waits").count():
        keep(page, "film-waits")
        page.frame_locator("iframe.waits").get_by_role("link", name="Show it").click(timeout=60_000)
        page.wait_for_selector("video")
    film = page.locator("video")
    until(lambda: film.evaluate("e => e.readyState > 0"), 60)
    assert film.evaluate("e => e.paused && !e.autoplay && Math.abs(e.duration - 2) < 0.3")
    film.evaluate("e => { e.currentTime = 1.5; }")
    until(lambda: film.evaluate("e => !e.seeking && Math.abs(e.currentTime - 1.5) < 0.3"), 60)
    page.get_by_text("Stills: nine moments").click()
    until(lambda: all_drawn(page, ".view details img"), 60)
    keep(page, "film-stills")
    assert narrow(page)


def test_printed_it_holds_text_tree_and_places_and_no_picture(
    signed_in: Callable[..., Any], numbers: dict[str, str]
) -> None:
    page = signed_in()
    page.goto(f"/items/{numbers['A00004 photos/by-the-river.jpg']}")
    page.emulate_media(media="print")
    assert page.locator(".tree").is_visible()
    assert page.locator(".map table").is_visible()
    assert page.locator(".before").is_visible()
    assert not page.locator(".view img").is_visible()
    assert not page.locator("header").is_visible()
    keep(page, "printed")
