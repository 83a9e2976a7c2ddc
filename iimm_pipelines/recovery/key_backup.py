"""Backups of the keys: encrypted to recovery recipients, confirmed by opening them, brought back.

Here: which files the keys are, the form of a backup, shares of which k of n open it.
Not here: what keys are for (storage/keys, custody/signing); hints, which lie sealed beside the keys and go into the
ordinary backup (recovery/backup).

A backup is a tar archive in an age file, so that `age -d -i IDENTITY FILE | tar x` opens it where this program is not
to be had. With shares it is encrypted under a passphrase of 32 random bytes in hex that nobody keeps: SLIP-39 splits
these bytes, and each share is encrypted to one recipient. `shamir recover` and `age -d` open that one without us.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery import HOLDING, RecoveryRefused
from iimm_pipelines.storage.durable import make_folder, write_atomic

CONFIRMED = "keys backup confirmed"
_NEEDED = frozenset({"holding.json", "signing.pem"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SECRET_BYTES = 32
_MOST_SHARES = 16
"""As many as SLIP-39 has room for."""

Files = Mapping[str, bytes]


def back_up_keys(holding: Holding, file: Path, recipients: Sequence[str], needed: int | None = None) -> list[Path]:
    """Write the keys to `file`, for any of the recipients or, where `needed` is given, for that many of them together.

    Returns the files that were written: the backup, and one share for each recipient.

    Raises:
        RecoveryRefused: no recipient, one that is none, a number of shares that cannot be, a file that is there already
            or lies in the data folder.
    """
    import pyrage

    to = [_recipient(r) for r in _listed(recipients)]
    _require_new(holding, file)
    files = material(holding)
    packed = _packed(files)
    made = [file]
    if needed is None:
        if not to:
            raise RecoveryRefused("say to whom: --to age1…; `iimm keys identity FILE` makes a recovery identity")
        write_atomic(file, pyrage.encrypt(packed, to))
    else:
        secret = secrets.token_bytes(_SECRET_BYTES)
        for number, (words, one) in enumerate(zip(_shares(secret, needed, len(to)), to, strict=True), 1):
            share = _share_file(file, number)
            _require_new(holding, share)
            write_atomic(share, pyrage.encrypt(f"{words}\n".encode(), [one]))
            made.append(share)
        write_atomic(file, pyrage.passphrase.encrypt(packed, secret.hex()))
    body = {"keys": fingerprint(files), "backup": hashlib.sha256(file.read_bytes()).hexdigest(),
            "recipients": len(to), "needed": needed or 1}  # fmt: skip
    holding.catalogue.note_event(holding.record.event("keys backed up", HOLDING, body))
    holding.record.drain()
    return made


def open_backup(file: Path, identities: Sequence[Path], shares: Sequence[Path] = ()) -> dict[str, bytes]:
    """The key files in a backup, by name. `shares`: files with the words of one share each.

    Raises:
        RecoveryRefused: it does not open with these, or holds no keys.
    """
    import pyrage

    data = _read(file)
    own = [i for path in identities for i in _identities(path)]
    try:
        if data.split(b"\n", 2)[1].startswith(b"-> scrypt "):
            packed = pyrage.passphrase.decrypt(data, _secret(file, own, shares).hex())
        else:
            packed = pyrage.decrypt(data, own)
    except IndexError:
        raise RecoveryRefused(f"{file} is no backup of keys") from None
    except pyrage.DecryptError as wrong:
        raise RecoveryRefused(f"{file} does not open with what was given: {wrong}") from None
    return _unpacked(file, packed)


def confirm_backup(holding: Holding, file: Path, identities: Sequence[Path], shares: Sequence[Path] = ()) -> None:
    """Open a backup, hold it against the keys of now, and record that it does bring them back.

    Raises:
        RecoveryRefused: it does not open, or other keys are in it.
    """
    files = material(holding)
    if open_backup(file, identities, shares) != files:
        raise RecoveryRefused(f"{file} opens, but holds other keys than this holding has now: make a new backup")
    body = {"keys": fingerprint(files), "backup": hashlib.sha256(file.read_bytes()).hexdigest()}
    holding.catalogue.note_event(holding.record.event(CONFIRMED, HOLDING, body))
    holding.record.drain()


def restore_keys(data: Path, files: Files) -> None:
    """Put the keys of a backup into a data folder that has none, or the same.

    Raises:
        RecoveryRefused: there are other keys.
    """
    folder = data / "keys"
    make_folder(folder)
    for name in sorted(files):  # nothing is written where anything differs
        if (folder / name).exists() and (folder / name).read_bytes() != files[name]:
            raise RecoveryRefused(f"{folder} holds other keys already: nothing was written")
    for name in sorted(files):
        write_atomic(folder / name, files[name], 0o644 if name.endswith(".pub") else 0o600)


def rotate_keys(holding: Holding) -> None:
    """Wrap with a new key from now on; what was wrapped before is not touched. Backups made before do not hold it."""
    holding.keys.rotate()
    body = {"keys": fingerprint(material(holding))}
    holding.catalogue.note_event(holding.record.event("keys rotated", HOLDING, body))
    holding.record.drain()


def new_identity(file: Path) -> str:
    """Make a recovery identity, to be kept apart from the holding; returns the recipient that it opens.

    Raises:
        RecoveryRefused: the file is there already.
    """
    import pyrage

    if file.exists():
        raise RecoveryRefused(f"{file} exists already: name another")
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    make_folder(file.resolve().parent)
    write_atomic(file, f"# public key: {recipient}\n{identity}\n".encode())
    return recipient


def material(holding: Holding) -> dict[str, bytes]:
    """The key files of a holding by name; they are made where this is its first start."""
    _ = holding.keys, holding.record
    return _files(_folder(holding))


def present_fingerprint(holding: Holding) -> str | None:
    """The fingerprint of the keys as they lie there; None where some are missing. Makes none."""
    folder = _folder(holding)
    return fingerprint(_files(folder)) if all((folder / name).exists() for name in _NEEDED) else None


def fingerprint(files: Files) -> str:
    """What tells one set of keys from another. It says nothing of them: they are random and long."""
    lines = [f"{name} {hashlib.sha256(files[name]).hexdigest()}\n" for name in sorted(files)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _folder(holding: Holding) -> Path:
    return holding.settings.data / "keys"


def _files(folder: Path) -> dict[str, bytes]:
    """Every file of the folder itself, so that a key that comes later is not left out."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file() and _NAME.fullmatch(p.name)}


