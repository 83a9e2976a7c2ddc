"""Restoring a holding from its backup, a copy of its vault and the backup of its keys.

Here: the steps in order, each of which does nothing where it was done.
Not here: what a backup holds (recovery/backup), whether all of it holds afterwards (`iimm verify`).

A file in the data folder says that it is not whole yet, so that nothing works on it before the end; it names the snapshot,
so that a restore that was cut short goes on with the same.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from iimm_pipelines.custody.attestation import AttestationInvalid
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.holding import RESTORING, Holding
from iimm_pipelines.recovery import HOLDING, RecoveryRefused
from iimm_pipelines.recovery.backup import Backup, Line, Snapshot
from iimm_pipelines.recovery.key_backup import restore_keys
from iimm_pipelines.recovery.vault_copy import Copied, all_objects, copy, open_copy
from iimm_pipelines.settings import load_settings
from iimm_pipelines.storage.durable import make_folder, write_atomic
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.parts import PartDamaged
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing, Vault

_AT_ONCE = 4
_BATCH = 500
_UNFINISHED = ".unfinished"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to. `vault` is None where the settings name a vault that was not lost."""

    snapshot: Snapshot
    files: int
    attestations: int
    vault: Copied | None
    faults: tuple[str, ...]


def restore(data: Path, backup: Path, keys: Mapping[str, bytes], vault: str | None, *,
            say: Say = lambda _: None) -> Restored:  # fmt: skip
    """Make the data folder `data` from a backup, the key files of `recovery.key_backup` and a copy of the vault.

    `say` is told which step begins.

    Raises:
        RecoveryRefused: the folder holds something else, or what is given is not whole or does not belong together.
        WrongVault: backup, keys and vault are not those of one holding.
    """
    data = data.expanduser().resolve()
    marker = data / RESTORING
    if data.is_dir() and any(data.iterdir()) and not marker.exists():
        raise RecoveryRefused(f"{data} is not empty: name a new folder with --data")
    say("keys")
    make_folder(data)
    chosen = int(marker.read_text()) if marker.exists() and marker.read_text().isdigit() else None
    if chosen is None:
        write_atomic(marker, b"")
    restore_keys(data, keys)
    own = Keys(data / "keys")
    source = Backup.existing(backup.expanduser().resolve(), own)
    chain = source.chain(chosen)
    if not chain:
        raise RecoveryRefused(f"the backup in {backup} has no snapshot: it never ran to its end")
    write_atomic(marker, str(chain[-1].number).encode())
    say("files")
    faults: list[str] = []
    files = _files(source, chain, data, faults)
    holding = Holding(load_settings(data), restoring=True)
    try:
        copied_vault = None if vault is None else open_copy(vault, holding.settings, own)
        say("catalogue")
        attestations = holding.catalogue.log_size() or _rebuilt(holding, faults)
        say("vault")
        done = None if copied_vault is None else copy(copied_vault, holding.vault, all_objects(holding))
        body = {
            "snapshot": chain[-1].number,
            "size": chain[-1].size,
            "root": chain[-1].root,
            "made_at": chain[-1].made_at,
        }
        holding.catalogue.note_event(holding.record.event("restored", HOLDING, body))
        holding.record.drain()
    finally:
        holding.close()
    for left in data.rglob(f"*{_UNFINISHED}"):  # by a restore that was cut short
        left.unlink()
    os.sync()
    marker.unlink()
    return Restored(chain[-1], files, attestations, done, tuple(faults))


def _rebuilt(holding: Holding, faults: Sequence[str]) -> int:
    try:
        return rebuild(holding)
    except (AttestationInvalid, PartDamaged, FileNotFoundError) as wrong:
        said = "; ".join(faults[:10]) or type(wrong).__name__
        raise RecoveryRefused(f"the backup is not whole ({len(faults)} files: {said}): use another copy of it, or its "
                              "snapshot before this one") from None  # fmt: skip


def _files(source: Backup, chain: list[Snapshot], data: Path, faults: list[str]) -> int:
    """Every file that the snapshots name: lasting ones of all, the others of the last."""
    lines = _lines(source, chain)
    files = 0
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while batch := list(islice(lines, _BATCH)):
            for fault in threads.map(lambda line: _file(source.store, line, data), batch):
                files += fault is None
                if fault is not None:
                    faults.append(fault)
    return files


def _lines(source: Backup, chain: list[Snapshot]) -> Iterator[Line]:
    for snapshot in chain:
        yield from (line for line in source.lines(snapshot) if line.lasting or snapshot is chain[-1])


def _file(store: Vault, line: Line, data: Path) -> str | None:
    """One file to its place; what is wrong where it cannot be."""
    target = data / line.path
    if not target.resolve().is_relative_to(data):
        return f"{line.path}: outside the data folder, so not restored"
    if target.exists():
        with target.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() == line.sha256:
                return None
    make_folder(target.parent)
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    try:
        store.copy_to(bytes.fromhex(line.sha256), unfinished)
    except (ObjectMissing, ObjectDamaged):
        return f"{line.path}: missing or damaged in the backup"
    unfinished.replace(target)
    return None
