"""WARC, ARC and WACZ."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest

from iimm_pipelines.formats import web_archive
from iimm_pipelines.formats.parsed import Limits, Parsed

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
WARCS, WACZS = PACK / "web_warc" / "files", PACK / "web_wacz" / "files"
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
PAGE = b"<p>A page of its own</p>" * 40


def read(path: Path, tmp_path: Path, limits: Limits | None = None) -> Parsed:
    (tmp_path / "scratch").mkdir()
    if path.suffix == ".wacz":
        return web_archive.read_wacz(path, tmp_path / "scratch", (), limits or Limits())
    return web_archive.read(path, tmp_path / "scratch", limits or Limits())


def warc(records: int, *, compressed: bool = True) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    written = io.BytesIO()
    writer = WARCWriter(written, gzip=compressed)
    for number in range(records):
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.0")
        record = writer.create_warc_record(
            f"http://example.org/{number}", "response", payload=io.BytesIO(b"%d " % number + PAGE), http_headers=headers
        )
        writer.write_record(record)
    return written.getvalue()


def test_an_address_and_a_time_stand_beside_what_was_sent(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(warc(1))
    (member,) = read(tmp_path / "w", tmp_path).members
    assert member.url == "http://example.org/0"
    assert member.captured_ms
    assert member.file
    assert member.file.read_bytes() == b"0 " + PAGE
    assert ("http status", "200") in member.metadata


@needs_pack
@pytest.mark.parametrize(("name", "members", "problem"), [
    ("example.warc", 2, None), ("example.warc.gz", 2, None), ("example.arc", 1, None), ("example.arc.gz", 1, None),
    ("bad.arc", 3, "damaged"), ("example-bad-non-chunked.warc.gz", 2, None), ("example-bad.warc.gz.bad", 3, None),
    ("example-digest.warc", 0, None), ("example-iana.org-chunked.warc", 1, None), ("example-resource.warc.gz", 1, None),
    ("example-space-in-target-uri.warc.gz", 1, None), ("example-space-in-url.arc", 1, None),
    ("example-trunc.warc", 1, "damaged"), ("example-wget-bad-target-uri.warc.gz", 4, None),
    ("example-wrong-chunks.warc.gz", 1, None), ("post-test.warc.gz", 6, None),
])  # fmt: skip
def test_every_capture_of_the_pack_gives_its_records(
    tmp_path: Path, name: str, members: int, problem: str | None
) -> None:
    found = read(WARCS / name, tmp_path)
    assert (len(found.members), found.problem) == (members, problem)


@needs_pack
def test_a_revisit_has_the_bytes_of_the_capture_that_it_points_to(tmp_path: Path) -> None:
    first, again = read(WARCS / "example.warc", tmp_path).members
    assert (again.url, again.file, again.size) == (first.url, first.file, 1270)
    assert again.captured_ms == 1488773028000 > (first.captured_ms or 0)


@needs_pack
def test_a_revisit_of_a_capture_elsewhere_says_so(tmp_path: Path) -> None:
    whole = (WARCS / "example.warc").read_bytes()
    (tmp_path / "w").write_bytes(whole[whole.index(b"WARC/1.0", 3000) :])
    found = read(tmp_path / "w", tmp_path)
    assert [(m.file, m.problem) for m in found.members] == [(None, "no bytes")]
    assert ("records: revisit of a record elsewhere", "1") in found.metadata
    assert found.problem is None


@needs_pack
def test_chunks_and_compression_of_the_wire_are_taken_off(tmp_path: Path) -> None:
    (member,) = read(WARCS / "example-iana.org-chunked.warc", tmp_path).members
    assert member.file
    assert member.file.read_bytes().rstrip().endswith(b"</html>")


def test_a_place_that_is_no_record_is_passed_over(tmp_path: Path) -> None:
    plain = warc(3, compressed=False)
    second = plain.index(b"WARC/", 10)
    (tmp_path / "w").write_bytes(plain[:second] + b"rubbish" + plain[second + 7 :])
    found = read(tmp_path / "w", tmp_path)
    assert [member.url for member in found.members] == ["http://example.org/0", "http://example.org/2"]
    assert found.problem == "damaged"


def test_damage_in_a_compressed_record_leaves_the_others(tmp_path: Path) -> None:
    packed = bytearray(warc(3))
    second = packed.index(b"\x1f\x8b\x08", 10)
    packed[second + 20 : second + 60] = bytes(40)
    (tmp_path / "w").write_bytes(packed)
    found = read(tmp_path / "w", tmp_path)
    assert {"http://example.org/0", "http://example.org/2"} <= {member.url for member in found.members}
    assert found.problem == "damaged"


def test_a_capture_that_was_cut_off_gives_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(warc(2, compressed=False)[:-500])
    found = read(tmp_path / "w", tmp_path)
    assert (len(found.members), found.problem) == (2, "truncated")


def test_more_records_than_allowed_end_the_reading(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(warc(5))
    found = read(tmp_path / "w", tmp_path, Limits(max_members=3))
    assert (len(found.members), found.problem) == (3, "limit reached")


def test_one_stream_around_all_records_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "w").write_bytes(gzip.compress(warc(4, compressed=False)))
    found = read(tmp_path / "w", tmp_path)
    assert (len(found.members), found.problem) == (4, None)
    assert len(list((tmp_path / "scratch" / "records").iterdir())) == 4


@needs_pack
@pytest.mark.parametrize("name", ["valid_example_1", "valid_example_2", "valid_signed_example_1"])
def test_a_wacz_holds_what_its_list_names(tmp_path: Path, name: str) -> None:
    found = read(WACZS / f"{name}.wacz", tmp_path)
    assert dict(found.metadata)["files that are as listed"] == "4 of 4"
    assert (len(found.members), found.problem) == (found.expected_members, None)


def test_a_wacz_with_a_changed_file_is_damaged(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as made:
        made.writestr("archive/a.warc", b"changed")
        made.writestr("datapackage.json", json.dumps({"resources": [{"path": "archive/a.warc", "hash": "sha256:00"}]}))
    found = read(tmp_path / "x.wacz", tmp_path)
    assert (dict(found.metadata)["files that are as listed"], found.problem) == ("0 of 1", "damaged")
    assert len(found.members) == 2
