"""Every route, by the table: who may have it, and what is refused to all others."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlencode

import pytest
from page_examples import EXAMPLES
from starlette.testclient import TestClient

from iimm_pipelines.holding import Holding
from iimm_pipelines.page import routes
from iimm_pipelines.page.app import HEADERS
from iimm_pipelines.page.links import Kind
from iimm_pipelines.page.routes import ROUTES, Open, Route
from iimm_pipelines.page.sessions import IDLE, LONGEST
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import RIGHTS, Role

CLOSED = [r for r in ROUTES if r.needs is not Open.TO_ALL and r.api is None]
"""Of people; what programs ask is walked in tests/page/api."""
POSTS = [r for r in ROUTES if r.method == "POST" and r.api is None]
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
IN_A_FRAME = frozenset({"/items/{number}/ready"})
"""What our own pages have in a frame."""
OF_A_FILE = ("Content-Security-Policy", "X-Frame-Options")
"""What is narrower where a file is shown."""


def name(route: Route) -> str:
    return f"{route.method} {route.path}"


@pytest.fixture
def letter(numbers: dict[str, str]) -> Letter:
    of_kind = {
        Kind.PICTURE: "A00004 photos/house.jpg", Kind.MEDIA: "A00004 film/river.webm", Kind.TEXT: "A00004 pages/notice.html",
        Kind.ORIGINAL: "A00002 letters/bell.txt", Kind.WITH_PROOF: "A00002 letters/bell.txt",
    }  # fmt: skip
    return Letter(numbers["A00002 letters/bell.txt"], {kind: numbers[name] for kind, name in of_kind.items()})


class Letter(str):
    """The number of a letter, and of an item for each kind of link."""

    of_kind: Mapping[Kind, str]

    def __new__(cls, number: str, of_kind: Mapping[Kind, str] = MappingProxyType({})) -> Self:
        made = super().__new__(cls, number)
        made.of_kind = of_kind
        return made


def ask(client: TestClient, route: Route, letter: str, **form: str) -> Any:
    number = letter.of_kind.get(route.link, str(letter)) if isinstance(letter, Letter) else letter
    given = {**EXAMPLES[name(route)][0].path, "number": number, "other": str(letter)}
    address = route.path.format(**given)
    if route.method == "POST":
        return client.post(address, data=form)
    if route.link is not None:
        return client.get(linked(client, number, address))
    return client.get(address, params={"q": "monastery"} if "search" in address else {})


def linked(client: TestClient, number: str, address: str) -> str:
    """The link of this kind that an item's page gives somebody; the bare address where it gives none."""
    page = client.get(f"/items/{number}", params={"open": "1"}).text
    if found := re.search(f'src="({re.escape(address)}[^"#]*)', page):
        return html.unescape(found[1])
    if form := re.search(f'action="{re.escape(address)}">(.*?)</form>', page, re.DOTALL):
        return f"{address}?{urlencode({**dict(HIDDEN.findall(form[1])), 'reason': 'for a test'})}"
    return address


def turned_away(answer: Any) -> bool:
    return answer.status_code == 303 and answer.headers["location"] == "/sign-in" and not answer.text


@pytest.mark.parametrize("route", CLOSED, ids=name)
def test_nobody_is_served_without_a_session(person: Any, route: Route, letter: str) -> None:
    client = person()
    assert turned_away(ask(client, route, letter))
    client.cookies.set("iimm-session", "x" * 43)
    assert turned_away(ask(client, route, letter))


