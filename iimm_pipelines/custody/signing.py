"""Keys that sign: Ed25519, in a file beside its public half.

Here: making and opening the signing key, signing, verifying a signature.
Not here: what is signed (attestation, note), the keys that encrypt (iimm_pipelines.storage).
"""

import hashlib
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from iimm_pipelines.storage.durable import draft, make_folder, sync_folder


class KeyUnusable(Exception):
    """A key file must not or cannot be used; the message says what to do."""


class SignatureInvalid(Exception):
    """A signature does not belong to these bytes and this key."""


class Signer:
    """Signs with a private key that lies in a file of mode 0600."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        """Take a key that is in memory already; `open` takes one from a file."""
        self._key = key
        self.public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.key_id = key_id(self.public)

    @classmethod
    def open(cls, path: Path) -> "Signer":
        """Open the key in `path`, made at the first call; the public half is written to `path` with `.pub` added.

        Raises:
            KeyUnusable: others may read the file, it holds no Ed25519 key, or the public file is not its half.
        """
        if not path.exists():
            _create(path)
        signer = cls(_read_private(path))
        _keep_public_beside(path, signer.verifier)
        return signer

    @property
    def verifier(self) -> "Verifier":
        """What verifies this key's signatures."""
        return Verifier(self.public)

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._key.sign(data)


class Verifier:
    """Verifies signatures of one key, known by its 32 raw bytes."""

    def __init__(self, public: bytes) -> None:
        """Take the 32 raw bytes of a public key; `open` takes it from a file."""
        self._key = Ed25519PublicKey.from_public_bytes(public)
        self.public = public
        self.key_id = key_id(public)

    @classmethod
    def open(cls, path: Path) -> "Verifier":
        """Read a public key in PEM.

        Raises:
            KeyUnusable: the file holds no Ed25519 public key.
        """
        try:
            key = load_pem_public_key(path.read_bytes())
        except ValueError:
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnusable(f"{path.name} holds no Ed25519 public key in PEM")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def pem(self) -> bytes:
        """The key as SubjectPublicKeyInfo in PEM."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verify(self, data: bytes, signature: bytes) -> None:
        """Check a signature over `data`.

        Raises:
            SignatureInvalid: it was made over other bytes or with another key.
        """
        try:
            self._key.verify(signature, data)
        except InvalidSignature:
            raise SignatureInvalid(f"not a signature of these bytes by key {self.key_id[:16]}") from None


def key_id(public: bytes) -> str:
    """SHA-256 of the SubjectPublicKeyInfo, as anybody gets it from the PEM with `openssl pkey -pubin -outform DER`."""
    key = Ed25519PublicKey.from_public_bytes(public)
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _create(path: Path) -> None:
    make_folder(path.parent)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write_once(path, pem, mode=0o600)


def _write_once(path: Path, data: bytes, mode: int) -> None:
    """Of two processes that start at once, the first makes the key and the second opens it."""
    with draft(path.parent, mode) as new:
        new.file.write(data)
        new.link(path)
    sync_folder(path.parent)


def _read_private(path: Path) -> Ed25519PrivateKey:
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise KeyUnusable(
                f"others may read the signing key {path.name} (mode {mode:04o}): find out who could have, then run "
                "chmod 600 on it or make a new key"
            )
        pem = file.read()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path.name} holds no Ed25519 key in unencrypted PEM: restore it from the backup")
    return key


def _keep_public_beside(path: Path, verifier: Verifier) -> None:
    public = path.with_name(path.name + ".pub")
    if not public.exists():
        _write_once(public, verifier.pem, mode=0o644)
    if Verifier.open(public).public != verifier.public:
        raise KeyUnusable(f"{public.name} is not the public half of {path.name}: one of them was replaced")
