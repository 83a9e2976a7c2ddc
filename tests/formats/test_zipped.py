"""ZIP files."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from iimm_pipelines.formats import zipped
from iimm_pipelines.formats.parsed import Limits, Parsed

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
CONTENT = b"some words " * 100


def read(path: Path, *passwords: str, limits: Limits | None = None) -> Parsed:
    scratch = path.parent / "scratch"
    scratch.mkdir()
    return zipped.read(path, scratch, passwords, limits or Limits())


def encrypted(path: Path, how: str) -> Path:
    import libarchive

    with libarchive.file_writer(str(path), "zip", passphrase="open", options=f"encryption={how}") as archive:
        for name in ("a.txt", "b.txt"):
            archive.add_file_from_memory(name, len(CONTENT), CONTENT)
    return path


def test_names_stay_raw_and_never_become_paths(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("../../up.txt", CONTENT)
        archive.writestr("x.txt", b"")
    data = (tmp_path / "z").read_bytes().replace(b"x.txt", b"\x82\xa0\\.t")  # Shift JIS, and a backslash
    (tmp_path / "z").write_bytes(data)
    found = read(tmp_path / "z")
    assert [member.path for member in found.members] == [b"../../up.txt", b"\x82\xa0\\.t"]
    assert [member.file.name for member in found.members if member.file] == ["000001", "000002"]
    assert found.expected_members == 2


def test_folders_are_counted_and_links_written_down_and_not_made(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("folder/", b"")
        archive.writestr(link, b"/etc/passwd")
    found = read(tmp_path / "z")
    assert found.metadata == (("folders", "1"), ("links", "1"))
    assert [(m.path, m.file, m.problem, m.metadata) for m in found.members] == [
        (b"link", None, "no bytes", (("is", "link"), ("leads to", "/etc/passwd")))
    ]
    assert (found.expected_members, found.problem, list((tmp_path / "scratch").iterdir())) == (0, None, [])


def test_times_without_an_offset_stay_as_written(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr(zipfile.ZipInfo("a", (2021, 2, 1, 3, 4, 6)), b"")
    member = read(tmp_path / "z").members[0]
    assert (member.modified_ms, member.modified_text) == (None, "2021-02-01T03:04:06")


@pytest.mark.parametrize("how", ["zipcrypt", "aes256"])
def test_an_encrypted_zip_opens_with_one_of_the_passwords(tmp_path: Path, how: str) -> None:
    found = read(encrypted(tmp_path / "z", how), "wrong", "open")
    assert [member.file.read_bytes() for member in found.members if member.file] == [CONTENT, CONTENT]
    assert found.problem is None


@pytest.mark.parametrize("how", ["zipcrypt", "aes256"])
def test_an_encrypted_zip_without_its_password_names_its_members(tmp_path: Path, how: str) -> None:
    found = read(encrypted(tmp_path / "z", how), "wrong")
    assert [(member.path, member.problem, member.file) for member in found.members] == [
        (b"a.txt", "encrypted", None),
        (b"b.txt", "encrypted", None),
    ]
    assert found.problem == "encrypted"


def test_entries_that_share_bytes_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("a", CONTENT)
        archive.writestr("good", CONTENT)
        archive.filelist.append(archive.filelist[0])
    found = read(tmp_path / "z")
    assert [(member.path, member.problem) for member in found.members] == [
        (b"a", "damaged"),
        (b"good", None),
        (b"a", "damaged"),
    ]


def test_a_bomb_ends_at_the_limit_and_leaves_nothing_of_itself(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("small", b"kept")
        archive.writestr("bomb", bytes(40 << 20))
    found = read(tmp_path / "z", limits=Limits(max_ratio=10))
    assert [member.problem for member in found.members] == [None, "limit reached"]
    assert [file.name for file in (tmp_path / "scratch").iterdir()] == ["000001"]


def test_a_zip_that_was_cut_off_gives_what_is_left(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("a", CONTENT)
        archive.writestr("b", CONTENT)
    (tmp_path / "z").write_bytes((tmp_path / "z").read_bytes()[:-700])
    found = read(tmp_path / "z")
    assert found.problem == "truncated"
    assert [(member.path, member.problem) for member in found.members] == [(b"a", None), (b"b", "truncated")]


def test_a_member_that_the_directory_does_not_name_is_noticed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        for name in ("a", "hidden", "b"):
            archive.writestr(name, CONTENT)
        del archive.filelist[1]
    found = read(tmp_path / "z")
    assert [member.path for member in found.members] == [b"a", b"b"]
    assert found.metadata == (("stretches with members that the directory does not name", "1"),)


def test_a_zip_in_a_zip_is_not_taken_for_hidden_members(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr(
            "inner.zip", (PACK / "archives_misc/files/archive.zip").read_bytes() if PACK.is_dir() else b"PK\x03\x04"
        )
        archive.writestr("b", CONTENT)
    assert read(tmp_path / "z").metadata == ()


def test_sizes_beyond_four_gigabytes_are_written_and_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive, archive.open("a", "w", force_zip64=True) as member:
        member.write(CONTENT)
    found = read(tmp_path / "z")
    assert [(member.size, member.problem) for member in found.members] == [(len(CONTENT), None)]


def deflate64(path: Path) -> Path:
    """A ZIP whose member is compressed as Windows does it beyond 2 GB: a writer's method 8, its stream replaced."""
    from inflate64 import Deflater

    deflater = Deflater()
    packed = deflater.deflate(CONTENT) + deflater.flush()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", packed)
        info = archive.filelist[0]
        info.compress_type, info.CRC, info.file_size = 9, zlib.crc32(CONTENT), len(CONTENT)
    return path


def test_what_windows_compresses_beyond_two_gigabytes_is_read(tmp_path: Path) -> None:
    found = read(deflate64(tmp_path / "z"))
    assert [member.file.read_bytes() for member in found.members if member.file] == [CONTENT]
    assert found.problem is None


def test_damage_in_it_is_seen_by_its_checksum(tmp_path: Path) -> None:
    data = bytearray(deflate64(tmp_path / "z").read_bytes())
    data[40] ^= 1
    (tmp_path / "z").write_bytes(data)
    assert read(tmp_path / "z").problem == "damaged"


def test_one_member_that_is_too_large_leaves_the_others(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        for name, size in (("a", 10), ("large", 5000), ("b", 10)):
            archive.writestr(name, bytes(size))
    found = read(tmp_path / "z", limits=Limits(max_member_bytes=1000))
    assert [member.problem for member in found.members] == [None, "limit reached", None]


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_paths_that_lead_out_are_names_and_no_paths(tmp_path: Path) -> None:
    for name in ("zip-slip.zip", "zip-slip-win.zip"):
        (tmp_path / name).mkdir()
        shutil.copyfile(PACK / "archives_zipslip/files" / name, tmp_path / name / "z")
        found = read(tmp_path / name / "z")
        assert b".." in found.members[1].path
        assert found.members[1].file
        assert found.members[1].file.parent == tmp_path / name / "scratch"
