"""Outlook's mailboxes (PST, OST): each message as a member, under its folder.

Here: what libpff reads, written out as an RFC 5322 message, since a mailbox of this kind holds properties and no file:
headers as they came or made from properties, bodies, recipients, attachments byte for byte, attached messages in turn.
Not here: reading such a message (mail), single MSG files and winmail.dat (tika).
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, clean, worst
from iimm_pipelines.formats.scratch import LimitReached, Scratch

_USED = frozenset({"outlook"})
_BLOCK = 57 * 4096
"""A multiple of 57 bytes: what a line of Base64 holds."""
_DEEPEST = 20
_MOST_FOLDERS = 100_000
_SEARCH_FOLDER = 0x03
"""Kind of node (MS-PST, 2.2.2.1): it lists messages that lie in other folders."""
_CONTENT_COUNT = 0x3602
_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_BROKEN = (OSError, MemoryError, ValueError, OverflowError)
"""What libpff raises on a node that breaks the rules."""

_CLASS, _SUBJECT, _SUBMITTED, _DELIVERED = 0x1A, 0x37, 0x39, 0xE06
_HEADERS, _CREATED, _MODIFIED, _CODEPAGE = 0x7D, 0x3007, 0x3008, 0x3FDE
_MESSAGE_ID, _REPLY_TO_ID, _REFERENCES, _FLAGS = 0x1035, 0x1042, 0x1039, 0xE07
_FROM = (0x42, (0x5D02, 0x65))  # name, addresses from best to worst
_SENDER = (0xC1A, (0x5D01, 0xC1F))
_RECIPIENT = (0x3001, (0x39FE, 0x3003))
_RECIPIENT_KIND = 0xC15
_KINDS = {1: "To", 2: "Cc", 3: "Bcc"}
_DATA, _METHOD, _EMBEDDED_MESSAGE = 0x3701, 0x3705, 5
_LONG_NAME, _SHORT_NAME, _TYPE, _CONTENT_ID, _SHOWN_NAME = 0x3707, 0x3704, 0x370E, 0x3712, 0x3001
_STRINGS, _TIME, _WHOLE = (0x1E, 0x1F), 0x40, (0x2, 0x3, 0x14)
_NAMES = {
    0x3001: "Name", 0x3A06: "Given name", 0x3A11: "Surname", 0x3A16: "Company", 0x3A17: "Title", 0x3A08: "Business phone",
    0x3A09: "Home phone", 0x3A1C: "Mobile phone", 0x3A24: "Business fax", 0x3A18: "Department", 0x3A42: "Birthday",
    0x3A26: "Country", 0x3A27: "City", 0x3A29: "Street", 0x3A15: "Postal address",
    # Named properties, as libpff maps them (MS-OXPROPS).
    0x8083: "Email 1", 0x8093: "Email 2", 0x80A3: "Email 3", 0x8062: "Messenger", 0x801A: "Home address",
    0x801B: "Business address", 0x8208: "Location", 0x820D: "Start", 0x820E: "End", 0x8104: "Task start",
    0x8105: "Task due", 0x8238: "Attendees",
}  # fmt: skip
_OWN_MIME = re.compile(r"(?im)^(?:content-[a-z-]+|mime-version):.*(?:\r?\n[ \t].*)*\r?\n?")
_HEADER = re.compile(r"(?m)^([!-9;-~]+):")
_TITLE = "Microsoft Mail Internet Headers Version 2.0"
"""A line that Exchange writes above the headers that came; it is none."""
_CODEPAGES = {65001: "utf-8", 20127: "us-ascii", 28591: "iso-8859-1", 28592: "iso-8859-2", 50220: "iso-2022-jp",
              932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 54936: "gb18030", 20866: "koi8-r"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Origin:
    """A message's mailbox, and how it was got from it: again, it is another object of the library."""

    mailbox: Any
    get: Callable[[], Any]


@dataclass(slots=True)
class _Found:
    members: list[Member] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    claimed: int = 0
    problem: Reason | None = None


