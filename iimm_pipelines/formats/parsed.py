"""What a reader gives back: metadata, segments of text and members; and how text is cut into segments.

Here: the contract between all readers and the stage that runs them, with no format knowledge.
Not here: rows, numbers and identities of items (stages, accessions), where members' bytes are written (scratch).
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.positions import Position
from iimm_pipelines.formats.times import Time

if TYPE_CHECKING:
    from iimm_pipelines.formats.records import Record

SEGMENT_CODE_POINTS = 2000
"""Length of the longest segment: short enough for a translation, a highlight and a hash to mean something."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BLANK_LINES = re.compile(r"(?:\r\n?|\n|\u2029)[^\S\r\n\u2029]*(?:\r\n?|\n|\u2029)\s*|\f\s*|\u2029\s*")
_SENTENCE_END = re.compile(r"[.!?။၊…。！？؟]['\"”’)\]»]*\s+|[။。！？]")
_VIRAMA = "\u1039"
_ASAT = "\u103a"
_VOWEL_E = "\u1031"  # stands before its consonant in Zawgyi and after it in Unicode: no cut on either side
_JOINERS = "\u200c\u200d"


class Relation(StrEnum):
    """How a member belongs to the file that holds it."""

    MEMBER = "member"
    ATTACHMENT = "attachment"
    EMBEDDED = "embedded"
    INLINE = "inline"


class FileKind(StrEnum):
    """What sort of thing a file is to a person who looks for it."""

    CONTAINER = "container"
    DOCUMENT = "document"
    MESSAGE = "message"
    PICTURE = "picture"
    SOUND = "sound"
    FILM = "film"
    DATA = "data"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may yield. Depth is the engine's: a reader opens one level only."""

    max_members: int = 1_000_000
    max_bytes: int = 20 << 30
    """Of all members together."""
    max_member_bytes: int = 8 << 30
    """Of one member: what the engine lets a worker write into one file."""
    max_ratio: int = 1000
    """Bytes of members over bytes of the file."""
    max_characters: int = 20_000_000
    """Code points of text: some 10,000 pages."""
    max_records: int = 250_000
    """Messages, rows, subtitles: with their segments some KB each, in the worker and again on the way out of it."""
    until: float = math.inf
    """When no further member is begun, by the monotonic clock: what was found then stays, before the worker is ended."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of raw text with its place. Pages, paragraphs and rows count from 1.

    Where a format leaves out empty rows, as spreadsheets do, `row` counts those that are written.
    """

    text: str
    field: str = "text"
    page: int | None = None
    paragraph: int | None = None
    sheet: str | None = None
    row: int | None = None
    record: int | None = None
    """Which of `Parsed.records` says it, from 0."""
    cells: tuple[int, ...] = ()
    """Of a row, two numbers a cell: its column, from 1, and where it begins. A line break parts it from the next."""
    start_ms: int | None = None
    end_ms: int | None = None
    reliable: bool | None = None
    """False where another reader reads something else, or the letters are junk."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file found inside another, under the raw name that it bears there."""

    path: bytes
    relation: Relation
    file: Path | None
    """Its bytes in the scratch folder; `None` where they could not be read."""
    size: int
    """Bytes; as the container claims where the bytes could not be read."""
    modified_ms: int | None = None
    """UTC milliseconds, only where the container says the offset."""
    modified_text: str | None = None
    """Local time as the container writes it, where it says no offset."""
    problem: Reason | None = None
    """Why there are no bytes; `NO_BYTES` where the container means to hold none itself, as for a page unchanged since."""
    url: str | None = None
    """Where it was captured from."""
    captured_ms: int | None = None
    """When it was captured, UTC milliseconds."""
    captured_text: str | None = None
    """The same as the container writes it, where that is no instant."""
    metadata: tuple[tuple[str, str], ...] = ()
    """What else the container says of it, as written."""
    name: str | None = None
    """Its name as text, where the bytes of `path` are not UTF-8 and their code page could be told (formats/names)."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that one reading of a file gave. `problem` says that something is missing; what was found stays."""

    kind: FileKind
    used: frozenset[str] = frozenset()
    metadata: tuple[tuple[str, str], ...] = ()
    segments: tuple[Segment, ...] = ()
    members: tuple[Member, ...] = ()
    expected_members: int | None = None
    """How many members the file itself claims to have, where it does."""
    problem: Reason | None = None
    times: tuple[Time, ...] = ()
    """As the format states them; those that stand among the metadata are taken from there (times.among)."""
    positions: tuple[Position, ...] = ()
    records: tuple[Record, ...] = ()


