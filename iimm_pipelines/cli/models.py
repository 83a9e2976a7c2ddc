"""`iimm models`: the model store.

Here: the commands.
Not here: the store (iimm_pipelines.model_store).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import AsJson, Data, console, print_json, print_table
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import ModelStore
from iimm_pipelines.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Models on this machine.")


def _store(data: Path | None) -> ModelStore:
    return ModelStore(load_settings(data).cache / "models")


@app.command("list")
def list_models(data: Data = None, as_json: AsJson = False) -> None:
    """Models that the catalogue knows, and whether they are here."""
    rows = [[s.name, s.presence, s.card.task if s.card else "", s.card.status if s.card else "",
             s.card.licence if s.card else ""] for s in _store(data).list()]  # fmt: skip
    columns = ["name", "state", "task", "status", "licence"]
    if as_json:
        print_json([dict(zip(columns, r, strict=True)) for r in rows])
    else:
        print_table("Models", columns, rows)


@app.command()
def pull(names: Annotated[list[str] | None, typer.Argument(help="models; without any, all that stages use")] = None,
         data: Data = None) -> None:  # fmt: skip
    """Bring models onto this machine; digests are checked."""
    from iimm_pipelines.stages.graph import STAGES

    used = sorted({m for s in STAGES for i in s.ingredients.values() for m in i.models})
    for name in names or used:
        taken = _store(data).pull(ModelName(name))
        console.print(f"{name}: {'already there' if taken.already else 'pulled, digests checked'}")


@app.command("import")
def import_model(folder: Path, data: Data = None) -> None:
    """Take in a model from a folder, on a machine without a network."""
    taken = _store(data).import_folder(folder)
    console.print(f"{taken.model.name}: {'already there' if taken.already else 'taken in'}")


@app.command()
def verify(data: Data = None) -> None:
    """Read every byte of every model here and name what is not as pinned."""
    faults = _store(data).verify()
    for fault in faults:
        console.print(f"{fault.model}/{fault.file}: {fault.kind}")
    if faults:
        raise typer.Exit(1)
    console.print("Every model here is as pinned.")
