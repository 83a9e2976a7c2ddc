"""`iimm run`: everything that is due, through Dagster.

Here: which jobs are due and in which order, the bar, and what is said at the end.
Not here: the jobs (assets/), the bar's figures (read from the catalogue, so that another terminal sees the same).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from iimm_pipelines.accessions.legal_locks import lock_what_is_held
from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json
from iimm_pipelines.engine import fork_server
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import SettingsInvalid


def run(data: Data = None, accession: Annotated[str | None, typer.Option(help="only this accession")] = None,
        as_json: AsJson = False) -> None:  # fmt: skip
    """Take in and process all that is due; what stands is not done again."""
    fork_server.begin(fork_server.READERS)
    with opened(data) as holding:
        if accession is not None:
            holding.catalogue.accession(accession)  # refuses what does not exist before anything is started
        _work(holding, accession, as_json=as_json)


def _work(holding: Holding, accession: str | None, *, as_json: bool) -> None:
    with _search_node(holding):
        before = holding.catalogue.last_attestation()
        failed = _run_all(holding, accession, quiet=as_json)
        failed += _what_people_decided(holding)
        lock_what_is_held(holding)  # also what came out of containers since a legal hold was placed
        computed, carried = holding.catalogue.outcomes_since(before)
        items = sum(s.items for s in holding.catalogue.shards())
    done = {"outcomes computed": computed, "outcomes carried over": carried, "items": items}
    if as_json:
        print_json({**done, "failed runs": failed})
    elif not computed and not carried and not failed:
        console.print(f"Nothing was computed: all outcomes of {items} items stand.")
    else:
        console.print(", ".join(f"{v} {k}" for k, v in done.items()))
        for run in failed:
            console.print(f"failed: {run}", style="red")
    if failed:
        raise typer.Exit(1)


def _run_all(holding: Holding, only: str | None, *, quiet: bool) -> list[str]:
    """Run the due jobs; returns those that failed, as job and partition."""
    import dagster as dg

    from assets.killed import end_killed_runs, process_tag
    from assets.partitions import add_partitions
    from iimm_pipelines.definitions import build_defs
    from iimm_pipelines.engine.run import pending
    from iimm_pipelines.search.delivery import settle_aliases, stands
    from iimm_pipelines.stages.graph import bound
    from iimm_pipelines.stages.inventory import waiting

    try:
        definitions = build_defs(holding.settings)
        stages = bound(holding.settings)
    except KeyError as unknown:
        raise SettingsInvalid(str(unknown.args[0])) from None
    failed = []
    with dg.DagsterInstance.from_config(str(dagster_home(holding))) as instance, _bar(holding, quiet):

        def execute(job: str, partition: str) -> None:
            config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
            result = definitions.resolve_job_def(job).execute_in_process(
                instance=instance, partition_key=partition, raise_on_error=False, run_config=config, tags=process_tag()
            )
            if not result.success:
                failed.append(f"{job} {partition}: {_why(result)}")

        end_killed_runs(instance)  # whose places in pools would be waited for without end
        holding.record.drain()  # what a run that died had committed and not logged
        settle_aliases(holding)  # and what it had delivered
        add_partitions(instance, holding)
        urgent = {a.number for a in holding.catalogue.accessions() if a.urgent}
        for number in sorted(waiting(holding), key=lambda n: (n not in urgent, n)):
            if only in (None, number):
                execute("intake", number)
        sealed = {a.number for a in holding.catalogue.accessions() if a.state == "sealed" and only in (None, a.number)}
        done: set[str] = set()
        while waits := [s for s in holding.catalogue.shards() if s.accession in sealed and s.number not in done]:
            add_partitions(instance, holding)  # also for shards that the last round spilled into
            for shard in sorted(waits, key=lambda s: (s.accession not in urgent, s.number)):
                done.add(shard.number)
                due = any(pending(holding, s, shard.number) for s in stages.values())
                if due or not stands(holding, shard.number):
                    execute("processing", shard.number)
    return failed


def _what_people_decided(holding: Holding) -> list[str]:
    """Decisions into the index, and watch-lists over what is new; gives what failed."""
    from iimm_pipelines.search.delivery import IndexDisagrees, IndexUnavailable
    from iimm_pipelines.search.node import NodeError
    from iimm_pipelines.storage.catalogue import Busy
    from iimm_pipelines.work.follow import follow

    try:
        follow(holding, wait_seconds=60)
    except (Busy, IndexDisagrees, IndexUnavailable, NodeError) as wrong:
        return [f"what people decided: {wrong}"]
    return []


def dagster_home(holding: Holding) -> Path:
    """Dagster's folder of a holding, with the instance's settings in it."""
    home = holding.settings.data / "dagster"
    home.mkdir(exist_ok=True, mode=0o700)
    settings = Path(__file__).resolve().parents[2] / "dagster.yaml"
    target = home / "dagster.yaml"
    if not target.exists() or target.read_bytes() != settings.read_bytes():
        shutil.copyfile(settings, target)
    import os

    os.environ["DAGSTER_HOME"] = str(home)
    return home


def _why(result: Any) -> str:
    """What the failing steps said; never more than their own message."""
    for event in result.all_events:
        if event.is_step_failure:
            data = event.step_failure_data
            said = data.user_failure_data.description if data.user_failure_data else None
            error = data.error.cause or data.error if data.error else None
            return said or (f"{error.cls_name} in {event.step_key}" if error else str(event.step_key))
    return "failed"


@contextmanager
def _search_node(holding: Holding) -> Iterator[None]:
    """The search node, started for this run where it does not run, and then ended with it."""
    from iimm_pipelines.cli.server import ensure_node

    started = ensure_node(holding)
    try:
        yield
    finally:
        if started:
            holding.node.stop()


@contextmanager
def _bar(holding: Holding, quiet: bool) -> Iterator[None]:
    """A bar that reads the catalogue while jobs run."""
    from iimm_pipelines.stages.graph import STAGES

    if quiet or not console.is_terminal:
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("outcomes"),
               TextColumn("{task.fields[size]}"), TimeRemainingColumn())  # fmt: skip
    done = threading.Event()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("processing", total=None, size="")

        def follow() -> None:
            while not done.wait(0.5):
                shards = holding.catalogue.shards()
                parts = holding.catalogue.parts()
                total = sum(s.items for s in shards) * len(STAGES) + sum(s.received for s in shards)
                size = sum(p.bytes for p in parts)
                progress.update(task, total=total, completed=sum(p.leaves for p in parts), size=f"{size / 1e6:.1f} MB")

        follower = threading.Thread(target=follow, daemon=True)
        follower.start()
        try:
            yield
        finally:
            done.set()
            follower.join()
