"""How results are shaped: facets, time line, order, pages, families, and translations by starter models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_evidence import deliver_all, process, receive

from iimm_pipelines.formats.times import TimeOf
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.facet_fields import shown_fields, square, with_facet_fields
from iimm_pipelines.search.facets import Facet
from iimm_pipelines.search.known_places import KnownPlaces
from iimm_pipelines.search.mapping import index_name
from iimm_pipelines.search.query import PLAIN, Narrowing, Order, Result, Shape, search
from iimm_pipelines.search.time_line import line_of

MAIL = b"""From: Saw Eh <eh@example.org>
To: paw@example.org
Subject: orchard
Date: Sat, 2 Mar 2024 01:00:00 +0630
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

The orchard, as attached.
--b
Content-Type: text/plain
Content-Disposition: attachment; filename=trees.txt

Trees of the orchard.
--b--
""".replace(b"\n", b"\r\n")
ALL = Shape(facets=tuple(Facet))


@pytest.fixture(scope="module")
def holding(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    made = new_holding()
    notes = {f"notes/{n:02d}.txt": f"Orchard note {n}.\n" for n in range(30)}
    receive(made, tmp_path_factory.mktemp("shape"), {**notes, "sent.eml": MAIL})
    process(made)
    return made


@pytest.fixture
def ask(holding: Holding) -> Callable[..., Result]:
    def asked(
        typed: str = "orchard", size: int = 10, within: Narrowing | None = None, skip: int = 0, shape: Shape = PLAIN
    ) -> Result:
        return search(holding, reader(holding, "analyst"), typed, size, within or Narrowing(), skip, shape)

    return asked


def test_a_reader_is_counted_what_would_be_there_if_the_hidden_had_never_been(both: Holding, without: Holding) -> None:
    shape = replace(ALL, line=line_of(TimeOf.FILE, "", ""))
    for typed in ("monastery", "zanzibarite OR bell", "villages"):
        seen, expected = (search(h, reader(h, "analyst"), typed, 10, Narrowing(), 0, shape) for h in (both, without))
        assert seen.facets == expected.facets
        assert seen.line == expected.line
    assert search(both, reader(both, "lead"), "monastery", shape=ALL).facets["mark"] == {"restricted": 4, "witness": 2}


def test_a_value_of_a_facet_narrows_to_as_many(ask: Callable[..., Result]) -> None:
    for facet, counts in ask(shape=ALL).facets.items():
        for value, n in counts.items():
            assert ask(within=Narrowing(facets={Facet(facet): value})).total == n, (facet, value)


def test_a_source_is_counted_by_the_accessions_that_a_reader_may_see(both: Holding) -> None:
    counts = {
        who: search(both, reader(both, who), "monastery", shape=ALL).facets["source"] for who in ("lead", "analyst")
    }
    assert counts["analyst"].keys() == {"S-2"}
    assert counts["lead"].keys() == {"S-1", "S-2"}


def test_a_bar_of_the_time_line_narrows_to_as_many(ask: Callable[..., Result]) -> None:
    years = ask(shape=replace(PLAIN, line=line_of(TimeOf.FILE, "", ""))).line
    assert years == {"2001": 30 + 1}  # small_evidence sets one time of last change; an attachment has none
    days = ask(shape=replace(PLAIN, line=line_of(TimeOf.FILE, "2001-09", "2001-09"))).line
    assert days == {"2001-09-09": 31}
    assert ask(shape=replace(PLAIN, line=line_of(TimeOf.EVENT, "", ""))).line == {"2024": 1}


@pytest.mark.parametrize(("after", "before", "step"), [("", "", "year"), ("2020", "", "year"), ("2020", "2021", "month"),
                                                       ("2020-01", "2020-02", "day"), ("1990", "2020", "year")])  # fmt: skip
def test_a_short_stretch_is_shown_in_short_steps(after: str, before: str, step: str) -> None:
    assert line_of(TimeOf.EVENT, after, before).step == step


@pytest.mark.parametrize("order", Order)
def test_pages_follow_each_other_without_gap_or_repetition(ask: Callable[..., Result], order: Order) -> None:
    whole = [h.item for h in ask(size=100, shape=Shape(order)).hits]
    paged, last = [], None
    for skip in range(0, 40, 7):
        found = ask(size=7, skip=skip, shape=Shape(order, after=last))
        paged += [h.item for h in found.hits]
        last = found.last
    assert paged == whole
    assert len(set(whole)) == len(whole) == 32


def test_a_page_begins_behind_the_last_one_though_documents_came_or_went(
    ask: Callable[..., Result], holding: Holding
) -> None:
    shape = Shape(Order.NUMBER)
    first = ask(size=10, shape=shape)
    client, index = holding.node.client("ingest"), index_name(holding.settings.holding, "segments", ["restricted"])
    gone = [h.fields["document"] for h in first.hits[:4]]
    client.delete_by_query(
        index=index, body={"query": {"terms": {"item": [h.item for h in first.hits[:4]]}}}, params={"refresh": "true"}
    )
    items = index.replace("segments", "items")
    client.delete_by_query(
        index=items, body={"query": {"terms": {"item": [h.item for h in first.hits[:4]]}}}, params={"refresh": "true"}
    )
    try:
        second = ask(size=10, skip=10, shape=replace(shape, after=first.last))
    finally:
        deliver_all(holding)
    assert gone
    assert second.hits[0].item > first.hits[-1].item
    assert second.hits[0].item == ask(size=10, skip=10, shape=shape).hits[0].item


def test_orders_by_time_and_by_number(ask: Callable[..., Result]) -> None:
    assert ask(size=1, shape=Shape(Order.EVENT)).hits[0].fields["sender"] == "Saw Eh"
    assert ask(size=1, shape=Shape(Order.EVENT_LAST)).hits[0].fields["sender"] == "Saw Eh"
    numbers = [h.item for h in ask(size=40, shape=Shape(Order.NUMBER)).hits]
    assert numbers == sorted(numbers)


def test_a_family_together_is_one_hit_and_says_how_many_more_were_found(ask: Callable[..., Result]) -> None:
    apart, together = ask("orchard", 40), ask("orchard", 40, shape=Shape(together=True))
    assert (apart.total, together.total) == (32, 31)
    assert [h.relatives for h in together.hits if h.relatives] == [1]


# Translations by starter models


@pytest.fixture(scope="module")
def translated(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """Two segments whose translation stands in the index as a stage brings it: by a starter model, by another."""
    made = new_holding()
    receive(
        made,
        tmp_path_factory.mktemp("translated"),
        {"starter.txt": "ရွာသားများ ထွက်ပြေးသည်။\n", "other.txt": "ရွာသားများ ပြန်လာသည်။\n"},
    )
    process(made)
    client, index = made.node.client("ingest"), index_name(made.settings.holding, "segments", ["restricted"])
    for hit in client.search(index=index)["hits"]["hits"]:
        status = "starter" if "ထွက်ပြေး" in hit["_source"]["text"] else "production"
        english = {"translation": "The persimmon villagers.", "translation_machine": "m", "translation_status": status}
        client.index(
            index=index,
            id=hit["_id"],
            body=with_facet_fields({**hit["_source"], **english}),
            params={"refresh": "true"},
        )
    return made


def english_of(found: Result) -> list[tuple[Any, Any]]:
    return [(h.fields["translation_status"], h.highlights.get("translation")) for h in found.hits]


def test_starter_translations_are_searched_only_when_asked_for(translated: Holding) -> None:
    who = reader(translated, "analyst")
    marked = ["The <em>persimmon</em> villagers."]
    assert english_of(search(translated, who, "persimmon")) == [("production", marked)]
    assert sorted(english_of(search(translated, who, "persimmon", shape=Shape(starter=True)))) == [
        ("production", marked), ("starter", marked)]  # fmt: skip
    assert english_of(search(translated, who, "translation:persimmon")) == [("production", marked)]
    for typed in ("persimm*", "persimmon ~2 villagers", '"persimmon villagers"'):
        assert search(translated, who, typed).total == 1


def test_a_starter_translation_is_shown_with_a_hit_all_the_same(translated: Holding) -> None:
    (hit,) = search(translated, reader(translated, "analyst"), "ထွက်ပြေး").hits
    assert hit.fields["translation"] == "The persimmon villagers."


# Fields made on the way into the index


def test_a_document_of_the_index_is_shown_as_it_was() -> None:
    fields = {"object": "0f" * 32, "text": "a", "mentions": ["place:MMR013", "unit:LIB-1", "money:5"], "places": ["16.85,96.19"],
              "translation": "b", "translation_status": "starter",
              "times": {"message_sent": [{"gte": "2020", "lte": "2021"}], "received": [{"gte": "2022", "lte": "2022"}]}}  # fmt: skip
    made = with_facet_fields(fields)
    assert made["named"] == {"place": ["MMR013"], "unit": ["LIB-1"]}
    assert made["object_key"] == 0x0F0F0F0F0F0F0F0F
    assert made["squares"] == ["16.8,96.1"]
    assert made["first"] == {"event": "2020", "receipt": "2022"}
    assert "translation" not in made
    assert shown_fields(made) == fields


@pytest.mark.parametrize(
    ("point", "corner"), [((16.85, 96.19), "16.8,96.1"), ((-0.01, -0.01), "-0.1,-0.1"), ((20.0, 95.0), "20.0,95.0")]
)
def test_a_square_is_known_by_its_corner(point: tuple[float, float], corner: str) -> None:
    assert square(*point) == corner


def test_a_place_is_asked_for_by_its_name_in_either_script(tmp_path: Path) -> None:
    import sqlite3

    from iimm_pipelines.stages.places import DATABASE

    connection = sqlite3.connect(tmp_path / DATABASE)
    levels = ("ward", "town", "township", "district", "state", "village", "village_tract")
    for table in ("villages", "wards"):
        names = ", ".join(
            f"{n}_eng text, {n}_mmr text, {'district_saz' if n == 'district' else n}_pcode text" for n in levels
        )
        connection.execute(f"create table {table} ({names}, latitude real, longitude real)")
    connection.execute("insert into villages (township_pcode, township_eng, township_mmr, latitude, longitude) "
                       "values ('MMR001', 'Hpa-An', 'ဘားအံ', 16.0, 97.0), ('MMR001', 'Hpa-An', 'ဘားအံ', 17.0, 98.0)")  # fmt: skip
    connection.commit()
    connection.close()
    known = KnownPlaces(tmp_path)
    assert known.meant("hpa-an township") == ("MMR001", "Hpa-An | ဘားအံ", "hpa-an township")
    assert known.meant("ဘားအံမြို့") == ("MMR001", "Hpa-An | ဘားအံ", "ဘားအံမြို့")
    assert known.of(["MMR001", "Q"])["MMR001"].point == (16.5, 97.5)


def test_an_older_index_is_searched_until_the_new_one_is_whole(
    ask: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An index that holds no number of an object yet: here none holds the field that is asked for first."""
    from iimm_pipelines.search import query

    expected = ask(shape=ALL)
    first = query._Asking

    def of_another_mapping(*given: Any) -> query._Asking:
        return first(*given, by="not_yet_mapped")

    monkeypatch.setattr(query, "_Asking", of_another_mapping)
    assert ask(shape=ALL) == expected
