"""A holding on S3 as it is typed: settings, a delivery in a bucket, what doctor says, and clear refusals."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from s3_server import S3Server

SAID = ("--source", "S-1", "--basis", "consent", "--mark", "restricted")
_numbers = itertools.count(1)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IIMM_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def settle(data: Path, server: S3Server, vault: str) -> None:
    lines = [f'vault = "{vault}"', *(f'[{s}]\nendpoint = "{server.endpoint}"' for s in ("vault_s3", "deliveries_s3"))]
    (data / "iimm.toml").write_text("\n".join(lines), encoding="utf-8")


def findings(typed: Callable[..., Any]) -> dict[str, Any]:
    return {f["what"].split(" (")[0]: f for f in json.loads(typed("doctor", "--json").out)}


def test_a_prefix_is_registered_like_a_folder(data: Path, s3: S3Server, typed: Callable[..., Any]) -> None:
    bucket = s3.make_bucket(f"handover-{next(_numbers)}", locking=False)
    s3.client().put_object(Bucket=bucket, Key="phone/a.txt", Body=b"a text")
    settle(data, s3, "s3://nothing-is-asked-of/it-yet")
    said = typed("accession", "add", f"s3://{bucket}/phone", *SAID)
    assert (said.code, "A00001: 1 files" in said.out) == (0, True)
    noted = bytes.fromhex(json.loads(typed("accession", "show", "A00001", "--json").out)["folder"])
    assert noted.startswith(f"s3://{bucket}/phone/?endpoint=".encode())


def test_an_unknown_bucket_is_refused_with_what_to_do(data: Path, s3: S3Server, typed: Callable[..., Any]) -> None:
    settle(data, s3, "s3://nothing-is-asked-of/it-yet")
    said = typed("accession", "add", "s3://not-there/phone", *SAID)
    assert said.code == 2 and "NoSuchBucket" in said.err


def test_doctor_probes_the_lock(data: Path, s3: S3Server, typed: Callable[..., Any]) -> None:
    settle(data, s3, f"s3://{s3.make_bucket(f'doctors-{next(_numbers)}')}/h")
    assert findings(typed)["vault keeps what is locked"]["state"] == "good"
    assert (data / "vault-probe.json").exists()


def test_doctor_says_that_a_vault_is_missing(data: Path, s3: S3Server, typed: Callable[..., Any]) -> None:
    settle(data, s3, "s3://not-there/h")
    found = findings(typed)["vault"]
    assert found["state"] == "missing" and "iimm.toml" in found["mend"]
