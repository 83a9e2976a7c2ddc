"""`iimm page`: the page that analysts work with.

Here: the command.
Not here: the page (iimm_pipelines.page).
"""

from __future__ import annotations

from iimm_pipelines.cli.terminal import Data, console, opened
from iimm_pipelines.holding import Holding


def page(data: Data = None) -> None:
    """Serve the page for analysts on loopback, until it is ended with Ctrl-C."""
    from iimm_pipelines.page.serve import serve

    with opened(data) as holding:
        if not holding.node.running():
            console.print("the search node does not run: `iimm up` starts it")
        say_where(holding)
        serve(holding)


def say_where(holding: Holding) -> None:
    """Where the page is, and whether anybody could come in."""
    from iimm_pipelines.page.serve import LOOPBACK

    if holding.settings.oidc is None and not any(account.has_password for account in holding.accounts.all()):
        console.print("nobody can sign in yet: `iimm user add` makes an account")
    console.print(f"page on http://{LOOPBACK}:{holding.settings.page_port}")
