"""EXIF: what a camera wrote beside its picture, whoever unpacked the tags.

Here: tags by number to properties, times, positions and words; the forms and errors of cameras in them.
Not here: getting the tags out of a file (image), XMP (xmp).

Source: EXIF 2.32 (CIPA DC-008), sections 4.6.4 to 4.6.6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from iimm_pipelines.formats import positions, times
from iimm_pipelines.formats.parsed import Segment, clean, pieces
from iimm_pipelines.formats.positions import Of, Position
from iimm_pipelines.formats.text import decode
from iimm_pipelines.formats.times import Meaning, Time

READER = "exif"
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ORIENTATION = 0x0112

_DESCRIPTION, _USER_COMMENT = 0x010E, 0x9286
_WINDOWS = {0x9C9B: "title", 0x9C9C: "description", 0x9C9D: "author", 0x9C9E: "keywords", 0x9C9F: "description"}
"""Tags of Windows in UTF-16."""
_NO_PROPERTY = frozenset({
    0x927C,  # the maker's own, of some kilobytes, in a form that only it knows
    0xC634, 0x02BC, 0x83BB, 0x8649, 0x8773, EXIF_IFD, GPS_IFD, 0xA005, 0x014A,  # other blocks
    *range(0x0100, 0x0104), 0x0106, 0x0111, *range(0x0115, 0x011B), 0x011C, 0x0140, *range(0x0142, 0x0146), 0x0153,
    0x0201, 0x0202,  # how the pixels are stored
})  # fmt: skip
_TIMES = (
    (Meaning.PICTURE_TAKEN, 0x9003, 0x9011, 0x9291),
    (Meaning.DIGITISED, 0x9004, 0x9012, 0x9292),
    (Meaning.MODIFIED, 0x0132, 0x9010, 0x9290),
)
_TIME_ZONE_OFFSET = 0x882A  # hours, of the first time; cameras from before EXIF 2.31
_CHARACTER_CODES = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}
_VALUE = 500
_LONGEST_LIST = 8
_WORDS = 100_000


@dataclass(slots=True)
class Tags:
    """Tags by number: of the picture, of its EXIF block, of its GPS block."""

    main: Mapping[int, Any] = field(default_factory=dict)
    exif: Mapping[int, Any] = field(default_factory=dict)
    gps: Mapping[int, Any] = field(default_factory=dict)


def properties(tags: Tags) -> Iterator[tuple[str, str]]:
    """Every tag that a person can read, under its name in the standard."""
    from PIL.ExifTags import GPSTAGS, TAGS

    for block, names in ((tags.main, TAGS), (tags.exif, TAGS), (tags.gps, GPSTAGS)):
        for tag, value in block.items():
            if tag in names and (tag not in _NO_PROPERTY or block is tags.gps):
                text = _words(tag, value)
                if text:
                    yield f"exif:{names[tag]}", text[:_VALUE]


def stated_times(tags: Tags) -> Iterator[Time]:
    """When the picture was taken, digitised and changed by the camera's clock, and UTC of its GPS receiver."""
    both = {**tags.main, **tags.exif}
    for meaning, tag, offset_tag, fraction_tag in _TIMES:
        written, offset, fraction = (_words(t, both.get(t)) for t in (tag, offset_tag, fraction_tag))
        if not offset and meaning is Meaning.PICTURE_TAKEN:
            offset = _hours(both.get(_TIME_ZONE_OFFSET))
        whole = f"{written}.{fraction}" if fraction.isdigit() else written
        if found := times.stated(meaning, whole, READER, offset=offset):
            yield found
    if found := _gps_time(tags.gps):
        yield found


def stated_positions(tags: Tags) -> Iterator[Position]:
    """Where the camera was, and where what it shows is."""
    gps = tags.gps
    datum = _words(18, gps.get(18)) or positions.WGS84
    reference = positions.WGS84 if datum.upper().replace("-", "").replace(" ", "") == "WGS84" else datum[:100]
    altitude = _number(gps.get(6))
    below = gps.get(5) in (1, b"\x01", "1", "\x01")
    for of, first in ((Of.CAMERA, 1), (Of.SHOWN, 19)):
        latitude = _degrees(gps.get(first + 1), gps.get(first), "S")
        longitude = _degrees(gps.get(first + 3), gps.get(first + 2), "W")
        if latitude is None or longitude is None:
            continue
        camera = of is Of.CAMERA
        height = None if altitude is None or not camera else (-altitude if below else altitude)
        at = positions.point(of, latitude, longitude, READER, altitude=height,
                             accuracy=_number(gps.get(31)) if camera else None, reference=reference)  # fmt: skip
        if at:
            yield at


