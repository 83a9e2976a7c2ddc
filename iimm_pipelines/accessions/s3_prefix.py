"""A delivery that lies in a bucket of S3, below a prefix: listed page by page, read as a stream.

Here: what a listing's lines mean, how an object is opened and what tells that it changed, where the delivery is noted.
Not here: how S3 is spoken (storage/s3), what becomes of the entries (accessions/register, stages/inventory).

An object's ETag tells its bytes apart; its time is in whole seconds, since that is all that reading one tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, quote, unquote, urlencode

from iimm_pipelines.accessions.delivery import DeliveryUnlistable, DeliveryUnreachable, Entry, Opened, State
from iimm_pipelines.settings import S3Server
from iimm_pipelines.storage.s3 import SCHEME, Address, Bucket, S3Refused, S3Unreachable
from iimm_pipelines.storage.vault import ChangedWhileRead, SourceUnavailable

_PIECE = 1 << 20
_OF_ONE_OBJECT = frozenset({"AccessDenied", "InvalidObjectState", "checksum does not hold"})
"""Refusals that say nothing of the other objects: rights by object, one that lies in an archive tier, damage."""


@dataclass(frozen=True)
class S3Prefix:
    """The objects below a prefix. May be used by several threads."""

    address: Address
    server: S3Server

    @classmethod
    def at(cls, where: bytes) -> S3Prefix:
        """The delivery that was noted so."""
        place, _, service = where.decode("ascii").partition("?")
        return cls(Address.parse(unquote(place)), S3Server(**dict(parse_qsl(service))))

    @property
    def where(self) -> bytes:
        """Bucket, prefix and service: the same address at another service is another delivery."""
        service = urlencode(self.server.model_dump(exclude_none=True))
        return (SCHEME + quote(f"{self.address.bucket}/{self.address.prefix}") + (service and f"?{service}")).encode()

    def entries(self) -> Iterator[Entry]:
        """Every object, by key; not those that stand for an empty folder."""
        try:
            for found in self._bucket.found():
                if found.size or not found.key.endswith("/"):
                    yield Entry(found.key.encode(), State(found.size, found.modified_ns, found.etag))
        except (S3Unreachable, S3Refused) as wrong:
            raise DeliveryUnlistable(f"the bucket cannot be listed ({wrong}): see that its service runs, and the "
                                     "account's rights, and register again") from None  # fmt: skip

    @contextmanager
    def open(self, path: bytes) -> Iterator[Opened]:
        """Open an object; it is asked for again where it is read a second time."""
        stream, answer = self._get(path)
        first: list[BinaryIO] = [stream]
        etag = str(answer.get("ETag", ""))  # own gateways give none for what came into their folder by another way

        def pieces() -> Iterator[memoryview]:
            with first.pop() if first else self._get(path, etag)[0] as body, _readable():
                while piece := body.read(_PIECE):
                    yield memoryview(piece)

        modified = int(answer["LastModified"].timestamp()) * 1_000_000_000
        try:
            yield Opened(State(answer["ContentLength"], modified, etag), pieces)
        finally:
            for unread in first:
                unread.close()

    def leads_to(self, path: bytes) -> bytes | None:
        """Nowhere: a bucket has no links."""
        return None

    def _get(self, path: bytes, etag: str | None = None) -> tuple[BinaryIO, dict[str, Any]]:
        with _readable():
            return self._bucket.open(path.decode(), etag)

    @cached_property
    def _bucket(self) -> Bucket:
        return Bucket(self.address, self.server)


@contextmanager
def _readable() -> Iterator[None]:
    """Say of S3's errors whether one object cannot be read, or none."""
    try:
        yield
    except S3Refused as refused:
        if refused.another_was_there:
            raise ChangedWhileRead("the object is another by now") from None
        if refused.missing or refused.code in _OF_ONE_OBJECT:
            raise SourceUnavailable(refused.code) from None
        raise _unreachable(refused) from None
    except S3Unreachable as unreachable:
        raise _unreachable(unreachable) from None


def _unreachable(wrong: Exception) -> DeliveryUnreachable:
    return DeliveryUnreachable(f"the S3 service of the delivery cannot be used ({wrong}): what was taken in stays. See that "
                               "it runs, and the account's rights, and start again")  # fmt: skip
