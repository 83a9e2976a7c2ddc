"""Times as files write them: the words, the clock's reading, the offset or none, and UTC only where the offset is known.

Here: one moment, each way to read one (ISO 8601, EXIF, PDF, mail, seconds since 1970, numbers that a reader has put in
order), what a file's own times mean, and those among a reader's metadata.
Not here: where each format keeps its times (the readers), whether 3/4 is March or April (formats/chats/whatsapp decides
from the whole file), dates inside text (stages/entities), search (search/when_and_where).

No offset is ever assumed. A camera's clock without a zone is a local time of nobody knows where: it stays that, and a
search for it allows for every zone that there is.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class TimeOf(StrEnum):
    """What a time is the time of. Never one for another."""

    EVENT = "event"
    DOCUMENT = "document"
    FILE = "file"
    CAPTURE = "capture"
    RECEIPT = "receipt"


class Meaning(StrEnum):
    """What happened then, by the file's own word; of a capture and of receipt by the container's or the register's."""

    PICTURE_TAKEN = "picture taken"
    GPS_FIX = "GPS fix"
    RECORDED = "recorded"
    MAIL_SENT = "mail sent"
    MAIL_RECEIVED = "mail received"
    MESSAGE_SENT = "message sent"
    TRACK_BEGUN = "track begun"
    TRACK_ENDED = "track ended"
    POINT_VISITED = "point visited"
    STATED_BEGIN = "stated begin"
    STATED_END = "stated end"
    CREATED = "created"
    MODIFIED = "modified"
    PRINTED = "printed"
    DIGITISED = "digitised"
    METADATA_CHANGED = "metadata changed"
    NOTE_WRITTEN = "note written"
    SIGNED = "signed"
    FILE_MODIFIED = "file modified"
    FILE_MODIFIED_IN_CONTAINER = "file modified in container"
    CAPTURED = "captured"
    RECEIVED = "received"

    @property
    def of(self) -> TimeOf:
        """Which sort it belongs to."""
        return _OF.get(self, TimeOf.DOCUMENT)


_OF = {
    **dict.fromkeys((Meaning.PICTURE_TAKEN, Meaning.GPS_FIX, Meaning.RECORDED, Meaning.MAIL_SENT, Meaning.MAIL_RECEIVED,
                     Meaning.MESSAGE_SENT, Meaning.TRACK_BEGUN, Meaning.TRACK_ENDED, Meaning.POINT_VISITED,
                     Meaning.STATED_BEGIN, Meaning.STATED_END), TimeOf.EVENT),
    Meaning.FILE_MODIFIED: TimeOf.FILE,
    Meaning.FILE_MODIFIED_IN_CONTAINER: TimeOf.FILE,
    Meaning.CAPTURED: TimeOf.CAPTURE,
    Meaning.RECEIVED: TimeOf.RECEIPT,
}  # fmt: skip

_WRITTEN = 200
"""Code points kept of a time as written; no form needs as many."""
_ISO = re.compile(
    r"(?P<year>\d{4})(?:-?(?P<month>\d\d)(?:-?(?P<day>\d\d)(?:[T ]+(?P<hour>\d\d):?(?P<minute>\d\d)"
    r"(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?\s*(?P<offset>Z|UTC|[+-]\d\d(?::?\d\d)?)?)?)?)?",
    re.ASCII,
)
_EXIF = re.compile(
    r"(?P<year>\d{4})[:\-/](?P<month>\d\d)[:\-/](?P<day>\d\d)(?:[ T](?P<hour>\d\d):(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?\s*(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII,
)
_PDF = re.compile(
    r"(?:D:)?(?P<year>\d{4})(?P<month>\d\d)?(?P<day>\d\d)?(?P<hour>\d\d)?(?P<minute>\d\d)?(?P<second>\d\d)?"
    r"(?P<offset>(?:Z|[+-]\d\d)?'?(?:\d\d)?)'?(?:\d\d'?)?",
    re.ASCII,
)
"""ISO 32000-1, 7.9.4, and what programs make of it."""
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)
_MOST_OFFSET = 15 * 60
"""Minutes; no zone was ever further from UTC."""
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""A local time of an unknown zone came at most 14 hours before the same reading in UTC, or 12 after it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 253_402_300_799
"""End of the year 9999."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a file writes it. Each part beyond `written` stands only where the file lets it be known."""

    written: str
    iso: str | None = None
    """On the writer's clock: ISO 8601, as precise as it was written, from year to fractions of a second; no offset."""
    offset_minutes: int | None = None
    """East of UTC."""
    instant_ms: int | None = None
    """Where the file counts from 1970 instead of reading a clock, or does both: UTC milliseconds."""
    ambiguous: bool = False

    @property
    def utc_ms(self) -> int | None:
        """Milliseconds since 1970, UTC, of its begin; `None` where the offset is not known, or no time of day."""
        if self.instant_ms is not None or self.offset_minutes is None or self.iso is None or "T" not in self.iso:
            return self.instant_ms
        return _ms(_begin(self.iso)) - self.offset_minutes * 60_000

    def range_ms(self) -> tuple[int, int] | None:
        """First and last millisecond, UTC, that can be meant; `None` where nothing is known that the calendar has."""
        if self.iso is None:
            return None if self.instant_ms is None else (self.instant_ms, self.instant_ms)
        try:
            return range_ms(self.iso, self.offset_minutes)
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Time:
    """A time that a file states of itself: what happened then, and who read it. Its `iso` is known."""

    meaning: Meaning
    at: Moment
    reader: str


