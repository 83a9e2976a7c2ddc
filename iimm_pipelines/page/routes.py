"""The table of routes: each with the right that it needs.

Here: all there is. What has no line here cannot be asked for, and tests walk this table.
Not here: what is answered (page/answers), marks (each answer asks the index as its reader).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from starlette.responses import Response

from iimm_pipelines.page import answers, engine_page, entity_page, organisation_page, requests_page
from iimm_pipelines.page.visit import Visit
from iimm_pipelines.people.rights import Right


class Open(Enum):
    """Routes that no role is needed for. None of them shows content."""

    TO_ALL = "to all"
    TO_ACCOUNTS = "to all who are signed in"


@dataclass(frozen=True, slots=True)
class Route:
    """An address, what it needs, and who answers."""

    method: Literal["GET", "POST"]
    path: str
    needs: Right | Open
    answer: Callable[[Visit], Response]


BACK = "/sign-in/organisation/back"
"""Where the organisation's login sends people back to."""

ROUTES = (
    Route("GET", "/", Open.TO_ALL, answers.start),
    Route("GET", "/static/{name}", Open.TO_ALL, answers.static),
    Route("GET", "/sign-in", Open.TO_ALL, answers.sign_in_form),
    Route("POST", "/sign-in", Open.TO_ALL, answers.sign_in),
    Route("GET", "/sign-in/organisation", Open.TO_ALL, organisation_page.go),
    Route("GET", BACK, Open.TO_ALL, organisation_page.back),
    Route("POST", "/sign-out", Open.TO_ACCOUNTS, answers.sign_out),
    Route("POST", "/language", Open.TO_ALL, answers.choose_language),
    Route("GET", "/search", Right.SEARCH, answers.search),
    Route("GET", "/search.csv", Right.DOWNLOAD, answers.search_csv),
    Route("GET", "/entities/{kind}/{key}", Right.SEARCH, entity_page.entity),
    Route("GET", "/items/{number}", Right.OPEN, answers.item),
    Route("GET", "/items/{number}/history", Right.SEE_CUSTODY, answers.history),
    Route("GET", "/requests", Right.OPEN, requests_page.requests),
    Route("POST", "/requests", Right.OPEN, requests_page.ask),
    Route("POST", "/requests/decide", Right.APPROVE, requests_page.decide),
    Route("GET", "/engine", Right.SEE_PROCESSING, engine_page.engine),
    Route("GET", "/engine/figures", Right.SEE_PROCESSING, engine_page.figures),
    Route("POST", "/engine/retry", Right.RUN, engine_page.retry),
)


@dataclass(frozen=True, slots=True)
class Passed:
    """A path under which all is passed on to another server: what that needs, and what giving it orders needs."""

    path: str
    needs: Right
    orders: Right


DAGSTER = Passed("/dagster", Right.SEE_MACHINES, Right.RUN)
