"""The Dagster code location, where all meets.

Here: stages, assets, jobs, sensors and resources put together; `build_defs` lets tests put together the very same.
Not here: any of these.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg

from assets import audit, automation, fixity, intake, processing
from iimm_pipelines.settings import Settings, load_settings
from iimm_pipelines.stages.graph import bound
from resources.holding import HoldingResource


def build_defs(settings: Settings, resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The code location of one holding; `resources` replaces some of its own."""
    stages = bound(settings)
    job = automation.processing_job(list(stages))
    return dg.Definitions(
        assets=[intake.inventory, *processing.stage_assets(stages), audit.custody_audit],
        jobs=[automation.intake, job, automation.reindex, automation.audit, fixity.fixity],
        sensors=[automation.registered_accessions, automation.due_shards_sensor(job)],
        schedules=[automation.nightly(automation.audit), automation.nightly(fixity.fixity, hour=22)],
        resources={"holding": HoldingResource(data=str(settings.data)), **(resources or {})},
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The holding that IIMM_DATA names."""
    return build_defs(load_settings())
