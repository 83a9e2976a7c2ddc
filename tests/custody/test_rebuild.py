"""The catalogue is made again from parts, events and log; nothing but the outbox is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import computed, dump, open_holding, process, receive, take_in_all

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import change_marks
from iimm_pipelines.custody.attestation import AttestationInvalid
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine.run import run_stage
from iimm_pipelines.engine.stage import Ingredient
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import CatalogueError

NOT_GIVEN_BACK = {"leases", "deliveries"}


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data", shard_items=3)
    yield opened
    opened.close()


def lose_the_catalogue(holding: Holding) -> Holding:
    holding.close()
    for file in holding.settings.data.glob("catalogue.sqlite*"):
        file.unlink()
    return open_holding(holding.settings.data, shard_items=3)


def given_back(holding: Holding) -> dict[str, object]:
    return {t: rows for t, rows in dump(holding).items() if t not in NOT_GIVEN_BACK}


def test_every_table_comes_back_and_a_run_computes_nothing(holding: Holding, tmp_path: Path) -> None:
    box = small.pack(("x", b"in a box"), ("y", small.pack(("z", b"letter 1"))), locks={"x": "sesame"})
    letters = {f"{i}.txt": f"letter {i % 3}".encode() for i in range(5)}
    receive(holding, tmp_path / "one", {**letters, "box": box, "late": b"do:hang"})
    process(holding)
    other = replace(small.UNPACK, ingredients={**small.UNPACK.ingredients, "text": Ingredient(version=2)})
    process(holding, [other, small.SHOUT])
    process(holding)  # there and back: the first parts are current again
    holding.add_passwords("A00001", ["sesame"])
    process(holding)
    for piece in holding.catalogue.slices("contents", "A00001-0002"):
        holding.catalogue.ask_again("contents", "A00001-0002", piece.start, ["timed out"])
    process(holding)
    change_marks(holding, "A00001", ["witness", "restricted"])
    receive(holding, tmp_path / "two", {**letters, "box": box, "late": b"do:hang"}, source="S-2")  # corroborates
    receive(holding, tmp_path / "three", {"box": box}, source="S-1")
    process(holding)
    before = given_back(holding)
    again = lose_the_catalogue(holding)
    assert rebuild(again) == verify(again).size
    assert given_back(again) == before
    take_in_all(again)
    assert computed(process(again)) == {}
    assert verify(again).valid


def test_where_an_object_was_seen_first_outlives_a_part_that_became_current_again(
    holding: Holding, tmp_path: Path
) -> None:
    receive(holding, tmp_path / "one", {"box": small.pack(("x", b"the same"))})
    process(holding)
    receive(holding, tmp_path / "two", {"box": small.pack(("y", b"the same"))}, source="S-2")
    process(holding)
    other = replace(
        small.UNPACK, ingredients={**small.UNPACK.ingredients, "pack": Ingredient(version=2, parameters={})}
    )
    for stage in (other, small.UNPACK):
        with holding.catalogue.lease("A00001-0000"):
            run_stage(holding, stage, Shard("A00001-0000"))
    holding.record.drain()
    before = given_back(holding)["objects"]
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert given_back(again)["objects"] == before


def test_numbers_that_were_given_are_not_given_again(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"box": small.pack(("a", b"one"), ("b", b"two"), ("c", b"three"))})
    process(holding)
    process(holding, [small.UNPACK.with_parameters({"pack": {"first_only": True}}), small.SHOUT])
    before = given_back(holding)
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert given_back(again) == before


def test_an_attestation_that_is_missing_is_named(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"})
    again = lose_the_catalogue(holding)
    next((tmp_path / "data" / "custody" / "events").iterdir()).unlink()
    with pytest.raises(AttestationInvalid):
        rebuild(again)


def test_an_accession_that_only_was_registered_comes_back(holding: Holding, tmp_path: Path) -> None:
    from small_holding import receipt, write_files

    from iimm_pipelines.accessions.register import register

    register(holding, write_files(tmp_path / "in", {"a": b"a", "b": b"b"}), receipt())
    before = given_back(holding)
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert given_back(again) == before
    take_in_all(again)
    process(again)
    assert verify(again).valid


def test_a_repeated_delivery_comes_back_as_refused(holding: Holding, tmp_path: Path) -> None:
    from small_holding import receipt, write_files

    from iimm_pipelines.accessions.register import register

    for _ in range(2):  # neither is sealed when the second is registered
        register(holding, write_files(tmp_path / "in", {"a": b"a"}), receipt())
    take_in_all(holding)
    before = given_back(holding)
    assert [a.state for a in holding.catalogue.accessions()] == ["sealed", "refused"]
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert given_back(again) == before


def test_facts_corrections_and_sources_come_back(holding: Holding, tmp_path: Path) -> None:
    from small_holding import receipt, write_files

    from iimm_pipelines.accessions.corrections import correct
    from iimm_pipelines.accessions.facts import read_toml
    from iimm_pipelines.accessions.receipts import issue
    from iimm_pipelines.accessions.register import register, register_exhibits
    from iimm_pipelines.accessions.sources import add_source, correct_source

    phone = read_toml('[[exhibits]]\ncarrier = "phone"\nserial = "1"\nseal = "none"\ncondition = "worn"').facts
    add_source(holding, "S-1", "safe 2")
    correct_source(holding, "S-1", "safe 3", "moved")
    register(holding, write_files(tmp_path / "in", {"a": b"a"}), replace(receipt(), facts=phone))
    register_exhibits(holding, replace(receipt(), facts=phone))
    correct(holding, "A00001", read_toml('source = "S-2"\nform = "safe 3"\nexhibits = []'), "misread")
    correct(holding, "A00001", read_toml('transfers = { unknown = "nobody asked" }'), "asked again")
    take_in_all(holding)
    issue(holding, "A00001", tmp_path / "out")
    before = given_back(holding)
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert given_back(again) == before
    assert verify(again).valid


def test_a_catalogue_that_is_not_empty_is_not_filled(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"})
    with pytest.raises(CatalogueError):
        rebuild(holding)


def test_a_part_that_never_came_into_the_log_is_done_again(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"})
    holding.record.drain = lambda: 0  # type: ignore[method-assign]  # as a run that dies before it drains
    process(holding)
    again = lose_the_catalogue(holding)
    rebuild(again)
    assert computed(process(again)) == {"contents": 1, "languages": 1}
    assert verify(again).valid
