"""What these tests share, and the small stages and holding of tests/engine, also for the workers that they start."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from iimm_pipelines.holding import Holding

_ENGINE = str(Path(__file__).resolve().parents[1] / "engine")
if _ENGINE not in sys.path:
    sys.path.insert(0, _ENGINE)

Opened = Callable[..., Holding]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens holdings, closed at the end."""
    from small_holding import open_holding

    made: list[Holding] = []

    def make(data: Path, **settings: object) -> Holding:
        made.append(open_holding(data, **settings))
        return made[-1]

    yield make
    for holding in made:
        holding.close()


@pytest.fixture
def holding(opened: Opened, tmp_path: Path) -> Holding:
    """An empty holding in `data`."""
    return opened(tmp_path / "data")
