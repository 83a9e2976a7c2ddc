"""`iimm setup`: what holdings share on a machine.

Here: laying out the search server and the Tika worker, pulling models.
Not here: Debian and Python packages (infra/setup.sh).
"""

from __future__ import annotations

from iimm_pipelines.cli.models import pull
from iimm_pipelines.cli.terminal import console
from iimm_pipelines.settings import load_settings


def setup() -> None:
    """Bring what holdings share onto this machine; each step does nothing where it was done."""
    from iimm_pipelines.formats import tika
    from iimm_pipelines.search.node import home_in, lay_out, reachable_place

    cache = load_settings().cache
    console.print("search server: laying out")
    lay_out(reachable_place(home_in(cache)))
    console.print("Tika worker: laying out")
    tika.lay_out(cache / "tika")
    pull()
