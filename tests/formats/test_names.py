"""Names in code pages."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.formats import archive, names, zipped
from iimm_pipelines.formats.parsed import Limits, Parsed

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
WRITTEN = {
    "gbk": ["审计压缩包/照片.jpg", "测试.txt"],
    "big5": ["會議記錄.doc", "照片"],
    "cp932": ["新しいフォルダー/写真.jpg", "あ.txt"],
    "cp949": ["새 폴더", "사진.jpg"],
    "cp874": ["รายงาน.doc", "ภาพถ่าย"],
    "cp866": ["Новая папка/отчёт.doc"],
    "cp1251": ["Новая папка", "отчёт.doc"],
    "cp437": ["Müller Übersicht.doc"],
    "cp1256": ["ملف جديد.doc"],
}


@pytest.mark.parametrize("codec", WRITTEN)
def test_the_code_page_of_a_containers_names_is_told_from_all_of_them(codec: str) -> None:
    raw = [name.encode(codec) for name in WRITTEN[codec]]
    found = names.code_page([*raw, b"readme.txt"])
    assert [names.in_code_page(name, found) for name in raw] == WRITTEN[codec]


@pytest.mark.parametrize("raw", [[], [b"a.txt"], ["စာ.txt".encode(), b"b"]])
def test_names_in_utf_8_need_no_code_page(raw: list[bytes]) -> None:
    assert names.code_page(raw) is None


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_whatever_names_are_a_code_page_reads_them_all_or_there_is_none(raw: list[bytes]) -> None:
    codec = names.code_page(raw)
    if codec is not None:
        assert all(names.in_code_page(name, codec) for name in raw if not name.isascii())


def zipped_as(path: Path, codec: str, *, stated: bool = False) -> Parsed:
    """A ZIP as programs of that code page write it; `stated`: with the same name in UTF-8 beside (Info-ZIP)."""
    with zipfile.ZipFile(path, "w") as made:
        for name in WRITTEN[codec]:
            raw = name.encode(codec)
            info = zipfile.ZipInfo("x" * len(raw))
            if stated:
                body = b"\x01" + zlib.crc32(raw).to_bytes(4, "little") + b"stated " + name.encode()
                info.extra = b"\x75\x70" + len(body).to_bytes(2, "little") + body
            made.writestr(info, b"text")
        made.writestr("စာ.txt", b"this one says that it is UTF-8")
    data = path.read_bytes()
    for name in WRITTEN[codec]:
        raw = name.encode(codec)
        data = data.replace(b"x" * len(raw), raw, 1).replace(b"x" * len(raw), raw, 1)
    path.write_bytes(data)
    (path.parent / "scratch").mkdir()
    return zipped.read(path, path.parent / "scratch", (), Limits())


def test_a_zip_keeps_raw_names_and_shows_them_as_text(tmp_path: Path) -> None:
    found = zipped_as(tmp_path / "z", "cp866")
    raw = WRITTEN["cp866"][0].encode("cp866")
    assert [(m.path, m.name, m.problem) for m in found.members] == [
        (raw, WRITTEN["cp866"][0], None), ("စာ.txt".encode(), None, None)
    ]  # fmt: skip
    assert (names.METADATA, "cp866") in found.metadata


def test_what_a_zip_states_of_its_names_stands_over_what_is_guessed(tmp_path: Path) -> None:
    found = zipped_as(tmp_path / "z", "cp866", stated=True)
    assert found.members[0].name == "stated " + WRITTEN["cp866"][0]


def test_a_tar_with_names_of_windows_shows_them_as_text(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT, encoding="gbk") as made:
        for name in WRITTEN["gbk"]:
            info = tarfile.TarInfo(name)
            info.size = 4
            made.addfile(info, io.BytesIO(b"text"))
    (tmp_path / "blob").write_bytes(packed.getvalue())
    (tmp_path / "scratch").mkdir()
    found = archive.read(tmp_path / "blob", b"", tmp_path / "scratch", (), Limits())
    assert [(m.path, m.name) for m in found.members] == [(n.encode("gbk"), n) for n in WRITTEN["gbk"]]


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
def test_the_packs_archive_from_china_shows_its_names(tmp_path: Path) -> None:
    (packed,) = PACK.rglob("gbk.zip")
    found = zipped.read(packed, tmp_path, (), Limits())
    assert [m.name for m in found.members] == ["审计压缩包文件检索测试/集团邮件审计系统2021年自动巡检需求文档_V4.0.doc"]
