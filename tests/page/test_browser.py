"""The page in a real browser, as an analyst uses it: Debian's Chromium, in English and in Burmese.

PICTURES=FOLDER keeps what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from in_a_browser import browser, keep, mind, narrow, served, sign_in, until

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.originals import Originals


@pytest.fixture(scope="module")
def address(shown: Holding, originals: Originals) -> Iterator[str]:
    """The page on a port of its own."""
    with served(app(shown, originals=originals)) as here:
        yield here


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A started browser, which can reach nothing but this machine."""
    with browser() as started:
        yield started


@pytest.fixture
def window(chromium: Any, address: str) -> Iterator[Callable[..., Any]]:
    """Opens windows with an analyst signed in, and minds every complaint of the browser and every dialogue."""
    complaints: list[str] = []
    contexts = []

    def make(**options: Any) -> Any:
        contexts.append(chromium.new_context(base_url=address, viewport={"width": 1200, "height": 900}, **options))
        page = contexts[-1].new_page()
        mind(page, complaints)
        page.on("dialog", lambda dialogue: (complaints.append(dialogue.message), dialogue.dismiss()))
        page.goto("/")
        sign_in(page, "analyst")
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def test_an_analyst_searches_and_reads_by_keyboard(window: Callable[..., Any]) -> None:
    page = window()
    page.locator("h1").click()
    page.keyboard.press("/")
    page.keyboard.type("monastery bell")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=monastery**")
    assert page.locator("mark").first.inner_text() == "monastery"
    keep(page, "page-search")
    page.get_by_role("link", name="A00002-").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/items/A00002-*")
    assert "monastery bell" in page.locator(".segment").first.inner_text()
    page.get_by_role("link", name="History and proof").click()
    assert "signature, path and log hold" in page.locator("table").first.inner_text()


def test_the_same_in_burmese_without_scripts(window: Callable[..., Any]) -> None:
    page = window(java_script_enabled=False)
    page.get_by_role("button", name="မြန်မာ").click()
    page.locator("#q").fill("မြစ်ကမ်းနား")
    page.get_by_role("search").get_by_role("button", name="ရှာဖွေရန်").click()
    assert page.locator("mark").first.inner_text() == "မြစ်ကမ်းနား"
    keep(page, "page-search-burmese")
    page.get_by_role("link", name="A00003-").first.click()
    assert page.locator("h2", has_text="စာသားနှင့် ဘာသာပြန်").count() == 1
    keep(page, "page-item-burmese")


def test_hits_come_into_the_open_page_and_it_can_be_gone_back_from(window: Callable[..., Any]) -> None:
    page = window()
    page.evaluate("() => { document.firstElementChild.dataset.begun = 'once'; }")
    for typed in ("monastery", "lemons"):
        page.locator("#q").fill(typed)
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/search?q={typed}**")
        assert page.locator("mark.found").first.inner_text().lower() == typed
        assert page.evaluate("document.activeElement.id") == "content"
    narrow(page, "document", exact=True)
    assert "kind=document" in page.url
    assert page.locator("html").get_attribute("data-begun") == "once"
    page.go_back()
    page.go_back()
    page.locator("mark.found", has_text="monastery").first.wait_for()
    page.context.clear_cookies()
    page.locator("#q").fill("bell")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in")


