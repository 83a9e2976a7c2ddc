"""One request of a browser, and what answering it needs.

Here: what a handler is given, and how it answers with a page, a file or the way to another page.
Not here: who may have which answer (page/app by page/routes), the answers (page/answers).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.hits import clock
from iimm_pipelines.page.links import Links
from iimm_pipelines.page.openings import Openings
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.page.sessions import Sessions
from iimm_pipelines.page.shown import tame
from iimm_pipelines.page.words import Words
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.accounts import Account, AccountUnknown
from iimm_pipelines.people.organisation import OrganisationLogin
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.access import Reader, reader_of

SESSION_COOKIE = "iimm-session"


class NotSignedIn(Exception):
    """Only somebody signed in has an answer to this."""


class CannotBeAsked(ValueError):
    """A request whose values cannot be; the message says what to change."""

    status = HTTPStatus.BAD_REQUEST


class NoJson(CannotBeAsked):
    """A program sent something else."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class TooMuch(CannotBeAsked):
    """A program sent more than is taken."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class NotThere(LookupError):
    """There is none, or none for who asks."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all requests share. `secure`: browsers reach it by HTTPS, through a proxy."""

    holding: Holding
    sessions: Sessions
    clock: Callable[[], datetime]
    secure: bool
    templates: Environment
    originals: Originals
    openings: Openings
    links: Links = field(default_factory=Links)
    organisation: OrganisationLogin | None = None

    def cookie(self, name: str) -> str:
        """A cookie's name. By HTTPS it is one that no other host, and no other path, can set."""
        return f"__Host-{name}" if self.secure else name


def templates() -> Environment:
    """The templates: every value is escaped, and a missing one is an error."""
    folder = Path(__file__).with_name("templates")
    made = Environment(loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined,
                       trim_blocks=True, lstrip_blocks=True)  # fmt: skip
    made.filters["tame"] = tame
    made.filters["clock"] = clock
    return made


@dataclass(frozen=True, slots=True)
class Visit:
    """A request whose sender may make it. `values`: of the address, or of the form that was sent."""

    desk: Desk
    w: Words
    here: str
    path: Mapping[str, str]
    values: Mapping[str, str]
    browser: str
    account: Account | None
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes | CannotBeAsked = b""
    """What a program sent, or why it is not taken."""

    @property
    def holding(self) -> Holding:
        """The holding that is shown."""
        return self.desk.holding

    @property
    def known(self) -> Account:
        """Who is signed in.

        Raises:
            NotSignedIn: nobody is.
        """
        if self.account is None:
            raise NotSignedIn
        return self.account

    @property
    def reader(self) -> Reader:
        """Who is signed in, as the index knows them."""
        return reader_of(self.holding, self.known, self.desk.clock())

    def note(self, what: What, subject: str | None = None, query: str | None = None, hits: int | None = None) -> None:
        """Write down what is about to be shown: nothing is, where this fails."""
        event = AccessEvent(self.known.name, what, subject=subject, query=query, hits=hits)
        self.holding.access_log.add(event, self.desk.clock())

    def page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Response:
        """A page made of a template."""
        given = {
            "w": self.w,
            "account": self.account,
            "rights": {right.name: self.account is not None and self.account.may(right) for right in Right},
            "form_token": self.desk.sessions.form_token(self.browser),
            "here": self.here,
            "organisation": self.desk.organisation,
            "four_eyes": bool(self.account and self.account.marks.intersection(self.holding.settings.four_eyes)),
        }
        return HTMLResponse(self.desk.templates.get_template(template).render(**given, **values), status)

    def refusal(self, why: str, status: HTTPStatus) -> Response:
        """A page that says why there is none."""
        return self.page("refused.html", status, why=why)


@dataclass(frozen=True, slots=True)
class ProgramsVisit(Visit):
    """A request of a program, which showed a token."""

    def refusal(self, why: str, status: HTTPStatus) -> Response:
        """A problem (RFC 9457) in place of a page."""
        known = {"title": status.phrase, "status": int(status), "detail": why}
        headers = {"WWW-Authenticate": "Bearer"} if status is HTTPStatus.UNAUTHORIZED else None
        return JSONResponse(known, status, headers, "application/problem+json")


def account_of(desk: Desk, connection: HTTPConnection, *, counts: bool = True) -> Account | None:
    """Who is signed in: an account that is as it was when the session began. `counts`: whether somebody did something."""
    session_id = connection.cookies.get(desk.cookie(SESSION_COOKIE), "")
    session = desk.sessions.find(session_id, desk.clock(), counts=counts) if session_id else None
    if session is None:
        return None
    try:
        account = desk.holding.accounts.get(session.name)
    except AccountUnknown:
        account = None
    if account is None or account.disabled or account.generation != session.generation:
        desk.sessions.end(session_id)
        return None
    return account


def set_cookie(answer: Response, name: str, value: str, secure: bool) -> None:
    """A cookie that no script reads, and that no other site makes a browser send; gone with the browser."""
    answer.set_cookie(name, value, path="/", httponly=True, samesite="strict", secure=secure)


def to(address: str) -> Response:
    """The way to another page of ours."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
