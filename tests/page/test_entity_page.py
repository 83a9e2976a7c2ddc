"""The page of a person, unit or place: all that a reader may see of it, each line with the way to its source."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.entity_page import address_of, around
from iimm_pipelines.people.access_log import What
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.entities import ALL, Among, Entity, EntityUnknown, Kind, entity

KYAW_MIN = "kyawmin"


@pytest.fixture(scope="module")
def analyst(told: Holding, at_work: Callable[..., TestClient]) -> TestClient:
    return at_work(app(told), "some.analyst")


@pytest.fixture(scope="module")
def of(told: Holding) -> Callable[..., Entity]:
    def ask(kind: Kind, key: str, who: str = "some.analyst", among: Among = ALL, most: int = 50) -> Entity:
        return entity(told, reader(told, who), kind, key, among, most)

    return ask


def test_spellings_of_one_sound_are_together_in_both_scripts(of: Callable[..., Entity]) -> None:
    found = of(Kind.PERSON, KYAW_MIN)
    assert {s.text for s in found.spellings} == {"ကျော်မင်း", "Kyaw Minn", "Kyaw Min"}
    assert sum(s.segments for s in found.spellings) == found.segments


def test_roles_stand_in_order_of_their_days_with_their_sources(of: Callable[..., Entity]) -> None:
    roles = of(Kind.PERSON, KYAW_MIN).roles
    dated = [(r.first, r.rank, r.unit) for r in roles if r.first]
    assert dated == [("2023-05-04", "MAJOR", "LIB-345"), ("2024-06-07", "COLONEL", "LIB-77")]
    assert all(r.sources for r in roles)


def test_a_unit_says_who_was_in_it_and_where_it_is_named(of: Callable[..., Entity]) -> None:
    found = of(Kind.UNIT, "LIB-345")
    assert {r.key for r in found.roles} == {KYAW_MIN, "zawmin"}
    assert {b.key for b in found.beside[Kind.UNIT]} == {"IB-10"}
    assert any("Yangon" in b.name for b in found.beside[Kind.PLACE])


def test_what_is_hidden_is_neither_listed_nor_counted(of: Callable[..., Entity]) -> None:
    all_, some = (of(Kind.UNIT, "LIB-345", who) for who in ("all.analyst", "some.analyst"))
    assert all_.segments > some.segments
    assert "Thiha" in {b.name for b in all_.beside[Kind.PERSON]}
    assert "Thiha" not in {b.name for b in some.beside[Kind.PERSON]}
    assert not any(m.source.item.startswith("A00001") for m in some.mentions)
    for kind, key in ((Kind.UNIT, "LIB-999"), (Kind.UNIT, "LIB-1234"), (Kind.PERSON, "thiha"), (Kind.UNIT, "x" * 5000)):
        with pytest.raises(EntityUnknown):
            of(kind, key)
    assert of(Kind.UNIT, "LIB-999", "all.analyst").segments == 1


def test_a_reader_without_marks_finds_nobody(of: Callable[..., Entity]) -> None:
    with pytest.raises(EntityUnknown):
        of(Kind.UNIT, "LIB-345", "none.analyst")


def test_pages_of_mentions_are_all_of_them_once(of: Callable[..., Entity]) -> None:
    whole = [m.source for m in of(Kind.PERSON, KYAW_MIN).mentions]
    got, after = [], ""
    while True:
        page = of(Kind.PERSON, KYAW_MIN, among=Among(after=after), most=2)
        got += [m.source for m in page.mentions]
        if not (after := page.after):
            break
    assert got == whole
    assert len(whole) == len(set(whole)) == page.segments == page.total


def test_mentions_are_narrowed_by_spelling_role_and_whom_they_stand_beside(of: Callable[..., Entity]) -> None:
    (one,) = of(Kind.PERSON, KYAW_MIN, among=Among(spelling="Kyaw Minn")).mentions
    assert "Captain Aung Ko" in one.fields["text"]
    major = next(r for r in of(Kind.PERSON, KYAW_MIN).roles if r.unit == "LIB-77")
    (told,) = of(Kind.PERSON, KYAW_MIN, among=Among(role=major.said)).mentions
    assert "7 June 2024" in told.fields["text"]
    beside = of(Kind.PERSON, KYAW_MIN, among=Among(beside="unit:IB-10")).mentions
    assert one.source in [m.source for m in beside]
    assert told.source not in [m.source for m in beside]


def test_every_line_leads_to_its_segment(analyst: TestClient) -> None:
    page = analyst.get(f"/entities/person/{KYAW_MIN}").text
    ways = set(re.findall(r'href="(/items/[^"]+)"', page))
    assert len(ways) >= 4
    for way in ways:
        address, _, anchor = way.partition("#")
        item = analyst.get(address)
        assert item.status_code == 200
        assert re.search(rf'<div id="{anchor}">.*?(Kyaw|ကျော်)', item.text, re.DOTALL)


def test_what_nobody_names_is_not_there_as_what_is_hidden(analyst: TestClient) -> None:
    answers = [
        analyst.get(f"/entities/{of}") for of in ("person/thiha", "person/nobodyx", "unit/LIB-999", "planet/mars")
    ]
    assert [a.status_code for a in answers] == [404] * 4
    assert len({re.sub(r'value="[^"]*"', "", a.text) for a in answers}) == 1


def test_looking_somebody_up_is_written_down_as_a_search(analyst: TestClient, told: Holding) -> None:
    analyst.get(f"/entities/person/{KYAW_MIN}")
    *_, last = told.access_log.entries()
    assert (last.what, told.access_log.query_of(last)) == (What.SEARCHED, f"person:{KYAW_MIN}")


@pytest.mark.parametrize(
    ("text", "spellings", "shown"),
    [
        ("Kyaw Min met Kyaw Min", ["Kyaw Min"], ["[Kyaw Min]", " met ", "[Kyaw Min]"]),
        ("nothing", ["Kyaw"], ["nothing"]),
        ("x" * 300 + "A" + "y" * 300, ["A"], ["…", "x" * 120, "[A]", "y" * 120, "…"]),
    ],
)  # fmt: skip
def test_the_stretch_around_a_name(text: str, spellings: list[str], shown: list[str]) -> None:
    pieces: list[Any] = [p for p in around(text, spellings) if p.text]
    assert [f"[{p.text}]" if p.mark else p.text for p in pieces] == shown


def test_a_key_that_cannot_stand_in_an_address_has_none() -> None:
    assert address_of("person", "a/b") == address_of("person", "..") == ""
    assert address_of("person", "a?b#c d") == "/entities/person/a%3Fb%23c%20d"
