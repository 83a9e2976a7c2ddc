"""Carrying over: what is the same work under the same recipe is done once, wherever it stands; all else is redone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import computed, kinds, open_holding, process, receive, tables, with_same_keys

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Number, Shard
from iimm_pipelines.custody.lineage import lineage
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine.stage import Ingredient, Stage
from iimm_pipelines.holding import Holding

FIRST, SECOND = Shard("A00001-0000"), Shard("A00002-0000")
TEXTS: dict[str | bytes, bytes] = {"a.txt": b"short", "b.txt": b"also short", "c.txt": b"longer than twenty letters"}


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def changed(stage: Stage, ingredient: str, version: int = 2) -> Stage:
    return replace(stage, ingredients={**stage.ingredients, ingredient: Ingredient(version=version)})


def numbers(holding: Holding, shard: Shard) -> dict[bytes, str]:
    return {i.path: i.number for i in read_items(holding.parts, shard)}


def test_a_changed_ingredient_redoes_only_what_used_it(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", TEXTS)
    process(holding)
    reports = process(holding, [small.UNPACK, changed(small.SHOUT, "long")])
    assert computed(reports) == {"languages": 1}
    assert reports["languages", FIRST].carried == 2
    assert verify(holding).valid


def test_a_changed_stage_whose_rows_are_the_same_leaves_the_next_untouched(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", TEXTS)
    process(holding)
    reports = process(holding, [changed(small.UNPACK, "text"), small.SHOUT])
    assert computed(reports) == {"contents": 3}
    assert reports["languages", FIRST].carried == 3


def test_a_version_redoes_all(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", TEXTS)
    process(holding)
    assert computed(process(holding, [small.UNPACK, replace(small.SHOUT, version=2)])) == {"languages": 3}


def test_there_and_back_computes_nothing_and_stays_valid(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {**TEXTS, "box": small.pack(("x", b"in a box"))})
    process(holding)
    before = tables(holding)
    other = [changed(changed(small.UNPACK, "text"), "pack"), changed(small.SHOUT, "short")]
    assert computed(process(holding, other))["contents"] == 5
    assert verify(holding).valid
    assert computed(process(holding)) == {}
    assert tables(holding) == before
    assert verify(holding).valid
    assert computed(process(holding, other)) == {}
    assert verify(holding).valid
    steps = lineage(holding, Number(f"{FIRST}-00003")).steps
    assert {s.log_index is None for s in steps} == {False}


def test_equal_bytes_are_computed_once_in_a_shard(holding: Holding, tmp_path: Path) -> None:
    same = {f"{i}.txt": b"the same" for i in range(12)}
    receive(holding, tmp_path / "in", {**same, "box": small.pack(("in.txt", b"the same"))})
    assert computed(process(holding)) == {"contents": 2, "languages": 2}


def test_equal_bytes_in_another_accession_are_carried_with_their_members(holding: Holding, tmp_path: Path) -> None:
    box = small.pack(("x", b"in a box"), ("y", small.pack(("z", b"deep in a box"))))
    receive(holding, tmp_path / "one", {**TEXTS, "box": box})
    process(holding)
    receive(holding, tmp_path / "two", {"sub/a.txt": b"short", "own.txt": b"its own", "other name": box}, source="S-2")
    reports = process(holding)
    assert computed(reports) == {"contents": 1, "languages": 1}
    assert reports["contents", SECOND].carried == 5
    found = tables(holding)
    for path, same in ((b"sub/a.txt", b"a.txt"), (b"z", b"z"), (b"other name", b"box")):
        here, there = (int(numbers(holding, s)[p][-5:]) for s, p in ((SECOND, path), (FIRST, same)))
        mine, theirs = found["contents", SECOND, here], found["contents", FIRST, there]
        assert mine["tables"] == theirs["tables"]
        assert mine["content"] == theirs["content"]
        assert mine["leaf"] != theirs["leaf"]
    assert verify(holding).valid


def test_leaves_are_the_same_whether_computed_or_carried(holding: Holding, tmp_path: Path) -> None:
    box = small.pack(("x", b"in a box"))
    receive(holding, tmp_path / "one", {**TEXTS, "box": box})
    process(holding)
    receive(holding, tmp_path / "two", {"a.txt": b"short", "box.txt": box, "box": box}, source="S-2")
    process(holding)
    alone = open_holding(with_same_keys(tmp_path / "alone", tmp_path / "data" / "keys"))
    receive(alone, tmp_path / "other", {"nothing": b""})  # so that the numbers are the same
    receive(alone, tmp_path / "two", {}, source="S-2")
    process(alone)
    carried, calculated = ({k: v["leaf"] for k, v in tables(h).items() if k[1] == SECOND} for h in (holding, alone))
    assert carried == calculated


def test_another_suffix_is_looked_at_anew(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "one", {"a.txt": b"short"})
    process(holding)
    receive(holding, tmp_path / "two", {"a.doc": b"short"}, source="S-2")
    assert computed(process(holding)) == {"contents": 1}  # what it found is the same, so that languages carries


def test_a_failure_that_may_pass_is_not_carried_elsewhere(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "one", {"late": b"do:hang", "bad": b"do:problem"})
    process(holding)
    receive(holding, tmp_path / "two", {"also late": b"do:hang", "also bad": b"do:problem"}, source="S-2")
    assert computed(process(holding)) == {"contents": 1}


def test_retrying_by_reason_redoes_just_those(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {**TEXTS, "late": b"do:hang", "dead": b"do:leave by 3", "bad": b"do:problem"})
    process(holding)
    for piece in holding.catalogue.slices("contents", FIRST):
        holding.catalogue.ask_again("contents", FIRST, piece.start, ["crashed"])
    assert computed(process(holding))["contents"] == 1
    assert computed(process(holding)) == {}
    for piece in holding.catalogue.slices("contents", FIRST):
        holding.catalogue.ask_again("contents", FIRST, piece.start, ["timed out"])
        holding.catalogue.ask_again("contents", FIRST, piece.start, ["damaged"])
    assert computed(process(holding))["contents"] == 2, "asked twice before the run: both reasons count"
    assert Counter(r for _, r in kinds(holding, "contents").values()) == {
        None: 3, "timed out": 1, "crashed": 1, "damaged": 1,
    }  # fmt: skip
    assert verify(holding).valid


def test_a_password_that_comes_later_keeps_the_numbers_of_the_other_members(holding: Holding, tmp_path: Path) -> None:
    members = [(f"m{i}", f"member {i}".encode()) for i in range(4)]
    box = small.pack(*members, locks={"m1": "sesame"})
    receive(holding, tmp_path / "in", {"a.txt": b"short", "box": box, "c.txt": b"other"})
    process(holding)
    before = numbers(holding, FIRST)
    assert b"m1" not in before
    holding.add_passwords("A00001", ["wrong"])
    assert computed(process(holding))["contents"] == 1
    holding.add_passwords("A00001", ["sesame"])
    reports = process(holding)
    assert computed(reports) == {"contents": 2, "languages": 2}  # of the member, and of the container without text
    after = numbers(holding, FIRST)
    assert after.pop(b"m1") not in before.values()
    assert after == before
    assert kinds(holding, "contents")[before[b"box"]] == ("produced", None)
    assert computed(process(holding)) == {}
    assert verify(holding).valid


def test_a_password_of_one_accession_opens_nothing_of_another(holding: Holding, tmp_path: Path) -> None:
    box = small.pack(("m", b"secret"), locks={"m": "sesame"})
    receive(holding, tmp_path / "one", {"box": box}, passwords=["sesame"])
    process(holding)
    receive(holding, tmp_path / "two", {"box": box, "more": b"more"}, source="S-2")
    process(holding)
    assert kinds(holding, "contents")[f"{SECOND}-00000"] == ("failed", "encrypted")
    assert kinds(holding, "contents")[f"{FIRST}-00000"] == ("produced", None)
