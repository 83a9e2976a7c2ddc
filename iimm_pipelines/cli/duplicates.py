"""`iimm duplicates`: near-duplicates, as a reader may know of them.

Here: the command.
Not here: fingerprints, pairs and clusters (iimm_pipelines.duplicates).
"""

from __future__ import annotations

from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table


def duplicates(reader: Annotated[str, typer.Option("--as", help="who asks: an account")],
               number: Annotated[str | None, typer.Argument(help="one item; without it, all clusters")] = None,
               data: Data = None, as_json: AsJson = False) -> None:  # fmt: skip
    """Pictures that are near each other: those of one item with their distance in bits, or all clusters."""
    from iimm_pipelines.accessions.numbers import parse_number
    from iimm_pipelines.duplicates.clusters import visible_clusters, visible_near
    from iimm_pipelines.search.access import reader as known

    with opened(data) as holding:
        who = known(holding, reader)
        if number is None:
            clusters = [sorted(c) for c in visible_clusters(holding, who)]
        else:
            near = visible_near(holding, parse_number(number), who)
    if number is None:
        if as_json:
            print_json(clusters)
        for cluster in () if as_json else clusters:
            console.print(", ".join(cluster))
    elif as_json:
        print_json([{"item": n.other, "distance": n.distance} for n in near])
    else:
        print_table(
            f"Near {number}", ["item", "bits apart"], [[n.other, n.distance] for n in near], numbers=["bits apart"]
        )
