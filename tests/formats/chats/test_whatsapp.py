"""Chats as lines: dates of many languages, and what stands beside the words."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.formats.chats import whatsapp
from iimm_pipelines.formats.chats.whatsapp import Order
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.records import Record, RecordKind

PACK = Path(__file__).resolve().parents[3] / ".." / "shared" / "evidence-pack"
LRM, NARROW = "\u200e", "\u202f"
MYANMAR = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
THAI_YEARS = 543


@dataclass(frozen=True)
class Style:
    """How a phone writes the head of a message: date and time by `strftime`, and the rest by hand."""

    date: str
    time: str = "%H:%M"
    head: str = "{date}, {time} - "
    halves: tuple[str, str] = ("", "")
    digits: dict[int, int] | None = None
    years_later: int = 0

    def write(self, at: datetime) -> str:
        half = self.halves[at.hour >= 12]
        date, time = (at.strftime(form).replace("{half}", half).replace("{h}", str((at.hour + 11) % 12 + 1))
                      for form in (self.date, self.time))  # fmt: skip
        if self.years_later:
            date = date.replace(str(at.year), str(at.year + self.years_later))
        return self.head.format(date=date, time=time).translate(self.digits or {})


STYLES = {
    "American": Style("%-m/%-d/%y", "{h}:%M{half}", halves=(f"{NARROW}AM", f"{NARROW}PM")),
    "British": Style("%d/%m/%Y"),
    "British iPhone": Style("%d/%m/%Y", "%H:%M:%S", "[{date}, {time}] "),
    "Indian": Style("%d/%m/%y", "{h}:%M {half}", halves=("am", "pm")),
    "German": Style("%d.%m.%y"),
    "German iPhone": Style("%d.%m.%y", "%H:%M:%S", "[{date}, {time}] "),
    "French": Style("%d/%m/%Y", head="{date} à {time} - "),
    "Spanish": Style("%-d/%-m/%y", "{h}:%M {half}", halves=("a.\u00a0m.", "p.\u00a0m.")),
    "Dutch": Style("%d-%m-%Y", head="{date} {time} - "),
    "Finnish": Style("%-d.%-m.%Y", "%-H.%M", "{date} klo {time} - "),
    "Danish": Style("%d.%m.%Y", "%H.%M", "{date} kl. {time} - "),
    "Hungarian": Style("%Y. %m. %d.", head="{date} {time} - "),
    "Swedish": Style("%Y-%m-%d", head="{date} {time} - "),
    "Turkish": Style("%-d.%m.%Y", head="{date} {time} - "),
    "Bulgarian": Style("%-d.%m.%y г.", "%-H:%M"),
    "Korean": Style("%Y. %-m. %-d.", "{half} {h}:%M", "{date} {time} - ", ("오전", "오후")),
    "Korean words": Style("%Y년 %-m월 %-d일", "{half} {h}:%M", "{date} {time} - ", ("오전", "오후")),
    "Japanese": Style("%Y/%m/%d", head="{date} {time} - "),
    "Chinese": Style("%Y/%-m/%-d", "{half}{h}:%M", "{date} {time} - ", ("上午", "下午")),
    "Thai": Style("%-d/%-m/%Y", head="{date} {time} - ", years_later=THAI_YEARS),
    "Vietnamese": Style("%d/%m/%Y", "{h}:%M {half}", halves=("SA", "CH")),
    "Hindi": Style("%d/%m/%y", "{h}:%M {half}", halves=("पूर्वाह्न", "अपराह्न")),
    "Bengali": Style(
        "%-d/%-m/%y", "{h}:%M {half}", halves=("AM", "PM"), digits=str.maketrans("0123456789", "০১২৩৪৫৬৭৮৯")
    ),
    "Arabic": Style("%-d\u200f/%-m\u200f/%Y", "{h}:%M {half}", "{date}، {time} - ", ("ص", "م"), ARABIC),
    "Hebrew": Style("%-d.%-m.%Y", head="\u200f{date}, {time} - "),
    "Burmese": Style("%d/%m/%Y", "%H:%M", digits=MYANMAR),
    "Burmese halves": Style("%-d-%-m-%y", "{half} {h}:%M", "[{date}၊ {time}] ", ("နံနက်", "ညနေ"), MYANMAR),
    "Signal": Style("%Y-%m-%d", head="[{date}, {time}] "),
    "iPhone with a mark": Style("%Y/%m/%d", "%H:%M:%S", LRM + "[{date}, {time}] "),
}

Texts = Callable[[str], Parsed]


@pytest.fixture(name="read")
def read_text(tmp_path: Path) -> Texts:
    return lambda text: read_in(tmp_path, text.encode())


def read_in(folder: Path, data: bytes) -> Parsed:
    (folder / "blob").write_bytes(data)
    return whatsapp.read(folder / "blob", Limits())


def text_of(found: Parsed, ordinal: int) -> str:
    return "\n".join(s.text for s in found.segments if s.record == ordinal)


def local(record: Record) -> str | None:
    return record.time.iso if record.time else None


NAMES = st.text("အောင်မြတ်abcXYZ 🤓~", min_size=1, max_size=20).map(str.strip).filter(bool)
WORDS = st.text("မင်္ဂလာပါ hello: 12/3\n", min_size=1, max_size=60).map(str.strip).filter(bool)
MOMENTS = st.datetimes(datetime(2010, 1, 1), datetime(2029, 12, 31)).map(lambda d: d.replace(second=0, microsecond=0))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(STYLES)), st.lists(st.tuples(MOMENTS, NAMES, WORDS), min_size=1, max_size=8))
def test_a_chat_in_any_language_comes_back(style: str, said: list[tuple[datetime, str, str]]) -> None:
    said = sorted(said, key=lambda one: one[0])
    # a day that only a day can be settles the order
    said.append((datetime(2030, 1, 31, 23, 59), "Mya", "end"))  # noqa: DTZ001
    chat = "".join(f"{STYLES[style].write(at)}{name}: {words}\n" for at, name, words in said)
    assert whatsapp.looks_like_it(chat)
    with tempfile.TemporaryDirectory() as folder:
        found = read_in(Path(folder), chat.encode())
    assert [(r.sender, local(r), text_of(found, i)) for i, r in enumerate(found.records)] == [
        (name, at.isoformat(), words) for at, name, words in said
    ]
    assert not any(r.time and r.time.ambiguous for r in found.records)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(STYLES)), st.integers(0, 2**31), st.binary(max_size=12), st.booleans())
def test_a_damaged_chat_raises_nothing(style: str, at: int, noise: bytes, cut: bool) -> None:
    line = STYLES[style].write(datetime(2021, 2, 3, 16, 5)) + "Aung: words\n"  # noqa: DTZ001
    data = bytearray((line * 5).encode())
    at %= len(data)
    data[at : len(data) if cut else at + len(noise)] = noise
    with tempfile.TemporaryDirectory() as folder:
        found = read_in(Path(folder), bytes(data))
    whatsapp.looks_like_it(data.decode(errors="replace"))
    assert all(s.record is not None and s.record < len(found.records) for s in found.segments)


def test_numbers_that_only_a_day_can_have_settle_the_order() -> None:
    assert whatsapp.order_of([(1, 2, 21), (13, 2, 21)]) == (Order.DAY_FIRST, True)
    assert whatsapp.order_of([(1, 2, 21), (2, 13, 21)]) == (Order.MONTH_FIRST, True)
    assert whatsapp.order_of([(2021, 1, 2)]) == (Order.YEAR_FIRST, True)


def test_the_order_of_the_messages_settles_it_where_numbers_do_not() -> None:
    assert whatsapp.order_of([(3, 4, 21), (3, 5, 21), (4, 2, 21)]) == (Order.MONTH_FIRST, True)


def test_a_chat_that_can_be_read_both_ways_says_so(read: Texts) -> None:
    found = read("03/04/21, 10:00 - A: one\n04/04/21, 10:00 - B: two\n")
    assert [(local(r), r.time and r.time.ambiguous) for r in found.records] == [
        ("2021-04-03T10:00:00", True),
        ("2021-04-04T10:00:00", False),
    ]
    assert ("order of day and month", "dmy, not certain") in found.metadata


def test_a_time_has_no_offset_and_stands_as_it_is_written(read: Texts) -> None:
    (record,) = read("၃၁/၁၂/၂၀၂၁၊ ည ၉:၀၅ - အောင်: စာ\n").records
    assert record.time is not None
    assert (record.time.written, record.time.iso) == ("၃၁/၁၂/၂၀၂၁၊ ည ၉:၀၅", "2021-12-31T21:05:00")
    assert (record.time.offset_minutes, record.time.utc_ms) == (None, None)


def test_media_calls_and_what_was_taken_back_are_known(read: Texts) -> None:
    head = "31/12/2021, 10:00 - "
    said = [
        "A: IMG-20211231-WA0001.jpg (file attached)\nat the bridge", f"A: {LRM}<Anhang: 0001-PHOTO.jpg>", "B: <Media omitted>",
        f"B: {LRM}image omitted", "B: This message was deleted", f"B: better words {LRM}<This message was edited>",
        "Missed voice call", 'A created group "a: b"', "+95 9 123 456 789: hello",
    ]  # fmt: skip
    records = read("".join(f"{head}{one}\n" for one in said)).records
    assert [r.media for r in records[:2]] == [("IMG-20211231-WA0001.jpg",), ("0001-PHOTO.jpg",)]
    assert [r.media_missing for r in records[:5]] == [False, False, True, True, False]
    assert (records[4].deleted, records[5].edited) == (True, True)
    assert (records[6].kind, records[6].system) == (RecordKind.CALL, True)
    assert (records[7].sender, records[7].system) == (None, True)
    assert (records[8].sender, records[8].account) == ("+95 9 123 456 789", "+959123456789")


def test_a_program_that_logs_in_brackets_is_no_chat() -> None:
    assert not whatsapp.looks_like_it(
        "[2021-01-02 10:00:00] production.ERROR: failed\n[2021-01-02 10:00:01] INFO: on\n"
    )
    assert not whatsapp.looks_like_it("1/2/21, 10:00 - the convoy passed\nThen nothing.\n")


def test_a_limit_keeps_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "blob").write_text("31/12/2021, 10:00 - A: word\n" * 5, encoding="utf-8")
    found = whatsapp.read(tmp_path / "blob", Limits(max_records=3))
    assert (len(found.records), found.problem) == (3, "limit reached")


@pytest.mark.skipif(not PACK.is_dir(), reason="the evidence pack is not here")
@pytest.mark.parametrize("kind", ["whatsapp", "signal"])
def test_public_exports_say_what_their_reference_says(kind: str) -> None:
    folder = PACK / "social_chatminer" / "files" / kind
    target = {(t["timestamp"], t["author"], " ".join(t["message"].split()))
              for t in json.loads((folder / "target.json").read_text())}  # fmt: skip
    if kind == "signal":  # the reference gives each of the two messages the other's words
        target = {
            ("2019-12-24T12:23:00", "Jane Doe", "Hello John!"),
            ("2020-01-17T21:49:00", "John Doe", "Hello Jane!"),
        }
    for export in folder.glob("*.txt"):
        found = whatsapp.read(export, Limits())
        said = {(local(r), r.sender, " ".join(text_of(found, i).split()))
                for i, r in enumerate(found.records) if not r.system}  # fmt: skip
        assert said == target
        assert len(found.records) == len(target) + (3 if kind == "whatsapp" else 0)
