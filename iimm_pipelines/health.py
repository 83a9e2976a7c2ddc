"""Health: what is missing or unsafe in a machine and a holding, and the command that mends it.

Here: the checks. Each names what it looked at, never any content of the holding.
Not here: showing them (cli/doctor, page), checks of evidence (custody/verify).
"""

from __future__ import annotations

import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from iimm_pipelines.holding import Holding, in_s3

State = Literal["good", "missing", "unsafe"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what mends it."""

    what: str
    state: State
    mend: str = ""


_LEAST_FREE = 0.1
"""Of a disk: below that, a large accession no longer fits beside its decrypted bytes."""


def machine(holding: Holding) -> Iterator[Finding]:
    """Programs, models and servers' programs that the work needs."""
    yield from _programs()
    yield from _shared(holding)


def condition(holding: Holding) -> Iterator[Finding]:
    """Search node, keys, disk, log, scanner, accounts, backups, vault and settings of a holding."""
    yield from _holding(holding)


def _programs() -> Iterator[Finding]:
    for program, package in (("tesseract", "tesseract-ocr"), ("mvn", "maven"), ("7zz", "7zip")):
        there = shutil.which(program) is not None
        yield Finding(program, "good" if there else "missing", "" if there else f"apt-get install {package}")
    java = _java()
    yield Finding(
        "Java 17 to 21", "good" if java else "missing", "" if java else "apt-get install openjdk-17-jdk-headless"
    )
    burmese = shutil.which("tesseract") is not None and "mya" in subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=False).stdout.split()  # fmt: skip
    yield Finding(
        "Burmese for tesseract",
        "good" if burmese else "missing",
        "" if burmese else "apt-get install tesseract-ocr-mya",
    )


def _java() -> bool:
    from iimm_pipelines.search.layout import NodeError, find_java

    try:
        return find_java().exists()
    except NodeError:
        return False


def _shared(holding: Holding) -> Iterator[Finding]:
    from iimm_pipelines.formats import tika
    from iimm_pipelines.model_store.card import ModelName
    from iimm_pipelines.model_store.store import ModelDamaged, ModelMissing, ModelStore
    from iimm_pipelines.search.layout import laid_out
    from iimm_pipelines.stages.graph import STAGES

    store = ModelStore(holding.models)
    for name in sorted({m for s in STAGES for i in s.ingredients.values() for m in i.models}):
        try:
            store.get(ModelName(name))
            yield Finding(f"model {name}", "good")
        except (ModelMissing, ModelDamaged):
            yield Finding(f"model {name}", "missing", f"iimm models pull {name}")
    there = tika.laid_out(holding.settings.cache / "tika") is not None
    yield Finding("Tika worker", "good" if there else "missing", "" if there else "make setup")
    there = laid_out(holding.node.home)
    yield Finding("search server", "good" if there else "missing", "" if there else "iimm up")


def _holding(holding: Holding) -> Iterator[Finding]:
    settings = holding.settings
    yield Finding(
        "search node", "good" if holding.node.running() else "missing", "" if holding.node.running() else "iimm up"
    )
    open_keys = (
        stat.S_IMODE((settings.data / "keys").stat().st_mode) & 0o077 if (settings.data / "keys").exists() else 0
    )
    yield Finding(
        "keys closed to others",
        "unsafe" if open_keys else "good",
        f"chmod 700 {settings.data / 'keys'}" if open_keys else "",
    )
    encrypted = _on_encrypted_volume(settings.data)
    yield Finding("data folder on an encrypted volume", "good" if encrypted else "unsafe",
                  "" if encrypted else "move the data folder to a LUKS volume: parts, catalogue, index and scratch are in clear")  # fmt: skip
    yield _disk(settings.data)
    yield _log(holding)
    yield _malware(holding)
    yield _reviews(holding)
    yield _second_factors(holding)
    yield from _recovery(holding)
    yield from _vault(holding)
    if settings.starter_models:
        yield Finding("starter models on real accessions", "unsafe", "starter_models = false in iimm.toml")


def _disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    free = f"disk of the data folder: {usage.free / 1e9:,.0f} GB of {usage.total / 1e9:,.0f} free"
    full = usage.free < _LEAST_FREE * usage.total
    return Finding(free, "unsafe" if full else "good", "a larger volume, or `iimm backup` and move" if full else "")


