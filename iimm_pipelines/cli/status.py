"""`iimm status`: how far the holding is.

Here: the tables of outcomes by stage and of what became of received files.
Not here: counting (iimm_pipelines.accessions.accounts).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table, shards_of


def status(data: Data = None, accession: Annotated[str | None, typer.Option(help="only this accession")] = None,
           as_json: AsJson = False) -> None:  # fmt: skip
    """What came of received files and items, and of each stage. A stage that has not run says so, never zero."""
    from iimm_pipelines.accessions.accounts import account, by_stage
    from iimm_pipelines.stages.graph import STAGES

    names = [s.name for s in STAGES]
    with opened(data) as holding:
        shards = shards_of(holding, accession)
        received, items = account(holding, names, shards)
        stages = by_stage(holding, ["inventory", *names], shards)
        waiting = len(holding.catalogue.outbox())
    if as_json:
        print_json({"received": asdict(received), "items": asdict(items), "stages": stages, "outbox": waiting})
        return
    fates = ["total", "processed", "empty", "excluded", "failed", "unfinished"]
    print_table("What went in", ["", *fates], [["received files", *asdict(received).values()],
                                               ["items", *asdict(items).values()]], numbers=fates)  # fmt: skip
    kinds = ["produced", "empty", "excluded", "failed"]
    print_table("What came out of each stage", ["stage", *kinds],
                [[n, *([None] * 4 if c is None else [c[k] for k in kinds])] for n, c in stages.items()],
                numbers=kinds)  # fmt: skip
    if waiting:
        typer.echo(f"{waiting} attestations wait for the log: `iimm run` brings them there")
