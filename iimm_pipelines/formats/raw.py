"""Camera raw: the picture that the camera itself made for its display, out of the file.

Here: the preview, byte for byte, by LibRaw.
Not here: EXIF (image), developing what the sensor saw: how it looks would be our choice, and the preview is the camera's.
"""

from __future__ import annotations

import mmap
import warnings
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import Limits, Member, Relation
from iimm_pipelines.formats.scratch import LimitReached, Scratch

TYPES = frozenset({
    "image/x-adobe-dng", "image/x-canon-cr2", "image/x-canon-cr3", "image/x-canon-crw", "image/x-fuji-raf",
    "image/x-minolta-mrw", "image/x-nikon-nef", "image/x-olympus-orf", "image/x-panasonic-rw2", "image/x-pentax-pef",
    "image/x-sigma-x3f", "image/x-sony-arw", "image/x-epson-erf", "image/x-kodak-dcr",
})  # fmt: skip
MAY_BE = "image/tiff"
"""What several makers' files say they are; those with a camera's name in them are tried."""
PREVIEW = "raw preview"
"""Name of the fact that a preview became an item of its own, which is looked at in the raw file's place."""


def preview(path: Path, scratch: Path, limits: Limits) -> tuple[Member | None, Reason | None]:
    """The preview, or why there is none: `unsupported` also for cameras that came after this LibRaw."""
    import rawpy

    try:
        with warnings.catch_warnings(action="ignore"), rawpy.imread(str(path)) as opened:
            found = opened.extract_thumb()
    except (rawpy.LibRawFileUnsupportedError, rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
        return None, Reason.UNSUPPORTED
    except rawpy.LibRawError:
        return None, Reason.DAMAGED
    if isinstance(found.data, bytes):
        name, data = b"preview.jpg", _as_it_stands(found.data, path)
    else:
        height, width = found.data.shape[:2]
        name, data = b"preview.ppm", b"P6 %d %d 255\n" % (width, height) + found.data.tobytes()
    try:
        written = Scratch(scratch, limits, path.stat().st_size).add([data])
    except LimitReached:
        return Member(name, Relation.EMBEDDED, None, len(data), problem=Reason.LIMIT_REACHED), Reason.LIMIT_REACHED
    return Member(name, Relation.EMBEDDED, written.path, written.size), None


def _as_it_stands(jpeg: bytes, path: Path) -> bytes:
    """The JPEG as it lies in the file: LibRaw puts an EXIF block of its own before one that has none."""
    if jpeg[2:4] != b"\xff\xe1":
        return jpeg
    without = jpeg[:2] + jpeg[4 + int.from_bytes(jpeg[4:6], "big") :]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return without if data.find(jpeg) < 0 <= data.find(without) else jpeg
