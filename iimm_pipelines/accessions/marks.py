"""Access marks of an accession, changed by a person who says why.

Here: the decision, with its custody event.
Not here: moving the documents in the index (search/move), which marks a reader holds (people/accounts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iimm_pipelines.accessions.register import RegistrationRefused, change_marks
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import AccessionRow


@dataclass(frozen=True, slots=True)
class Because:
    """Who decides, and why."""

    by: str
    reason: str


def decide_marks(holding: Holding, number: str, marks: Sequence[str], because: Because) -> AccessionRow:
    """Give an accession other marks. From this moment on, nobody sees it who does not hold them all.

    Raises:
        RegistrationRefused: no reason or person, no mark or one that cannot be, or nothing changes.
        CatalogueError: there is no such accession.
    """
    if not because.by.strip() or not because.reason.strip():
        raise RegistrationRefused("a change of marks has a person and a reason: --by and --reason")
    if sorted({m.strip() for m in marks}) == sorted(holding.catalogue.accession(number).marks):
        raise RegistrationRefused(f"{number} has these marks already")
    return change_marks(holding, number, marks, {"by": because.by.strip(), "reason": because.reason.strip()})
