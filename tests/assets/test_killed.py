"""A run that was killed holds up no other."""

import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg

from assets.killed import end_killed_runs, process_tag

REPOSITORY = Path(__file__).resolve().parents[2]
KILLED = """
import os, signal, sys
import dagster as dg
from assets.killed import process_tag

@dg.asset(pool="one")
def dies():
    os.kill(os.getpid(), signal.SIGKILL)

with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    dg.materialize([dies], instance=instance, tags=process_tag())
"""


def killed_run(home: Path) -> dg.DagsterInstance:
    shutil.copyfile(REPOSITORY / "dagster.yaml", home / "dagster.yaml")
    ended = subprocess.run([sys.executable, "-c", KILLED, home], check=False, capture_output=True, cwd=REPOSITORY)
    assert ended.returncode == -9, ended.stderr[-1000:]
    return dg.DagsterInstance.from_config(str(home))


def test_a_killed_run_fails_and_gives_its_place_in_a_pool_back(tmp_path: Path) -> None:
    with killed_run(tmp_path) as instance:
        assert instance.event_log_storage.get_concurrency_info("one").claimed_slots
        assert end_killed_runs(instance) == 1
        assert [r.status for r in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]
        info = instance.event_log_storage.get_concurrency_info("one")
        assert (info.claimed_slots, info.pending_steps) == ([], [])


def test_a_run_whose_process_lives_is_left_alone(tmp_path: Path) -> None:
    seen = []

    @dg.asset(pool="one")
    def looks(context: dg.AssetExecutionContext) -> None:
        seen.append(end_killed_runs(context.instance))

    shutil.copyfile(REPOSITORY / "dagster.yaml", tmp_path / "dagster.yaml")
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        assert dg.materialize([looks], instance=instance, tags=process_tag()).success
    assert seen == [0]
