"""XRY's plain text reports of a phone: one file for each sort of thing, in UTF-16.

Here: calls and messages as records, all other entries as text.
Not here: XRY's own container (.xry), whose form is not published.

Each entry begins with its sort and number (`Calls #1`) and ends at an empty line; between stand names and values, below
`From`, `To` or `Participant` those of a person. Times are as the program's language writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.text import decode
from iimm_pipelines.formats.times import Moment, on_a_clock

_ENTRY = re.compile(r"(?P<sort>[^\t:#\n]{1,80}?)[ \t]*#[ \t]*(?P<number>\d{1,9})[ \t]*")
_SIGN = re.compile(r"(?:^|\n)[^\t:#\n]{1,80}?[ \t]*#[ \t]*1[ \t]*\n[^:\n]{1,60}:[ \t]")
_VALUE = re.compile(r"[ \t]*(?P<name>[^:\t\n]{1,60}):[ \t]*(?P<value>.*)")
_PEOPLE = frozenset({"from", "to", "participant"})
_WORDS = ("subject", "text", "message", "body")
_NAMES_OF_PEOPLE = frozenset({"name", "name (matched)", "tel", "number", "account", "email", "id"})
_TIME = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M(?:[ (]+(?:UTC|GMT)([+-]\d{1,2})(?::(\d\d))?\)?)?"
)
_DURATION = re.compile(r"(\d+):(\d\d):(\d\d)", re.ASCII)
_BOM = b"\xff\xfe"


@dataclass(slots=True)
class _Entry:
    sort: str
    said: dict[str, str] = field(default_factory=dict)
    people: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


def looks_like_it(head: bytes) -> bool:
    """Whether a file begins as these reports do: UTF-16, and after a few lines the first entry, of number 1."""
    if not head.startswith(_BOM):
        return False
    return _SIGN.search(head.decode("utf-16", errors="replace").replace("\r\n", "\n")) is not None


def read(path: Path, limits: Limits) -> Parsed:
    """Read a report."""
    most = limits.max_characters * 2
    with path.open("rb") as file:
        data = file.read(most + 1)
    decoded = decode(data[:most])
    gathered = Gathering(limits)
    problem = Reason.LIMIT_REACHED if len(data) > most else None
    try:
        for entry in _entries(decoded.text.splitlines()):
            _add(entry, gathered)
        gathered.end()
    except Full:
        problem = Reason.LIMIT_REACHED
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("encoding", decoded.encoding), ("chat", "xry")),
                  tuple(gathered.segments), problem=problem, records=tuple(gathered.records))  # fmt: skip


def _entries(lines: Sequence[str]) -> Iterator[_Entry]:
    """Entries; what stands before the first is one without a sort."""
    entry = _Entry("")
    last = ""
    for line in lines:
        begins = _ENTRY.fullmatch(line)
        if begins:
            yield entry
            entry, last = _Entry(begins["sort"].strip()), ""
            continue
        if not line.strip():
            last = last if last in _WORDS else ""  # an empty line inside a message; an entry ends where the next begins
            continue
        entry.lines.append(line.strip())
        name = line.strip().lower()
        match = _VALUE.fullmatch(line)
        if name in _PEOPLE:
            entry.people.append((name, {}))
            last = ""
        elif match is None or (last in _WORDS and match["name"].strip().lower() not in _KNOWN):
            if last:
                entry.said[last] += "\n" + line.strip()
        else:
            last = match["name"].strip().lower()
            where = entry.people[-1][1] if entry.people and last in _NAMES_OF_PEOPLE else entry.said
            where.setdefault(last, match["value"].strip())
            last = last if where is entry.said else ""
    yield entry


_KNOWN = _NAMES_OF_PEOPLE | set(_WORDS) | {
    "direction", "time", "status", "storage", "index", "folder", "service center", "type", "call type", "duration",
    "segments", "segment number", "reference number", "application", "deleted", "attachment", "related application",
}  # fmt: skip
"""Names of values: a line of a message that begins with another word and a colon goes on with the message."""


def _add(entry: _Entry, gathered: Gathering) -> None:
    words = "\n".join(entry.said[n] for n in _WORDS if entry.said.get(n))
    call = entry.sort.lower().startswith("call")
    if not (call or words) or not entry.sort:
        gathered.loose("\n".join([entry.sort, *entry.lines]).strip())
        return
    sender = next((p for role, p in entry.people if role == "from"), {})
    others = tuple(_who(p) for _, p in entry.people if p is not sender)
    event = entry.said.get("call type") or entry.said.get("direction")
    record = Record(
        RecordKind.CALL if call else RecordKind.MESSAGE,
        _who(sender) or None,
        sender.get("tel") or sender.get("number") or sender.get("account") or sender.get("email") or sender.get("id"),
        recipients=tuple(filter(None, others)),
        group=entry.said.get("application") or entry.said.get("related application") or entry.sort,
        time=_time(entry.said["time"]) if entry.said.get("time") else None,
        id=entry.said.get("index"),
        event=event if call else None,
        duration_s=_seconds(entry.said.get("duration", "")) if call else None,
        deleted=entry.said.get("deleted", "").lower() in ("yes", "true"),
    )
    gathered.add(record, words or "\n".join(entry.lines), "event" if call else "message")


def _who(person: dict[str, str]) -> str:
    return person.get("name") or person.get("name (matched)") or next(iter(person.values()), "")


def _time(written: str) -> Moment:
    """Month before day, as programs in English write it with AM and PM after slashes; other forms stay as written."""
    found = _TIME.match(written)
    if found is None:
        return Moment(written[:200])
    month, day, year, hour, minute, second = (int(part) for part in found.groups()[:6])
    offset = None
    if found[8] is not None:
        hours = int(found[8])
        offset = hours * 60 + (-1 if hours < 0 else 1) * int(found[9] or 0)
    return on_a_clock(written, year, month, day, hour % 12 + (12 if found[7] == "P" else 0), minute, second, offset)


def _seconds(written: str) -> int | None:
    match = _DURATION.fullmatch(written)
    return None if match is None else int(match[1]) * 3600 + int(match[2]) * 60 + int(match[3])
