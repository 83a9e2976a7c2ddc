"""Attestations: who did what to which evidence, signed, in the form that other tools verify.

Here: in-toto Statements (v1) in DSSE envelopes: SLSA provenance for processing, a predicate of our own for custody
events; making them and reading them back.
Not here: leaves and their root (merkle), the log that holds attestations' digests (log), whether a chain of events
has no gap (verification).
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.custody.signing import SignatureInvalid, Signer, Verifier

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PROCESSING_TYPE = "https://slsa.dev/provenance/v1"
CUSTODY_EVENT_TYPE = "urn:iimm:custody-event:v1"
BUILD_TYPE = "urn:iimm:stage:v1"
BUILDER = "urn:iimm:engine:v1"
SUBJECT = "outcomes"
ROOT_ALGORITHM = "rfc6962-sha256"  # Merkle root over outcomes' leaves
BODY_ALGORITHM = "rfc8785-sha256"  # SHA-256 of an event's body in canonical JSON

_DIGEST = re.compile(r"[0-9a-f]{64}")


class AttestationInvalid(Exception):
    """An envelope is not signed by the expected key, or does not hold exactly what we write."""


@dataclass(frozen=True, slots=True)
class Processing:
    """One stage done over one slice of a shard: what went in, what came out, by which recipe, when and where."""

    stage: str
    stage_digest: str
    recipe: Mapping[str, Any]
    shard: str
    slice_start: int
    slice_end: int
    key: str
    retry: int
    input_parts: Sequence[tuple[str, str]]  # name and root
    root: str
    leaves: int
    counts: Mapping[str, int]
    environment: Mapping[str, str]
    started: datetime
    finished: datetime
    invocation: str
    file: str  # SHA-256 of the part's file: beside the claim, since an outcome may be erased by a logged decision

    def __post_init__(self) -> None:
        """Refuse what could be signed but not verified."""
        _require_text(self.stage, self.shard, self.invocation, *self.environment, *self.environment.values())
        _require_text(*(name for name, _ in self.input_parts))
        _require_digests(self.stage_digest, self.key, self.root, self.file, *(root for _, root in self.input_parts))
        _require_counts(self.slice_start, self.slice_end, self.retry, self.leaves, *self.counts.values())
        _require_utc(self.started, self.finished)
        if self.slice_end < self.slice_start:
            raise ValueError("a slice ends before it starts")


@dataclass(frozen=True, slots=True)
class CustodyEvent:
    """Something that happened to evidence and is no processing: receipt, transfer, fixity check, hold, export."""

    kind: str
    about: str  # number of an accession or item
    body: Mapping[str, Any]
    previous: str | None  # digest of the attestation of the event before it about the same
    sequence: int
    at: datetime

    def __post_init__(self) -> None:
        """Refuse what could be signed but not verified."""
        _require_text(self.kind, self.about)
        _require_digests(*([] if self.previous is None else [self.previous]))
        _require_counts(self.sequence)
        _require_utc(self.at)


def envelope(what: Processing | CustodyEvent, signer: Signer) -> bytes:
    """The signed attestation, in canonical JSON.

    Raises:
        NotCanonical: a recipe or body holds a value that has no canonical form.
    """
    payload = _payload(what)
    return _enveloped(payload, signer.key_id, signer.sign(_signed_bytes(PAYLOAD_TYPE, payload)))


def digest(envelope: bytes) -> bytes:
    """SHA-256 of the envelope: what the log holds and what names the attestation."""
    return hashlib.sha256(envelope).digest()


def read(envelope: bytes, verifier: Verifier) -> Processing | CustodyEvent:
    """Verify the signature, then read what was signed.

    Anything that we would not have written byte by byte is refused, so that no field goes unread.

    Raises:
        AttestationInvalid: the signature is not by this key over this payload, or the content is not ours.
    """
    payload = _signed_payload(envelope, verifier)
    try:
        statement = orjson.loads(payload)
        found = _READERS[statement["predicateType"]](statement["predicate"], statement["subject"])
        ours = _payload(found) == payload
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
        raise AttestationInvalid(f"signed, but not a statement that we write ({type(fault).__name__})") from None
    if not ours:
        raise AttestationInvalid("signed, but with other fields or in another form than we write")
    return found


def _signed_payload(envelope: bytes, verifier: Verifier) -> bytes:
    try:
        outer = orjson.loads(envelope)
        payload = base64.b64decode(outer["payload"], validate=True)
        signature = base64.b64decode(outer["signatures"][0]["sig"], validate=True)
        verifier.verify(_signed_bytes(outer["payloadType"], payload), signature)
    except SignatureInvalid as fault:
        raise AttestationInvalid(str(fault)) from None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as fault:
        raise AttestationInvalid(f"no DSSE envelope ({type(fault).__name__})") from None
    if _enveloped(payload, verifier.key_id, signature) != envelope:
        raise AttestationInvalid("the envelope has another type, other fields or another form than we write")
    return payload


def _enveloped(payload: bytes, key_id: str, signature: bytes) -> bytes:
    return canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": key_id, "sig": base64.b64encode(signature).decode()}],
        }
    )


def _signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """DSSE v1 pre-authentication encoding. Spelt out, since importing securesystemslib for it takes 0.9 s (boto3)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _payload(what: Processing | CustodyEvent) -> bytes:
    return canonical(_processing_statement(what) if isinstance(what, Processing) else _event_statement(what))


