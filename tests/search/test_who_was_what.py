"""Who was what is asked for by rank, unit, post and name, of one person, within what a reader may see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_evidence import compute, deliver_all, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.cli.search import roles
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import Narrowing, Result, search
from iimm_pipelines.search.when_and_where import AskedInvalid
from iimm_pipelines.search.who_was_what import AskedRole

FILES = {
    "burmese.txt": "ခမရ (၃၄၅) တပ်ရင်းမှူး ဗိုလ်မှူး ကျော်မင်းက အမိန့်ပေးသည်။\n",
    "english.txt": "Major Kyaw Minn of LIB 345 met Captain Aung Ko of IB 10.\n",
    "other.txt": "ဦးဇော်မင်းက ကျောင်းသို့ လာသည်။\n",
}
HIDDEN = {"hidden.txt": "Major Kyaw Min of LIB 345 came again.\n"}


@pytest.fixture(scope="module")
def asked(
    new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[Result, set[str]]]:
    """A result and the names of the files in it."""
    holding = new_holding()
    receive(holding, tmp_path_factory.mktemp("roles"), FILES)
    receive(holding, tmp_path_factory.mktemp("hidden"), HIDDEN, ("closed",), "S-2")
    compute(holding, ("contents", "languages", "entities", "search_index"))
    deliver_all(holding)
    names = {
        str(i.number): i.path.decode() for s in holding.catalogue.shards() for i in read_items(holding.parts, s.number)
    }

    def ask(typed: str = "", **role: str) -> tuple[Result, set[str]]:
        result = search(holding, reader(holding, "analyst"), typed, within=Narrowing(role=AskedRole(**role)))
        return result, {names[h.item] for h in result.hits}

    return ask


@pytest.mark.parametrize(
    ("role", "files"),
    [
        ({"unit": "ခမရ ၃၄၅"}, {"burmese.txt", "english.txt"}),
        ({"unit": "LIB-345", "rank": "Maj"}, {"burmese.txt", "english.txt"}),
        ({"person": "U Kyaw Min"}, {"burmese.txt", "english.txt"}),
        ({"post": "တပ်ရင်းမှူး"}, {"burmese.txt"}),
        ({"person": "ကျော်မင်း", "rank": "CAPTAIN"}, set()),  # the captain in that sentence is another
    ],
)
def test_what_is_asked_is_told_of_one_person(
    asked: Callable[..., tuple[Result, set[str]]], role: dict[str, str], files: set[str]
) -> None:
    assert asked(**role)[1] == files


def test_words_and_a_role_are_asked_together(asked: Callable[..., tuple[Result, set[str]]]) -> None:
    assert asked("met", unit="LIB 345")[1] == {"english.txt"}


def test_a_hit_says_who_was_what(asked: Callable[..., tuple[Result, set[str]]]) -> None:
    (hit,) = asked(post="battalion commander")[0].hits
    assert [line.plain.strip() for line in roles(hit)] == [
        "role: Kyaw Min | ကျော်မင်း: MAJOR, BATTALION-COMMANDER, LIB-345"
    ]


@pytest.mark.parametrize(
    "role", [{"rank": "grand duke"}, {"unit": "the battalion"}, {"post": "jester"}, {"person": "?"}]
)
def test_what_nobody_could_be_is_refused(asked: Callable[..., tuple[Result, set[str]]], role: dict[str, str]) -> None:
    with pytest.raises(AskedInvalid):
        asked(**role)


@pytest.mark.parametrize("name", ["rank", "post"])
def test_what_an_operator_added_is_asked_for_by_its_identifier(name: str) -> None:
    (asked,) = AskedRole(**{name: "QUARRY-CHIEF"}).filters()
    assert asked == {"span_term": {"told.of_one": f"{name}:QUARRY-CHIEF"}}
