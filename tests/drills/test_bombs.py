"""Bombs that take a few seconds at most: each stops by rule, and its twin passes. The others: `make drill-bombs`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from bombs import BOMBS, Bomb
from drill_bombs import Ended, put_through

from iimm_pipelines.engine.outcome import Reason

QUICK = [b for b in BOMBS if b.quick]
NAMES = [b.name + b.suffix for b in QUICK]


@pytest.fixture(name="ended", scope="module")
def all_of_them(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Ended]]:
    with closing(put_through(tmp_path_factory.mktemp("bombs"), QUICK)) as done:
        yield next(done)


@pytest.mark.parametrize("bomb", QUICK, ids=NAMES)
def test_a_bomb_ends_by_rule_and_in_its_time(ended: dict[str, Ended], bomb: Bomb) -> None:
    assert ended[bomb.name + bomb.suffix].wrong(bomb) == []


@pytest.mark.parametrize("bomb", QUICK, ids=NAMES)
def test_the_same_in_a_sensible_size_is_read(ended: dict[str, Ended], bomb: Bomb) -> None:
    twin = ended["twins/" + bomb.name + bomb.suffix]
    # `claims` has no honest size: its twin is a whole file
    assert (twin.reason, twin.bugs) == (None, [])


def test_no_file_of_this_machine_is_read_into_a_document(ended: dict[str, Ended]) -> None:
    assert "root:" not in ended["outside-entity.docx"].text


def test_boxes_in_boxes_are_opened_down_to_the_limit(ended: dict[str, Ended]) -> None:
    from iimm_pipelines.engine.run import MAX_DEPTH

    assert ended["nested.zip"].deepest == (MAX_DEPTH, Reason.LIMIT_REACHED)
