"""Deciding by keyboard in a real browser, and every page of it on a narrow screen.

PICTURES=FOLDER keeps what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from in_a_browser import browser, keep, mind, served, sign_in

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.work.follow import follow


@pytest.fixture(scope="module")
def address(shown: Holding) -> Iterator[str]:
    with served(app(shown)) as here:
        yield here


@pytest.fixture
def signed_in(address: str) -> Iterator[Callable[[str], Any]]:
    """A window of somebody, which minds every complaint of the browser."""
    complaints: list[str] = []
    with browser() as chromium:

        def window(name: str) -> Any:
            page = chromium.new_context(base_url=address, viewport={"width": 1200, "height": 900}).new_page()
            mind(page, complaints)
            page.goto("/sign-in")
            sign_in(page, name)
            return page

        yield window
    assert complaints == []


def fits(page: Any, name: str) -> None:
    """The page needs no scrolling to the side on a narrow screen."""
    keep(page, name)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    keep(page, f"{name}-narrow")
    page.set_viewport_size({"width": 1200, "height": 900})


def test_hits_are_chosen_and_tagged_by_keyboard(signed_in: Callable[[str], Any], shown: Holding) -> None:
    page = signed_in("analyst")
    page.goto("/search?q=monastery")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.locator("input.choice:checked").count() == 2
    page.keyboard.press("t")
    page.keyboard.type("Potentially")
    fits(page, "work-search")
    page.get_by_role("button", name="Tag", exact=True).press("Enter")
    page.wait_for_url("**/search?q=monastery")
    page.goto("/search?tag=potentially-exculpatory")
    assert page.locator("input.choice").count() == 2
    page.get_by_role("link", name="A00002-").first.click()
    assert "Potentially exculpatory" in page.locator("ul.tags").inner_text()
    fits(page, "work-item")
    page.get_by_role("link", name="Tags and notes").click()
    page.get_by_role("textbox", name="Note").fill("Compare with the other letter.")
    page.get_by_role("button", name="Add").click()
    assert "Compare with" in page.locator(".note").inner_text()
    fits(page, "work-tags")


def test_pages_of_decisions_fit_a_narrow_screen(signed_in: Callable[[str], Any], shown: Holding) -> None:
    page = signed_in("analyst")
    page.goto("/watch-lists")
    page.get_by_label("Name").fill("Fruit of the orchard")
    page.locator("#terms").fill("quince1\ntext: persimmons\nhash: " + "a" * 64)
    page.get_by_role("button", name="Add").click()
    follow(shown)
    page.goto("/watch-lists")
    page.locator("summary").first.click()
    fits(page, "watch-lists")
    page.goto("/alerts")
    assert "persimmons" in page.locator("table").inner_text()
    fits(page, "alerts")
    page.goto("/lists")
    page.get_by_label("New list").fill("For the hearing in the autumn")
    page.get_by_role("button", name="Add").click()
    fits(page, "lists")
    page = signed_in("linguist")
    page.goto("/queue")
    fits(page, "queue")
    page.locator(".hits a").first.click()
    fits(page, "correct")
    page = signed_in("evidence_manager")
    page.goto("/marks")
    fits(page, "marks")


def test_the_main_ways_in_burmese(signed_in: Callable[[str], Any], shown: Holding) -> None:
    """Search, an item, a tag and a note, its history: by Burmese words, in the page's own font, and nothing cut off."""
    page = signed_in("analyst")
    page.get_by_role("button", name="မြန်မာ").click()
    page.get_by_label("ရှာလိုသည့်စာသား").fill("monastery")
    page.get_by_role("search").get_by_role("button", name="ရှာဖွေရန်").click()
    page.get_by_role("link", name="အချိန်မျဉ်း").click()
    page.get_by_role("link", name="ရင်းမြစ်: ဖွင့်ရန်").click()
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px \"Evidence Burmese\"', 'မြန်မာ'))")
    whole(page)
    fits(page, "burmese-search")
    page.get_by_role("link", name="A00002-").first.click()
    whole(page)
    fits(page, "burmese-item")
    page.get_by_role("link", name="တဂ်နှင့် မှတ်စုများ").click()
    page.get_by_label("ကုဒ်").select_option("potentially-exculpatory")
    page.get_by_role("button", name="တဂ်", exact=True).click()
    page.get_by_role("textbox", name="မှတ်စု").fill("အခြားစာနှင့် နှိုင်းယှဉ်ရန်။")
    page.get_by_role("button", name="ထည့်ရန်", exact=True).click()
    assert page.locator(".note", has_text="နှိုင်းယှဉ်ရန်").count() == 1
    whole(page)
    fits(page, "burmese-tags")
    page.get_by_role("link", name="အထောက်အထားသို့ ပြန်ရန်").click()
    page.get_by_role("link", name="နောက်ကြောင်းနှင့် သက်သေပြချက်").click()
    assert "လက်မှတ်၊ လမ်းကြောင်းနှင့် မှတ်တမ်း မှန်ကန်သည်" in page.locator("table").first.inner_text()
    fits(page, "burmese-history")


def whole(page: Any) -> None:
    """No word of a button, link or heading is cut off."""
    shown = page.locator("button, label, summary, h1, h2, nav a")
    assert (
        shown.evaluate_all(
            "all => all.filter(e => e.clientWidth && e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
        )
        == []
    )
