"""The page on a port of its own, and the browser that looks at it.

Here: both, for as long as they are looked at. Not here: holdings and accounts (conftest), what is tried.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

PASSWORD = "four words and no more"
"""Of every account of `shown` (conftest)."""
_CHROMIUM = shutil.which("chromium")
_NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@contextmanager
def served(page: Any, port: int = 0) -> Iterator[str]:
    """The page's address, while it is served."""
    config = uvicorn.Config(page, port=port, access_log=False, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def browser() -> Iterator[Any]:
    """A started Chromium, which can reach nothing but this machine."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium: infra/setup.sh dev installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", _NOWHERE])
        yield started
        started.close()


def mind(page: Any, complaints: list[str]) -> None:
    """Gather what the browser complains of on a page."""
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda wrong: complaints.append(str(wrong)))


def sign_in(page: Any, name: str) -> None:
    """By password, from the page that asks for it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search")


def until(holds: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something in a page whose policy lets nobody evaluate strings in it, Playwright's own waiting included."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def narrow(page: Any, name: str, *, exact: bool = False) -> None:
    """Follow a link of the search page, and wait until what it found is there."""
    page.get_by_role("link", name=name, exact=exact).click()
    page.locator("main:not([aria-busy])").wait_for()


def keep(page: Any, name: str) -> None:
    """Keep a picture in the folder PICTURES, if it is named."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
