"""What tests of several folders share.

Here: servers that are costly to start, once for a whole run; commands as they are typed.
Not here: what one test needs.
"""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.cli import main
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.node import TRANSPORT_OFFSET, Node, home_in, lay_out, reachable_place
from iimm_pipelines.settings import load_settings

sys.path.append(str(Path(__file__).parent / "journeys"))  # small_evidence, also for child processes' sake
sys.path.append(str(Path(__file__).parent / "servers"))
from s3_server import S3Server, credentials, program
from small_evidence import add_accounts, write_settings

NewHolding = Callable[..., Holding]


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


Type = Callable[..., Said]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Type:
    """Runs a command as if it had been typed."""

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["iimm", *map(str, arguments)])
        capfd.readouterr()
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        return Said(code, *capfd.readouterr())

    return run


@pytest.fixture(name="free_port")
def a_free_port() -> int:
    """A port that is free together with the one a node's transport takes."""
    return _free_port()


def _free_port() -> int:
    while True:
        with socket.socket() as http, socket.socket() as transport:
            http.bind(("127.0.0.1", 0))
            try:
                transport.bind(("127.0.0.1", http.getsockname()[1] + TRANSPORT_OFFSET))
            except (OSError, OverflowError):
                continue
            return int(http.getsockname()[1])


@pytest.fixture(scope="session")
def search_home() -> Path:
    """The search server's program, laid out once for the machine."""
    home = reachable_place(home_in(Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser()))
    lay_out(home)
    return home


@pytest.fixture(scope="session")
def opensearch(search_home: Path) -> Iterator[Node]:
    """A started search node of this test run, empty, gone afterwards."""
    # Not tmp_path: pytest closes its folders to others, and root's server runs as another.
    folder = Path(tempfile.mkdtemp(prefix="iimm-search-"))
    node = Node(search_home, folder, _free_port())
    try:
        node.configure()
        node.start()
        yield node
    finally:
        node.stop()
        shutil.rmtree(folder)


@pytest.fixture
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of an operator who may use the test's S3 servers."""
    for name, value in credentials().items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def s3_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A started S3 server of this test run, without buckets."""
    if program() is None:
        pytest.skip("no S3 server: infra/versitygw.sh installs it")
    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def s3(s3_of_the_run: S3Server, s3_credentials: None) -> S3Server:
    """The S3 server of this test run, with the credentials to use it in the environment."""
    return s3_of_the_run


@pytest.fixture
def own_s3(tmp_path: Path, s3_of_the_run: S3Server, s3_credentials: None) -> Iterator[S3Server]:
    """A started S3 server that the test may kill."""
    server = S3Server(tmp_path / "s3")
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def new_data(opensearch: Node, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a data folder whose settings name the test run's search node; settings may be given by name."""
    numbers = itertools.count(1)

    def make(**settings: Any) -> Path:
        number = next(numbers)
        return write_settings(tmp_path_factory.mktemp(f"holding-{number}"), opensearch, f"holding{number}", **settings)

    return make


@pytest.fixture(scope="session")
def new_holding(new_data: Callable[..., Path]) -> Iterator[NewHolding]:
    """Opens a new holding with accounts on the test run's search node; settings may be given by name."""
    made: list[Holding] = []

    def make(**settings: Any) -> Holding:
        made.append(Holding(load_settings(new_data(**settings))))
        add_accounts(made[-1])
        return made[-1]

    yield make
    for holding in made:
        holding.close()
