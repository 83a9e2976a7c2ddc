"""Single compressed files."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import brotli
import cramjam
import pytest

from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse

DATA = "စာတစ်စောင်။ ".encode() * 20_000
PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "zlib": ("application/zlib", zlib.compress),
    "br": ("application/octet-stream", brotli.compress),
    "sz": ("application/x-snappy-framed", lambda data: bytes(cramjam.snappy.compress(data))),
}
PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "archives"


def read(tmp_path: Path, data: bytes, ending: str, limits: Limits | None = None) -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    (tmp_path / "scratch").mkdir()
    name = f"letter.txt.{ending}".encode()
    return parse(tmp_path / "blob", PACKED[ending][0], name, tmp_path / "scratch", (), limits or Limits())


@pytest.mark.parametrize("ending", PACKED)
def test_the_one_file_comes_out_under_its_name(tmp_path: Path, ending: str) -> None:
    found = read(tmp_path, PACKED[ending][1](DATA), ending)
    assert [(m.path, m.file.read_bytes()) for m in found.members if m.file] == [(b"letter.txt", DATA)]
    assert found.problem is None


@pytest.mark.parametrize("ending", PACKED)
def test_a_stream_that_was_cut_off_says_so(tmp_path: Path, ending: str) -> None:
    assert read(tmp_path, PACKED[ending][1](DATA)[:-9], ending).problem == "truncated"


@pytest.mark.parametrize("ending", PACKED)
def test_a_bomb_ends_at_the_limit(tmp_path: Path, ending: str) -> None:
    found = read(tmp_path, PACKED[ending][1](bytes(40 << 20)), ending, Limits(max_bytes=1 << 20))
    assert found.problem == "limit reached"
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize("ending", ["zlib", "sz"])
def test_damage_is_seen(tmp_path: Path, ending: str) -> None:
    data = bytearray(PACKED[ending][1](DATA))
    data[40:60] = bytes(20)
    assert read(tmp_path, bytes(data), ending).problem == "damaged"


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize(
    ("name", "ending"), [("testBROTLI_compressed.br", "br"), ("testSnappy-framed.sz", "sz"), ("testTXT.zlib9", "zlib")]
)
def test_streams_of_the_pack_are_read(tmp_path: Path, name: str, ending: str) -> None:
    found = read(tmp_path, next(PACK.rglob(name)).read_bytes(), ending)
    assert [member.problem for member in found.members] == [None]
    assert found.members[0].size > 0
