"""Extractions of phones."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from iimm_pipelines.formats import detect, phone
from iimm_pipelines.formats.parsed import Limits, Parsed

PICTURE = b"\xff\xd8\xff picture"
REPORT = """<?xml version="1.0" encoding="utf-8"?>
<project id="1" name="Phone" reportVersion="5.0" xmlns="http://pa.cellebrite.com/report/2.0">
<metadata section="Device Info"><item name="IMEI">35</item><item name="Model">A52</item></metadata>
<taggedFiles>
<file fs="data" id="1" path="/data/media/0/DCIM/ပုံ.jpg" size="11" deleted="Intact">
<accessInfo><timestamp name="CreationTime">2021-02-01T03:04:05.000+06:30</timestamp></accessInfo>
<metadata section="File"><item name="Local Path"><![CDATA[files\\Image\\1.jpg]]></item>
<item name="SHA256"><![CDATA[{digest}]]></item></metadata></file>
<file fs="data" id="2" path="/data/gone.jpg" size="9" deleted="Deleted">
<metadata section="File"><item name="Local Path"><![CDATA[files\\Image\\2.jpg]]></item></metadata></file>
</taggedFiles>
<decodedData><modelType type="Chat"><model type="Chat" id="c"><multiModelField name="Messages">
<model type="InstantMessage" id="m"/></multiModelField></model></modelType>
<modelType type="Call"><model type="Call" id="a"/><model type="Call" id="b"/></modelType></decodedData>
</project>"""


def extraction(path: Path, report: str, picture: bytes = PICTURE) -> Path:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("files/Image/1.jpg", picture)
        made.writestr("report.xml", report.format(digest=hashlib.sha256(PICTURE).hexdigest()))
    return path


def read(path: Path) -> Parsed:
    (path.parent / "scratch").mkdir()
    return phone.read(path, path.parent / "scratch", (), Limits())


def test_a_file_has_its_path_and_times_on_the_phone(tmp_path: Path) -> None:
    path = extraction(tmp_path / "x", REPORT)
    assert detect._inside_zip(path) == phone.UFDR
    found = read(path)
    assert dict(found.members[0].metadata) == {
        "path on the device": "/data/media/0/DCIM/ပုံ.jpg",
        "deleted": "Intact",
        "CreationTime": "2021-02-01T03:04:05.000+06:30",
        "SHA256": hashlib.sha256(PICTURE).hexdigest(),
    }
    assert [member.path for member in found.members] == [b"files/Image/1.jpg", b"report.xml"]


def test_the_report_is_counted(tmp_path: Path) -> None:
    found = read(extraction(tmp_path / "x", REPORT))
    assert dict(found.metadata) == {
        "device:IMEI": "35", "device:Model": "A52", "files that the report names": "2",
        "files of the report that are not there": "1", "files whose digest does not hold": "0",
        "records: Call": "2", "records: Chat": "1",
    }  # fmt: skip
    assert found.problem is None


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    found = read(extraction(tmp_path / "x", REPORT, picture=b"another"))
    assert ("files whose digest does not hold", "1") in found.metadata
    assert ("digest holds", "false") in found.members[0].metadata


def test_a_report_that_was_cut_off_leaves_the_files(tmp_path: Path) -> None:
    found = read(extraction(tmp_path / "x", REPORT[:950]))
    assert (len(found.members), found.problem) == (2, "damaged")
    assert ("files that the report names", "2") in found.metadata


def test_entities_that_multiply_end_the_report_and_nothing_else(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "x" * 100}">' for n in range(10))
    bomb = f"<!DOCTYPE project [{entities}]><project xmlns='http://pa.cellebrite.com/report/2.0'>&e9;</project>"
    with zipfile.ZipFile(tmp_path / "x", "w") as made:
        made.writestr("report.xml", bomb)
    assert read(tmp_path / "x").problem == "damaged"
