"""Cellebrite's report of a phone (report.xml), in a UFDR or beside the files of a plain report.

Here: messages, SMS, mail and calls as records; contacts, places and all else that was decoded, and the device, as text.
Not here: the files that the report names (formats/phone), the databases of the phone itself.

The form is the maker's own and not published; what is read here is what its reports show: models with named fields, one
in the other. What a report holds beyond is kept as text, name by name.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.parsers.expat import errors

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, clean
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.times import from_iso

_KINDS = {
    "InstantMessage": RecordKind.MESSAGE, "SMS": RecordKind.MESSAGE, "MMS": RecordKind.MESSAGE, "Call": RecordKind.CALL,
    "Email": RecordKind.MAIL,
}  # fmt: skip
_READ_ALONE = frozenset({"InstantMessage"})
"""Models inside others that are records of their own: a chat of a million messages is never in memory."""
_WORDS = ("Subject", "Body")
_TIMES = ("TimeStamp", "StartTime", "Date")
_PARTIES = ("From", "To", "Cc", "Bcc", "Parties")
_CUT_OFF = frozenset({errors.codes[e] for e in (errors.XML_ERROR_NO_ELEMENTS, errors.XML_ERROR_UNCLOSED_TOKEN,
                                                errors.XML_ERROR_UNCLOSED_CDATA_SECTION)})  # fmt: skip
_DURATION = re.compile(r"(?:(\d+)\.)?(\d+):(\d\d):(\d\d)(?:\.\d+)?", re.ASCII)


def read(path: Path, limits: Limits) -> Parsed:
    """Read a report."""
    gathered = Gathering(limits)
    problem = None
    try:
        for element, inside in _units(path):
            _add(element, inside, gathered)
    except Full:
        problem = Reason.LIMIT_REACHED
    except ET.ParseError as broken:
        problem = Reason.TRUNCATED if broken.code in _CUT_OFF else Reason.DAMAGED
    except (ValueError, LookupError):  # an encoding that nobody knows
        problem = Reason.DAMAGED
    try:
        gathered.end()
    except Full:
        problem = Reason.LIMIT_REACHED
    return Parsed(FileKind.MESSAGE, frozenset({"chat"}), (("chat", "cellebrite"),), tuple(gathered.segments),
                  problem=problem, records=tuple(gathered.records))  # fmt: skip


def _units(path: Path) -> Iterator[tuple[ET.Element, Sequence[ET.Element]]]:
    """Each record or other model, file and fact of the device, with what it lies in; let go once it was looked at."""
    inside: list[ET.Element] = []
    models = files = 0
    for event, element in ET.iterparse(path, events=("start", "end")):
        name = _name(element)
        if event == "start":
            inside.append(element)
            models += name == "model"
            files += name == "file"
            continue
        inside.pop()
        models -= name == "model"
        files -= name == "file"
        alone = name == "model" and (not models or element.get("type") in _READ_ALONE)
        if alone or (not models and not files and name in ("item", "file")):
            yield element, inside
        if inside and (alone or not (models or files)):
            inside[-1].remove(element)


def _add(element: ET.Element, inside: Sequence[ET.Element], gathered: Gathering) -> None:
    name = _name(element)
    if name == "item":
        gathered.loose(f"{element.get('name') or ''}: {(element.text or '').strip()}")
    elif name == "file":
        gathered.loose(element.get("path") or "")
    elif (kind := _KINDS.get(element.get("type") or "")) is None:
        gathered.loose("\n".join([element.get("type") or "", *_values(element)]))
    else:
        chat = next((e for e in reversed(inside) if _name(e) == "model"), None)
        record, text = _record(kind, element, chat)
        gathered.add(record, text, "message" if kind is not RecordKind.CALL else "event")


def _record(kind: RecordKind, model: ET.Element, chat: ET.Element | None) -> tuple[Record, str]:
    said = _fields(model)
    parties = [(group, party) for group in _PARTIES for party in _models(model, group)]
    sender = next((p for g, p in parties if g == "From" or (g == "Parties" and p.get("Role") == "From")), {})
    recipients = tuple(_who(p) for _, p in parties if p is not sender)
    if not recipients and chat is not None:
        others = (p for p in _models(chat, "Participants") if _who(p) != _who(sender))
        recipients = tuple(_who(p) for p in others)
    media = tuple(m for p in _models(model, "Attachments") if (m := p.get("Filename") or p.get("URL") or ""))
    about_chat = _fields(chat) if chat is not None else {}
    event = ", ".join(v for n in ("Direction", "Type") if kind is RecordKind.CALL and (v := said.get(n)))
    record = Record(
        kind,
        sender.get("Name") or sender.get("Identifier"),
        sender.get("Identifier"),
        recipients=tuple(filter(None, recipients)),
        group=about_chat.get("Name") or about_chat.get("Id") or said.get("Source"),
        time=next((from_iso(said[n]) for n in _TIMES if said.get(n)), None),
        id=said.get("Identifier") or model.get("id"),
        media=media,
        event=event or None,
        duration_s=_seconds(said.get("Duration", "")),
        deleted=(model.get("deleted_state") or "").lower() == "deleted",
        system=said.get("Type") == "System",
    )
    words = [said[n] for n in _WORDS if said.get(n)]
    words += [v for part in model if part.get("name") not in (*_PARTIES, "Attachments")
              and _name(part) in ("modelField", "multiModelField") for v in _values(part)]  # fmt: skip
    who = [record.sender or "", *record.recipients] if kind is RecordKind.CALL else []
    return record, "\n".join(words or list(filter(None, [event, *who, *media])))


def _who(party: dict[str, str]) -> str:
    return party.get("Name") or party.get("Identifier") or ""


def _models(model: ET.Element, name: str) -> list[dict[str, str]]:
    """The fields of each model that a field of this name holds."""
    return [_fields(inner) for part in model if part.get("name") == name for inner in part if _name(inner) == "model"]


def _fields(model: ET.Element) -> dict[str, str]:
    """The model's own fields with a value."""
    found: dict[str, str] = {}
    for part in model:
        if _name(part) in ("field", "multiField") and (value := "; ".join(_texts(part))):
            found.setdefault(part.get("name") or "", value)
    return found


def _values(model: ET.Element) -> list[str]:
    """Every field at any depth with its name, in order."""
    return [f"{part.get('name') or ''}: {value}" for part in model.iter() if _name(part) in ("field", "multiField")
            for value in _texts(part)]  # fmt: skip


def _texts(field: ET.Element) -> list[str]:
    return [clean(text) for part in field.iter() if (text := (part.text or "").strip())]


def _seconds(written: str) -> int | None:
    match = _DURATION.fullmatch(written)
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
