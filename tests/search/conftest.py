"""Two prepared holdings for the tests of this folder, which only read them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import OPEN, SHARED, WITNESS, process, receive

from iimm_pipelines.holding import Holding


@pytest.fixture(scope="session")
def both(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 needs the marks restricted and witness, A00002 restricted alone; one object is in both."""
    return _holding(new_holding(), tmp_path_factory.mktemp("both"), ("restricted", "witness"), {**WITNESS, **SHARED})


@pytest.fixture(scope="session")
def without(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """The same A00002, where what `both` hides has never been: its A00001 is another file that nobody may read."""
    return _holding(new_holding(), tmp_path_factory.mktemp("without"), ("closed",), {"x.txt": "Unlike all others.\n"})


def _holding(holding: Holding, folder: Path, marks: tuple[str, ...], hidden: dict[str, str]) -> Holding:
    receive(holding, folder / "1", hidden, marks, "S-1")
    receive(holding, folder / "2", {**OPEN, **SHARED}, ("restricted",), "S-2")
    process(holding)
    return holding
