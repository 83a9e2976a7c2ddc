"""Killed runs: what Dagster goes on believing of a run whose process was killed.

Here: how a run says which process does it, and the end of runs whose process is gone.
Not here: what their stages had done: parts that were committed stand (iimm_pipelines.engine).

A run that was killed stays started for ever and keeps its places in pools, so that the next run would wait for ever.
"""

import socket

import dagster as dg
import psutil

_PROCESS = "iimm/process"


def process_tag() -> dict[str, str]:
    """The tag of a run that this process does itself."""
    me = psutil.Process()
    return {_PROCESS: f"{socket.gethostname()}:{me.pid}:{me.create_time():.2f}"}


def end_killed_runs(instance: dg.DagsterInstance) -> int:
    """Let runs fail whose process is gone, and give back their places in pools; returns how many there were."""
    begun = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
    killed = [r for r in instance.get_runs(begun) if _PROCESS in r.tags and not _lives(r.tags[_PROCESS])]
    for run in killed:
        instance.report_run_failed(run, "its process was killed")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return len(killed)


def _lives(process: str) -> bool:
    """Whether a process lives; one of another machine does as far as we know."""
    host, pid, born = process.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        found = psutil.Process(int(pid))
        return found.status() != psutil.STATUS_ZOMBIE and bool(abs(found.create_time() - float(born)) < 1)
    except psutil.NoSuchProcess:
        return False
