"""Mail: headers as written and as meant, both bodies, attachments byte for byte; mailboxes of many messages.

Here: messages and mboxes by the standard library with its `compat32` policy, which reads whatever was sent; the record
of a message, also of those that Tika reads.
Not here: Outlook files (tika), what an attachment is (it becomes an item of its own).
"""

from __future__ import annotations

import contextlib
import email.errors
import email.header
import email.utils
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC
from email.feedparser import BytesFeedParser
from email.message import Message
from email.policy import compat32
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.html import page, page_segments
from iimm_pipelines.formats.parsed import (
    FileKind,
    Limits,
    Member,
    Parsed,
    Relation,
    Segment,
    clean,
    pieces,
    segments_of,
)
from iimm_pipelines.formats.records import Record, RecordKind
from iimm_pipelines.formats.scratch import LimitReached, Scratch
from iimm_pipelines.formats.text import codec_named, decode
from iimm_pipelines.formats.times import from_iso, from_mail

MBOX_LINE = re.compile(rb"From [^\n]*\d\d:\d\d[^\n]*\n")
"""A line that begins a message in a mailbox: it carries a time. A sentence that begins with From rarely does."""

_BLOCK = 1 << 20
_LINES = 1000
_MEANT = ("Subject", "From", "Sender", "Reply-To", "To", "Cc", "Bcc", "Date", "Message-ID", "In-Reply-To", "References")
_BODY_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/rfc822-headers"})
_EXTENSIONS = {"message/rfc822": b".eml", "text/calendar": b".ics", "text/vcard": b".vcf", "application/pdf": b".pdf"}
_BROKEN_HEADERS = (
    email.errors.MissingHeaderBodySeparatorDefect,
    email.errors.FirstHeaderLineIsContinuationDefect,
    email.errors.MisplacedEnvelopeHeaderDefect,
)
_ID = re.compile(r"<\s*([^<>]{1,998}?)\s*>")
_LONGEST_HEADER = 100_000
_NOTHING_SAID = Record(RecordKind.MAIL)
_MAIL_CLASSES = ("IPM.NOTE", "REPORT.")
_RAW = "Message:Raw-Header:"
_TO = ("Message-To", "Message-Cc", "Message-Bcc", "Message:To-Email", "Message:CC-Email", "Message:BCC-Email",
       "Message:To-Display-Name", "Message:CC-Display-Name", "Message:BCC-Display-Name")  # fmt: skip
"""Tika's names for the recipients of a message."""
_MALFORMED = (LookupError, ValueError, TypeError, AttributeError, email.errors.MessageError)
"""What the standard library raises from single headers and parameters that break the rules."""


class _Part(Message):
    """A message or part whose attached messages stay bytes: parsing them would lose how they were written."""

    def get_content_type(self) -> str:
        declared = self.declared_type()
        return "application/x-message" if declared.startswith("message/") else declared

    def get_content_maintype(self) -> str:
        return self.get_content_type().split("/", 1)[0]

    def declared_type(self) -> str:
        """The media type that the part itself claims."""
        try:
            return super().get_content_type()
        except _MALFORMED:
            return "application/octet-stream"


def read(path: Path, scratch: Path, limits: Limits) -> Parsed:
    """Read one message."""
    size = path.stat().st_size
    if size > limits.max_bytes:
        return Parsed(FileKind.MESSAGE, frozenset({"mail"}), problem=Reason.LIMIT_REACHED)
    with path.open("rb") as file:
        try:
            parser = BytesFeedParser(_Part, policy=compat32)
            # `BytesParser` would change line ends, and with them attached files.
            for block in iter(lambda: file.read(_BLOCK), b""):
                parser.feed(block)
            message = parser.close()
            assert isinstance(message, _Part)
            return _parsed(message, Scratch(scratch, limits, size), limits)
        except RecursionError:  # some thousand multiparts, each inside the other
            return Parsed(FileKind.MESSAGE, frozenset({"mail"}), problem=Reason.LIMIT_REACHED)


