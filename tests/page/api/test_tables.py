"""The interface for programs: its description is its routes, and a reader's rights are the page's."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.api.files import TooManyPairs, as_graphml
from iimm_pipelines.page.app import app
from iimm_pipelines.page.routes import ROUTES, Route
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role

PROGRAMS = [r for r in ROUTES if r.api is not None]
API = "/api/v1"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def page(told: Holding) -> Starlette:
    return app(told)


@pytest.fixture(scope="module")
def ask(told: Holding, page: Starlette) -> Ask:
    """Asks as an account, with a token of its own."""
    client = TestClient(page, base_url="http://127.0.0.1:8650", follow_redirects=False)
    tokens: dict[str, str] = {}

    def make(address: str, who: str = "some.analyst", **values: Any) -> Any:
        if who not in tokens:
            tokens[who], _ = told.accounts.new_token(who, "tests", 1, datetime.now(UTC))
        return client.get(f"{API}{address}", params=values, headers={"Authorization": f"Bearer {tokens[who]}"})

    return make


def all_of(ask: Ask, address: str, of: str, **values: Any) -> list[Any]:
    """Every row of a list, page by page."""
    rows, cursor = [], ""
    while cursor is not None:
        page = ask(address, **values, **({"cursor": cursor} if cursor else {})).json()
        rows += page[of]
        cursor = page["next"]
    return rows


# the description


def test_the_description_names_the_routes_and_no_others(ask: Ask) -> None:
    said = ask("/openapi.json").json()
    told = {(method.upper(), path) for path, methods in said["paths"].items() for method in methods}
    assert told == {(r.method, r.path) for r in PROGRAMS}
    assert {r.path for r in ROUTES if r.path.startswith(API)} - {r.path for r in PROGRAMS} == {f"{API}/openapi.json"}
    ids = [m["operationId"] for methods in said["paths"].values() for m in methods.values()]
    assert len(ids) == len(set(ids))


# tokens


@pytest.mark.parametrize("route", PROGRAMS, ids=lambda r: r.path)
@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer x", "Bearer iimm-000000000000-" + "a" * 43, "Basic YTpi", "bearer é"]
)
def test_nobody_is_answered_without_a_token(page: Starlette, route: Route, shown: str) -> None:
    address = route.path.format(number="A00002-0000-00000", kind="unit", key="LIB-345", table="items")
    answer = TestClient(page, base_url="http://127.0.0.1:8650").request(
        route.method, address, headers={"Authorization": shown.encode()}, json={} if route.method == "POST" else None
    )
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_session_of_a_browser_counts_for_nothing_here(page: Starlette, at_work: Any) -> None:
    client = at_work(page, "some.analyst")
    assert client.get("/search").status_code == 200
    assert client.get(f"{API}/items").status_code == 401


def test_a_token_counts_until_it_expires_is_revoked_or_the_account_changes(told: Holding, page: Starlette) -> None:
    client = TestClient(page, base_url="http://127.0.0.1:8650")
    now = datetime.now(UTC)

    def status(shown: str) -> int:
        return client.get(f"{API}/me", headers={"Authorization": f"Bearer {shown}"}).status_code

    told.accounts.add("program", Role.ANALYST, ["restricted"], by="tests")
    first, kept = told.accounts.new_token("program", "tests", 1, now)
    second, _ = told.accounts.new_token("program", "tests", 1, now)
    old, _ = told.accounts.new_token("program", "tests", 1, now - timedelta(days=2))
    assert [status(t) for t in (first, second, old)] == [200, 200, 401]
    told.accounts.revoke_token("program", kept.id, by="tests")
    assert [status(t) for t in (first, second)] == [401, 200]
    told.accounts.change_marks("program", [], by="tests")
    assert status(second) == 401
    third, _ = told.accounts.new_token("program", "tests", 1, now)
    told.accounts.disable("program", by="tests")
    assert status(third) == 401


# what is answered


def test_me(ask: Ask) -> None:
    said = ask("/me").json()
    assert (said["name"], said["role"], said["marks"]) == ("some.analyst", "analyst", ["restricted"])


def test_items_come_page_by_page_by_number(ask: Ask) -> None:
    whole = [i["item"] for i in ask("/items").json()["items"]]
    assert whole == sorted(whole)
    assert {n[:6] for n in whole} == {"A00002"}
    assert [i["item"] for i in all_of(ask, "/items", "items", size=3)] == whole
    assert {n[:6] for n in (i["item"] for i in ask("/items", "all.analyst").json()["items"])} == {"A00001", "A00002"}


def test_an_item_with_its_texts_and_what_was_found_in_it(ask: Ask) -> None:
    (number,) = [i["item"] for i in ask("/items").json()["items"] if i["name"].endswith("english.txt")]
    assert ask(f"/items/{number}").json()["item"]["media_type"] == "text/plain"
    (segment,) = all_of(ask, f"/items/{number}/segments", "segments", size=1)
    found = all_of(ask, f"/items/{number}/mentions", "mentions", size=2)
    assert "unit:LIB-345" in {m["entity"] for m in found} & set(segment["mentions"])
    for mention in found:
        assert segment["text"][mention["start"] : mention["end"]] == mention["text"]


def test_mentions_and_roles_are_those_of_what_is_asked(ask: Ask) -> None:
    rows = all_of(ask, "/mentions", "mentions", entity="person:kyawmin", size=2)
    assert {r["spelling"] for r in rows} == {"ကျော်မင်း", "Kyaw Min", "Kyaw Minn"}
    (role,) = all_of(ask, "/roles", "roles", person="Kyaw Min", unit="LIB 77", rank="colonel", size=1)[:1]
    assert (role["rank"], role["unit"], role["date"]) == ("COLONEL", "LIB-77", "2024-06-07")


def test_entities_are_counted_and_told_of(ask: Ask) -> None:
    units = {e["entity"]: e["segments"] for e in all_of(ask, "/entities/unit", "entities", size=1)}
    assert set(units) == {"unit:LIB-345", "unit:IB-10", "unit:LIB-77"}
    told = ask("/entities/unit/LIB-345").json()
    assert told["segments"] == units["unit:LIB-345"]
    assert ask("/entities/unit/LIB-999").status_code == ask("/entities/planet").status_code == 404


def test_a_search_is_that_of_the_page(ask: Ask) -> None:
    found = ask("/search", q="monastery bell").json()
    assert found["total"] == len(found["hits"]) == 1
    assert "monastery" in found["hits"][0]["matches"][0]["excerpt"]
    hits = all_of(ask, "/search", "hits", q="monastery", size=1)
    assert len({h["item"] for h in hits}) == len(hits) == 2


@pytest.mark.parametrize(
    ("address", "values"),
    [("/items", {"size": 0}), ("/items", {"size": 501}), ("/items", {"colour": "red"}), ("/items", {"cursor": "a"}),
     ("/items", {"accession": "A1"}), ("/search", {"q": ""}), ("/search", {"q": "?!"}), ("/search", {"q": "x", "near": "here"}),
     ("/search", {"q": "x", "cursor": "OTk5OQ=="}), ("/roles", {"rank": "grand duke"}), ("/search", {"q": "x", "cursor": "eA=="}),
     ("/exports/items", {"format": "xlsx"})],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_what_to_change(ask: Ask, address: str, values: dict[str, Any]) -> None:
    answer = ask(address, **values)
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert "grand duke" not in answer.text


def test_a_hidden_item_answers_as_one_that_never_was(ask: Ask) -> None:
    for more in ("", "/segments", "/mentions"):
        hidden, nowhere = (ask(f"/items/{n}{more}") for n in ("A00001-0000-00000", "A00009-0000-00000"))
        assert (hidden.status_code, hidden.text) == (nowhere.status_code, nowhere.text) == (404, nowhere.text)
        assert ask(f"/items/A00001-0000-00000{more}", "all.analyst").status_code == 200


def test_what_a_program_looks_at_is_written_down(ask: Ask, told: Holding) -> None:
    ask("/items/A00002-0000-00000")
    ask("/mentions", entity="unit:LIB-345")
    ask("/exports/roles")
    *_, opened, searched, taken = told.access_log.entries()
    assert [(e.who, e.what, e.subject) for e in (opened, searched, taken)] == [
        ("some.analyst", What.OPENED, "A00002-0000-00000"), ("some.analyst", What.SEARCHED, None),
        ("some.analyst", What.DOWNLOADED, None)]  # fmt: skip
    assert told.access_log.query_of(searched) == f"{API}/mentions?{urlencode({'entity': 'unit:LIB-345'})}"


# files


@pytest.mark.parametrize("table", ["items", "segments", "mentions", "roles"])
def test_a_table_is_the_same_as_csv_and_as_parquet(ask: Ask, table: str) -> None:
    as_csv, as_parquet = (ask(f"/exports/{table}", format=f) for f in ("csv", "parquet"))
    columns, *rows = csv.reader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline=""))
    kept = pq.read_table(io.BytesIO(as_parquet.content))
    assert kept.column_names == columns
    assert [r[0] for r in rows] == kept["item"].to_pylist()
    assert len(rows) > 3
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert ask(f"/exports/{table}", "some.linguist").status_code == 403


def test_a_table_without_rows_has_its_columns(ask: Ask) -> None:
    empty = pq.read_table(io.BytesIO(ask("/exports/roles", format="parquet", accession="A00009").content))
    assert empty.schema.field("ordinal").type == "int64"
    assert empty.num_rows == 0


def test_more_rows_than_an_export_may_have_are_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iimm_pipelines.page.api.contracts.MOST_ROWS", 3)
    for table in ("items", "mentions"):
        assert "narrow" in ask(f"/exports/{table}").json()["detail"]


def test_the_network_joins_what_the_same_items_name(ask: Ask) -> None:
    names = {"g": "http://graphml.graphdrawing.org/xmlns"}
    graph = ElementTree.fromstring(ask("/network").content)
    nodes = {n.get("id"): n.findtext("g:data[@key='name']", None, names) for n in graph.iterfind(".//g:node", names)}
    edges = {(e.get("source"), e.get("target")) for e in graph.iterfind(".//g:edge", names)}
    assert nodes["person:awngko"] == "Aung Ko"
    assert ("person:kyawmin", "unit:LIB-345") in edges
    assert not any("ciha" in (n or "") for n in nodes)


def test_a_name_that_xml_cannot_hold_is_still_well_formed() -> None:
    made = as_graphml([["person:a\x1fA\x00\ufffe<&>", "unit:b\x1f" + "x"]])
    assert re.findall(r"A\ufffd\ufffd&lt;&amp;&gt;", made.decode())
    ElementTree.fromstring(made)


def test_a_network_of_too_many_pairs_is_refused_before_it_fills_the_memory() -> None:
    crowds = ([f"person:{crowd}x{n}\x1fA" for n in range(100)] for crowd in range(10_000))
    with pytest.raises(TooManyPairs):
        as_graphml(crowds)
    assert next(crowds)[0].partition("x")[0] < "person:50"
