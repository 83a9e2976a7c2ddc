"""Dagster behind the page's login: who passes, what passes, and what stands in the log of access."""

from __future__ import annotations

import asyncio
import functools
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.websockets import WebSocketDisconnect

from iimm_pipelines.cli.run import dagster_home
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.app import app
from iimm_pipelines.page.dagster_servers import SocketPathTooLong, dagster_servers, sockets
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role
from iimm_pipelines.settings import load_settings

ADDRESS = "http://127.0.0.1:8650"
OURS = {"origin": ADDRESS}
STOP = 'mutation M { ...F } fragment F on Mutation { stopRunningSchedule(id: "x") { __typename } }'
DEFINITIONS = "import dagster as dg\n\n@dg.asset\ndef here(): ...\n\ndefs = dg.Definitions(assets=[here])\n"


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holding]:
    """A holding without a search node, with an account for each role."""
    holding = Holding(load_settings(tmp_path_factory.mktemp("plant")))
    for role in Role:
        holding.accounts.add(role.name.lower(), role, ["restricted"], by="tests")
        holding.accounts.set_password(role.name.lower(), "four words and no more", by="tests")
    yield holding
    holding.close()


@pytest.fixture(scope="module")
def at(plant: Holding, person_of: Callable[..., Any]) -> Callable[..., Any]:
    """Somebody at the page of that holding, signed in once."""
    page = app(plant)
    return functools.cache(lambda name=None: person_of(page, name))


@pytest.fixture(scope="module")
def echo(plant: Holding) -> Iterator[None]:
    """In the place of both webservers, what says who it is and what it was sent."""

    def saying(name: str) -> Starlette:
        async def said(request: Request) -> JSONResponse:
            body = (await request.body()).decode()
            told = {"who": name, "headers": dict(request.headers), "url": str(request.url), "body": body}
            return JSONResponse(
                told, headers={"set-cookie": "planted=1", "refresh": "0", "access-control-allow-origin": "*"}
            )

        return Starlette(routes=[Route("/{path:path}", said, methods=["GET", "POST", "PUT"])])

    where = sockets(plant.settings.data)
    where.home.mkdir()
    servers = [uvicorn.Server(uvicorn.Config(saying(n), uds=str(where.ui(orders=n == "orders")), log_level="error"))
               for n in ("orders", "looks")]  # fmt: skip
    threads = [threading.Thread(target=s.run) for s in servers]
    for thread in threads:
        thread.start()
    while not all(s.started for s in servers):
        time.sleep(0.02)
    yield
    for server in servers:
        server.should_exit = True
    for thread in threads:
        thread.join()
    shutil.rmtree(where.home)


def events(holding: Holding) -> list[tuple[str, What, str | None]]:
    return [(e.who, e.what, e.subject) for e in holding.access_log.entries()]


def test_without_dagster_the_page_says_so(plant: Holding, at: Any) -> None:
    answer = at("data_engineer").get("/dagster/", headers={"accept": "text/html"})
    assert answer.status_code == 503
    assert "iimm up --ui" in answer.text


@pytest.mark.parametrize("role", Role)
def test_only_who_sees_machines_passes(at: Any, plant: Holding, echo: None, role: Role) -> None:
    answer = at(role.name.lower()).get("/dagster/runs", headers={"accept": "text/html"})
    passes = role in (Role.DATA_ENGINEER, Role.AUDITOR)
    assert answer.status_code == (200 if passes else 403)
    assert events(plant)[-1] == (
        role.name.lower(), What.OPENED_DAGSTER if passes else What.REFUSED, "/dagster/runs" if passes else "/dagster"
    )  # fmt: skip


def test_nobody_passes_without_a_session(at: Any, echo: None) -> None:
    assert at().get("/dagster/", headers={"accept": "text/html"}).headers["location"] == "/sign-in"
    assert at().get("/dagster/server_info").status_code == 401
    assert at().post("/dagster/graphql", json={"query": "{ version }"}, headers=OURS).status_code == 401


