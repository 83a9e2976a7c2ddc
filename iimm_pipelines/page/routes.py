"""The table of routes: each with the right that it needs.

Here: all there is. What has no line here cannot be asked for, and tests walk this table.
Not here: what is answered (page/answers), marks (each answer asks the index as its reader).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from starlette.responses import JSONResponse, Response

from iimm_pipelines.page import (
    answers,
    engine_page,
    entity_page,
    file_answers,
    organisation_page,
    requests_page,
    work_answers,
)
from iimm_pipelines.page.api import answers as api
from iimm_pipelines.page.api import contracts as c
from iimm_pipelines.page.api.described import Described, description
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
    api: Described | None = None
    """Of a route for programs, which show a token and no session: what its description says."""
    link: Kind | None = None
    """Answered only under a link of this kind, which the item's page gives (page/links)."""


BACK = "/sign-in/organisation/back"
"""Where the organisation's login sends people back to."""


def _describe(visit: Visit) -> Response:
    return JSONResponse(description(ROUTES))


_FILES = ("text/csv", "application/vnd.apache.parquet")
_PROGRAMS = "/api/v1"

ROUTES = (
    Route("GET", "/", Open.TO_ALL, answers.start),
    Route("GET", "/static/{name}", Open.TO_ALL, answers.static),
    Route("GET", "/static/fonts/{name}", Open.TO_ALL, file_answers.font),
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
    Route("GET", "/items/{number}/near", Right.OPEN, file_answers.near),
    Route("GET", "/items/{number}/beside/{other}", Right.OPEN, file_answers.beside),
    Route("GET", "/items/{number}/picture", Right.OPEN, file_answers.picture, link=Kind.PICTURE),
    Route("GET", "/items/{number}/media", Right.OPEN, file_answers.media, link=Kind.MEDIA),
    Route("GET", "/items/{number}/ready", Right.OPEN, file_answers.ready),
    Route("GET", "/items/{number}/text", Right.OPEN, file_answers.text, link=Kind.TEXT),
    Route("GET", "/items/{number}/original", Right.DOWNLOAD, file_answers.original, link=Kind.ORIGINAL),
    Route("GET", "/items/{number}/with-proof", Right.DOWNLOAD, file_answers.with_proof, link=Kind.WITH_PROOF),
    Route("POST", "/veil", Right.OPEN, file_answers.choose_veil),
    Route("GET", "/items/{number}/work", Right.TAG, work_answers.work_of_item),
    Route("POST", "/items/{number}/work", Right.TAG, work_answers.change_work_of_item),
    Route("POST", "/work", Right.TAG, work_answers.change_work_of_hits),
    Route("GET", "/queue", Right.CORRECT_TEXT, work_answers.waiting),
    Route("GET", "/items/{number}/correct", Right.CORRECT_TEXT, work_answers.correct_form),
    Route("POST", "/items/{number}/correct", Right.CORRECT_TEXT, work_answers.save_correction),
    Route("GET", "/alerts", Right.TAG, work_answers.alerts),
    Route("POST", "/alerts", Right.TAG, work_answers.settle_alerts),
    Route("GET", "/watch-lists", Right.TAG, work_answers.watch_lists),
    Route("POST", "/watch-lists", Right.TAG, work_answers.change_watch_lists),
    Route("GET", "/lists", Right.TAG, work_answers.lists),
    Route("POST", "/lists", Right.TAG, work_answers.change_lists),
    Route("GET", "/marks", Right.CHANGE_MARKS, work_answers.marks),
    Route("POST", "/marks", Right.CHANGE_MARKS, work_answers.change_marks),
    Route("GET", "/requests", Right.OPEN, requests_page.requests),
    Route("POST", "/requests", Right.OPEN, requests_page.ask),
    Route("POST", "/requests/decide", Right.APPROVE, requests_page.decide),
    Route("GET", "/engine", Right.SEE_PROCESSING, engine_page.engine),
    Route("GET", "/engine/figures", Right.SEE_PROCESSING, engine_page.figures),
    Route("POST", "/engine/retry", Right.RUN, engine_page.retry),
    Route("GET", f"{_PROGRAMS}/openapi.json", Open.TO_ALL, _describe),
    Route("GET", f"{_PROGRAMS}/me", Open.TO_ACCOUNTS, api.me, Described("Who asks", c.Nothing, c.Me)),
    Route("GET", f"{_PROGRAMS}/search", Right.SEARCH, api.search, Described("Hits of a search", c.AskedSearch, c.Hits)),
    Route("GET", f"{_PROGRAMS}/items", Right.SEARCH, api.items, Described("Items by number", c.AskedItems, c.Items)),
    Route("GET", f"{_PROGRAMS}/items/{{number}}", Right.OPEN, api.item,
          Described("An item and what is around it", c.Nothing, c.ItemAndAround)),
    Route("GET", f"{_PROGRAMS}/items/{{number}}/segments", Right.OPEN, api.segments_of_item,
          Described("Texts and translations of an item", c.Paged, c.Segments)),
    Route("GET", f"{_PROGRAMS}/items/{{number}}/mentions", Right.OPEN, api.mentions_of_item,
          Described("What was found in an item, with spans", c.Paged, c.FoundMentions)),
    Route("GET", f"{_PROGRAMS}/mentions", Right.SEARCH, api.mentions,
          Described("What segments name", c.AskedMentions, c.Mentions)),
    Route("GET", f"{_PROGRAMS}/roles", Right.SEARCH, api.roles, Described("Who was what", c.AskedRoles, c.Roles)),
    Route("GET", f"{_PROGRAMS}/entities/{{kind}}", Right.SEARCH, api.entities,
          Described("Entities of a kind", c.Paged, c.Entities)),
    Route("GET", f"{_PROGRAMS}/entities/{{kind}}/{{key}}", Right.SEARCH, api.entity,
          Described("What is told of an entity", c.Nothing, c.Entity)),
    Route("GET", f"{_PROGRAMS}/items/{{number}}/said", Right.TAG, api.said_of_item,
          Described("Tags, notes and corrections of an item", c.Nothing, c.SaidOfItem)),
    Route("GET", f"{_PROGRAMS}/said", Right.TAG, api.said_of_all,
          Described("Tags, notes and corrections of all items", c.AskedSaid, c.SaidOfAll)),
    Route("POST", f"{_PROGRAMS}/tags", Right.TAG, api.tag, Described("Tag items", c.Nothing, c.Written, c.SentTag)),
    Route("POST", f"{_PROGRAMS}/notes", Right.TAG, api.note, Described("Note on items", c.Nothing, c.Written, c.SentNote)),
    Route("POST", f"{_PROGRAMS}/withdrawals", Right.TAG, api.withdraw,
          Described("Withdraw a tag, a note or a correction", c.Nothing, c.Written, c.SentWithdrawal)),
    Route("GET", f"{_PROGRAMS}/exports/{{table}}", Right.DOWNLOAD, api.export,
          Described("A table as a file", c.AskedExport, _FILES)),
    Route("GET", f"{_PROGRAMS}/network", Right.DOWNLOAD, api.network,
          Described("Who is named with whom, as GraphML", c.AskedNetwork, ("application/graphml+xml",))),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passed:
    """A path under which all is passed on to another server: what that needs, and what giving it orders needs."""

    path: str
    needs: Right
    orders: Right


DAGSTER = Passed("/dagster", Right.SEE_MACHINES, Right.RUN)
