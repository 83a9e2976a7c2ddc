"""`iimm up` and `iimm down`: the search node, and with it the page and Dagster.

Here: the commands.
Not here: the node (iimm_pipelines.search.node), the page and what passes on to Dagster (iimm_pipelines.page).
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated

import typer

from iimm_pipelines.cli.terminal import Data, console, opened
from iimm_pipelines.holding import Holding


def up(data: Data = None,
       ui: Annotated[bool, typer.Option("--ui", help="the page as well, with Dagster's UI behind its login, in the foreground")] = False,
       ) -> None:  # fmt: skip
    """Start the search node; what it needs is laid out where it is missing."""
    with opened(data, begin=True) as holding:
        started = ensure_node(holding)
        console.print(f"search node {'started' if started else 'runs'} on 127.0.0.1:{holding.settings.search_port}")
        if ui:
            from iimm_pipelines.cli.page import say_where
            from iimm_pipelines.cli.run import dagster_home
            from iimm_pipelines.page.dagster_servers import dagster_servers
            from iimm_pipelines.page.serve import serve

            os.environ["IIMM_DATA"] = str(holding.settings.data)
            signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # ended by a service manager, it ends Dagster in order
            with dagster_servers(dagster_home(holding)):
                say_where(holding)
                console.print("Dagster on the same, under /dagster, for engineers and auditors")
                serve(holding)


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
