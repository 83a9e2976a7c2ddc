"""Contents: rows and outcomes of one parse, in a real worker."""

from __future__ import annotations

import importlib
import io
import signal
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from iimm_pipelines.engine.outcome import Outcome, Reason
from iimm_pipelines.engine.stage import HINTS, Task
from iimm_pipelines.engine.workers import Workers
from iimm_pipelines.formats.parsed import Limits
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import contents

Parse = Callable[..., tuple[Outcome, list[bytes]]]


@pytest.fixture(name="parse")
def in_a_worker(tmp_path: Path) -> Parse:
    models = load_settings(tmp_path / "data").cache / "models"
    stage = contents.STAGE.with_hints("0" * 64)

    def parse(data: bytes, suffix: bytes = b"", passwords: tuple[str, ...] = ()) -> tuple[Outcome, list[bytes]]:
        task = Task(item="A00001-0000-00000", place=0, object=b"", size=len(data), suffix=suffix,
                    hints={"passwords": passwords})  # fmt: skip
        with Workers(stage, processes=1, models=models, scratch=tmp_path / "scratch", memory=2 << 30) as workers:
            ((_, done, files),) = [(t, d, [f.path.read_bytes() for f in d.outcome.files])
                                   for t, d in workers.run([task], lambda _, path: _written(path, data))]  # fmt: skip
            return done.outcome, files

    return parse


def test_a_text_becomes_segments(parse: Parse) -> None:
    outcome, _ = parse("First paragraph.\n\nမြန်မာစာ".encode())
    assert [s["text"] for s in outcome.tables["segments"]] == ["First paragraph.", "မြန်မာစာ"]
    assert outcome.used == frozenset({"detect", "pronom", "text"})


def test_a_chat_becomes_records_with_their_segments(parse: Parse) -> None:
    outcome, _ = parse("31/12/2021, 21:05 - အောင်: ပထမ\n31/12/2021, 21:06 - Mya: second\n".encode())
    first, second = outcome.tables["records"]
    assert first == {"kind": "message", "sender": "အောင်", "time_written": "31/12/2021, 21:05",
                     "time_local": "2021-12-31T21:05:00"}  # fmt: skip
    assert [(s["record"], s["text"]) for s in outcome.tables["segments"]] == [(0, "ပထမ"), (1, "second")]
    assert (second["sender"], outcome.used) == ("Mya", frozenset({"detect", "chat", "pronom"}))


def test_what_began_like_a_chat_and_is_none_is_read_as_text(parse: Parse) -> None:
    outcome, _ = parse(b'{"participants": [], "messages": {"sender_name": 1, "timestamp_ms": 2}, "words": broken')
    assert outcome.reason is Reason.DAMAGED
    assert "broken" in outcome.tables["segments"][0]["text"]


@pytest.fixture(name="little_time")
def no_end_by_the_alarm() -> Iterator[None]:
    handler = signal.signal(signal.SIGALRM, signal.SIG_IGN)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, handler)


