"""Pages on which people decide: what is said is shown, and to nobody who may not see its item."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.people.access_log import What
from iimm_pipelines.work.record import Kind as WorkKind
from iimm_pipelines.work.shelves import end
from iimm_pipelines.work.watching import Lexicon, Term, TermKind, make_list, shelves_of_all

HIDDEN, NOWHERE = "A00001-0000-00000", "A00009-0000-00000"
SCRIPT = '"><script>alert(1)</script>'


@pytest.fixture
def bell(numbers: dict[str, str]) -> str:
    return numbers["A00002 letters/bell.txt"]


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_a_tag_and_a_note_are_shown_with_author_and_can_be_withdrawn(person: Any, bell: str) -> None:
    client = person("analyst")
    address = f"/items/{bell}/work"
    assert client.fill_in(address, do="tag", code="crime-type:killing").headers["location"] == address
    client.fill_in(address, do="note", text=f"Compare {SCRIPT}")
    page = client.get(address)
    assert "Crime type: killing" in page.text
    assert SCRIPT not in page.text
    assert SCRIPT in text_of(page)
    item = client.get(f"/items/{bell}").text
    assert "Crime type: killing" in item
    assert re.search(r"analyst, \d{4}-\d\d-\d\d", item)
    found = client.get("/search", params={"tag": "crime-type:killing"}).text
    assert f"/items/{bell}" in found
    for id in re.findall(r'name="do" value="([0-9a-f]{12})"', page.text):
        assert client.fill_in(address, do=id).status_code == 303
    assert "Crime type: killing" not in client.get(f"/items/{bell}").text
    assert "withdrawn by analyst" in client.get(address).text


def test_a_correction_is_ended_by_who_may_correct_alone(person: Any, shown: Any, numbers: dict[str, str]) -> None:
    number = numbers["A00002 letters/bell.txt"]
    linguist, analyst = person("linguist"), person("analyst")
    linguist.fill_in(
        f"/items/{number}/correct", origin="contents", ordinal="0", side="translation", text="A bell rang."
    )
    [row] = [r for r in shown.work.rows(WorkKind.CORRECTION, about=number) if r.body["text"] == "A bell rang."]
    assert row.id not in analyst.get(f"/items/{number}/work").text
    assert analyst.fill_in(f"/items/{number}/work", do=row.id).status_code == 404
    assert "A bell rang." in analyst.get(f"/items/{number}").text
    assert linguist.fill_in(f"/items/{number}/work", do=row.id).status_code == 303


def test_a_lexicon_stays_its_teams_whoever_took_it_into_use(person: Any, shown: Any) -> None:
    of = make_list(shown, "analyst", "Code words", [Term(TermKind.TEXT, "sugar cane")], Lexicon("coded", "restricted"))
    client = person("analyst")
    for asked in ({"do": "change", "name": "Mine", "terms": "x y"}, {"do": "share", "with": "*"}, {"do": "end"}):
        answer = client.fill_in("/watch-lists", list=of.id, **asked)
        assert (answer.status_code, "iimm watch lexicon" in answer.text) == (400, True)
    [still] = [s for s in shelves_of_all(shown) if s.id == of.id]
    assert still.row.body["compartment"] == "restricted"
    end(shown, "analyst", of)


def test_chosen_hits_and_all_hits_are_tagged_at_once(person: Any, numbers: dict[str, str]) -> None:
    client = person("analyst")
    page = client.get("/search", params={"q": "monastery"}).text
    boxes = re.findall(r'name="(item-[^"]+)"', page)
    assert len(boxes) >= 2
    done = client.fill_in(
        "/work", do="tag", code="incident", value="Bells", back="/search?q=monastery", **{boxes[0]: "on"}
    )
    assert done.headers["location"] == "/search?q=monastery"
    assert client.get("/search", params={"tag": "incident:Bells"}).text.count('class="choice"') == 1
    client.fill_in("/work", do="tag", code="reliability:low", back="/search?q=monastery", all="1")
    assert client.get("/search", params={"tag": "reliability:low"}).text.count('class="choice"') == len(boxes)


@pytest.mark.parametrize("number", [HIDDEN, NOWHERE])
@pytest.mark.parametrize("who", ["analyst", "linguist"])
def test_what_a_reader_may_not_see_answers_like_what_is_not_there(
    person: Any, shown: Any, who: str, number: str
) -> None:
    client = person(who)
    right = "correct" if who == "linguist" else "work"
    answers = [client.get(f"/items/{number}/{right}"), client.fill_in(f"/items/{number}/{right}", do="note", text="x", side="text"),
               client.fill_in("/work", do="note", text="x", **{f"item-{number}": "on"})]  # fmt: skip
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert len({re.sub(r"A0000\d", "", a.text.split("<main")[1]) for a in answers}) == 1
    assert shown.work.of_items([number]) == {}


def test_a_linguist_translates_from_the_queue_and_all_see_it_as_a_humans(person: Any, shown: Any) -> None:
    linguist = person("linguist")
    queue = text_of(linguist.get("/queue"))
    [form, *_] = re.findall(r'href="(/items/(A00003[^/]+)/correct[^"]+)"', queue) or re.findall(
        r'href="(/items/([^/]+)/correct[^"]+)"', queue)  # fmt: skip
    address, number = form
    origin, ordinal = re.findall(r"origin=(\w+)&ordinal=(\d+)", address)[0]
    assert "By a machine" in linguist.get(address).text
    done = linguist.fill_in(f"/items/{number}/correct", origin=origin, ordinal=ordinal, side="translation",
                            text="They fled to the persimmon orchard by the ford.")  # fmt: skip
    assert done.headers["location"].startswith(f"/items/{number}/correct?")
    analyst = person("analyst")
    assert "translation by a human: linguist" in analyst.get(f"/items/{number}").text
    hits = analyst.get("/search", params={"q": '"orchard by the ford"'}).text
    assert f"/items/{number}" in hits
    assert "translation by a human" in hits
    assert address not in text_of(linguist.get("/queue"))
    assert [e.what for e in shown.access_log.entries() if e.who == "linguist"][-1] is What.SEARCHED


def test_a_watch_list_is_made_shared_and_its_alerts_looked_at(person: Any, shown: Any) -> None:
    from iimm_pipelines.work.follow import follow

    lead, analyst = person("lead"), person("analyst")
    assert (
        lead.fill_in("/watch-lists", do="make", name="Bells & more", terms="text: zanzibarite\nlemons").status_code
        == 303
    )
    follow(shown)
    assert "Bells & more" in text_of(lead.get("/alerts"))
    assert "A00001-" in lead.get("/alerts").text
    assert "Bells" not in analyst.get("/alerts").text
    id = re.findall(r'/search\?watch=(\w+)"', lead.get("/watch-lists").text)[-1]
    nothing = analyst.get("/search", params={"watch": id}).text
    assert 'class="choice"' not in nothing
    lead.fill_in("/watch-lists", do="share", list=id, **{"with": "analyst"})
    page = analyst.get("/alerts").text
    assert "Bells &amp; more" in page
    assert "A00001-" not in page
    assert 'class="choice"' in analyst.get("/search", params={"watch": id}).text
    alert = re.findall(r'name="(alert-\w+)"', page)[0]
    assert analyst.fill_in("/alerts", remark="nothing", **{alert: "on"}).status_code == 303
    assert alert.removeprefix("alert-") in analyst.get("/alerts", params={"settled": "1"}).text
    assert analyst.fill_in("/watch-lists", do="end", list=id).status_code == 400
    lead.fill_in("/watch-lists", do="end", list=id)
    assert "Bells" not in lead.get("/alerts").text


def test_a_shared_list_shows_each_what_they_may_see(person: Any, bell: str) -> None:
    lead, analyst = person("lead"), person("analyst")
    lead.fill_in("/lists", do="list", name="Hearing")
    id = re.findall(r'/lists\?list=(\w+)"', lead.get("/lists").text)[-1]
    lead.fill_in("/work", do="list", list=id, **{f"item-{bell}": "on", f"item-{HIDDEN}": "on"})
    assert HIDDEN in lead.get("/lists", params={"list": id}).text
    assert analyst.get("/lists", params={"list": id}).status_code == 404
    lead.fill_in("/lists", do="share", list=id, **{"with": "*"})
    page = analyst.get("/lists", params={"list": id}).text
    assert bell in page
    assert HIDDEN not in page
    analyst.fill_in("/lists", do="search", name="Lemons", search="q=lemons&kind=document&evil=1")
    assert 'href="/search?q=lemons&amp;kind=document"' in analyst.get("/lists").text


def test_marks_are_changed_with_a_reason_by_a_manager_who_holds_them(person: Any, shown: Any) -> None:
    manager, analyst = person("evidence_manager"), person("analyst")
    page = manager.get("/marks").text
    assert "A00003" in page
    assert "A00001" not in page
    for number in ("A00001", "A00009"):
        assert manager.fill_in("/marks", accession=number, marks="restricted", reason="x").status_code == 404
    assert manager.fill_in("/marks", accession="A00003", marks="restricted, team", reason=" ").status_code == 400
    assert "Pomegranates" in analyst.get("/search", params={"q": "pomegranates"}).text
    try:
        changed = manager.fill_in("/marks", accession="A00003", marks="restricted, team", reason="a court's order")
        assert "A00003 has the marks restricted, team now" in text_of(changed)
        assert "Pomegranates" not in analyst.get("/search", params={"q": "pomegranates"}).text
        event = events_of(shown, "A00003")[-1]
        assert (event.kind, event.body["by"], event.body["reason"]) == (
            "marks changed",
            "evidence_manager",
            "a court's order",
        )
    finally:
        from iimm_pipelines.accessions.marks import Because, decide_marks
        from iimm_pipelines.search.move import move

        decide_marks(shown, "A00003", ["restricted"], Because("tests", "as it was"))
        move(shown)
    assert "Pomegranates" in analyst.get("/search", params={"q": "pomegranates"}).text
