"""Corrections: what was said of an accession, said anew. Old values stay in the record and can be read.

Here: the correction as a custody event, and the history of each fact.
Not here: access marks (register: they move documents in the index), the facts themselves (facts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from iimm_pipelines.accessions.facts import Facts, Told, as_data, from_text, with_changes
from iimm_pipelines.accessions.register import Basis, RegistrationRefused, check_form
from iimm_pipelines.custody.attestation import CustodyEvent
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import AccessionRow

_COLUMNS = ("source", "basis", "note")
_FACTS = tuple(f.name for f in fields(Facts))


@dataclass(frozen=True, slots=True)
class Stated:
    """What was said of one fact by one custody event; `reason` where it was a correction."""

    fact: str
    value: Any
    sequence: int
    at: datetime
    reason: str | None


def correct(holding: Holding, number: str, told: Told, reason: str) -> AccessionRow:
    """Correct what `told` says; what it does not mention stays.

    Raises:
        RegistrationRefused: no reason, nothing changes, marks are named, or what is said cannot be.
        CatalogueError: there is no such accession.
    """
    row = holding.catalogue.accession(number)
    if told.marks is not None:
        raise RegistrationRefused(f"marks are changed with `iimm accession marks {number} MARK...`")
    if not reason.strip():
        raise RegistrationRefused("a correction has a reason: say it with --reason")
    _check(holding, told)
    now = {**{c: getattr(row, c) for c in _COLUMNS}, **as_data(from_text(row.facts))}
    said = {n: as_data(v) for n in (*_COLUMNS, *_FACTS) if (v := getattr(told, n)) is not None}
    after = {n: v for n, v in said.items() if v != now[n]}
    if not after:
        raise RegistrationRefused("nothing of this differs from what is registered")
    body = {"after": after, "before": {n: now[n] for n in after}, "reason": reason.strip()}
    event = holding.record.event("corrected", row.number, body)
    holding.catalogue.change_accession(row.number, event, **corrected_columns(row.facts, after))
    holding.record.drain()
    return holding.catalogue.accession(number)


def corrected_columns(facts: str, after: Mapping[str, Any]) -> dict[str, str]:
    """What a correction makes of the catalogue's columns."""
    changed = {n: str(after[n]) for n in _COLUMNS if n in after}
    sections = {n: v for n, v in after.items() if n in _FACTS}
    return changed | ({"facts": with_changes(facts, sections)} if sections else {})


def history(events: Sequence[CustodyEvent]) -> Iterator[Stated]:
    """Everything that was ever said of an accession, fact by fact, oldest first."""
    said: list[Stated] = []
    for event in events:
        if event.kind == "registered":
            facts = {**{c: event.body[c] for c in (*_COLUMNS, "marks")}, **event.body.get("facts", {})}
        elif event.kind == "corrected":
            facts = dict(event.body["after"])
        elif event.kind == "marks changed":
            facts = {"marks": event.body["after"]}
        else:
            continue
        said += [Stated(n, v, event.sequence, event.at, event.body.get("reason")) for n, v in facts.items()]
    order = (*_COLUMNS, "marks", *_FACTS)
    yield from sorted(said, key=lambda s: (order.index(s.fact), s.sequence))


def _check(holding: Holding, told: Told) -> None:
    if told.basis is not None and told.basis not in set(Basis):
        raise RegistrationRefused(f"a basis is one of: {', '.join(Basis)}")
    if told.source is not None and len(told.source.split()) != 1:
        raise RegistrationRefused(
            "a source is a code without blanks, e.g. S-017; who stands behind it is kept elsewhere"
        )
    check_form(holding, told.facts)
