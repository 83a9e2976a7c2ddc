"""What stands around an item on its page: the tree, places on the map, who looked before."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.country_map import on_the_map
from iimm_pipelines.page.item_places import item_places
from iimm_pipelines.page.words import Language, Words
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.around import AFTER, BEFORE, Around, around
from iimm_pipelines.search.items import fields_of
from iimm_pipelines.search.known_places import KnownPlaces
from iimm_pipelines.work import tagging

BUNDLE = "A00004 photos/bundle.zip"


@pytest.fixture
def look(shown: Holding, numbers: dict[str, str]) -> Callable[..., Around]:
    """What stands around an item, by its name."""
    who = reader(shown, "analyst")

    def ask(name: str, **at: str) -> Around:
        return around(shown, who, fields_of(shown, who, numbers[name]), **at)

    return ask


def items(page: str) -> list[str]:
    tree = re.search(r'<ul class="tree".*?</section>', page, re.DOTALL)
    assert tree
    return re.findall(r"A\d{5}-\d{4}-\d{5}(?=</a>|</strong>)", tree[0])


def test_a_container_shows_what_it_holds_some_at_a_time(look: Callable[..., Around], numbers: dict[str, str]) -> None:
    first = look(BUNDLE).inside
    assert (first.earlier, len(first.items), first.later) == (0, AFTER + 1, 30 - AFTER - 1)
    following = look(BUNDLE, inside=first.last).inside
    assert following.items[BEFORE]["item"] == first.last
    assert following.later == 0
    assert following.earlier == AFTER - BEFORE
    assert all(one["parent"] == numbers[BUNDLE] for one in (*first.items, *following.items))


def test_a_member_stands_among_its_neighbours(look: Callable[..., Around], numbers: dict[str, str]) -> None:
    found = look("A00004 notes/20.txt").beside
    names = [one["name"] for one in found.items]
    assert names == [f"notes/{n:02}.txt" for n in range(20 - BEFORE, 30)]
    assert (found.earlier, found.later) == (20 - BEFORE, 0)


def test_received_files_stand_beside_those_of_their_accession(look: Callable[..., Around]) -> None:
    beside = look("A00004 photos/house.jpg").beside
    assert {one["item"][:6] for one in beside.items} == {"A00004"}
    assert all(one["relation"] == "received" for one in beside.items)


def test_the_tree_leads_from_the_accession_down_to_what_lies_inside(person: Any, numbers: dict[str, str]) -> None:
    client, bundle, member = person("analyst"), numbers[BUNDLE], numbers["A00004 notes/20.txt"]
    page = client.get(f"/items/{member}").text
    assert items(page)[0] == bundle
    assert member in items(page)
    assert f'href="/items/{member}?beside={items(page)[1]}#tree">15 earlier</a>' in page
    assert f'<a rel="prev" href="/items/{numbers["A00004 notes/19.txt"]}">' in page
    assert f'<a rel="next" href="/items/{numbers["A00004 notes/21.txt"]}">' in page
    above = client.get(f"/items/{bundle}").text
    assert items(above).count(bundle) == 1
    assert items(above).index(numbers["A00004 notes/00.txt"]) == items(above).index(bundle) + 1
    further = client.get(f"/items/{bundle}", params={"inside": numbers["A00004 notes/15.txt"]}).text
    assert numbers["A00004 notes/29.txt"] in items(further)


def test_a_number_of_what_is_hidden_opens_no_window_on_it(person: Any, numbers: dict[str, str]) -> None:
    client, seen = person("analyst"), numbers["A00002 letters/bell.txt"]
    for asked in ({"beside": numbers["A00001 statements/w-1.txt"]}, {"inside": "'; drop"}):
        page = client.get(f"/items/{seen}", params=asked).text
        assert not any(number.startswith("A00001") for number in items(page))


def test_where_a_photograph_was_taken_lies_on_the_map(person: Any, numbers: dict[str, str]) -> None:
    page = person("analyst").get(f"/items/{numbers['A00004 photos/by-the-river.jpg']}").text
    at = on_the_map(21.75, 96.25)
    assert at
    assert f'<rect class="spot" x="{at[0] - 6}" y="{at[1] - 6}"' in page
    assert "21.750000, 96.250000" in page
    assert "stated by the file: camera" in page
    assert "/search?near=21.750000%2C96.250000%2C5" in page
    assert 'id="places"' not in person("analyst").get(f"/items/{numbers['A00004 photos/house.jpg']}").text


def test_a_stated_place_and_a_named_one_stand_apart() -> None:
    position = {"of": "track", "latitude": -5_000_000, "longitude": 40_000_000, "points": 12, "reference": "not stated"}
    mention = {"type": "place", "text": "Ywar Thit", "link": "MMR013"}
    found = item_places(
        [position], [mention, mention, {"type": "person", "text": "Ko"}], KnownPlaces(None), Words(Language.ENGLISH)
    )
    stated, named = found.shown
    assert stated.stated
    assert stated.at is None
    assert "12 points" in stated.said_by
    assert (named.stated, named.link, named.said_by) == (False, "/entities/place/MMR013", "named in the text, 2 times")
    assert not found.on_map


def test_what_a_colleague_noted_stands_before_the_original_also_of_a_copy(
    person: Any, shown: Holding, numbers: dict[str, str]
) -> None:
    one, copy = numbers["A00002 twins/1.txt"], numbers["A00002 twins/2.txt"]
    tagging.note(shown, reader(shown, "lead"), [one], "Read it whole: <b>nothing</b> of use.")
    person("lead").get(f"/items/{one}")
    for number in (one, copy):
        page = person("analyst").get(f"/items/{number}").text
        before = re.search(r'<div class="before">.*?</div>', page, re.DOTALL)
        assert before
        assert "Read it whole: &lt;b&gt;nothing&lt;/b&gt; of use." in before[0]
        assert re.search(r"Noted by lead, \d{4}-\d\d-\d\d \d\d:\d\d UTC", before[0])
    assert f'<a href="/items/{one}">of {one}' in before[0]
    assert re.search(rf"A copy of it, {one}, was opened on \d{{4}}-", before[0])


def test_a_note_on_a_copy_that_is_hidden_is_not_there(person: Any, shown: Holding, numbers: dict[str, str]) -> None:
    """The same letter came with a mark that the analyst does not hold."""
    hidden = [n for name, n in numbers.items() if name.startswith("A00001 ") and "A00002 " + name[7:] in numbers]
    seen = [numbers["A00002 " + name[7:]] for name, n in numbers.items() if n in hidden]
    assert hidden
    tagging.note(shown, reader(shown, "lead"), hidden, "A note that nobody else may read")
    assert "nobody else may read" in person("lead").get(f"/items/{seen[0]}").text
    for number in seen:
        page = person("analyst").get(f"/items/{number}").text
        assert "nobody else may read" not in page
        assert "A00001" not in page
