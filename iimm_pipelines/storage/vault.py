"""The vault: the bytes of all objects of a holding, encrypted, each once.

Here: what goes in (read once, digests taken, encrypted under a data key of its own), what comes out (decrypted, checked).
Not here: where the ciphertext lies (iimm_pipelines.storage.ciphertext), which objects there are and where they came from
(iimm_pipelines.storage.catalogue), the holding's keys (iimm_pipelines.storage.keys), removal: nothing here deletes or
overwrites an object; a damaged one is set aside for a whole one.

An object's ciphertext begins with a header: magic, format, length of the plaintext, and the object's data key, wrapped by
the holding's key and bound to the rest of the header and to the SHA-256. What follows is bound to the header:

- whole, up to 1 MiB: one message of Tink's AES256_GCM. A stream costs 0.5 ms before its first byte, a message 0.01 ms;
- stream, above: a Tink stream, AES256_GCM_HKDF_1MB. It is not bound to the SHA-256 itself, which is not known before
  the last byte was read: a folder takes in a large file by one reading, and gets the header last.

Data keys are wrapped as plain bytes: Tink's encrypted keyset has a part that nothing authenticates, and its envelope
encryption does not bind the data key to what it belongs to.
"""

import functools
import hashlib
import io
import os
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from iimm_pipelines.storage.ciphertext import CiphertextStore, Draft, FolderStore, VaultUnavailable, Writable
from iimm_pipelines.storage.keys import Keys, WrongKey

_MIB = 1024 * 1024
_MAGIC = b"IIMV"
_WHOLE, _STREAM = 2, 3
"""Formats: how what follows the header is encrypted."""
_BOUND = struct.Struct(">4sBQ")
_WRAPPED_LENGTH = struct.Struct(">H")
_MOST_WHOLE = _MIB
_TAG_AND_NONCE = 28
_PIECE = 256 * 1024
"""What is read, digested and encrypted at a time: it stays in the processor's cache, and on one heap, on the way."""
Pieces = Callable[[], Iterator[memoryview]]
"""A stream that can be begun again: at each call pieces of at most 1 MiB, from the start."""
_PURPOSE = b"which keys a vault belongs to"


class ObjectMissing(Exception):
    """The vault has no such object."""


class ObjectDamaged(Exception):
    """The object in the vault is not the one that was put in: restore it from the backup."""


class ChangedWhileRead(Exception):
    """The source changed between the first byte read and the last; trying again can help."""


class SourceUnavailable(Exception):
    """The source cannot be read, or is no file; the message is the system's error, without a name."""


class WrongVault(Exception):
    """The vault was filled under other keys than these."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What identifies an object: by SHA-256 here, by the others in hash lists. Size in bytes."""

    sha256: bytes
    sha1: bytes
    md5: bytes
    size: int