def test_neither_cookies_nor_anything_else_of_a_visitor_is_passed_on(at: Any, echo: None) -> None:
    client = at("data_engineer")
    answer = client.get("/dagster/x?y=1", headers={"authorization": "Bearer x", "x-forwarded-for": "1.2.3.4"})
    said = answer.json()
    assert said["who"] == "orders"
    assert said["url"].endswith("/dagster/x?y=1")
    assert not {"cookie", "authorization", "x-forwarded-for", "origin"} & set(said["headers"])
    assert not {"set-cookie", "refresh", "access-control-allow-origin"} & set(answer.headers)
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer.headers["cache-control"] == "no-store"


def test_who_may_not_run_is_passed_to_the_one_that_only_shows(at: Any, plant: Holding, echo: None) -> None:
    asked = {"query": "{ version }"}
    assert at("auditor").post("/dagster/graphql", json=asked, headers=OURS).json()["who"] == "looks"
    refused = at("auditor").post("/dagster/graphql", json={"query": STOP}, headers=OURS).json()
    assert "role" in refused["errors"][0]["message"]
    assert events(plant)[-1] == ("auditor", What.REFUSED, "stopRunningSchedule")


def test_an_order_is_written_down_by_its_name_whatever_it_calls_itself(at: Any, plant: Holding, echo: None) -> None:
    client = at("data_engineer")
    asked = {"query": f"query Harmless {{ version }} {STOP}", "operationName": "Harmless", "more": "x"}
    said = client.post("/dagster/graphql?query=other", json=asked, headers=OURS).json()
    assert json.loads(said["body"]) == {"query": asked["query"], "variables": None, "operationName": "Harmless"}
    assert said["url"].endswith("/dagster/graphql")
    assert events(plant)[-1] == ("data_engineer", What.ORDERED_DAGSTER, "stopRunningSchedule")
    before = len(events(plant))
    client.post("/dagster/graphql", json={"query": "{ version }"}, headers=OURS)
    assert len(events(plant)) == before


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "null"},
                                     {"origin": "http://127.0.0.1:8651"}, {"origin": "https://127.0.0.1:8650"}])  # fmt: skip
def test_no_other_site_can_give_orders(at: Any, echo: None, headers: dict[str, str]) -> None:
    answer = at("data_engineer").post("/dagster/graphql", json={"query": STOP}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("body", ["", "[]", '[{"query": "{ version }"}]', '{"query": 1}', '{"query": "x y z {"}', "null",
                                  '{"query": "subscription { a }"}'])  # fmt: skip
def test_what_is_no_question_does_not_pass(at: Any, echo: None, body: str) -> None:
    headers = {**OURS, "content-type": "application/json"}
    assert at("data_engineer").post("/dagster/graphql", content=body, headers=headers).status_code == 400


def test_a_question_in_another_form_does_not_pass(at: Any, echo: None) -> None:
    client = at("data_engineer")
    for kind in ("text/plain", "application/graphql", "text/plain; application/json"):
        answer = client.post("/dagster/graphql", content=STOP, headers={**OURS, "content-type": kind})
        assert answer.status_code == 400


@pytest.mark.parametrize("address", ["/dagster/graphql?query={version}", "/dagster/notebook?path=/etc/x.ipynb"])
def test_what_takes_orders_or_reads_files_by_address_does_not_pass(at: Any, echo: None, address: str) -> None:
    client = at("data_engineer")
    assert client.get(address).status_code == 404
    assert client.post("/dagster/report_asset_materialization/contents", json={}, headers=OURS).status_code == 404
    assert client.put("/dagster/x", headers=OURS).status_code == 404


@pytest.mark.parametrize(
    "path", ["/dagster/x/../graphql", "/dagster/x/../notebook", "/dagster/./graphql", "/dagster/../sign-in"]
)
def test_a_way_around_does_not_pass(at: Any, plant: Holding, echo: None, path: str) -> None:
    client = at("data_engineer")
    cookie = f"iimm-session={client.cookies['iimm-session']}"
    status, before = [], len(events(plant))

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"query={version}",
                 "headers": [(b"host", b"127.0.0.1:8650"), (b"cookie", cookie.encode())], "root_path": "", "scheme": "http",
                 "server": ("127.0.0.1", 8650), "client": ("127.0.0.1", 1), "http_version": "1.1"}  # fmt: skip

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            status.append(message.get("status"))

        await client.app(scope, receive, send)

    asyncio.run(ask())
    assert status[0] == 404
    assert len(events(plant)) == before


