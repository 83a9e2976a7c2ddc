"""Attacks on who looks at evidence, and on the page: none has an effect."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hostile_evidence import PAYLOADS
from in_a_browser import browser, served
from page_examples import EXAMPLES, address_of, name_of
from starlette.applications import Starlette
from starlette.testclient import TestClient

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.routes import ROUTES, Open, Route

AXE = Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser() / "axe-core" / "4.14.1" / "axe.min.js"
PAGES = [r for r in ROUTES if r.method == "GET" and r.api is None]
WAYS = ["/search", "/search?q=lemons", "/search?q=monastery&view=table", "/search?q=%3F!", "/entities/person/kyawmin",
        "/entities/unit/LIB-345", "/items/{plain}", "/items/{plain}/history", "/items/A00009-0000-00000", "/sign-in",
        "/items/{plain}/work", "/alerts", "/lists", "/watch-lists", "/requests", "/search?q=monastery&line=receipt&map=1&open=kind,mark,source",
        "/search?q=drawn&view=gallery&unveil=1", "/items/{drawn}?open=1", "/items/{drawn}/near"]  # fmt: skip


class Markup(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.frames: list[dict[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag == "iframe":
            self.frames.append(dict(attrs))

    @property
    def could_run(self) -> list[str]:
        """All that would run, or load something, that is not the page's own."""
        strange = [e for e in self.elements if e in ("object", "embed", "base", "math", "style", "video", "audio")]
        strange += ["iframe"] * sum(not _is_ours(attributes) for attributes in self.frames)
        strange += ["script"] * (self.elements.count("script") - 1)
        strange += [n for n, _ in self.attributes if n.startswith("on") or n in ("style", "srcdoc")]
        for name, value in self.attributes:
            if name in ("href", "src", "action", "formaction", "data") and not re.match(r"[/?#]", value or "#"):
                strange.append(f"{name}={value}")
        return strange


def _is_ours(frame: dict[str, str | None]) -> bool:
    """The frame of a web page as text: in it nothing runs, and nothing is fetched."""
    return frame.get("sandbox", "no") in (None, "") and str(frame.get("src")).startswith("/items/")


@pytest.fixture(scope="module")
def page(told: Holding) -> Starlette:
    return app(told)


@pytest.fixture(scope="module")
def analyst(page: Starlette, at_work: Callable[..., TestClient]) -> TestClient:
    return at_work(page, "some.analyst")


@pytest.fixture(scope="module")
def hostile_items(told: Holding) -> dict[str, str]:
    """Number of each item by its name."""
    return {
        i.path.decode(errors="replace"): i.number
        for s in told.catalogue.shards("A00002")
        for i in read_items(told.parts, s.number)
    }  # fmt: skip


# evidence


def test_what_evidence_holds_is_text_on_every_page(analyst: TestClient, hostile_items: dict[str, str]) -> None:
    hostile = [number for name, number in hostile_items.items() if name.startswith("hostile/")]
    assert len(hostile) >= 7
    addresses = [f"/items/{n}{more}" for n in hostile for more in ("", "/history")]
    addresses += [f"/search?q={q}{view}" for q in ("lemons", "alert", "script") for view in ("", "&view=table")]
    for address in addresses:
        answer = analyst.get(address)
        assert answer.status_code == 200
        assert Markup(answer.text).could_run == [], address


def test_no_local_file_comes_with_evidence(analyst: TestClient, hostile_items: dict[str, str]) -> None:
    for name in ("hostile/page.html", "hostile/drawing.svg"):
        assert "root:x:0" not in analyst.get(f"/items/{hostile_items[name]}").text


def test_no_cell_of_evidence_is_a_formula(analyst: TestClient) -> None:
    for cell in re.findall(r'(?:^|,)"((?:[^"]|"")*)"', analyst.get("/search.csv?q=lemons").text, re.MULTILINE):
        assert not cell.lstrip().startswith(("=", "+", "-", "@"))


# what is typed