def _processing_statement(what: Processing) -> dict[str, Any]:
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": SUBJECT, "digest": {ROOT_ALGORITHM: what.root}}],
        "predicateType": PROCESSING_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "stage": what.stage,
                    "shard": what.shard,
                    "slice": {"start": what.slice_start, "end": what.slice_end},
                    "retry": what.retry,
                },
                "internalParameters": {"stageDigest": what.stage_digest, "recipe": what.recipe, "key": what.key},
                "resolvedDependencies": [
                    {"name": name, "digest": {ROOT_ALGORITHM: root}} for name, root in what.input_parts
                ],
            },
            "runDetails": {
                "builder": {"id": BUILDER, "version": what.environment},
                "metadata": {
                    "invocationId": what.invocation,
                    "startedOn": _time_text(what.started),
                    "finishedOn": _time_text(what.finished),
                },
                "byproducts": [
                    {"name": SUBJECT, "annotations": {"leaves": what.leaves, "counts": what.counts}},
                    {"name": "file", "digest": {"sha256": what.file}},
                ],
            },
        },
    }


def _read_processing(predicate: Any, subject: Any) -> Processing:
    definition, run = predicate["buildDefinition"], predicate["runDetails"]
    external, internal = definition["externalParameters"], definition["internalParameters"]
    totals = run["byproducts"][0]["annotations"]
    return Processing(
        stage=external["stage"],
        stage_digest=internal["stageDigest"],
        recipe=internal["recipe"],
        shard=external["shard"],
        slice_start=external["slice"]["start"],
        slice_end=external["slice"]["end"],
        key=internal["key"],
        retry=external["retry"],
        input_parts=tuple(
            (part["name"], part["digest"][ROOT_ALGORITHM]) for part in definition["resolvedDependencies"]
        ),
        root=subject[0]["digest"][ROOT_ALGORITHM],
        leaves=totals["leaves"],
        counts=totals["counts"],
        environment=run["builder"]["version"],
        started=_time(run["metadata"]["startedOn"]),
        finished=_time(run["metadata"]["finishedOn"]),
        invocation=run["metadata"]["invocationId"],
        file=run["byproducts"][1]["digest"]["sha256"],
    )


def _event_statement(what: CustodyEvent) -> dict[str, Any]:
    body_digest = hashlib.sha256(canonical(what.body)).hexdigest()
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": what.about, "digest": {BODY_ALGORITHM: body_digest}}],
        "predicateType": CUSTODY_EVENT_TYPE,
        "predicate": {
            "kind": what.kind,
            "body": what.body,
            "previous": what.previous,
            "sequence": what.sequence,
            "at": _time_text(what.at),
        },
    }


def _read_event(predicate: Any, subject: Any) -> CustodyEvent:
    return CustodyEvent(
        kind=predicate["kind"],
        about=subject[0]["name"],
        body=predicate["body"],
        previous=predicate.get("previous"),
        sequence=predicate["sequence"],
        at=_time(predicate["at"]),
    )


_READERS: dict[str, Callable[[Any, Any], Processing | CustodyEvent]] = {
    PROCESSING_TYPE: _read_processing,
    CUSTODY_EVENT_TYPE: _read_event,
}


def _time_text(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _require_text(*values: object) -> None:
    if not all(isinstance(value, str) for value in values):
        raise ValueError("a name is not a string")


def _require_digests(*values: object) -> None:
    if not all(isinstance(value, str) and _DIGEST.fullmatch(value) for value in values):
        raise ValueError("a digest is not 64 lower-case hex digits")


def _require_counts(*values: object) -> None:
    if not all(type(value) is int and value >= 0 for value in values):
        raise ValueError("a count is not a whole number from zero up")


def _require_utc(*values: datetime) -> None:
    if any(value.utcoffset() != timedelta(0) for value in values):
        raise ValueError("a time is not in UTC")
