"""Times as files write them: the words, the local time, the offset or none, and UTC where the offset is known.

Here: one moment and the ways to make it from numbers and words that carry their own order.
Not here: whether 3/4 is March or April (formats/chats/whatsapp decides from the whole file), times of files and members.
"""

from __future__ import annotations

import email.utils
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799
"""End of the year 9999."""
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|UTC|[+\-]\d\d:?\d\d)?)?", re.ASCII
)
_WRITTEN = 200


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a file says it. Each part beyond `written` stands only where the file lets it be known."""

    written: str
    local: str | None = None
    """On the writer's clock, ISO 8601 to the second, without offset."""
    offset_minutes: int | None = None
    """East of UTC."""
    utc_ms: int | None = None
    ambiguous: bool = False


def on_a_clock(written: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
               offset_minutes: int | None = None, ambiguous: bool = False) -> Moment:  # fmt: skip
    """A local time, with its offset where that is known. A time that no calendar has is only `written`."""
    written = written[:_WRITTEN]
    try:
        local = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - the offset is not known, or apart
    except (ValueError, OverflowError):
        return Moment(written)
    utc = None
    if offset_minutes is not None and abs(offset_minutes) < 24 * 60:
        utc = ((local.replace(tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1)) - offset_minutes * 60_000
    else:
        offset_minutes = None
    return Moment(written, local.isoformat(), offset_minutes, utc, ambiguous)


def since_1970(value: object, per_second: int = 1) -> Moment | None:
    """An instant as a number, or digits, of seconds since 1970 (`per_second` 1,000: of milliseconds)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value)[:_WRITTEN]
    try:
        milliseconds = int(float(value) * (1000 // per_second)) if isinstance(value, float) else (
            int(value) * (1000 // per_second)
        )  # fmt: skip
    except (ValueError, OverflowError):
        return Moment(written) if written else None
    return Moment(written, utc_ms=milliseconds) if 0 < milliseconds <= _LAST_SECOND * 1000 else Moment(written)


def from_iso(text: str) -> Moment:
    """A time in ISO 8601, with or without an offset."""
    found = _ISO.match(text.strip())
    if not found:
        return Moment(text[:_WRITTEN])
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return on_a_clock(text, year, month, day, hour, minute, second, offset_of(found[7]))


def offset_of(text: str | None) -> int | None:
    """Minutes east of UTC for `Z`, `UTC`, `+0630`, `+06:30`; `None` for anything else."""
    if not text:
        return None
    if text in ("Z", "UTC"):
        return 0
    found = re.fullmatch(r"([+\-])(\d\d):?(\d\d)", text, re.ASCII)
    if not found:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def from_mail(text: str) -> Moment | None:
    """The date of a mail, or of a post that is dated like one. The offset -0000 says that the offset is not known."""
    if not text:
        return None
    try:
        sent = email.utils.parsedate_to_datetime(text)  # takes -0000 for no offset
    except (ValueError, TypeError, IndexError, OverflowError):
        return Moment(text[:_WRITTEN])
    offset = None if sent.tzinfo is None else (sent.utcoffset() or timedelta()) // timedelta(minutes=1)
    return on_a_clock(text, sent.year, sent.month, sent.day, sent.hour, sent.minute, sent.second, offset)
