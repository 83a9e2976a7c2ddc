"""Archives other than ZIP."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from iimm_pipelines.formats import archive
from iimm_pipelines.formats.parsed import Limits, Parsed


def read(path: Path, data: bytes, hint: bytes = b"", limits: Limits | None = None) -> Parsed:
    (path / "blob").write_bytes(data)
    (path / "scratch").mkdir()
    return archive.read(path / "blob", hint, path / "scratch", (), limits or Limits())


def tar(names: dict[str, bytes], mode: str = "w") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode=mode, encoding="utf-8", errors="surrogateescape") as made:  # type: ignore[call-overload]
        for name, data in names.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1_700_000_000
            made.addfile(info, io.BytesIO(data))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(link)
    return packed.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_gives_its_files_and_counts_its_links(tmp_path: Path, mode: str) -> None:
    found = read(tmp_path, tar({"../စာ": b"one", "b": b"two"}, mode))
    assert [(m.path, m.file.read_bytes(), m.modified_ms) for m in found.members if m.file] == [
        ("../စာ".encode(), b"one", 1_700_000_000_000),
        (b"b", b"two", 1_700_000_000_000),
    ]
    assert ("links", "1") in found.metadata


def test_a_compressed_list_of_words_is_one_file_and_no_archive(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(b"secret\nmtree\n", mtime=0), b"words.txt.gz")
    assert [(m.path, m.file.read_bytes()) for m in found.members if m.file] == [(b"words.txt", b"secret\nmtree\n")]


def test_a_tar_that_was_cut_off_gives_what_is_left(tmp_path: Path) -> None:
    found = read(tmp_path, tar({"a": b"1" * 600, "b": b"2" * 6000})[:3000])
    assert [(m.path, m.problem) for m in found.members] == [(b"a", None), (b"b", "truncated")]
    assert found.problem == "truncated"


def test_more_members_than_allowed_end_the_reading(tmp_path: Path) -> None:
    found = read(tmp_path, tar({str(i): b"" for i in range(10)}), limits=Limits(max_members=4))
    assert (len(found.members), found.problem) == (4, "limit reached")


def test_a_compressed_bomb_leaves_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(bytes(40 << 20)), limits=Limits(max_ratio=10))
    assert found.problem == "limit reached"
    assert not list((tmp_path / "scratch").iterdir())