def read_mbox(path: Path, scratch: Path, limits: Limits) -> Parsed:
    """Read a mailbox: each message becomes a member, its bytes without the line that separates it."""
    folder = Scratch(scratch, limits, path.stat().st_size)
    members: list[Member] = []
    problem = None
    seen = _Seen()
    with path.open("rb") as file:
        lines = iter(lambda: file.readline(_BLOCK), b"")
        more = _skip_to_first(lines, seen)
        while more:
            seen.another = False
            try:
                written = folder.add(_message_blocks(lines, seen))
            except LimitReached:
                problem = Reason.LIMIT_REACHED
                break
            more = seen.another
            name = b"%06d.eml" % (len(members) + 1)
            members.append(Member(name, Relation.MEMBER, written.path, written.size))
    said = (("bytes before the first message", seen.before), ("quoted From lines", seen.quoted))
    return Parsed(FileKind.CONTAINER, frozenset({"mail"}), tuple((name, str(n)) for name, n in said if n), (),
                  tuple(members), len(members) + seen.doubtful, problem)  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """What stood in a mailbox: `doubtful` lines separate messages but for the blank line that they lack before them."""

    another: bool = False
    before: int = 0
    quoted: int = 0
    doubtful: int = 0


def _skip_to_first(lines: Iterable[bytes], seen: _Seen) -> bool:
    for line in lines:
        if MBOX_LINE.match(line):
            return True
        seen.before += len(line)
    return False


def _message_blocks(lines: Iterable[bytes], seen: _Seen) -> Iterator[bytes]:
    held: list[bytes] = []
    blank = b""
    for line in lines:
        separates = line.startswith(b"From ") and MBOX_LINE.match(line)
        if blank:
            if separates:
                seen.another = True
                break
            held.append(blank)
            blank = b""
        if separates:
            seen.doubtful += 1
        elif line.startswith(b">") and line.lstrip(b">").startswith(b"From "):
            seen.quoted += 1
        if line in (b"\n", b"\r\n"):
            blank = line  # belongs to the separator if one follows
        else:
            held.append(line)
        if len(held) >= _LINES:
            yield b"".join(held)
            held.clear()
    else:
        held.append(blank)
    yield b"".join(held)


def _parsed(message: _Part, scratch: Scratch, limits: Limits) -> Parsed:
    metadata = [*_raw_headers(message), *_meant_headers(message)]
    segments = [Segment(piece, "subject") for piece in pieces(_header_text(message, "Subject").strip())]
    used = {"mail"}
    members: list[Member] = []
    problem = None
    left = limits.max_characters
    parts = [part for part in message.walk() if isinstance(part, _Part) and not part.is_multipart()]
    referenced = _referenced_ids(parts)
    defects = {type(defect).__name__ for part in message.walk() for defect in part.defects}
    metadata.extend(("defect", name) for name in sorted(defects))
    if any(isinstance(defect, _BROKEN_HEADERS) for defect in message.defects):
        metadata.append(("headers incomplete", "true"))
    for part in parts:
        data = _bytes(part)
        if _is_body(part):
            if left <= 0:
                problem = Reason.LIMIT_REACHED
                continue
            found, html = _body(part, data, limits)
            used |= {"html"} if html else set()
            left -= sum(len(segment.text) for segment in found)
            segments.extend(found)
            continue
        if part is message and not data:
            continue
        try:
            written = scratch.add([data])
        except LimitReached:
            problem = Reason.LIMIT_REACHED
            members.append(_member(part, len(members), referenced, None, len(data), Reason.LIMIT_REACHED))
        else:
            members.append(_member(part, len(members), referenced, written.path, written.size, None))
    if not message.keys() and not members:
        problem = problem or Reason.DAMAGED
    record = _record(message)
    kind = _header_text(message, "X-Outlook-Class").upper()
    if record == _NOTHING_SAID and kind and not kind.startswith(_MAIL_CLASSES):  # a contact or a note out of a mailbox
        return Parsed(FileKind.MESSAGE, frozenset(used), tuple(metadata), tuple(segments), tuple(members),
                      problem=problem)  # fmt: skip
    found = tuple(replace(segment, record=0) for segment in segments)
    return Parsed(FileKind.MESSAGE, frozenset(used), tuple(metadata), found, tuple(members), problem=problem,
                  records=(record,))  # fmt: skip


