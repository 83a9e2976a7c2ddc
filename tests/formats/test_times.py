"""Times as files write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.formats import times
from iimm_pipelines.formats.times import (
    Meaning,
    Moment,
    TimeOf,
    from_iso,
    from_mail,
    on_a_clock,
    range_ms,
    read,
    since_1970,
    stated_in_mail,
)

DAY = 24 * 60 * 60 * 1000
NEW_YEAR = 1_609_459_200_000


@pytest.mark.parametrize(
    ("written", "iso", "offset"),
    [
        ("2024:01:02 03:04:05", "2024-01-02T03:04:05", None),
        ("2024-01-02T03:04:05.123+06:30", "2024-01-02T03:04:05.123", 390),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05", 0),
        ("2024-01-02T03:04", "2024-01-02T03:04", None),
        ("20240102T030405-0700", "2024-01-02T03:04:05", -420),
        ("D:20240102030405+06'30'", "2024-01-02T03:04:05", 390),
        ("D:20240102030405Z00'00'", "2024-01-02T03:04:05", 0),
        ("D:202401", "2024-01", None),
        ("2020-05-18T22:07:17.881844343", "2020-05-18T22:07:17.881844", None),
        ("2008", "2008", None),
        ("2010-01-26", "2010-01-26", None),
    ],
)
def test_each_form_is_read_as_precisely_as_it_is_written(written: str, iso: str, offset: int | None) -> None:
    found = read(written)
    assert found is not None
    assert (found.iso, found.offset_minutes, found.written) == (iso, offset, written)


@pytest.mark.parametrize("written", ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "2024-13-01", "2024-02-30", "yesterday",
                                     "2024-01-02T25:00:00", "12/04/2014 11:24 AM", "၂၀၂၄-၀၁-၀၂"])  # fmt: skip
def test_what_is_no_time_is_none(written: str) -> None:
    assert read(written) is None


def test_utc_is_known_only_with_an_offset() -> None:
    local, zoned = (read(f"2024-01-02T06:30:00{zone}") for zone in ("", "+06:30"))
    assert local is not None
    assert zoned is not None
    assert (local.utc_ms, zoned.utc_ms) == (None, 1_704_153_600_000)


def test_a_local_time_may_be_in_any_zone() -> None:
    begin, end = range_ms("2024-01-02", None)
    assert end - begin + 1 == DAY + 26 * 60 * 60 * 1000


@pytest.mark.parametrize(
    ("iso", "days"), [("2024", 366), ("2023", 365), ("2024-02", 29), ("2024-12", 31), ("2024-12-31", 1)]
)
def test_a_time_lasts_as_long_as_it_is_precise(iso: str, days: int) -> None:
    begin, end = range_ms(iso, 0)
    assert end - begin + 1 == days * DAY


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_written_and_read_again_is_the_same_moment(moment: object, offset: int) -> None:
    sign = "-" if offset < 0 else "+"
    text = f"{moment.isoformat(timespec='seconds')}{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"  # type: ignore[attr-defined]
    found = read(text)
    assert found is not None
    assert (found.iso, found.offset_minutes) == (text[:19], offset)
    found.range_ms()


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text: str) -> None:
    read(text)
    stated_in_mail(Meaning.MAIL_SENT, text, "test")


def test_a_mail_that_hides_its_offset_has_none() -> None:
    hidden = stated_in_mail(Meaning.MAIL_SENT, "Tue, 2 Jan 2024 03:04:05 -0000", "mail")
    said = stated_in_mail(Meaning.MAIL_SENT, "Tue, 2 Jan 2024 03:04:05 +0630 (MMT)", "mail")
    assert hidden is not None
    assert said is not None
    assert (hidden.at.offset_minutes, said.at.offset_minutes, said.at.iso) == (None, 390, "2024-01-02T03:04:05")


def test_of_a_mails_servers_the_last_one_says_when_it_arrived() -> None:
    headers = [
        ("header:Received", "from b by c; Tue, 2 Jan 2024 05:00:00 +0000"),
        ("header:Received", "from a by b; Tue, 2 Jan 2024 04:00:00 +0000"),
        ("header:Date", "Tue, 2 Jan 2024 10:00:00 +0630"),
    ]
    found = list(times.among(headers, "message/rfc822", "mail"))
    assert [(t.meaning, t.at.iso) for t in found] == [
        (Meaning.MAIL_RECEIVED, "2024-01-02T05:00:00"),
        (Meaning.MAIL_SENT, "2024-01-02T10:00:00"),
    ]


def test_rtf_has_no_offsets_whatever_tika_adds() -> None:
    said = [("dcterms:created", "2000-01-25T14:04:00Z")]
    (rtf,) = times.among(said, "application/rtf", "tika")
    (doc,) = times.among(said, "application/msword", "tika")
    assert (rtf.at.offset_minutes, doc.at.offset_minutes) == (None, 0)


def test_never_printed_is_no_time() -> None:
    assert list(times.among([("meta:print-date", "1601-01-01T00:00:00Z")], "application/msword", "tika")) == []


def test_events_documents_files_and_captures_are_told_apart() -> None:
    assert {m.of for m in Meaning} == set(TimeOf)
    assert (Meaning.PICTURE_TAKEN.of, Meaning.MODIFIED.of, Meaning.CAPTURED.of) == ("event", "document", "capture")


@pytest.mark.parametrize(
    ("text", "local", "offset", "utc"),
    [
        ("2021-01-01T06:30:00+06:30", "2021-01-01T06:30:00", 390, NEW_YEAR),
        ("2021-01-01T00:00:00.123Z", "2021-01-01T00:00:00", 0, NEW_YEAR),
        ("2021-01-01 06:30", "2021-01-01T06:30:00", None, None),
        ("2021-13-01", None, None, None),
        ("20210101T063000+0630", "2021-01-01T06:30:00", 390, NEW_YEAR),
        ("2021-01-01T06:30:00+06:30[Asia/Yangon]", "2021-01-01T06:30:00", 390, NEW_YEAR),
        ("2021-01-01T06:30:00+23:00", "2021-01-01T06:30:00", None, None),
        ("1612110200", None, None, None),
        ("yesterday", None, None, None),
    ],
)
def test_times_of_records_are_to_the_second_and_utc_only_with_an_offset(
    text: str, local: str | None, offset: int | None, utc: int | None
) -> None:
    moment = from_iso(text)
    assert (moment.written, moment.iso, moment.offset_minutes, moment.utc_ms) == (text, local, offset, utc)


def test_a_mail_that_says_it_does_not_know_its_offset_has_none() -> None:
    known, unknown = from_mail("Fri, 1 Jan 2021 00:00:00 +0000"), from_mail("Fri, 1 Jan 2021 00:00:00 -0000")
    assert known is not None
    assert unknown is not None
    assert (known.offset_minutes, known.utc_ms) == (0, NEW_YEAR)
    assert (unknown.iso, unknown.offset_minutes, unknown.utc_ms) == ("2021-01-01T00:00:00", None, None)


@pytest.mark.parametrize(("value", "per_second"), [(NEW_YEAR, 1000), (NEW_YEAR // 1000, 1), ("1609459200", 1)])
def test_numbers_count_from_1970(value: object, per_second: int) -> None:
    moment = since_1970(value, per_second)
    assert moment == Moment(str(value), instant_ms=NEW_YEAR)
    assert (moment.utc_ms, moment.range_ms()) == (NEW_YEAR, (NEW_YEAR, NEW_YEAR))


@given(
    st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()), st.text(), st.integers(), st.integers()
)
def test_nonsense_is_a_time_only_as_written(value: object, text: str, number: int, minutes: int) -> None:
    since_1970(value)
    from_mail(text)
    from_iso(text)
    assert on_a_clock("x", 2021, 13, 1) == Moment("x")
    moment = on_a_clock("x", number, 1, 1, offset_minutes=minutes)
    assert (moment.utc_ms is None) == (moment.offset_minutes is None)
