"""Access: which reader holds which marks, and so which indices a query may name.

Here: the first of the two locks. A query names only the indices whose set of marks the reader holds, so that no
count, facet, score or suggestion can know of the rest.
Not here: the second lock, document-level security by the reader's own token (search/node); accounts (people).
"""

from __future__ import annotations

from dataclasses import dataclass

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import NOBODY, AccessEvent, What
from iimm_pipelines.people.accounts import AccountUnknown
from iimm_pipelines.people.rights import Right
from iimm_pipelines.search.mapping import KINDS, alias_name


class ReaderUnknown(ValueError):
    """No account of this name may do that; the message says how one is made."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, with the marks that they hold."""

    name: str
    marks: frozenset[str]

    def may_see(self, marks: tuple[str, ...]) -> bool:
        """Whether the reader holds all of an item's marks."""
        return bool(marks) and self.marks.issuperset(marks)


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
    return Reader(name, account.marks)


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
    seen = [a for a in holding.catalogue.accessions() if who.may_see(a.marks)]
    names = {alias_name(holding.settings.holding, kind, a.marks) for a in seen for kind in KINDS}
    return Scope(tuple(sorted(names)), tuple(a.number for a in seen))
