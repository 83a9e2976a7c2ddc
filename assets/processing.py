"""Processing: the assets over shards, from contents to the index.

Here: which stage is which asset, in which group, fed by which.
Not here: the stages (iimm_pipelines.stages), what all assets have in common (factory).
"""

from collections.abc import Mapping

import dagster as dg

from assets.factory import OWNERS, check_specs, column_schema, leased, result, stage_asset
from assets.partitions import shards
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.run import PromiseBroken
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.search.delivery import IndexDisagrees, IndexUnavailable, deliver
from iimm_pipelines.stages.graph import run
from resources.holding import HoldingResource

_GROUPS = {
    "contents": (
        "reading",
        {"parquet"},
        "What each object is, and what one parse of it yields: metadata, members, text.",
    ),
    "malware": (
        "reading",
        {"parquet", "clamav"},
        "What ClamAV finds in each object; nothing where it does not run.",
    ),
    "recognised_text": (
        "reading",
        {"parquet", "tesseract"},
        "Text read from images, scans and films, by line, with its place.",
    ),
    "transcripts": (
        "reading",
        {"parquet", "whisper"},
        "Speech as timed segments, with words and how sure the model is.",
    ),
    "given": (
        "reading",
        {"parquet"},
        "Texts that a load file says in full: extracted text, translations, transcripts.",
    ),
    "languages": (
        "language",
        {"parquet", "fasttext"},
        "Each segment in normal form, with language, script and encoding.",
    ),
    "translations": (
        "language",
        {"parquet", "ctranslate2"},
        "English of each segment that needs it, made by a machine.",
    ),
    "entities": (
        "language",
        {"parquet", "spacy"},
        "Addresses, telephone numbers, dates, places, persons, organisations.",
    ),
    "fingerprints": ("duplicates", {"parquet"}, "Perceptual hashes of pictures."),
    "near_pairs": ("duplicates", {"parquet"}, "Near-duplicates among all fingerprints committed so far."),
}
_POOLS = {"transcripts": "speech", "near_pairs": "near_pairs"}
"""Pools of one: speech takes hours and every core, near pairs must see what the shard before them committed."""


def stage_assets(stages: Mapping[str, Stage]) -> list[dg.AssetsDefinition]:
    """The assets of all stages over shards, in order."""
    made = []
    for name, (group, kinds, description) in _GROUPS.items():
        stage = stages[name]
        deps = stage.reads or ("inventory",)
        if deps == ("inventory",) and not stage.makes_items:  # which knows of no members: contents brings them forth
            deps = ("contents", *deps)
        made.append(
            stage_asset(stage, group=group, description=description, kinds=kinds, deps=deps, pool=_POOLS.get(name))
        )
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
                report = run(opened, stage, shard, invocation=context.run.run_id)
                opened.record.drain()
                sent = deliver(opened, stage, shard)
            except (PromiseBroken, IndexDisagrees, IndexUnavailable) as broken:
                raise dg.Failure(description=str(broken), allow_retries=False) from None
            return result(opened, report, {"documents": sent.standing, "documents sent": sent.sent})

    return search_index
