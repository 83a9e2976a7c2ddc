"""How safe a holding is against loss: what the custody events say of its copies.

Here: when keys, vault and the rest were last brought elsewhere, whether that was whole, and what it noted of the log
of access.
Not here: making these copies (the modules beside this), other checks of a machine (health).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import CustodyEvent
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import Anchor
from iimm_pipelines.recovery import HOLDING
from iimm_pipelines.recovery.backup import DONE
from iimm_pipelines.recovery.key_backup import CONFIRMED, present_fingerprint

STALE = timedelta(days=7)


def last_event(holding: Holding, kind: str) -> CustodyEvent | None:
    """The last custody event of a kind about the holding as a whole."""
    row = holding.catalogue.last_event(HOLDING, kind)
    if row is None:
        return None
    said = attestation.read(holding.proof.event_path(row.digest).read_bytes(), holding.proof.verifier)
    return said if isinstance(said, CustodyEvent) else None


def access_log_anchors(holding: Holding) -> list[Anchor]:
    """What each backup noted of the log of access: signed, and in the log of custody."""
    rows = [e for e in holding.catalogue.events() if (e.about, e.kind) == (HOLDING, DONE)]
    files = (holding.proof.event_path(e.digest).read_bytes() for e in rows)
    said = (attestation.read(f, holding.proof.verifier) for f in files)
    return anchors_in(e for e in said if isinstance(e, CustodyEvent))


def anchors_in(events: Iterable[CustodyEvent]) -> list[Anchor]:
    """What those of these events that tell of a backup noted of the log of access."""
    backups = (e for e in events if (e.about, e.kind) == (HOLDING, DONE))
    return [Anchor(**noted) for e in backups if (noted := e.body.get("access_log"))]


def keys_are_safe(holding: Holding) -> bool:
    """Whether a backup of the keys, as they are now, was opened."""
    said = last_event(holding, CONFIRMED)
    return said is not None and said.body["keys"] == present_fingerprint(holding)


def is_recent(holding: Holding, kind: str) -> bool:
    """Whether a copy was made within a week, without a fault."""
    said = last_event(holding, kind)
    return said is not None and not said.body["faults"] and datetime.now(UTC) - said.at < STALE
