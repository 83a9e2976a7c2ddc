"""The process that workers are forked from: started early, it imports what they need while others think.

Here: starting it, and what it imports.
Not here: workers (engine/workers).

It imports nothing itself that takes time, so that a program can call it before its own imports: those and the server's
then go on side by side, which is half a second on two cores. Readers of formats are among what it imports, since
nearly every run begins with `contents`, and each of its workers would import them alone. Libraries that start threads
or ask the network when they are imported are not: a fork would lose the one, and the filter comes later than the other.
"""

from __future__ import annotations

from multiprocessing import forkserver

_IMPORTS = ["iimm_pipelines.engine.workers", "iimm_pipelines.stages.contents", "iimm_pipelines.formats.read"]


def begin() -> None:
    """Start the server unless it runs."""
    forkserver.set_forkserver_preload(_IMPORTS)
    forkserver.ensure_running()
