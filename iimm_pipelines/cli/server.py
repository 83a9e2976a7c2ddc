"""`iimm up` and `iimm down`: the search node and Dagster's UI.

Here: the commands.
Not here: the node (iimm_pipelines.search.node).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import Data, console, opened
from iimm_pipelines.holding import Holding


def up(data: Data = None,
       ui: Annotated[bool, typer.Option("--ui", help="Dagster's UI as well, in the foreground, on loopback")] = False,
       port: Annotated[int, typer.Option(help="port of the UI")] = 3000) -> None:  # fmt: skip
    """Start the search node; what it needs is laid out where it is missing."""
    with opened(data, begin=True) as holding:
        started = ensure_node(holding)
        console.print(f"search node {'started' if started else 'runs'} on 127.0.0.1:{holding.settings.search_port}")
        if ui:
            from iimm_pipelines.cli.run import dagster_home

            dagster_home(holding)
            os.environ["IIMM_DATA"] = str(holding.settings.data)
            holding.close()
            os.chdir(Path(__file__).resolve().parents[2])  # where dg finds the project
            dg = str(Path(sys.executable).with_name("dg"))
            os.execv(dg, [dg, "dev", "--host", "127.0.0.1", "--port", str(port)])


def down(data: Data = None) -> None:
    """Stop the search node."""
    with opened(data) as holding:
        if not holding.node.running():
            console.print("the search node does not run")
            return
        holding.node.stop()
        console.print("search node stopped")


def ensure_node(holding: Holding) -> bool:
    """Lay out, configure and start the node where that is missing; says whether it was started now."""
    from iimm_pipelines.search.node import lay_out

    node = holding.node
    if node.running():
        node.wait_ready(180)
        return False
    lay_out(node.home)
    if not node.configured:
        node.configure()
    node.start()
    return True
