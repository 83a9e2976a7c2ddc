"""Every role, set of marks, route and kind of query: what a reader lacks a mark for is for them as if it had never been.

The same is asked of two holdings, which differ in that alone; the routes are those of the table, so that a new one is
asked too, or is missed among the examples.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from difflib import unified_diff
from typing import Any

import pyarrow.parquet as pq
import pytest
from page_examples import EXAMPLES, HIDDEN, SEEN, Example, address_of, name_of
from starlette.applications import Starlette
from starlette.testclient import TestClient
from told_evidence import HIDDEN_WORDS, tell

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.links import Kind as LinkKind
from iimm_pipelines.page.routes import ROUTES, Open, Route
from iimm_pipelines.page.search_page import Wanted
from iimm_pipelines.page.visit import Desk
from iimm_pipelines.people.rights import RIGHTS, Right, Role
from iimm_pipelines.search.access import reader
from iimm_pipelines.work import shelves, tagging, watching
from iimm_pipelines.work.record import Kind

CLOSED = [r for r in ROUTES if r.needs is not Open.TO_ALL]
OF_MACHINES = frozenset({"GET /engine", "GET /engine/figures", "POST /engine/retry"})
"""How the work goes: numbers of accessions, codes of sources and counts, of all of them for who runs the machines, and nothing else of them."""
WITHOUT_EVIDENCE = frozenset({"GET /requests", "GET /lists", "GET /watch-lists"})
"""Nobody asked for anything here; lists are named, and what stands on one is asked for below."""
OF_NO_LETTER = frozenset({LinkKind.PICTURE, LinkKind.MEDIA, LinkKind.TEXT})
"""The hidden item is a letter, of which there is neither picture nor sound: what is given of others, test_files asks."""
SHOWING = [
    r for r in CLOSED if r.method == "GET" and not isinstance(r.needs, Open) and name_of(r) not in WITHOUT_EVIDENCE
    and r.link not in OF_NO_LETTER
]  # fmt: skip
READERS = [f"{marks}.{role.name.lower()}" for marks in ("some", "none") for role in Role]
TIMES_AND_IDS = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\dZ| UTC)?|[0-9a-f]{64}|<code>[0-9a-f]{16}</code>"
    r"|(?<!\d)1[78]\d{8}(?!\d)|(?<=\(entry )\d+(?=\))|At [\d,]+ an hour|(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])"
)
"""What differs between any two holdings: when something was received and made, how fast, until when a link holds, digests of
proofs, places in the log."""

Ask = Callable[[str, Route, Example], Any]


def test_every_route_has_examples_and_every_example_a_route() -> None:
    assert {name_of(r) for r in ROUTES} == set(EXAMPLES), "each route needs its line in tests/journeys/page_examples.py"
    for route in ROUTES:
        for example in EXAMPLES[name_of(route)]:
            assert "{" not in address_of(route, example)


def test_every_value_that_a_search_takes_is_asked() -> None:
    assert {f.name for f in fields(Wanted)} <= {name for e in EXAMPLES["GET /search"] for name in e.values}


def asking(page: Starlette, at_work: Callable[..., TestClient]) -> Ask:
    """Asks as an account: with a session, or with a token where a program asks."""
    people: dict[str, TestClient] = {}
    programs: dict[str, str] = {}
    anybody = TestClient(page, base_url="http://127.0.0.1:8650", follow_redirects=False)
    desk = page.state.desk

    def ask(who: str, route: Route, example: Example) -> Any:
        address = address_of(route, example)
        if route.api is not None:
            if who not in programs:
                programs[who], _ = desk.holding.accounts.new_token(who, "tests", 1, datetime.now(UTC))
            shown = {"Authorization": f"Bearer {programs[who]}"}
            return anybody.request(route.method, address, params=example.values, headers=shown, json=example.sent)
        if who not in people:
            people[who] = at_work(page, who)
        client = at_work(page, who) if route.path == "/sign-out" else people[who]
        if route.link is not None:
            return client.get(address, params=linked(desk, who, route.link, example))
        if route.method == "GET":
            return client.get(address, params=example.values)
        token = desk.sessions.form_token(client.cookies["iimm-session"])
        return client.post(address, data={"csrf_token": token, **example.values})

    return ask


def linked(desk: Desk, who: str, kind: LinkKind, example: Example) -> dict[str, str]:
    """What stands behind the question mark of a link that was made for somebody, whatever they may see."""
    signed = {n: v for n, v in example.values.items() if n in ("form", "page") and kind is LinkKind.PICTURE}
    made = desk.links.values(desk.holding.accounts.get(who), example.path["number"], kind, desk.clock(), **signed)
    return {**example.values, **made}


def decide(holding: Holding, items: Sequence[str]) -> None:
    """What people say of some items: tags, notes, a shared list, alerts of a shared watch-list, a request to open one."""
    who = reader(holding, "all.analyst")
    tagging.tag(holding, who, items, "unit", "LIB 999 of zanzibarite" if HIDDEN in items else "LIB 1")
    tagging.note(holding, who, items, "quagga and zanzibarite" if HIDDEN in items else "to be read again")
    if HIDDEN in items:
        holding.approvals.ask("all.linguist", HIDDEN[:6], "the zanzibarite of the hearing", datetime.now(UTC))
    else:
        watched = watching.make_list(holding, who.name, "bells", watching.read_terms("name: monastery"))
        listed = shelves.make(holding, who, Kind.LIST, "to read")
        for of in (watched, listed):
            shelves.share(holding, who.name, of, ["some.analyst", "none.analyst"])
    for listed in shelves.shelves(holding, who.name, Kind.LIST):
        shelves.put(holding, who, listed, items)
    watching.watch(holding)


@pytest.fixture(scope="module")
def told(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory, canary: Any) -> Holding:
    """Not the one of other tests: what their readers opened and wrote would tell the two holdings apart."""
    return tell(new_holding(workers=1), tmp_path_factory.mktemp("told"), with_hidden=True, away=canary.address)


@pytest.fixture(scope="module")
def never(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory, canary: Any) -> Holding:
    """The same, where what `told` hides never was."""
    return tell(new_holding(workers=1), tmp_path_factory.mktemp("never"), with_hidden=False, away=canary.address)


@pytest.fixture(scope="module")
def hiding(told: Holding, at_work: Callable[..., TestClient]) -> Ask:
    decide(told, [SEEN])
    decide(told, [HIDDEN])
    return asking(app(told), at_work)


@pytest.fixture(scope="module")
def bare(never: Holding, at_work: Callable[..., TestClient]) -> Ask:
    decide(never, [SEEN])
    return asking(app(never), at_work)


@pytest.fixture(scope="module")
def shut(told: Holding, hiding: Ask, at_work: Callable[..., TestClient]) -> Iterator[Ask]:
    """The same holding, where nobody opens alone what has the hidden mark, and nobody agreed to anything."""
    guarded = Holding(told.settings.model_copy(update={"four_eyes": ["COMPARTMENT"]}))
    yield asking(app(guarded), at_work)
    guarded.close()


def plain(answer: Any) -> str:
    """All that an answer says, but for times and ids."""
    if answer.headers.get("content-type", "").startswith("application/vnd.apache.parquet"):
        said = str(in_one_order(pq.read_table(io.BytesIO(answer.content)).to_pylist()))
    else:
        said = answer.content.decode("utf-8", errors="backslashreplace")
    if "/json" in answer.headers.get("content-type", ""):
        said = json.dumps(in_one_order(json.loads(said)), ensure_ascii=False)
    elif "/csv" in answer.headers.get("content-type", ""):
        said = "\n".join(sorted(TIMES_AND_IDS.sub("…", line) for line in said.splitlines()))
    kept = {n: v for n, v in answer.headers.items() if n not in ("content-length", "set-cookie", "etag")}
    said = re.sub(r'name="csrf_token" value="[0-9a-f]+"', "", said)
    return TIMES_AND_IDS.sub("…", f"{answer.status_code} {kept} {said}")


def in_one_order(value: Any) -> Any:
    """Rows of one segment come in the order of their ids, which two holdings do not share."""
    if isinstance(value, dict):
        return {name: in_one_order(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted(
            (in_one_order(v) for v in value),
            key=lambda v: TIMES_AND_IDS.sub("…", json.dumps(v, sort_keys=True, default=str)),
        )
    return value


def differences(one: str, other: str) -> list[str]:
    """Lines that only one of two answers has."""
    return [line for line in unified_diff(one.splitlines(), other.splitlines(), n=0) if line[0] in "+-"]


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
@pytest.mark.parametrize("who", READERS)
def test_what_is_hidden_is_as_if_it_had_never_been(hiding: Ask, bare: Ask, who: str, route: Route) -> None:
    may = isinstance(route.needs, Open) or route.needs in RIGHTS[Role[who.partition(".")[2].upper()]]
    for example in EXAMPLES[name_of(route)]:
        answer = hiding(who, route, example)
        assert (answer.status_code == 403) is not may, example.of
        assert answer.status_code < 500, example.of
        assert answer.headers.get("location") != "/sign-in" or route.path == "/sign-out", example.of
        said, words = plain(answer), HIDDEN_WORDS
        if name_of(route) in OF_MACHINES and Right.SEE_MACHINES in RIGHTS[Role[who.partition(".")[2].upper()]]:
            words = tuple(word for word in HIDDEN_WORDS if word not in ("A00001", "S-WITNESS"))
        else:
            assert differences(said, plain(bare(who, route, example))) == [], example.of
        asked = f"{example.path}{example.values}"
        leaked = [word for word in words if word in said and word not in asked and word.lower() not in asked]
        assert not leaked, example.of
        if Right.SEE_MACHINES not in RIGHTS[Role[who.partition(".")[2].upper()]]:
            assert "(entry " not in said, "how much else stands in the log"


@pytest.mark.parametrize("route", SHOWING, ids=name_of)
def test_who_has_the_mark_is_answered_otherwise(hiding: Ask, bare: Ask, route: Route) -> None:
    """Without this the test above could not fail."""
    role = next(role for role in Role if route.needs in RIGHTS[role])
    who = f"all.{role.name.lower()}"
    differ = [e.of for e in EXAMPLES[name_of(route)] if plain(hiding(who, route, e)) != plain(bare(who, route, e))]
    assert differ


OF_WHO_HOLDS_IT = {"GET /api/v1/me", "POST /requests", "POST /requests/decide", *WITHOUT_EVIDENCE, *OF_MACHINES}
"""Which marks somebody holds and how the work goes, asking for what is closed, and lists, which have one owner."""
OF_THE_READER = re.compile(
    r'<section class="closed".*?</section>|<a href="/requests">.*?</a>|<p class="opened">.*?</p>', re.DOTALL
)
"""What a search says of what is closed, the way to requests, and which others looked before."""


def as_seen(answer: Any) -> str:
    """All that an answer says, but for what is the reader's own."""
    said = OF_THE_READER.sub("", plain(answer))
    return "\n".join(line for line in re.sub(r"\b(?:all|some)\.", "a.", said).splitlines() if line.strip())


