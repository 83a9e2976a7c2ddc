"""XMP, C2PA and titles, beside what a format's own reader found."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path

import pytest
from PIL import Image

from iimm_pipelines.formats import provenance, xmp
from iimm_pipelines.formats.facts import with_facts
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.read import parse

PACK = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
C2PA = PACK / "c2pa"
needs_pack = pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")

PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance="http://127.0.0.1:PORT/c2pa"
 xmp:CreateDate="2024-01-02T03:04:05+06:30" exif:GPSLatitude="16,51.966N" exif:GPSLongitude="96,11.706E"
 exif:GPSAltitude="25/2">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">ရေတွင်း</rdf:li></rdf:Alt></dc:title>
<dc:subject><rdf:Bag><rdf:li>well</rdf:li><rdf:li>bell</rdf:li></rdf:Bag></dc:subject>
<ext:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource"><exif:GPSLatitude>17,0N</exif:GPSLatitude>
<exif:GPSLongitude>97,0E</exif:GPSLongitude></rdf:li></rdf:Bag></ext:LocationShown>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


def picture(packet: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "JPEG", xmp=packet.encode())
    return made.getvalue()


def read(tmp_path: Path, data: bytes, media_type: str = "image/jpeg") -> Parsed:
    (tmp_path / "blob").write_bytes(data)
    return parse(tmp_path / "blob", media_type, b"x", tmp_path, (), Limits())


def test_properties_times_places_and_words_of_xmp_are_found(tmp_path: Path) -> None:
    found = read(tmp_path, picture(PACKET))
    assert {("xmp:dc:title", "ရေတွင်း"), ("xmp:dc:subject", "well"), ("xmp:dc:subject", "bell")} <= set(found.metadata)
    assert [(t.meaning, t.at.iso, t.at.offset_minutes) for t in found.times] == [
        ("created", "2024-01-02T03:04:05", 390)
    ]
    assert [(p.of, p.latitude, p.longitude, p.altitude_mm) for p in found.positions] == [
        ("camera", 16_866_100, 96_195_100, 12_500), ("shown", 17_000_000, 97_000_000, None),
    ]  # fmt: skip
    assert [(s.field, s.text) for s in found.segments] == [
        ("title", "ရေတွင်း"),
        ("keywords", "well"),
        ("keywords", "bell"),
    ]


@pytest.mark.parametrize("packet", ["<x:xmpmeta>", "<x:xmpmeta ></x:xmpmeta>", "<x:xmpmeta ><a></x:xmpmeta>",
                                    '<x:xmpmeta xmlns:x="x"><!DOCTYPE a></x:xmpmeta>'])  # fmt: skip
def test_broken_packets_are_none(tmp_path: Path, packet: str) -> None:
    (tmp_path / "blob").write_bytes(b"any" + packet.encode())
    assert xmp.packets(tmp_path / "blob") == ()


def test_what_exif_said_is_not_said_again(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"nothing")
    found = Parsed(FileKind.DOCUMENT, metadata=(("dc:title", "one"), ("dc:title", "one"), ("pages", "2")))
    assert [s.text for s in with_facts(found, tmp_path / "blob", "application/msword").segments] == ["one"]


@needs_pack
def test_every_c2pa_sample_has_the_expected_state_and_findings(tmp_path: Path) -> None:
    for name, expected in json.loads((C2PA / "EXPECTED.json").read_text())["files"].items():
        said = read(tmp_path, (C2PA / "files" / name).read_bytes()).metadata
        facts = {n: [v for k, v in said if k == n] for n in ("c2pa:state", "c2pa:finding", "c2pa:manifests")}
        if "error" in expected:
            assert facts["c2pa:state"] == []
            continue
        assert facts["c2pa:state"] == [expected["state"]]
        assert facts["c2pa:finding"] == sorted(expected["codes"])
        assert facts["c2pa:manifests"] == [str(expected["manifests"])]


@needs_pack
def test_the_time_of_signing_has_its_offset(tmp_path: Path) -> None:
    found = read(tmp_path, (C2PA / "files" / "image" / "jpeg" / "adobe-20220124-CAI.jpg").read_bytes())
    assert [(t.meaning, t.at.iso, t.at.offset_minutes, t.reader) for t in found.times] == [
        ("signed", "2023-01-24T14:48:57", 0, "c2pa")
    ]


def test_a_manifest_elsewhere_is_noted_and_never_fetched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.5)
        packet = PACKET.replace("PORT", str(server.getsockname()[1]))
        found = read(tmp_path, picture(packet))
        with pytest.raises(TimeoutError):
            server.accept()
    assert any(n == "c2pa:manifest elsewhere, not fetched" and v.endswith("/c2pa") for n, v in found.metadata)
    assert "c2pa" in found.used  # or it would prove nothing


def test_the_same_manifest_is_fetched_where_that_is_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the test above can fail."""
    monkeypatch.setattr(provenance, "_OFFLINE", {"verify": {"remote_manifest_fetch": True}})
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20)
        packet = PACKET.replace("PORT", str(server.getsockname()[1]))
        import threading

        reading = threading.Thread(target=read, args=(tmp_path, picture(packet)))
        reading.start()
        connection, _ = server.accept()
        connection.close()
        reading.join()


@pytest.mark.parametrize("data", [b"c2pa", b"\xff\xd8\xff\xeb\0\x10JP\0\0c2pa jumb", b"\x89PNG\r\n\x1a\nc2pa"])
def test_broken_manifests_do_not_make_it_fail(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "blob").write_bytes(data)
    for media_type in ("image/jpeg", "image/png", "video/mp4", "application/pdf"):
        provenance.read(tmp_path / "blob", media_type)