def _log(holding: Holding) -> Finding:
    waiting = 0 if holding.catalogue.leased() else len(holding.catalogue.outbox())  # a run that goes on brings its own
    what = f"log of custody: {holding.catalogue.log_size():,} entries"
    return Finding(what, "unsafe" if waiting else "good", f"{waiting} wait for it: iimm run" if waiting else "")


def _reviews(holding: Holding) -> Finding:
    from iimm_pipelines.accessions.holds import standing

    today = datetime.now(UTC).date().isoformat()
    due = sum(h.review_on <= today for h in standing(holding))
    return Finding(
        "holds looked at by their day", "unsafe" if due else "good", f"{due}: iimm hold list --due" if due else ""
    )


def _second_factors(holding: Holding) -> Finding:
    from iimm_pipelines.storage.keys import KeysOpenToOthers

    try:
        accounts = holding.accounts.all()
    except KeysOpenToOthers:  # which has a line of its own
        return Finding("accounts with a second factor", "unsafe", "close the keys first: accounts are sealed with them")
    without = sum(a.has_password and not a.disabled and not a.has_second_factor for a in accounts)
    mend = f"{without} without: iimm user list, then iimm user second-factor NAME" if without else ""
    return Finding("accounts with a second factor", "unsafe" if without else "good", mend)


def _malware(holding: Holding) -> Finding:
    from iimm_pipelines.stages.malware import Scanner, ScannerUnavailable

    try:
        said = Scanner(holding.settings.clamd).version()
    except ScannerUnavailable:
        return Finding("scanner for malware", "unsafe", "apt-get install clamav-daemon, or say clamd in iimm.toml; "
                       "then iimm retry --reason 'not scanned'")  # fmt: skip
    return Finding(f"scanner for malware: {said}", "good")


def _recovery(holding: Holding) -> Iterator[Finding]:
    """Whether what cannot be rebuilt would come back."""
    from iimm_pipelines.recovery.backup import DONE
    from iimm_pipelines.recovery.fixity import fixity_standing
    from iimm_pipelines.recovery.standing import is_recent, keys_are_safe
    from iimm_pipelines.recovery.vault_copy import COPIED

    for what, safe, mend in (
        (
            "backup of the keys",
            keys_are_safe(holding),
            "iimm keys backup FILE --to RECIPIENT, then iimm keys confirm FILE",
        ),
        ("backup of log, parts and settings", is_recent(holding, DONE), "iimm backup FOLDER, each night"),
        ("copy of the vault", is_recent(holding, COPIED), "iimm vault copy FOLDER, each night"),
    ):
        yield Finding(what, "good" if safe else "unsafe", "" if safe else mend)
    standing = fixity_standing(holding)
    yield Finding("objects damaged or missing", "unsafe" if standing.damaged else "good",
                  f"{standing.damaged}: iimm fixity" if standing.damaged else "")  # fmt: skip
    yield Finding(f"objects read within {holding.settings.fixity_days} days", "unsafe" if standing.overdue else "good",
                  f"{standing.overdue} are overdue: iimm fixity" if standing.overdue else "")  # fmt: skip


def _vault(holding: Holding) -> Iterator[Finding]:
    """A vault in S3: whether it is there, and whether it keeps what is locked."""
    from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked

    if not in_s3(holding.settings.vault):
        return
    try:
        at = holding.probe_vault()
        yield Finding(f"vault keeps what is locked (probed {at})", "good")
    except VaultUnlocked as wrong:
        yield Finding("vault keeps what is locked", "unsafe", str(wrong))
    except VaultUnavailable as wrong:
        yield Finding("vault", "missing", str(wrong))


def _on_encrypted_volume(folder: Path) -> bool:
    """Whether the folder's block device, or one below it, is a dm-crypt volume."""
    number = folder.stat().st_dev
    device = Path(f"/sys/dev/block/{number >> 8 & 0xFFF}:{number & 0xFF}")
    if not device.exists():
        return False
    waiting = [device.resolve()]
    while waiting:
        here = waiting.pop()
        uuid = here / "dm" / "uuid"
        if uuid.exists() and uuid.read_text(encoding="ascii").startswith("CRYPT-"):
            return True
        slaves = here / "slaves"
        waiting.extend(p.resolve() for p in slaves.iterdir()) if slaves.is_dir() else None
    return False
