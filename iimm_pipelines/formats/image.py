"""Pictures: size, and what cameras and people wrote into them.

Here: headers by Pillow, EXIF by Pillow or, where it does not know the format, by ExifRead; IPTC; no pixel is decoded.
Not here: what tags mean (exif), XMP and C2PA (facts), camera raw (raw), text in pictures and fingerprints (stages).
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iimm_pipelines.formats import exif, heif, times
from iimm_pipelines.formats.exif import Tags
from iimm_pipelines.formats.parsed import FileKind, Parsed, Segment, clean, pieces
from iimm_pipelines.formats.text import decode
from iimm_pipelines.formats.times import Meaning, Time

UNREADABLE = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, AttributeError, EOFError, struct.error,
    ArithmeticError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What Pillow raises on pictures and EXIF blocks that break the rules; its plugins do not agree on one exception."""

_WORDS = 100_000
_COMMENTS = {
    "Title": "title", "Description": "description", "Comment": "description", "comment": "description",
    "parameters": "description", "Author": "author", "Warning": "description", "Disclaimer": "description",
}  # fmt: skip
"""Texts that PNG, GIF and JPEG carry, by the names that Pillow gives them (PNG 3, section 11.3.3.2)."""
_IPTC = {
    (2, 5): "title", (2, 25): "keywords", (2, 80): "author", (2, 90): "place", (2, 92): "place", (2, 95): "place",
    (2, 101): "place", (2, 105): "title", (2, 116): "copyright", (2, 120): "description",
}  # fmt: skip
_IPTC_SEARCHED = ("title", "description", "keywords", "place")
_IPTC_TIMES = ((Meaning.PICTURE_TAKEN, (2, 55), (2, 60)), (Meaning.DIGITISED, (2, 62), (2, 63)))


def read(path: Path) -> Parsed:
    """Read what stands beside a picture's pixels; one that nobody can open is a picture all the same."""
    from PIL import Image

    heif.register()
    metadata: list[tuple[str, str]] = []
    segments: list[Segment] = []
    iptc_times: list[Time] = []
    tags = Tags()
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
            metadata += [("width", str(opened.width)), ("height", str(opened.height)), ("mode", opened.mode)]
            metadata.append(("picture format", str(opened.format)))
            frames = getattr(opened, "n_frames", 1)
            if frames > 1:
                metadata.append(("frames", str(frames)))
            tags = _by_pillow(opened)
            for name, text in _comments(opened.info):
                metadata.append((f"text:{name}", text[:_WORDS]))
                segments.extend(Segment(p, _COMMENTS[name]) for p in pieces(text[:_WORDS]) if name in _COMMENTS)
            for name, text in _iptc(opened, iptc_times):
                metadata.append((f"iptc:{name}", text))
                segments.extend(Segment(p, name) for p in pieces(text) if name in _IPTC_SEARCHED)
    except (*UNREADABLE, Image.DecompressionBombError):
        tags = _by_exifread(path)
    orientation = _orientation(tags)
    if orientation:
        metadata.append(("orientation", orientation))
    metadata.extend(exif.properties(tags))
    return Parsed(
        FileKind.PICTURE,
        frozenset({"image"}),
        tuple(metadata),
        tuple(dict.fromkeys((*exif.words(tags), *segments))),
        times=(*exif.stated_times(tags), *iptc_times),
        positions=tuple(exif.stated_positions(tags)),
    )


def _orientation(tags: Tags) -> str:
    said = tags.main.get(exif.ORIENTATION)
    return str(said) if isinstance(said, int) else ""


def _by_pillow(opened: Any) -> Tags:
    """As many blocks as can be unpacked: cameras and editors break them one by one."""
    try:
        found = opened.getexif()
    except UNREADABLE:
        return Tags()
    if not found and opened.format in ("PNG", "WEBP"):
        return Tags()
    original = opened.info.get("original_orientation")  # where the plugin turns the picture, and says so
    main = {**_block(found), **({exif.ORIENTATION: original} if original else {})}
    return Tags(main, _block(found, exif.EXIF_IFD), _block(found, exif.GPS_IFD))


def _block(found: Any, number: int | None = None) -> dict[int, Any]:
    try:
        return dict(found if number is None else found.get_ifd(number))
    except UNREADABLE:
        return {}


def _by_exifread(path: Path) -> Tags:
    """Tags of formats that Pillow does not open, or not this one: camera raw, JPEG XL, HEIF cut short."""
    import logging

    import exifread

    logging.getLogger("exifread").disabled = True  # it quotes what it reads
    try:
        with path.open("rb") as file:
            found = exifread.process_file(file, details=False, extract_thumbnail=False)
    except Exception:  # it raises what its parsers raise, AssertionError among them
        return Tags()
    blocks: dict[str, dict[int, Any]] = {"Image": {}, "EXIF": {}, "GPS": {}}
    for name, tag in found.items():
        block = blocks.get(name.partition(" ")[0])
        if block is not None and hasattr(tag, "values"):
            values = tag.values
            single = isinstance(values, list) and len(values) == 1
            block[int(tag.tag)] = values[0] if single else tuple(values) if isinstance(values, list) else values
    return Tags(blocks["Image"], blocks["EXIF"], blocks["GPS"])


def _comments(info: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    for name, value in info.items():
        if not isinstance(name, str) or name in (
            "exif",
            "xmp",
            "icc_profile",
            "Raw profile type exif",
            "XML:com.adobe.xmp",
        ):
            continue
        if isinstance(value, bytes) and name == "comment":
            yield name, decode(value).text.replace("\0", "").strip()
        elif isinstance(value, str) and value.strip():
            yield clean(name), clean(value).replace("\0", "").strip()


def _iptc(opened: Any, found_times: list[Time]) -> list[tuple[str, str]]:
    from PIL import IptcImagePlugin

    try:
        found = IptcImagePlugin.getiptcinfo(opened) or {}
    except UNREADABLE:
        return []
    declared = "utf-8" if found.get((1, 90)) == b"\x1b%G" else None  # the escape for UTF-8 of ISO 2022
    texts = {k: [decode(v, declared).text.replace("\0", "").strip() for v in (values if isinstance(values, list) else [values])
                 if isinstance(v, bytes)] for k, values in found.items()}  # fmt: skip
    for meaning, day, clock in _IPTC_TIMES:
        written = "T".join(t[0] for t in (texts.get(day), texts.get(clock)) if t)
        stated = times.stated(meaning, written, "iptc")
        if stated and texts.get(day):
            found_times.append(stated)
    return [(_IPTC[k], text[:_WORDS]) for k in sorted(texts) if k in _IPTC for text in texts[k] if text]
