"""Moving: documents that stand in indices of other marks than their accession has now.

Here: which shards are due, and delivering them without any stage being run.
Not here: one delivery (search/delivery), the decision (accessions/marks).

A change hides at once: queries name accessions by the marks that they have now (search/access). Moving is what shows them
again to those who hold the new marks. Documents are made again from the parts, whose digests they must have, and not
copied from the index: nothing that somebody wrote into an index comes along.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.delivery import deliver, wanted_state
from iimm_pipelines.stages.graph import bound
from iimm_pipelines.storage.catalogue import Busy


def due(holding: Holding, accession: str | None = None) -> Iterator[Shard]:
    """Shards whose documents would not be where and what they are if they were delivered now."""
    for shard in holding.catalogue.shards(accession):
        state = holding.catalogue.delivered(shard.number)
        if state is not None and state != wanted_state(holding, shard.number):  # else a run is at it, or never was
            yield shard.number


def move(holding: Holding, accession: str | None = None, most_seconds: float = float("inf")) -> int:
    """Deliver what is due, until the time is over; gives how many shards are left: for the page, or the next run.

    Raises:
        IndexDisagrees, IndexUnavailable: as a delivery does.
    """
    end = time.monotonic() + most_seconds
    waiting = list(due(holding, accession))
    left = 0
    for shard in waiting:
        if time.monotonic() > end or not holding.node.running():
            left += 1
            continue
        try:
            with holding.catalogue.lease(shard):
                deliver(holding, bound(holding.settings)["search_index"], shard)
        except Busy:
            left += 1
    return left
