"""Tags and notes by the interface for programs: written as by the page, once however often sent, and given out again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.work import said
from iimm_pipelines.work.record import Kind, check

BELL, SCHOOL, HIDDEN, NOWHERE = "A00002-0000-00001", "A00002-0000-00002", "A00001-0000-00000", "A00009-0000-00000"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask(holding: Holding) -> Ask:
    """Asks as an account, by its token: what is given by `sent` as JSON, else for what stands."""
    client = TestClient(app(holding), base_url="http://127.0.0.1:8650")
    holding.accounts.add("engineer", Role.DATA_ENGINEER, ["restricted"], by="tests")

    def make(address: str, who: str = "analyst", sent: Any = None, **values: Any) -> Any:
        token, _ = holding.accounts.new_token(who, "tests", 1, datetime.now(UTC))
        method = "GET" if sent is None else "POST"
        return client.request(
            method, f"/api/v1{address}", params=values, json=sent, headers={"Authorization": f"Bearer {token}"}
        )

    return make


def test_a_tag_is_a_signed_row_of_its_sender_and_is_found(ask: Ask, holding: Holding) -> None:
    sent = {"items": [BELL, SCHOOL], "code": "incident", "value": "The bell"}
    first, again = (ask("/tags", sent=sent).json() for _ in range(2))
    assert [(r["item"], r["kind"], r["by"], r["code"], r["value"]) for r in first["said"]] == [
        (n, "tag", "analyst", "incident", "The bell") for n in (BELL, SCHOOL)]  # fmt: skip
    assert (first["in_index"], again["said"]) == (True, [])
    assert check(holding.work.folder, holding.record.verifier).fault is None
    found = search(holding, reader(holding, "analyst"), "", within=Narrowing(facets={"tag": "incident:The bell"}))
    assert {h.item for h in found.hits} == {BELL, SCHOOL}
    assert {h["item"] for h in ask("/search", q="bell", tag="incident:The bell").json()["hits"]} == {BELL, SCHOOL}
    assert "incident:The bell" in ask(f"/items/{BELL}").json()["item"]["tags"]


def test_a_note_is_written_once_and_withdrawn_once(ask: Ask, holding: Holding) -> None:
    sent = {"items": [SCHOOL], "text": "Seen: နှစ်ခါ ကြည့်ပြီး။"}
    [row] = ask("/notes", sent=sent).json()["said"]
    assert ask("/notes", sent=sent).json()["said"] == []
    assert row in ask(f"/items/{SCHOOL}/said").json()["said"]
    for _ in range(2):
        assert ask("/withdrawals", sent={"row": row["id"], "why": "a mistake"}).status_code == 200
    assert row not in ask(f"/items/{SCHOOL}/said").json()["said"]
    [end] = [r for r in holding.work.rows(Kind.WITHDRAWN, about=SCHOOL) if r.body["row"] == row["id"]]
    assert (end.by, end.body["why"]) == ("analyst", "a mistake")


def test_what_is_not_for_an_account_answers_as_what_is_not_there(ask: Ask, holding: Holding) -> None:
    [row] = ask("/notes", "lead", {"items": [HIDDEN], "text": "of a witness"}).json()["said"]
    before = len(holding.work.rows(*said.KINDS, ended=True))
    for address, of in (("/tags", {"code": "potentially-exculpatory"}), ("/notes", {"text": "x"})):
        hidden, nowhere = (ask(address, sent={"items": [BELL, n], **of}) for n in (HIDDEN, NOWHERE))
        assert (hidden.status_code, hidden.text) == (404, nowhere.text)
    strange, hidden = (ask("/withdrawals", sent={"row": id}) for id in ("0" * 12, row["id"]))
    assert (hidden.status_code, hidden.text) == (strange.status_code, strange.text) == (404, strange.text)
    assert len(holding.work.rows(*said.KINDS, ended=True)) == before
    assert HIDDEN not in ask("/said", size=500).text + ask("/exports/said").text
    assert HIDDEN in ask("/said", "lead").text
    assert ask(f"/items/{HIDDEN}/said").status_code == 404


def test_all_that_was_said_is_given_out_page_by_page_and_as_a_table(ask: Ask, holding: Holding) -> None:
    for n in range(3):
        ask("/tags", sent={"items": [BELL], "code": "unit", "value": f"LIB {n}"})
    rows, cursor = [], ""
    while cursor is not None:
        page = ask("/said", size=2, code="unit", **({"cursor": cursor} if cursor else {})).json()
        rows, cursor = rows + page["said"], page["next"]
    assert [r["value"] for r in rows] == ["LIB 2", "LIB 1", "LIB 0"]
    table = list(csv.DictReader(io.StringIO(ask("/exports/said").content.decode("utf-8-sig"))))
    assert {r["id"] for r in rows} < {r["id"] for r in table}
    assert [e.what for e in list(holding.access_log.entries())[-2:]] == [What.SEARCHED, What.DOWNLOADED]
    assert ask("/exports/said", "engineer").status_code == ask("/said", "engineer").status_code == 403


@pytest.mark.parametrize(
    ("address", "sent"),
    [("/tags", {"items": [], "code": "unit"}), ("/tags", {"items": [BELL], "code": "no-such-code"}), ("/tags", []),
     ("/tags", {"items": [BELL], "code": "crime-type", "value": "jaywalking"}), ("/tags", {"items": ["x"], "code": "unit"}),
     ("/notes", {"items": [BELL], "text": " \n"}), ("/notes", {"items": [BELL], "text": "x", "by": "lead"}),
     ("/withdrawals", {"row": "x"})],
)  # fmt: skip
def test_what_cannot_be_written_is_refused_with_what_to_change(ask: Ask, address: str, sent: Any) -> None:
    answer = ask(address, sent=sent)
    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)


def test_only_json_of_some_size_is_taken_and_only_under_a_token(holding: Holding) -> None:
    client = TestClient(app(holding), base_url="http://127.0.0.1:8650")
    token, _ = holding.accounts.new_token("analyst", "tests", 1, datetime.now(UTC))
    shown, body = {"Authorization": f"Bearer {token}"}, f'{{"items": ["{BELL}"], "code": "potentially-exculpatory"}}'
    for type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        assert client.post("/api/v1/tags", content=body, headers={**shown, "Content-Type": type}).status_code == 415
    large = client.post("/api/v1/notes", content=b" " * 70_000, headers={**shown, "Content-Type": "application/json"})
    assert large.status_code == 413
    assert client.post("/api/v1/tags", content=body, headers={"Content-Type": "application/json"}).status_code == 401
    assert not [r for r in holding.work.rows(Kind.TAG, about=BELL) if r.body["code"] == "potentially-exculpatory"]
