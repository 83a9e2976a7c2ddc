"""The page as an application: every request is taken, guarded and answered here.

Here: host, cookies, session, right, form token, and the headers of every answer.
Not here: the table of rights (page/routes), the answers (page/answers), the server (page/serve).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.answers import LANGUAGE_COOKIE
from iimm_pipelines.page.dagster import PassedOn
from iimm_pipelines.page.openings import Openings
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.page.routes import BACK, DAGSTER, ROUTES, Open, Route
from iimm_pipelines.page.sessions import Sessions
from iimm_pipelines.page.visit import (
    SESSION_COOKIE,
    CannotBeAsked,
    Desk,
    NoJson,
    NotSignedIn,
    NotThere,
    ProgramsVisit,
    TooMuch,
    Visit,
    account_of,
    set_cookie,
    templates,
    to,
)
from iimm_pipelines.page.words import Language, Words
from iimm_pipelines.people.access_log import NOBODY, AccessEvent, What
from iimm_pipelines.people.accounts import Account
from iimm_pipelines.people.organisation import OrganisationLogin
from iimm_pipelines.people.tokens import TokenRefused
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.synonyms import SynonymsInvalid

VISITOR_COOKIE = "iimm-visitor"
"""Ties a form to a browser before anybody is signed in."""
FORM_TOKEN = "csrf_token"
"""The field of a form that holds it: the name by which scanners know such tokens."""
_LARGEST_FORM = 64 << 10
_MOST_FIELDS = 50
_MOST_AT_THE_DOOR = 4
"""Sign-ins of one way at once: each takes 64 MB, or waits for a provider. Who is not known yet must not take the threads
of those who are."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; "
    "media-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_log = logging.getLogger(__name__)


def app(holding: Holding, clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        originals: Originals | None = None) -> Starlette:  # fmt: skip
    """The page of a holding. Who gives `originals` closes them."""
    address = holding.settings.page_address
    oidc, here = holding.settings.oidc, address or f"http://127.0.0.1:{holding.settings.page_port}"
    organisation = OrganisationLogin(oidc, f"{here}{BACK}") if oidc else None
    desk = Desk(holding, Sessions(), clock, bool(address), templates(), originals or Originals(holding),
                Openings(holding.access_log.folder), organisation=organisation)  # fmt: skip
    hosts = ["127.0.0.1", "localhost", *([urlsplit(address).hostname or ""] if address else [])]
    made = Starlette(
        routes=[
            *(StarletteRoute(r.path, _endpoint(desk, r), methods=[r.method]) for r in ROUTES),
            Mount(DAGSTER.path, PassedOn(desk, partial(_visit, desk))),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        ],
    )
    made.state.desk = desk
    return made


class _Headers:
    """Puts the headers on every answer, also on those that no route gives."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)  # an answer that shows a file has a narrower policy of its own
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _endpoint(desk: Desk, route: Route) -> Callable[[Request], Awaitable[Response]]:
    at_the_door = CapacityLimiter(_MOST_AT_THE_DOOR) if route.path.startswith("/sign-in") else None

    async def answer(request: Request) -> Response:
        if route.api is not None:
            return await to_thread.run_sync(_answer_program, desk, route, request, await _sent(request, route))
        form = await _form(request) if route.method == "POST" else None
        return await to_thread.run_sync(_answer, desk, route, request, form, limiter=at_the_door)

    return answer


async def _form(request: Request) -> Mapping[str, str] | None:
    """The values of a form; none where it is no form of ours."""
    if _content_type(request) != "application/x-www-form-urlencoded":
        return None
    body = await _body(request)
    if body is None:
        return None
    try:
        text = body.decode("ascii")
        return dict(parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=_MOST_FIELDS))
    except ValueError:
        return None


async def _sent(request: Request, route: Route) -> bytes | CannotBeAsked:
    """What a program sent as JSON, or why it is not taken."""
    if route.method == "GET":
        return b""
    if _content_type(request) != "application/json":
        return NoJson("send JSON, and say so: Content-Type: application/json")
    body = await _body(request)
    return TooMuch(f"send at most {_LARGEST_FORM} bytes at once") if body is None else body


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _body(request: Request) -> bytes | None:
    """All that was sent; none where it is too much."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST_FORM:
            return None
    return body


