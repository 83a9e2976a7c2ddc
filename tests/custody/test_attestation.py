"""Attestations verify with an outsider's library, read back equal, and nothing else is accepted."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]

from iimm_pipelines.custody.attestation import (
    PAYLOAD_TYPE,
    AttestationInvalid,
    CustodyEvent,
    Processing,
    envelope,
    read,
)
from iimm_pipelines.custody.canonical import NotCanonical, canonical
from iimm_pipelines.custody.signing import Signer

PROCESSING = Processing(
    stage="transcribe",
    stage_digest="1" * 64,
    recipe={"model": "2" * 64, "beam": 5, "languages": ["my", "en"]},
    shard="A00012-0003",
    slice_start=20,
    slice_end=40,
    key="3" * 64,
    retry=0,
    input_parts=(("contents", "4" * 64), ("inventory", "5" * 64)),
    root="6" * 64,
    leaves=20,
    counts={"produced": 17, "empty": 2, "failed": 1, "computed": 20, "carried": 0},
    environment={"python": "3.11.7", "machine": "x86_64"},
    started=datetime(2026, 11, 23, 5, 0, 0, 1, tzinfo=UTC),
    finished=datetime(2026, 11, 23, 5, 1, tzinfo=UTC),
    invocation="run 7",
    file="8" * 64,
)
EVENT = CustodyEvent(
    kind="receipt",
    about="A00012",
    body={"files": 311, "bytes": 10_000},
    previous="7" * 64,
    sequence=2,
    at=datetime(2026, 11, 23, tzinfo=UTC),
)


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer.open(tmp_path / "key")


def signed(payload: bytes, signer: Signer, payload_type: str = PAYLOAD_TYPE) -> bytes:
    pae = Envelope(payload, payload_type, {}).pae()
    signature = {"keyid": signer.key_id, "sig": base64.b64encode(signer.sign(pae)).decode()}
    encoded = base64.b64encode(payload).decode()
    return canonical({"payload": encoded, "payloadType": payload_type, "signatures": [signature]})


def payload_of(attestation: bytes) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(base64.b64decode(json.loads(attestation)["payload"]))
    return payload


@pytest.mark.parametrize("what", [PROCESSING, EVENT, replace(EVENT, previous=None, sequence=0)])
def test_an_attestation_reads_back_equal(what: Processing | CustodyEvent, signer: Signer) -> None:
    assert read(envelope(what, signer), signer.verifier) == what


@pytest.mark.parametrize("what", [PROCESSING, EVENT])
def test_an_outsiders_library_verifies_it(what: Processing | CustodyEvent, signer: Signer, tmp_path: Path) -> None:
    key = SSlibKey.from_crypto(load_pem_public_key((tmp_path / "key.pub").read_bytes()), keyid=signer.key_id)
    attestation = envelope(what, signer)
    theirs = Envelope.from_dict(json.loads(attestation))
    assert list(theirs.verify([key], 1)) == [signer.key_id]
    theirs.payload += b" "
    with pytest.raises(VerificationError):
        theirs.verify([key], 1)


def test_the_subject_is_the_root_over_the_outcomes(signer: Signer) -> None:
    statement = payload_of(envelope(PROCESSING, signer))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "https://slsa.dev/provenance/v1"
    assert statement["subject"] == [{"name": "outcomes", "digest": {"rfc6962-sha256": "6" * 64}}]
    assert statement["predicate"]["runDetails"]["byproducts"][0]["annotations"]["leaves"] == 20
    assert [part["name"] for part in statement["predicate"]["buildDefinition"]["resolvedDependencies"]] == [
        "contents",
        "inventory",
    ]


def test_the_same_processing_gives_the_same_bytes(signer: Signer) -> None:
    turned = replace(PROCESSING, counts=dict(reversed(list(PROCESSING.counts.items()))))
    assert envelope(turned, signer) == envelope(PROCESSING, signer)


def test_a_signature_by_another_key_is_refused(signer: Signer, tmp_path: Path) -> None:
    with pytest.raises(AttestationInvalid, match="not a signature"):
        read(envelope(EVENT, Signer.open(tmp_path / "other")), signer.verifier)


def test_every_changed_byte_is_refused(signer: Signer) -> None:
    attestation = envelope(EVENT, signer)
    for place in range(len(attestation)):
        changed = bytearray(attestation)
        changed[place] ^= 1
        with pytest.raises(AttestationInvalid):
            read(bytes(changed), signer.verifier)


def drop_root(statement: dict[str, Any]) -> None:
    del statement["subject"][0]["digest"]["rfc6962-sha256"]


def add_field(statement: dict[str, Any]) -> None:
    statement["predicate"]["more"] = 1


def add_subject(statement: dict[str, Any]) -> None:
    statement["subject"].append(statement["subject"][0])


def text_for_count(statement: dict[str, Any]) -> None:
    statement["predicate"]["runDetails"]["byproducts"][0]["annotations"]["leaves"] = "20"


def other_type(statement: dict[str, Any]) -> None:
    statement["predicateType"] = "https://slsa.dev/provenance/v0.2"


def list_for_predicate(statement: dict[str, Any]) -> None:
    statement["predicate"] = []


@pytest.mark.parametrize("change", [drop_root, add_field, add_subject, text_for_count, other_type, list_for_predicate])
def test_rightly_signed_but_not_what_we_write_is_refused(
    change: Callable[[dict[str, Any]], None], signer: Signer
) -> None:
    statement = payload_of(envelope(PROCESSING, signer))
    change(statement)
    with pytest.raises(AttestationInvalid, match="signed, but"):
        read(signed(canonical(statement), signer), signer.verifier)


def test_a_payload_of_another_type_or_not_canonical_is_refused(signer: Signer) -> None:
    statement = payload_of(envelope(EVENT, signer))
    with pytest.raises(AttestationInvalid, match="another type"):
        read(signed(canonical(statement), signer, "text/plain"), signer.verifier)
    with pytest.raises(AttestationInvalid, match="another form"):
        read(signed(json.dumps(statement).encode(), signer), signer.verifier)
    with pytest.raises(AttestationInvalid, match="signed, but"):
        read(signed(b"[]", signer), signer.verifier)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"signatures":[]}', b'{"signatures":[1],"payload":""}', b"\xff"])
def test_what_is_no_envelope_is_refused(data: bytes, signer: Signer) -> None:
    with pytest.raises(AttestationInvalid):
        read(data, signer.verifier)


@pytest.mark.parametrize(
    "wrong",
    [
        {"root": "6" * 63},
        {"key": "A" * 64},
        {"leaves": -1},
        {"retry": True},
        {"slice_end": 19},
        {"started": datetime(2026, 11, 23)},  # noqa: DTZ001
        {"finished": datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=6, minutes=30)))},
        {"input_parts": [("contents", "")]},
    ],
)
def test_what_could_not_be_verified_cannot_be_built(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"digest|count|slice|UTC"):
        replace(PROCESSING, **wrong)


def test_a_recipe_without_canonical_form_is_refused_by_its_place(signer: Signer) -> None:
    with pytest.raises(NotCanonical, match=r"recipe\.threshold"):
        envelope(replace(PROCESSING, recipe={"threshold": 0.5}), signer)
