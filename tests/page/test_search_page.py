"""The search page: facets, time line, map, order, pages, gallery, and what none of them may tell."""

from __future__ import annotations

import re
from typing import Any

import pytest

from iimm_pipelines.page.country_map import spots
from iimm_pipelines.page.search_page import SHOWN, Wanted, wanted
from iimm_pipelines.page.time_line import bars
from iimm_pipelines.search.facets import Facet
from iimm_pipelines.search.known_places import KnownPlaces
from iimm_pipelines.search.query import Order


def page(person: Any, who: str = "analyst", **asked: str) -> str:
    answer = person(who).get("/search", params=asked)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def items(text: str) -> list[str]:
    return re.findall(r'href="/items/([^"/]+)"', text)


def counts(text: str, facet: str) -> dict[str, int]:
    """Values and counts of an unfolded facet."""
    section = next(s for s in text.split("<section>") if f'aria-label="{facet}' in s).partition("</section>")[0]
    return {v: int(n) for v, n in re.findall(r"<bdi>([^<]*)</bdi>(?:</a>|</strong> \(<a.*?</a>\)) (\d+)", section)}


@pytest.mark.parametrize("facet", SHOWN)
def test_every_facet_unfolds_and_each_of_its_values_leads_to_as_many_hits(person: Any, facet: Facet) -> None:
    text = page(person, q="came OR monastery OR ရေတွင်း", open=facet)
    found = re.findall(r'href="/search\?([^"]*)"><bdi>[^<]*</bdi></a> (\d+)', text)
    assert found or facet in (
        Facet.TAG,
        Facet.FLAG,
        Facet.NAMED_PLACE,
        Facet.NAMED_PERSON,
        Facet.NAMED_UNIT,
        Facet.NAMED_ORGANISATION,
    )
    for address, n in found[:3]:
        narrowed = person("analyst").get(f"/search?{address.replace('&amp;', '&')}").text
        assert f"{n} found" in narrowed


def test_no_facet_counts_what_a_reader_may_not_see(person: Any) -> None:
    for facet in SHOWN:
        open_to_all = page(person, q="monastery OR zanzibarite", open=facet)
        assert "A00001" not in open_to_all
        assert "witness" not in open_to_all
        assert "S-1" not in open_to_all
    assert counts(page(person, "lead", q="monastery", open="accession"), "Accession").keys() == {"A00001", "A00002"}
    assert counts(page(person, q="monastery", open="accession"), "Accession").keys() == {"A00002"}


@pytest.mark.parametrize("narrowed", [{"accession": "A00001"}, {"source": "S-1"}, {"mark": "witness"}])
def test_who_narrows_to_what_is_hidden_gets_what_there_is_of_a_name_nobody_has(
    person: Any, narrowed: dict[str, str]
) -> None:
    ((field, value),) = narrowed.items()
    client = person("analyst")
    hidden, nowhere = (client.get("/search", params={"q": "monastery", field: v}).text for v in (value, "Q99"))
    assert items(hidden) == []
    assert hidden.replace(value, "Q99") == nowhere


def test_the_time_line_narrows_to_a_year_and_shows_its_months(person: Any) -> None:
    text = page(person, q="monastery", line="receipt")
    (address, year, n) = re.search(r'<a href="/search\?([^"]*)" aria-label="(\d{4}): (\d+)">', text).groups()  # type: ignore[union-attr]
    narrowed = person("analyst").get(f"/search?{address.replace('&amp;', '&')}").text
    assert f"{n} found" in narrowed
    assert re.search(rf'aria-label="{year}-\d\d: {n}"', narrowed)
    assert re.search(rf'<th scope="row"><a [^>]*>{year}-\d\d</a>', narrowed)


def test_bars_stand_for_every_step_from_first_to_last() -> None:
    assert [(b.step, b.count) for b in bars({"2019": 2, "2022": 4})] == [
        ("2019", 2),
        ("2020", 0),
        ("2021", 0),
        ("2022", 4),
    ]
    assert [b.step for b in bars({"2021-11": 1, "2022-02": 1})] == ["2021-11", "2021-12", "2022-01", "2022-02"]
    assert [b.step for b in bars({"2024-02-28": 1, "2024-03-01": 1})] == ["2024-02-28", "2024-02-29", "2024-03-01"]
    assert bars({}) == []
    assert max(b.height for b in bars({"2000": 1, "2001": 1_000})) == 120


def test_the_map_draws_what_lies_on_it_and_lists_all() -> None:
    found = spots({"16.8,96.1": 9, "48.2,16.3": 1}, {"Nowhere | ": 2}, KnownPlaces(None))
    assert [(s.label, s.count, s.x is None) for s in found] == [
        ("16.8, 96.1", 9, False),
        ("Nowhere ", 2, True),
        ("48.2, 16.3", 1, True),
    ]


def test_the_map_is_open_only_when_asked_for_and_says_where_nothing_is(person: Any) -> None:
    assert "myanmar.svg" not in page(person, q="monastery")
    text = page(person, q="monastery", map="1")
    assert '<image href="/static/myanmar.svg"' in text
    assert "None of these says a place." in text
    assert "<path" in person("analyst").get("/static/myanmar.svg").text


@pytest.mark.parametrize("order", Order)
def test_every_order_shows_the_same_hits_and_sorts_them(person: Any, order: Order) -> None:
    plain, ordered = page(person, q="monastery OR bell"), page(person, q="monastery OR bell", order=order)
    assert sorted(items(plain)) == sorted(items(ordered))
    if order is Order.NUMBER:
        assert items(ordered) == sorted(items(ordered))


def test_a_family_together_is_one_hit(person: Any) -> None:
    text = page(person, q="persimmons OR monastery", together="1")
    assert len(set(items(text))) == len(items(text))


def test_the_gallery_has_a_tile_for_each_hit(person: Any) -> None:
    text = page(person, q="monastery", view="gallery")
    assert text.count('class="tile"') == len(items(text)) > 0


def test_a_wrong_query_is_answered_with_how_to_write_it(person: Any) -> None:
    answer = person("analyst").get("/search", params={"q": "sendr:Htet"})
    assert answer.status_code == 400
    assert "there is no field sendr:" in answer.text
    assert "sender" in answer.text


def test_the_side_note_names_every_field(person: Any) -> None:
    text = person("analyst").get("/search").text
    assert "monastery NOT school" in text
    for name in ("sender", "place", "unit", "source", "after"):
        assert name in text.partition("there are:")[2]


@pytest.mark.parametrize("odd", [{"order": "x"}, {"line": "x"}, {"open": "x,y"}, {"behind": "x"}, {"behind": "a~b", "page": "2"},
                                 {"reading": "x"}, {"square": "x"}, {"view": "x"}, {"map": "x"}, {"page": "-1"}])  # fmt: skip
def test_an_address_that_nobody_was_given_does_no_harm(person: Any, odd: dict[str, str]) -> None:
    assert person("analyst").get("/search", params={"q": "monastery", **odd}).status_code == 200


def test_an_address_holds_all_that_was_asked_for() -> None:
    asked = {
        "q": "a",
        "kind": "document",
        "order": "-event",
        "together": "1",
        "starter": "1",
        "line": "file",
        "map": "1",
        "open": "mark",
    }
    what = wanted(asked)
    assert wanted(dict(pair.split("=") for pair in what.address.split("&"))) == what
    assert wanted({"order": "x", "page": "99999999"}) == Wanted()
