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
from starlette.responses import HTMLResponse, RedirectResponse, Response

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.hits import clock
from iimm_pipelines.page.links import Links
from iimm_pipelines.page.openings import Openings
from iimm_pipelines.page.originals import Originals
from iimm_pipelines.page.sessions import Sessions
from iimm_pipelines.page.shown import tame
from iimm_pipelines.page.words import Words
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.accounts import Account
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.access import Reader


class NotSignedIn(Exception):
    """Only somebody signed in has an answer to this."""


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
        return Reader(self.known.name, self.known.marks)

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
        }
        return HTMLResponse(self.desk.templates.get_template(template).render(**given, **values), status)

    def refusal(self, why: str, status: HTTPStatus) -> Response:
        """A page that says why there is none."""
        return self.page("refused.html", status, why=why)


def to(address: str) -> Response:
    """The way to another page of ours."""
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)
