"""Archives that only the program 7-Zip opens, made by it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from iimm_pipelines.formats import archive, seven_zip
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse

pytestmark = pytest.mark.skipif(not seven_zip.installed(), reason="the Debian package 7zip is not installed")
FILES = {"a.txt": b"first", "ဒု/b.bin": bytes(range(256)) * 100, "empty": b""}


def packed(tmp_path: Path, *how: str, kind: str = "7z") -> Path:
    source = tmp_path / "source"
    for name, data in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
        os.utime(source / name, (1_700_000_000, 1_700_000_000))
    (source / "link").symlink_to("/etc/passwd")
    command = ["7zz", "a", f"-t{kind}", "-snl", *how, str(tmp_path / "packed"), "."]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    shutil.move(next(tmp_path.glob("packed*")), tmp_path / "blob")
    return tmp_path / "blob"


def read(path: Path, *passwords: str, limits: Limits | None = None) -> Parsed:
    scratch = path.parent / "scratch"
    scratch.mkdir()
    return parse(path, "application/x-7z-compressed", b"x.7z", scratch, passwords, limits or Limits())


def bytes_of(found: Parsed) -> dict[str, bytes]:
    return {member.path.decode(): member.file.read_bytes() for member in found.members if member.file}


@pytest.mark.parametrize("names", ["-mhe=on", "-mhe=off"])
def test_an_encrypted_7z_opens_with_one_of_the_passwords(tmp_path: Path, names: str) -> None:
    found = read(packed(tmp_path, "-pစကားဝှက်", names), "wrong", "စကားဝှက်")
    assert (bytes_of(found), found.problem) == (FILES, None)
    assert ("links", "1") in found.metadata
    assert {member.modified_ms for member in found.members if member.file} == {1_700_000_000_000}
    assert [(m.path, m.problem, m.metadata) for m in found.members if not m.file] == [
        (b"link", "no bytes", (("is", "link"), ("leads to", "/etc/passwd")))
    ]
    assert found.expected_members == 3


def test_an_encrypted_7z_without_its_password_names_its_members(tmp_path: Path) -> None:
    found = read(packed(tmp_path, "-popen"), "wrong")
    assert found.problem == "encrypted"
    assert {member.path.decode() for member in found.members} >= {"a.txt", "ဒု/b.bin"}
    assert set(bytes_of(found)) <= {"empty"}


def test_encrypted_names_are_encrypted(tmp_path: Path) -> None:
    assert read(packed(tmp_path, "-popen", "-mhe=on")).problem == "encrypted"


def test_no_password_stands_on_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path, "-pzyzzyva")
    (tmp_path / "bin").mkdir()
    noting = tmp_path / "bin" / "7zz"
    noting.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/called\nexec {shutil.which("7zz")} "$@"\n')
    noting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{noting.parent}:{os.environ['PATH']}")
    assert read(path, "zyzzyva").problem is None
    called = (tmp_path / "called").read_text()
    assert called.startswith("l ")
    assert "zyzzyva" not in called


def test_a_wim_is_read_by_the_program(tmp_path: Path) -> None:
    path = packed(tmp_path, kind="wim")
    (tmp_path / "scratch").mkdir()
    found = seven_zip.read(path, tmp_path / "scratch", (), Limits())
    assert bytes_of(found) == FILES


def test_limits_hold_for_the_program_too(tmp_path: Path) -> None:
    found = read(packed(tmp_path, "-popen"), "open", limits=Limits(max_member_bytes=1000))
    assert {m.path.decode(): m.problem for m in found.members}["ဒု/b.bin"] == "limit reached"
    assert bytes_of(found) == {name: data for name, data in FILES.items() if len(data) < 1000}


def test_what_libarchive_reads_is_left_to_it(tmp_path: Path) -> None:
    found = read(packed(tmp_path))
    assert found.used == {"archive"}
    assert bytes_of(found) == FILES


def test_an_archive_that_was_cut_off_is_no_exception(tmp_path: Path) -> None:
    path = packed(tmp_path, "-popen")
    path.write_bytes(path.read_bytes()[:-50])
    assert read(path, "open").problem is not None
    assert archive.read(path, b"", tmp_path / "scratch", (), Limits()).problem is not None
