"""Fixity: every object of the vault read again within the days of the settings, the oldest check first.

Here: what is due, reading it, mending what is damaged from the vault's copy, and the custody events that say so.
Not here: when each object was last read (storage/checks), making the copy (recovery/vault_copy).

A run reads what was damaged at its last check, then what was never read, then the oldest: at least a share that brings
all objects round within the days if it runs daily, more where some are overdue, and nothing new once its minutes are over.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Number, accession_of
from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery import HOLDING, RecoveryRefused
from iimm_pipelines.recovery.vault_copy import bring, open_copy
from iimm_pipelines.storage.checks import Checks, Standing
from iimm_pipelines.storage.ciphertext import VaultUnavailable
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing, Vault

_AT_ONCE = 4
_BATCH = 200
_DAY_MS = 86_400_000

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Damage:
    """An object that is not as it was put in: how it was found, where it occurs, whether the copy mended it."""

    object: bytes
    found: str
    items: tuple[Number, ...]
    restored: bool

    def __str__(self) -> str:
        where = ", ".join(self.items[:20]) + (f" and {len(self.items) - 20} more" if len(self.items) > 20 else "")
        said = "restored from the vault's copy" if self.restored else "NOT restored"
        return f"object {self.object.hex()[:16]}… is {self.found} ({where or 'no item'}): {said}"


@dataclass(slots=True)
class Checked:
    """What a fixity run came to."""

    checked: int = 0
    damage: list[Damage] = field(default_factory=list)
    why_not_restored: str = ""
    standing: Standing = Standing(0, 0, 0, 0, 0)

    @property
    def left(self) -> list[Damage]:
        """Damage that nothing mended."""
        return [d for d in self.damage if not d.restored]


def check_fixity(holding: Holding, *, everything: bool = False, minutes: float | None = None,
                 progress: Progress = lambda _: None) -> Checked:  # fmt: skip
    """Read what is due, mend what can be, and record it. `everything`: all objects, whenever they were last read.

    Raises:
        Busy: another fixity run goes on.
        VaultUnavailable: the vault's store does not answer; that is no damage. What was read is noted.
    """
    checks = Checks(holding.catalogue)
    done = Checked()
    with holding.catalogue.lease("fixity"):
        began = _now_ms()
        ends = time.monotonic() + 60 * (minutes if minutes is not None else holding.settings.fixity_minutes)
        checks.learn()
        due_before = began - holding.settings.fixity_days * _DAY_MS
        share = -(-checks.standing(due_before).objects // holding.settings.fixity_days)
        wrong: dict[bytes, str] = {}
        with ThreadPoolExecutor(_AT_ONCE) as threads:

            def read(batch: Sequence[bytes]) -> None:
                found = dict(zip(batch, threads.map(lambda d: _state(holding.vault, d), batch), strict=True))
                bad = {d: state for d, state in found.items() if state is not None}
                now = _now_ms()
                checks.note([d for d in batch if d not in bad], now)
                checks.note(list(bad), now, whole=False)
                wrong.update(bad)
                done.checked += len(batch)
                progress(len(batch))

            read(checks.damaged())
            while time.monotonic() < ends:
                batch = [d for d, at in checks.oldest(_BATCH) if at < began
                         and (everything or at < due_before or done.checked < share)]  # fmt: skip
                if not batch:
                    break
                read(batch)
        if wrong:
            _mend(holding, checks, wrong, done)
        done.standing = checks.standing(due_before)
        _record(holding, done)
    holding.record.drain()
    return done


def fixity_standing(holding: Holding) -> Standing:
    """How the objects of the vault stand now."""
    return Checks(holding.catalogue).standing(_now_ms() - holding.settings.fixity_days * _DAY_MS)


def items_of(holding: Holding, objects: Iterable[bytes]) -> dict[bytes, list[Number]]:
    """Where objects occur, by item. Reads one column of every shard, so it is asked for damage only."""
    wanted = set(objects)
    found: dict[bytes, list[Number]] = defaultdict(list)
    for shard in holding.catalogue.shards():
        tables = (("inventory", "received"), ("contents", "members"))
        frames = [f for f in (holding.parts.frame(s, t, shard.number) for s, t in tables) if f.height]
        if any(f["sha256"].is_in(list(wanted)).any() for f in frames):
            for item in read_items(holding.parts, shard.number):
                if item.object is not None and item.object in wanted:
                    found[item.object].append(item.number)
    return found


def shown_time(ms: int) -> str:
    """A time of `Standing` as text."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if ms else "never"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _state(vault: Vault, sha256: bytes) -> str | None:
    try:
        vault.check(sha256)
    except ObjectMissing:
        return "missing"
    except (ObjectDamaged, OSError):  # a disk that gives up in the midst of a file is damage too
        return "damaged"
    return None


def _mend(holding: Holding, checks: Checks, wrong: Mapping[bytes, str], done: Checked) -> None:
    """Bring damaged objects back from the copy, and name what they are."""
    copy: Vault | None = None
    if holding.settings.vault_copy is None:
        done.why_not_restored = "no vault_copy is named in iimm.toml"
    else:
        try:
            copy = open_copy(holding.settings.vault_copy, holding.settings, holding.keys)
        except (RecoveryRefused, VaultUnavailable) as refused:
            done.why_not_restored = str(refused)
    where = items_of(holding, wrong)
    for sha256, found in wrong.items():
        restored = copy is not None and _brought_back(holding.vault, copy, sha256)
        done.damage.append(Damage(sha256, found, tuple(where.get(sha256, ())), restored))
    holding.vault.sync()
    checks.note([d.object for d in done.damage if d.restored], _now_ms())
    if done.left and not done.why_not_restored:
        done.why_not_restored = "the vault's copy does not have it whole"


def _brought_back(vault: Vault, copy: Vault, sha256: bytes) -> bool:
    try:
        bring(copy, vault, vault.name(sha256), sha256, instead=True)
    except (ObjectMissing, ObjectDamaged, VaultUnavailable, OSError):
        return False
    return True


def _record(holding: Holding, done: Checked) -> None:
    """A custody event for each accession of which an object was damaged, and one for the whole run."""
    by_accession: dict[str, list[dict[str, object]]] = defaultdict(list)
    for damage in done.damage:
        for about in sorted({str(accession_of(n)) for n in damage.items}) or [HOLDING]:
            items = [n for n in damage.items if about == HOLDING or accession_of(n) == about]
            by_accession[about].append({"object": damage.object, "found": damage.found, "items": items,
                                        "restored": damage.restored})  # fmt: skip
    for about, objects in sorted(by_accession.items()):
        holding.catalogue.note_event(holding.record.event("damage found", about, {"objects": objects}))
    standing = done.standing
    body = {"checked": done.checked, "objects": standing.objects, "overdue": standing.overdue,
            "oldest": shown_time(standing.oldest),
            "damaged": len(done.damage), "restored": len(done.damage) - len(done.left)}  # fmt: skip
    holding.catalogue.note_event(holding.record.event("fixity checked", HOLDING, body))
