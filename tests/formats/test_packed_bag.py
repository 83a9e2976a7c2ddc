"""Bags inside archives: whether the files are those that the bag names."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.read import parse

FILES = {"data/a.txt": b"first", "data/sub/b.txt": b"second"}
DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bag(files: Mapping[str, bytes] = FILES) -> dict[str, bytes]:
    manifest = "".join(f"{hashlib.sha256(d).hexdigest()}  {n}\n" for n, d in files.items())
    return {"bagit.txt": DECLARATION, "manifest-sha256.txt": manifest.encode(), **files}


def read(tmp_path: Path, files: Mapping[str, bytes], base: str = "mybag/") -> Parsed:
    with zipfile.ZipFile(tmp_path / "z", "w") as made:
        for name, data in files.items():
            made.writestr(base + name, data)
    (tmp_path / "scratch").mkdir()
    return parse(tmp_path / "z", "application/zip", b"x.zip", tmp_path / "scratch", (), Limits())


def said(found: Parsed) -> dict[str, str]:
    return {n: v for n, v in found.metadata if n.startswith("bag")}


@pytest.mark.parametrize("base", ["", "mybag/", "./mybag/"])
def test_a_bag_that_holds_says_so(tmp_path: Path, base: str) -> None:
    found = read(tmp_path, bag(), base)
    assert (said(found), found.problem, "bag" in found.used) == ({"bag": "holds"}, None, True)


def test_a_changed_file_is_marked_and_read_all_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, {**bag(), "data/a.txt": b"another"})
    assert said(found) == {"bag": "does not hold", "bag: digest differs": "1"}
    marked = {m.path: m.metadata for m in found.members if m.metadata}
    assert marked == {b"mybag/data/a.txt": (("digest holds", "false"),)}
    assert all(m.file for m in found.members)


def test_what_lacks_and_what_is_too_much_is_counted(tmp_path: Path) -> None:
    files = bag()
    del files["data/a.txt"]
    found = read(tmp_path, {**files, "data/more.txt": b"more"})
    assert said(found) == {"bag": "does not hold", "bag: file without row": "1", "bag: row without file": "1"}


def test_a_path_that_leads_out_is_never_looked_up(tmp_path: Path) -> None:
    files = bag()
    files["manifest-sha256.txt"] += f"{'0' * 64}  ../../etc/passwd\n".encode()
    assert said(read(tmp_path, files))["bag: path leads outside"] == "1"


def test_a_bag_in_a_tar_is_checked_too(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name, data in bag().items():
            info = tarfile.TarInfo("mybag/" + name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    (tmp_path / "blob").write_bytes(packed.getvalue())
    (tmp_path / "scratch").mkdir()
    found = parse(tmp_path / "blob", "application/gzip", b"x.tgz", tmp_path / "scratch", (), Limits())
    assert said(found) == {"bag": "holds"}


def test_an_archive_that_is_no_bag_says_nothing_of_one(tmp_path: Path) -> None:
    found = read(tmp_path, {"deep/er/bagit.txt": DECLARATION, "a": b"a"}, "")
    assert (said(found), "bag" in found.used) == ({}, False)