def read(path: Path, scratch: Path, limits: Limits) -> Parsed:
    """Read a mailbox of Outlook."""
    import pypff

    found = _Found()
    folder = Scratch(scratch, limits, path.stat().st_size)
    mailbox = pypff.file()
    try:
        mailbox.open(str(path))
    except _BROKEN:
        return Parsed(FileKind.CONTAINER, _USED, problem=Reason.DAMAGED if _is_whole(path) else Reason.TRUNCATED)
    try:
        _folders(mailbox, folder, limits, found)
        _orphans(mailbox, folder, limits, found)
    except LimitReached:
        found.problem = Reason.LIMIT_REACHED
    finally:
        mailbox.close()
    if found.problem is None and not _is_whole(path):
        found.problem = Reason.TRUNCATED
    counts = [(name, str(count)) for name, count in sorted(found.counts.items())]
    return Parsed(FileKind.CONTAINER, _USED, tuple(counts), members=tuple(found.members),
                  expected_members=found.claimed + found.counts["messages without a folder"],
                  problem=found.problem or worst(found.members))  # fmt: skip


def _is_whole(path: Path) -> bool:
    """Whether the file is as long as its header says (MS-PST, 2.2.2.6 and 2.2.2.5)."""
    with path.open("rb") as file:
        header = file.read(256)
    unicode = header[10:12] not in (b"\x0e\0", b"\x0f\0")
    said = int.from_bytes(header[184:192] if unicode else header[168:172], "little")
    return said <= path.stat().st_size


def _folders(mailbox: Any, scratch: Scratch, limits: Limits, found: _Found) -> None:
    seen: set[int] = set()
    try:
        waiting: list[tuple[Any, bytes]] = [(mailbox.get_root_folder(), b"")]
    except _BROKEN:
        found.problem = Reason.DAMAGED
        return
    while waiting:
        folder, above = waiting.pop()
        if folder is None or folder.identifier in seen:
            continue
        if len(seen) >= _MOST_FOLDERS:
            raise LimitReached
        seen.add(folder.identifier)
        found.counts["folders"] += 1
        if folder.identifier & 0x1F != _SEARCH_FOLDER:
            found.claimed += _whole(_properties(folder), _CONTENT_COUNT) or 0
        for place in range(_count(folder, "number_of_sub_messages", found)):
            _message(_Origin(mailbox, partial(folder.get_sub_message, place)), above, scratch, limits, found)
        below = []
        for place in range(_count(folder, "number_of_sub_folders", found)):
            try:
                inner = folder.get_sub_folder(place)
                below.append((inner, above + _name(inner, place) + b"/"))
            except _BROKEN:
                found.problem = Reason.DAMAGED
        waiting.extend(reversed(below))


def _count(folder: Any, attribute: str, found: _Found) -> int:
    try:
        return int(getattr(folder, attribute))
    except _BROKEN:
        found.problem = Reason.DAMAGED
        return 0


def _name(folder: Any, place: int) -> bytes:
    return clean(folder.name or f"folder-{place + 1}").encode("utf-8")


def _orphans(mailbox: Any, scratch: Scratch, limits: Limits, found: _Found) -> None:
    """Messages that no folder names any more: usually deleted ones that were not yet written over."""
    try:
        count = mailbox.number_of_orphan_items
    except _BROKEN:
        found.problem = Reason.DAMAGED
        return
    for place in range(count):
        _message(_Origin(mailbox, partial(mailbox.get_orphan_item, place)), None, scratch, limits, found)


def _message(origin: _Origin, above: bytes | None, scratch: Scratch, limits: Limits, found: _Found) -> None:
    """Add one message; `above` is its folder, `None` where no folder names it."""
    try:
        message = origin.get()
    except _BROKEN:
        found.problem = Reason.DAMAGED
        return
    if not hasattr(message, "transport_headers"):
        return  # an orphan that is no message
    if len(found.members) >= limits.max_members:
        raise LimitReached
    properties = _properties(message)
    path = (b"without a folder/" if above is None else above) + b"%d.eml" % message.identifier
    modified = _instant(properties, _MODIFIED)
    said = [("made from", "properties of an Outlook item"), ("message class", _text(properties, _CLASS))]
    if above is None:
        found.counts["messages without a folder"] += 1
        said.append(("deleted", "perhaps: no folder names it"))
    for name, tag in (("created", _CREATED), ("submitted", _SUBMITTED), ("delivered", _DELIVERED)):
        at = _instant(properties, tag)
        if at is not None:
            said.append((f"{name} utc", _iso(at)))
    flags = _whole(properties, _FLAGS)
    if flags is not None:
        said.append(("read", "true" if flags & 1 else "false"))
        said.append(("draft", "true" if flags & 8 else "false"))
    metadata = tuple((name, value) for name, value in said if value)
    milliseconds = None if modified is None else _milliseconds(modified)
    member = Member(path, Relation.MEMBER, None, 0, milliseconds, metadata=metadata)
    damage: list[Reason] = []
    try:
        written = scratch.add(_written(message, properties, origin, 0, damage))
    except _BROKEN as error:
        if getattr(error, "errno", None):  # the disk's own, and not libpff's
            raise
        found.members.append(replace(member, problem=Reason.DAMAGED))
        return
    if damage:
        found.problem = found.problem or damage[0]
    found.members.append(replace(member, file=written.path, size=written.size))


