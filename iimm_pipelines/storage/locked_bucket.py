"""The vault's store that is an S3 bucket with Object Lock.

Here: objects that are written once (conditional), locked, with checksums on the wire; and the probe of the lock.
Not here: what the objects are (storage/vault), how S3 is spoken (storage/s3).
"""

from __future__ import annotations

import hashlib
import io
import secrets
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

from iimm_pipelines.settings import ObjectLock, S3Server
from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked, Writable, place_of
from iimm_pipelines.storage.s3 import Address, Bucket, S3Refused, S3Unreachable

PART = 16 << 20
"""Bytes of an upload's part, and the most that one thread keeps of it in memory, up to 150 GB of object."""
_MOST_PARTS = 10_000
_LABEL = "keys-of-this-vault"
_PROBE_LOCKED = timedelta(days=1)
_CONFLICTS = 3
_ONLY_NEW = {"IfNoneMatch": "*"}


def locked_bucket(address: str, server: S3Server, lock: ObjectLock, days: int) -> LockedBucket:
    """The store at an address of S3.

    Raises:
        AddressInvalid: it is no address.
        VaultUnavailable: the settings of AWS's own that it needs are not there.
    """
    with _answered():
        return LockedBucket(Bucket(Address.parse(address), server, authenticated=True), lock, days)