class Vault:
    """Objects by their SHA-256. May be used by several threads, and by several processes at once."""

    def __init__(self, store: CiphertextStore | Path, keys: Keys, *, in_memory: int = 64 * _MIB) -> None:
        """Open the vault in a store, or in a folder, made where there is none. Up to `in_memory` bytes are read once.

        Raises:
            WrongVault: it was filled under other keys.
            VaultUnavailable: its store cannot be reached or refuses. All that reads or writes may raise this.
        """
        self._store = FolderStore(store) if isinstance(store, Path) else store
        self._keys = keys
        self._in_memory = in_memory
        self._require_own_keys()

    @property
    def lies_here(self) -> bool:
        """Whether its objects lie on this machine, so that putting one waits for no network."""
        return isinstance(self._store, FolderStore)

    def put_file(self, source: Path | int, *, deferred: bool = False) -> Digests:
        """Take in a file, given by path or by descriptor, unless the vault has its bytes; give its digests.

        Deferred: lasting, and there for other processes, only after `sync`, which must come before anything says that
        the object is there. One sync makes many objects lasting.

        Raises:
            ChangedWhileRead: its size, time or bytes changed meanwhile. Nothing was stored.
            SourceUnavailable: it cannot be read, or is no regular file.
        """
        with _opened(source) as descriptor:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise SourceUnavailable("no regular file")
            if before.st_size <= self._in_memory:
                data = _whole(descriptor, before.st_size)
                _require_unchanged(before, descriptor, len(data))
                return self.put_bytes(data, deferred=deferred)
            return self._put_large(before.st_size, lambda: _unchanged(descriptor, before), deferred)

    def put_stream(self, size: int, pieces: Pieces, *, deferred: bool = False) -> Digests:
        """Take in what a stream gives, which should be `size` bytes; give their digests. Deferred: see `put_file`.

        Raises:
            ChangedWhileRead: it gives another number of bytes, or others at a second reading. Nothing was stored.
        """
        if size <= self._in_memory:
            return self.put_bytes(_collected(pieces(), size), deferred=deferred)
        return self._put_large(size, lambda: _same_size(pieces(), size), deferred)

    def put_bytes(self, data: bytes | memoryview, *, deferred: bool = False) -> Digests:
        """Take in bytes unless the vault has them; give their digests. Deferred: see `put_file`."""
        digests = _digests(_pieces_of_bytes(data))
        self._keep(digests, _pieces_of_bytes(data), deferred)
        return digests

    def sync(self) -> None:
        """Make lasting all that was put with `deferred`."""
        self._store.sync()

    def probe(self) -> None:
        """See whether the vault's store refuses to delete what it should keep; a folder promises nothing of the kind.

        Raises:
            VaultUnlocked: it does not refuse. Nothing may be taken in.
        """
        self._store.probe()

    def has(self, sha256: bytes) -> bool:
        """Say whether the object is there. Whether it is undamaged, `check` says."""
        return self._store.has(self.name(sha256))

    def open(self, sha256: bytes) -> BinaryIO:
        """Give the object's bytes as a stream, decrypted as it is read. Not seekable.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: here, or by a later read. What was read before is authentic, but perhaps not all.
        """
        try:
            file = _Source(self._store.open(self.name(sha256)))
        except FileNotFoundError:
            raise ObjectMissing(f"object {sha256.hex()} is not in the vault") from None
        return self._decrypted(file, sha256)

    def copy_to(self, sha256: bytes, path: Path) -> None:
        """Decrypt the object into a new file in scratch, and hold its SHA-256 against what was asked for.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: it is not what was put in. No file is left.
        """
        self.copy_joined([sha256], path)

    def copy_joined(self, objects: Sequence[bytes], path: Path) -> None:
        """The same for several objects, one behind the other in one file.

        Raises:
            ObjectMissing: one is not here. No file is left.
            ObjectDamaged: one is not what was put in. No file is left.
        """
        with path.open("xb") as target:
            os.fchmod(target.fileno(), 0o600)
            try:
                for sha256 in objects:
                    with self.open(sha256) as source:
                        _transfer(source, target, sha256)
                target.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise

    def check(self, sha256: bytes) -> None:
        """Read the whole object.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: it is not what was put in.
        """
        with self.open(sha256) as source:
            _transfer(source, None, sha256)

    def hold(self, sha256: bytes, *, on: bool) -> None:
        """Have the store let go of the object for nobody, whatever its retention, or lift that; see `CiphertextStore`.

        Raises:
            ObjectMissing: it is not here.
        """
        try:
            self._store.hold(self.name(sha256), on=on)
        except FileNotFoundError:
            raise ObjectMissing(f"object {sha256.hex()} is not in the vault") from None

    def names(self) -> Iterator[str]:
        """Give the names of all objects, sorted: `keys.name` of their SHA-256."""
        return self._store.names()

    def name(self, sha256: bytes) -> str:
        """Give the name under which an object is kept, here and in every copy of this vault."""
        if len(sha256) != hashlib.sha256().digest_size:
            raise ValueError("not a SHA-256")
        return self._keys.name(sha256)

    def stored_size(self, name: str) -> int | None:
        """Give the bytes that an object takes here, encrypted; None where it is not here."""
        return self._store.size(name)

    def open_stored(self, name: str) -> BinaryIO:
        """Give an object as it lies here, encrypted, for a copy of this vault.

        Raises:
            ObjectMissing: it is not here.
        """
        try:
            return self._store.open(name)
        except FileNotFoundError:
            raise ObjectMissing(f"object {name[:16]}… is not in the vault") from None

    def put_stored(
        self, name: str, size: int, source: BinaryIO, sha256: bytes | None, *, instead: bool = False
    ) -> None:
        """Take in an object's `size` bytes as they lie in another copy of this vault. Lasting only after `sync`.

        It is decrypted as it passes, to its last byte, and appears only if it is whole; without its SHA-256 nobody can
        do that. `instead`: in place of one that is damaged.

        Raises:
            ObjectDamaged: what came is not the object. Nothing was stored.
        """

        def write(file: Writable) -> None:
            passing = _Passing(source, file)
            try:
                if sha256 is not None:
                    with self._decrypted(_Source(io.BufferedReader(passing, _MIB)), sha256) as plain:
                        _transfer(plain, None, sha256)
            except ObjectDamaged:
                raise passing.failure or _damaged(sha256 or b"") from None
            while passing.read(_MIB):
                pass
            if passing.size != size:
                raise _damaged(sha256 or b"")

        self._store.put(name, size, write, instead=instead)

    def mend(self, sha256: bytes, source: Path) -> None:
        """Take in a file again, in place of its object here, which is damaged. Lasting only after `sync`.

        Raises:
            ChangedWhileRead: the file is not that object, or not any more. Nothing was stored.
            SourceUnavailable: it cannot be read.
        """
        with _opened(source) as descriptor:
            digests = _digests(pieces_of_file(descriptor))
            if digests.sha256 != sha256:
                raise ChangedWhileRead("the file is another one now")
            self._keep(digests, _same_again(pieces_of_file(descriptor), digests), True, instead=True)

    def _decrypted(self, file: "_Source", sha256: bytes) -> BinaryIO:
        """An object's ciphertext as the stream of its bytes, which closes it."""
        try:
            bound, data_key = self._read_header(file, sha256)
            _, version, length = _BOUND.unpack(bound)
            if version == _STREAM:
                stream = _decrypting(file, data_key, bound, sha256)
                return io.BufferedReader(_Plaintext(stream, file, length, sha256), _MIB)
            message = file.read(length + _TAG_AND_NONCE + 1)
            file.close()
            return io.BytesIO(_decrypted_whole(message, data_key, bound, sha256))
        except BaseException:
            file.close()
            raise

    def _put_large(self, size: int, pieces: Pieces, deferred: bool) -> Digests:
        """Take in what is not held in memory: by one reading where a name can wait for the last byte."""
        if isinstance(self._store, FolderStore):
            passed = _Digesting()
            self._store.put_unnamed(lambda draft: self._encrypt_unnamed(size, passed, pieces(), draft))
            if not deferred:
                self.sync()
            return passed.digests()
        digests = _digests(pieces())
        self._keep(digests, _same_again(pieces(), digests), deferred)
        return digests

    def _keep(self, digests: Digests, pieces: Iterator[memoryview], deferred: bool, *, instead: bool = False) -> None:
        about = digests.size + digests.size // 1000 + 4096  # header, and 16 bytes of tag for each MiB
        encrypt = self._encrypt_whole if digests.size <= _MOST_WHOLE else self._encrypt_stream
        name = self.name(digests.sha256)
        self._store.put(name, about, lambda file: encrypt(digests, pieces, file), instead=instead)
        if not deferred:
            self.sync()

    def _encrypt_whole(self, digests: Digests, pieces: Iterator[memoryview], file: Writable) -> None:
        data_key, aead = _new_message_key()
        bound = _BOUND.pack(_MAGIC, _WHOLE, digests.size)
        file.write(self._header(bound, data_key, digests.sha256) + aead.encrypt(b"".join(pieces), bound))

    def _encrypt_stream(self, digests: Digests, pieces: Iterator[memoryview], file: Writable) -> None:
        data_key, cipher = _new_stream_key()
        bound = _BOUND.pack(_MAGIC, _STREAM, digests.size)
        file.write(self._header(bound, data_key, digests.sha256))
        _encrypt(cipher, bound, pieces, file)

    def _encrypt_unnamed(self, size: int, passed: "_Digesting", pieces: Iterator[memoryview], draft: Draft) -> str:
        """Encrypt, take digests on the way, and put the header over a first one of the same length."""
        data_key, cipher = _new_stream_key()
        bound = _BOUND.pack(_MAGIC, _STREAM, size)
        first = self._header(bound, data_key, bytes(hashlib.sha256().digest_size))
        draft.write(first)
        _encrypt(cipher, bound, passed.passing(pieces), draft)
        sha256 = passed.digests().sha256
        header = self._header(bound, data_key, sha256)
        if len(header) != len(first):
            raise ChangedWhileRead("the holding's key is another kind of key than when the object was begun")
        draft.write_over_start(header)
        return self.name(sha256)

    def _header(self, bound: bytes, data_key: bytes, sha256: bytes) -> bytes:
        wrapped = self._keys.wrap(data_key, bound + sha256)
        return bound + _WRAPPED_LENGTH.pack(len(wrapped)) + wrapped

    def _read_header(self, file: io.RawIOBase, sha256: bytes) -> tuple[bytes, bytes]:
        """The part of a header that all else is bound to, and the data key."""
        fixed = file.read(_BOUND.size + _WRAPPED_LENGTH.size)
        try:
            bound, rest = fixed[: _BOUND.size], fixed[_BOUND.size :]
            magic, version, _ = _BOUND.unpack(bound)
            (wrapped_length,) = _WRAPPED_LENGTH.unpack(rest)
            if magic != _MAGIC or version not in (_WHOLE, _STREAM):
                raise _damaged(sha256)
            return bound, self._keys.unwrap(file.read(wrapped_length), bound + sha256)
        except (struct.error, WrongKey):
            raise _damaged(sha256) from None

    def _require_own_keys(self) -> None:
        """Refuse other keys than those of the first start: with them each object would only seem to be missing."""
        mine = self._keys.name(_PURPOSE).encode()
        label = self._store.label(self._keys.seal(mine, "vault"))
        try:
            own = self._keys.open_sealed(label, "vault") == mine
        except WrongKey:
            own = False
        if not own:
            raise WrongVault("this vault was filled under other keys: restore its key file from the backup")


