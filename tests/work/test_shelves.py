"""Saved searches and lists: sharing gives the shelf, and shows nobody what they may not see."""

from __future__ import annotations

import pytest

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.work.record import Kind, WorkRefused
from iimm_pipelines.work.shelves import ALL, ShelfUnknown, end, make, on_list, put, share, shelf, shelves, take

HIDDEN, SHOWN = "A00001-0000-00000", "A00002-0000-00000"


def test_of_a_shared_list_everybody_sees_what_they_may_see(holding: Holding) -> None:
    lead, analyst = reader(holding, "lead"), reader(holding, "analyst")
    made = make(holding, lead, Kind.LIST, "For the hearing")
    assert put(holding, lead, made, [HIDDEN, SHOWN, SHOWN]) == 2
    assert put(holding, lead, made, [SHOWN]) == 0
    with pytest.raises(ShelfUnknown):
        shelf(holding, "analyst", made.id)
    share(holding, "lead", made, ["analyst"])
    assert [fields["item"] for _, fields in on_list(holding, analyst, shelf(holding, "analyst", made.id))] == [SHOWN]
    assert len(on_list(holding, lead, made)) == 2
    with pytest.raises(ItemUnknown):
        put(holding, analyst, made, [HIDDEN])
    take(holding, analyst, made, HIDDEN)
    assert len(on_list(holding, lead, made)) == 2
    take(holding, analyst, made, SHOWN)
    assert [fields["item"] for _, fields in on_list(holding, lead, made)] == [HIDDEN]


def test_sharing_is_its_owners_and_can_be_taken_back(holding: Holding) -> None:
    lead = reader(holding, "lead")
    made = make(holding, lead, Kind.SEARCH, "Bells", address="q=bell")
    share(holding, "lead", made, [ALL])
    theirs = shelf(holding, "analyst", made.id)
    with pytest.raises(WorkRefused, match="lead decides"):
        share(holding, "analyst", theirs, ["analyst"])
    with pytest.raises(WorkRefused, match="lead decides"):
        end(holding, "analyst", theirs)
    with pytest.raises(WorkRefused, match="no account"):
        share(holding, "lead", made, ["somebody"])
    share(holding, "lead", made, [])
    assert made.id not in {s.id for s in shelves(holding, "analyst", Kind.SEARCH)}
    end(holding, "lead", made)
    assert made.id not in {s.id for s in shelves(holding, "lead", Kind.SEARCH)}


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x07b"])
def test_a_shelf_has_a_name(holding: Holding, name: str) -> None:
    with pytest.raises(WorkRefused):
        make(holding, reader(holding, "lead"), Kind.LIST, name)
