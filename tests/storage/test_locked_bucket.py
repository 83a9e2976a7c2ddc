"""A vault on a real S3 server: written once, locked, checked on the wire, and clear about outages."""

import hashlib
import itertools
import json
import os
import threading
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from botocore.exceptions import ClientError
from s3_server import S3Server, credentials

from iimm_pipelines import settings
from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked, place_of
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.locked_bucket import LockedBucket
from iimm_pipelines.storage.s3 import Address, Bucket
from iimm_pipelines.storage.vault import ObjectDamaged, ObjectMissing, Vault, WrongVault

MIB = 1024 * 1024
PART = 5 * MIB
"""The least that S3 takes as a part."""
LARGE = 2 * PART + 3 * MIB
NAME = "ab" * 32

_numbers = itertools.count(1)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
def bucket(s3: S3Server) -> str:
    return s3.make_bucket(f"vault-{next(_numbers)}")


@pytest.fixture
def store(s3: S3Server, bucket: str) -> LockedBucket:
    return opened(s3, bucket)


@pytest.fixture
def vault(store: LockedBucket, keys: Keys) -> Vault:
    return Vault(store, keys, in_memory=MIB)


def opened(server: S3Server, bucket: str, prefix: str = "holding") -> LockedBucket:
    service = settings.S3Server(endpoint=server.endpoint)
    reached = Bucket(Address(bucket, f"{prefix}/"), service, authenticated=True)
    return LockedBucket(reached, "governance", 30, part=PART)


def versions(server: S3Server, bucket: str, below: str = "holding/objects/") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client().list_object_versions(Bucket=bucket, Prefix=below).get("Versions", [])
    return found


def uploads(server: S3Server, bucket: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    return found


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def writer(data: bytes) -> Callable[[BinaryIO], None]:
    def write(file: BinaryIO) -> None:
        file.write(data)

    return write


@pytest.mark.parametrize("size", [0, 1, MIB, LARGE])
def test_what_went_in_comes_out(tmp_path: Path, vault: Vault, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "source").write_bytes(data)
    digests = vault.put_file(tmp_path / "source")
    assert (digests.sha256, digests.size) == (sha256(data), size)
    vault.copy_to(digests.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1])
def test_uploads_are_whole_at_the_borders_of_parts(store: LockedBucket, size: int) -> None:
    data = os.urandom(size)
    store.put(NAME, size, writer(data))
    with store.open(NAME) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("size", [10, LARGE])
def test_the_same_bytes_are_stored_once(s3: S3Server, bucket: str, vault: Vault, size: int) -> None:
    put = {vault.put_bytes(bytes(size)).sha256 for _ in range(3)}
    assert len(put) == len(versions(s3, bucket)) == len(list(vault.names())) == 1


@pytest.mark.parametrize("size", [10, LARGE])
def test_of_writers_at_once_one_wins_and_all_succeed(s3: S3Server, bucket: str, size: int) -> None:
    together = threading.Barrier(3)
    data = os.urandom(size)

    def write(file: BinaryIO) -> None:
        together.wait()  # all three have seen that it is not there
        file.write(data)

    def put(_: int) -> None:
        opened(s3, bucket).put(NAME, size, write)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(put, range(3)))
    assert len(versions(s3, bucket)) == 1 and uploads(s3, bucket) == []
    with opened(s3, bucket).open(NAME) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("size", [10, LARGE])
def test_an_object_is_locked_until_its_days_are_over(s3: S3Server, bucket: str, vault: Vault, size: int) -> None:
    vault.put_bytes(bytes(size))
    (found,) = versions(s3, bucket)
    version = {"Bucket": bucket, "Key": found["Key"], "VersionId": found["VersionId"]}
    said = s3.client().head_object(**version)
    assert said["ObjectLockMode"] == "GOVERNANCE"
    assert said["ObjectLockRetainUntilDate"] > datetime.now(UTC) + timedelta(days=29)
    with pytest.raises(ClientError):
        s3.client().delete_object(**version)


