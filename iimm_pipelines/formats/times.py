"""Times as files state them: what is written, what it means, and UTC only where the offset is known.

Here: the closed list of meanings, the forms of writing (ISO 8601, EXIF, PDF, mail), times among a reader's metadata.
Not here: where each format keeps its times (the readers), dates inside text (stages/entities), search (search/documents).

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
    """What a time is the time of: of an event, of a document, of a file, of a capture. Never one for another."""

    EVENT = "event"
    DOCUMENT = "document"
    FILE = "file"
    CAPTURE = "capture"


class Meaning(StrEnum):
    """What happened then, by the file's own word."""

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

    @property
    def of(self) -> TimeOf:
        """Which of the four it belongs to."""
        return _OF.get(self, TimeOf.DOCUMENT)


_OF = {
    **dict.fromkeys((Meaning.PICTURE_TAKEN, Meaning.GPS_FIX, Meaning.RECORDED, Meaning.MAIL_SENT, Meaning.MAIL_RECEIVED,
                     Meaning.MESSAGE_SENT, Meaning.TRACK_BEGUN, Meaning.TRACK_ENDED, Meaning.POINT_VISITED,
                     Meaning.STATED_BEGIN, Meaning.STATED_END), TimeOf.EVENT),
    Meaning.FILE_MODIFIED: TimeOf.FILE,
    Meaning.FILE_MODIFIED_IN_CONTAINER: TimeOf.FILE,
    Meaning.CAPTURED: TimeOf.CAPTURE,
}  # fmt: skip

_WRITTEN = 200
"""Code points kept of a time as written; no form needs as many."""
_ISO = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
)
_EXIF = re.compile(
    r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(Z|[+-]\d\d:?\d\d)?)?"
)
_PDF = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d)?'?(\d\d)?'?(?:\d\d'?)?")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
_ZULU = "Z"
_MOST_OFFSET = 15 * 60
"""Minutes; no zone was ever further from UTC."""
_EARLIEST_ZONE, _LATEST_ZONE = timedelta(hours=14), timedelta(hours=12)
"""A local time of an unknown zone came at most 14 hours before the same reading in UTC, or 12 after it."""


@dataclass(frozen=True, slots=True)
class Time:
    """A time as a file states it."""

    meaning: Meaning
    written: str
    """As it stands in the file."""
    iso: str
    """The same in ISO 8601, as precise as it was written, from year to fractions of a second; no offset."""
    offset_minutes: int | None
    """East of UTC; `None` where the file says none."""
    reader: str

    @property
    def utc_ms(self) -> int | None:
        """Milliseconds since 1970, UTC, of its begin; `None` where the offset is not known, or no time of day."""
        if self.offset_minutes is None or "T" not in self.iso:
            return None
        return _ms(_moment(self.iso) - timedelta(minutes=self.offset_minutes))

    def range_ms(self) -> tuple[int, int] | None:
        """First and last millisecond, UTC, that can be meant; `None` at the very edges of the calendar."""
        try:
            return range_ms(self.iso, self.offset_minutes)
        except OverflowError:
            return None


def stated(meaning: Meaning, written: str, reader: str, *, offset: str = "", offset_known: bool = True) -> Time | None:
    """A time in any of the forms that files use, or `None` where nobody could say what it means.

    Args:
        meaning: what it is the time of.
        written: the file's own words.
        reader: who read it.
        offset: written elsewhere in the file, as EXIF does.
        offset_known: false where the reader adds a `Z` that the file does not have.
    """
    text = written.replace("\0", "").strip()[:_WRITTEN]
    for form in (_EXIF, _ISO, _PDF):
        match = form.fullmatch(text)
        if match and (iso := _iso(match.groups()[:7])) is not None:
            found = "".join(g for g in match.groups()[7 if form is not _PDF else 6 :] if g) or offset.strip()
            return Time(meaning, text, iso, _minutes(found) if offset_known else None, reader)
    return None


def stated_in_mail(meaning: Meaning, written: str, reader: str) -> Time | None:
    """A time as mail writes it (RFC 5322, section 3.3). `-0000` says that the offset is not known."""
    text = " ".join(written.split())[:_WRITTEN]
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None
    offset = moment.utcoffset()
    minutes = None if offset is None else int(offset.total_seconds()) // 60
    if moment.year < 1 or (minutes is not None and abs(minutes) > _MOST_OFFSET):
        return None
    return Time(meaning, text, moment.replace(tzinfo=None).isoformat(timespec="seconds"), minutes, reader)


def from_utc(meaning: Meaning, written: str, moment: datetime, reader: str) -> Time:
    """A moment that the format itself defines as UTC."""
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return Time(meaning, written[:_WRITTEN], plain.isoformat(timespec="seconds"), 0, reader)


def range_ms(iso: str, offset_minutes: int | None) -> tuple[int, int]:
    """First and last millisecond, UTC, that a time of this precision can mean.

    Raises:
        OverflowError: beyond the calendar of 9,999 years.
    """
    begin = _moment(iso)
    length = _length(iso, begin)
    if offset_minutes is None:
        return _ms(begin - _EARLIEST_ZONE), _ms(begin + length + _LATEST_ZONE) - 1
    shift = timedelta(minutes=offset_minutes)
    return _ms(begin - shift), _ms(begin + length - shift) - 1


def _moment(iso: str) -> datetime:
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
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _iso(parts: Sequence[str | None]) -> str | None:
    """ISO 8601 of year, month, day, hour, minute, second, fraction; `None` where there is no such time."""
    year, month, day, hour, minute, second, fraction = [*parts, *[None] * (7 - len(parts))][:7]
    if fraction is not None and not fraction.isdigit():  # the sixth group of a PDF date is followed by its offset
        fraction = None
    try:
        datetime(int(year or 0), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0),
                 min(59, int(second or 0)), tzinfo=UTC)  # fmt: skip
    except ValueError:
        return None
    if second is not None and int(second) > 60:
        return None
    text = f"{int(year or 0):04}"
    for sign, value in (("-", month), ("-", day), ("T", hour)):
        if value is None:
            return text
        text += sign + value
    text += f":{minute or '00'}"
    if second is None:
        return text
    text += f":{min(59, int(second)):02}"
    return text + (f".{fraction[:6].ljust(3, '0')}" if fraction and fraction.strip("0") else "")


def _minutes(offset: str) -> int | None:
    if offset.startswith(_ZULU):
        return 0
    match = _OFFSET.fullmatch(offset.replace("'", ""))
    if not match:
        return None
    minutes = int(match[2]) * 60 + int(match[3] or 0)
    if minutes > _MOST_OFFSET or int(match[3] or 0) > 59:
        return None
    return -minutes if match[1] == "-" else minutes


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
