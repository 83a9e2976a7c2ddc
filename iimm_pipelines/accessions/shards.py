"""Shards that take what another shard spills: members of a container beyond what one shard holds.

Here: making them, with the custody event that says where their items come from.
Not here: cutting received files into shards (accessions/register), which members spill (engine/run).
"""

from __future__ import annotations

from iimm_pipelines.accessions.numbers import LAST_SHARD, SPILL_ITEMS, Shard, accession_of, shard_number
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import ShardRow

SPILLED = "spilled"
"""Kind of the custody event."""


class TooManyShards(RuntimeError):
    """An accession has no number left for another shard."""


def spill_shards(holding: Holding, origin: Shard, members: int) -> list[Shard]:
    """The shards for `members` members that `origin` spills, in order; those that are missing are made.

    The caller holds the lease of `origin`. A shard that nothing is spilled into in the end stays empty.

    Raises:
        TooManyShards: the accession's numbers are used up.
    """
    wanted = -(-members // SPILL_ITEMS)
    found = [s.number for s in holding.catalogue.spills(origin)]
    while len(found) < wanted:
        found.append(_made(holding, origin, len(found)))
    return found


def _made(holding: Holding, origin: Shard, nth: int) -> Shard:
    accession = accession_of(origin)
    with holding.record.log.locked():  # another shard of the accession may spill at the same time
        sequence = int(holding.catalogue.shards(accession)[-1].number[7:]) + 1
        if sequence > LAST_SHARD:
            raise TooManyShards(f"{accession} has no number left for another shard: register parts of it")
        shard = ShardRow(shard_number(accession, sequence), accession, 0, SPILL_ITEMS, origin=origin, nth=nth)
        event = holding.record.event(SPILLED, accession, spill_body(shard))
        holding.catalogue.add_shard(shard, event)
    return shard.number


def spill_body(shard: ShardRow) -> dict[str, object]:
    """What the custody event says of such a shard."""
    return {"from": shard.origin, "nth": shard.nth, "shard": shard.number}
