"""The preview of camera raw files."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import Limits
from iimm_pipelines.formats.read import parse

_BYTE, _ASCII, _SHORT, _LONG = 1, 2, 3, 4
_SIZES = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4}


def _jpeg() -> bytes:
    made = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(made, "JPEG")
    return made.getvalue()


def _directory(at: int, tags: list[tuple[int, int, bytes]]) -> bytes:
    """One TIFF directory at an offset, with what does not fit into four bytes behind it."""
    behind = b""
    entries = b""
    start = at + 2 + 12 * len(tags) + 4
    for tag, kind, value in sorted(tags):
        field = value.ljust(4, b"\0")
        if len(value) > 4:
            field = struct.pack("<I", start + len(behind))
            behind += value + b"\0" * (len(value) % 2)
        entries += struct.pack("<HHI", tag, kind, len(value) // _SIZES[kind]) + field
    return struct.pack("<H", len(tags)) + entries + b"\0\0\0\0" + behind


def dng(preview: bytes) -> bytes:
    """A DNG of 64 by 64 sensor cells with a preview in JPEG, as a camera writes it."""

    def shorts(*n: int) -> bytes:
        return struct.pack(f"<{len(n)}H", *n)

    def longs(*n: int) -> bytes:
        return struct.pack(f"<{len(n)}I", *n)

    sensor = bytes(64 * 64 * 2)
    preview_at, sensor_at = 8, 8 + len(preview) + len(preview) % 2
    cells_at = sensor_at + len(sensor)
    cells = _directory(cells_at, [
        (0x00FE, _LONG, longs(0)), (0x0100, _LONG, longs(64)), (0x0101, _LONG, longs(64)), (0x0102, _SHORT, shorts(16)),
        (0x0103, _SHORT, shorts(1)), (0x0106, _SHORT, shorts(32803)), (0x0111, _LONG, longs(sensor_at)),
        (0x0115, _SHORT, shorts(1)), (0x0116, _LONG, longs(64)), (0x0117, _LONG, longs(len(sensor))),
        (0x828D, _SHORT, shorts(2, 2)), (0x828E, _BYTE, bytes((0, 1, 1, 2))),
    ])  # fmt: skip
    main_at = cells_at + len(cells)
    main = _directory(main_at, [
        (0x00FE, _LONG, longs(1)), (0x0100, _LONG, longs(256)), (0x0101, _LONG, longs(256)),
        (0x0102, _SHORT, shorts(8, 8, 8)), (0x0103, _SHORT, shorts(7)), (0x0106, _SHORT, shorts(6)),
        (0x010F, _ASCII, b"Invented\0"), (0x0110, _ASCII, b"Invented One\0"), (0x0111, _LONG, longs(preview_at)),
        (0x0115, _SHORT, shorts(3)), (0x0116, _LONG, longs(256)), (0x0117, _LONG, longs(len(preview))),
        (0x014A, _LONG, longs(cells_at)), (0xC612, _BYTE, bytes((1, 4, 0, 0))), (0xC614, _ASCII, b"Invented One\0"),
    ])  # fmt: skip
    head = b"II*\0" + longs(main_at)
    return head + preview + b"\0" * (len(preview) % 2) + sensor + cells + main


def test_the_cameras_own_picture_becomes_a_member_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(dng(_jpeg()))
    found = parse(tmp_path / "blob", "image/x-adobe-dng", b"x.dng", tmp_path, (), Limits())
    (member,) = found.members
    assert member.file is not None
    assert (member.path, member.relation, member.file.read_bytes()) == (b"preview.jpg", "embedded", _jpeg())
    assert ("exif:Make", "Invented") in found.metadata


def test_a_raw_file_that_libraw_does_not_know_is_unsupported(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"FUJIFILMCCD-RAW " + bytes(200))
    found = parse(tmp_path / "blob", "image/x-fuji-raf", b"x.raf", tmp_path, (), Limits())
    assert (found.kind, found.problem, found.members) == ("picture", Reason.UNSUPPORTED, ())


def test_a_scan_is_no_camera_raw(tmp_path: Path) -> None:
    Image.new("L", (9, 9)).save(tmp_path / "blob", "TIFF")
    found = parse(tmp_path / "blob", "image/tiff", b"x.tif", tmp_path, (), Limits())
    assert ("raw" in found.used, found.problem) == (False, None)
