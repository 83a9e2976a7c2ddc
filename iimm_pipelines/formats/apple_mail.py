"""Messages of Apple Mail (EMLX): a length, the message as it came, and what the program noted of it.

Here: taking the three apart.
Not here: the message itself (mail).
"""

from __future__ import annotations

import plistlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from xml.parsers.expat import ExpatError

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import mail
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed, clean

FIRST_LINE = re.compile(rb"[ \t]{0,10}(\d{1,12})[ \t]{0,10}\r?\n")
"""The length of the message, in bytes, and blanks."""

_NOTES = 1 << 20


def read(path: Path, scratch: Path, limits: Limits) -> Parsed:
    """Read one message and the notes behind it."""
    with path.open("rb") as file:
        first = FIRST_LINE.match(file.read(64))
        if first is None:
            return Parsed(FileKind.MESSAGE, frozenset({"mail"}), problem=Reason.DAMAGED)
        length = int(first[1])
        file.seek(first.end())
        message = scratch / "message"
        with message.open("xb") as copy:
            shutil.copyfileobj(file, copy)
            cut_off = copy.tell() < length
            copy.truncate(min(length, copy.tell()))
        file.seek(first.end() + length)
        notes = file.read(_NOTES)
    inside = scratch / "attachments"
    inside.mkdir()
    found = mail.read(message, inside, limits)
    message.unlink()
    return replace(found, metadata=(*found.metadata, *_noted(notes)),
                   problem=found.problem or (Reason.TRUNCATED if cut_off else None))  # fmt: skip


def _noted(notes: bytes) -> Iterator[tuple[str, str]]:
    try:
        said = plistlib.loads(notes.strip(), fmt=plistlib.FMT_XML) if notes.strip() else {}
    except (
        ExpatError,
        plistlib.InvalidFileException,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        yield "apple mail notes", "cannot be read"
        return
    for name, value in said.items() if isinstance(said, dict) else ():
        if isinstance(value, (str, int, float, bool, datetime)):
            yield f"apple mail:{clean(str(name))}", clean(str(value))[:1000]