class _Sink(io.RawIOBase):
    """Passes ciphertext on, keeps the file open when Tink closes its end, and keeps what Tink makes a text of: failures."""

    def __init__(self, file: Writable) -> None:
        self._file: Writable | None = file
        self._failure: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._file is not None:
            try:
                self._file.write(data)
            except Exception as failure:
                self._failure = failure
                self.abandon()
        return len(data)

    def require_sound(self) -> None:
        """Raise what went wrong while writing."""
        if self._failure is not None:
            raise self._failure

    def abandon(self) -> None:
        """Let the rest fall: Tink writes a last segment whatever happened before."""
        self._file = None


class _Source(io.RawIOBase):
    """Passes ciphertext on, and keeps the failure that is no damage: Tink would make one of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.failure: VaultUnavailable | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            return self._file.readinto(buffer)  # type: ignore[attr-defined, no-any-return]
        except VaultUnavailable as failure:
            self.failure = failure
            raise

    def close(self) -> None:
        self._file.close()
        super().close()


class _Passing(io.RawIOBase):
    """Ciphertext on its way from one store into another, read by who decrypts it; what fails there is kept: see `_Source`."""

    def __init__(self, source: BinaryIO, target: Writable) -> None:
        self._source = source
        self._target = target
        self.size = 0
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._source.read(len(buffer))
            self._target.write(data)
        except Exception as failure:
            self.failure = failure
            raise
        buffer[: len(data)] = data
        self.size += len(data)
        return len(data)


class _Plaintext(io.RawIOBase):
    """What Tink decrypts, with damage named as such and the length held against the header's."""

    def __init__(self, stream: BinaryIO, source: _Source, length: int, sha256: bytes) -> None:
        self._stream = stream
        self._source = source
        self._left = length
        self._sha256 = sha256

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        from tink import TinkError

        try:
            data = self._stream.read(len(buffer))
        except TinkError:
            raise self._source.failure or _damaged(self._sha256) from None
        self._left -= len(data)
        if self._left < 0 or (self._left > 0 and len(buffer) and not data):
            raise _damaged(self._sha256)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


