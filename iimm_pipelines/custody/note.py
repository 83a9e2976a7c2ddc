"""Signed notes and checkpoints after C2SP: a log's size and root in a text that people and other tools can read.

Here: signing a text and verifying it, the text of a checkpoint, reading it.
Not here: where a log keeps its checkpoint and what it commits to (log), timestamps on it, other texts that are signed
in this form (accessions/receipts).
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from iimm_pipelines.custody.merkle import HASH_BYTES
from iimm_pipelines.custody.signing import SignatureInvalid, Signer, Verifier

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_SIGNATURE = re.compile(r"— (\S+) (\S+)")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


class NoteInvalid(ValueError):
    """A text is no signed note, or not one signed by the expected key."""


class CheckpointInvalid(NoteInvalid):
    """A text is no checkpoint, or not one signed by the expected key."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: its first `size` entries, by the root over them."""

    origin: str
    size: int
    root: bytes


def note_key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names an Ed25519 key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public: bytes) -> str:
    """The key as other tools of the tile-log family take it: name, key id, key."""
    return f"{name}+{note_key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public).decode()}"


def signed_note(body: str, signer: Signer, name: str) -> str:
    """A text that ends in a newline, with the signature line below it."""
    signature = note_key_id(name, signer.public) + signer.sign(body.encode())
    return f"{body}\n— {name} {base64.b64encode(signature).decode()}\n"


def read_note(text: str, verifier: Verifier, name: str) -> str:
    """The text of a signed note. Signatures of others are passed over.

    Raises:
        NoteInvalid: no valid signature by this key under this name.
    """
    body, blank, signatures = text.rpartition("\n\n")
    body += "\n"
    if not blank or not signatures.endswith("\n"):
        raise NoteInvalid("no signed note")
    _verify(body, signatures, verifier, name)
    return body


def checkpoint_text(checkpoint: Checkpoint, signer: Signer, name: str) -> str:
    """The signed checkpoint; `name` is the key's, by custom the same as the origin.

    Raises:
        ValueError: name or origin holds what the format uses as a mark.
    """
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise ValueError("a key's name is not empty and has neither space nor plus")
    if not checkpoint.origin or not checkpoint.origin.isprintable():
        raise ValueError("an origin is one line of printable text")
    root = base64.b64encode(checkpoint.root).decode()
    return signed_note(f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n", signer, name)


def read_checkpoint(text: str, verifier: Verifier, name: str) -> Checkpoint:
    """Verify the signature, then read. Signatures of others (witnesses) and extension lines are passed over.

    Raises:
        CheckpointInvalid: no valid signature by this key under this name, or no well-formed checkpoint.
    """
    try:
        return _checkpoint(read_note(text, verifier, name))
    except NoteInvalid as wrong:
        raise CheckpointInvalid(str(wrong)) from None


def _checkpoint(body: str) -> Checkpoint:
    lines = body.split("\n")[:-1]
    if len(lines) < 3 or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise NoteInvalid("origin, size or root is missing or malformed")
    root = _decoded(lines[2])
    if len(root) != HASH_BYTES:
        raise NoteInvalid("the root is not 32 bytes long")
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root)


def _verify(body: str, signatures: str, verifier: Verifier, name: str) -> None:
    expected = note_key_id(name, verifier.public)
    found = False
    for line in signatures.removesuffix("\n").split("\n"):
        match = _SIGNATURE.fullmatch(line)
        if match is None:
            raise NoteInvalid("malformed signature line")
        signature = _decoded(match[2])
        if match[1] != name or signature[:_KEY_ID_BYTES] != expected:
            continue
        try:
            verifier.verify(body.encode(errors="surrogatepass"), signature[_KEY_ID_BYTES:])
        except SignatureInvalid:
            raise NoteInvalid("the signature does not belong to this text") from None
        found = True
    if not found:
        raise NoteInvalid("not signed by the expected key")


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise NoteInvalid("malformed base64") from None
    if base64.b64encode(data).decode() != text:  # unused bits that are set: two texts for one value
        raise NoteInvalid("malformed base64")
    return data
