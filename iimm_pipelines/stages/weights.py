"""Where a stage's models lie.

Here: a model's folder, or the outcome that says it is missing.
Not here: the store (model_store/).
"""

from __future__ import annotations

from pathlib import Path

from iimm_pipelines.engine.outcome import Problem, Reason
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import Model, ModelDamaged, ModelMissing, ModelStore


def model(models: Path, name: str) -> Model:
    """A model of the store that can be loaded now.

    Raises:
        Problem: `no model`.
    """
    try:
        return ModelStore(models).get(ModelName(name))
    except (ModelMissing, ModelDamaged):
        raise Problem(Reason.NO_MODEL) from None
