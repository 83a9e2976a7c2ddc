"""Jobs, sensors and schedules.

Here: what runs together, and what starts it.
Not here: what is due (read from the catalogue), the assets.

Sensors go by edges: a run is asked for once for each state of its inputs (`run_key`), so that a failing shard does not
start again by itself. Cursors have a constant size, a tick looks at a bounded number of shards.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import dagster as dg

from assets.partitions import add_partitions
from iimm_pipelines.accessions.numbers import accession_of
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.delivery import accession_times
from iimm_pipelines.search.mapping import mapping_digest
from iimm_pipelines.stages.graph import bound
from iimm_pipelines.stages.inventory import waiting
from resources.holding import HoldingResource

Job = Any
"""What `dg.define_asset_job` returns; Dagster does not export its type."""

SHARDS_A_TICK = 200

intake = dg.define_asset_job(
    "intake", selection=["inventory"], executor_def=dg.in_process_executor,
    description="Takes in one accession.",
)  # fmt: skip
reindex = dg.define_asset_job(
    "reindex", selection=["search_index"], executor_def=dg.in_process_executor,
    description="Brings one shard's documents into the index again.",
)  # fmt: skip
audit = dg.define_asset_job(
    "audit", selection=["custody_audit"], executor_def=dg.in_process_executor,
    description="Adds up every accession and verifies custody.",
)  # fmt: skip


def processing_job(names: Sequence[str]) -> Job:
    """All stages over one shard, in one process: an empty step costs 0.06 s so, and 1.5 s in a process of its own."""
    return dg.define_asset_job(
        "processing", selection=list(names), executor_def=dg.in_process_executor,
        description="Runs every stage over one shard; what stands is not done again.",
    )  # fmt: skip


@dg.sensor(job=intake, minimum_interval_seconds=30, description="Takes in accessions that wait for it.")
def registered_accessions(context: dg.SensorEvaluationContext, holding: HoldingResource) -> dg.SensorResult:
    """One run for each accession that is new, or of which files are to be tried again."""
    with holding.opened() as opened:
        add_partitions(context.instance, opened)
        found = waiting(opened)
        urgent = _urgent(opened)
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=key, partition_key=number, tags=_priority(number in urgent))
            for number, key in found.items()
        ]  # fmt: skip
    )


def due_shards_sensor(job: Job) -> dg.SensorDefinition:
    """The sensor that starts processing for shards of sealed accessions."""

    @dg.sensor(name="due_shards", job=job, minimum_interval_seconds=30,
               description="Processes shards whose files, hints, marks, times, stages or mapping are new.")  # fmt: skip
    def due_shards(context: dg.SensorEvaluationContext, holding: HoldingResource) -> dg.SensorResult:
        with holding.opened() as opened:
            add_partitions(context.instance, opened)
            found = _after(opened, context.cursor or "")
            urgent = _urgent(opened)
            sealed = {a.number for a in opened.catalogue.accessions() if a.state == "sealed"}
            first = [s.number for n in sorted(urgent & sealed) for s in opened.catalogue.shards(n)][:SHARDS_A_TICK]
            requests = [dg.RunRequest(run_key=f"{s}:{_state(opened, s)}", partition_key=s,
                                      tags=_priority(accession_of(s) in urgent))
                        for s in dict.fromkeys([*first, *found])]  # fmt: skip
        cursor = found[-1] if len(found) == SHARDS_A_TICK else ""
        return dg.SensorResult(run_requests=requests, cursor=cursor)

    return due_shards


def _urgent(holding: Holding) -> set[str]:
    """Sealed or waiting accessions that pass the backlog: asked for at each tick, and first in the queue."""
    return {a.number for a in holding.catalogue.accessions() if a.urgent and a.state != "refused"}


def _priority(urgent: bool) -> dict[str, str]:
    return {"dagster/priority": "10"} if urgent else {}


def _after(holding: Holding, last: str) -> list[str]:
    """The next shards of sealed accessions, by number."""
    sealed = {a.number for a in holding.catalogue.accessions() if a.state == "sealed"}
    numbers = [s.number for s in holding.catalogue.shards() if s.accession in sealed and s.number > last]
    return [str(n) for n in numbers[:SHARDS_A_TICK]]


def _state(holding: Holding, shard: str) -> str:
    """A digest of all that decides whether a shard is due."""
    accession = holding.catalogue.accession(shard[:6])
    stages = [s.digest for s in bound(holding.settings).values()]
    retries = [
        f"{n}:{p.start}:{p.retry}"
        for n in bound(holding.settings)
        for p in holding.catalogue.slices(n, shard)
        if p.retry
    ]
    origin = holding.catalogue.shard(shard).origin
    above = [] if origin is None else [p.key for p in holding.catalogue.parts(origin, "contents")]
    state = [
        accession.root or "",
        *above,
        *accession.marks,
        *holding.catalogue.changes_of_holds(shard),
        canonical(accession_times(accession)).decode(),
        holding.hints_digest(accession.number, ("passwords", "starter_models")),
        mapping_digest(),
        *stages,
        *retries,
    ]
    return hashlib.sha256("\n".join(state).encode()).hexdigest()[:32]


def nightly(job: Job, hour: int = 2) -> dg.ScheduleDefinition:
    """Runs a job in the night."""
    return dg.ScheduleDefinition(job=job, cron_schedule=f"0 {hour} * * *", execution_timezone="UTC")
