"""`iimm handwriting`: pages that people have to read.

Here: the command.
Not here: which pages they are (iimm_pipelines.accessions.handwriting).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table, shards_of


def handwriting(data: Data = None, accession: Annotated[str | None, typer.Option(help="only this accession")] = None,
                as_json: AsJson = False) -> None:  # fmt: skip
    """Pages with rows of pen strokes that the machine could not read: for people."""
    from iimm_pipelines.accessions.handwriting import handwritten_pages

    with opened(data) as holding:
        found = list(handwritten_pages(holding, shards_of(holding, accession)))
    if as_json:
        print_json([asdict(page) for page in found])
        return
    print_table("Handwriting", ["item", "page", "rows"],
                [[p.item, "" if p.page is None else p.page, len(p.rows)] for p in found], numbers=["rows"])  # fmt: skip
