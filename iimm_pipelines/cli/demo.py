"""`iimm demo`: the whole way once, on invented evidence.

Here: the steps in order, and the tables at the end.
Not here: anything that another command does not do as well.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.cli import lineage as lineage_command
from iimm_pipelines.cli.accession import add
from iimm_pipelines.cli.run import run
from iimm_pipelines.cli.server import ensure_node
from iimm_pipelines.cli.status import status
from iimm_pipelines.cli.terminal import console, opened, print_table
from iimm_pipelines.cli.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search.query import Result

_ACCOUNTS = {"analyst": ["restricted"], "lead": ["restricted", "compartment-witness"]}


def demo(folder: Path) -> None:
    """Make the sample below FOLDER, process it, search it, and prove it. Again: nothing is computed."""
    from iimm_pipelines.sample.make import make_sample

    data, sample = folder / "data", folder / "sample"
    _say("Sample: two invented accessions")
    made = make_sample(sample)
    console.print(f"{made.files} files below {sample}")
    _write_settings(data)
    with opened(data) as holding:
        known = {a.source for a in holding.catalogue.accessions()}
        for name in _ACCOUNTS.keys() - {a.name for a in holding.accounts.all()}:
            holding.accounts.add(name, Role.ANALYST, _ACCOUNTS[name], by="demo")
    _say("Accessions: registered once")
    for accession in made.accessions:
        facts = tomllib.loads(accession.settings.read_text(encoding="utf-8"))
        if facts["source"] in known:
            console.print(f"{accession.folder.name}: already registered")
        else:
            add(str(accession.folder), data=data, facts=accession.settings, passwords=accession.passwords, sample=True)
    _say("Search node")
    with opened(data) as holding:
        console.print("started" if ensure_node(holding) else "runs already")
    _say("Run: intake and processing through Dagster")
    run(data=data)
    _say("Results")
    status(data=data)
    with opened(data) as holding:
        wrong, shown = _searches(holding, made.searches)
        if shown is not None:
            from iimm_pipelines.accessions.numbers import parse_number
            from iimm_pipelines.custody.lineage import lineage

            lineage_command.show(shown, lineage(holding, parse_number(shown)))
    verify(data=data)
    console.print(f"\nDagster's UI: `IIMM_DATA={data} .venv/bin/iimm up --ui`, as an account of `iimm user add`")
    console.print(f"Search yourself: `IIMM_DATA={data} .venv/bin/iimm search --as analyst WORDS`")
    console.print(f"Stop the search node: `IIMM_DATA={data} .venv/bin/iimm down`")
    if wrong:
        console.print(
            f"{len(wrong)} searches did not find what they should first: {', '.join(wrong)}", style="bold red"
        )
        raise typer.Exit(1)


def _say(step: str) -> None:
    console.print(f"\n== {step}", style="bold")


def _write_settings(data: Path) -> None:
    from iimm_pipelines.search.node import reachable_place

    data.mkdir(parents=True, exist_ok=True)
    file = data / "iimm.toml"
    if file.exists():
        return
    index = reachable_place(data.resolve() / "search")  # invented text: it may lie where the server's account gets to
    lines = ['holding = "sample"', f"search_folder = {str(index)!r}"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _searches(holding: Holding, file: Path) -> tuple[list[str], str | None]:
    """Run the sample's searches; returns those with a wrong first hit, and an item to show the lineage of."""
    from iimm_pipelines.search.access import reader
    from iimm_pipelines.search.query import Shape, search

    numbers = _numbers(holding, file.parent)
    wrong, shown, rows = [], None, []
    for asked in tomllib.loads(file.read_text(encoding="utf-8"))["search"]:
        shape = Shape(starter=asked.get("starter", False))
        result = search(holding, reader(holding, asked["reader"]), asked["query"], shape=shape)
        expected = _expected(asked, numbers)
        right = _first(result) == expected and (expected is not None or result.total == 0)
        if not right:
            wrong.append(asked["id"])
        rows.append([asked["id"], asked["query"], asked["reader"], result.total, _first(result) or "nothing",
                     "right" if right else f"WRONG, not {expected}"])  # fmt: skip
        shown = shown or (expected if asked.get("members") else None)
    print_table("Searches", ["search", "typed", "as", "found", "first hit", ""], rows, numbers=["found"])
    return wrong, shown


def _first(result: Result) -> str | None:
    return result.hits[0].item if result.hits else None


def _expected(asked: Mapping[str, Any], numbers: Mapping[tuple[str, ...], str]) -> str | None:
    return numbers[asked["first_hit"], *asked.get("members", ())] if "first_hit" in asked else None


def _numbers(holding: Holding, sample: Path) -> dict[tuple[str, ...], str]:
    """Item numbers by path: the received file's below the sample's folder, then the names inside containers."""
    found: dict[tuple[str, ...], str] = {}
    for row in holding.catalogue.accessions():
        name = Path(row.folder.decode("utf-8", errors="surrogateescape")).name
        for shard in holding.catalogue.shards(row.number):
            ways: dict[str, tuple[str, ...]] = {}
            for item in read_items(holding.parts, shard.number):
                path = item.path.decode("utf-8", errors="surrogateescape")
                before = ways.get(item.parent, ()) if item.parent is not None else ()
                ways[item.number] = (*before, path) if before else (f"{name}/{path}",)
                found[ways[item.number]] = item.number
    return found