def _packed(files: Files) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(files):
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(files[name]), 0o600
            archive.addfile(about, io.BytesIO(files[name]))
    return packed.getvalue()


def _unpacked(file: Path, packed: bytes) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(packed), mode="r:") as archive:
            for about in archive:
                inside = archive.extractfile(about)
                if inside is None or not _NAME.fullmatch(about.name):
                    raise RecoveryRefused(f"{file} holds something else than keys")
                found[about.name] = inside.read()
    except tarfile.TarError:
        raise RecoveryRefused(f"{file} opens, but is no backup of keys") from None
    if not found.keys() >= _NEEDED:
        raise RecoveryRefused(f"{file} opens, but not all keys are in it")
    return found


def _require_new(holding: Holding, file: Path) -> None:
    if file.resolve().is_relative_to(holding.settings.data):
        raise RecoveryRefused(f"{file} lies in the data folder and would be lost with it: name a place outside")
    if file.exists():
        raise RecoveryRefused(f"{file} exists already, and may be the only backup of former keys: name another")
    make_folder(file.resolve().parent)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as wrong:
        raise RecoveryRefused(f"{file}: {wrong.strerror}") from None


def _listed(recipients: Iterable[str]) -> list[str]:
    """Recipients as they were typed, or from files with one a line."""
    found = []
    for said in recipients:
        lines = [said] if said.startswith(("age1", "ssh-")) else _read(Path(said)).decode(errors="replace").splitlines()
        found += [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return found


def _recipient(text: str) -> Any:
    import pyrage

    try:
        kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
        return kind.Recipient.from_str(text)
    except pyrage.RecipientError as wrong:
        raise RecoveryRefused(f"{text[:20]}… is no recipient (age1… or ssh-ed25519 …): {wrong}") from None


def _identities(file: Path) -> list[Any]:
    import pyrage

    text = _read(file)
    try:
        if text.startswith(b"-----BEGIN"):
            return [pyrage.ssh.Identity.from_buffer(text)]
        lines = [line.strip() for line in text.decode("ascii").splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, UnicodeDecodeError):
        raise RecoveryRefused(f"{file} holds no identity in the clear (AGE-SECRET-KEY-…, or an SSH key without a "
                              "passphrase): decrypt it first with what encrypted it") from None  # fmt: skip


# shares


def _share_file(file: Path, number: int) -> Path:
    return file.with_name(f"{file.name}.share-{number}")


def _shares(secret: bytes, needed: int, of: int) -> list[str]:
    from shamir_mnemonic import generate_mnemonics

    if not 2 <= needed <= of <= _MOST_SHARES:
        raise RecoveryRefused(f"{needed} of {of} cannot be: at least 2 are needed, and there is one share for each "
                              f"recipient, at most {_MOST_SHARES}")  # fmt: skip
    return list(generate_mnemonics(1, [(needed, of)], secret)[0])


def _secret(file: Path, identities: Sequence[Any], shares: Sequence[Path]) -> bytes:
    """What the shares make together: those given in words, and those beside the backup that an identity opens."""
    import pyrage
    from shamir_mnemonic import MnemonicError, Share, combine_mnemonics

    words = [_read(path).decode(errors="replace") for path in shares]
    for path in sorted(file.parent.glob(f"{file.name}.share-*")) if identities else ():
        try:
            words.append(pyrage.decrypt(path.read_bytes(), list(identities)).decode())
        except pyrage.DecryptError:  # another's share
            continue
    known: dict[tuple[int, int], str] = {}
    needed = 0
    try:
        for text in words:
            share = Share.from_mnemonic(text)
            known[share.identifier, share.index] = text
            needed = share.member_threshold
        if not known or len(known) < needed:
            raise RecoveryRefused(f"{len(known)} shares of the {needed or 'several'} that open {file} were given: each "
                                  "--identity opens its own, --share takes the words of one")  # fmt: skip
        return bytes(combine_mnemonics(list(known.values())[:needed]))
    except MnemonicError as wrong:
        raise RecoveryRefused(f"these shares do not belong together, or one is misspelt: {wrong}") from None