class LockedBucket:
    """Ciphertext below an address of S3. Every object is locked as it is put; the store itself deletes none."""

    def __init__(self, bucket: Bucket, lock: ObjectLock, days: int, *, part: int = PART) -> None:
        """Use a bucket that was made with Object Lock; `days` is how long each object is locked from its put."""
        self._bucket = bucket
        self._lock = lock
        self._locked_for = timedelta(days=days)
        self._part = part

    def put(self, name: str, size: int, write: Callable[[Writable], None], *, instead: bool = False) -> None:
        """Upload, unless it is there; of two writers at once the second is refused by the service.

        `instead`: a new version; the damaged one stays below it for as long as it is locked.
        """
        if not instead and self.has(name):
            return
        with _answered():
            part = max(self._part, size // (_MOST_PARTS - 100))
            condition = {} if instead else _ONLY_NEW
            locked = {**self._locked(), **(self._held(name) if instead else {})}
            upload = _Upload(self._bucket, place_of(name), part, locked, condition)
            try:
                write(upload)
                upload.finish()
            except S3Unreachable:  # nor can it be told to forget the parts
                raise
            except BaseException:
                upload.abort()
                raise

    def sync(self) -> None:
        """Nothing: what S3 has answered for is lasting."""

    def has(self, name: str) -> bool:
        """Ask for it."""
        with _answered():
            return _is_there(self._bucket, place_of(name))

    def size(self, name: str) -> int | None:
        """Ask for it."""
        with _answered():
            try:
                return int(self._bucket.call("head_object", place_of(name))["ContentLength"])
            except S3Refused as refused:
                if refused.missing:
                    return None
                raise

    def open(self, name: str) -> BinaryIO:
        """Read it as a stream."""
        return self._open(place_of(name))

    def names(self) -> Iterator[str]:
        """List them, page by page."""
        with _answered():
            for each in self._bucket.found("objects/"):
                yield each.key.rsplit("/", 1)[-1]

    def label(self, fresh: bytes) -> bytes:
        """Read the label, written once."""
        with suppress(FileNotFoundError):
            return self._read(_LABEL)
        with _answered(), suppress(_AnotherWasFirst):
            _put_whole(self._bucket, _LABEL, fresh, self._locked())
        return self._read(_LABEL)

    def probe(self) -> None:
        """Lock a small object for a day, and try to delete its version."""
        key = f"probes/{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        until = datetime.now(UTC) + _PROBE_LOCKED
        with _answered():
            try:
                put = _put_whole(self._bucket, key, b"a probe of the lock", self._locked(until))
            except S3Refused as refused:
                if refused.status == 400:
                    raise VaultUnlocked(_unlocked("refuses to lock")) from None
                raise
            version = put.get("VersionId")
            if not version:
                raise VaultUnlocked(_unlocked("keeps no versions"))
            self._require_locked(key, version, until)
            try:
                self._bucket.call("delete_object", key, VersionId=version)
            except S3Refused:  # the code differs from service to service; what counts is that the version stays
                self._require_locked(key, version, until)
                return
        raise VaultUnlocked(_unlocked("deleted a locked version when asked to"))

    def hold(self, name: str, *, on: bool) -> None:
        """Put or lift the legal hold of the newest version."""
        with _answered():
            try:
                self._bucket.call("put_object_legal_hold", place_of(name), LegalHold={"Status": "ON" if on else "OFF"})
            except S3Refused as refused:
                if refused.missing:
                    raise FileNotFoundError from None
                raise

    def _held(self, name: str) -> dict[str, Any]:
        """The legal hold of the version that a new one comes above."""
        try:
            said = self._bucket.call("head_object", place_of(name))
        except S3Refused as refused:
            if refused.missing:
                return {}
            raise
        return {"ObjectLockLegalHoldStatus": "ON"} if said.get("ObjectLockLegalHoldStatus") == "ON" else {}

    def _require_locked(self, key: str, version: str, until: datetime) -> None:
        try:
            said = self._bucket.call("head_object", key, VersionId=version)
        except S3Refused as refused:
            if refused.missing:
                raise VaultUnlocked(_unlocked("lost a locked version")) from None
            raise
        locked_until = said.get("ObjectLockRetainUntilDate")
        if said.get("ObjectLockMode") != self._lock.upper() or locked_until is None:
            raise VaultUnlocked(_unlocked("does not lock what it is asked to lock"))
        if locked_until < until - timedelta(minutes=1):
            raise VaultUnlocked(_unlocked("locks for a shorter time than it is asked to"))

    def _locked(self, until: datetime | None = None) -> dict[str, Any]:
        return {"ObjectLockMode": self._lock.upper(),
                "ObjectLockRetainUntilDate": until or datetime.now(UTC) + self._locked_for}  # fmt: skip

    def _open(self, key: str) -> BinaryIO:
        with _answered():
            try:
                stream, _ = self._bucket.open(key)
            except S3Refused as refused:
                if refused.missing:
                    raise FileNotFoundError from None
                raise
        return io.BufferedReader(_Answered(stream))

    def _read(self, key: str) -> bytes:
        with self._open(key) as stream:
            return stream.read()


class _AnotherWasFirst(Exception):
    """The object is there by another's hand, or by ours, where the answer to the first attempt was lost."""


class _Upload(io.RawIOBase):
    """One object on its way: by one request if it is small, else in parts of which one is in memory at a time."""

    def __init__(self, bucket: Bucket, key: str, part: int, locked: dict[str, Any], condition: dict[str, str]) -> None:
        self._bucket = bucket
        self._condition = condition
        self._key = key
        self._part = part
        self._locked = locked
        self._waiting = bytearray()
        self._id: str | None = None
        self._parts: list[dict[str, Any]] = []
        self._crc = 0
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        view = memoryview(data)
        at = 0
        while at < len(view):
            if len(self._waiting) == self._part:
                self._send()
            piece = view[at : at + self._part - len(self._waiting)]
            self._waiting += piece
            at += len(piece)
        return len(view)

    def finish(self) -> None:
        """Have the object be there, unless another's is."""
        try:
            if self._id is None:
                _put_whole(self._bucket, self._key, self._waiting, self._locked, self._condition)
            else:
                self._send()
                self._complete()
        except _AnotherWasFirst:
            self.abort()

    def abort(self) -> None:
        """Let the service forget the parts; where it cannot be told, its own rule for stale uploads does it."""
        if self._id is not None:
            with suppress(S3Refused, S3Unreachable):
                self._bucket.call("abort_multipart_upload", self._key, UploadId=self._id)
            self._id = None

    def _send(self) -> None:
        if self._id is None:
            begun = self._bucket.call("create_multipart_upload", self._key, ChecksumAlgorithm="CRC32",
                                      ChecksumType="FULL_OBJECT", **self._locked)  # fmt: skip
            self._id = begun["UploadId"]
        number = len(self._parts) + 1
        crc = _crc(zlib.crc32(self._waiting))
        sent = self._bucket.call("upload_part", self._key, UploadId=self._id, PartNumber=number, Body=self._waiting,
                                 ChecksumCRC32=crc)  # fmt: skip
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"], "ChecksumCRC32": crc})
        self._crc = zlib.crc32(self._waiting, self._crc)
        self._size += len(self._waiting)
        self._waiting = bytearray()

    def _complete(self) -> None:
        try:
            self._bucket.call("complete_multipart_upload", self._key, UploadId=self._id, **self._condition,
                              MultipartUpload={"Parts": self._parts}, MpuObjectSize=self._size,
                              ChecksumType="FULL_OBJECT", ChecksumCRC32=_crc(self._crc))  # fmt: skip
        except S3Refused as refused:
            if refused.another_was_there:
                raise _AnotherWasFirst from None
            # An answer that was lost: at the second attempt there is no such upload any more. A conflict: another's
            # completes at this moment.
            if refused.code in ("NoSuchUpload", "ConditionalRequestConflict") and _is_there(self._bucket, self._key):
                raise _AnotherWasFirst from None
            raise
        self._id = None


def _put_whole(bucket: Bucket, key: str, data: bytes | bytearray, locked: dict[str, Any],
               condition: dict[str, str] = _ONLY_NEW) -> dict[str, Any]:  # fmt: skip
    checksum = b64encode(hashlib.sha256(data).digest()).decode()
    for attempt in range(1, _CONFLICTS + 1):
        try:
            return bucket.call("put_object", key, Body=data, ChecksumSHA256=checksum, **condition, **locked)
        except S3Refused as refused:
            if refused.another_was_there:
                raise _AnotherWasFirst from None
            if refused.code != "ConditionalRequestConflict" or attempt == _CONFLICTS:
                raise
    raise AssertionError


def _is_there(bucket: Bucket, key: str) -> bool:
    try:
        bucket.call("head_object", key)
    except S3Refused as refused:
        if refused.missing:
            return False
        raise
    return True


def _crc(value: int) -> str:
    return b64encode(value.to_bytes(4, "big")).decode()


def _unlocked(how: str) -> str:
    return (f"the vault's bucket {how}: nothing is taken in. Name a bucket in iimm.toml that was made with Object Lock, "
            "and see that the account may put retention (docs/vault.md)")  # fmt: skip


@contextmanager
def _answered() -> Iterator[None]:
    """Say of S3's errors what they mean for the vault."""
    try:
        yield
    except S3Unreachable as wrong:
        raise VaultUnavailable(f"the vault's S3 service cannot be reached ({wrong}): what was taken in stays. See that it "
                               "runs and that this machine reaches it, and start again") from None  # fmt: skip
    except S3Refused as wrong:
        raise VaultUnavailable(f"the vault's S3 service refuses ({wrong}): see the bucket's name in iimm.toml, that it was "
                               "made with Object Lock, and the account's rights (docs/vault.md)") from None  # fmt: skip


class _Answered(io.RawIOBase):
    """A stream whose reading says what S3's errors mean for the vault."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _answered():
            return self._stream.readinto(buffer)  # type: ignore[attr-defined, no-any-return]

    def close(self) -> None:
        self._stream.close()
        super().close()
