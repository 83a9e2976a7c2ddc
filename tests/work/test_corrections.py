"""Corrections: a person's text beside the machine's, and the queue of what waits for one."""

from __future__ import annotations

import pytest
from small_evidence import deliver_all

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.query import search
from iimm_pipelines.work.corrections import correct, corrections, queue
from iimm_pipelines.work.record import WorkRefused
from iimm_pipelines.work.tagging import tag, withdraw


def item(holding: Holding, typed: str) -> str:
    [hit] = search(holding, reader(holding, "analyst"), typed).hits
    return hit.item


def test_a_correction_stands_beside_the_machines_text_and_a_new_one_in_its_place(holding: Holding) -> None:
    who = reader(holding, "analyst")
    bell = item(holding, '"monastery bell"')
    correct(holding, who, bell, "contents", 0, "text", "The elders wrote that the abbey gong was stolen.")
    correct(holding, who, bell, "contents", 0, "text", "The elders wrote that the abbey chime was stolen.")
    assert search(holding, who, "gong").total == 0
    [hit] = search(holding, who, "chime").hits
    assert (hit.item, hit.fields["given"], hit.fields["maker"]) == (bell, "corrected text", "human")
    assert item(holding, '"monastery bell"') == bell
    deliver_all(holding)
    assert item(holding, "chime") == bell
    [row] = corrections(holding, bell)["contents", 0]
    withdraw(holding, who, row.id)
    assert search(holding, who, "chime").total == 0


def test_the_queue_goes_by_what_matters_and_ends_with_a_translation(holding: Holding) -> None:
    who = reader(holding, "analyst")
    waiting, total = queue(holding, who)
    assert total == len(waiting) >= 3
    assert all(w.why[-1] == "to translate" for w in waiting)
    assert not any(w.item.startswith("A00001") for w in waiting)
    assert queue(holding, reader(holding, "lead"))[1] > total
    assert queue(holding, reader(holding, "nobody")) == ([], 0)
    road = item(holding, "လမ်းမကြီးဘက်သို့")
    other = next(w.item for w in waiting if w.item != road)
    tag(holding, who, [other], "incident", "Well")
    tag(holding, who, [road], "translate")
    order = [w.item for w in queue(holding, who)[0]]
    assert order.index(road) < order.index(other) == order.count(road)
    assert queue(holding, who)[0][0].why == ("asked for", "tagged", "to translate")
    correct(holding, who, road, "contents", 0, "translation", "The villagers fled towards the main road.")
    assert road not in {w.item for w in queue(holding, who)[0]}


@pytest.mark.parametrize(("number", "origin", "ordinal"), [
    ("A00001-0000-00000", "contents", 0), ("A00009-0000-00000", "contents", 0), ("A00002-0000-00000", "contents", 99),
    ("A00002-0000-00000", "../contents", 0), ("A00002-0000-00000", "transcripts", 0),
])  # fmt: skip
def test_what_is_not_there_or_not_for_a_reader_cannot_be_corrected(
    holding: Holding, number: str, origin: str, ordinal: int
) -> None:
    with pytest.raises(ItemUnknown):
        correct(holding, reader(holding, "analyst"), number, origin, ordinal, "text", "Other words.")


@pytest.mark.parametrize(("side", "text"), [("text", " "), ("text", "x" * 20_001), ("neither", "Other words.")])
def test_a_correction_that_says_nothing_is_refused(holding: Holding, side: str, text: str) -> None:
    with pytest.raises(WorkRefused):
        correct(holding, reader(holding, "analyst"), item(holding, '"monastery bell"'), "contents", 0, side, text)