def words(tags: Tags) -> Iterator[Segment]:
    """What people wrote into the picture: description, comment, title."""
    both = {**tags.main, **tags.exif}
    for tag, name in {_DESCRIPTION: "description", _USER_COMMENT: "description", **_WINDOWS}.items():
        for piece in pieces(_words(tag, both.get(tag))[:_WORDS]):
            yield Segment(piece, name)


def _words(tag: int, value: Any) -> str:
    if value is None:
        return ""
    if tag in _WINDOWS:
        data = bytes(value) if isinstance(value, (tuple, list)) and all(v in range(256) for v in value) else value
        return _plain(data.decode("utf-16-le", errors="replace") if isinstance(data, bytes) else str(data))
    if isinstance(value, bytes):
        if tag == _USER_COMMENT:
            words, declared = value[8:], _CHARACTER_CODES.get(value[:8])
            if declared == "utf-16" and not words.startswith((b"\xff\xfe", b"\xfe\xff")):
                return _plain(_either_way(words))
            return _plain(decode(words, declared).text) if words.strip(b"\0 ") else ""
        printable = value.rstrip(b"\0")
        return _plain(decode(printable).text) if printable.isascii() and printable.decode().isprintable() else ""
    if isinstance(value, str):
        try:  # unpacked as Latin-1, whatever it is
            return _plain(decode(value.encode("latin-1")).text)
        except UnicodeEncodeError:
            return _plain(value)
    if isinstance(value, (tuple, list)):
        return ", ".join(map(_figure, value)) if 0 < len(value) <= _LONGEST_LIST else ""
    return _figure(value)


def _either_way(data: bytes) -> str:
    """UTF-16 of an unknown byte order: read the wrong way, letters of one script are scattered over many."""
    both = [data.decode(codec, errors="replace") for codec in ("utf-16-le", "utf-16-be")]
    return min(both, key=lambda text: len({ord(c) >> 8 for c in text}))


def _plain(text: str) -> str:
    return clean(text).replace("\0", "").strip()


def _figure(value: Any) -> str:
    number = _number(value)
    if number is None:
        return _plain(str(value)) if isinstance(value, str) else ""
    return f"{number:.7g}"


def _number(value: Any) -> float | None:
    if isinstance(value, (tuple, list)):
        value = value[0] if len(value) == 1 else None
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return None
    return number if math.isfinite(number) else None


def _degrees(value: Any, reference: Any, negative: str) -> float | None:
    parts = value if isinstance(value, (tuple, list)) else (value,)
    numbers = [_number(part) for part in parts[:3]]
    known = [n for n in numbers if n is not None]
    if not known or len(known) != len(numbers):
        return None
    degrees = math.fsum(n / (1, 60, 3600)[i] for i, n in enumerate(known))
    return -degrees if _words(0, reference).upper().startswith(negative) else degrees


def _gps_time(gps: Mapping[int, Any]) -> Time | None:
    day, clock = _words(29, gps.get(29)), gps.get(7)
    if not day or not isinstance(clock, (tuple, list)) or len(clock) != 3:
        return None
    numbers = [_number(part) for part in clock]
    if any(n is None or n < 0 for n in numbers):
        return None
    hours, minutes, seconds = (n or 0.0 for n in numbers)
    written = f"{day} {int(hours):02}:{int(minutes):02}:{int(seconds):02}"
    milliseconds = round(seconds % 1 * 1000) % 1000
    return times.stated(
        Meaning.GPS_FIX, f"{written}.{milliseconds:03}" if milliseconds else written, READER, offset="Z"
    )


def _hours(value: Any) -> str:
    first = value[0] if isinstance(value, (tuple, list)) and value else value
    number = _number(first)
    if number is None or number != int(number) or abs(number) > 14:
        return ""
    return f"{'-' if number < 0 else '+'}{abs(int(number)):02}:00"
