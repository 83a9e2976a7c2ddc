"""`iimm catalogue`: rebuilding it.

Here: the command.
Not here: how (iimm_pipelines.custody.rebuild).
"""

from __future__ import annotations

import typer

from iimm_pipelines.cli.terminal import Data, console, opened

app = typer.Typer(no_args_is_help=True, help="The catalogue.")


@app.callback()
def _group() -> None:
    """The catalogue: what stands where."""


@app.command()
def rebuild(data: Data = None) -> None:
    """Make the catalogue again from parts, events and log; all but the outbox comes back."""
    from iimm_pipelines.custody.rebuild import rebuild as again

    with opened(data) as holding:
        count = again(holding)
        rows = holding.work.caught_up
    console.print(f"catalogue rebuilt from {count} attestations and {rows} rows of work")
