"""The holding as a Dagster resource.

Here: which data folder a code location works on.
Not here: what a holding is (iimm_pipelines.holding).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings


class HoldingResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Opens the holding for each step; a run has one data folder."""

    data: str = Field(description="data folder of the holding")

    @contextmanager
    def opened(self) -> Iterator[Holding]:
        """The holding, closed afterwards."""
        holding = Holding(load_settings(Path(self.data)))
        try:
            yield holding
        finally:
            holding.close()
