"""Records: who said or did what, when and to whom, in files that hold many sayings or rows.

Here: one record, its row, and gathering records with the segments of their text under the limits.
Not here: the formats (chats/, mail, rows, subtitles), text without a sender or a row (parsed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from iimm_pipelines.formats.parsed import SEGMENT_CODE_POINTS, Limits, Segment, clean, pieces
from iimm_pipelines.formats.times import Moment

_VALUE = 2000
"""Code points of one name or address that are kept: nobody's name is longer, and a hostile file's is."""
_VALUES = 1000


class RecordKind(StrEnum):
    """What sort of saying or row it is."""

    MESSAGE = "message"
    POST = "post"
    COMMENT = "comment"
    CALL = "call"
    MAIL = "mail"
    HEADER = "header"
    ROW = "row"
    CUE = "cue"


@dataclass(frozen=True, slots=True)
class Record:
    """One saying or row. Names, addresses and times stand as the file writes them."""

    kind: RecordKind
    sender: str | None = None
    account: str | None = None
    recipients: tuple[str, ...] = ()
    group: str | None = None
    time: Moment | None = None
    """To the second, as the index holds it, or an instant."""
    id: str | None = None
    reply_to: str | None = None
    thread: tuple[str, ...] = ()
    mih: str | None = None
    mih_in_brackets: str | None = None
    media: tuple[str, ...] = ()
    media_missing: bool = False
    shares: tuple[str, ...] = ()
    forwarded_from: str | None = None
    event: str | None = None
    duration_s: int | None = None
    edited: bool = False
    deleted: bool = False
    system: bool = False
    mended: bool = False
    columns: tuple[str, ...] = ()


def as_row(record: Record) -> Mapping[str, Any]:
    """The row of the table `records`; what is not known, or not so, is left out."""
    row: dict[str, Any] = {"kind": str(record.kind)}
    for name in _PLAIN:
        value = getattr(record, name)
        if isinstance(value, tuple):
            if value:
                row[name] = [clean(one)[:_VALUE] for one in value[:_VALUES]]
        elif value is True or (value is not None and value is not False and value != ""):
            row[name] = clean(value)[:_VALUE] if isinstance(value, str) else value
    if (time := record.time) is not None:
        known = {"time_written": clean(time.written), "time_local": time.iso, "offset_minutes": time.offset_minutes,
                 "utc_ms": time.utc_ms, "time_ambiguous": time.ambiguous or None}  # fmt: skip
        row |= {name: value for name, value in known.items() if value is not None}
    return row


_PLAIN = tuple(name for name in Record.__dataclass_fields__ if name not in ("kind", "time"))


class Full(Exception):
    """The file says more than the limits allow; what was gathered stays."""


class Gathering:
    """Records with the segments of their text, until a limit is reached."""

    def __init__(self, limits: Limits) -> None:
        """Begin with none."""
        self.records: list[Record] = []
        self.segments: list[Segment] = []
        self._left = limits.max_characters
        self._most = limits.max_records
        self._loose: list[str] = []
        self._loose_length = 0

    def add(self, record: Record, text: str = "", field: str = "text") -> None:
        """One record, and its text in as many segments as it takes.

        Raises:
            Full: a limit is reached; this record is not kept.
        """
        self.count(len(text))
        ordinal = len(self.records)
        self.records.append(record)
        self.segments.extend(Segment(piece, field, record=ordinal) for piece in pieces(clean(text)))

    def loose(self, text: str) -> None:
        """Words that belong to no record: they are gathered into segments of their own.

        Raises:
            Full: a limit is reached.
        """
        if not text.strip():
            return
        self.count(len(text))
        self._loose.append(text)
        self._loose_length += len(text)
        if self._loose_length > SEGMENT_CODE_POINTS // 2:
            self.end()

    def end(self) -> None:
        """Write down the loose words that wait."""
        self.segments.extend(Segment(piece) for piece in pieces(clean("\n".join(self._loose))))
        self._loose.clear()
        self._loose_length = 0

    def count(self, characters: int) -> None:
        """Note that one more record with so much text is to come.

        Raises:
            Full: a limit is reached.
        """
        self._left -= characters
        if self._left < 0 or len(self.records) >= self._most:
            raise Full
