"""Copies of the vault: a second vault with the same objects, ciphertext as it is, under the same names.

Here: bringing one vault's objects into another, checked on arrival; opening a copy that is there.
Not here: how an object lies in a vault (storage/vault), when objects are read again (recovery/fixity).

A copy opens with the holding's keys alone. What is there is not sent again, so that a copy that was cut short goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from iimm_pipelines.holding import Holding, in_s3, open_vault
from iimm_pipelines.recovery import HOLDING, RecoveryRefused
from iimm_pipelines.settings import Settings
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing, Vault

COPIED = "vault copied"
_AT_ONCE = 4
"""As at intake: four threads share the disk's commits."""
_BATCH = 500

Progress = Callable[[int], None]


@dataclass(slots=True)
class Copied:
    """What a copy came to. `faults` name objects by the start of their SHA-256 or, where nobody knows it, of their name."""

    copied: int = 0
    bytes: int = 0
    there: int = 0
    unknown: int = 0
    """Of those copied: objects that no part names yet, held against the bytes that were sent only."""
    faults: list[str] = field(default_factory=list)


def open_copy(where: str, settings: Settings, keys: Keys) -> Vault:
    """A copy of the vault that is there already, in a folder or at an address of S3.

    Raises:
        RecoveryRefused: there is none in that folder; it may lie on a volume that is not mounted.
        WrongVault: it belongs to another holding.
    """
    if not in_s3(where) and not _is_vault(_folder(settings, where)):
        raise RecoveryRefused(f"there is no vault in {where}: is its volume mounted?")
    return open_vault(where, keys, settings, settings.vault_copy_s3)


def copy_to(holding: Holding, where: str, *, again: bool = False, progress: Progress = lambda _: None) -> Copied:
    """Bring the holding's vault into the one at `where`, begun where there is none, and record it.

    `again`: read what is there as well, and replace what is damaged.

    Raises:
        RecoveryRefused: the folder lies in the data folder, or is that of something else, or of the vault itself.
        WrongVault: the vault there belongs to another holding.
    """
    own = holding.settings.vault
    if own is not None and (where == own or not in_s3(where) and not in_s3(own)
                            and _folder(holding.settings, where) == _folder(holding.settings, own)):  # fmt: skip
        raise RecoveryRefused(f"{where} is the vault itself: name another place for its copy")
    if not in_s3(where):
        folder = _folder(holding.settings, where)
        if folder.is_relative_to(holding.settings.data):
            raise RecoveryRefused(f"{folder} lies in the data folder and would be lost with it: name a place outside")
        if folder.exists() and any(folder.iterdir()) and not _is_vault(folder):
            raise RecoveryRefused(f"{folder} holds something else than a vault: name an empty folder, or a copy's")
        where = str(folder)
    with holding.catalogue.lease("vault copy"):
        target = open_vault(where, holding.keys, holding.settings, holding.settings.vault_copy_s3)
        done = copy(holding.vault, target, all_objects(holding), again=again, progress=progress)
        body = {"copied": done.copied, "bytes": done.bytes, "there": done.there, "faults": len(done.faults),
                "to": os.fsencode(where).decode(errors="replace")}  # fmt: skip
        holding.catalogue.note_event(holding.record.event(COPIED, HOLDING, body))
    holding.record.drain()
    return done


def copy(source: Vault, target: Vault, objects: Iterable[bytes], *, again: bool = False,
         progress: Progress = lambda _: None) -> Copied:  # fmt: skip
    """Bring objects from one vault into another of the same holding: these first, then what else the source has."""
    done = Copied()
    digests = iter(objects)
    refused: set[str] = set()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        while batch := list(islice(digests, _BATCH)):
            tried = threads.map(lambda d: _one(source, target, source.name(d), d, again), batch)
            for sha256, arrived in zip(batch, tried, strict=True):
                _count(done, arrived)
                if isinstance(arrived, str):
                    refused.add(source.name(sha256))
                progress(1)
            target.sync()
        names = (n for n in _missing(source.names(), target.names()) if n not in refused)
        while unknown := list(islice(names, _BATCH)):
            for arrived in threads.map(lambda n: _one(source, target, n, None, False), unknown):
                _count(done, arrived)
                done.unknown += isinstance(arrived, int)
                progress(1)
            target.sync()
    return done


def all_objects(holding: Holding) -> Iterator[bytes]:
    """Every object that the catalogue knows, by SHA-256, in pages."""
    last = b""
    while page := holding.catalogue.object_digests(last):
        yield from page
        last = page[-1]


def bring(source: Vault, target: Vault, name: str, sha256: bytes | None, *, instead: bool) -> int:
    """Bring one object from a vault into its copy, or back; gives its bytes as they are stored.

    Raises:
        ObjectMissing, ObjectDamaged: it is not whole at the source. Nothing was stored.
    """
    size = source.stored_size(name)
    with source.open_stored(name) as stored:
        target.put_stored(name, size or 0, stored, sha256, instead=instead)
    return size or 0


def _one(source: Vault, target: Vault, name: str, sha256: bytes | None, again: bool) -> int | str | None:
    """Bring one object over: the bytes that were sent, None where it was there, or what is wrong."""
    there = target.stored_size(name)
    if there is not None and there == source.stored_size(name):
        damaged = again and sha256 is not None and not _is_whole(target, sha256)
        if not damaged:
            return None
    shown = f"object {sha256.hex()[:16]}…" if sha256 is not None else f"object named {name[:16]}…"
    try:
        return bring(source, target, name, sha256, instead=there is not None)
    except ObjectMissing:
        return f"{shown} is missing at the source, {'and here' if there is None else 'though not here'}"
    except ObjectDamaged:
        return f"{shown} is damaged at the source, {'and not here' if there is None else 'and stays here as it is'}"


def _missing(names: Iterator[str], there: Iterator[str]) -> Iterator[str]:
    """Of sorted names those that are not there, by one pass over both: a vault in S3 is asked once for a thousand."""
    other = next(there, None)
    for name in names:
        while other is not None and other < name:
            other = next(there, None)
        if other != name:
            yield name


def _count(done: Copied, arrived: int | str | None) -> None:
    if isinstance(arrived, str):
        done.faults.append(arrived)
    elif arrived is None:
        done.there += 1
    else:
        done.copied += 1
        done.bytes += arrived


def _folder(settings: Settings, where: str) -> Path:
    """A folder as the settings name it: seen from the data folder."""
    return (settings.data / Path(where).expanduser()).resolve()


def _is_vault(folder: Path) -> bool:
    return (folder / "keys-of-this-vault").is_file()


def _is_whole(vault: Vault, sha256: bytes) -> bool:
    try:
        vault.check(sha256)
    except (ObjectMissing, ObjectDamaged):
        return False
    return True
