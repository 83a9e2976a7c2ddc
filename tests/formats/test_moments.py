"""Times as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.formats.moments import Moment, from_iso, from_mail, on_a_clock, since_1970

NEW_YEAR = 1_609_459_200_000


@pytest.mark.parametrize(
    ("text", "local", "offset", "utc"),
    [
        ("2021-01-01T06:30:00+06:30", "2021-01-01T06:30:00", 390, NEW_YEAR),
        ("2021-01-01T00:00:00.123Z", "2021-01-01T00:00:00", 0, NEW_YEAR),
        ("2021-01-01 06:30", "2021-01-01T06:30:00", None, None),
        ("2021-13-01", None, None, None),
        ("yesterday", None, None, None),
    ],
)
def test_iso_times_are_utc_only_with_an_offset(
    text: str, local: str | None, offset: int | None, utc: int | None
) -> None:
    assert from_iso(text) == Moment(text, local, offset, utc)


def test_a_mail_that_says_it_does_not_know_its_offset_has_none() -> None:
    known, unknown = from_mail("Fri, 1 Jan 2021 00:00:00 +0000"), from_mail("Fri, 1 Jan 2021 00:00:00 -0000")
    assert known is not None
    assert unknown is not None
    assert (known.offset_minutes, known.utc_ms) == (0, NEW_YEAR)
    assert (unknown.local, unknown.offset_minutes, unknown.utc_ms) == ("2021-01-01T00:00:00", None, None)


@pytest.mark.parametrize(("value", "per_second"), [(NEW_YEAR, 1000), (NEW_YEAR // 1000, 1), ("1609459200", 1)])
def test_numbers_count_from_1970(value: object, per_second: int) -> None:
    moment = since_1970(value, per_second)
    assert moment == Moment(str(value), utc_ms=NEW_YEAR)


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
