"""A holding for those tests of this folder that only add to what is said of it; the engine's small holding."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import OPEN, WITNESS, process, receive

from iimm_pipelines.holding import Holding

sys.path.append(str(Path(__file__).parents[1] / "engine"))  # small_holding

ROAD = {"စာများ/road.txt": "ရွာသားများသည် လမ်းမကြီးဘက်သို့ ထွက်ပြေးခဲ့ကြသည်။\n"}


@pytest.fixture(scope="session")
def holding(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 needs the marks restricted and witness, A00002 restricted alone."""
    made = new_holding()
    folder = tmp_path_factory.mktemp("decided")
    receive(made, folder / "1", WITNESS, ("restricted", "witness"), "S-1")
    receive(made, folder / "2", {**OPEN, **ROAD}, ("restricted",), "S-2")
    process(made)
    return made
