"""Reports of phones by Cellebrite."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats import detect
from iimm_pipelines.formats.chats import cellebrite, signs
from iimm_pipelines.formats.parsed import Limits, Parsed

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<project id="1" xmlns="http://pa.cellebrite.com/report/2.0">'


def field(name: str, value: str) -> str:
    return f'<field name="{name}" type="String"><value type="String"><![CDATA[{value}]]></value></field>'


def model(kind: str, *inside: str, state: str = "Intact") -> str:
    return f'<model type="{kind}" id="x" deleted_state="{state}">{"".join(inside)}</model>'


def party(group: str, *inside: str, many: bool = False) -> str:
    tag = "multiModelField" if many else "modelField"
    return f'<{tag} name="{group}" type="Party">{model("Party", *inside)}</{tag}>'


MESSAGE = model(
    "InstantMessage",
    party("From", field("Identifier", "959@s.whatsapp.net"), field("Name", "Ko Htet")),
    field("Body", "တံတားမှာ တွေ့မယ်"),
    field("TimeStamp", "2021-02-01T09:30:00.000+06:30"),
    field("Identifier", "m-1"),
    '<multiModelField name="Attachments" type="Attachment">',
    model("Attachment", field("Filename", "IMG-1.jpg")),
    "</multiModelField>",
    state="Deleted",
)
CHAT = model(
    "Chat",
    field("Source", "WhatsApp"),
    field("Name", "Village"),
    '<multiModelField name="Participants" type="Party">',
    model("Party", field("Identifier", "959@s.whatsapp.net"), field("Name", "Ko Htet")),
    model("Party", field("Identifier", "951@s.whatsapp.net"), field("Name", "Ma Ei")),
    '</multiModelField><multiModelField name="Messages" type="InstantMessage">',
    MESSAGE,
    "</multiModelField>",
)
CALL = model(
    "Call",
    field("Direction", "Incoming"),
    field("Type", "Missed"),
    field("TimeStamp", "2021-02-01T10:00:00"),
    field("Duration", "00:01:05"),
    party("Parties", field("Identifier", "+9595551234"), field("Role", "From"), many=True),
)
CONTACT = model("Contact", field("Name", "Daw Hla"), field("Notes", "sells rice"))
DEVICE = '<metadata section="Device Info"><item name="IMEI">3512345</item></metadata>'
FILES = (
    '<taggedFiles><file path="/data/DCIM/a.jpg"><metadata><item name="MD5">00</item></metadata></file></taggedFiles>'
)


def report(*models: str) -> str:
    kinds = "".join(f'<modelType type="any">{m}</modelType>' for m in models)
    return f"{HEAD}{DEVICE}{FILES}<decodedData>{kinds}</decodedData></project>"


def read(tmp_path: Path, text: str | bytes, limits: Limits | None = None) -> Parsed:
    (tmp_path / "report.xml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return cellebrite.read(tmp_path / "report.xml", limits or Limits())


def test_a_message_has_who_to_whom_when_and_in_which_chat(tmp_path: Path) -> None:
    found = read(tmp_path, report(CHAT))
    (record,) = found.records
    assert (record.kind, record.sender, record.account) == ("message", "Ko Htet", "959@s.whatsapp.net")
    assert (record.recipients, record.group, record.id, record.media) == (("Ma Ei",), "Village", "m-1", ("IMG-1.jpg",))
    assert record.time and record.time.offset_minutes == 390 and record.time.written == "2021-02-01T09:30:00.000+06:30"
    assert record.deleted
    assert [s.text for s in found.segments if s.record == 0] == ["တံတားမှာ တွေ့မယ်"]
    assert found.problem is None


def test_a_call_has_its_length_and_a_time_without_an_offset_stays_without(tmp_path: Path) -> None:
    (record,) = read(tmp_path, report(CALL)).records
    assert (record.kind, record.event, record.duration_s) == ("call", "Incoming, Missed", 65)
    assert (record.sender, record.recipients) == ("+9595551234", ())
    assert record.time and (record.time.iso, record.time.utc_ms) == ("2021-02-01T10:00:00", None)


def test_what_is_no_saying_is_kept_as_text(tmp_path: Path) -> None:
    found = read(tmp_path, report(CONTACT, CHAT))
    loose = "\n".join(s.text for s in found.segments if s.record is None)
    assert all(w in loose for w in ("Daw Hla", "sells rice", "IMEI: 3512345", "/data/DCIM/a.jpg", "Village"))
    assert "တံတား" not in loose


@pytest.mark.parametrize(
    ("text", "problem"),
    [(report(CHAT, CALL)[:-60], "truncated"), (report(CHAT).replace("</decodedData>", "</wrong>"), "damaged")],
)
def test_a_broken_report_keeps_what_came_before(tmp_path: Path, text: str, problem: str) -> None:
    found = read(tmp_path, text)
    assert (found.records[0].sender, found.problem) == ("Ko Htet", problem)


def test_more_records_than_allowed_end_the_reading(tmp_path: Path) -> None:
    found = read(tmp_path, report(*[CALL] * 5), Limits(max_records=3))
    assert (len(found.records), found.problem) == (3, "limit reached")


def test_elements_without_end_in_each_other_take_no_time_that_grows_with_their_depth(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "<modelType>" * 20_000)
    assert found.problem == "truncated"


def test_a_report_is_known_by_its_beginning(tmp_path: Path) -> None:
    tools = detect.load()
    (tmp_path / "report.xml").write_text(report(CHAT), encoding="utf-8")
    assert detect.detect(tmp_path / "report.xml", b"name.xml", tools.magic, tools.magika).media_type == signs.CELLEBRITE


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(report(CHAT, CALL).encode())), gone=st.integers(0, 40), noise=st.binary(max_size=12))
def test_a_damaged_report_raises_nothing(
    tmp_path_factory: pytest.TempPathFactory, at: int, gone: int, noise: bytes
) -> None:
    data = report(CHAT, CALL).encode()
    found = read(tmp_path_factory.mktemp("damaged"), data[:at] + noise + data[at + gone :])
    assert found.kind == "message"
