"""The factory of assets: one for each stage, all alike.

Here: how a stage becomes an asset with its checks and what a materialization shows.
Not here: what a stage does (iimm_pipelines.stages), how it is run (iimm_pipelines.engine).

An event in Dagster's log stands for a stage over a shard, never for an item: some 60 events a second are the most that
the log takes. Truth about items is in the parts. A broken promise fails the step and is never retried: trying again
would hide it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from assets.partitions import shards
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.run import PromiseBroken, StageReport
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.schema import OUTCOME, Table
from iimm_pipelines.stages.graph import run
from iimm_pipelines.storage.catalogue import Busy
from iimm_pipelines.storage.ciphertext import VaultUnavailable
from resources.holding import HoldingResource

OWNERS = ["team:data-engineering"]
EVERY_ITEM = "one_outcome_for_each_item"
NO_BUG = "no_failure_by_a_bug"


def stage_asset(stage: Stage, *, group: str, description: str, kinds: set[str], deps: Sequence[str],
                pool: str | None = None) -> dg.AssetsDefinition:  # fmt: skip
    """The asset of a stage over shards."""

    @dg.asset(
        name=stage.name, partitions_def=shards, deps=list(deps), group_name=group, description=description,
        kinds=kinds, owners=OWNERS, code_version=stage.digest, pool=pool, check_specs=check_specs(stage.name),
        metadata={"dagster/column_schema": column_schema(stage.tables)},
    )  # fmt: skip
    def stage_over_shard(context: dg.AssetExecutionContext, holding: HoldingResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        shard = Shard(context.partition_key)
        with holding.opened() as opened, leased(opened, shard):
            try:
                report = run(opened, stage, shard, invocation=context.run.run_id)
            except (PromiseBroken, VaultUnavailable) as broken:
                raise dg.Failure(description=str(broken), allow_retries=False) from None
            opened.record.drain()
            return result(opened, report)

    return stage_over_shard


def check_specs(asset: str) -> list[dg.AssetCheckSpec]:
    """The checks that every stage carries."""
    return [
        dg.AssetCheckSpec(EVERY_ITEM, asset=asset, description="outcomes out = items in, none lost, none named twice"),
        dg.AssetCheckSpec(NO_BUG, asset=asset, description="no item failed for a reason that nobody foresaw"),
    ]


_WAIT_SECONDS = 60.0
"""A change of marks has its documents moved by whoever serves the page, which takes a shard for seconds."""


def leased(holding: Holding, name: str) -> Any:
    """The lease of a shard or accession, as a failure that Dagster's users understand where it is taken."""
    try:
        lease = holding.catalogue.lease(name, _WAIT_SECONDS)
        lease.__enter__()
    except Busy as busy:
        raise dg.Failure(description=str(busy), allow_retries=False) from None
    return _Entered(lease)


class _Entered:
    def __init__(self, lease: Any) -> None:
        self._lease = lease

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: Any) -> None:
        self._lease.__exit__(*error)


def result(holding: Holding, report: StageReport, more: Mapping[str, Any] | None = None) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """What a materialization shows: outcomes by kind, how much was done anew, speed, bytes."""
    parts = holding.catalogue.parts(report.shard, report.stage)
    bugs = sum(_bugs(holding, report.stage, report.shard, p.start, p.end) for p in parts if p.counts.get("failed"))
    outcomes = sum(p.leaves for p in parts)
    items = report.items
    version = hashlib.sha256("\n".join(p.root for p in parts).encode()).hexdigest()
    speed = report.computed / report.seconds if report.seconds and report.computed else 0.0
    metadata = {
        "items": items, "computed": report.computed, "carried over": report.carried, "standing": report.standing,
        **{f"outcomes: {k}": n for k, n in sorted(report.kinds.items())},
        "items per second": round(speed, 1), "seconds": round(report.seconds, 2), "bytes of parts": report.bytes,
        "dagster/row_count": outcomes, "parts": len(parts), **(more or {}),
    }  # fmt: skip
    return dg.MaterializeResult(
        metadata=metadata,
        data_version=dg.DataVersion(version),
        check_results=[
            dg.AssetCheckResult(check_name=EVERY_ITEM, passed=outcomes == items, metadata={"outcomes": outcomes, "items": items}),
            dg.AssetCheckResult(check_name=NO_BUG, passed=bugs == 0, severity=dg.AssetCheckSeverity.WARN, metadata={"bugs": bugs}),
        ],
    )  # fmt: skip


def _bugs(holding: Holding, stage: str, shard: Shard, start: int, end: int) -> int:
    tables = holding.parts.columns(stage, shard, ["place", "reason"], range(start, end))
    return sum(table["reason"].to_pylist().count("bug") for table in tables)


def column_schema(tables: Sequence[Table]) -> dg.TableSchema:
    """The columns of a stage's parts, with their meaning, for the catalogue in the UI."""
    columns = [dg.TableColumn(c.name, str(c.type), c.meaning) for c in OUTCOME]
    for table in tables:
        columns += [dg.TableColumn(f"{table.name}.{c.name}", str(c.type), f"{c.meaning} ({c.unit})" if c.unit else c.meaning)
                    for c in table.columns]  # fmt: skip
    return dg.TableSchema(columns=columns)
