"""Sound and film: tags, streams, length, where and when they were recorded, pictures glued to them.

Here: what stands in the container, by PyAV; nothing is decoded.
Not here: what is said in it (sound, stages/transcripts), XMP and C2PA (facts).

A file is data: FFmpeg may open nothing else, whatever a playlist names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import positions, times
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, Segment, clean, pieces
from iimm_pipelines.formats.positions import Of
from iimm_pipelines.formats.scratch import LimitReached, Scratch
from iimm_pipelines.formats.times import Meaning, Time

READER = "media"
_VALUE = 10_000
_WORDS = {
    "title": "title", "comment": "description", "description": "description", "synopsis": "description",
    "lyrics": "text", "com.apple.quicktime.title": "title", "com.apple.quicktime.description": "description",
    "com.apple.quicktime.comment": "description", "unsyncedlyrics": "text",
}  # fmt: skip
_PLACES = ("com.apple.quicktime.location.iso6709", "location", "location-eng", "com.android.location")
_DATES = ("date", "date_recorded", "tdrc", "icrd", "com.apple.quicktime.creationdate", "year", "origin_date")
"""The day of a recording, or of its publication: tags of music do not tell the two apart."""
_CONTAINER_MADE = "creation_time"
"""When the container was made: by a camera with the recording, by a messenger or an editor long after."""
_PICTURES = {"png": b".png", "mjpeg": b".jpg", "bmp": b".bmp", "gif": b".gif", "tiff": b".tif", "webp": b".webp"}


def read(path: Path, kind: FileKind, scratch: Path, limits: Limits) -> Parsed:
    """Read a container's tags. One that cannot be opened is what it is all the same: hearing it says what is wrong."""
    import av

    used = frozenset({"media"})
    with path.open("rb") as file:
        try:
            opened = av.open(file, metadata_errors="replace", options={"protocol_whitelist": "none"})
        except (av.FFmpegError, ValueError, LookupError):
            return Parsed(kind, used)
        with opened as container:
            metadata = list(_facts(container))
            tags = list(_tags(container.metadata))
            for stream in container.streams:
                tags.extend((n, v) for n, v in _tags(stream.metadata) if (n, v) not in tags)
            members, problem = _pictures(av, container, Scratch(scratch, limits, path.stat().st_size))
    metadata.extend((f"tag:{name}", value) for name, value in tags)
    segments = [Segment(p, _WORDS[n.lower()]) for n, v in tags if _word(n) for p in pieces(v)]
    places = (positions.from_iso6709(Of.RECORDER, v, READER) for n, v in tags if n.lower() in _PLACES)
    return Parsed(
        kind,
        used,
        tuple(metadata),
        tuple(dict.fromkeys(segments)),
        members,
        problem=problem,
        times=tuple(dict.fromkeys(_times(tags))),
        positions=tuple(dict.fromkeys(p for p in places if p)),
    )


def _word(name: str) -> bool:
    return name.lower() in _WORDS


def _facts(container: Any) -> Iterator[tuple[str, str]]:
    yield "container", str(container.format.name)
    if container.duration:
        yield "length ms", str(container.duration // 1000)
    for number, stream in enumerate(container.streams, 1):
        codec = stream.codec_context
        said = [stream.type, codec.name if codec is not None else "unknown"]
        if stream.type == "video" and codec is not None:
            said.append(f"{codec.width}x{codec.height}")
            if stream.average_rate:
                said.append(f"{float(stream.average_rate):.6g} frames a second")
        if stream.type == "audio" and codec is not None:
            said += [f"{codec.sample_rate} Hz", f"{codec.channels} channels"]
        yield f"stream {number}", ", ".join(said)


def _tags(found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in found.items():
        text = clean(value).replace("\0", "").strip()
        if text:
            yield clean(name), text[:_VALUE]


def _times(tags: list[tuple[str, str]]) -> Iterator[Time]:
    for name, value in tags:
        lower = name.lower()
        if lower == _CONTAINER_MADE or lower in _DATES:
            meaning = Meaning.CREATED if lower == _CONTAINER_MADE else Meaning.RECORDED
            if found := times.stated(meaning, value, READER):
                yield found


def _pictures(av: Any, container: Any, folder: Scratch) -> tuple[tuple[Member, ...], Reason | None]:
    """Covers and previews: streams of one picture each."""
    members: list[Member] = []
    glued = [s for s in container.streams if s.type == "video" and s.disposition & s.disposition.attached_pic]
    for number, stream in enumerate(glued, 1):
        codec = stream.codec_context.name if stream.codec_context is not None else ""
        name = b"picture-%02d%s" % (number, _PICTURES.get(codec, b""))
        try:
            packet = next((p for p in container.demux(stream) if p.size), None)
            if packet is None:
                continue
            written = folder.add([bytes(packet)])
        except LimitReached:
            members.append(Member(name, Relation.EMBEDDED, None, 0, problem=Reason.LIMIT_REACHED))
            return tuple(members), Reason.LIMIT_REACHED
        except (av.FFmpegError, ValueError):
            members.append(Member(name, Relation.EMBEDDED, None, 0, problem=Reason.DAMAGED))
        else:
            members.append(Member(name, Relation.EMBEDDED, written.path, written.size))
    return tuple(members), None