# a message as RFC 5322 has it


def _written(message: Any, properties: dict[int, Any], origin: _Origin, depth: int,
             damage: list[Reason]) -> Iterator[bytes]:  # fmt: skip
    boundary = b"=_" + hashlib.sha256(b"%d %d" % (message.identifier, depth)).hexdigest()[:32].encode()
    alternatives = b"=_a" + boundary[2:]
    yield _head(message, properties).encode("utf-8")
    yield b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="%s"\r\n' % boundary
    yield b'\r\n--%s\r\nContent-Type: multipart/alternative; boundary="%s"\r\n' % (boundary, alternatives)
    for kind, data in _bodies(message, properties, damage):
        yield b"\r\n--%s\r\nContent-Type: %s\r\n" % (alternatives, kind)
        yield from _base64([data])
    yield b"\r\n--%s--\r\n" % alternatives
    for place in range(_number(message, damage)):
        try:
            attachment = message.get_attachment(place)
            described = _properties(attachment)
            inner = _inner(attachment, origin) if depth < _DEEPEST else None
        except _BROKEN:
            damage.append(Reason.DAMAGED)
            continue
        if inner is None and _whole(described, _METHOD) == _EMBEDDED_MESSAGE:
            damage.append(Reason.UNSUPPORTED)  # its properties follow as they are stored
        yield b"\r\n--%s\r\n" % boundary
        if inner is not None:
            name = _attachment_name(described, place, ".eml")
            yield f"Content-Type: message/rfc822\r\nContent-Disposition: attachment; {name}\r\n".encode()
            yield from _base64(_written(inner, _properties(inner), origin, depth + 1, damage))
            continue
        media_type = _text(described, _TYPE)
        media_type = media_type if re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type, re.ASCII) else ""
        # A message as a file must stay the bytes that it is, whatever it calls itself.
        media_type = media_type if media_type and not media_type.startswith(("message/", "multipart/")) else ""
        identity = _one_line(_text(described, _CONTENT_ID)).strip("<> ")
        head = f"Content-Type: {media_type or 'application/octet-stream'}\r\n"
        head += f"Content-ID: <{identity}>\r\n" if identity else ""
        yield (head + f"Content-Disposition: attachment; {_attachment_name(described, place, '')}\r\n").encode()
        yield from _base64(_attached(attachment, damage))
    yield b"\r\n--%s--\r\n" % boundary


def _head(message: Any, properties: dict[int, Any]) -> str:
    """Headers as they came, without those of the old MIME structure; else made from properties."""
    came = clean(_text(properties, _HEADERS)).replace("\0", "").strip("\r\n").removeprefix(_TITLE).lstrip("\r\n")
    came = _OWN_MIME.sub("", came + "\n").strip("\r\n") if _HEADER.match(came) else ""
    lines = [re.sub(r"[\r\n]+", "\r\n", came)] if came else []
    there = {name.lower() for name in _HEADER.findall(came)}
    recipients: dict[str, list[str]] = {}
    for recipient in _recipients(message):
        kind = _KINDS.get(_whole(recipient, _RECIPIENT_KIND) or 1, "To")
        recipients.setdefault(kind, []).append(_address(recipient, *_RECIPIENT))
    made = {
        "From": _address(properties, *_FROM) or _address(properties, *_SENDER),
        "Sender": _address(properties, *_SENDER) if _text(properties, 0xC1F) != _text(properties, 0x65) else "",
        **{kind: ", ".join(filter(None, names)) for kind, names in recipients.items()},
        "Subject": _subject(properties),
        "Date": _date(properties),
        "Message-ID": _text(properties, _MESSAGE_ID),
        "In-Reply-To": _text(properties, _REPLY_TO_ID),
        "References": _text(properties, _REFERENCES),
        "X-Outlook-Class": _text(properties, _CLASS),
        "X-Outlook-Item": str(message.identifier),
    }
    lines += [f"{name}: {_one_line(value)}" for name, value in made.items() if value and name.lower() not in there]
    return "".join(f"{line}\r\n" for line in lines)


