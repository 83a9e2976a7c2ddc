"""Access: which reader holds which marks, and so which indices a query may name.

Here: the first of the two locks. A query names only the indices whose set of marks the reader holds, so that no
count, facet, score or suggestion can know of the rest.
Not here: the second lock, document-level security by the reader's own token (search/node).
"""

from __future__ import annotations

from dataclasses import dataclass

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.mapping import KINDS, alias_name
from iimm_pipelines.search.node import usable_mark
from iimm_pipelines.settings import SettingsInvalid


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
        SettingsInvalid: they hold a mark that cannot stand in a reader's token.
    """
    marks = holding.settings.readers.get(name)
    if marks is None:
        raise ReaderUnknown(f"no reader {name!r}: name them with their marks under [readers] in iimm.toml")
    if not all(usable_mark(mark) for mark in marks):
        raise SettingsInvalid(
            f'reader {name!r} in iimm.toml: a mark is 1 to 100 printable characters, none of them "\\,${{}}'
        )
    return Reader(name, frozenset(marks))


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