def mih(message_id: str, *, in_brackets: bool = False) -> str | None:
    """EDRM's message identification hash (version 1.0 of 11 January 2023), lower-case hexadecimal.

    Certain is that it is the MD5 of the first Message-ID and of nothing else. Its specification was not at hand, and
    descriptions leave open whether the angle brackets are hashed: RFC 5322, 3.6.4 says that they are no part of the
    identifier, while a script that a member of EDRM's group published for Nuix hashes all up to the closing one, and
    writes it in upper case. So a record has both, and whoever compares with another holding tries both. Unsure is also
    the encoding: an identifier is ASCII by the standard, and what is not is hashed as UTF-8 here.

    It finds the same message in holdings of others; it proves nothing, since anybody can write any Message-ID.
    """
    bare = _bare_id(message_id)
    if not bare:
        return None
    return hashlib.md5((f"<{bare}>" if in_brackets else bare).encode("utf-8"), usedforsecurity=False).hexdigest()


def _bare_id(message_id: str) -> str:
    return next(iter(_bare_ids(message_id)), message_id.strip())


def _bare_ids(text: str) -> tuple[str, ...]:
    """Identifiers without brackets, and without the white space of a line that was folded inside one."""
    return tuple("".join(found.split()) for found in _ID.findall(text))


def _record(message: _Part) -> Record:
    senders = _people(message, "From") or _people(message, "Sender")
    name, address = senders[0] if senders else ("", "")
    references = _header_text(message, "References")
    replies = _header_text(message, "In-Reply-To")
    identity = _header_text(message, "Message-ID")
    to = (person for header in ("To", "Cc", "Bcc") for person in _people(message, header))
    return Record(
        RecordKind.MAIL,
        name or address or None,
        address or None,
        tuple(dict.fromkeys(f"{name} <{address}>" if name and address else name or address for name, address in to)),
        time=from_mail(_header_text(message, "Date")),
        id=_bare_id(identity) or None,
        reply_to=_bare_id(replies) or None,
        thread=_bare_ids(references),
        mih=mih(identity),
        mih_in_brackets=mih(identity, in_brackets=True),
    )


def _people(message: _Part, header: str) -> list[tuple[str, str]]:
    """Names and addresses of all headers of this name. Addresses are taken apart first: a name may encode a comma."""
    found = []
    for key, value in message.raw_items():
        if key.lower() != header.lower():
            continue
        unfolded = re.sub(r"[\r\n]+(?=[ \t])", "", _octets_text(str(value)))
        try:
            people = email.utils.getaddresses([unfolded[:_LONGEST_HEADER]])
        except _MALFORMED:
            people = []
        # strict reading gives up on the whole list for one wrong address: then it stays as it stands
        named = [(_decoded(name).strip(), address) for name, address in people if name or address]
        found.extend(named or ([(_decoded(unfolded[:_LONGEST_HEADER]).strip(), "")] if unfolded.strip() else []))
    return found


def with_record(found: Parsed) -> Parsed:
    """A message that Tika read, with its record made from what Tika calls its properties."""
    said: dict[str, list[str]] = {}
    for name, value in found.metadata:
        if value.strip():
            said.setdefault(name, []).append(value.strip())

    def first(*names: str) -> str:
        return next((said[name][0] for name in names if name in said), "")

    headers = {name.removeprefix(_RAW).lower(): values[0] for name, values in said.items() if name.startswith(_RAW)}
    to = [person for name in _TO for person in said.get(name, ())]
    date = headers.get("date", "")
    sent = first("dcterms:created", "Message:Sent-Time", "mapi:client-submit-time")
    identity = headers.get("message-id", "") or first("mapi:internet-message-id")
    record = Record(
        RecordKind.MAIL,
        first("Message:From-Name", "Message-From", "dc:creator") or None,
        first("Message:From-Email") or None,
        tuple(dict.fromkeys(to)),
        time=from_mail(date) if date else (from_iso(sent) if sent else None),
        id=_bare_id(identity) or None,
        reply_to=_bare_id(headers.get("in-reply-to", "")) or None,
        thread=_bare_ids(headers.get("references", "")),
        mih=mih(identity),
        mih_in_brackets=mih(identity, in_brackets=True),
    )
    return replace(found, segments=tuple(replace(s, record=0) for s in found.segments), records=(record,))


