"""Dagster's UI behind the page's login: what is asked for under /dagster is passed on to its webserver.

Here: who may, what passes and in which form, and the events of access: each opening, each order by its name.
Not here: Dagster's processes (page/dagster_servers), our own answers (page/answers).

Two webservers stand behind it, and one only shows: who may not run things is passed to that one. What passes is
written anew from what was understood, so that nobody is understood in two ways: addresses and a few headers, never
cookies; GraphQL as query, variables and name of the operation, of which by websocket subscriptions alone. What Dagster
asks for by itself while its page lies open keeps no session alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterable, Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from iimm_pipelines.page.dagster_servers import sockets
from iimm_pipelines.page.routes import DAGSTER
from iimm_pipelines.page.visit import Desk, Visit, account_of, to
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.accounts import Account

if TYPE_CHECKING:
    import graphql
    import httpx

_BEHIND = "http://dagster"
"""The host that the webservers are called by."""
_GRAPHQL = f"{DAGSTER.path}/graphql"
_CLOSED = (
    f"{DAGSTER.path}/notebook",
    f"{DAGSTER.path}/dagit",
    f"{DAGSTER.path}/graphiql",
    f"{DAGSTER.path}/report_asset",
)
"""Reads files that a visitor names, loads scripts from elsewhere, or takes orders that are no GraphQL."""
_ASKED = ("accept", "accept-language", "accept-encoding", "if-none-match", "if-modified-since", "range")
_ANSWERED = (
    "content-type",
    "content-length",
    "content-encoding",
    "content-disposition",
    "content-range",
    "etag",
    "last-modified",
    "location",
)
_LARGEST_QUERY = 4 << 20
_LARGEST_MESSAGE = 16 << 20
_SUBPROTOCOL = "graphql-ws"
_LOOK_AGAIN_SECONDS = 30
"""How soon a websocket is closed whose session is over."""
_POLICY_VIOLATION = 1008

_ELSEWHERE = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""What is no page of Dagster's runs nothing, wherever it is opened."""
_SCRIPT = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'"
"""What a script may do that works beside its page."""
_PAGE = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self'; connect-src 'self'; worker-src 'self' blob:; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Its scripts by the nonce of each answer, what these load, and styles that they write; nothing from elsewhere."""


class NotUnderstood(ValueError):
    """It is no request that passes."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A GraphQL request. `orders`: fields of its mutations, all that stand in it; `kinds`: query, mutation, subscription."""

    body: Mapping[str, Any]
    kinds: frozenset[str]
    orders: tuple[str, ...]


