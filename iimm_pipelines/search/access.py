"""Access: which reader holds which marks, and so which indices a query may name.

Here: the first of the two locks. A query names only the indices whose set of marks the reader holds, so that no
count, facet, score or suggestion can know of the rest.
Not here: the second lock, document-level security by the reader's own token (search/node); accounts (people).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import NOBODY, AccessEvent, What
from iimm_pipelines.people.accounts import Account, AccountUnknown
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.mapping import KINDS, alias_name


class ReaderUnknown(ValueError):
    """No account of this name may do that; the message says how one is made."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, with the marks that count now.

    `four_eyes`: marks for which a second person must agree, `opened`: accessions for which one did. A mark for which
    nobody agreed to anything does not count, so that it is in no token either. `closed`: asks for what is closed alone.
    """

    name: str
    marks: frozenset[str]
    four_eyes: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    closed: bool = False

    def may_see(self, marks: tuple[str, ...]) -> bool:
        """Whether the reader holds all of an item's marks."""
        return bool(marks) and self.marks.issuperset(marks)

    def sees(self, accession: str, marks: tuple[str, ...]) -> bool:
        """Whether an accession with these marks is open to them now; of who asks for what is closed, whether it is."""
        waits = not self.four_eyes.isdisjoint(marks) and accession not in self.opened
        return self.may_see(marks) and waits is self.closed


def reader(holding: Holding, name: str, right: Right = Right.SEARCH) -> Reader:
    """An account that may search, or do what else is named, as a reader. A refusal stands in the log of access.

    Raises:
        ReaderUnknown: no account of this name may.
    """
    try:
        account = holding.accounts.get(name)
    except AccountUnknown:
        account = None
    if account is None or not account.may(right):
        holding.access_log.add(AccessEvent(account.name if account else NOBODY, What.REFUSED))
        raise ReaderUnknown(
            f"no account {name!r} may {right}: `iimm user list` lists accounts, `iimm user add` makes one"
        )
    return reader_of(holding, account, datetime.now(UTC))


def reader_of(holding: Holding, account: Account, now: datetime) -> Reader:
    """An account as a reader."""
    needing = account.marks.intersection(holding.settings.four_eyes)
    if not needing:
        return Reader(account.name, account.marks)
    opened = holding.approvals.opened(account.name, now)
    agreed = {m for a in holding.catalogue.accessions() if a.number in opened for m in a.marks}
    return Reader(account.name, account.marks - (needing - agreed), needing, opened)


def closed_reader(holding: Holding, account: Account, now: datetime) -> Reader | None:
    """An account as one who asks what is closed to it, to be told numbers only; None where nothing can be."""
    needing = account.marks.intersection(holding.settings.four_eyes)
    opened = holding.approvals.opened(account.name, now)
    return Reader(account.name, account.marks, needing, opened, closed=True) if needing else None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader's query may name: aliases, and accessions.

    Accessions say it twice: between a change of marks and the run that moves the documents, an index still holds some
    of an accession that is not for all its readers any more.
    """

    indices: tuple[str, ...]
    accessions: tuple[str, ...]


def scope(holding: Holding, who: Reader) -> Scope:
    """The aliases and accessions of which a reader holds all marks."""
    seen = [a for a in holding.catalogue.accessions() if who.sees(a.number, a.marks)]
    names = {alias_name(holding.settings.holding, kind, a.marks) for a in seen for kind in KINDS}
    return Scope(tuple(sorted(names)), tuple(a.number for a in seen))
