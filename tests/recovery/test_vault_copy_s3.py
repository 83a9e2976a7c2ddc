"""Copies of a vault between a folder and S3, and an object in a locked bucket that is mended by a new version."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from s3_server import S3Server
from small_holding import open_holding, receive

from iimm_pipelines import settings
from iimm_pipelines.recovery.vault_copy import bring, copy, copy_to
from iimm_pipelines.storage.ciphertext import place_of
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.locked_bucket import LockedBucket
from iimm_pipelines.storage.s3 import Address, Bucket
from iimm_pipelines.storage.vault import ObjectDamaged, Vault

PART = 5 << 20
SMALL, LARGE = b"testimony", os.urandom(2 * PART + 1000)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
def folder(tmp_path: Path, keys: Keys) -> Vault:
    vault = Vault(tmp_path / "vault", keys)
    for data in (SMALL, LARGE):
        vault.put_bytes(data)
    return vault


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def in_bucket(s3: S3Server, name: str, keys: Keys) -> Vault:
    bucket = Bucket(Address(name, "copy/"), settings.S3Server(endpoint=s3.endpoint))
    return Vault(LockedBucket(bucket, "governance", 30, part=PART), keys)


def test_a_vault_goes_to_s3_and_back(folder: Vault, keys: Keys, s3: S3Server, tmp_path: Path) -> None:
    there = in_bucket(s3, s3.make_bucket("copy-and-back"), keys)
    assert copy(folder, there, [digest(SMALL), digest(LARGE)]).copied == 2
    assert copy(folder, there, [digest(SMALL), digest(LARGE)]).there == 2
    back = Vault(tmp_path / "back", keys)
    assert copy(there, back, []).unknown == 2
    assert [back.open(digest(d)).read() for d in (SMALL, LARGE)] == [SMALL, LARGE]


def test_a_damaged_object_does_not_get_into_a_locked_bucket(
    folder: Vault, keys: Keys, s3: S3Server, tmp_path: Path
) -> None:
    file = tmp_path / "vault" / place_of(folder.name(digest(LARGE)))
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    there = in_bucket(s3, s3.make_bucket("no-damage"), keys)
    assert len(copy(folder, there, [digest(LARGE)]).faults) == 1
    assert not there.has(digest(LARGE))


@pytest.mark.parametrize("data", [SMALL, LARGE], ids=["small", "large"])
def test_damage_in_a_locked_bucket_is_mended_by_a_new_version(
    folder: Vault, keys: Keys, s3: S3Server, data: bytes
) -> None:
    bucket = s3.make_bucket(f"mended-{len(data)}")
    there = in_bucket(s3, bucket, keys)
    name = there.name(digest(data))
    s3.client().put_object(Bucket=bucket, Key=f"copy/{place_of(name)}", Body=b"damaged")
    with pytest.raises(ObjectDamaged):
        there.check(digest(data))
    bring(folder, there, name, digest(data), instead=True)
    there.check(digest(data))
    found = s3.client().list_object_versions(Bucket=bucket, Prefix=f"copy/{place_of(name)}")["Versions"]
    assert len(found) == 2


def test_a_holding_is_copied_to_the_bucket_that_its_settings_name(s3: S3Server, tmp_path: Path) -> None:
    where = f"s3://{s3.make_bucket('of-a-holding')}/copy"
    holding = open_holding(tmp_path / "data", vault_copy=where, vault_copy_s3={"endpoint": s3.endpoint})
    receive(holding, tmp_path / "one", {"1.txt": b"letter 1"})
    assert copy_to(holding, where).copied == 1
    assert copy_to(holding, where).there == 1
    holding.close()
