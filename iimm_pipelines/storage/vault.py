"""The vault: the bytes of all objects of a holding, encrypted, each once.

Here: what goes in (read once, digests taken, encrypted under a data key of its own), what comes out (decrypted, checked).
Not here: which objects there are and where they came from (iimm_pipelines.storage.catalogue), the holding's keys
(iimm_pipelines.storage.keys), removal: nothing here deletes or overwrites an object; a damaged one is set aside for the
copy's.

An object's file is a header (magic, format, length of the plaintext, the object's data key wrapped by the holding's key
and bound to the rest of the header and to the SHA-256) and a Tink stream, AES256_GCM_HKDF_1MB, bound to the SHA-256. The
data key is wrapped as plain keyset bytes: Tink's own encrypted keyset carries a part that nothing authenticates.
"""

import functools
import hashlib
import io
import os
import secrets
import stat
import struct
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from iimm_pipelines.storage.durable import draft, make_folder, sweep, sync_folder
from iimm_pipelines.storage.keys import Keys, WrongKey

_MIB = 1024 * 1024
_MAGIC = b"IIMV"
_FORMAT = 1
_BOUND = struct.Struct(">4sBQ")
_WRAPPED_LENGTH = struct.Struct(">H")
_SYNCS_AT_ONCE = 4
"""A journal commits what several threads ask for at once: 300 folders took 0.04 s in place of 0.76 s (ext4)."""
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
    """Objects in a folder, by their SHA-256. May be used by several threads, and by several processes at once."""

    def __init__(self, folder: Path, keys: Keys, *, in_memory: int = 64 * _MIB) -> None:
        """Open the vault in `folder`, made where there is none. Files of up to `in_memory` bytes are read once.

        Raises:
            WrongVault: it was filled under other keys.
        """
        self._folder = folder
        self._incoming = folder / "incoming"
        self._objects = folder / "objects"
        self._keys = keys
        self._in_memory = in_memory
        self._lasting: set[Path] = set()
        self._unsynced: set[Path] = set()
        self._sync_lock = threading.Lock()
        for each in (self._incoming, self._objects):
            make_folder(each)
        sweep(self._incoming)
        self._require_own_keys()

    def put_file(self, source: Path | int, *, deferred: bool = False) -> Digests:
        """Take in a file, given by path or by descriptor, unless the vault has its bytes; give its digests.

        Deferred: lasting only after `sync`, which must come before anything says that the object is there. Several
        threads that put share the disk's commits: four take in small files five times as fast as one (ext4).

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
            digests = _digests(_pieces_of_file(descriptor))
            _require_unchanged(before, descriptor, digests.size)
            self._store(digests, _same_again(_pieces_of_file(descriptor), digests), deferred)
            return digests

    def put_bytes(self, data: bytes | memoryview, *, deferred: bool = False) -> Digests:
        """Take in bytes unless the vault has them; give their digests. Deferred: see `put_file`."""
        digests = _digests(_pieces_of_bytes(data))
        self._store(digests, _pieces_of_bytes(data), deferred)
        return digests

    def sync(self) -> None:
        """Make lasting all that was put with `deferred`."""
        with self._sync_lock:  # a second thread must not return before the folders that the first took are synced
            folders = []
            while self._unsynced:  # one by one, since others add meanwhile
                folders.append(self._unsynced.pop())
            try:
                with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:
                    list(pool.map(sync_folder, folders))
            except OSError:
                self._unsynced.update(folders)
                raise

    def has(self, sha256: bytes) -> bool:
        """Say whether the object is there. Whether it is undamaged, `check` says."""
        return self._path(sha256).exists()

    def open(self, sha256: bytes) -> BinaryIO:
        """Give the object's bytes as a stream, decrypted as it is read. Not seekable.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: here, or by a later read. What was read before is authentic, but perhaps not all.
        """
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(f"object {sha256.hex()} is not in the vault") from None
        return self._decrypted(file, sha256)

    def copy_to(self, sha256: bytes, path: Path) -> None:
        """Decrypt the object into a new file in scratch, and hold its SHA-256 against what was asked for.

        Raises:
            ObjectMissing: it is not here.
            ObjectDamaged: it is not what was put in. No file is left.
        """
        with self.open(sha256) as source, path.open("xb") as target:
            os.fchmod(target.fileno(), 0o600)
            try:
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

    def names(self) -> Iterator[str]:
        """Give the names of all objects, sorted: `keys.name` of their SHA-256."""
        for first in sorted(self._objects.iterdir()):
            for second in sorted(first.iterdir()):
                yield from sorted(path.name for path in second.iterdir())

    def name(self, sha256: bytes) -> str:
        """Give the name under which an object is kept, here and in every copy of this vault."""
        if len(sha256) != hashlib.sha256().digest_size:
            raise ValueError("not a SHA-256")
        return self._keys.name(sha256)

    def stored_size(self, name: str) -> int | None:
        """Give the bytes that an object takes here, encrypted; None where it is not here."""
        try:
            return self._place(name).stat().st_size
        except FileNotFoundError:
            return None

    def open_stored(self, name: str) -> BinaryIO:
        """Give an object as it lies here, encrypted, for a copy of this vault.

        Raises:
            ObjectMissing: it is not here.
        """
        try:
            return self._place(name).open("rb")
        except FileNotFoundError:
            raise ObjectMissing(f"object {name[:16]}… is not in the vault") from None

    def put_stored(self, name: str, source: BinaryIO, sha256: bytes | None, *, instead: bool = False) -> int:
        """Take in an object as it lies in another copy of this vault; give its bytes. Lasting only after `sync`.

        It is read back here before it takes its place: whole by its SHA-256 or, where nobody knows that, the same bytes
        as came. `instead`: in place of one that is damaged, which is set aside.

        Raises:
            ObjectDamaged: what came is not the object. Nothing was stored.
        """
        path = self._place(name)
        self._make_folders(path.parent)
        with draft(self._incoming, 0o400) as new:
            came = _passed_on(source, new.file)
            size = new.file.tell()
            new.file.seek(0)
            if sha256 is not None:
                with self._decrypted(os.fdopen(os.dup(new.file.fileno()), "rb"), sha256) as plain:
                    _transfer(plain, None, sha256)
            elif _passed_on(new.file, None) != came:
                raise ObjectDamaged(f"object {name[:16]}… did not arrive as it was sent")
            if instead:
                self.set_aside(name)
            new.link(path)
            self._unsynced.add(path.parent)
            return size

    def set_aside(self, name: str) -> None:
        """Take a damaged object out of its place, so that it can be put again; its file is kept beside."""
        make_folder(self._folder / "damaged")
        with suppress(FileNotFoundError):
            self._place(name).replace(self._folder / "damaged" / f"{name}.{secrets.token_hex(4)}")

    def _decrypted(self, file: BinaryIO, sha256: bytes) -> BinaryIO:
        """An object's file as the stream of its bytes, which closes the file."""
        try:
            length, data_keyset = self._read_header(file, sha256)
            return io.BufferedReader(_Plaintext(_decrypting(file, data_keyset, sha256), length, sha256), _MIB)
        except BaseException:
            file.close()
            raise

    def _path(self, sha256: bytes) -> Path:
        return self._place(self.name(sha256))

    def _place(self, name: str) -> Path:
        return self._objects / name[:2] / name[2:4] / name

    def _store(self, digests: Digests, pieces: Iterator[memoryview], deferred: bool) -> None:
        path = self._path(digests.sha256)
        self._make_folders(path.parent)
        if not path.exists():
            with draft(self._incoming, 0o400) as new:
                self._encrypt(digests, pieces, new.file)
                new.link(path)  # where another writer was first, its copy stays and this one goes
        # Also for an object that was there: its writer may not have synced yet, and we are about to rely on it.
        self._unsynced.add(path.parent)
        if not deferred:
            self.sync()

    def _make_folders(self, leaf: Path) -> None:
        if leaf in self._lasting:
            return
        leaf.parent.mkdir(mode=0o700, exist_ok=True)
        leaf.mkdir(mode=0o700, exist_ok=True)
        self._unsynced.update((self._objects, leaf.parent))
        self._lasting.add(leaf)

    def _encrypt(self, digests: Digests, pieces: Iterator[memoryview], file: BinaryIO) -> None:
        import tink
        from tink import proto_keyset_format, secret_key_access, streaming_aead

        _register_ciphers()
        template = streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB
        data_key = tink.new_keyset_handle(template)
        bound = _BOUND.pack(_MAGIC, _FORMAT, digests.size)
        wrapped = self._keys.wrap(
            proto_keyset_format.serialize(data_key, secret_key_access.TOKEN), bound + digests.sha256
        )
        file.write(bound + _WRAPPED_LENGTH.pack(len(wrapped)) + wrapped)
        sink = _Sink(file)
        stream = data_key.primitive(streaming_aead.StreamingAead).new_encrypting_stream(sink, digests.sha256)
        try:
            for piece in pieces:  # each at most 1 MiB, as one segment of the cipher
                stream.write(piece)
            stream.close()
        except BaseException:
            sink.abandon()
            with suppress(tink.TinkError):
                stream.close()
            raise

    def _read_header(self, file: BinaryIO, sha256: bytes) -> tuple[int, bytes]:
        fixed = file.read(_BOUND.size + _WRAPPED_LENGTH.size)
        try:
            bound, rest = fixed[: _BOUND.size], fixed[_BOUND.size :]
            magic, version, length = _BOUND.unpack(bound)
            (wrapped_length,) = _WRAPPED_LENGTH.unpack(rest)
            if (magic, version) != (_MAGIC, _FORMAT):
                raise _damaged(sha256)
            return length, self._keys.unwrap(file.read(wrapped_length), bound + sha256)
        except (struct.error, WrongKey):
            raise _damaged(sha256) from None

    def _require_own_keys(self) -> None:
        """Refuse other keys than those of the first start: with them each object would only seem to be missing."""
        path = self._folder / "keys-of-this-vault"
        if not path.exists():
            with draft(self._incoming, 0o400) as new:
                new.file.write(self._keys.seal(self._keys.name(_PURPOSE).encode(), "vault"))
                new.link(path)
            sync_folder(self._folder)
        try:
            own = self._keys.open_sealed(path.read_bytes(), "vault") == self._keys.name(_PURPOSE).encode()
        except WrongKey:
            own = False
        if not own:
            raise WrongVault("this vault was filled under other keys: restore its key file from the backup")


