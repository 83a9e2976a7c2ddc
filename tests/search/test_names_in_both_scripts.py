"""A name is found in the other script and in other spellings, a unit by its identifier."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from small_evidence import compute, deliver_all, receive

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import search

FILES = {
    "burmese.txt": "ခမရ (၃၄၅) မှ ဗိုလ်မှူး ကျော်မင်းက အမိန့်ပေးသည်။\n",
    "english.txt": "U Kyaw Minn was seen at the school with soldiers of LIB 345.\n",
    "other.txt": "ဦးဇော်မင်းက ကျောင်းသို့ လာသည်။\n",
}


@pytest.fixture(scope="module")
def found(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], set[str]]:
    """The names of what a reader finds."""
    holding = new_holding()
    receive(holding, tmp_path_factory.mktemp("names"), FILES)
    compute(holding, ("contents", "languages", "entities", "search_index"))
    deliver_all(holding)
    names = {i.number: i.path.decode() for s in holding.catalogue.shards() for i in read_items(holding.parts, s.number)}
    return lambda typed: {names[h.item] for h in search(holding, reader(holding, "analyst"), typed).hits}


@pytest.mark.parametrize("typed", ["Kyaw Min", "U Kyaw Minn", "ဦးကျော်မင်း", "u kyaw min", "kyaw min", "ကျော်မင်း"])
def test_a_name_is_found_in_both_scripts_and_each_spelling(found: Callable[[str], set[str]], typed: str) -> None:
    assert found(typed) == {"burmese.txt", "english.txt"}


def test_a_unit_is_found_however_it_is_written(found: Callable[[str], set[str]]) -> None:
    assert found("LIB-345") == {"burmese.txt", "english.txt"}
