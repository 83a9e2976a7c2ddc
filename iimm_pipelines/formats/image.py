"""Pictures: size, orientation, time and place as the camera wrote them.

Here: metadata by Pillow, from headers only; no pixel is decoded.
Not here: text in pictures and fingerprints (stages).
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iimm_pipelines.formats.parsed import FileKind, Parsed, clean

_TAGS = {
    0x010F: "camera make", 0x0110: "camera model", 0x0131: "software", 0x0132: "modified as written",
    0x013B: "artist", 0x8298: "copyright", 0x010E: "description",
}  # fmt: skip
_EXIF_TAGS = {0x9003: "taken as written", 0x9011: "taken offset", 0x9004: "digitised as written", 0xA420: "image id"}
_ORIENTATION, _EXIF, _GPS = 0x0112, 0x8769, 0x8825
_VALUE = 500
UNREADABLE = (
    OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, AttributeError, EOFError, struct.error,
    ArithmeticError, NotImplementedError, RuntimeError,
)  # fmt: skip
"""What Pillow raises on pictures and EXIF blocks that break the rules; its plugins do not agree on one exception."""


def read(path: Path) -> Parsed:
    """Read a picture's metadata; one that Pillow cannot open is a picture all the same."""
    from PIL import Image

    used = frozenset({"image"})
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
            found = [("width", str(opened.width)), ("height", str(opened.height)), ("mode", opened.mode)]
            found.append(("picture format", str(opened.format)))
            frames = getattr(opened, "n_frames", 1)
            if frames > 1:
                found.append(("frames", str(frames)))
            found.extend(_exif(opened))
    except (*UNREADABLE, Image.DecompressionBombError):
        return Parsed(FileKind.PICTURE, used)
    return Parsed(FileKind.PICTURE, used, tuple(found))


def _exif(opened: Any) -> list[tuple[str, str]]:
    try:
        exif = opened.getexif()
        found = [("orientation", str(exif[_ORIENTATION]))] if _ORIENTATION in exif else []
        found.extend(_named(exif, _TAGS))
        found.extend(_named(exif.get_ifd(_EXIF), _EXIF_TAGS))
        found.extend(_place(exif.get_ifd(_GPS)))
    except UNREADABLE:
        return []
    return found


def _named(tags: Mapping[int, Any], names: Mapping[int, str]) -> list[tuple[str, str]]:
    found = []
    for tag, name in names.items():
        value = tags.get(tag)
        text = value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value or "")
        text = clean(text).replace("\0", "").strip()
        if text:
            found.append((name, text[:_VALUE]))
    return found


def _place(gps: Mapping[int, Any]) -> list[tuple[str, str]]:
    """Signed decimal degrees, and the receiver's own UTC (EXIF 2.32, section 4.6.6)."""
    found = []
    for name, reference, tag, negative in (("latitude", 1, 2, "S"), ("longitude", 3, 4, "W")):
        if tag in gps:
            degrees, minutes, seconds = (float(part) for part in gps[tag])
            value = degrees + minutes / 60 + seconds / 3600
            sign = -1 if str(gps.get(reference, "")).upper().startswith(negative) else 1
            if 0 <= value <= 180:  # not a number fails this too
                found.append((name, f"{sign * value:.6f}"))
    if 7 in gps and 29 in gps:
        hours, minutes, seconds = (int(part) for part in gps[7])
        day = str(gps[29]).replace("\0", "").strip().replace(":", "-")
        found.append(("gps time utc", f"{day}T{hours:02}:{minutes:02}:{seconds:02}Z"))
    return found
