"""The page on a port of its own, and the browser that looks at it.

Here: both, for as long as they are looked at. Not here: holdings and accounts (conftest), what is tried.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

_CHROMIUM = shutil.which("chromium")
_NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


@contextmanager
def served(page: Any, port: int = 0) -> Iterator[str]:
    """The page's address, while it is served."""
    config = uvicorn.Config(page, port=port, access_log=False, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def browser() -> Iterator[Any]:
    """A started Chromium, which can reach nothing but this machine."""
    if _CHROMIUM is None:
        pytest.skip("no Chromium: infra/setup.sh dev installs it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", _NOWHERE])
        yield started
        started.close()
