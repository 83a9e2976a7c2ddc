"""Extractions of phones as UFDR: a ZIP with the files and one report about them.

Here: the files as members, each with its path and times on the phone, whether it was deleted, and whether its digest is
the one that the report names; which device, and how many records of which sort the report holds.
Not here: chats, calls and contacts of the report as records; ZIP itself (zipped).
"""

from __future__ import annotations

import hashlib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import zipped
from iimm_pipelines.formats.parsed import Limits, Member, Parsed, clean

UFDR = "application/x-ufdr"
REPORT = "report.xml"

_USED = frozenset({"phone"})
_DIGESTS = ("SHA256", "MD5")
_MOST_OF_DEVICE = 500


@dataclass(slots=True)
class _Report:
    files: dict[bytes, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """By their path in the ZIP: what the report says of each."""
    records: Counter[str] = field(default_factory=Counter)
    device: list[tuple[str, str]] = field(default_factory=list)
    whole: bool = True


def read(path: Path, scratch: Path, passwords: Sequence[str], limits: Limits) -> Parsed:
    """Read an extraction."""
    found = zipped.read(path, scratch, passwords, limits)
    report = _report(next((m for m in found.members if m.path == REPORT.encode()), None))
    wrong = 0
    members = []
    for member in found.members:
        said = report.files.get(member.path.replace(b"\\", b"/"), ())
        if said and member.file is not None and not _as_said(member.file, dict(said)):
            wrong += 1
            said = (*said, ("digest holds", "false"))
        members.append(replace(member, metadata=member.metadata + said))
    there = {member.path.replace(b"\\", b"/") for member in found.members}
    counts = [
        ("files that the report names", str(len(report.files))),
        ("files of the report that are not there", str(len(report.files.keys() - there))),
        ("files whose digest does not hold", str(wrong)),
        *((f"records: {name}", str(count)) for name, count in sorted(report.records.items())),
    ]
    return replace(found, used=found.used | _USED, members=tuple(members),
                   metadata=(*report.device, *counts, *found.metadata),
                   problem=found.problem or (None if report.whole else Reason.DAMAGED))  # fmt: skip


def _as_said(file: Path, said: dict[str, str]) -> bool:
    for name in _DIGESTS:
        if said.get(name):
            with file.open("rb") as data:
                return hashlib.file_digest(data, name.lower()).hexdigest() == said[name].lower()
    return True


def _report(member: Member | None) -> _Report:
    report = _Report(whole=member is not None and member.file is not None)
    if member is None or member.file is None:
        return report
    try:
        _read_report(member.file, report)
    except (ET.ParseError, ValueError, LookupError):
        report.whole = False
    return report


def _read_report(file: Path, report: _Report) -> None:
    """Go through a report that may be larger than memory: what was read is let go at once."""
    inside: list[tuple[str, Any]] = []
    models = 0
    for event, element in ET.iterparse(file, events=("start", "end")):
        name = element.tag.rpartition("}")[2]
        if event == "start":
            inside.append((name, element))
            if name == "model":
                models += 1
                if models == 1:
                    report.records[clean(element.get("type") or "unknown")] += 1
            continue
        inside.pop()
        models -= name == "model"
        above = [part for part, _ in inside]
        if name == "file" and "taggedFiles" in above:
            _file(element, report)
        elif (
            name == "item"
            and "metadata" in above
            and "taggedFiles" not in above
            and len(report.device) < _MOST_OF_DEVICE
        ):
            key, value = element.get("name"), (element.text or "").strip()
            if key and value:
                report.device.append((f"device:{clean(key)}", clean(value)[:1000]))
        keep = ("file" in above and "taggedFiles" in above) or not inside
        if not keep:
            element.clear()
            if inside:
                inside[-1][1].remove(element)


def _file(element: Any, report: _Report) -> None:
    said = [("path on the device", element.get("path") or ""), ("deleted", element.get("deleted") or "")]
    local = ""
    for child in element.iter():
        name = child.tag.rpartition("}")[2]
        text = (child.text or "").strip()
        if name == "timestamp" and text:
            said.append((clean(child.get("name") or "time"), text))
        elif name == "item" and child.get("name") == "Local Path":
            local = text
        elif name == "item" and child.get("name") in _DIGESTS:
            said.append((str(child.get("name")), text))
    if local:
        path = local.replace("\\", "/").encode("utf-8", errors="surrogatepass")
        report.files[path] = tuple((key, clean(value)) for key, value in said if value)


def is_report(head: bytes) -> bool:
    """Whether an XML begins as these reports do."""
    return b"pa.cellebrite.com/report" in head
