"""Archives other than ZIP."""

from __future__ import annotations

import gzip
import io
import shutil
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import libarchive
import pytest

from iimm_pipelines.formats import archive, seven_zip
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "archives"


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
    assert [(m.path, m.problem, m.metadata) for m in found.members if not m.file] == [
        (b"link", "no bytes", (("is", "link"), ("leads to", "/etc/passwd")))
    ]


def test_of_several_names_of_one_file_each_is_known_and_one_has_the_bytes(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        first, second = tarfile.TarInfo("first"), tarfile.TarInfo("second")
        first.size, second.type, second.linkname = 3, tarfile.LNKTYPE, "first"
        made.addfile(first, io.BytesIO(b"one"))
        made.addfile(second)
    found = read(tmp_path, packed.getvalue())
    assert [(m.path, bool(m.file), m.metadata) for m in found.members] == [
        (b"first", True, ()),
        (b"second", False, (("is", "link"), ("leads to", "first"))),
    ]


def cpio(*entries: tuple[bytes, int, bytes]) -> bytes:
    """Name, number of the file on its disk, and bytes, as `cpio -H newc` writes them."""
    packed = b""
    for name, inode, data in (*entries, (b"TRAILER!!!", 0, b"")):
        fields = (inode, 0o100644, 0, 0, 2, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        packed += b"070701" + b"".join(b"%08X" % n for n in fields) + name + b"\0"
        packed += bytes(-len(packed) % 4) + data
        packed += bytes(-len(packed) % 4)
    return packed


def test_of_several_names_in_a_cpio_the_last_brings_the_bytes(tmp_path: Path) -> None:
    found = read(tmp_path, cpio((b"first", 7, b""), (b"second", 7, b"one")))
    assert [(m.path, m.file.read_bytes()) for m in found.members if m.file] == [(b"first", b""), (b"second", b"one")]


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


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize("ending", ["7z", "cab", "cpio", "rar", "tar", "tar.Z", "tbz2", "tgz"])
def test_every_archive_of_the_pack_holds_the_same_files(tmp_path: Path, ending: str) -> None:
    with zipfile.ZipFile(next(PACK.rglob("test-documents.zip"))) as same:
        expected = {info.filename.rpartition("/")[2]: info.CRC for info in same.infolist() if not info.is_dir()}
    packed = next(PACK.rglob(f"test-documents.{ending}"))
    found = read(tmp_path, packed.read_bytes())
    crcs = {m.path.decode().rpartition("/")[2]: zlib.crc32(m.file.read_bytes()) for m in found.members if m.file}
    assert (crcs, found.problem) == (expected, None)


@pytest.mark.parametrize("form", ["iso9660", "cpio_newc", "ar_bsd"])
def test_other_archives_give_names_and_bytes(tmp_path: Path, form: str) -> None:
    with libarchive.file_writer(str(tmp_path / "made"), form) as made:
        made.add_file_from_memory("a.txt", 5, b"first")
        made.add_file_from_memory("b.bin", 4096, bytes(range(256)) * 16)
    found = read(tmp_path, (tmp_path / "made").read_bytes())
    assert [m.file.read_bytes() for m in found.members if m.file] == [b"first", bytes(range(256)) * 16]
    assert [m.path.lower().strip(b";1") for m in found.members] == [b"a.txt", b"b.bin"]


@pytest.mark.skipif(
    not shutil.which("genisoimage") or not seven_zip.installed(), reason="genisoimage or 7zip is missing"
)
def test_a_disc_with_udf_is_read_by_that(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / ("ဒု" * 20 + ".txt")).write_bytes(b"a name too long for the older file system")
    subprocess.run(["genisoimage", "-quiet", "-udf", "-o", tmp_path / "blob", source], check=True, capture_output=True)
    (tmp_path / "scratch").mkdir()
    found = parse(tmp_path / "blob", "application/x-iso9660-image", b"x.iso", tmp_path / "scratch", (), Limits())
    assert [member.path.decode() for member in found.members] == ["ဒု" * 20 + ".txt"]


@pytest.mark.skipif(not seven_zip.installed(), reason="the Debian package 7zip is not installed")
def test_a_xar_is_read_by_the_program_since_libarchive_changes_its_bytes(tmp_path: Path) -> None:
    with libarchive.file_writer(str(tmp_path / "blob"), "xar") as made:
        made.add_file_from_memory("a.txt", 5, b"first")
        made.add_file_from_memory("b.bin", 4096, bytes(range(256)) * 16)
    (tmp_path / "scratch").mkdir()
    found = parse(tmp_path / "blob", "application/x-xar", b"x.xar", tmp_path / "scratch", (), Limits())
    assert [m.file.read_bytes() for m in found.members if m.file] == [b"first", bytes(range(256)) * 16]
