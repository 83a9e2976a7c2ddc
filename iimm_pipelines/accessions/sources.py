"""The register of sources: codes, and where it is written down who stands behind each.

Here: registering a code, correcting it, listing sources with what they handed over.
Not here: a name. The true register is kept elsewhere, and this one says at most where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from iimm_pipelines.accessions.facts import checked_code
from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.accessions.register import RegistrationRefused
from iimm_pipelines.custody.attestation import CustodyEvent
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import SourceRow

SOURCE_REGISTERED = "source registered"
SOURCE_CORRECTED = "source corrected"


@dataclass(frozen=True, slots=True)
class Source:
    """A source with its accessions. `registered_at` is None for a code that accessions name and nobody registered."""

    code: str
    true_register: str
    registered_at: str | None
    accessions: tuple[Accession, ...]


def add_source(holding: Holding, code: str, true_register: str) -> Source:
    """Register a source by its code.

    Raises:
        RegistrationRefused: it is no code, or it is registered.
    """
    try:
        code = checked_code(code.strip())
    except ValueError as wrong:
        raise RegistrationRefused(f"a source is {wrong}") from None
    if any(s.code == code for s in holding.catalogue.sources()):
        raise RegistrationRefused(
            f"{code} is registered; `iimm source correct {code}` changes where its register is kept"
        )
    row = SourceRow(code, true_register, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    _write(holding, SOURCE_REGISTERED, row, {})
    return find_source(holding, code)


def correct_source(holding: Holding, code: str, true_register: str, reason: str) -> Source:
    """Say anew where it is written down who stands behind a code; the old words stay in the record.

    Raises:
        RegistrationRefused: there is no such source, no reason, or nothing would change.
    """
    before = next((s for s in holding.catalogue.sources() if s.code == code), None)
    if before is None:
        raise RegistrationRefused(f"{code} is not registered; `iimm source add` registers it")
    if not reason.strip() or true_register == before.true_register:
        raise RegistrationRefused("a correction has a reason and changes something")
    row = SourceRow(code, true_register, before.registered_at)
    _write(holding, SOURCE_CORRECTED, row, {"before": before.true_register, "reason": reason.strip()})
    return find_source(holding, code)


def sources(holding: Holding) -> Sequence[Source]:
    """Every source, also those that only accessions name, by code."""
    known = {s.code: s for s in holding.catalogue.sources()}
    handed: dict[str, list[Accession]] = {code: [] for code in known}
    for row in holding.catalogue.accessions():
        handed.setdefault(row.source, []).append(row.number)
    return [Source(code, known[code].true_register if code in known else "",
                   known[code].registered_at if code in known else None, tuple(numbers))
            for code, numbers in sorted(handed.items())]  # fmt: skip


def find_source(holding: Holding, code: str) -> Source:
    """One source.

    Raises:
        RegistrationRefused: neither the register nor an accession names it.
    """
    found = next((s for s in sources(holding) if s.code == code), None)
    if found is None:
        raise RegistrationRefused(f"there is no source {code}; `iimm source list` lists them")
    return found


def events_of_source(holding: Holding, code: str) -> list[CustodyEvent]:
    """What happened to a source's entry, in order."""
    return events_of(holding, _about(code))


def _write(holding: Holding, kind: str, row: SourceRow, more: dict[str, str]) -> None:
    event = holding.record.event(kind, _about(row.code), {**asdict(row), **more})
    holding.catalogue.write_source(row, event)
    holding.record.drain()


def _about(code: str) -> str:
    """What its custody events are about: with a blank, so that no code is taken for an accession."""
    return f"source {code}"
