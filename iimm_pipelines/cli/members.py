"""`iimm members`: what containers hold, how much of it was read, and what was not.

Here: the command and its tables.
Not here: counting (iimm_pipelines.accessions.members).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from iimm_pipelines.accessions.numbers import Number, parse_number, place_of, shard_of
from iimm_pipelines.cli.terminal import AsJson, Data, opened, print_json, print_table, shards_of, shown_name
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding


def members(number: Annotated[str, typer.Argument(help="an accession (A00012), or a container in it (A00012-0003-01234)")],
            data: Data = None,
            lacking: Annotated[bool, typer.Option("--lacking", help="only what was not read whole")] = False,
            names: Annotated[bool, typer.Option("--names", help="show file names, which may name persons")] = False,
            as_json: AsJson = False) -> None:  # fmt: skip
    """Of an accession: each container, what it states and what was read. Of a container: each member, read or not."""
    with opened(data) as holding:
        if "-" in number:
            _members(holding, parse_number(number), lacking=lacking, names=names, as_json=as_json)
        else:
            _containers(holding, number, lacking=lacking, as_json=as_json)


def _containers(holding: Holding, accession: str, *, lacking: bool, as_json: bool) -> None:
    from iimm_pipelines.accessions.members import containers

    found = [c for c in containers(holding, shards_of(holding, accession)) if not (lacking and c.whole)]
    if as_json:
        print_json([{**asdict(c), "whole": c.whole} for c in found])
        return
    numbers = ["stated", "read"]
    print_table(f"Containers of {accession}", ["item", "type", *numbers, "without bytes", "ended", "whole"],
                [[c.item, c.media_type, "not stated" if c.stated is None else c.stated, c.read,
                  ", ".join(f"{n} {reason}" for reason, n in sorted(c.without_bytes.items())),
                  c.problem or "", "yes" if c.whole else "no"]
                 for c in found], numbers=numbers)  # fmt: skip


def _members(holding: Holding, item: Number, *, lacking: bool, names: bool, as_json: bool) -> None:
    from iimm_pipelines.accessions.members import members_of, said_by

    if not holding.catalogue.has_place(shard_of(item), place_of(item)):
        raise ItemUnknown(f"there is no item {item}")
    found = [m for m in members_of(holding, item) if not (lacking and m.item is not None)]
    said = said_by(holding, item) if names else ()
    if as_json:
        rows = [{"item": m.item, "relation": m.relation, "size": m.size, "problem": m.problem,
                 **({"path": m.path, "name": shown_name(m.path, m.name), "said": dict(m.said)} if names else {})}
                for m in found]  # fmt: skip
        print_json({"says": [[n, v] for n, v in said], "members": rows} if names else rows)
        return
    print_table(f"Members of {item}", ["item", "relation", "size", "not read", *(["name", "container says"] if names else [])],
                [[m.item or "no number", m.relation, m.size, m.problem or "",
                  *([shown_name(m.path, m.name), "; ".join(f"{n}: {v}" for n, v in m.said)] if names else [])]
                 for m in found], numbers=["size"])  # fmt: skip
    if names:
        print_table(f"What {item} says of itself", ["fact", "value"], [[n, v] for n, v in said])
