"""One holding, opened: its settings, keys, vault, catalogue, parts, listings, record of custody, accounts.

Here: how the storage of a holding fits together, and what an accession's stages may know of it (hints).
Not here: any work on it.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from iimm_pipelines.custody.record import Proof, Record
from iimm_pipelines.people.access_log import AccessLog
from iimm_pipelines.people.accounts import Accounts, LockOut
from iimm_pipelines.people.approvals import Approvals
from iimm_pipelines.people.choices import Choices
from iimm_pipelines.search.node import Node, home_in, reachable_place
from iimm_pipelines.settings import S3Server, Settings, SettingsInvalid
from iimm_pipelines.storage.catalogue import Catalogue
from iimm_pipelines.storage.durable import locked, make_folder, write_atomic
from iimm_pipelines.storage.hash_lists import HashLists
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.listings import Listings
from iimm_pipelines.storage.parts import PartFiles, Parts
from iimm_pipelines.storage.vault import Vault
from iimm_pipelines.work.record import FOLDER, Work

RESTORING = "restoring"
"""The file in a data folder that says that not all of it is there yet."""


class HoldingIncomplete(RuntimeError):
    """A restore of this holding has not ended."""


def in_s3(where: str | Path | None) -> TypeGuard[str]:
    """Whether that is an address of S3, and no folder."""
    return isinstance(where, str) and where.startswith("s3:")


def open_vault(where: str | Path, keys: Keys, settings: Settings, server: S3Server) -> Vault:
    """The vault at an address of S3 or in a folder, which may be named as seen from the data folder.

    Raises:
        SettingsInvalid: the address is none.
        VaultUnavailable: it cannot be reached.
        WrongVault: it was filled under other keys.
    """
    if not in_s3(where):
        return Vault(settings.data / Path(where).expanduser(), keys)
    from iimm_pipelines.storage.locked_bucket import locked_bucket
    from iimm_pipelines.storage.s3 import AddressInvalid

    try:
        store = locked_bucket(str(where), server, settings.object_lock, settings.object_lock_days)
    except AddressInvalid as wrong:
        raise SettingsInvalid(f"vault: {wrong}") from None
    return Vault(store, keys)


class Holding:
    """Everything that one body of evidence has of its own, below its data folder."""

    def __init__(self, settings: Settings, *, restoring: bool = False) -> None:
        """Open the holding in `settings.data`; what does not exist yet is made when it is first needed.

        Raises:
            HoldingIncomplete: it is being restored, and not by the caller.
        """
        if not restoring and (settings.data / RESTORING).exists():
            raise HoldingIncomplete(f"{settings.data} is not restored to the end: give `iimm restore` again as before")
        self.settings = settings
        make_folder(settings.data)
        settings.data.chmod(0o711)  # the search server's account must pass through; everything below is closed

    @cached_property
    def keys(self) -> Keys:
        """Wrapping, naming and salt keys."""
        return Keys(self.settings.data / "keys")

    @cached_property
    def vault(self) -> Vault:
        """Encrypted objects."""
        settings = self.settings
        return open_vault(settings.vault or settings.data / "vault", self.keys, settings, settings.vault_s3)

    def probe_vault(self) -> str | None:
        """Have the vault's bucket show that it keeps what is locked; gives the time, None where a folder locks nothing.

        Raises:
            VaultUnlocked: it does not. Nothing may be taken in.
            VaultUnavailable: it cannot be asked.
        """
        if not in_s3(self.settings.vault):
            return None
        self.vault.probe()
        at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        write_atomic(self.settings.data / "vault-probe.json", orjson.dumps({"at": at, "vault": self.settings.vault}))
        return at

    @cached_property
    def catalogue(self) -> Catalogue:
        """What stands where."""
        return Catalogue.at(self.settings.data)

    @cached_property
    def parts(self) -> Parts:
        """Outcomes."""
        return Parts(self.settings.data / "parts", self.catalogue)

    @cached_property
    def part_files(self) -> PartFiles:
        """Outcomes as they lie in files, for those who do without the catalogue."""
        return PartFiles(self.settings.data / "parts")

    @cached_property
    def listings(self) -> Listings:
        """Received files as they were listed."""
        return Listings(self.settings.data / "listings")

    @cached_property
    def hash_lists(self) -> HashLists:
        """Digests of files that are kept shut."""
        return HashLists(self.settings.data / "hash-lists")

    @cached_property
    def record(self) -> Record:
        """The record of custody."""
        return Record(
            self.settings.data / "custody", self.settings.data / "keys", self.settings.holding, self.catalogue
        )

    @cached_property
    def proof(self) -> Proof:
        """The record of custody, to be read without the catalogue."""
        return Proof(self.settings.data / "custody", self.settings.data / "keys", self.settings.holding)

    @cached_property
    def accounts(self) -> Accounts:
        """Who may do what here."""
        settings = self.settings
        lock_out = LockOut(settings.sign_in_failures, timedelta(minutes=settings.sign_in_lock_minutes))
        vouched = timedelta(hours=settings.oidc.session_hours) if settings.oidc else None
        return Accounts(settings.data / "people", self.keys, self.record, lock_out, vouched)

    @cached_property
    def approvals(self) -> Approvals:
        """What may be opened because a second person agreed."""
        return Approvals(self.settings.data / "people", self.keys)

    @cached_property
    def choices(self) -> Choices:
        """What they have chosen for themselves."""
        return Choices(self.settings.data / "people", self.keys)

    @cached_property
    def access_log(self) -> AccessLog:
        """Who looked at what."""
        return AccessLog(self.settings.data / "access-log", self.keys)

    @cached_property
    def work(self) -> Work:
        """What people decided while they read."""
        return Work(self.settings.data / FOLDER, self.record, self.catalogue)

    @property
    def models(self) -> Path:
        """The model store's folder."""
        return self.settings.cache / "models"

    @cached_property
    def node(self) -> Node:
        """The embedded search node."""
        folder = self.settings.search_folder or self.settings.data / "search"
        return Node(reachable_place(home_in(self.settings.cache)), folder, self.settings.search_port)

    def close(self) -> None:
        """Give the catalogue's connections back."""
        self.catalogue.close()

    # what a stage may know of an accession

    def _hints_file(self, accession: str) -> Path:
        return self.settings.data / "keys" / "hints" / accession

    def passwords(self, accession: str) -> list[str]:
        """Passwords that came with an accession."""
        file = self._hints_file(accession)
        if not file.exists():
            return []
        return list(orjson.loads(self.keys.open_sealed(file.read_bytes(), f"hints {accession}")))

    def add_passwords(self, accession: str, passwords: Sequence[str]) -> None:
        """Keep passwords for an accession, encrypted; those that are known stay."""
        known = self.passwords(accession)
        merged = known + [p for p in dict.fromkeys(passwords) if p not in known]
        make_folder(self._hints_file(accession).parent)
        write_atomic(self._hints_file(accession), self.keys.seal(orjson.dumps(merged), f"hints {accession}"))

    def forget_passwords(self, accession: str) -> None:
        """Let go of an accession's passwords; none is fine."""
        self._hints_file(accession).unlink(missing_ok=True)

    def hints(self, accession: str, names: Sequence[str]) -> dict[str, Any]:
        """What a stage may know of an accession, by name."""
        known: dict[str, Callable[[], Any]] = {
            "passwords": lambda: self.passwords(accession),
            "starter_models": lambda: self.settings.starter_models or self.catalogue.accession(accession).sample,
        }
        return {n: known[n]() for n in names}

    def hints_digest(self, accession: str, names: Sequence[str]) -> str:
        """A digest of hints that reveals nothing of them and is the same for the same hints."""
        data = orjson.dumps(self.hints(accession, names), option=orjson.OPT_SORT_KEYS)
        return hmac.digest(self.keys.salt("hints", "hints", b"\0" * 32), data, hashlib.sha256).hex()

    # scratch

    @contextmanager
    def scratch(self, name: str) -> Iterator[Path]:
        """A folder for decrypted bytes, gone afterwards; those that dead runs left are swept first."""
        top = self.settings.scratch
        make_folder(top)
        folder = top / name
        with locked(top):  # a folder without its lock yet would look like a dead run's to another that starts
            for left in top.iterdir():
                _sweep(left)
            make_folder(folder)
            lock = (folder / "lock").open("w")
            fcntl.flock(lock, fcntl.LOCK_EX)
        with lock:
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove a scratch folder whose run is dead: the kernel has let go of its lock."""
    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except FileNotFoundError:
        shutil.rmtree(folder, ignore_errors=True)
    except (BlockingIOError, NotADirectoryError):
        return