def _bodies(message: Any, properties: dict[int, Any], damage: list[Reason]) -> Iterator[tuple[bytes, bytes]]:
    found = 0
    for attribute, kind in (("plain_text_body", b"text/plain; charset=utf-8"), ("html_body", b"text/html"),
                            ("rtf_body", b"application/rtf; name=\"body.rtf\"")):  # fmt: skip
        if attribute == "rtf_body" and found:
            break  # RTF is how Outlook stores what it also gives as text or HTML
        try:
            data = getattr(message, attribute)
        except _BROKEN:
            damage.append(Reason.DAMAGED)
            continue
        if data:
            if kind == b"text/html":
                charset = _CODEPAGES.get(_whole(properties, _CODEPAGE) or 0) or _windows(properties)
                kind += b"; charset=" + charset.encode() if charset else b""
            found += 1
            yield kind, data if isinstance(data, bytes) else str(data).encode("utf-8")
    if not _text(properties, _CLASS).upper().startswith(("IPM.NOTE", "REPORT.")):
        listed = "\r\n".join(_listed(message))
        if listed:
            yield b"text/plain; charset=utf-8", clean(listed).encode("utf-8")


def _windows(properties: dict[int, Any]) -> str:
    page = _whole(properties, _CODEPAGE) or 0
    return f"windows-{page}" if 1250 <= page <= 1258 or page == 874 else ""


def _listed(message: Any) -> Iterator[str]:
    """Texts, times and numbers of an item that is no mail: a contact, an appointment, a task."""
    for entry in _entries(message):
        try:
            tag, value_type = int(entry.entry_type), entry.value_type
            name = _NAMES.get(tag) or (f"property {tag:#06x}" if tag >= 0x8000 or 0x3A00 <= tag < 0x3B00 else "")
            if not name:
                continue
            if value_type in _STRINGS:
                value = entry.data_as_string or ""
            elif value_type == _TIME:
                value = _iso(_from_filetime(entry.data_as_integer))
            else:
                continue
        except (*_BROKEN, TypeError):
            continue
        if value.strip():
            yield f"{name}: {_one_line(value)}"


def _inner(attachment: Any, origin: _Origin) -> Any | None:
    """The message that is attached as such, if it is one.

    libpff's own function for it is not among those of its Python module, so it is called in the same library, and its
    answer put into a wrapper of another message (behind the head of a Python object stands the pointer to libpff's).
    """
    import pypff

    described = _properties(attachment)
    if _whole(described, _METHOD) != _EMBEDDED_MESSAGE or _DATA not in described:
        return None
    library = ctypes.PyDLL(pypff.__file__)
    item, mailbox = _behind(attachment), _behind(origin.mailbox)
    number = ctypes.c_uint32(int.from_bytes((described[_DATA].data or b"")[:4], "little"))
    namesake, inner = ctypes.c_void_p(), ctypes.c_void_p()
    if library.libpff_file_get_item_by_identifier(mailbox, number, ctypes.byref(namesake), None) != 0:
        # A message of the mailbox has the number that the attached one has in its own small tree: libpff would give that.
        library.libpff_item_free(ctypes.byref(namesake), None)
        return None
    if library.libpff_attachment_get_item(item, ctypes.byref(inner), None) != 1:
        return None
    wrapper = origin.get()
    held = _behind(wrapper)
    unused = ctypes.c_void_p(held.value)
    held.value = inner.value
    library.libpff_item_free(ctypes.byref(unused), None)
    return wrapper


def _behind(wrapper: Any) -> ctypes.c_void_p:
    return ctypes.c_void_p.from_address(id(wrapper) + object.__basicsize__)