@pytest.mark.parametrize("size", [10, LARGE])
def test_what_is_held_cannot_be_deleted_past_governance_until_it_is_let_go(
    s3: S3Server, bucket: str, vault: Vault, size: int
) -> None:
    digest = vault.put_bytes(bytes(size)).sha256
    (found,) = versions(s3, bucket)
    version = {"Bucket": bucket, "Key": found["Key"], "VersionId": found["VersionId"]}
    vault.hold(digest, on=True)
    with pytest.raises(ClientError):
        s3.client().delete_object(**version, BypassGovernanceRetention=True)
    vault.check(digest)
    vault.hold(digest, on=False)
    s3.client().delete_object(**version, BypassGovernanceRetention=True)
    with pytest.raises(ObjectMissing):
        vault.hold(digest, on=True)


def test_what_is_put_again_above_a_damaged_version_is_held_as_that_was(
    s3: S3Server, bucket: str, vault: Vault, tmp_path: Path
) -> None:
    (tmp_path / "source").write_bytes(b"whole")
    digest = vault.put_file(tmp_path / "source").sha256
    vault.hold(digest, on=True)
    vault.mend(digest, tmp_path / "source")
    for each in versions(s3, bucket):
        said = s3.client().get_object_legal_hold(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
        assert said["LegalHold"]["Status"] == "ON"
    assert len(versions(s3, bucket)) == 2


@pytest.mark.parametrize(("size", "checksum"), [(10, "ChecksumSHA256"), (LARGE, "ChecksumCRC32")])
def test_the_service_checked_what_came_over_the_wire(
    s3: S3Server, bucket: str, vault: Vault, size: int, checksum: str
) -> None:
    vault.put_bytes(bytes(size))
    (found,) = versions(s3, bucket)
    said = s3.client().head_object(Bucket=bucket, Key=found["Key"], ChecksumMode="ENABLED")
    assert said["ChecksumType"] == "FULL_OBJECT" and said[checksum]


def test_a_missing_object_is_named_so(vault: Vault) -> None:
    assert not vault.has(sha256(b"not here"))
    with pytest.raises(ObjectMissing):
        vault.open(sha256(b"not here"))


@pytest.mark.parametrize(("size", "place"), [(10, -1), (2 * MIB, MIB), (LARGE, -1)])
def test_damage_is_named(s3: S3Server, bucket: str, vault: Vault, keys: Keys, size: int, place: int) -> None:
    digests = vault.put_bytes(os.urandom(size))
    (file,) = s3.stored(bucket, f"holding/{place_of(keys.name(digests.sha256))}")
    with file.open("r+b") as content:
        content.seek(place, os.SEEK_SET if place > 0 else os.SEEK_END)
        (before,) = content.read(1)
        content.seek(-1, os.SEEK_CUR)
        content.write(bytes([before ^ 1]))
    with pytest.raises(ObjectDamaged, match=digests.sha256.hex()):
        vault.check(digests.sha256)


def test_names_are_listed_in_order_over_all_pages(s3: S3Server, bucket: str, store: LockedBucket) -> None:
    names = sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(1005))  # a page has 1,000
    for name in names:
        s3.place(bucket, f"holding/{place_of(name)}", b"")
    assert list(store.names()) == names


def test_another_holdings_keys_do_not_open_the_vault(vault: Vault, store: LockedBucket, tmp_path: Path) -> None:
    with pytest.raises(WrongVault):
        Vault(store, Keys(tmp_path / "other keys"))


def test_holdings_below_other_prefixes_do_not_see_each_other(
    s3: S3Server, bucket: str, vault: Vault, tmp_path: Path
) -> None:
    vault.put_bytes(b"mine")
    other = Vault(opened(s3, bucket, "other"), Keys(tmp_path / "other keys"))
    assert list(other.names()) == [] and not other.has(sha256(b"mine"))


def test_a_locked_bucket_passes_the_probe(vault: Vault, s3: S3Server, bucket: str) -> None:
    vault.probe()
    assert len(versions(s3, bucket, "holding/probes/")) == 1


def test_a_bucket_without_object_lock_fails_the_probe(s3: S3Server, keys: Keys) -> None:
    store = opened(s3, s3.make_bucket(f"plain-{next(_numbers)}", locking=False))
    with pytest.raises(VaultUnlocked, match="refuses to lock"):
        store.probe()


