"""Disk images, made without mounting anything."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.formats import detect, disk
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.signatures import by_disk_layout, by_signature

PROGRAMS = ("mkfs.ext4", "mformat", "mcopy", "mdel", "qemu-img", "ewfacquire")
MISSING = [name for name in PROGRAMS if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
FILES = {"a.txt": b"first", "d/b.bin": bytes(range(256)) * 2000, "d/စာ.txt": "စာ".encode()}
WRITTEN = 1_700_000_000


def run(*command: str | Path, cwd: Path) -> None:
    environment = {**os.environ, "TZ": "UTC", "MTOOLS_SKIP_CHECK": "1", "LC_ALL": "C.UTF-8"}
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, env=environment, stdin=subprocess.DEVNULL)


@pytest.fixture(name="folder", scope="module")
def a_folder_with_images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`ext` and `fat` alone, `disk.raw` with both as partitions, and that in other formats."""
    folder = tmp_path_factory.mktemp("images")
    source = folder / "source"
    for name, data in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
        os.utime(source / name, (WRITTEN, WRITTEN))
    (source / "link").symlink_to("/etc/passwd")
    for image, size in (("ext", 4 << 20), ("fat", 2 << 20)):
        with (folder / image).open("xb") as empty:
            empty.truncate(size)
    run("mkfs.ext4", "-q", "-d", source, "ext", cwd=folder)
    run("mformat", "-i", "fat", "::", cwd=folder)
    run("mcopy", "-m", "-s", "-i", "fat", source / "a.txt", source / "d", "::/", cwd=folder)
    run("mcopy", "-m", "-i", "fat", source / "a.txt", "::/gone.txt", cwd=folder)
    run("mdel", "-i", "fat", "::/gone.txt", cwd=folder)
    table = bytes(446)
    for start, name, kind in ((2048, "ext", 0x83), (10240, "fat", 0x06)):
        table += struct.pack("<B3xB3xII", 0, kind, start, (folder / name).stat().st_size // 512)
    disk_ = bytearray(table.ljust(510, b"\0") + b"\x55\xaa").ljust(7 << 20, b"\0")
    for start, name in ((2048, "ext"), (10240, "fat")):
        data = (folder / name).read_bytes()
        disk_[start * 512 : start * 512 + len(data)] = data
    (folder / "disk.raw").write_bytes(disk_)
    for form in ("qcow2", "vmdk", "vpc", "vhdx"):
        run("qemu-img", "convert", "-f", "raw", "-O", form, "disk.raw", form, cwd=folder)
    run("ewfacquire", "-u", "-q", "-t", "ewf", "-f", "encase6", "-C", "case 7", "disk.raw", cwd=folder)
    (folder / "ewf.E01").rename(folder / "ewf")
    return folder


def media_type(path: Path) -> str | None:
    head = path.read_bytes()[: 1 << 16]
    return by_signature(head) or by_disk_layout(head, path.stat().st_size)


def read(path: Path, tmp_path: Path, limits: Limits | None = None, kind: str | None = None) -> Parsed:
    shutil.copyfile(path, tmp_path / "blob")
    (tmp_path / "scratch").mkdir()
    kind = kind or media_type(path)
    assert kind
    return parse(tmp_path / "blob", kind, b"x", tmp_path / "scratch", (), limits or Limits())


def files(found: Parsed, below: str = "") -> dict[str, bytes]:
    return {
        member.path.decode().removeprefix(below): member.file.read_bytes()
        for member in found.members
        if member.file and member.path.startswith(below.encode())
    }


def test_files_of_ext_come_with_their_times_in_utc(folder: Path, tmp_path: Path) -> None:
    found = read(folder / "ext", tmp_path)
    assert (files(found), found.problem) == (FILES, None)
    assert {(m.modified_ms, m.modified_text) for m in found.members if m.file} == {(WRITTEN * 1000, None)}
    assert ("links", "1") in found.metadata
    assert [(m.path, m.problem, m.metadata) for m in found.members if not m.file] == [
        (b"link", "no bytes", (("is", "link"), ("leads to", "/etc/passwd")))
    ]
    assert ("the whole disk", "no partitions: 4194304 bytes from byte 0, EXT4") in found.metadata


def test_files_of_fat_have_a_time_without_a_zone(folder: Path, tmp_path: Path) -> None:
    found = read(folder / "fat", tmp_path)
    assert (files(found), found.problem) == (FILES, None)
    assert {(member.modified_ms, member.modified_text) for member in found.members} == {(None, "2023-11-14T22:13:20")}


def test_deleted_entries_are_named_without_bytes(folder: Path, tmp_path: Path) -> None:
    found = read(folder / "fat", tmp_path)
    (deleted,) = [member for member in found.members if ("deleted", "true") in member.metadata]
    assert (deleted.path, deleted.size, deleted.file, deleted.problem) == (b"_one.txt", 5, None, "no bytes")
    assert ("deleted entries", "1") in found.metadata


@pytest.mark.parametrize("image", ["disk.raw", "qcow2", "vmdk", "vpc", "vhdx", "ewf"])
def test_every_kind_of_image_gives_the_files_of_each_partition(folder: Path, tmp_path: Path, image: str) -> None:
    found = read(folder / image, tmp_path)
    assert (files(found, "partition-1/"), files(found, "partition-2/"), found.problem) == (FILES, FILES, None)


def test_what_the_examiner_noted_comes_along(folder: Path, tmp_path: Path) -> None:
    assert ("ewf:case_number", "case 7") in read(folder / "ewf", tmp_path).metadata


def test_an_image_over_another_one_says_what_it_needs(folder: Path, tmp_path: Path) -> None:
    shutil.copyfile(folder / "qcow2", tmp_path / "below")
    run("qemu-img", "create", "-f", "qcow2", "-b", "below", "-F", "qcow2", "over", cwd=tmp_path)
    found = read(tmp_path / "over", tmp_path)
    assert found.problem == "unsupported"
    assert any(name == "needs" for name, _ in found.metadata)


def test_an_encrypted_partition_is_encrypted_and_the_others_are_read(folder: Path, tmp_path: Path) -> None:
    data = bytearray((folder / "disk.raw").read_bytes())
    data[2048 * 512 : 2048 * 512 + 6] = b"LUKS\xba\xbe"
    (tmp_path / "locked").write_bytes(data)
    found = read(tmp_path / "locked", tmp_path)
    assert (files(found, "partition-2/"), found.problem) == (FILES, "encrypted")


def test_an_aff4_image_says_what_to_do(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x", "w") as made:
        made.writestr("container.description", "aff4://0")
        made.writestr("information.turtle", "")
    kind = detect._inside_zip(tmp_path / "x")
    found = read(tmp_path / "x", tmp_path, kind=kind)
    assert (kind, found.problem, [name for name, _ in found.metadata]) == (disk.AFF4, "unsupported", ["needs"])


def test_limits_hold(folder: Path, tmp_path: Path) -> None:
    found = read(folder / "ext", tmp_path, Limits(max_members=2))
    assert (len(found.members), found.problem) == (2, "limit reached")


def test_text_and_pictures_are_no_disks() -> None:
    assert by_disk_layout(b"\xff\xd8\xff\xe0" + bytes(1 << 15), 1 << 20) is None
    assert by_disk_layout((b"words " * 200).ljust(510) + b"\x55\xaa" + bytes(1000), 1 << 20) is None


def damaged(whole: bytes) -> Iterator[bytes]:
    for at in range(0, min(len(whole), 1 << 20), 120_011):
        yield whole[:at] + bytes(b ^ 0xA5 for b in whole[at : at + 700]) + whole[at + 700 :]
    for left in (600, 70_000, len(whole) // 2):
        yield whole[:left]


@pytest.mark.parametrize("image", ["ext", "fat", "qcow2", "vmdk", "vhdx", "ewf"])
def test_damage_anywhere_is_no_exception(folder: Path, tmp_path: Path, image: str) -> None:
    kind = media_type(folder / image)
    for number, data in enumerate(damaged((folder / image).read_bytes())):
        (tmp_path / str(number)).mkdir()
        (tmp_path / "some").write_bytes(data)
        read(tmp_path / "some", tmp_path / str(number), kind=kind)
        shutil.rmtree(tmp_path / str(number))
