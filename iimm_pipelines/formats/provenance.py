"""C2PA: what a picture, film or recording says of its own making, and whether its seal still holds.

Here: the manifest inside the file, read offline, with the validator's codes.
Not here: who is trusted (an untrusted signer is a code like any other), XMP (xmp).

A manifest may lie elsewhere: its address is noted and never asked for. Neither is any authority about certificates.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from iimm_pipelines.formats import times
from iimm_pipelines.formats.parsed import clean
from iimm_pipelines.formats.times import Meaning, Time

READER = "c2pa"
_OFFLINE = {
    "verify": {
        "verify_after_reading": True,
        "verify_trust": True,
        "verify_timestamp_trust": True,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
    "core": {"allowed_network_hosts": []},
}
_MARK = b"c2pa"
"""In the label of every manifest store (C2PA 2.2, section 11.1.4.2)."""
_TYPES = frozenset({
    "image/jpeg", "image/png", "image/webp", "image/tiff", "image/gif", "image/heic", "image/heif", "image/avif",
    "image/svg+xml", "image/x-adobe-dng", "image/jxl", "video/mp4", "video/quicktime", "video/x-m4v", "audio/mp4",
    "audio/mpeg", "audio/wav", "audio/x-m4a", "audio/flac", "video/avi", "application/pdf",
})  # fmt: skip
_ALIASES = {"video/x-m4v": "video/mp4", "audio/x-m4a": "audio/mp4", "image/x-adobe-dng": "image/dng"}
_VALUE = 2_000


def may_have(path: Path, media_type: str) -> bool:
    """Whether a file of this type holds the mark of a manifest anywhere; spares all others the reading."""
    if media_type not in _TYPES or path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(_MARK) >= 0


def read(path: Path, media_type: str) -> tuple[tuple[tuple[str, str], ...], tuple[Time, ...]]:
    """Facts and times of a file's manifest; never raises on what a file holds."""
    from c2pa import C2paError, Context, Reader, Settings

    try:
        with (
            path.open("rb") as file,
            Context(Settings.from_dict(_OFFLINE)) as context,
            Reader(_ALIASES.get(media_type, media_type), file, context=context) as reader,
        ):
            found = orjson.loads(reader.json())
    except C2paError as wrong:
        if type(wrong).__name__.endswith("ManifestNotFound"):
            return (), ()
        return (("c2pa:state", "unreadable"), ("c2pa:problem", type(wrong).__name__.strip("_"))), ()
    except orjson.JSONDecodeError:
        return (("c2pa:state", "unreadable"),), ()
    return tuple(_facts(found)), tuple(_times(found))


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "c2pa:state", str(found.get("validation_state", "unknown"))
    codes = {str(status.get("code")) for status in found.get("validation_status") or ()}
    for code in sorted(codes):
        yield "c2pa:finding", code
    manifests = found.get("manifests") or {}
    yield "c2pa:manifests", str(len(manifests))
    manifest = manifests.get(found.get("active_manifest")) or {}
    said = [("title", manifest.get("title")), ("claim generator", manifest.get("claim_generator"))]
    said += [("claim generator", i.get("name")) for i in manifest.get("claim_generator_info") or ()]
    signature = manifest.get("signature_info") or {}
    said += [("signed by", signature.get(k)) for k in ("common_name", "issuer")]
    for action in _actions(manifest):
        said += [("action", action.get("action")), ("source type", action.get("digitalSourceType"))]
    for data in _data(manifest):
        authors = data.get("author")
        for author in authors if isinstance(authors, list) else [authors]:
            said.append(("author", author.get("name") if isinstance(author, dict) else author))
    said += [
        (f"ingredient {i.get('relationship', '')}".strip(), i.get("title")) for i in manifest.get("ingredients") or ()
    ]
    yield from (
        (f"c2pa:{name}", clean(value)[:_VALUE]) for name, value in dict.fromkeys(said) if isinstance(value, str)
    )


def _times(found: Mapping[str, Any]) -> Iterator[Time]:
    manifest = (found.get("manifests") or {}).get(found.get("active_manifest")) or {}
    signed = (manifest.get("signature_info") or {}).get("time")
    if isinstance(signed, str) and (time := times.stated(Meaning.SIGNED, signed, READER)):
        yield time
    for action in _actions(manifest):
        when = action.get("when")
        made = action.get("action") == "c2pa.created" and isinstance(when, str)
        if made and (time := times.stated(Meaning.CREATED, str(when), READER)):
            yield time


def _data(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for assertion in manifest.get("assertions") or ():
        if isinstance(assertion.get("data"), dict):
            yield assertion["data"]


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for data in _data(manifest):
        yield from (a for a in data.get("actions") or () if isinstance(a, dict))
