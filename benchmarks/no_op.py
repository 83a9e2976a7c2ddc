"""Work that is none: what a worker of benchmarks.engine imports.

Here: the stage that finds nothing new, and the same for bare pebble.
Not here: anything else, since each worker would pay for importing it.
"""

from __future__ import annotations

from iimm_pipelines.engine.outcome import Outcome, produced
from iimm_pipelines.engine.stage import Stage, Task


def no_op(tool: object, task: Task) -> Outcome:
    """Find what is always there."""
    return produced({})


def nothing(number: int) -> int:
    """What bare pebble does for one item."""
    return number


STAGE = Stage("no_op", 1, (), no_op, slice_items=5_000)