def _raw_headers(message: _Part) -> Iterator[tuple[str, str]]:
    for name, value in message.raw_items():
        yield f"header:{clean(name)}", _octets_text(str(value))


def _meant_headers(message: _Part) -> Iterator[tuple[str, str]]:
    for name in _MEANT:
        text = _header_text(message, name)
        if text:
            yield name.lower(), text
    try:
        sent = email.utils.parsedate_to_datetime(_header_text(message, "Date"))
    except _MALFORMED + (OverflowError,):
        return
    # "-0000" says that the offset is not known: such a date has none.
    if sent.tzinfo is not None and 1 < sent.year < 9999:
        yield "date utc", sent.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _octets_text(value: str) -> str:
    """A header's characters, where the parser hid bytes beyond ASCII in surrogates."""
    return decode(_octets(value)).text


def _octets(value: str) -> bytes:
    try:
        return value.encode("utf-8", errors="surrogateescape")
    except UnicodeEncodeError:
        return clean(value).encode("utf-8")


def _header_text(message: _Part, name: str) -> str:
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    unfolded = re.sub(r"[\r\n]+(?=[ \t])", "", raw).strip()
    return _decoded(unfolded).strip()


def _decoded(text: str) -> str:
    """A header's words, with those that are encoded in the character set that they name."""
    try:
        words = email.header.decode_header(text)
    except _MALFORMED:
        return _octets_text(text)
    return clean("".join(_word_text(word, charset) for word, charset in words))


def _word_text(word: str | bytes, charset: str | None) -> str:
    if isinstance(word, str):
        return _octets_text(word)
    if charset is None:
        try:
            return _octets_text(word.decode("raw_unicode_escape"))  # how the library wrote the words between
        except UnicodeDecodeError:  # a backslash of the header's own
            return _octets_text(word.decode("latin-1"))
    return decode(word, charset).text


def _bytes(part: _Part) -> bytes:
    try:
        data = part.get_payload(decode=True)
    except _MALFORMED:
        data = None
    if isinstance(data, bytes):
        return data
    payload = part.get_payload()
    return _octets(payload) if isinstance(payload, str) else b""


def _is_body(part: _Part) -> bool:
    return part.declared_type() in _BODY_TYPES and _disposition(part) != "attachment" and not _file_name(part)


def _body(part: _Part, data: bytes, limits: Limits) -> tuple[Iterable[Segment], bool]:
    charset = _parameter(part, "charset")
    if part.declared_type() == "text/html":
        return page_segments(page(data, codec_named(charset) if charset else None), limits, "body"), True
    return tuple(segments_of(decode(data, charset).text[: limits.max_characters], field="body")), False


def _member(part: _Part, place: int, referenced: frozenset[str], file: Path | None, size: int,
            problem: Reason | None) -> Member:  # fmt: skip
    content_id = str(part.get("Content-ID", "")).strip().strip("<>")
    picture = part.declared_type().startswith("image/") and _disposition(part) == "inline"
    inline = picture or (bool(content_id) and content_id in referenced)
    name = _file_name(part) or b"part-%03d%s" % (place + 1, _EXTENSIONS.get(part.declared_type(), b""))
    return Member(name, Relation.INLINE if inline else Relation.ATTACHMENT, file, size, problem=problem)


def _referenced_ids(parts: Iterable[_Part]) -> frozenset[str]:
    found: set[str] = set()
    for part in parts:
        if part.declared_type() == "text/html":
            found.update(match[1].decode("latin-1") for match in re.finditer(rb"cid:([^\"'\s>)]+)", _bytes(part)))
    return frozenset(found)


def _disposition(part: _Part) -> str:
    return str(part.get("Content-Disposition", "")).split(";", 1)[0].strip().lower()


def _file_name(part: _Part) -> bytes:
    try:
        name = part.get_filename()
    except _MALFORMED:
        return b""
    if not name:
        return b""
    if "=?" in name:
        with contextlib.suppress(*_MALFORMED):
            name = "".join(_word_text(word, charset) for word, charset in email.header.decode_header(name))
    return _octets(name)


def _parameter(part: _Part, name: str) -> str | None:
    try:
        value = part.get_param(name)
    except _MALFORMED:
        return None
    return str(value[2] if isinstance(value, tuple) else value) if value else None