@pytest.mark.parametrize("route", CLOSED, ids=name)
@pytest.mark.parametrize("role", Role)
def test_a_role_is_served_what_it_may_and_nothing_else(person: Any, route: Route, role: Role, letter: str) -> None:
    client = person(role.name.lower())
    if route.path == "/sign-out":
        assert ask(client, route, letter, csrf_token=client.form_token()).headers["location"] == "/sign-in"
    elif route.method == "POST":
        answer = ask(client, route, letter, csrf_token=client.form_token())
        assert (answer.status_code == 403) == (route.needs not in RIGHTS[role])
    elif route.needs in RIGHTS[role]:
        # An auditor checks custody of what they have marks for, and sees no text.
        assert ask(client, route, letter).status_code == (404 if "entities" in route.path else 200)  # it names nobody
    else:
        refused = ask(client, route, letter)
        assert refused.status_code == 403
        assert "monastery bell" not in refused.text


@pytest.mark.parametrize("route", CLOSED, ids=name)
@pytest.mark.parametrize("over", [IDLE, LONGEST])
def test_a_session_ends(person: Any, clock: Any, route: Route, letter: str, over: timedelta) -> None:
    client = person("analyst")
    clock.forward = over + timedelta(seconds=1)
    assert turned_away(ask(client, route, letter))
    clock.forward = timedelta()
    assert turned_away(ask(client, route, letter))


def test_work_keeps_a_session_but_not_beyond_a_day(person: Any, clock: Any) -> None:
    client = person("analyst")
    while clock.forward + IDLE / 2 < LONGEST:
        clock.forward += IDLE / 2
        assert client.get("/search").status_code == 200
    clock.forward += IDLE / 2
    assert turned_away(client.get("/search"))


def test_a_session_ends_with_signing_out(person: Any) -> None:
    client = person("analyst")
    kept = client.cookies["iimm-session"]
    client.fill_in("/sign-out")
    client.cookies.clear()
    client.cookies.set("iimm-session", kept)
    assert turned_away(client.get("/search"))


def test_a_session_ends_when_the_account_changes(person: Any, shown: Holding) -> None:
    client = person("nobody")
    shown.accounts.change_marks("nobody", [], by="tests")
    assert turned_away(client.get("/search"))
    client = person("nobody")
    shown.accounts.disable("nobody", by="tests")
    assert turned_away(client.get("/search"))
    shown.accounts.enable("nobody", by="tests")


def test_signing_in_takes_no_session_that_the_browser_came_with(person: Any) -> None:
    first, second = person("analyst"), person()
    second.cookies.set("iimm-visitor", "planted")
    second.sign_in("linguist")
    assert second.cookies["iimm-session"] not in ("planted", first.cookies["iimm-session"])
    before = first.cookies["iimm-session"]
    first.sign_in("analyst")
    assert first.cookies["iimm-session"] != before
    first.cookies.clear()
    first.cookies.set("iimm-session", before)
    assert turned_away(first.get("/search"))


@pytest.mark.parametrize("route", POSTS, ids=name)
def test_a_form_counts_only_from_the_browser_it_was_given_to(person: Any, route: Route, letter: str) -> None:
    victim, other = person("analyst"), person()
    stolen = other.form_token()
    for form in ({}, {"csrf_token": ""}, {"csrf_token": stolen}, {"csrf_token": "é"}):
        assert ask(victim, route, letter, **form).status_code == 403
    plain = victim.post(
        route.path.format(number=letter),
        content=f"csrf_token={victim.form_token()}",
        headers={"content-type": "text/plain"},
    )
    assert plain.status_code == 403
    assert victim.get("/search").status_code == 200


def test_every_form_that_changes_something_carries_the_token_by_the_name_that_scanners_know() -> None:
    for file in (Path(routes.__file__).parent / "templates").glob("*.html"):
        forms = re.findall(r'<form method="post".*?</form>', file.read_text(encoding="utf-8"), re.DOTALL)
        assert all(
            re.search(r'<input type="hidden" name="csrf_token" value="{{ (?:form_)?token }}">', f) for f in forms
        ), file.name


def test_a_form_that_is_too_large_is_not_read(person: Any) -> None:
    client = person("analyst")
    assert client.fill_in("/language", language="my", more="x" * 70_000).status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil.example"])