@pytest.mark.parametrize("route", PAGES, ids=name_of)
def test_what_is_typed_is_text_and_no_header(analyst: TestClient, route: Route) -> None:
    """Each payload in each value and part of the address of each example."""
    example = max(EXAMPLES[name_of(route)], key=lambda e: len(e.values) + len(e.path))
    names = [*example.values, *example.path, "q", "more"]
    for payload in PAYLOADS:
        for name in dict.fromkeys(names):
            path = {n: quote(payload if n == name else v, safe="") for n, v in example.path.items()}
            values = {**example.values, **({name: payload} if name not in path else {})}
            answer = analyst.get(f"{route.path.format(**path)}?{urlencode(values)}")
            assert answer.status_code < 500, (name, payload)
            assert "planted" not in answer.headers.get("set-cookie", "")
            assert "root:x:0" not in answer.text
            if "html" in answer.headers.get("content-type", ""):
                assert Markup(answer.text).could_run == [], (name, payload)
                assert "62615533" not in answer.text, (name, payload)


def test_what_is_typed_at_the_door_is_text(page: Starlette) -> None:
    client = TestClient(page, base_url="http://127.0.0.1:8650", follow_redirects=False)
    token = re.findall(r'name="csrf_token" value="([0-9a-f]+)"', client.get("/sign-in").text)[0]
    for payload in PAYLOADS[:3]:
        answer = client.post("/sign-in", data={"csrf_token": token, "name": payload, "password": payload})
        assert answer.status_code == 401
        assert Markup(answer.text).could_run == []


@pytest.mark.parametrize(
    "address", ["/static/..%2fapp.py", "/static/....//app.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
                "/items/..%2f..%2fetc%2fpasswd", "/entities/person/..%2f..", "/entities/person/%00", "//evil.example/%2f..",
                "/api/v1/exports/..%2fitems", "/api/v1/../../etc/passwd"],
)  # fmt: skip
def test_no_path_leads_to_a_file_or_elsewhere(analyst: TestClient, address: str) -> None:
    answer = analyst.get(address)
    assert answer.status_code in (400, 401, 404)
    assert "import" not in answer.text
    assert "location" not in answer.headers


