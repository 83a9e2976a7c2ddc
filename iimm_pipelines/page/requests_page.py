"""Requests for a second pair of eyes: asking, deciding, and what a search says of what is closed meanwhile.

Here: the answers.
Not here: asking and deciding (search/four_eyes), requests themselves (people/approvals), what is closed (search/access).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import Response

from iimm_pipelines.page.search_page import Wanted
from iimm_pipelines.page.visit import Visit, to
from iimm_pipelines.people.approvals import HOURS, LONGEST_REASON, Approval, ApprovalRefused
from iimm_pipelines.search import four_eyes
from iimm_pipelines.search.access import closed_reader
from iimm_pipelines.search.query import search

_NAMED = 20


@dataclass(frozen=True, slots=True)
class ClosedHits:
    """What a search found in what needs a second person: numbers and marks, and nothing of any text."""

    hits: tuple[tuple[str, tuple[str, ...]], ...]
    total: int


def requests(visit: Visit) -> Response:
    """What somebody asked for, and what they may decide."""
    now = visit.desk.clock()
    found = four_eyes.requests_of(visit.holding, visit.known, now)
    return visit.page("requests.html", mine=found.mine[:100], others=found.others, now=now, hours=HOURS,
                      about=visit.values.get("about", "")[:20], longest=LONGEST_REASON, state=lambda a: _state(visit, a))  # fmt: skip


def ask(visit: Visit) -> Response:
    """Ask for a closed accession, named by its number or by that of an item in it."""
    about, reason = (visit.values.get(n, "") for n in ("about", "reason"))
    return _done(visit, lambda: four_eyes.ask(visit.holding, visit.known, about, reason, visit.desk.clock()))


def decide(visit: Visit) -> Response:
    """Approve a request of somebody else for a while, refuse it, or end it."""
    number, hours = (_small(visit.values.get(n, "")) for n in ("number", "hours"))
    return _done(visit, lambda: four_eyes.decide(visit.holding, visit.known, number, hours, visit.desk.clock()))


def _done(visit: Visit, change: Callable[[], Approval]) -> Response:
    try:
        change()
    except four_eyes.RequestUnknown:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    except ApprovalRefused as refused:
        return visit.refusal(visit.w.refusal(str(refused)), HTTPStatus.BAD_REQUEST)
    return to("/requests")


def _small(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def nothing(visit: Visit) -> Response:
    """The answer where there is no such item for somebody: it says how to ask where that would help."""
    number = visit.path.get("number", "")
    if visit.account and four_eyes.closed_accession(visit.holding, visit.account, number, visit.desk.clock()):
        return visit.page("needs_eyes.html", HTTPStatus.FORBIDDEN, ask=urlencode({"about": number}))
    return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)


def closed_hits(visit: Visit, what: Wanted) -> ClosedHits | None:
    """What a search finds in what is closed; None for who holds no mark that needs a second person.

    That something was found is told: its finder holds the marks, and without it nobody would know what to ask for.

    Raises:
        QueryInvalid, AskedInvalid: it cannot be asked.
        SynonymsInvalid, NodeError: it cannot be answered now.
    """
    who = closed_reader(visit.holding, visit.known, visit.desk.clock())
    if who is None:
        return None
    found = search(visit.holding, who, what.q, _NAMED, what.narrowing)
    marks = {a.number: a.marks for a in visit.holding.catalogue.accessions()}
    return ClosedHits(tuple((h.item, marks[h.fields["accession"]]) for h in found.hits), found.total)


def _state(visit: Visit, asked: Approval) -> str:
    now = visit.desk.clock()
    if asked.stands(now):
        return visit.w("open until", time=asked.ends.strftime("%Y-%m-%d %H:%M UTC"))
    if asked.waits(now):
        return visit.w("request waits")
    return visit.w("request over")