@functools.cache
def _register_ciphers() -> None:
    """Once: 2 ms each time, more than all else that a small object costs."""
    from tink import aead, streaming_aead

    aead.register()
    streaming_aead.register()


def _new_message_key() -> tuple[bytes, Any]:
    """A new key for one message: its bytes and what encrypts with it, as Tink's own envelope encryption makes them."""
    from tink import aead, core

    _register_ciphers()
    key = core.Registry.new_key_data(aead.aead_key_templates.AES256_GCM)
    return key.value, core.Registry.primitive(key, aead.Aead)


def _new_stream_key() -> tuple[bytes, Any]:
    import tink
    from tink import proto_keyset_format, secret_key_access, streaming_aead

    _register_ciphers()
    key = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
    return proto_keyset_format.serialize(key, secret_key_access.TOKEN), key.primitive(streaming_aead.StreamingAead)


def _encrypt(cipher: Any, bound: bytes, pieces: Iterator[memoryview], file: Writable) -> None:
    from tink import TinkError

    sink = _Sink(file)
    stream = cipher.new_encrypting_stream(sink, bound)
    try:
        for piece in pieces:
            stream.write(piece)
            sink.require_sound()
        stream.close()
        sink.require_sound()
    except BaseException:
        sink.abandon()
        with suppress(TinkError):
            stream.close()
        raise