def test_a_header_changes_nothing(analyst: TestClient) -> None:
    plain = analyst.get("/search")
    for name in (
        "X-Forwarded-Host",
        "X-Forwarded-For",
        "X-Original-URL",
        "X-Rewrite-URL",
        "Forwarded",
        "Origin",
        "Referer",
    ):
        answer = analyst.get("/search", headers={name: "evil.example"})
        assert (answer.status_code, answer.text) == (200, plain.text)
        assert "evil.example" not in str(answer.headers)
    assert analyst.get("/search", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200


# sessions and tokens


@pytest.mark.parametrize(
    "shown", ["", "x" * 43, "../../etc", "a" * 100_000, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJsZWFkIn0."]
)
def test_a_forged_session_is_none(page: Starlette, shown: str) -> None:
    client = TestClient(page, base_url="http://127.0.0.1:8650", follow_redirects=False)
    assert client.get("/search", headers={"Cookie": f"iimm-session={shown}"}).headers["location"] == "/sign-in"


def test_a_readers_token_that_was_forged_or_is_old_opens_no_index(told: Holding) -> None:
    """Behind the page: OpenSearch itself refuses what is not signed with the node's key, or is over."""
    import jwt
    from opensearchpy import OpenSearch
    from opensearchpy.exceptions import TransportError

    over = told.node.reader_client("some.analyst", ["restricted"], lifetime_s=-400)
    forged = told.node._client(
        f"Bearer {jwt.encode({'sub': 'x', 'roles': ['all_access']}, 'k' * 64, algorithm='HS512')}"
    )
    unsigned = told.node._client(f"Bearer {jwt.encode({'sub': 'x', 'roles': ['all_access']}, None, algorithm='none')}")
    client: OpenSearch
    for client in (over, forged, unsigned):
        with pytest.raises(TransportError) as refused:
            client.search(index=f"iimm-{told.settings.holding}-*", body={})
        assert refused.value.status_code in (401, 403)


def test_tokens_cannot_be_guessed_from_one_another(told: Holding, page: Starlette) -> None:
    client = TestClient(page, base_url="http://127.0.0.1:8650")
    shown, token = told.accounts.new_token("some.analyst", "tests", 1, datetime.now(UTC))
    other, _ = told.accounts.new_token("all.analyst", "tests", 1, datetime.now(UTC))
    for guess in (
        shown[:-1],
        shown[:-1] + ("A" if shown[-1] != "A" else "B"),
        f"iimm-{token.id}-{other[18:]}",
        shown.upper(),
    ):
        assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {guess}"}).status_code == 401
    assert client.get("/api/v1/me", params={"token": shown}).status_code == 401


@pytest.mark.parametrize("route", [r for r in ROUTES if r.needs is not Open.TO_ALL], ids=name_of)
def test_no_other_method_changes_anything(analyst: TestClient, route: Route) -> None:
    address = address_of(route, EXAMPLES[name_of(route)][0])
    ours = {r.method for r in ROUTES if r.path == route.path}
    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE"} - ours:
        assert analyst.request(method, address).status_code in (403, 405)


# in a browser


@pytest.fixture(scope="module")
def window(page: Starlette, told: Holding) -> Iterator[Any]:
    """A window of an analyst; what the browser complains of, is asked and would fetch is gathered."""
    desk = page.state.desk
    session = desk.sessions.begin("some.analyst", told.accounts.get("some.analyst").generation, desk.clock())
    with served(page) as address, browser() as chromium:
        context = chromium.new_context(base_url=address)
        context.add_cookies([{"name": "iimm-session", "value": session, "url": address, "httpOnly": True}])
        made = context.new_page()
        made.wrong = []
        made.on("dialog", lambda dialogue: (made.wrong.append(f"dialogue {dialogue.message}"), dialogue.dismiss()))
        made.on("pageerror", lambda wrong: made.wrong.append(str(wrong)))
        made.on("console", lambda said: made.wrong.append(said.text) if "Content Security" in said.text else None)
        context.on("request", lambda r: None if r.url.startswith((address, "data:")) else made.wrong.append(r.url))
        yield made


def test_nothing_of_evidence_runs_or_calls_out(window: Any, hostile_items: dict[str, str], canary: Any) -> None:
    for name, number in hostile_items.items():
        if name.startswith("hostile/"):
            window.goto(f"/items/{number}")
    for address in ("/search?q=lemons", "/search?q=alert&view=table", "/entities/person/kyawmin"):
        window.goto(address)
    assert window.wrong == []
    assert canary.asked == []


def test_nothing_that_is_typed_runs(window: Any) -> None:
    for payload in PAYLOADS:
        for address in (f"/search?q={quote(payload)}", f"/search?q=lemons&sender={quote(payload)}&kind={quote(payload)}",
                        f"/entities/person/kyawmin?spelling={quote(payload)}"):  # fmt: skip
            window.goto(address)
    assert window.wrong == []


def test_the_document_is_out_of_reach_of_a_script_that_would_run_all_the_same(window: Any) -> None:
    """The second wall: an element with a handler, put there by force, does nothing."""
    window.goto("/search")
    window.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=/static/none onerror=\"window.ran = 1\">')"
    )
    window.wait_for_timeout(200)
    assert window.evaluate("window.ran") is None
    assert window.evaluate("document.cookie") == ""
    window.wrong.clear()


@pytest.mark.parametrize("way", WAYS)
def test_axe_finds_no_serious_fault(window: Any, hostile_items: dict[str, str], way: str) -> None:
    if not AXE.is_file():
        pytest.skip("no axe-core: infra/axe.sh fetches it")
    window.goto(way.format(plain=hostile_items["told/english.txt"], drawn=hostile_items["told/drawn.jpg"]))
    found = window.evaluate(f"{AXE.read_text(encoding='utf-8')}; axe.run(document, {{resultTypes: ['violations']}})")
    serious = [
        (v["id"], [n["html"][:100] for n in v["nodes"]][:3])
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]  # fmt: skip
    assert serious == []
    window.wrong.clear()
