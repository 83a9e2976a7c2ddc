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

from iimm_pipelines.page import answers, engine_page, entity_page, file_answers
from iimm_pipelines.page.links import Kind
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
    link: Kind | None = None
    """Answered only under a link of this kind, which the item's page gives (page/links)."""


ROUTES = (
    Route("GET", "/", Open.TO_ALL, answers.start),
    Route("GET", "/static/{name}", Open.TO_ALL, answers.static),
    Route("GET", "/static/fonts/{name}", Open.TO_ALL, file_answers.font),
    Route("GET", "/sign-in", Open.TO_ALL, answers.sign_in_form),
    Route("POST", "/sign-in", Open.TO_ALL, answers.sign_in),
    Route("POST", "/sign-out", Open.TO_ACCOUNTS, answers.sign_out),
    Route("POST", "/language", Open.TO_ALL, answers.choose_language),
    Route("GET", "/search", Right.SEARCH, answers.search),
    Route("GET", "/search.csv", Right.DOWNLOAD, answers.search_csv),
    Route("GET", "/entities/{kind}/{key}", Right.SEARCH, entity_page.entity),
    Route("GET", "/items/{number}", Right.OPEN, answers.item),
    Route("GET", "/items/{number}/history", Right.SEE_CUSTODY, answers.history),
    Route("GET", "/items/{number}/near", Right.OPEN, file_answers.near),
    Route("GET", "/items/{number}/beside/{other}", Right.OPEN, file_answers.beside),
    Route("GET", "/items/{number}/picture", Right.OPEN, file_answers.picture, Kind.PICTURE),
    Route("GET", "/items/{number}/media", Right.OPEN, file_answers.media, Kind.MEDIA),
    Route("GET", "/items/{number}/text", Right.OPEN, file_answers.text, Kind.TEXT),
    Route("GET", "/items/{number}/original", Right.DOWNLOAD, file_answers.original, Kind.ORIGINAL),
    Route("GET", "/items/{number}/with-proof", Right.DOWNLOAD, file_answers.with_proof, Kind.WITH_PROOF),
    Route("POST", "/veil", Right.OPEN, file_answers.choose_veil),
    Route("GET", "/engine", Right.SEE_PROCESSING, engine_page.engine),
    Route("GET", "/engine/figures", Right.SEE_PROCESSING, engine_page.figures),
    Route("POST", "/engine/retry", Right.RUN, engine_page.retry),
)
