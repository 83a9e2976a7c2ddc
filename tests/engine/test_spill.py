"""A container that holds more than a shard: its members go to new shards, each family as a whole, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import computed, dump, kinds, open_holding, process, receive, tables

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import SPILL_ITEMS, Number, Shard
from iimm_pipelines.custody.lineage import lineage
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine.stage import Limits
from iimm_pipelines.holding import Holding

MEMBERS = 2 * SPILL_ITEMS + 7
FIRST = Shard("A00001-0000")
STAGES = [replace(s, slice_items=2_000, limits=Limits(seconds=60)) for s in small.STAGES]
LETTER = small.pack(("body", b"the body"), ("picture", b"a picture"), relation="attachment")


@pytest.fixture(scope="module")
def holding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holding]:
    """One box with more members than two shards take; the last but one is a letter with two attachments."""
    folder = tmp_path_factory.mktemp("spill")
    opened = open_holding(folder / "data")
    members = [(f"{i}", LETTER if i == MEMBERS - 2 else b"the same") for i in range(MEMBERS)]
    receive(opened, folder / "in", {"a.txt": b"beside it", "box": small.pack(*members)})
    process(opened, STAGES)
    process(opened, STAGES)
    yield opened
    opened.close()


def test_every_member_is_an_item_with_its_name_in_one_of_three_shards(holding: Holding) -> None:
    shards = holding.catalogue.shards()
    assert [(s.number[-4:], s.origin, s.nth) for s in shards] == [
        ("0000", None, None), ("0001", FIRST, 0), ("0002", FIRST, 1),
    ]  # fmt: skip
    items = [i for s in shards for i in read_items(holding.parts, s.number)]
    assert sorted(int(i.path) for i in items if i.relation == "member") == list(range(MEMBERS))
    assert {i.parent for i in items if i.relation == "member"} == {Number(f"{FIRST}-00001")}
    assert len(items) == sum(s.items for s in shards) == MEMBERS + 4
    assert len(kinds(holding, "languages")) == len(items)


def test_a_family_stays_together(holding: Holding) -> None:
    shard = Shard("A00001-0002")
    (letter,) = (i for i in read_items(holding.parts, shard) if i.path == str(MEMBERS - 2).encode())
    family = [i for i in read_items(holding.parts, shard) if i.family == letter.number]
    assert [i.path for i in family] == [letter.path, b"body", b"picture"]
    assert {i.place // SPILL_ITEMS for i in family} == {0, 1}


def test_equal_bytes_are_computed_once_over_all_shards(holding: Holding) -> None:
    assert process(holding, STAGES)["contents", "A00001-0002"].standing == 9
    parts = [p for p in holding.catalogue.parts(stage="contents") if p.shard != FIRST]
    assert sum(p.counts["computed"] for p in parts) == 3


def test_lineage_leads_from_a_spilled_item_to_its_box_and_everything_verifies(holding: Holding) -> None:
    steps = lineage(holding, Number("A00001-0002-00003")).steps
    assert [(s.stage, s.item) for s in steps if s.stage == "inventory"] == [("inventory", f"{FIRST}-00001")]
    assert {s.log_index is None for s in steps} == {False}
    assert verify(holding).valid


def test_the_catalogue_comes_back(holding: Holding, tmp_path: Path) -> None:
    before = {n: dump(holding)[n] for n in ("shards", "objects", "slices", "accessions")}
    holding.close()
    catalogue = holding.settings.data / "catalogue.sqlite"
    for file in (catalogue, catalogue.with_name("catalogue.sqlite-wal"), catalogue.with_name("catalogue.sqlite-shm")):
        if file.exists():
            file.rename(tmp_path / file.name)
    again = open_holding(holding.settings.data)
    rebuild(again)
    assert {n: dump(again)[n] for n in before} == before
    assert computed(process(again, STAGES)) == {}
    again.close()
    for file in tmp_path.iterdir():
        file.replace(catalogue.with_name(file.name))


def test_a_box_that_yields_more_later_fills_the_places_that_it_reserved(tmp_path: Path) -> None:
    few = [("pack", {"first_only": True})]
    opened = open_holding(tmp_path / "data")
    members = [(f"{i}", small.pack(("in", b"x")) if i == SPILL_ITEMS + 1 else b"y") for i in range(SPILL_ITEMS + 3)]
    receive(opened, tmp_path / "in", {"box": small.pack(*members)})
    first_only = replace(STAGES[0].with_parameters(dict(few)), slice_items=2_000)
    process(opened, [first_only])
    assert len(opened.catalogue.shards()) == 1
    process(opened, STAGES)
    process(opened, STAGES)
    assert [s.items for s in opened.catalogue.shards()] == [SPILL_ITEMS + 4, 1]
    names = {i.place: i.path for i in read_items(opened.parts, Shard("A00001-0001"))}
    assert names == {**{n: str(SPILL_ITEMS + n).encode() for n in range(3)}, SPILL_ITEMS: b"in"}
    assert len(tables(opened)) == 1 + 2 * (SPILL_ITEMS + 5)
    opened.close()
