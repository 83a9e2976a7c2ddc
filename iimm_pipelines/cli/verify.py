"""`iimm verify`: whether everything is as it was signed.

Here: the command, and keeping a checkpoint elsewhere.
Not here: the checks (iimm_pipelines.custody.verify).
"""

from __future__ import annotations

import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, opened, print_json, print_table


def verify(data: Data = None,
           checkpoint: Annotated[Path | None, typer.Option(help="checkpoint that was kept elsewhere: shows a rollback")] = None,
           keep: Annotated[Path | None, typer.Option(help="write the present checkpoint here, outside the data folder")] = None,
           objects: Annotated[bool, typer.Option(help="read every object of the vault")] = True,
           as_json: AsJson = False) -> None:  # fmt: skip
    """Hold log, attestations, parts, events, listings, vault and log of access against each other; name every fault."""
    from iimm_pipelines.custody.verify import verify as check

    with opened(data) as holding:
        verdict = check(holding, checkpoint=checkpoint, objects=objects)
        if keep is not None and verdict.valid:
            shutil.copyfile(holding.proof.log.folder / "checkpoint", keep)
    if as_json:
        print_json({"valid": verdict.valid, "size": verdict.size, "root": verdict.root, "checked": verdict.checked,
                    "faults": [asdict(f) for f in verdict.faults]})  # fmt: skip
    else:
        print_table("Checked", ["what", "how many"], [[k, n] for k, n in verdict.checked.items()], numbers=["how many"])
        if verdict.faults:
            print_table("Faults", ["kind", "where", "what"], [[f.kind, f.where, f.what] for f in verdict.faults])
        say = "Valid" if verdict.valid else f"NOT VALID: {len(verdict.faults)} faults"
        console.print(f"{say}. Log of {verdict.size} entries, root {verdict.root[:16]}…")
    if not verdict.valid:
        raise typer.Exit(1)
