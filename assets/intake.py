"""Intake: the inventory of an accession.

Here: the asset over accessions, and what its materialization shows.
Not here: how files are read and sealed (iimm_pipelines.stages.inventory).
"""

import dagster as dg

from assets.factory import OWNERS, column_schema, leased
from assets.partitions import accessions, add_partitions
from iimm_pipelines.accessions.delivery import DeliveryUnreachable
from iimm_pipelines.engine.run import PromiseBroken
from iimm_pipelines.schema import RECEIVED
from iimm_pipelines.stages.inventory import STAGE, take_in
from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked
from resources.holding import HoldingResource

EVERY_FILE = "one_outcome_for_each_received_file"


@dg.asset(
    name="inventory", partitions_def=accessions, group_name="intake", kinds={"parquet"}, owners=OWNERS,
    code_version=STAGE.digest, metadata={"dagster/column_schema": column_schema((RECEIVED,))},
    check_specs=[dg.AssetCheckSpec(EVERY_FILE, asset="inventory", description="every listed file has one outcome")],
    description="Every received file of an accession: read once, hashed, encrypted into the vault. At its end the "
    "accession is sealed by the root over all files, or refused as a repeated delivery.",
)  # fmt: skip
def inventory(context: dg.AssetExecutionContext, holding: HoldingResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Take in one accession."""
    number = context.partition_key
    with holding.opened() as opened, leased(opened, number):
        try:
            reports = take_in(opened, number, invocation=context.run.run_id)
        except (DeliveryUnreachable, PromiseBroken, VaultUnavailable, VaultUnlocked) as broken:
            raise dg.Failure(description=str(broken), allow_retries=False) from None
        opened.record.drain()
        row = opened.catalogue.accession(number)
        add_partitions(context.instance, opened)
        if row.state == "refused":
            raise dg.Failure(
                description=f"{number} repeats {row.same_as}: the same source handed over the same files. Nothing of it "
                "is processed.",
                allow_retries=False,
            )
        items = sum(r.items for r in reports)
        seconds = sum(r.seconds for r in reports)
        read = sum(r.bytes for r in reports)
        return dg.MaterializeResult(
            metadata={
                "received files": items, "computed": sum(r.computed for r in reports), "shards": len(reports),
                "standing": sum(r.standing for r in reports), "bytes": row.bytes,
                "bytes per second": round(read / seconds) if seconds else 0, "dagster/row_count": items,
                "corroborates": row.same_as or "nothing", "root": row.root or "",
            },
            data_version=dg.DataVersion(row.root or ""),
            check_results=[dg.AssetCheckResult(check_name=EVERY_FILE, passed=items == row.received)],
        )  # fmt: skip