@pytest.mark.parametrize("view", ["", "&view=table", "&view=gallery"])
def test_a_narrow_screen_needs_no_scrolling_to_the_side(window: Callable[..., Any], view: str) -> None:
    page = window()
    page.set_viewport_size({"width": 360, "height": 740})
    for where in (
        f"/search?q=lemons{view}",
        "/search?after=2023",
        "/search?q=monastery&line=receipt&map=1&open=kind,mark",
    ):
        page.goto(where)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.goto("/search?q=lemons")
    page.get_by_role("link", name="A00002-").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_picture_is_veiled_until_somebody_opens_it(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 photos/house.jpg']}")
    veiled = page.locator(".view img")
    assert "blur" in veiled.evaluate("e => getComputedStyle(e).filter")
    assert veiled.evaluate("e => e.naturalWidth") < 100
    keep(page, "page-item-veiled")
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_load_state()
    assert page.locator(".view img").evaluate("e => e.naturalWidth") == 640
    keep(page, "page-item-picture")


def test_a_page_of_a_pdf_stands_beside_its_text(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 papers/report.pdf']}?open=1")
    page.locator(".view").get_by_role("link", name="Next page").click()
    page.wait_for_url("**page=2**")
    assert page.locator(".view img").evaluate("e => e.complete && e.naturalWidth > 500")
    assert "Line 60 of the papaya" in page.locator(".segment").last.inner_text()
    keep(page, "page-item")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_web_page_shows_its_text_and_runs_nothing(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 pages/notice.html']}")
    inside = page.frame_locator("iframe").locator("h1")
    assert inside.inner_text() == "Notice of the township"
    keep(page, "page-item-web")


def test_a_time_in_the_transcript_plays_that_second(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 sound/boats.wav']}")
    player = page.locator("audio")
    assert player.evaluate("e => e.paused && e.currentTime === 0")
    page.locator("a.play").first.click()
    until(lambda: player.evaluate("e => e.currentTime > 0.2"))
    page.wait_for_selector("article.spoken", timeout=20_000)
    keep(page, "page-item-sound")


def test_a_film_is_opened_and_can_be_sought(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 film/river.webm']}")
    assert page.locator("video").count() == 0
    page.get_by_role("link", name="Open", exact=True).click()
    film = page.locator("video")
    assert film.evaluate("e => e.paused && !e.autoplay")
    until(lambda: film.evaluate("e => e.readyState > 0"))
    film.evaluate("e => { e.currentTime = 1.2; }")
    until(lambda: film.evaluate("e => !e.seeking && Math.abs(e.currentTime - 1.2) < 0.3"))


def test_near_duplicates_stand_side_by_side(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    page.goto(f"/items/{numbers['A00004 photos/house.jpg']}/near")
    page.get_by_role("link", name="Side by side").click()
    assert page.locator(".two img.veiled").count() == 2
    page.get_by_role("link", name="Open", exact=True).click()
    page.wait_for_selector(".two img.drawn")
    keep(page, "page-beside")


def test_burmese_is_set_in_the_font_of_the_page(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    fetched: list[str] = []
    page.on("response", lambda answer: fetched.append(answer.url) if "/static/fonts/" in answer.url else None)
    page.goto(f"/items/{numbers['A00003 စာများ/river.txt']}")
    page.evaluate("document.fonts.ready")
    assert any(url.endswith("/padauk.woff2") for url in fetched)
    assert not any("chakma" in url for url in fetched)


def test_a_script_in_evidence_does_not_run(window: Callable[..., Any], numbers: dict[str, str]) -> None:
    page = window()
    for name, number in numbers.items():
        if name.startswith("A00002 hostile/"):
            page.goto(f"/items/{number}")
    page.goto("/search?q=alert")
    assert "<script>alert(document.domain)" in page.locator(".hits").inner_text()


def test_facet_time_line_and_map_narrow_by_keyboard(window: Callable[..., Any]) -> None:
    page = window()
    page.goto("/search?q=monastery OR came&line=receipt&map=1")
    assert page.evaluate("document.querySelector('.map image').getBoundingClientRect().height") > 100
    bar = page.locator(".line svg a").first
    year = bar.get_attribute("aria-label")
    bar.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**after=*")
    assert page.locator(".line svg a").first.get_attribute("aria-label").startswith(f"{year[:4]}-")
    narrow(page, "all times")
    narrow(page, "Access mark")
    narrow(page, "restricted", exact=True)
    assert "Access mark: restricted" in page.locator("p.chosen").inner_text()
    keep(page, "page-search-narrowed")
    page.locator("p.chosen").get_by_role("link").click()
    page.locator("p.chosen").wait_for(state="detached")


def test_the_same_at_360_px_in_burmese_without_scripts(window: Callable[..., Any]) -> None:
    page = window(java_script_enabled=False)
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("button", name="မြန်မာ").click()
    page.locator("#q").fill("ရေတွင်း OR ကျောင်းဆော*")
    page.get_by_role("search").get_by_role("button", name="ရှာဖွေရန်").click()
    assert page.locator("mark").count() > 1
    page.get_by_role("link", name="မြေပုံ").click()
    page.get_by_role("link", name="ပုံများ").click()
    assert page.locator(".map svg").count() == 1
    assert page.locator(".gallery .tile").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    keep(page, "page-search-narrow-burmese")


def test_the_side_note_explains_what_can_be_typed(window: Callable[..., Any]) -> None:
    page = window()
    assert not page.get_by_text("elders ~5 monastery").is_visible()
    page.get_by_text("How to search").click()
    assert page.get_by_text("elders ~5 monastery").is_visible()
