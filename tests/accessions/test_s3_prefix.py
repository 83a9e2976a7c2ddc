"""A delivery in a bucket: listed over pages, read as it was listed, and told apart from an outage."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3_server import S3Server
from small_holding import kinds, open_holding, process, receipt, take_in_all
from stages_for_tests import pack

from iimm_pipelines import settings
from iimm_pipelines.accessions.delivery import DeliveryUnreachable, delivery_at
from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import RegistrationRefused, in_bucket, register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages.inventory import take_in
from iimm_pipelines.storage.ciphertext import VaultUnavailable, VaultUnlocked

SHARD = "A00001-0000"
_numbers = itertools.count(1)


@pytest.fixture
def bucket(s3: S3Server) -> str:
    return s3.make_bucket(f"delivery-{next(_numbers)}", locking=False)


@pytest.fixture
def holding(s3: S3Server, tmp_path: Path) -> Iterator[Holding]:
    opened = holding_on(s3, tmp_path)
    yield opened
    opened.close()


def holding_on(server: S3Server, tmp_path: Path, *, locking: bool = True) -> Holding:
    service = settings.S3Server(endpoint=server.endpoint)
    vault = server.make_bucket(f"vault-of-{next(_numbers)}", locking=locking)
    return open_holding(tmp_path / "data", vault=f"s3://{vault}/h", vault_s3=service, deliveries_s3=service)


def put(server: S3Server, bucket: str, objects: dict[str, bytes]) -> str:
    for key, data in objects.items():
        server.client().put_object(Bucket=bucket, Key=f"phone/{key}", Body=data)
    return f"s3://{bucket}/phone"


def take_in_from(holding: Holding, address: str) -> dict[str, tuple[str, str | None]]:
    register(holding, in_bucket(holding, address), receipt())
    take_in_all(holding)
    return kinds(holding, "inventory")


def test_what_lies_below_the_prefix_is_taken_in(s3: S3Server, bucket: str, holding: Holding) -> None:
    large = os.urandom(65 << 20)  # read twice
    files = {"a b/ပုံ.jpg": b"picture", "a?b#c%41+.txt": b"text", "empty": b"", "large": large}
    put(s3, bucket, files)
    s3.client().put_object(Bucket=bucket, Key="phone-2/other", Body=b"not handed over")
    s3.client().put_object(Bucket=bucket, Key="phone/folder/", Body=b"")
    assert set(take_in_from(holding, f"s3://{bucket}/phone/").values()) == {("produced", None)}
    found = holding.parts.frame("inventory", "received", SHARD)
    received = {p.decode(): holding.vault.open(d).read() for p, d in found.select("path", "sha256").iter_rows()}
    assert received == files
    assert verify(holding).faults == []


def test_a_listing_has_all_pages_in_order(s3: S3Server, bucket: str, holding: Holding) -> None:
    names = [f"{number:04d}" for number in range(1005)]  # a page has 1,000
    for name in names:
        s3.place(bucket, f"phone/{name}", b"")
    assert [e.path.decode() for e in in_bucket(holding, f"s3://{bucket}/phone").entries()] == names


def test_an_object_without_an_etag_is_taken_in(s3: S3Server, bucket: str, holding: Holding) -> None:
    s3.place(bucket, "phone/copied into the folder", b"one")
    assert [*take_in_from(holding, f"s3://{bucket}/phone").values()] == [("produced", None)]


def test_a_delivery_is_found_again_by_what_was_noted(s3: S3Server, bucket: str, holding: Holding) -> None:
    s3.client().put_object(Bucket=bucket, Key="a?b%2F&=ä/x", Body=b"x")
    noted = in_bucket(holding, f"s3://{bucket}/a?b%2F&=ä").where
    assert [e.path for e in delivery_at(noted).entries()] == [b"x"]


def test_an_object_that_changed_or_went_since_the_listing_fails_alone(
    s3: S3Server, bucket: str, holding: Holding
) -> None:
    address = put(s3, bucket, {"a": b"one", "b": b"two", "c": b"three"})
    register(holding, in_bucket(holding, address), receipt())
    put(s3, bucket, {"a": b"eno"})
    s3.client().delete_object(Bucket=bucket, Key="phone/b")
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [
        ("failed", "changed while read"), ("failed", "unavailable"), ("produced", None)]  # fmt: skip


def test_an_object_that_was_damaged_in_its_store_fails_alone(s3: S3Server, bucket: str, holding: Holding) -> None:
    address = put(s3, bucket, {"a": b"damaged", "b": b"whole"})
    (file,) = s3.stored(bucket, "phone/a")
    register(holding, in_bucket(holding, address), receipt())
    times = file.stat()
    file.write_bytes(b"DAMAGED")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [("failed", "unavailable"), ("produced", None)]


def test_an_empty_prefix_a_missing_bucket_and_the_vault_itself_are_refused(
    s3: S3Server, bucket: str, holding: Holding
) -> None:
    for address in (f"s3://{bucket}/nothing", "s3://not-there/x", f"{holding.settings.vault}/objects", "s3:phone"):
        with pytest.raises(RegistrationRefused):
            register(holding, in_bucket(holding, address), receipt())
    assert holding.catalogue.accessions() == []


def test_an_outage_ends_intake_and_the_next_start_finishes_it(own_s3: S3Server, tmp_path: Path) -> None:
    bucket = own_s3.make_bucket("delivery", locking=False)
    address = put(own_s3, bucket, {str(number): bytes(number) for number in range(20)})
    holding = holding_on(own_s3, tmp_path)
    row = register(holding, in_bucket(holding, address), receipt())
    holding.vault.sync()
    own_s3.kill()
    with pytest.raises((VaultUnavailable, DeliveryUnreachable), match="cannot be"):
        take_in(holding, row.number)
    assert holding.catalogue.parts() == []
    own_s3.start()
    take_in_all(holding)
    assert set(kinds(holding, "inventory").values()) == {("produced", None)}
    assert verify(holding).faults == []


def test_nothing_is_taken_in_where_the_vault_locks_nothing(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    address = put(s3, bucket, {"a": b"one"})
    with pytest.raises((VaultUnlocked, VaultUnavailable)):
        take_in_from(holding_on(s3, tmp_path, locking=False), address)


def test_an_intake_notes_when_the_lock_was_probed(s3: S3Server, bucket: str, holding: Holding) -> None:
    take_in_from(holding, put(s3, bucket, {"a": b"one"}))
    assert b"vault-of-" in (holding.settings.data / "vault-probe.json").read_bytes()


def test_what_was_taken_in_from_s3_to_s3_is_processed_like_any_other(
    s3: S3Server, bucket: str, holding: Holding
) -> None:
    take_in_from(holding, put(s3, bucket, {"pack": pack(("inside", b"a member")), "note": b"a note"}))
    reports = process(holding)
    assert sum(r.kinds["failed"] for r in reports.values()) == 0
    assert {i.relation for i in read_items(holding.parts, Shard(SHARD))} == {"received", "member"}
    assert verify(holding).faults == []
