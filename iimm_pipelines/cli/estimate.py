"""`iimm estimate`: what waits, and how long it will take.

Here: the command and its table.
Not here: the estimate (iimm_pipelines.accessions.estimate).
"""

from __future__ import annotations

from dataclasses import asdict

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table


def estimate(data: Data = None, as_json: AsJson = False) -> None:
    """What waits in each stage, and its processor days at the speeds measured in this holding."""
    from iimm_pipelines.accessions.estimate import estimates
    from iimm_pipelines.stages.graph import STAGES

    with opened(data) as holding:
        found = estimates(holding, [s.name for s in STAGES])
        workers = holding.settings.workers
    if as_json:
        print_json([{**asdict(e), "processor_days": e.processor_days} for e in found])
        return
    print_table("Estimate", ["stage", "unit", "done", "waiting", "of it assumed", "seconds each", "processor days"],
                [[e.stage, e.unit, f"{e.done:,.2f}", f"{e.waiting:,.2f}", f"{e.assumed:,.2f}",
                  "not measured" if e.seconds_each is None else f"{e.seconds_each:,.3f}",
                  "not measured" if e.processor_days is None else f"{e.processor_days:,.2f}"] for e in found],
                numbers=["done", "waiting", "of it assumed", "seconds each", "processor days"])  # fmt: skip
    days = [e.processor_days for e in found]
    if None in days:
        console.print("Some stages have computed nothing yet: run a part of the material, and they are measured.")
    console.print(f"At {workers} workers: {sum(d or 0 for d in days) / workers:,.2f} days of this machine. No stage uses a GPU: "
                  "0 GPU days.")  # fmt: skip
