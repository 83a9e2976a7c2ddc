"""Which stages there are, in the order in which they run.

Here: the list, and how settings and models are bound to it.
Not here: the stages themselves; Dagster's view of them (assets/).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.run import StageReport, run_stage
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import ModelDamaged, ModelMissing, ModelStore
from iimm_pipelines.search import documents
from iimm_pipelines.settings import Settings
from iimm_pipelines.stages import (
    contents,
    entities,
    fingerprints,
    given,
    languages,
    malware,
    near_pairs,
    people,
    recognised_text,
    transcripts,
    translations,
)

STAGES: tuple[Stage, ...] = (
    contents.STAGE,
    malware.STAGE,
    recognised_text.STAGE,
    transcripts.STAGE,
    given.STAGE,
    languages.STAGE,
    translations.STAGE,
    entities.STAGE,
    fingerprints.STAGE,
    near_pairs.STAGE,
    documents.STAGE,
)
"""Stages over shards; `inventory` comes before them, over accessions."""


def run(holding: Holding, stage: Stage, shard: Shard, *, invocation: str = "") -> StageReport:
    """Bring any of the stages up to date for a shard; the caller holds the shard's lease.

    Raises:
        PromiseBroken: outcomes out are not items in.
    """
    if stage.name == near_pairs.STAGE.name:
        return near_pairs.run_near_pairs(holding, stage, shard, invocation)
    return run_stage(holding, stage, shard, invocation=invocation)


def bound(settings: Settings) -> dict[str, Stage]:
    """The stages with this installation's parameters and models, in order."""
    unknown = (settings.stages.keys() | settings.limits.keys()) - {s.name for s in STAGES}
    if unknown:
        raise KeyError(f"iimm.toml names stages that do not exist: {sorted(unknown)}")
    digests = _digests(settings.cache / "models")
    stages = {s.name: s.with_parameters(settings.stages.get(s.name, {})).with_models(digests) for s in STAGES}
    for name, limits in settings.limits.items():
        stages[name] = replace(
            stages[name], limits=replace(stages[name].limits, **limits.model_dump(exclude_none=True))
        )
    people.known_forms(stages[entities.STAGE.name].ingredients["people"].parameters)  # or it raises
    return stages | {malware.STAGE.name: malware.asking(stages[malware.STAGE.name], settings.clamd)}


@lru_cache(maxsize=4)
def _digests(folder: Path) -> Mapping[str, str]:
    """Digests of the models that can be loaded now."""
    store = ModelStore(folder)
    found = {}
    for name in {m for s in STAGES for i in s.ingredients.values() for m in i.models}:
        try:
            found[name] = store.get(ModelName(name)).digest
        except (ModelMissing, ModelDamaged):
            continue
    return found
