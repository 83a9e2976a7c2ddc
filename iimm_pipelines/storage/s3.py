"""S3: a bucket's objects below a prefix, by boto3.

Here: how a bucket is reached, what its errors mean to us, reading that goes on after a broken connection, listing.
Not here: the vault's rules (storage/locked_bucket), what a source hands over by S3 (accessions). Heavy to import: 0.3 s.

Nothing that S3 or boto3 says is passed on but its error code: their messages hold addresses and keys.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError, NoCredentialsError, ProfileNotFound

from iimm_pipelines.settings import S3Server

_ATTEMPTS = 9
"""With botocore's waits between them, some 6 s in all where nothing answers: a server's restart passes unnoticed."""
_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_CONNECTIONS = 16
_BUFFER = 1 << 20
SCHEME = "s3://"


class S3Unreachable(Exception):
    """The service does not answer, or not as S3 does. The message is an error code; trying again can help."""


class S3Refused(Exception):
    """The service answered that it will not."""

    def __init__(self, code: str, status: int) -> None:
        """S3's error code, and the status of HTTP: answers to HEAD have no other code."""
        super().__init__(code)
        self.code = code
        self.status = status

    @property
    def missing(self) -> bool:
        """Whether it said that there is no such object."""
        return self.status == 404 and self.code != "NoSuchBucket"

    @property
    def another_was_there(self) -> bool:
        """Whether a condition of the request did not hold."""
        return self.status == 412


class AddressInvalid(ValueError):
    """A text that is no address of a bucket."""


@dataclass(frozen=True, slots=True)
class Address:
    """A bucket and a prefix in it, empty or with a slash at its end."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `s3://bucket/prefix`.

        Raises:
            AddressInvalid: saying what one looks like.
        """
        bucket, _, prefix = text.removeprefix(SCHEME).partition("/")
        if not text.startswith(SCHEME) or not bucket:
            raise AddressInvalid("the address of a bucket looks like s3://bucket/prefix")
        prefix = prefix.strip("/")
        return cls(bucket, f"{prefix}/" if prefix else "")

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}".rstrip("/")


@dataclass(frozen=True, slots=True)
class Found:
    """An object as a listing shows it: its key below the prefix, bytes, time of last change (seconds), ETag if it has one."""

    key: str
    size: int
    modified_ns: int
    etag: str


class Bucket:
    """The objects below one address. May be used by several threads."""

    def __init__(self, address: Address, server: S3Server, *, authenticated: bool = False) -> None:
        """Prepare; nothing is asked of the service yet. `authenticated`: damage is found by the reader, who can name it.

        Raises:
            S3Unreachable: the profile is not there, or what describes the service cannot be used.
        """
        self.address = address
        config = Config(
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            response_checksum_validation="when_required" if authenticated else "when_supported",
            connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, max_pool_connections=_CONNECTIONS,
            # Own servers seldom have a name for each bucket.
            s3={"addressing_style": "path"} if server.endpoint else {},
        )  # fmt: skip
        try:
            session = boto3.session.Session(profile_name=server.profile, region_name=server.region)
            self._client = session.client("s3", endpoint_url=server.endpoint, config=config)
        except ProfileNotFound:
            raise S3Unreachable("the profile is not in AWS's configuration files") from None
        except (BotoCoreError, ValueError) as wrong:
            raise S3Unreachable(type(wrong).__name__) from None

    def call(self, operation: str, key: str | None = None, **given: Any) -> dict[str, Any]:
        """Call an operation of the S3 API, with the key below the prefix; boto3 tries again what that can help.

        Raises:
            S3Unreachable: no answer, or one that trying again may change.
            S3Refused: the service will not.
        """
        if key is not None:
            given["Key"] = self.address.prefix + key
        try:
            answer: dict[str, Any] = getattr(self._client, operation)(Bucket=self.address.bucket, **given)
        except ClientError as wrong:
            code, status = str(wrong.response["Error"]["Code"]), wrong.response["ResponseMetadata"]["HTTPStatusCode"]
            raise (S3Unreachable(code) if status >= 500 else S3Refused(code, status)) from None
        except NoCredentialsError:
            raise S3Unreachable("no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile") from None
        except BotoCoreError as wrong:
            raise S3Unreachable(type(wrong).__name__) from None
        return answer

    def open(self, key: str, etag: str | None = None) -> tuple[BinaryIO, dict[str, Any]]:
        """Give an object's bytes as a stream, and what the service said of it; with `etag`, only if it is still that.

        A connection that breaks is taken up again where it broke, if the object is still the same. Reading raises as
        `call` does.
        """
        answer = self.call("get_object", key, **({"IfMatch": etag} if etag else {}))
        return io.BufferedReader(_Reader(self, key, answer), _BUFFER), answer

    def found(self, prefix: str = "") -> Iterator[Found]:
        """List the objects whose key begins so, by key, page by page."""
        more: dict[str, str] = {}
        while True:
            page = self.call("list_objects_v2", Prefix=self.address.prefix + prefix, **more)
            for each in page.get("Contents", ()):
                modified = int(each["LastModified"].timestamp()) * 1_000_000_000
                yield Found(each["Key"].removeprefix(self.address.prefix), each["Size"], modified, each.get("ETag", ""))
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}


class _Reader(io.RawIOBase):
    """An object's bytes, over as many requests as it takes."""

    def __init__(self, bucket: Bucket, key: str, answer: dict[str, Any]) -> None:
        self._bucket = bucket
        self._key = key
        self._etag = answer.get("ETag", "")
        self._size = answer["ContentLength"]
        self._body = answer["Body"]
        self._at = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                data = self._body.read(len(buffer))
                if data or self._at == self._size or not len(buffer):
                    break
            except FlexibleChecksumError:
                raise S3Refused("checksum does not hold", 200) from None
            except BotoCoreError as broken:
                if attempt == _ATTEMPTS:
                    raise S3Unreachable(type(broken).__name__) from None
            if attempt == _ATTEMPTS or not self._etag:  # without one nothing tells that it is the same object still
                raise S3Unreachable("the answer ends too early")
            self._body.close()
            again = self._bucket.call("get_object", self._key, IfMatch=self._etag, Range=f"bytes={self._at}-")
            self._body = again["Body"]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._body.close()
        super().close()