@pytest.mark.parametrize("route", [r for r in CLOSED if name_of(r) not in OF_WHO_HOLDS_IT], ids=name_of)
def test_what_a_second_person_must_open_is_as_if_its_mark_were_not_held(shut: Ask, route: Route) -> None:
    """API, entity pages, exports and all else; a search says besides how much it found there, and an item whom to ask."""
    role = next(r.name.lower() for r in Role if isinstance(route.needs, Open) or route.needs in RIGHTS[r])
    for example in EXAMPLES[name_of(route)]:
        if route.method == "POST" and HIDDEN not in f"{example.path}{example.values}{example.sent}":
            continue  # it would change what the other holding has not
        held, lacking = shut(f"all.{role}", route, example), shut(f"some.{role}", route, example)
        if (held.status_code, lacking.status_code) == (403, 404):
            assert f"/requests?about={HIDDEN}" in held.text, example.of
            assert not any(word in held.text.replace(HIDDEN, "") for word in HIDDEN_WORDS), example.of
        else:
            assert differences(as_seen(held), as_seen(lacking)) == [], example.of


def test_a_shared_list_holds_what_its_reader_may_see(hiding: Ask, bare: Ask) -> None:
    route = next(r for r in ROUTES if name_of(r) == "GET /lists")
    told: dict[str, list[str]] = {}
    for who in ("some.analyst", "all.analyst"):
        for ask in (hiding, bare):
            of, *_ = re.findall(r"/lists\?list=([0-9a-f]+)", ask(who, route, Example("all")).text)
            told.setdefault(who, []).append(plain(ask(who, route, Example("one", values={"list": of}))))
    assert differences(*told["some.analyst"]) == []
    assert differences(*told["all.analyst"]) != []