@pytest.mark.usefixtures("little_time")
def test_a_container_that_takes_too_long_keeps_what_was_found_and_names_the_rest(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z", "w") as archive:
        for number in range(20_000):
            archive.writestr(str(number), b"")
    task = Task(item="A00001-0000-00000", place=0, object=b"", size=1, file=tmp_path / "z", scratch=tmp_path)
    importlib.import_module("iimm_pipelines.formats.read")  # which takes longer than is given here
    tool = contents._Tool(None, None, None, Limits())  # type: ignore[arg-type]  # a ZIP needs none of them
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    found = contents._parsed(tool, task, "application/zip", ())
    assert (len(found.members), found.problem) == (20_000, Reason.TIMED_OUT)
    assert {m.problem for m in found.members if not m.file} == {Reason.LIMIT_REACHED}


def test_an_empty_file_is_empty(parse: Parse) -> None:
    assert parse(b"")[0].reason is Reason.NO_BYTES


def test_a_zip_gives_its_members_with_their_bytes(parse: Parse) -> None:
    outcome, files = parse(_zip({"a.txt": b"alpha", "folder/b.txt": b"beta"}))
    assert [m["path"] for m in outcome.tables["members"]] == [b"a.txt", b"folder/b.txt"]
    assert files == [b"alpha", b"beta"]


def test_a_capture_of_the_web_gives_address_and_time_with_its_members(parse: Parse) -> None:
    from warcio.warcwriter import WARCWriter

    written = io.BytesIO()
    writer = WARCWriter(written, gzip=True)
    writer.write_record(writer.create_warc_record(
        "http://example.org/a", "resource", payload=io.BytesIO(b"captured"),
        warc_headers_dict={"WARC-Date": "2021-02-01T03:04:05Z"}))  # fmt: skip
    outcome, files = parse(written.getvalue(), b".gz")
    (member,) = outcome.tables["members"]
    assert (member["url"], member["captured_ms"], files) == ("http://example.org/a", 1_612_148_645_000, [b"captured"])
    assert {"name": "record", "value": "resource"} in member["metadata"]
    assert {"detect", "web"} <= (outcome.used or frozenset())


def test_a_picture_under_the_name_of_a_document_is_a_conflict(parse: Parse) -> None:
    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", (64, 64), "green").save(made, "JPEG")
    (document,) = parse(made.getvalue(), b".pdf")[0].tables["document"]
    assert (document["media_type"], document["conflict"], document["kind"]) == ("image/jpeg", True, "picture")


def test_an_unreadable_password_is_an_outcome_that_another_password_redoes(parse: Parse) -> None:
    from iimm_pipelines.sample.containers import encrypted_zip
    from iimm_pipelines.sample.make import ZIP_PASSWORD

    locked = encrypted_zip({"inside.txt": b"hidden"}, ZIP_PASSWORD)
    outcome, files = parse(locked)
    assert (outcome.reason, files) == (Reason.ENCRYPTED, [])
    assert outcome.used is not None
    assert HINTS in outcome.used
    opened, files = parse(locked, passwords=("wrong", ZIP_PASSWORD.decode()))
    assert (opened.reason, files) == (None, [b"hidden"])
    assert opened.used is not None
    assert HINTS in opened.used  # or another accession, without the password, would get what this one opened


def test_times_and_places_become_rows(parse: Parse) -> None:
    track = b"""<?xml version="1.0"?><gpx><trk><name>road</name><trkseg><trkpt lat="16.8" lon="96.1"><time>2024-03-01T00:10:00Z
    </time></trkpt><trkpt lat="16.9" lon="96.2"/></trkseg></trk></gpx>"""
    outcome, _ = parse(track, b".gpx")
    (place,) = outcome.tables["positions"]
    assert (place["of"], place["points"], place["bounds"]) == (
        "track",
        2,
        [16_800_000, 96_100_000, 16_900_000, 96_200_000],
    )
    begun, ended = outcome.tables["times"]
    assert (begun["meaning"], begun["of"], begun["utc_ms"], begun["offset_minutes"]) == (
        "track begun",
        "event",
        1_709_251_800_000,
        0,
    )
    assert ended["meaning"] == "track ended"
    assert outcome.used == frozenset({"detect", "pronom", "geo"})


SEALED = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "c2pa" / "files" / "image" / "jpeg"


@pytest.mark.skipif(not SEALED.is_dir(), reason="the evidence pack is not here")
def test_a_seal_is_read_without_network_keys_or_much_memory(parse: Parse) -> None:
    outcome, _ = parse((SEALED / "adobe-20220124-CAI.jpg").read_bytes(), b".jpg")
    (document,) = outcome.tables["document"]
    assert {"name": "c2pa:state", "value": "Valid"} in document["metadata"]
    assert ("pronom", "fmt/44") in [(o["reader"], o["type"]) for o in document["opinions"]]
    assert outcome.used == frozenset({"detect", "pronom", "image", "facts", "c2pa"})


def test_a_member_beyond_the_quota_of_a_file_is_a_limit_and_no_bug(tmp_path: Path) -> None:
    stage = replace(contents.STAGE, limits=replace(contents.STAGE.limits, made_bytes=1 << 20))
    data = _zip({"large.bin": bytes(2 << 20), "small.txt": b"small"})
    task = Task(item="A00001-0000-00000", place=0, object=b"", size=len(data))
    models = load_settings(tmp_path / "data").cache / "models"
    with Workers(stage, processes=1, models=models, scratch=tmp_path / "scratch", memory=2 << 30) as workers:
        ((_, done),) = workers.run([task], lambda _, path: _written(path, data))
    assert done.outcome.reason is Reason.LIMIT_REACHED
    assert [m.get("problem") for m in done.outcome.tables["members"]] == ["limit reached", None]


def _written(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _zip(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return made.getvalue()
