"""The secret keys of one holding.

Here: the wrapping key (over data keys and small secrets), the naming key (names in the vault), the salt key (salts of
leaves); how they are made, kept, changed.
Not here: the signing key (iimm_pipelines.custody), what is encrypted with a data key (iimm_pipelines.storage.vault).
"""

import base64
import fcntl
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, Protocol

from iimm_pipelines.storage.durable import draft, make_folder, sweep, sync_folder, write_atomic

_FILE = "holding.json"
_FORMAT = 1
_KEY_BYTES = 32
_SALT_BYTES = 16


class KeysOpenToOthers(Exception):
    """Someone other than the owner can read the keys; the message says which command mends it."""


class KeysUnreadable(Exception):
    """The key file is not one that this version can read; restore it from its backup."""


class WrongKey(Exception):
    """These keys, or this label, did not make what was to be opened, or it was changed since."""


class _Aead(Protocol):
    def encrypt(self, plaintext: bytes, associated_data: bytes) -> bytes: ...

    def decrypt(self, ciphertext: bytes, associated_data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Material:
    """What the key file holds. `wrapping` is a Tink keyset, so that old wrapping keys stay beside the newest."""

    wrapping: bytes = field(repr=False)
    naming: bytes = field(repr=False)
    salt: bytes = field(repr=False)

    def to_json(self) -> bytes:
        return json.dumps(
            {
                "format": _FORMAT,
                "wrapping": base64.b64encode(self.wrapping).decode(),
                "naming": self.naming.hex(),
                "salt": self.salt.hex(),
            }
        ).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "_Material":
        try:
            fields = json.loads(text)
            if fields["format"] != _FORMAT:
                raise KeysUnreadable(f"the key file's format is not {_FORMAT}")
            return cls(
                wrapping=base64.b64decode(fields["wrapping"], validate=True),
                naming=_full_length(bytes.fromhex(fields["naming"])),
                salt=_full_length(bytes.fromhex(fields["salt"])),
            )
        except (ValueError, KeyError, TypeError):
            # Without the cause: its message may quote what it could not read.
            raise KeysUnreadable("the key file is damaged: restore it from its backup") from None


class Keys:
    """The keys of one holding, made at the first start.

    All are in one file, which appears whole: with a file for each, a lost one would be indistinguishable from a first
    start that was cut short, be made anew, and leave a vault in which nothing is found.
    """

    def __init__(self, folder: Path) -> None:
        """Read the keys in `folder`, or make them where there are none.

        Raises:
            KeysOpenToOthers: folder or file can be read by others than their owner.
            KeysUnreadable: the file is damaged or of another format.
        """
        self._folder = folder
        self._path = folder / _FILE
        make_folder(folder)
        _require_private(folder, 0o700)
        sweep(folder)
        if not self._path.exists():
            self._make()
        self._load()

    def salt(self, item: str, stage: str, recipe: bytes) -> bytes:
        """Give 16 bytes that no outsider can guess and that are the same at every run."""
        # Lengths before the strings: no two triples give one message.
        message = f"{len(item)}:{item}{len(stage)}:{stage}".encode() + recipe
        return hmac.digest(self._salt, message, "sha256")[:_SALT_BYTES]

    def name(self, sha256: bytes) -> str:
        """Give the name under which an object is kept: 64 hexadecimal digits that confirm nothing to outsiders."""
        return hmac.digest(self._naming, sha256, "sha256").hex()

    def wrap(self, data_keyset: bytes, aad: bytes) -> bytes:
        """Encrypt a data key under the newest wrapping key, bound to `aad`."""
        return self._aead.encrypt(data_keyset, b"wrap\0" + aad)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        """Give back a data key.

        Raises:
            WrongKey: other keys or another `aad` made it, or it was changed.
        """
        return self._decrypt(wrapped, b"wrap\0" + aad)

    def seal(self, data: bytes, label: str) -> bytes:
        """Encrypt a small secret, such as an accession's passwords. It opens under the same label only."""
        return self._aead.encrypt(data, b"seal\0" + label.encode())

    def open_sealed(self, sealed: bytes, label: str) -> bytes:
        """Give back a small secret.

        Raises:
            WrongKey: other keys or another label made it, or it was changed.
        """
        return self._decrypt(sealed, b"seal\0" + label.encode())

    def rotate(self) -> None:
        """Wrap with a new key from now on. Old keys stay, so that what they wrapped is read and nothing rewritten."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # two rotations at once would lose one key, and all it wrapped
            old = self._read()
            new = _Material(_with_new_primary(old.wrapping), old.naming, old.salt)
            write_atomic(self._path, new.to_json())
            self._load()
        finally:
            os.close(folder)

    def __repr__(self) -> str:
        """Show nothing."""
        return "Keys(secret)"

    def __reduce__(self) -> NoReturn:
        """Refuse to travel: a worker process holds no key."""
        raise TypeError("keys do not leave the process that read them")

    def _make(self) -> None:
        material = _Material(_with_new_primary(b""), secrets.token_bytes(_KEY_BYTES), secrets.token_bytes(_KEY_BYTES))
        with draft(self._folder) as new:
            new.file.write(material.to_json())
            new.link(self._path)  # where another process was first, its keys hold
        sync_folder(self._folder)

    def _read(self) -> _Material:
        _require_private(self._path, 0o600)
        return _Material.from_json(self._path.read_bytes())

    def _load(self) -> None:
        material = self._read()
        self._naming, self._salt = material.naming, material.salt
        self._aead = _aead(material.wrapping)

    def _decrypt(self, sealed: bytes, associated_data: bytes) -> bytes:
        from tink import TinkError

        try:
            return self._aead.decrypt(sealed, associated_data)
        except TinkError:
            pass
        self._load()  # another process may have rotated since
        try:
            return self._aead.decrypt(sealed, associated_data)
        except TinkError:
            raise WrongKey("not made by these keys for this purpose, or changed since") from None


def _full_length(key: bytes) -> bytes:
    if len(key) != _KEY_BYTES:
        raise ValueError
    return key


def _require_private(path: Path, mode: int) -> None:
    found = path.stat().st_mode & 0o777
    if found & 0o077:
        raise KeysOpenToOthers(f"{path} has mode {found:04o}, so others can read the keys. Run: chmod {mode:o} {path}")


def _keyset(serialized: bytes) -> Any:
    from tink.proto import tink_pb2

    return tink_pb2.Keyset.FromString(serialized)


def _with_new_primary(serialized: bytes) -> bytes:
    """Add a fresh AES-256-GCM key to a keyset (empty: none yet), and make it the one that encrypts."""
    import tink
    from tink import aead, proto_keyset_format, secret_key_access

    aead.register()
    keyset = _keyset(serialized)
    taken = {key.key_id for key in keyset.key}
    while True:
        fresh = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
        added = _keyset(proto_keyset_format.serialize(fresh, secret_key_access.TOKEN))
        if added.primary_key_id not in taken:
            break
    keyset.MergeFrom(added)
    return bytes(keyset.SerializeToString())


def _aead(serialized: bytes) -> _Aead:
    from tink import TinkError, aead, proto_keyset_format, secret_key_access

    aead.register()
    try:
        primitive: _Aead = proto_keyset_format.parse(serialized, secret_key_access.TOKEN).primitive(aead.Aead)
    except TinkError:
        raise KeysUnreadable("the key file is damaged: restore it from its backup") from None
    return primitive