def _attached(attachment: Any, damage: list[Reason]) -> Iterator[bytes]:
    try:
        left = attachment.get_size()
        attachment.seek_offset(0, 0)
        while left > 0:
            block = attachment.read_buffer(min(_BLOCK, left))
            if not block:
                damage.append(Reason.TRUNCATED)
                return
            left -= len(block)
            yield block
    except _BROKEN as error:
        if getattr(error, "errno", None):
            raise
        damage.append(Reason.DAMAGED)


def _base64(blocks: Any) -> Iterator[bytes]:
    yield b"Content-Transfer-Encoding: base64\r\n\r\n"
    held = b""
    for block in blocks:
        held += block
        whole = len(held) - len(held) % 57
        if whole >= _BLOCK:
            yield base64.encodebytes(held[:whole])
            held = held[whole:]
    yield base64.encodebytes(held)


def _attachment_name(properties: dict[int, Any], place: int, ending: str) -> str:
    name = _text(properties, _LONG_NAME) or _text(properties, _SHORT_NAME) or _text(properties, _SHOWN_NAME)
    name = _one_line(clean(name)) or f"attachment-{place + 1:03d}"
    name += ending if not name.lower().endswith(ending) else ""
    coded = "".join(chr(b) if chr(b).isalnum() and b < 128 or b in b"-._~" else f"%{b:02X}" for b in name.encode())
    return f"filename*=utf-8''{coded}"


# properties


def _entries(item: Any) -> Iterator[Any]:
    try:
        for place in range(item.number_of_record_sets):
            record_set = item.get_record_set(place)
            for number in range(record_set.number_of_entries):
                yield record_set.get_entry(number)
    except _BROKEN:
        return


def _properties(item: Any) -> dict[int, Any]:
    """Entries by their tag, the first of each."""
    return _by_tag(_entries(item))


def _by_tag(entries: Iterator[Any]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for entry in entries:
        if entry.entry_type is not None:
            found.setdefault(int(entry.entry_type), entry)
    return found


def _recipients(message: Any) -> Iterator[dict[int, Any]]:
    try:
        table = message.recipients
        for place in range(table.number_of_record_sets if table else 0):
            record_set = table.get_record_set(place)
            yield _by_tag(record_set.get_entry(number) for number in range(record_set.number_of_entries))
    except _BROKEN:
        return


def _number(message: Any, damage: list[Reason]) -> int:
    try:
        return int(message.number_of_attachments)
    except _BROKEN:
        damage.append(Reason.DAMAGED)
        return 0


def _text(properties: dict[int, Any], tag: int) -> str:
    entry = properties.get(tag)
    if entry is None or entry.value_type not in _STRINGS:
        return ""
    try:
        return str(entry.data_as_string or "").rstrip("\0")
    except _BROKEN:
        return ""


def _whole(properties: dict[int, Any], tag: int) -> int | None:
    entry = properties.get(tag)
    if entry is None or entry.value_type not in _WHOLE:
        return None
    try:
        return int(entry.data_as_integer)
    except (*_BROKEN, TypeError):
        return None


def _instant(properties: dict[int, Any], tag: int) -> datetime | None:
    entry = properties.get(tag)
    if entry is None or entry.value_type != _TIME:
        return None
    try:
        return _from_filetime(entry.data_as_integer)
    except (*_BROKEN, TypeError):
        return None


def _from_filetime(value: int) -> datetime:
    return _FILETIME_EPOCH + timedelta(microseconds=value // 10)


def _milliseconds(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _date(properties: dict[int, Any]) -> str:
    at = _instant(properties, _SUBMITTED) or _instant(properties, _DELIVERED)
    return format_datetime(at) if at else ""


def _subject(properties: dict[int, Any]) -> str:
    """The subject without the two characters that say where its prefix ends (MS-PST, 2.5.3.1.1.1)."""
    text = _text(properties, _SUBJECT)
    return text[2:] if text.startswith("\x01") else text


def _address(properties: dict[int, Any], name: int, addresses: tuple[int, ...]) -> str:
    shown = _one_line(_text(properties, name)).replace('"', "'")
    address = next(filter(None, (_one_line(_text(properties, tag)) for tag in addresses)), "")
    if not address or address == shown:
        return address or (f'"{shown}"' if shown else "")
    return f'"{shown}" <{address}>' if shown else address


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n\0]+[ \t]*", " ", clean(text)).strip()
