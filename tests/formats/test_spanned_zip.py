"""ZIPs in several pieces beyond 4 GB, where offsets do not fit the directory any more; pieces that hold nothing are sparse."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import zipped
from iimm_pipelines.formats.parsed import Limits, Parsed

BEFORE = 5 << 30
FILES = {"a.txt": b"first", "b.bin": bytes(70_000)}


def last_piece(disk: int, *, large: bool) -> bytes:
    """A ZIP that says that it stands on a later disk; where it is large, the end says so in 64 bits."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        for name, content in FILES.items():
            opened.writestr(name, content)
    data = bytearray(file.getvalue())
    at = end = data.rindex(b"PK\x05\x06")
    entries, size, offset = struct.unpack_from("<HII", data, end + 10)
    at = offset
    while at < end:
        struct.pack_into("<H", data, at + 34, disk)
        at += 46 + sum(struct.unpack_from("<HHH", data, at + 28))
    struct.pack_into("<HH", data, end + 4, disk, disk)
    if not large:
        return bytes(data)
    ends = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, disk, disk, entries, entries, size, offset)
    ends += struct.pack("<4sIQI", b"PK\x06\x07", disk, end, disk + 1)
    struct.pack_into("<HHHHII", data, end + 4, *(0xFFFF,) * 4, *(0xFFFFFFFF,) * 2)
    return bytes(data[:end] + ends + data[end:])


def read(tmp_path: Path, data: bytes, before: tuple[int, ...]) -> Parsed:
    joined = tmp_path / "joined"
    with joined.open("xb") as file:
        file.truncate(sum(before))
        file.seek(sum(before))
        file.write(data)
    (tmp_path / "scratch").mkdir()
    return zipped.read(joined, tmp_path / "scratch", (), Limits(), [*before, len(data)])


@pytest.mark.parametrize("large", [False, True])
def test_members_beyond_4_gb_are_found(tmp_path: Path, large: bool) -> None:
    found = read(tmp_path, last_piece(2, large=large), (BEFORE // 2, BEFORE // 2))
    assert {m.path.decode(): m.file and m.file.read_bytes() for m in found.members} == FILES
    assert (found.problem, found.expected_members) == (None, 2)


@pytest.mark.parametrize("large", [False, True])
def test_a_directory_that_speaks_of_more_pieces_says_that_some_lack(tmp_path: Path, large: bool) -> None:
    assert read(tmp_path, last_piece(3, large=large), (1000, 1000)).problem is Reason.TRUNCATED


def test_damage_anywhere_is_no_exception(tmp_path: Path) -> None:
    data = last_piece(1, large=True)
    at = data.index(b"PK\x01\x02")
    for n, place in enumerate(range(at, len(data), 3)):
        folder = tmp_path / str(n)
        folder.mkdir()
        broken = data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1 :]
        assert read(folder, broken, (100,)).problem in (None, *Reason)
        assert read(folder / "scratch", data[:place], (100,)).problem is not None
