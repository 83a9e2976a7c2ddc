"""ZIP files."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from iimm_pipelines.formats import zipped
from iimm_pipelines.formats.parsed import Limits, Parsed

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


def test_folders_and_links_are_counted_and_not_made(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        archive.writestr("folder/", b"")
        archive.writestr(link, b"/etc/passwd")
    found = read(tmp_path / "z")
    assert (found.members, found.metadata) == ((), (("folders", "1"), ("links", "1")))


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
