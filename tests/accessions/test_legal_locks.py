"""Legal holds in a bucket: what they are about is held there, also what comes out of it later, and nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stages_for_tests as small
from s3_server import S3Server
from small_holding import open_holding, process, receive

from iimm_pipelines.accessions.holds import Decision, HoldKind, place, release
from iimm_pipelines.accessions.legal_locks import Locked, Place, lock_what_is_held
from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery.vault_copy import copy_to
from iimm_pipelines.settings import S3Server as Service
from iimm_pipelines.storage.ciphertext import VaultUnavailable

DECISION = Decision("E-9", "case 4", datetime.now(UTC).date() + timedelta(days=90))
BOX = small.pack(("a", b"first"), ("b", b"second"))
_numbers = itertools.count(1)


def on_s3(data: Path, server: S3Server) -> tuple[Holding, str]:
    bucket = server.make_bucket(f"legal-{next(_numbers)}")
    return open_holding(data, vault=f"s3://{bucket}/h", vault_s3=Service(endpoint=server.endpoint)), bucket


@pytest.fixture
def holding(tmp_path: Path, s3: S3Server) -> Iterator[tuple[Holding, str]]:
    opened = on_s3(tmp_path / "data", s3)
    yield opened
    opened[0].close()


def held(server: S3Server, bucket: str) -> int:
    found = server.client().list_objects_v2(Bucket=bucket, Prefix="h/objects/").get("Contents", [])
    said = [server.client().head_object(Bucket=bucket, Key=f["Key"]).get("ObjectLockLegalHoldStatus") for f in found]
    return said.count("ON")


def test_an_accession_is_held_with_what_comes_out_of_it_later(
    holding: tuple[Holding, str], s3: S3Server, tmp_path: Path
) -> None:
    opened, bucket = holding
    receive(opened, tmp_path / "one", {"box": BOX, "text": b"free"})
    receive(opened, tmp_path / "two", {"other": b"of another source"}, source="S-2")
    hold = place(opened, HoldKind.LEGAL, "A00001", DECISION).hold
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(2, 2, 0, 0)}
    process(opened)
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(4, 2, 0, 0)}
    assert held(s3, bucket) == 4
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(4, 0, 0, 0)}
    release(opened, hold.number, "E-9", "the case is over")
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(0, 0, 4, 0)}
    assert held(s3, bucket) == 0


def test_what_two_holds_are_about_stays_held_when_one_is_released(
    holding: tuple[Holding, str], s3: S3Server, tmp_path: Path
) -> None:
    opened, bucket = holding
    receive(opened, tmp_path / "one", {"a": b"first", "b": b"second"})
    whole = place(opened, HoldKind.LEGAL, "A00001", DECISION).hold
    place(opened, HoldKind.LEGAL, "A00001-0000-00001", DECISION)
    lock_what_is_held(opened)
    release(opened, whole.number, "E-9", "the case is over")
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(1, 0, 1, 0)}
    assert held(s3, bucket) == 1


def test_what_an_outage_left_undone_is_done_the_next_time(tmp_path: Path, own_s3: S3Server) -> None:
    opened, bucket = on_s3(tmp_path / "data", own_s3)
    receive(opened, tmp_path / "one", {"a": b"first"})
    place(opened, HoldKind.LEGAL, "A00001", DECISION)
    own_s3.kill()
    with pytest.raises(VaultUnavailable):
        lock_what_is_held(opened)
    own_s3.start()
    assert lock_what_is_held(opened) == {Place.VAULT: Locked(1, 1, 0, 0)}
    assert held(own_s3, bucket) == 1
    opened.close()


def test_the_copy_is_held_too_as_far_as_it_was_copied(tmp_path: Path, s3: S3Server) -> None:
    bucket = s3.make_bucket("legal-copy")
    where = f"s3://{bucket}/h"
    opened = open_holding(tmp_path / "data", vault_copy=where, vault_copy_s3=Service(endpoint=s3.endpoint))
    receive(opened, tmp_path / "one", {"a": b"first", "b": b"second"})
    place(opened, HoldKind.LEGAL, "A00001", DECISION)
    assert lock_what_is_held(opened) == {Place.COPY: Locked(0, 0, 0, 2)}
    copy_to(opened, where)
    assert lock_what_is_held(opened) == {Place.COPY: Locked(2, 2, 0, 0)}
    assert held(s3, bucket) == 2
    opened.close()


def test_a_vault_in_a_folder_has_nothing_to_hold_with(tmp_path: Path) -> None:
    opened = open_holding(tmp_path / "data")
    receive(opened, tmp_path / "one", {"a": b"first"})
    place(opened, HoldKind.LEGAL, "A00001", DECISION)
    assert lock_what_is_held(opened) == {}
    opened.close()
