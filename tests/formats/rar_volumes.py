"""Small RARs in several volumes, without compression, as their two specifications lay them out: no free program writes them.

Here: volumes with one file that goes through all of them, and one in the last.
Not here: assertions.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

_END_OF_FIRST, _CONTINUES, _CONTINUED = 0x01, 0x02, 0x01


def rar5(pieces: Sequence[bytes], last: bytes) -> list[bytes]:
    """Volumes of RAR 5: `long` cut into pieces, and `last` beside its last piece."""
    volumes = []
    for number, piece in enumerate(pieces):
        end = number == len(pieces) - 1
        main = _number(0x01) if not number else _number(0x03) + _number(number)
        data = b"Rar!\x1a\x07\x01\x00" + _block5(1, 0, main)
        data += _file5(b"long", piece, sum(map(len, pieces)), zlib.crc32(b"".join(pieces) if end else piece),
                       0x08 * (number > 0) | 0x10 * (not end))  # fmt: skip
        if end:
            data += _file5(b"last", last, len(last), zlib.crc32(last), 0)
        volumes.append(data + _block5(5, 0, _number(0 if end else 1)))
    return volumes


def rar4(pieces: Sequence[bytes], last: bytes) -> list[bytes]:
    """Volumes of RAR before 5."""
    volumes = []
    for number, piece in enumerate(pieces):
        end = number == len(pieces) - 1
        data = b"Rar!\x1a\x07\x00" + _block4(0x73, 0x0011 | 0x0100 * (not number), bytes(6))
        data += _file4(b"long", piece, sum(map(len, pieces)), zlib.crc32(b"".join(pieces) if end else piece),
                       0x01 * (number > 0) | 0x02 * (not end))  # fmt: skip
        if end:
            data += _file4(b"last", last, len(last), zlib.crc32(last), 0)
        volumes.append(data + _block4(0x7B, 0x4000 | (not end), b""))
    return volumes


def _number(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _block5(kind: int, flags: int, body: bytes) -> bytes:
    inner = _number(kind) + _number(flags) + body
    header = _number(len(inner)) + inner
    return struct.pack("<I", zlib.crc32(header)) + header


def _file5(name: bytes, data: bytes, size: int, checksum: int, flags: int) -> bytes:
    body = _number(len(data)) + _number(0x04) + _number(size) + _number(0o100644) + struct.pack("<I", checksum)
    return _block5(2, flags | 0x02, body + _number(0) + _number(1) + _number(len(name)) + name) + data


def _block4(kind: int, flags: int, body: bytes) -> bytes:
    header = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(header) & 0xFFFF) + header


def _file4(name: bytes, data: bytes, size: int, checksum: int, flags: int) -> bytes:
    body = struct.pack("<IIBIIBBHI", len(data), size, 3, checksum, 0, 20, 0x30, len(name), 0o100644)
    return _block4(0x74, flags | 0x8000, body + name) + data
