"""A page over a small holding of its own, served on loopback, for programs that attack it.

Here: the holding (tests/journeys/told_evidence.py) on a search node of its own, and the page as `iimm page` serves it.
Not here: who attacks it (api, page).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

sys.path.append(str(Path(__file__).resolve().parents[1] / "journeys"))
from small_evidence import write_settings
from told_evidence import tell

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.search.node import TRANSPORT_OFFSET, Node, home_in, lay_out, reachable_place
from iimm_pipelines.settings import load_settings

NOWHERE = "http://127.0.0.1:9"
PORT = 9930
WHO = "all.analyst"


@dataclass(frozen=True)
class Served:
    """Where the page is, and what shows an analyst with all marks: a session, a token."""

    address: str
    session: str
    token: str


@contextmanager
def served_page(folder: Path) -> Iterator[Served]:
    """The page of a new holding, for as long as it is needed."""
    home = reachable_place(home_in(Path("~/.cache/iimm").expanduser()))
    lay_out(home)
    place = Path(tempfile.mkdtemp(prefix="iimm-search-"))
    node = Node(home, place, PORT - TRANSPORT_OFFSET - 10)
    node.configure()
    node.start()
    try:
        holding = Holding(load_settings(write_settings(folder / "data", node, "drill", workers=1)))
        tell(holding, folder, with_hidden=True, away=NOWHERE)
        page = app(holding)
        token, _ = holding.accounts.new_token(WHO, "drill", 1, datetime.now(UTC))
        session = page.state.desk.sessions.begin(WHO, holding.accounts.get(WHO).generation, datetime.now(UTC))
        server = uvicorn.Server(uvicorn.Config(page, port=0, access_log=False, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield Served(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", session, token)
        server.should_exit = True
        thread.join()
        holding.close()
    finally:
        node.stop()
        shutil.rmtree(place)