def _decrypted_whole(message: bytes, data_key: bytes, bound: bytes, sha256: bytes) -> bytes:
    from tink import TinkError, aead, core
    from tink.proto import tink_pb2

    _register_ciphers()
    key = tink_pb2.KeyData(type_url=aead.aead_key_templates.AES256_GCM.type_url, value=data_key,
                           key_material_type=tink_pb2.KeyData.SYMMETRIC)  # fmt: skip
    try:
        data: bytes = core.Registry.primitive(key, aead.Aead).decrypt(message, bound)
    except TinkError:
        raise _damaged(sha256) from None
    return data


def _decrypting(file: _Source, data_keyset: bytes, bound: bytes, sha256: bytes) -> BinaryIO:
    from tink import TinkError, proto_keyset_format, secret_key_access, streaming_aead

    _register_ciphers()
    try:
        data_key = proto_keyset_format.parse(data_keyset, secret_key_access.TOKEN)
        primitive = data_key.primitive(streaming_aead.StreamingAead)
        stream: BinaryIO = primitive.new_decrypting_stream(file, bound)
    except TinkError:
        raise file.failure or _damaged(sha256) from None
    return stream


def _damaged(sha256: bytes) -> ObjectDamaged:
    return ObjectDamaged(f"object {sha256.hex()} is damaged in the vault: restore it from the backup")


def _transfer(source: BinaryIO, target: BinaryIO | None, sha256: bytes) -> None:
    found = hashlib.sha256()
    while piece := source.read(_MIB):
        found.update(piece)
        if target is not None:
            target.write(piece)
    if found.digest() != sha256:
        raise _damaged(sha256)