class _Sink(io.RawIOBase):
    """Passes ciphertext on, and keeps the file open when Tink closes its end."""

    def __init__(self, file: BinaryIO) -> None:
        self._file: BinaryIO | None = file

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return len(data) if self._file is None else self._file.write(data)

    def abandon(self) -> None:
        """Let the rest fall: Tink writes a last segment whatever happened before."""
        self._file = None


class _Plaintext(io.RawIOBase):
    """What Tink decrypts, with damage named as such and the length held against the header's."""

    def __init__(self, stream: BinaryIO, length: int, sha256: bytes) -> None:
        self._stream = stream
        self._left = length
        self._sha256 = sha256

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        from tink import TinkError

        try:
            data = self._stream.read(len(buffer))
        except TinkError:
            raise _damaged(self._sha256) from None
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
    """Once: 2 ms each time, more than all else that a small object costs but its fsync."""
    from tink import streaming_aead

    streaming_aead.register()


def _decrypting(file: BinaryIO, data_keyset: bytes, sha256: bytes) -> BinaryIO:
    from tink import TinkError, proto_keyset_format, secret_key_access, streaming_aead

    _register_ciphers()
    try:
        data_key = proto_keyset_format.parse(data_keyset, secret_key_access.TOKEN)
        primitive = data_key.primitive(streaming_aead.StreamingAead)
        stream: BinaryIO = primitive.new_decrypting_stream(file, sha256)
    except TinkError:
        raise _damaged(sha256) from None
    return stream