def _answer(desk: Desk, route: Route, request: Request, form: Mapping[str, str] | None) -> Response:
    account = account_of(desk, request)
    visit = _visit(desk, request, account, form)
    new = visit.browser not in request.cookies.values()
    answer = _told(visit, route, form)
    if new and not account:
        set_cookie(answer, desk.cookie(VISITOR_COOKIE), visit.browser, desk.secure)
    return answer


def _answer_program(desk: Desk, route: Route, request: Request, sent: bytes | CannotBeAsked) -> Response:
    """The same for a program. It has no session: what a browser sends by itself counts for nothing here.

    So no form of another site can have it done, and what is sent carries no token of a form.
    """
    query = f"?{request.url.query}" if request.url.query else ""
    kind, _, shown = request.headers.get("authorization", "").partition(" ")
    account = None
    if kind.lower() == "bearer":
        try:
            account = desk.holding.accounts.by_token(shown.strip(), desk.clock())
        except TokenRefused:
            desk.holding.access_log.add(AccessEvent(NOBODY, What.REFUSED), desk.clock())
    visit = ProgramsVisit(desk, Words(Language.ENGLISH), f"{request.url.path}{query}", request.path_params,
                          dict(request.query_params), "", account, {}, sent)  # fmt: skip
    return _told(visit, route, None)


def _told(visit: Visit, route: Route, form: Mapping[str, str] | None) -> Response:
    """The answer of a route, or why there is none."""
    try:
        return _guarded(visit, route, form)
    except NotSignedIn:
        return to("/sign-in") if route.api is None else visit.refusal(str(TokenRefused()), HTTPStatus.UNAUTHORIZED)
    except CannotBeAsked as wrong:
        return visit.refusal(visit.w.refusal(str(wrong)), wrong.status)
    except NotThere:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    except NodeError:
        return visit.refusal(visit.w("node down"), HTTPStatus.SERVICE_UNAVAILABLE)
    except SynonymsInvalid:
        return visit.refusal(visit.w("names file"), HTTPStatus.SERVICE_UNAVAILABLE)
    except Exception as wrong:  # noqa: BLE001 - its message may quote evidence, so that no server may log it
        where = traceback.extract_tb(wrong.__traceback__)[-1]
        _log.error("%s in %s:%s", type(wrong).__name__, where.name, where.lineno)
        return visit.refusal(visit.w("went wrong"), HTTPStatus.INTERNAL_SERVER_ERROR)


def _visit(desk: Desk, request: Request, account: Account | None, form: Mapping[str, str] | None = None) -> Visit:
    browser = (
        request.cookies.get(desk.cookie(SESSION_COOKIE if account else VISITOR_COOKIE), "") or desk.sessions.new_id()
    )
    query = f"?{request.url.query}" if request.url.query else ""
    here = f"{request.url.path}{query}" if request.method != "POST" else "/search"
    values = dict(request.query_params) if form is None else form
    return Visit(desk, _words(request), here, request.path_params, values, browser, account, request.cookies)


def _guarded(visit: Visit, route: Route, form: Mapping[str, str] | None) -> Response:
    if route.needs is not Open.TO_ALL:
        known = visit.known
        if not isinstance(route.needs, Open) and not known.may(route.needs):
            visit.note(What.REFUSED, subject=visit.path.get("number"))
            return visit.refusal(visit.w("not allowed"), HTTPStatus.FORBIDDEN)
    if route.method == "POST" and route.api is None:
        token = (form or {}).get(FORM_TOKEN, "")
        if form is None or not visit.desk.sessions.is_form_token(visit.browser, token):
            return visit.refusal(visit.w("form old"), HTTPStatus.FORBIDDEN)
    return route.answer(visit)


def _words(request: Request) -> Words:
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return Words(Language(chosen) if chosen in set(Language) else Language.ENGLISH)
