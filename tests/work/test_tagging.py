"""Tags and notes: signed rows, found in the index at once, and by nobody who may not see their item."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import OPEN, WITNESS, deliver_all, process, receive

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.mapping import KINDS, index_name
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.work.record import WorkRefused
from iimm_pipelines.work.tagging import note, standing, tag, withdraw

HIDDEN, BELL = "A00001-0000-00000", "A00002-0000-00001"


@pytest.fixture(scope="module")
def holding(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    made = new_holding()
    folder = tmp_path_factory.mktemp("tagged")
    receive(made, folder / "1", WITNESS, ("restricted", "witness"), "S-1")
    receive(made, folder / "2", OPEN, ("restricted",), "S-2")
    process(made)
    return made


def found(holding: Holding, typed: str, who: str = "analyst", **within: str) -> set[str]:
    return {h.item for h in search(holding, reader(holding, who), typed, within=Narrowing(**within)).hits}


def test_a_tag_is_found_at_once_and_again_in_an_index_made_anew(holding: Holding) -> None:
    analyst = reader(holding, "analyst")
    [item] = found(holding, '"monastery bell"')
    assert tag(holding, analyst, [item], "crime-type", "killing").in_index
    assert found(holding, "bell", tag="crime-type:killing") == {item}
    client = holding.node.client("ingest")
    client.indices.delete(index=",".join(index_name(holding.settings.holding, k, ["restricted"]) for k in KINDS))
    deliver_all(holding)
    assert found(holding, "bell", tag="crime-type:killing") == {item}


def test_a_withdrawn_tag_is_gone_from_the_index_and_stays_in_the_record(holding: Holding) -> None:
    analyst = reader(holding, "analyst")
    [item] = found(holding, '"monastery bell"')
    [row] = tag(holding, analyst, [item], "incident", "Night of the bell").rows
    assert found(holding, "bell", tag="incident:Night of the bell") == {item}
    withdraw(holding, analyst, row.id, "another night")
    assert not found(holding, "bell", tag="incident:Night of the bell")
    assert row.id not in {r.id for r in standing(holding, item).tags}
    kept = holding.work.row(row.id)
    assert kept is not None
    assert (kept.by, kept.ended) == ("analyst", True)
    with pytest.raises(WorkRefused, match="already"):
        withdraw(holding, analyst, row.id)


def test_a_note_is_found_as_a_humans_and_only_with_its_item(holding: Holding) -> None:
    lead = reader(holding, "lead")
    note(holding, lead, [HIDDEN], "Compare with the persimmon register.")
    [hit] = search(holding, lead, "persimmon").hits
    assert (hit.item, hit.fields["given"], hit.fields["maker"], hit.fields["author"]) == (
        HIDDEN,
        "note",
        "human",
        "lead",
    )
    assert not found(holding, "persimmon")
    deliver_all(holding)
    assert found(holding, "persimmon", "lead") == {HIDDEN}


def test_what_a_reader_may_not_see_cannot_be_tagged_and_answers_like_nothing(holding: Holding) -> None:
    analyst = reader(holding, "analyst")
    for number in (HIDDEN, "A00009-0000-00000"):
        with pytest.raises(ItemUnknown) as refused:
            tag(holding, analyst, [BELL, number], "crime-type", "killing")
        assert str(refused.value) == f"there is no item {number}: nothing was written down"
    lead = reader(holding, "lead")
    [row] = tag(holding, lead, [HIDDEN], "unit", "LIB 345").rows
    with pytest.raises(ItemUnknown):
        withdraw(holding, analyst, row.id)


def test_many_at_once_are_a_row_each_and_nothing_is_said_twice(holding: Holding) -> None:
    lead = reader(holding, "lead")
    items = sorted(found(holding, "bell", "lead"))
    assert len(tag(holding, lead, items, "reliability", "high").rows) == len(items) > 1
    assert tag(holding, lead, items, "reliability", "high").rows == []


@pytest.mark.parametrize(("code", "value"), [("crime-type", "jaywalking"), ("nonsense", ""), ("incident", " "),
                                             ("potentially-exculpatory", "yes")])  # fmt: skip
def test_what_the_operators_list_has_not_is_refused(holding: Holding, code: str, value: str) -> None:
    with pytest.raises(WorkRefused):
        tag(holding, reader(holding, "analyst"), [BELL], code, value)


def test_rows_outlive_the_catalogue(holding: Holding, tmp_path: Path) -> None:
    from iimm_pipelines.storage.catalogue import Catalogue
    from iimm_pipelines.work.record import Work

    items = holding.work.items_of_shard("A00001-0000")
    again = Work(holding.work.folder, holding.record, Catalogue.at(tmp_path / "other"))
    assert again.of_items(items) == holding.work.of_items(items)
    assert again.due().keys() >= set(items)