def _damaged(sha256: bytes) -> ObjectDamaged:
    return ObjectDamaged(f"object {sha256.hex()} is damaged in the vault: restore it from the backup")


def _passed_on(source: BinaryIO, target: BinaryIO | None) -> bytes:
    """Read all that is left of a stream, into another where given; give its SHA-256."""
    found = hashlib.sha256()
    while piece := source.read(_MIB):
        found.update(piece)
        if target is not None:
            target.write(piece)
    return found.digest()


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


def _whole(descriptor: int, size: int) -> memoryview:
    """Read `size` bytes from the start, and one more if there is one: so that growth is seen."""
    buffer = memoryview(bytearray(size + 1))
    length = 0
    with _reading():
        while length <= size and (count := os.preadv(descriptor, [buffer[length:]], length)):
            length += count
    return buffer[:length].toreadonly()


def _pieces_of_bytes(data: bytes | memoryview) -> Iterator[memoryview]:
    whole = memoryview(data)
    return (whole[start : start + _MIB] for start in range(0, len(whole), _MIB))


def _pieces_of_file(descriptor: int) -> Iterator[memoryview]:
    """Read from the start, wherever the descriptor stands."""
    offset = 0
    while True:
        with _reading():
            piece = os.pread(descriptor, _MIB, offset)
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


def _digests(pieces: Iterator[memoryview]) -> Digests:
    sha256 = hashlib.sha256()
    sha1 = hashlib.sha1(usedforsecurity=False)
    md5 = hashlib.md5(usedforsecurity=False)
    size = 0
    for piece in pieces:
        size += len(piece)
        for each in (sha256, sha1, md5):
            each.update(piece)
    return Digests(sha256.digest(), sha1.digest(), md5.digest(), size)


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


def _require_unchanged(before: os.stat_result, descriptor: int, size: int) -> None:
    after = os.fstat(descriptor)
    if not before.st_size == after.st_size == size or before.st_mtime_ns != after.st_mtime_ns:
        raise ChangedWhileRead("the file changed while it was read")