def test_a_service_that_deletes_what_is_locked_fails_the_probe(s3: S3Server, bucket: str) -> None:
    store = opened(s3, bucket)
    # The server's root may go past governance, and with this header does: as a service would that locks in name only.
    store._bucket._client.meta.events.register(
        "provide-client-params.s3.DeleteObject", lambda params, **_: {**params, "BypassGovernanceRetention": True}
    )
    with pytest.raises(VaultUnlocked, match="deleted a locked version"):
        store.probe()


def test_wrong_credentials_say_so(s3: S3Server, bucket: str, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(VaultUnavailable, match="refuses"):
        Vault(opened(s3, bucket), keys)


def test_a_bucket_that_is_not_there_says_so(s3: S3Server, keys: Keys) -> None:
    with pytest.raises(VaultUnavailable, match="NoSuchBucket"):
        Vault(opened(s3, "not-there"), keys)


def test_an_outage_while_writing_says_so_without_names_and_writing_again_succeeds(own_s3: S3Server) -> None:
    store = opened(own_s3, own_s3.make_bucket("vault"))
    data = os.urandom(LARGE)

    def write(file: BinaryIO) -> None:
        file.write(data[: LARGE // 2])
        own_s3.kill()
        file.write(data[LARGE // 2 :])

    with pytest.raises(VaultUnavailable, match="cannot be reached") as caught:
        store.put(NAME, LARGE, write)
    assert NAME not in str(caught.value) and "127.0.0.1" not in str(caught.value)
    own_s3.start()
    assert not store.has(NAME)
    store.put(NAME, LARGE, writer(data))
    with store.open(NAME) as stream:
        assert stream.read() == data


def test_reading_goes_on_where_a_restart_broke_it(own_s3: S3Server, keys: Keys) -> None:
    vault = Vault(opened(own_s3, own_s3.make_bucket("vault")), keys)
    data = os.urandom(LARGE)
    with vault.open(vault.put_bytes(data).sha256) as stream:
        read = stream.read(MIB)
        own_s3.kill()
        own_s3.start()
        assert read + stream.read() == data


def test_an_outage_while_reading_is_no_damage(own_s3: S3Server, keys: Keys) -> None:
    vault = Vault(opened(own_s3, own_s3.make_bucket("vault")), keys)
    with vault.open(vault.put_bytes(os.urandom(LARGE)).sha256) as stream:
        stream.read(MIB)
        own_s3.kill()
        with pytest.raises(VaultUnavailable, match="cannot be reached"):
            stream.read()


def test_writing_keeps_no_more_than_a_part_in_memory(store: LockedBucket) -> None:
    pieces = (bytes(MIB) for _ in range(LARGE // MIB))

    def write(file: BinaryIO) -> None:
        for piece in pieces:
            file.write(piece)

    store.put("cd" * 32, 10, writer(b"clients are made"))
    tracemalloc.start()
    try:
        store.put(NAME, LARGE, write)
        assert tracemalloc.get_traced_memory()[1] < 2 * PART
    finally:
        tracemalloc.stop()


def test_the_rights_that_the_documentation_names_are_enough_and_delete_nothing(
    s3: S3Server, bucket: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "vault.md").read_text(encoding="utf-8")
    policy = json.loads(page.split("```json\n")[1].split("```")[0].replace("evidence/north", f"{bucket}/holding")
                        .replace(":::evidence", f":::{bucket}"))  # fmt: skip
    s3.add_account("intake", "intakesecret")
    for statement in policy["Statement"]:
        statement["Principal"] = {"AWS": ["intake"]}
    s3.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    for name, value in credentials("intake", "intakesecret").items():
        monkeypatch.setenv(name, value)
    vault = Vault(opened(s3, bucket), keys)
    vault.probe()
    for size in (10, LARGE):
        digest = vault.put_bytes(bytes(size)).sha256
        vault.check(digest)
        vault.hold(digest, on=True)
        vault.hold(digest, on=False)
    assert len(list(vault.names())) == 2
    with pytest.raises(VaultUnavailable):
        Vault(opened(s3, bucket, "another"), keys)
    (key, version) = next((v["Key"], v["VersionId"]) for v in versions(s3, bucket))
    for which in ({}, {"VersionId": version}):
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.client("intake", "intakesecret").delete_object(Bucket=bucket, Key=key, **which)