@contextmanager
def _opened(source: Path | int) -> Iterator[int]:
    """Give a descriptor. Evidence decides what a path leads to: no link is followed, and no pipe waited for."""
    if isinstance(source, int):
        yield source
        return
    with _reading():
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _whole(descriptor: int, size: int) -> bytes | memoryview:
    """Read `size` bytes from the start, and one more if there is one: so that growth is seen."""
    with _reading():
        data = os.pread(descriptor, size + 1, 0) if size <= _PIECE else b""
        if size and len(data) >= size:
            return data
        buffer = memoryview(bytearray(size + 1))
        length = 0
        while length <= size and (count := os.preadv(descriptor, [buffer[length:]], length)):
            length += count
    return buffer[:length].toreadonly()


def _pieces_of_bytes(data: bytes | memoryview) -> Iterator[memoryview]:
    whole = memoryview(data)
    return (whole[start : start + _PIECE] for start in range(0, len(whole), _PIECE))


def _collected(pieces: Iterator[memoryview], size: int) -> memoryview:
    data = bytearray()
    for piece in _same_size(pieces, size):
        data += piece
    return memoryview(data).toreadonly()


def _same_size(pieces: Iterator[memoryview], size: int) -> Iterator[memoryview]:
    """Pass pieces on as long as they are no more, and at the end no less, than `size` bytes."""
    left = size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise ChangedWhileRead("the stream is not as long as it was listed")


def pieces_of_file(descriptor: int) -> Iterator[memoryview]:
    """Read a file from the start, wherever its descriptor stands, in pieces of at most 1 MiB.

    Raises:
        SourceUnavailable: it cannot be read.
    """
    offset = 0
    while True:
        with _reading():
            piece = os.pread(descriptor, _PIECE, offset)
        if not piece:
            return
        offset += len(piece)
        yield memoryview(piece)


@contextmanager
def _reading() -> Iterator[None]:
    """Name what the system says of the source, without the source's name."""
    try:
        yield
    except OSError as error:
        raise SourceUnavailable(os.strerror(error.errno or 0)) from None


class _Digesting:
    """Takes the digests of what passes."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._size = 0

    def passing(self, pieces: Iterator[memoryview]) -> Iterator[memoryview]:
        for piece in pieces:
            self.update(piece)
            yield piece

    def update(self, piece: bytes | memoryview) -> None:
        self._sha256.update(piece)
        self._sha1.update(piece)
        self._md5.update(piece)
        self._size += len(piece)

    def digests(self) -> Digests:
        return Digests(self._sha256.digest(), self._sha1.digest(), self._md5.digest(), self._size)


def _digests(pieces: Iterator[memoryview]) -> Digests:
    passed = _Digesting()
    for piece in pieces:
        passed.update(piece)
    return passed.digests()


def _same_again(pieces: Iterator[memoryview], expected: Digests) -> Iterator[memoryview]:
    """Pass on what a second reading gives.

    Raises:
        ChangedWhileRead: at its end, where it was not what the first reading gave.
    """
    found, left = hashlib.sha256(), expected.size
    for piece in pieces:
        left -= len(piece)
        if left < 0:  # growing, perhaps without end
            break
        found.update(piece)
        yield piece
    if left or found.digest() != expected.sha256:
        raise ChangedWhileRead("the file changed between its two readings")


def _unchanged(descriptor: int, before: os.stat_result) -> Iterator[memoryview]:
    """A file's pieces, as long as they are no more than it had, and at their end only if it is as it was."""
    yield from _same_size(pieces_of_file(descriptor), before.st_size)
    _require_unchanged(before, descriptor, before.st_size)


def _require_unchanged(before: os.stat_result, descriptor: int, size: int) -> None:
    after = os.fstat(descriptor)
    if not before.st_size == after.st_size == size or before.st_mtime_ns != after.st_mtime_ns:
        raise ChangedWhileRead("the file changed while it was read")
