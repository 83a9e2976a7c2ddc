"""What engineers have, and signing in by the organisation's login, in a real browser.

PICTURES=FOLDER keeps what was seen.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from in_a_browser import browser, served
from oidc_provider_mock import run_server_in_thread

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.settings import load_settings


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page on 127.0.0.1 whose people sign in at a provider on localhost: another site, as a browser has it."""
    data = tmp_path_factory.mktemp("organisation")
    (data / "secret").write_text("a secret of this page\n")
    (data / "secret").chmod(0o600)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with run_server_in_thread(require_nonce=True) as provider:
        issuer = f"http://localhost:{provider.server_port}"
        claims = {"preferred_username": "ana", "groups": ["engineers"]}
        httpx.put(f"{issuer}/users/1", json=claims).raise_for_status()
        (data / "iimm.toml").write_text(f"""
            page_port = {port}
            [oidc]
            issuer = {json.dumps(issuer)}
            client_id = "evidence"
            client_secret_file = {json.dumps(str(data / "secret"))}
            groups.engineers = {{ role = "data engineer" }}
            """)
        holding = Holding(load_settings(data))
        with served(app(holding), port) as here:
            yield here
        holding.close()


@pytest.fixture
def window(address: str) -> Iterator[Any]:
    """A window whose complaints are minded."""
    complaints: list[str] = []
    with browser() as chromium:
        page = chromium.new_context(base_url=address, viewport={"width": 360, "height": 740}).new_page()

        def mind(said: Any) -> None:
            if said.type in ("error", "warning") and said.location.get("url", "").startswith(address):
                complaints.append(said.text)

        page.on("console", mind)  # the provider's own page complains of what it cannot fetch
        yield page
    assert complaints == []


def test_an_engineer_comes_in_from_another_site_and_reads_on_a_narrow_screen(window: Any) -> None:
    window.goto("/")
    window.get_by_role("link", name="organisation").click()
    window.get_by_role("textbox").first.fill("1")
    window.get_by_role("button", name="Authorize").click()
    window.wait_for_url("**/engine")
    assert "ana (data engineer)" in window.locator("header").inner_text()
    assert window.evaluate("document.documentElement.scrollWidth") <= 360
    if folder := os.environ.get("PICTURES"):
        window.screenshot(path=Path(folder) / "page-engine-narrow.png", full_page=True)
    window.reload()
    window.get_by_text("Try again by reason").click()
    window.get_by_label("Reason").select_option("timed out")
    window.get_by_role("button", name="Try again").click()
    window.wait_for_url("**/engine?asked=0")
