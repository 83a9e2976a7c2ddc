"""A page over a small holding: accounts of every role, and evidence that would like to run as a script."""

from __future__ import annotations

import io
import re
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))
import shown_files
from small_evidence import OPEN, SHARED, TEXT_STAGES, WITNESS, deliver_all, receive
from starlette.applications import Starlette
from starlette.testclient import TestClient
from told_evidence import tell

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.people.rights import Role
from iimm_pipelines.stages.graph import bound, run

ADDRESS = "http://127.0.0.1:8650"
PASSWORD = "four words and no more"
SCRIPT = "<script>alert(document.domain)</script><img src=x onerror=alert(1)>"
BLNS = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "text_blns"


def _zip(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


EVIDENCE: dict[str, str | bytes] = {
    **OPEN,
    **SHARED,
    f"hostile/{SCRIPT.replace('/', '')}.txt": f"A letter about lemons. {SCRIPT}\n",
    "hostile/=HYPERLINK(1).txt": "=1+1 lemons of a spreadsheet\n",
    "hostile/\u202egpj.exe.txt": "A name that turns around.\n",
    "twins/1.txt": "Two files with the same persimmons.\n",
    "twins/2.txt": "Two files with the same persimmons.\n",
    "many/list.csv": "word\n" + "\n".join(f"quince{n} orchard" for n in range(1, 31)) + "\n",
}
TRANSLATED: dict[str, str | bytes] = {
    "boxes/box.zip": _zip(
        "inner/note.txt", "Colonel Kyaw Min of LIB 345 came to Yangon on 2023-05-04. Pomegranates.\n"
    ),
    "စာများ/river.txt": "ရွာသားများသည် မြစ်ကမ်းနားသို့ ထွက်ပြေးခဲ့ကြသည်။\n",
}
"""What is translated too: models load for seconds, in each shard anew."""
STAGES = ("contents", "languages", "translations", "search_index")
SHOWN_STAGES = ("contents", "transcripts", "languages", "fingerprints", "near_pairs", "search_index")
"""Of files that are looked at and heard."""


class Clock:
    """A clock that a test may put forward."""

    def __init__(self) -> None:
        self.forward = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.forward


@pytest.fixture(scope="session")
def shown(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 needs the marks restricted and witness, all others restricted alone; an account for each role."""
    holding = new_holding(starter_models=True)
    folder = tmp_path_factory.mktemp("shown")
    receive(holding, folder / "1", {**WITNESS, **SHARED}, ("restricted", "witness"), "S-1")
    hostile = {f"blns/{f.name}": f.read_bytes() for f in BLNS.glob("files/*.txt")} if BLNS.is_dir() else {}
    receive(holding, folder / "2", {**EVIDENCE, **hostile}, ("restricted",), "S-2")
    receive(holding, folder / "3", TRANSLATED, ("restricted",), "S-3")
    receive(holding, folder / "4", shown_files.files(), ("restricted",), "S-4")
    by_accession = {"A00003": STAGES, "A00004": SHOWN_STAGES}
    for shard in holding.catalogue.shards():
        for stage in by_accession.get(shard.accession, TEXT_STAGES):
            with holding.catalogue.lease(shard.number):
                run(holding, bound(holding.settings)[stage], shard.number)
    holding.record.drain()
    deliver_all(holding)
    for role in set(Role) - {Role.ANALYST}:
        holding.accounts.add(role.name.lower(), role, ["restricted"], by="tests")
    for account in holding.accounts.all():  # analyst, lead and nobody are there in each test's holding
        holding.accounts.set_password(account.name, PASSWORD, by="tests")
    return holding


@pytest.fixture(scope="session")
def numbers(shown: Holding) -> dict[str, str]:
    """Item number by accession and name."""
    return {
        f"{i.number[:6]} {i.path.decode()}": i.number
        for s in shown.catalogue.shards()
        for i in read_items(shown.parts, s.number)
    }


@pytest.fixture(scope="session")
def originals(shown: Holding) -> Iterator[Originals]:
    """The workers that draw, started once."""
    with closing(Originals(shown)) as made:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Person(TestClient):
    """A browser of the page, and somebody who uses it."""

    def form_token(self) -> str:
        """The token of the forms that this browser is given now."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self.get("/sign-in").text)
        assert found
        return found[1]

    def fill_in(self, address: str, **values: str) -> Any:
        """A form as the page gave it."""
        return self.post(address, data={"csrf_token": self.form_token(), **values})

    def sign_in(self, name: str, password: str = PASSWORD) -> Any:
        """Sign in as the page has it."""
        return self.fill_in("/sign-in", name=name, password=password)


@pytest.fixture
def person(
    shown: Holding, clock: Clock, originals: Originals, person_of: Callable[..., Person]
) -> Callable[..., Person]:
    """Makes somebody at a browser, signed in if named."""
    page = app(shown, clock, originals)
    return lambda name=None: person_of(page, name)


@pytest.fixture(scope="session")
def person_of() -> Callable[..., Person]:
    """The same, at any page."""

    def make(page: Any, name: str | None = None) -> Person:
        made = Person(page, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False)
        if name is not None:
            assert made.sign_in(name).headers["location"] in ("/search", "/engine")
        return made

    return make


class Canary:
    """A server elsewhere that evidence names; whoever asks it for something shows that evidence had its way."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                self.send_error(404)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture(scope="session")
def canary() -> Iterator[Canary]:
    made = Canary()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()


@pytest.fixture(scope="session")
def told(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory, canary: Canary) -> Holding:
    """Persons, units and places, some of them told where a mark is needed too; an account for each role and set of marks."""
    return tell(new_holding(workers=1), tmp_path_factory.mktemp("told"), with_hidden=True, away=canary.address)


@pytest.fixture(scope="session")
def at_work() -> Callable[[Starlette, str], TestClient]:
    """Signs somebody in without a password, whose hash takes what a hundred requests take."""

    def make(page: Starlette, name: str) -> TestClient:
        desk = page.state.desk
        client = TestClient(page, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False)
        generation = desk.holding.accounts.get(name).generation
        client.cookies.set("iimm-session", desk.sessions.begin(name, generation, desk.clock()))
        return client

    return make
