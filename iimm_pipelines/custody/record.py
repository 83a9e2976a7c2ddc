"""The record of custody of one holding: signs attestations and events, and brings them into the log.

Here: signing with the holding's key, storing events, draining the outbox into the log.
Not here: the form of an attestation (custody/attestation), checking the record (custody/verify).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import CustodyEvent, Processing
from iimm_pipelines.custody.log import Log
from iimm_pipelines.custody.signing import Signer, Verifier
from iimm_pipelines.storage.catalogue import Catalogue, EventRow
from iimm_pipelines.storage.durable import make_folder, write_atomic


class Proof:
    """The record as it lies in files: the log, the events, and the public key. Needs no catalogue."""

    def __init__(self, folder: Path, keys: Path, holding: str) -> None:
        """Open the record for reading."""
        self.folder = folder
        self.verifier = Verifier.open(keys / "signing.pem.pub")
        self.log = Log(folder / "log", f"iimm/{holding}", None, self.verifier)

    @property
    def events_folder(self) -> Path:
        """Where custody events lie, each under its digest."""
        return self.folder / "events"

    def event_path(self, digest: str) -> Path:
        """Where one event lies."""
        return self.events_folder / f"{digest}.dsse.json"


class Record(Proof):
    """Custody of a holding at work: signs, stores events, and drains the outbox into the log."""

    def __init__(self, folder: Path, keys: Path, holding: str, catalogue: Catalogue) -> None:
        """Open the record, and make its key at the first start."""
        make_folder(folder)
        make_folder(keys)
        self.signer = Signer.open(keys / "signing.pem")
        super().__init__(folder, keys, holding)
        self.catalogue = catalogue
        self.log = Log(folder / "log", f"iimm/{holding}", self.signer)

    def processing(self, what: Processing) -> tuple[bytes, str]:
        """A signed attestation and its digest."""
        envelope = attestation.envelope(what, self.signer)
        return envelope, attestation.digest(envelope).hex()

    def event(self, kind: str, about: str, body: Mapping[str, Any]) -> EventRow:
        """Sign and store a custody event, chained to the one before it; the caller commits the row."""
        before = self.catalogue.last_event(about)
        happened = CustodyEvent(kind=kind, about=about, body=body, previous=before.digest if before else None,
                                sequence=before.sequence + 1 if before else 0, at=datetime.now(UTC))  # fmt: skip
        envelope = attestation.envelope(happened, self.signer)
        digest = attestation.digest(envelope).hex()
        make_folder(self.events_folder)
        write_atomic(self.event_path(digest), envelope)
        return EventRow(digest, about, happened.sequence, kind)

    def drain(self) -> int:
        """Bring every attestation of the outbox into the log; returns how many.

        What a run that died had sealed but not noted is found by the log's size, so that nothing stands in it twice.
        """
        drained = 0
        with self.log.locked():
            sealed = self._sealed()
            known = self.catalogue.log_size()
            if sealed > known:
                entries = self.log.entries(known, sealed)
                self.catalogue.logged({e.hex(): known + i for i, e in enumerate(entries)})
            while waiting := self.catalogue.outbox():
                self.log.append([bytes.fromhex(d) for d in waiting])
                self.catalogue.logged({d: sealed + i for i, d in enumerate(waiting)})
                sealed += len(waiting)
                drained += len(waiting)
        return drained

    def _sealed(self) -> int:
        checkpoint = self.log.checkpoint()
        return checkpoint.size if checkpoint else 0
