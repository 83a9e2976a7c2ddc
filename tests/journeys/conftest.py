"""The sample's journey, made once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sample_journey import Journey, make_journey


@pytest.fixture(scope="session")
def journey(new_data: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """The sample handed over and run to its end; tests only read it."""
    return make_journey(new_data(), tmp_path_factory.mktemp("empty"))
