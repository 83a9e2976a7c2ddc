"""The process that workers are forked from: started early, it imports what they need while the program imports its own.

Here: starting it, and what it imports.
Not here: workers (engine/workers).

This module imports nothing that takes time, so that a program can call it first: what both import then goes on side by
side, which is half a second on two cores. Libraries that keep threads or ask the network when they are imported are not
for here: a fork would lose the one, and the filter comes too late for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from multiprocessing import forkserver

_WORKERS = "iimm_pipelines.engine.workers"
READERS = (
    "iimm_pipelines.stages.contents", "iimm_pipelines.formats.read", "openpyxl", "av", "warcio.archiveiterator",
    "pypdfium2", "chardet", "exifread", "libarchive",
)  # fmt: skip
"""What workers of `contents` import with their first files: 0.4 s of processor, which each would need alone."""


def begin(more: Sequence[str] = ()) -> None:
    """Start the server unless it runs; `more`: what it imports besides that which every worker needs."""
    forkserver.set_forkserver_preload([_WORKERS, *more])
    forkserver.ensure_running()
