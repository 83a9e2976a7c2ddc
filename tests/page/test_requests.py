"""Four eyes on the page: closed to those who hold the marks until another agrees, and as if it were not to all others."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from small_evidence import OPEN, SHARED, WITNESS, process, receive

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Right, Role
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import search

CLOSED = "A00001-0000-00000"
PASSWORD = "four words and no more"


@pytest.fixture(scope="module")
def guarded(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 needs the mark witness, of which nobody opens anything alone; lead and second hold it."""
    holding = new_holding(four_eyes=["witness"])
    folder = tmp_path_factory.mktemp("guarded")
    receive(holding, folder / "1", {**WITNESS, **SHARED}, ("restricted", "witness"), "S-1")
    receive(holding, folder / "2", {**OPEN, **SHARED}, ("restricted",), "S-2")
    process(holding)
    holding.accounts.add("second", Role.ANALYST, ["restricted", "witness"], by="tests")
    holding.accounts.add("linguist", Role.LINGUIST, ["restricted", "witness"], by="tests")
    for account in holding.accounts.all():
        holding.accounts.set_password(account.name, PASSWORD, by="tests")
    return holding


@pytest.fixture
def at(guarded: Holding, person_of: Callable[..., Any], clock: Any) -> Callable[..., Any]:
    page = app(guarded, clock)
    return lambda name: person_of(page, name)


def found(page: str) -> list[str]:
    return re.findall(r'href="/items/([^"/?]+)', page)


def agree(holding: Holding, client: Any, hours: str = "1") -> Any:
    return client.fill_in("/requests/decide", number=str(len(holding.approvals.all())), hours=hours)


def test_it_is_opened_after_another_agreed_and_no_longer(at: Any, guarded: Holding, clock: Any) -> None:
    lead, second = at("lead"), at("second")
    shut = lead.get(f"/items/{CLOSED}")
    assert (shut.status_code, f"/requests?about={CLOSED}" in shut.text) == (403, True)
    assert "villages" not in shut.text
    assert lead.fill_in("/requests", about=CLOSED, reason="the hearing of May").headers["location"] == "/requests"
    assert "the hearing of May" in second.get("/requests").text
    assert agree(guarded, lead).status_code == 400
    assert agree(guarded, at("linguist")).status_code == 403
    assert lead.get(f"/items/{CLOSED}").status_code == 403
    assert agree(guarded, second).headers["location"] == "/requests"
    assert "villages near the river" in lead.get(f"/items/{CLOSED}").text
    assert len(found(lead.get("/search?q=zanzibarite").text)) == 2
    assert second.get(f"/items/{CLOSED}").status_code == 403
    events = [(e.who, e.what, e.subject, guarded.access_log.query_of(e)) for e in guarded.access_log.entries()]
    assert ("lead", What.ASKED_FOR_EYES, "A00001", "the hearing of May") in events
    assert ("second", What.APPROVED, "A00001", "request 1 of lead, 1 hours: the hearing of May") in events
    assert events[-2][:3] == ("lead", What.SEARCHED, None)
    clock.forward += timedelta(minutes=20)
    lead.get("/search")
    clock.forward += timedelta(minutes=20)
    lead.get("/search")
    clock.forward += timedelta(minutes=21)
    assert lead.get(f"/items/{CLOSED}").status_code == 403


def test_the_log_tells_of_no_approval_that_was_refused(at: Any, guarded: Holding) -> None:
    lead = at("lead")
    agree(guarded, lead, "0")  # what was opened before is closed again
    lead.fill_in("/requests", about="A00001", reason="alone")
    assert agree(guarded, lead, "4").status_code == 400
    assert agree(guarded, at("second"), "5").status_code == 400
    assert lead.fill_in("/requests", about="A00001", reason="x" * 1_001).status_code == 400
    told = [guarded.access_log.query_of(e) or "" for e in guarded.access_log.entries()]
    assert not any(query.endswith(("4 hours: alone", "5 hours: alone")) or len(query) > 1_000 for query in told)
    agree(guarded, lead, "0")


def test_it_can_be_ended_before(at: Any, guarded: Holding) -> None:
    lead, second = at("lead"), at("second")
    lead.fill_in("/requests", about="a00001", reason="more")
    agree(guarded, second)
    assert lead.get(f"/items/{CLOSED}").status_code == 200
    agree(guarded, second, "0")
    assert lead.get(f"/items/{CLOSED}").status_code == 403
    assert [e.what for e in guarded.access_log.entries()][-2] is What.DECLINED


def test_a_search_says_numbers_and_marks_of_what_is_closed_and_nothing_else(at: Any) -> None:
    page = at("lead").get("/search?q=monastery").text
    assert "A00001" not in "".join(found(page))
    closed = page.partition('class="closed"')[2]
    assert sorted(re.findall(r"about=(A00001-[0-9-]+)", closed)) == ["A00001-0000-00001", "A00001-0000-00002"]
    assert "restricted, witness" in closed
    assert not re.search("zanzibarite|w-1|w-2|heard", page)
    only = at("lead").get("/search?q=zanzibarite").text
    assert "Nothing found" in only
    assert len(re.findall(r"about=A00001", only)) == 2
    assert b"A00001" not in at("lead").get("/search.csv?q=monastery").content


def test_who_does_not_hold_the_mark_learns_nothing_of_it(at: Any, guarded: Holding) -> None:
    analyst = at("analyst")
    hidden, nowhere = (analyst.get(f"/items/{n}") for n in (CLOSED, "A00009-0000-00000"))
    assert (hidden.status_code, hidden.text) == (404, nowhere.text.replace("A00009", "A00001"))
    before = len(guarded.approvals.all())
    for about in ("A00001", "A00002", "A00009", "", "x"):
        assert analyst.fill_in("/requests", about=about, reason="x").status_code == 404
    assert len(guarded.approvals.all()) == before
    assert "A00001" not in analyst.get("/requests").text + analyst.get("/search?q=zanzibarite").text
    assert 'class="closed"' not in analyst.get("/search?q=zanzibarite").text
    for number in ("1", "999", "x"):
        assert analyst.fill_in("/requests/decide", number=number, hours="1").status_code == 404


def test_commands_find_it_closed_as_well(guarded: Holding) -> None:
    lead = reader(guarded, "lead")
    assert lead.marks == {"restricted"}  # no token names the mark either
    assert search(guarded, lead, "zanzibarite").total == 0
    assert not reader(guarded, "lead", Right.DOWNLOAD).sees("A00001", ("restricted", "witness"))
