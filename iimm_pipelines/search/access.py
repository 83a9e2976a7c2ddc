"""Access: which reader holds which marks, and so which indices a query may name.

Here: the first of the two locks. A query names only the indices whose set of marks the reader holds, so that no
count, facet, score or suggestion can know of the rest.
Not here: the second lock, document-level security by the reader's own token (search/node).
"""

from __future__ import annotations

from dataclasses import dataclass

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.mapping import KINDS, alias_name


class ReaderUnknown(ValueError):
    """Nobody of this name is a reader; the message says how one becomes one."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, with the marks that they hold."""

    name: str
    marks: frozenset[str]

    def may_see(self, marks: tuple[str, ...]) -> bool:
        """Whether the reader holds all of an item's marks."""
        return bool(marks) and self.marks.issuperset(marks)


def reader(holding: Holding, name: str) -> Reader:
    """A reader of the settings.

    Raises:
        ReaderUnknown: the settings do not name them.
    """
    marks = holding.settings.readers.get(name)
    if marks is None:
        raise ReaderUnknown(f"no reader {name!r}: name them with their marks under [readers] in iimm.toml")
    return Reader(name, frozenset(marks))


def indices_for(holding: Holding, who: Reader) -> list[str]:
    """The aliases that a reader's queries may name."""
    sets = {a.marks for a in holding.catalogue.accessions() if who.may_see(a.marks)}
    return sorted(alias_name(holding.settings.holding, kind, marks) for marks in sets for kind in KINDS)
