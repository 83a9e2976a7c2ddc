"""Requests for a second pair of eyes: asking, deciding, and what a search says of what is closed meanwhile.

Here: the answers, and the events of access of each step, which name both people.
Not here: requests themselves (people/approvals), what is closed (search/access).
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import Response

from iimm_pipelines.page.search_page import Wanted
from iimm_pipelines.page.visit import Visit, to
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.approvals import (
    HOURS,
    LONGEST_REASON,
    Approval,
    ApprovalRefused,
    require_can_be,
    said_reason,
)
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.access import closed_reader
from iimm_pipelines.search.query import search
from iimm_pipelines.storage.catalogue import AccessionRow

_NAMED = 20


@dataclass(frozen=True, slots=True)
class ClosedHits:
    """What a search found in what needs a second person: numbers and marks, and nothing of any text."""

    hits: tuple[tuple[str, tuple[str, ...]], ...]
    total: int


def requests(visit: Visit) -> Response:
    """What somebody asked for, and what they may decide."""
    now, me = visit.desk.clock(), visit.known.name
    every = visit.holding.approvals.all()
    mine = [a for a in reversed(every) if a.who == me]
    held = {a.number for a in visit.holding.catalogue.accessions() if visit.known.marks.issuperset(a.marks) and a.marks}
    others = [a for a in reversed(every) if a.who != me and a.accession in held and (a.waits(now) or a.stands(now))]
    return visit.page("requests.html", mine=mine[:100], others=others if visit.known.may(Right.APPROVE) else [],
                      now=now, hours=HOURS, about=visit.values.get("about", "")[:20], longest=LONGEST_REASON,
                      state=lambda a: _state(visit, a))  # fmt: skip


def ask(visit: Visit) -> Response:
    """Ask for a closed accession, named by its number or by that of an item in it."""
    row = closed_accession(visit, visit.values.get("about", ""))
    if row is None:
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    try:
        reason = said_reason(visit.values.get("reason", ""))
        visit.note(What.ASKED_FOR_EYES, subject=row.number, query=reason)
        visit.holding.approvals.ask(visit.known.name, row.number, reason, visit.desk.clock())
    except ApprovalRefused as refused:
        return visit.refusal(str(refused), HTTPStatus.BAD_REQUEST)
    return to("/requests")


def decide(visit: Visit) -> Response:
    """Approve a request of somebody else for a while, refuse it, or end it."""
    number, hours = (visit.values.get(n, "") for n in ("number", "hours"))
    asked = (
        visit.holding.approvals.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else None
    )
    rows = {str(a.number): a.marks for a in visit.holding.catalogue.accessions()}
    if asked is None or not visit.known.marks.issuperset(rows.get(asked.accession, ("",))):
        return visit.refusal(visit.w("not there"), HTTPStatus.NOT_FOUND)
    given = int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0
    try:
        require_can_be(asked, visit.known.name, given, visit.desk.clock())
        # the event first: what the log does not know of must not be open
        visit.note(What.APPROVED if given else What.DECLINED, subject=asked.accession,
                   query=f"request {asked.number} of {asked.who}, {given} hours: {asked.reason}")  # fmt: skip
        visit.holding.approvals.decide(asked.number, visit.known.name, given, visit.desk.clock())
    except ApprovalRefused as refused:
        return visit.refusal(str(refused), HTTPStatus.BAD_REQUEST)
    return to("/requests")


def closed_accession(visit: Visit, number: str) -> AccessionRow | None:
    """The accession of a number, where somebody holds its marks and a second person must agree first."""
    who = closed_reader(visit.holding, visit.known, visit.desk.clock())
    wanted = number.strip().upper()[:6]
    return next(
        (a for a in visit.holding.catalogue.accessions() if a.number == wanted and who and who.sees(a.number, a.marks)),
        None,
    )


def nothing(visit: Visit) -> Response:
    """The answer where there is no such item for somebody: it says how to ask where that would help."""
    number = visit.path.get("number", "")
    if visit.account is not None and closed_accession(visit, number) is not None:
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
