"""Processing: the assets over shards, from contents to the index.

Here: which stage is which asset, in which group, fed by which.
Not here: the stages (iimm_pipelines.stages), what all assets have in common (factory).
"""

from collections.abc import Mapping

import dagster as dg

from assets.factory import OWNERS, check_specs, column_schema, leased, result, stage_asset
from assets.partitions import shards
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.run import PromiseBroken, run_stage
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.search.delivery import IndexDisagrees, deliver
from resources.holding import HoldingResource

_GROUPS = {
    "contents": ("reading", {"parquet"}, "What each object is, and what one parse of it yields: metadata, members, text."),
    "languages": ("language", {"parquet", "fasttext"}, "Each segment in normal form, with language, script and encoding."),
}


def stage_assets(stages: Mapping[str, Stage]) -> list[dg.AssetsDefinition]:
    """The assets of all stages over shards, in order."""
    made = []
    for name, (group, kinds, description) in _GROUPS.items():
        stage = stages[name]
        deps = stage.reads or ("inventory",)
        made.append(stage_asset(stage, group=group, description=description, kinds=kinds, deps=deps))
    return [*made, _search_index(stages["search_index"])]


def _search_index(stage: Stage) -> dg.AssetsDefinition:
    @dg.asset(
        name=stage.name, partitions_def=shards, deps=list(stage.reads), group_name="search", owners=OWNERS,
        kinds={"opensearch"}, code_version=stage.digest, check_specs=check_specs(stage.name),
        metadata={"dagster/column_schema": column_schema(stage.tables)},
        description="Items and segments in OpenSearch, in the indices of their access marks. Nothing is there that no "
        "attestation names.",
    )  # fmt: skip
    def search_index(context: dg.AssetExecutionContext, holding: HoldingResource) -> dg.MaterializeResult:  # type: ignore[type-arg]
        shard = Shard(context.partition_key)
        with holding.opened() as opened, leased(opened, shard):
            try:
                report = run_stage(opened, stage, shard, invocation=context.run_id)
                opened.record.drain()
                sent = deliver(opened, stage, shard)
            except (PromiseBroken, IndexDisagrees) as broken:
                raise dg.Failure(description=str(broken), allow_retries=False) from None
            return result(opened, report, {"documents": sent.standing, "documents sent": sent.sent})

    return search_index