def read(written: str, *, offset: str = "", offset_known: bool = True) -> Moment | None:
    """A time in any of the forms that files use, as precise as it is written; `None` where nobody could say what it means.

    Args:
        written: the file's own words.
        offset: written elsewhere in the file, as EXIF does.
        offset_known: false where the reader adds a `Z` that the file does not have.
    """
    text = written.replace("\0", "").strip()[:_WRITTEN]
    for form in (_EXIF, _ISO, _PDF):
        match = form.fullmatch(text)
        if match and (iso := _iso(_numbers(match), match.groupdict().get("fraction") or "")) is not None:
            return Moment(text, iso, offset_of(match["offset"] or offset.strip()) if offset_known else None)
    return None


def on_a_clock(written: str, year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0,
               offset_minutes: int | None = None, ambiguous: bool = False) -> Moment:  # fmt: skip
    """A time to the second, from numbers in their order. One that no calendar has is only `written`."""
    written = written[:_WRITTEN]
    iso = _iso((year, month, day, hour, minute, second))
    if iso is None:
        return Moment(written)
    return Moment(written, iso, _possible(offset_minutes), ambiguous=ambiguous)


def since_1970(value: object, per_second: int = 1) -> Moment | None:
    """An instant as a number, or digits, of seconds since 1970 (`per_second` 1,000: of milliseconds)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value)[:_WRITTEN]
    each = 1000 // per_second
    try:
        milliseconds = int(float(value) * each) if isinstance(value, float) else int(value) * each
    except (ValueError, OverflowError):
        return Moment(written) if written else None
    return Moment(written, instant_ms=milliseconds) if 0 < milliseconds <= _LAST_SECOND * 1000 else Moment(written)


def from_iso(text: str) -> Moment:
    """A time to the second in ISO 8601, whatever follows it; a day alone is its midnight."""
    found = _ISO.match(text.strip())
    if not found or not found["day"] or found.string[found.end() :][:1].isdigit():
        return Moment(text[:_WRITTEN])
    year, month, day, hour, minute, second = (number or 0 for number in _numbers(found))
    return on_a_clock(text, year, month, day, hour, minute, second, offset_of(found["offset"]))


def from_mail(text: str) -> Moment | None:
    """The date of a mail (RFC 5322, section 3.3), or of a post that is dated like one; -0000 says that no offset is known."""
    if not text:
        return None
    try:
        sent = email.utils.parsedate_to_datetime(text)  # takes -0000 for no offset
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return Moment(text[:_WRITTEN])
    away = sent.utcoffset()
    return on_a_clock(text, sent.year, sent.month, sent.day, sent.hour, sent.minute, sent.second,
                      None if away is None else away // timedelta(minutes=1))  # fmt: skip


def offset_of(text: str | None) -> int | None:
    """Minutes east of UTC for `Z`, `UTC`, `+0630`, `+06:30`, `+06'30'`; `None` for anything else."""
    if not text:
        return None
    if text == "UTC" or text.startswith("Z"):  # PDF writes Z00'00'
        return 0
    match = _OFFSET.fullmatch(text.replace("'", ""))
    if not match or int(match[3] or 0) > 59:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    return _possible(-minutes if match[1] == "-" else minutes)


def stated(meaning: Meaning, written: str, reader: str, *, offset: str = "", offset_known: bool = True) -> Time | None:
    """What a file states in one of the forms of `read`."""
    at = read(written, offset=offset, offset_known=offset_known)
    return None if at is None else Time(meaning, at, reader)


def stated_in_mail(meaning: Meaning, written: str, reader: str) -> Time | None:
    """What a header of a mail states."""
    at = from_mail(" ".join(written.split()))
    return None if at is None or at.iso is None else Time(meaning, at, reader)


def range_ms(iso: str, offset_minutes: int | None) -> tuple[int, int]:
    """First and last millisecond, UTC, that a time of this precision can mean.

    Raises:
        OverflowError: beyond the calendar of 9,999 years.
    """
    begin = _begin(iso)
    length = _length(iso, begin)
    if offset_minutes is None:
        return _ms(begin - _EARLIEST_ZONE), _ms(begin + length + _LATEST_ZONE) - 1
    shift = timedelta(minutes=offset_minutes)
    return _ms(begin - shift), _ms(begin + length - shift) - 1


def _possible(offset_minutes: int | None) -> int | None:
    return offset_minutes if offset_minutes is not None and abs(offset_minutes) <= _MOST_OFFSET else None


def _numbers(match: re.Match[str]) -> list[int | None]:
    """Year to second."""
    return [None if match[n] is None else int(match[n]) for n in ("year", "month", "day", "hour", "minute", "second")]


def _iso(numbers: Sequence[int | None], fraction: str = "") -> str | None:
    """ISO 8601 of year to second, as far as they go; `None` where there is no such time.

    A leap second counts as the one before it.
    """
    year, month, day, hour, minute, second = numbers
    second = 59 if second == 60 else second
    try:
        datetime(year or 0, 1 if month is None else month, 1 if day is None else day, hour or 0, minute or 0, second or 0,
                 tzinfo=UTC)  # fmt: skip
    except (ValueError, OverflowError):
        return None
    text = f"{year or 0:04}"
    for sign, value in (("-", month), ("-", day), ("T", hour)):
        if value is None:
            return text
        text += f"{sign}{value:02}"
    text += f":{minute or 0:02}"
    if second is None:
        return text
    return f"{text}:{second:02}" + (f".{fraction[:6].ljust(3, '0')}" if fraction.strip("0") else "")


def _begin(iso: str) -> datetime:
    padded = iso + "0000-01-01T00:00:00"[len(iso) :] if len(iso) < 19 else iso
    return datetime.fromisoformat(padded[:26]).replace(tzinfo=UTC)


def _length(iso: str, begin: datetime) -> timedelta:
    match len(iso):
        case 4:
            return begin.replace(month=12, day=31) - begin + timedelta(days=1)
        case 7:
            return (begin.replace(day=28) + timedelta(days=4)).replace(day=1) - begin
        case 10:
            return timedelta(days=1)
        case 16:
            return timedelta(minutes=1)
        case 19:
            return timedelta(seconds=1)
    return timedelta(milliseconds=1)


def _ms(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


_Form = Callable[[Meaning, str, str], Time | None]
_RTF = "application/rtf"
_NOTHING = frozenset({"1601-01-01T00:00:00Z"})
"""How Office says that there is none, as Tika hands it on."""
_AMONG_METADATA: dict[str, tuple[Meaning, _Form]] = {
    "dcterms:created": (Meaning.CREATED, stated), "dcterms:modified": (Meaning.MODIFIED, stated),
    "meta:print-date": (Meaning.PRINTED, stated),
    "mapi:client-submit-time": (Meaning.MAIL_SENT, stated), "mapi:message-delivery-time": (Meaning.MAIL_RECEIVED, stated),
    "pdf:CreationDate": (Meaning.CREATED, stated), "pdf:ModDate": (Meaning.MODIFIED, stated),
    "header:date": (Meaning.MAIL_SENT, stated_in_mail),
}  # fmt: skip


def among(metadata: Iterable[tuple[str, str]], media_type: str, reader: str) -> Iterator[Time]:
    """The times among what a reader gave as metadata: of office documents, of PDF, of mail."""
    topmost = True
    for name, value in metadata:
        if name.lower() == "header:received" and topmost:  # each server adds its own above those of earlier ones
            topmost = False
            if found := stated_in_mail(Meaning.MAIL_RECEIVED, value.rpartition(";")[2], reader):
                yield found
            continue
        known = _AMONG_METADATA.get(name) or _AMONG_METADATA.get(name.lower())
        if known is None or value in _NOTHING:
            continue
        meaning, form = known
        if form is stated and media_type == _RTF:  # RTF has no offsets: Tika's is its own
            found = stated(meaning, value, reader, offset_known=False)
        else:
            found = form(meaning, value, reader)
        if found:
            yield found
