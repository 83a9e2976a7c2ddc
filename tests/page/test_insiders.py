"""Attacks by who has an account, or stands at the door: none takes more than its share, or more than it may."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search import query
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.facets import Facet
from iimm_pipelines.settings import GroupGives, OrganisationSettings, load_settings

SECURE = "https://evidence.example"


class Silent(ThreadingHTTPServer):
    """A provider that takes every call and answers none, until it is let go."""

    daemon_threads = True

    def __init__(self) -> None:
        self.over = over = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                over.wait()
                self.send_error(503)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def silent() -> Iterator[Silent]:
    with Silent() as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.over.set()
        made.shutdown()
        thread.join()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Holding]]:
    """Holdings without a search node, with one analyst."""
    made: list[Holding] = []

    def one(**settings: Any) -> Holding:
        holding = Holding(load_settings(tmp_path / "data", **settings))
        holding.accounts.add("ana", Role.ANALYST, ["restricted"], by="tests")
        made.append(holding)
        return holding

    yield one
    for holding in made:
        holding.close()


def test_who_crowds_at_the_door_keeps_nobody_inside_from_working(
    make: Callable[..., Holding], silent: Silent, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    oidc = OrganisationSettings(issuer=f"http://127.0.0.1:{silent.server_port}", client_id="x", client_secret_file=secret,
                                groups={"all": GroupGives(role=Role.ANALYST)})  # fmt: skip
    page = app(make(oidc=oidc))

    async def crowded() -> list[int]:
        transport = httpx.ASGITransport(page, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8650") as client:
            crowd = [asyncio.create_task(client.get("/sign-in/organisation")) for _ in range(45)]
            await asyncio.sleep(0.3)
            try:
                asked = [client.get(address) for address in ("/static/page.css", "/sign-in")]
                return [(await asyncio.wait_for(each, 8)).status_code for each in asked]
            finally:
                silent.over.set()
                await asyncio.gather(*crowd)

    assert asyncio.run(crowded()) == [200, 200]


def test_by_https_no_other_host_can_plant_a_session(make: Callable[..., Holding]) -> None:
    page = app(make(page_address=SECURE))
    desk = page.state.desk
    client = TestClient(page, base_url=SECURE, follow_redirects=False)
    client.get("/sign-in")
    assert set(client.cookies) == {"__Host-iimm-visitor"}
    session = desk.sessions.begin("ana", desk.holding.accounts.get("ana").generation, desk.clock())
    client.cookies.set("iimm-session", session)  # as another host of the same domain could
    assert client.get("/lists").headers["location"] == "/sign-in"
    client.cookies.set("__Host-iimm-session", session)
    assert client.get("/lists").status_code == 200


@pytest.mark.parametrize("field", ["person", "unit", "sender", "after", "near", "record"])
def test_a_field_without_end_costs_nothing(
    make: Callable[..., Holding], at_work: Callable[..., Any], field: str
) -> None:
    client = at_work(app(make()), "ana")
    begun = time.monotonic()
    answer = client.get("/search", params={field: "Ko " * 5_000})
    assert (answer.status_code, "at most 200 characters" in answer.text) == (400, True)
    assert time.monotonic() - begun < 3


def test_a_place_before_or_behind_everything_costs_few_searches(
    shown: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    ask = query._Asking._ask

    def noted(self: Any, body: Any) -> Any:
        asked.append(body)
        return ask(self, body)

    monkeypatch.setattr(query._Asking, "_ask", noted)
    monkeypatch.setattr(query, "_OVERLAP", 0)  # a window of one hit, so that a small holding is deep
    who, within = reader(shown, "analyst"), query.Narrowing(facets={Facet.MARK: "restricted"})
    for skip, score in ((1, -1.0), (20, 1e9)):
        asked.clear()
        found = query.search(shown, who, "", 1, within, skip, query.Shape(facets=(), after=(score, "")))
        assert found.total > 20
        assert len(asked) < 10
