"""`iimm vault`: its copy.

Here: the command.
Not here: how objects are copied and checked (iimm_pipelines.recovery.vault_copy).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, counted, opened, print_json
from iimm_pipelines.holding import in_s3

app = typer.Typer(no_args_is_help=True, help="The vault.")


@app.callback()
def _group() -> None:
    """The vault: the bytes of all objects, encrypted."""


def as_typed(where: str | None) -> str | None:
    """A place as it was typed: a folder is meant as seen from where the person stands, not from the data folder."""
    return where if where is None or in_s3(where) else str(Path(where).expanduser().resolve())


@app.command()
def copy(destination: Annotated[str | None, typer.Argument(help="folder of the second vault, or s3://bucket/prefix [vault_copy]")] = None,
         data: Data = None,
         again: Annotated[bool, typer.Option("--check", help="read what is there as well, and replace what is damaged")] = False,
         as_json: AsJson = False) -> None:  # fmt: skip
    """Bring every object into a second vault, checked on arrival; goes on where it was cut short."""
    from iimm_pipelines.recovery import RecoveryRefused
    from iimm_pipelines.recovery.vault_copy import copy_to

    with opened(data) as holding:
        where = as_typed(destination) or holding.settings.vault_copy
        if where is None:
            raise RecoveryRefused("say where to: `iimm vault copy FOLDER`, or vault_copy in iimm.toml")
        with counted("copying", "objects", quiet=as_json) as progress:
            done = copy_to(holding, where, again=again, progress=progress)
    if as_json:
        print_json(asdict(done))
    else:
        console.print(f"{done.copied} objects copied ({done.bytes} bytes), {done.there} were there")
        for fault in done.faults:
            console.print(fault)
    if done.faults:
        raise typer.Exit(1)
