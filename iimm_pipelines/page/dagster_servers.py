"""Dagster's processes beside the page: code server, daemon, and two webservers, of which one only shows.

Here: their commands and sockets, starting and ending them.
Not here: passing requests on to them (page/dagster), what they run (assets).

They end with the thread that started them, however that ends. They listen on Unix sockets in Dagster's folder of the
holding, which is closed to other accounts: Dagster has no login.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.engine.isolation import preexec
from iimm_pipelines.page.routes import DAGSTER

_LOCATION = "iimm_pipelines.definitions"
_LONGEST = 100
"""Bytes of a socket's path: Linux takes 107."""
_START_SECONDS = 60
_END_SECONDS = 20


class SocketPathTooLong(ValueError):
    """The data folder's path leaves no room for a socket."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """Where Dagster's processes listen, in its folder of the holding."""

    home: Path

    @property
    def code(self) -> Path:
        """The code server."""
        return self.home / "code.sock"

    def ui(self, *, orders: bool) -> Path:
        """The webserver that takes orders, or the one that only shows."""
        return self.home / ("ui.sock" if orders else "look.sock")


def sockets(data: Path) -> Sockets:
    """The sockets of a holding."""
    return Sockets(data / "dagster")


@contextmanager
def dagster_servers(home: Path, code: Sequence[str] = ("-m", _LOCATION)) -> Iterator[Sockets]:
    """Dagster's processes while this lasts. `DAGSTER_HOME` and `IIMM_DATA` stand in the environment.

    `code`: what the code server loads, as its command has it. Answers come a while after this has begun.

    Raises:
        SocketPathTooLong: the data folder lies too deep.
    """
    where = Sockets(home)
    if len(os.fsencode(where.ui(orders=False))) > _LONGEST:
        raise SocketPathTooLong(
            f"{home}: a path of more than {_LONGEST} bytes is too long for sockets; move the data folder up"
        )
    workspace = home / "workspace.yaml"
    server = {"grpc_server": {"socket": str(where.code), "location_name": _LOCATION.partition(".")[0]}}
    workspace.write_text(json.dumps({"load_from": [server]}), encoding="utf-8")  # JSON is YAML
    dagster = [sys.executable, "-m", "dagster"]
    web = [sys.executable, "-m", "assets.webserver"]
    commands = [
        [*dagster, "code-server", "start", *code, "-s", str(where.code),
         "--use-python-environment-entry-point", "--log-level", "warning"],
        [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-w", str(workspace), "--log-level", "warning"],
        *([*web, str(where.ui(orders=orders)), "--path-prefix", DAGSTER.path, "-w", str(workspace),
           "--dagster-log-level", "warning", *([] if orders else ["--read-only"])] for orders in (True, False)),
    ]  # fmt: skip
    for left in (where.code, where.ui(orders=True), where.ui(orders=False)):
        left.unlink(missing_ok=True)
    root = Path(__file__).resolve().parents[2]  # where Python finds `assets` when run from a checkout
    started: list[subprocess.Popen[bytes]] = []
    ends = time.monotonic() + _START_SECONDS
    try:
        for (
            command
        ) in commands:  # the others look for the code server once, and then seldom: they begin when it listens
            started.append(subprocess.Popen(command, cwd=root, stdin=subprocess.DEVNULL, preexec_fn=preexec))
            while not where.code.exists() and started[0].poll() is None and time.monotonic() < ends:
                time.sleep(0.1)
        yield where
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