def test_what_an_open_page_asks_by_itself_keeps_no_session(
    plant: Holding, person_of: Any, echo: None, clock: Any
) -> None:
    client = person_of(app(plant, clock), "data_engineer")
    answers = []
    for _ in range(4):
        clock.forward += clock.forward.__class__(minutes=10)
        answers.append(client.post("/dagster/graphql", json={"query": "{ version }"}, headers=OURS).status_code)
    assert answers == [200, 200, 401, 401]


def follow(client: Any, **headers: str) -> Any:
    return client.websocket_connect(
        f"{ADDRESS.replace('http', 'ws')}/dagster/graphql", subprotocols=["graphql-ws"], headers={**OURS, **headers}
    )


def test_a_data_folder_too_deep_for_sockets_is_refused(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    with pytest.raises(SocketPathTooLong, match="move the data folder"), dagster_servers(deep):
        pass


@pytest.fixture(scope="module")
def dagster(plant: Holding, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Dagster itself, with one asset."""
    file = tmp_path_factory.mktemp("definitions") / "definitions.py"
    file.write_text(DEFINITIONS)
    before = os.environ.get("DAGSTER_HOME")
    home = dagster_home(plant)
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    try:
        with dagster_servers(home, ("-f", str(file))) as where:
            for orders in (True, False):
                wait_for(where.ui(orders=orders))
            yield
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def wait_for(socket: Path) -> None:
    for _ in range(1200):
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket))) as client:
            try:
                client.get("http://dagster/dagster/server_info")
                return
            except httpx.HTTPError:
                time.sleep(0.1)
    raise TimeoutError


def test_dagster_itself_is_shown_takes_orders_and_tells_news(at: Any, plant: Holding, dagster: None) -> None:
    engineer, auditor = at("data_engineer"), at("auditor")
    page = engineer.get("/dagster/", headers={"accept": "text/html"})
    [nonce] = set(re.findall(r'nonce="([0-9a-f]{32})"', page.text))
    assert f"'nonce-{nonce}' 'strict-dynamic'" in page.headers["content-security-policy"]
    [script] = re.findall(r'src="(/dagster/_next/static/chunks/main-[0-9a-f]+\.js)"', page.text)
    assert len(engineer.get(script).content) > 10_000

    order = {"query": 'mutation { terminateRun(runId: "x") { __typename } }'}
    done = engineer.post("/dagster/graphql", json=order, headers=OURS).json()
    assert done["data"]["terminateRun"]["__typename"] == "RunNotFoundError"
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(sockets(plant.settings.data).ui(orders=False)))) as client:
        shut = client.post("http://dagster/dagster/graphql", json=order).json()  # the second lock, behind ours
    assert shut["data"]["terminateRun"]["__typename"] == "UnauthorizedError"

    for client in (engineer, auditor):
        with follow(client) as socket:
            socket.send_json({"type": "connection_init", "payload": {"token": "x"}})
            assert socket.receive_json() == {"type": "connection_ack"}
            question = 'subscription { pipelineRunLogs(runId: "x") { __typename } }'
            socket.send_json({"type": "start", "id": "1", "payload": {"query": question}})
            assert (
                socket.receive_json()["payload"]["data"]["pipelineRunLogs"]["__typename"]
                == "PipelineRunLogsSubscriptionFailure"
            )
            socket.send_json({"type": "start", "id": "2", "payload": order})
            with pytest.raises(WebSocketDisconnect):
                while socket.receive_json()["id"] == "1":  # nothing more than the end of the first comes back
                    pass
    for client, headers in ((engineer, {"origin": "http://evil.example"}), (at("analyst"), {}), (at(), {})):
        with pytest.raises(WebSocketDisconnect), follow(client, **headers):
            pass