@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_another_host_is_not_answered(person: Any, route: Route, host: str, letter: str) -> None:
    client = person()
    client.headers["host"] = host
    answer = ask(client, route, letter)
    assert answer.status_code == 400
    assert answer.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("route", ROUTES, ids=name)
def test_every_answer_is_guarded_and_none_with_content_is_kept(person: Any, route: Route, letter: str) -> None:
    answer = ask(person("lead"), route, letter)
    narrower = OF_A_FILE if route.link is not None or route.path in IN_A_FRAME else ()
    assert {n: answer.headers[n] for n in HEADERS if n not in narrower} == {
        n: value for n, value in HEADERS.items() if n not in narrower
    }
    if route.path in IN_A_FRAME:
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert "script-src" not in answer.headers["content-security-policy"]
    if route.link is not None:
        assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'; frame-ancestors ")
    kept = {"/static/{name}": "private, max-age=300", "/static/fonts/{name}": "private, max-age=604800"}
    assert answer.headers["cache-control"] == kept.get(route.path, "no-store")


@pytest.mark.parametrize(
    "address", ["/docs", "/static/../app.py", "/static/%2e%2e%2fapp.py", "/items/..%2f..", "/items/A1"]
)
def test_what_is_not_there_is_not_there(person: Any, address: str) -> None:
    answer = person("lead").get(address)
    assert answer.status_code == 404
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_cookies_are_for_this_page_alone(person: Any) -> None:
    client = person()
    cookies = [
        *client.get("/sign-in").headers.get_list("set-cookie"),
        *client.sign_in("analyst").headers.get_list("set-cookie"),
    ]
    assert len(cookies) == 2
    for cookie in cookies:
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "/x\r\nSet-Cookie: a=b", ""]
)
def test_a_choice_of_language_leads_nowhere_else(person: Any, back: str) -> None:
    answer = person("analyst").fill_in("/language", language="my", back=back)
    assert answer.headers["location"] == "/search"
    assert "a=b" not in str(answer.headers)


def test_guessing_locks_the_account_and_is_written_down(person: Any, shown: Holding) -> None:
    client = person()
    for _ in range(shown.settings.sign_in_failures):
        refused = client.sign_in("linguist", "a wrong guess")
        assert refused.status_code == 401
    assert client.sign_in("linguist").status_code == 401
    shown.accounts.unlock("linguist", by="tests")
    assert [e.what for e in shown.access_log.entries()][-1] is What.REFUSED
    assert client.sign_in("nobody-here").text.split("<h1>")[1:] != []


def test_every_search_and_opening_is_written_down(person: Any, shown: Holding, letter: str) -> None:
    client = person("analyst")
    client.get("/search", params={"q": "monastery", "kind": "document"})
    client.get(f"/items/{letter}")
    client.get(f"/items/{letter}/history")
    client.get("/search.csv", params={"q": "monastery"})
    client.get("/items/A00001-0000-00000")
    last = list(shown.access_log.entries())[-5:]
    assert [(e.who, e.what, e.subject) for e in last] == [
        ("analyst", What.SEARCHED, None), ("analyst", What.OPENED, letter), ("analyst", What.OPENED, letter),
        ("analyst", What.DOWNLOADED, None), ("analyst", What.REFUSED, "A00001-0000-00000"),
    ]  # fmt: skip
    assert shown.access_log.query_of(last[0]) == "monastery kind=document"


def test_nothing_is_shown_where_the_log_of_access_cannot_be_written(person: Any, shown: Holding, letter: str) -> None:
    client = person("analyst")
    folder = shown.access_log.folder
    folder.rename(folder.with_name("away"))
    folder.write_text("no folder")
    try:
        answers = [client.get("/search", params={"q": "monastery"}), client.get(f"/items/{letter}")]
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    assert [a.status_code for a in answers] == [500, 500]
    assert not any("bell" in a.text for a in answers)