class PassedOn:
    """What answers under the path of Dagster; `visit` makes a visit of ours of a request, for refusals."""

    def __init__(self, desk: Desk, visit: Callable[[Request, Account | None], Visit]) -> None:
        self._desk = desk
        self._visit = visit
        self._sockets = sockets(desk.holding.settings.data)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a websocket."""
        if scope["type"] == "websocket":
            await self._follow(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        answer = await self._answer(request)
        await answer(scope, receive, send)

    # requests

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        asks = request.method in ("GET", "HEAD")
        opens = asks and "text/html" in request.headers.get("accept", "")
        account = await self._account(request, counts=opens)
        if account is None:
            return to("/sign-in") if opens else Response(status_code=HTTPStatus.UNAUTHORIZED)
        if not account.may(DAGSTER.needs):
            await self._note(account, What.REFUSED, DAGSTER.path)
            return await self._refusal(request, account, "not allowed", HTTPStatus.FORBIDDEN)
        if request.method == "POST" and path == _GRAPHQL:
            return await self._queried(request, account)
        plain = not {".", ".."} & set(path.split("/"))  # a client that tidies an address would ask for another
        if not asks or not plain or path.startswith((_GRAPHQL, *_CLOSED)):
            return await self._refusal(request, account, "not there", HTTPStatus.NOT_FOUND)
        if opens:
            await self._note(account, What.OPENED_DAGSTER, path[:200])
        headers = {n: v for n in _ASKED if (v := request.headers.get(n)) is not None}
        query = f"?{request.url.query}" if request.url.query else ""
        raw = request.scope["raw_path"].decode("latin-1")
        return await self._passed(request, account, request.method, f"{raw}{query}", headers)

    async def _queried(self, request: Request, account: Account) -> Response:
        """A query of the page that is open, or an order."""
        if not self._is_ours(request):
            await self._note(account, What.REFUSED, DAGSTER.path)
            return Response(status_code=HTTPStatus.FORBIDDEN)
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST_QUERY:
                return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        try:
            if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
                raise NotUnderstood
            asked = await run_in_threadpool(read_operation, body)
            if "subscription" in asked.kinds:
                raise NotUnderstood
        except NotUnderstood:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if "mutation" in asked.kinds:
            names = ", ".join(asked.orders)[:500]
            if not account.may(DAGSTER.orders):
                await self._note(account, What.REFUSED, names)
                return JSONResponse({"data": None, "errors": [{"message": "Your role does not include this."}]})
            if await self._account(request, counts=True) is None:
                return Response(status_code=HTTPStatus.UNAUTHORIZED)
            await self._note(account, What.ORDERED_DAGSTER, names)
        headers = {"accept": "application/json", "content-type": "application/json"}
        return await self._passed(request, account, "POST", _GRAPHQL, headers, json.dumps(asked.body).encode())

    async def _passed(self, request: Request, account: Account, method: str, address: str, headers: Mapping[str, str],
                      body: bytes | None = None) -> Response:  # fmt: skip
        import httpx

        client = _client(self._socket(account))
        try:
            asked = client.build_request(method, f"{_BEHIND}{address}", headers=dict(headers), content=body)
            answered = await client.send(asked, stream=True)
        except httpx.HTTPError:
            await client.aclose()
            return await self._refusal(request, account, "dagster down", HTTPStatus.SERVICE_UNAVAILABLE)

        async def close() -> None:
            await answered.aclose()
            await client.aclose()

        given = {n: v for n in _ANSWERED if (v := answered.headers.get(n)) is not None}
        if "location" in given:
            given["location"] = given["location"].removeprefix(_BEHIND)
        given["Content-Security-Policy"] = _policy(answered)
        if "/_next/static/" in address and answered.status_code == HTTPStatus.OK:
            given["Cache-Control"] = "private, max-age=86400, immutable"  # their names hold a digest
        return StreamingResponse(answered.aiter_raw(), answered.status_code, given, background=BackgroundTask(close))

    async def _refusal(self, request: Request, account: Account, word: str, status: HTTPStatus) -> Response:
        visit = self._visit(request, account)
        return await run_in_threadpool(visit.refusal, visit.w(word), status)

    # websockets

    async def _follow(self, socket: WebSocket) -> None:
        """A websocket of the page that is open: subscriptions there, news back, until the session ends."""
        from websockets.asyncio.client import unix_connect
        from websockets.exceptions import WebSocketException

        account = await self._account(socket)
        ours = self._is_ours(socket) and socket.url.path == _GRAPHQL and _SUBPROTOCOL in socket.scope["subprotocols"]
        if account is None or not account.may(DAGSTER.needs) or not ours:
            await socket.close(_POLICY_VIOLATION)  # before it is accepted: 403
            return
        address = f"{_BEHIND.replace('http', 'ws')}{_GRAPHQL}"
        try:
            connected = unix_connect(str(self._socket(account)), address, subprotocols=[_SUBPROTOCOL],
                                     max_size=_LARGEST_MESSAGE)  # fmt: skip
            async with connected as behind:
                await socket.accept(_SUBPROTOCOL)
                tasks = [
                    asyncio.create_task(t) for t in (_there(socket, behind), _back(behind, socket), self._lasts(socket))
                ]
                try:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
        except (OSError, WebSocketException):
            pass
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # it is closed already
            await socket.close(_POLICY_VIOLATION)

    async def _lasts(self, socket: WebSocket) -> None:
        """Come back when the session is over, or the account is another."""
        while (account := await self._account(socket)) is not None and account.may(DAGSTER.needs):
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    # both

    async def _account(self, connection: HTTPConnection, *, counts: bool = False) -> Account | None:
        return await run_in_threadpool(account_of, self._desk, connection, counts=counts)

    async def _note(self, account: Account, what: What, subject: str) -> None:
        event = AccessEvent(account.name, what, subject=subject)
        await run_in_threadpool(self._desk.holding.access_log.add, event, self._desk.clock())

    def _is_ours(self, connection: HTTPConnection) -> bool:
        """Whether a page of this very host sent it: browsers say so with every post and websocket."""
        origin = urlsplit(connection.headers.get("origin", ""))
        secure = "https" if self._desk.secure else "http"
        return bool(origin.netloc) and (origin.scheme, origin.netloc) == (secure, connection.headers.get("host"))

    def _socket(self, account: Account) -> Path:
        return self._sockets.ui(orders=account.may(DAGSTER.orders))


def read_operation(body: bytes) -> Operation:
    """What a GraphQL request asks for.

    Raises:
        NotUnderstood: it is none.
    """
    from graphql import GraphQLError, OperationDefinitionNode, parse

    try:
        said = json.loads(body)
        query = said["query"]
        if not isinstance(query, str):
            raise NotUnderstood
        document = parse(query, no_location=True)
    except (ValueError, KeyError, TypeError, RecursionError, GraphQLError):
        raise NotUnderstood from None
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    mutations = [o for o in operations if o.operation.value == "mutation"]
    orders = tuple(dict.fromkeys(f for o in mutations for f in _fields(o.selection_set, document, set())))
    passed = {"query": query, "variables": said.get("variables"), "operationName": said.get("operationName")}
    return Operation(passed, frozenset(o.operation.value for o in operations), orders)


def _fields(chosen: graphql.SelectionSetNode, document: graphql.DocumentNode, seen: set[str]) -> Iterator[str]:
    """Names of the fields that are asked for at the top, also by way of fragments."""
    from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode

    for each in chosen.selections:
        if isinstance(each, FieldNode):
            yield each.name.value
        elif isinstance(each, InlineFragmentNode):
            yield from _fields(each.selection_set, document, seen)
        elif isinstance(each, FragmentSpreadNode) and each.name.value not in seen:
            seen.add(each.name.value)
            for d in document.definitions:
                if isinstance(d, FragmentDefinitionNode) and d.name.value == each.name.value:
                    yield from _fields(d.selection_set, document, seen)


def _client(socket: Path) -> httpx.AsyncClient:
    """A client of a webserver; it follows nothing and knows of no proxy."""
    import httpx

    limit = httpx.Timeout(120, connect=5)  # some of Dagster's own questions take a minute
    return httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(uds=str(socket), verify=False), timeout=limit, trust_env=False)  # fmt: skip


def _policy(answered: httpx.Response) -> str:
    """The policy of an answer: a page of Dagster's has a nonce of its own."""
    kind = answered.headers.get("content-type", "").partition(";")[0]
    if kind.endswith("/javascript"):
        return _SCRIPT
    nonce = re.search(r"'nonce-([0-9A-Za-z+/=_-]{16,})'", answered.headers.get("content-security-policy", ""))
    return _PAGE.format(nonce=nonce[1]) if kind == "text/html" and nonce else _ELSEWHERE


async def _there(socket: WebSocket, behind: Any) -> None:
    """Messages of a browser: the beginning, subscriptions and their end; anything else ends it all."""
    with contextlib.suppress(WebSocketDisconnect, NotUnderstood):
        while True:
            text = await socket.receive_text()
            if len(text) > _LARGEST_QUERY:
                return
            await behind.send(await run_in_threadpool(_message, text))


def _message(text: str) -> str:
    try:
        said = json.loads(text)
        kind, number = said["type"], said.get("id")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotUnderstood from None
    if kind in ("connection_init", "connection_terminate"):
        return json.dumps({"type": kind, "payload": {}})
    if kind == "stop":
        return json.dumps({"type": kind, "id": number})
    if kind == "start":
        asked = read_operation(json.dumps(said.get("payload")).encode())
        if asked.kinds == {"subscription"}:
            return json.dumps({"type": kind, "id": number, "payload": asked.body})
    raise NotUnderstood


async def _back(behind: AsyncIterable[str | bytes], socket: WebSocket) -> None:
    async for message in behind:
        if isinstance(message, str):
            await socket.send_text(message)
