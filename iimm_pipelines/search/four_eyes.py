"""Requests for a second person, as people make and decide them on the page and at a prompt.

Here: which requests somebody sees, asking and deciding, each with its event of access, which names both people.
Not here: the requests themselves (people/approvals), what is closed meanwhile (search/access), pages and commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.accounts import Account
from iimm_pipelines.people.approvals import Approval, ApprovalRefused, require_can_be, said_reason
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.access import closed_reader
from iimm_pipelines.storage.catalogue import AccessionRow


class RequestUnknown(ApprovalRefused):
    """There is no such request or closed accession, or none for this account: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("there is no such request, and no such accession that waits for a second person")


@dataclass(frozen=True, slots=True)
class Requests:
    """Somebody's own requests, and those of others that they may decide or end; newest first."""

    mine: tuple[Approval, ...]
    others: tuple[Approval, ...]


def requests_of(holding: Holding, account: Account, now: datetime) -> Requests:
    """The requests that an account sees."""
    every = list(reversed(holding.approvals.all()))
    held = {a.number for a in holding.catalogue.accessions() if a.marks and account.marks.issuperset(a.marks)}
    decides = account.may(Right.APPROVE)
    return Requests(
        mine=tuple(a for a in every if a.who == account.name),
        others=tuple(a for a in every if decides and a.who != account.name and a.accession in held
                     and (a.waits(now) or a.stands(now))),
    )  # fmt: skip


def closed_accession(holding: Holding, account: Account, number: str, now: datetime) -> AccessionRow | None:
    """The accession of a number, its own or an item's, whose marks somebody holds and for which a second person must agree."""
    who = closed_reader(holding, account, now)
    wanted = number.strip().upper()[:6]
    return next(
        (a for a in holding.catalogue.accessions() if a.number == wanted and who and who.sees(a.number, a.marks)), None
    )


def ask(holding: Holding, account: Account, number: str, reason: str, now: datetime) -> Approval:
    """Ask for a closed accession.

    Raises:
        RequestUnknown: there is none of this number for this account.
        ApprovalRefused: no reason is said, or too much.
    """
    row = closed_accession(holding, account, number, now)
    if row is None:
        raise RequestUnknown
    reason = said_reason(reason)
    holding.access_log.add(AccessEvent(account.name, What.ASKED_FOR_EYES, subject=row.number, query=reason), now)
    return holding.approvals.ask(account.name, row.number, reason, now)


def decide(holding: Holding, account: Account, number: int, hours: int, now: datetime) -> Approval:
    """Agree to a request of somebody else for so many hours, or for none: then it is declined, or ended where it stood.

    Raises:
        RequestUnknown: there is none of this number for this account.
        ApprovalRefused: it is one's own, waits no more, or the time is none of those that can be given.
    """
    asked = holding.approvals.get(number)
    marks = {str(a.number): a.marks for a in holding.catalogue.accessions()}
    if asked is None or not account.marks.issuperset(marks.get(asked.accession, ("",))):
        raise RequestUnknown
    require_can_be(asked, account.name, hours, now)  # nor must it tell of what was refused
    # the event first: what the log does not know of must not be open
    what, said = (
        What.APPROVED if hours else What.DECLINED,
        f"request {asked.number} of {asked.who}, {hours} hours: {asked.reason}",
    )
    holding.access_log.add(AccessEvent(account.name, what, subject=asked.accession, query=said), now)
    return holding.approvals.decide(asked.number, account.name, hours, now)
