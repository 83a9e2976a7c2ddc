"""Facts that many formats carry in the same way: XMP, C2PA, titles, times among a reader's metadata.

Here: adding them to what a format's own reader found.
Not here: the readers, and each of these forms itself (xmp, provenance, times).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from iimm_pipelines.formats import provenance, times, xmp
from iimm_pipelines.formats.parsed import FileKind, Parsed, Segment, pieces

_WITH_PACKETS = frozenset({FileKind.PICTURE, FileKind.SOUND, FileKind.FILM})
_PDF = "application/pdf"
_WORDS = {
    "dc:title": "title", "dc:subject": "keywords", "dc:description": "description", "meta:keyword": "keywords",
    "pdf:Title": "title", "pdf:Subject": "description", "pdf:Keywords": "keywords",
}  # fmt: skip
"""Properties of documents that people write and look for, as Tika and PDFium name them."""
_LONGEST = 10_000


def with_facts(found: Parsed, path: Path, media_type: str) -> Parsed:
    """What a reader found, and what the file says of itself besides."""
    used = set(found.used)
    metadata, segments = list(found.metadata), list(found.segments)
    stated, positions = list(found.times), list(found.positions)
    told = tuple(times.among(found.metadata, media_type, _reader(found)))
    said = [Segment(p, _WORDS[n]) for n, v in found.metadata if n in _WORDS for p in pieces(v[:_LONGEST])]
    if told or said:
        used.add("facts")
    stated += told
    if found.kind in _WITH_PACKETS or media_type == _PDF:
        used.add("facts")
        for packet in xmp.packets(path):
            metadata += packet.metadata()
            stated += packet.times()
            positions += packet.positions()
            said += [Segment(p, field) for field, text in packet.words() for p in pieces(text[:_LONGEST])]
            if packet.provenance and not packet.provenance.startswith("self#"):
                metadata.append(("c2pa:manifest elsewhere, not fetched", packet.provenance))
        if provenance.may_have(path, media_type):
            used.add("c2pa")
            facts, signed = provenance.read(path, media_type)
            metadata += facts
            stated += signed
    segments += _new(said, segments)
    return replace(found, used=frozenset(used), metadata=tuple(metadata), segments=tuple(segments),
                   times=tuple(dict.fromkeys(stated)), positions=tuple(dict.fromkeys(positions)))  # fmt: skip


def _new(said: list[Segment], there: list[Segment]) -> Iterator[Segment]:
    """Words that do not stand there already: EXIF, IPTC and XMP repeat each other."""
    seen = {(s.field, s.text) for s in there}
    for segment in said:
        if (segment.field, segment.text) not in seen:
            seen.add((segment.field, segment.text))
            yield segment


def _reader(found: Parsed) -> str:
    return next(iter(sorted(found.used & {"mail", "tika", "pdf"})), "")