def worst(members: Sequence[Member]) -> Reason | None:
    """The problem that the container bears for those of its members: what a person can mend comes first."""
    problems = {member.problem for member in members} - {None}
    for reason in (Reason.ENCRYPTED, Reason.LIMIT_REACHED, Reason.TRUNCATED, Reason.DAMAGED, Reason.UNSUPPORTED):
        if reason in problems:
            return reason
    return None


def never_made(member: Member, kind: str, target: bytes | str | None = None) -> Member:
    """A link or device as its container names it: it is written down, with where it leads, and never made."""
    leads = target.decode("utf-8", errors="backslashreplace") if isinstance(target, bytes) else target
    said = (("is", kind), *((("leads to", clean(leads)),) if leads else ()))
    return replace(member, size=0, problem=Reason.NO_BYTES, metadata=(*member.metadata, *said))


def clean(text: str) -> str:
    """The text with each lone surrogate replaced by U+FFFD, so that it can be written as UTF-8."""
    return _LONE_SURROGATE.sub("\ufffd", text)


def segments_of(text: str, *, field: str = "text", page: int | None = None, sheet: str | None = None,
                row: int | None = None, numbered: bool = True) -> Iterator[Segment]:  # fmt: skip
    """Cut a text at blank lines into paragraphs, and paragraphs of more than 2,000 code points further.

    White space around a paragraph is left out; pieces of one paragraph share its number.
    """
    number = 0
    for paragraph in _BLANK_LINES.split(clean(text)):
        stripped = paragraph.strip()
        if not stripped:
            continue
        number += 1
        for piece in pieces(stripped):
            yield Segment(piece, field, page, number if numbered else None, sheet, row)


def pieces(text: str, longest: int = SEGMENT_CODE_POINTS) -> Iterator[str]:
    """Pieces of at most `longest` code points, cut at a line, a sentence, white space or a syllable, in this order.

    Nothing but white space at a cut is lost.
    """
    start = 0
    while len(text) - start > longest:
        end = _cut(text, start, longest)
        piece = text[start:end].strip()
        if piece:
            yield piece
        start = end
    rest = text[start:].strip()
    if rest:
        yield rest


def _cut(text: str, start: int, longest: int) -> int:
    # A cut in the first half would make twice as many pieces for a nicer border.
    earliest, latest = start + longest // 2, start + longest
    line = max(text.rfind("\n", earliest, latest), text.rfind("\r", earliest, latest))
    if line > 0:
        return line + 1
    sentence = 0
    for match in _SENTENCE_END.finditer(text, earliest, latest):
        sentence = match.end()
    if sentence > earliest:
        return sentence
    for at in range(latest, earliest, -1):
        if text[at - 1].isspace():
            return at
    for at in range(latest, earliest, -1):
        if _between_clusters(text, at):
            return at
    return latest


def _between_clusters(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if after in _JOINERS or before in _JOINERS or unicodedata.category(after).startswith("M"):
        return False
    if before in (_VIRAMA, _VOWEL_E):
        return False
    # A consonant killed by asat, or stacked upon by virama, closes the syllable before it.
    return text[at + 1 : at + 2] not in (_ASAT, _VIRAMA)
