"""Subtitles: what is said from when to when, in SubRip, WebVTT, Advanced SubStation and YouTube's SBV.

Here: cues as timed segments, with the speaker where the format has one.
Not here: speech itself (stages/transcripts).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Parsed
from iimm_pipelines.formats.records import Full, Gathering, Record, RecordKind
from iimm_pipelines.formats.text import decode

SUBRIP, WEBVTT, SUBSTATION, SBV = "application/x-subrip", "text/vtt", "text/x-ssa", "text/x-sbv"
TYPES = frozenset({SUBRIP, WEBVTT, SUBSTATION, SBV})

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_ARROW = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}", re.ASCII)
_COMMA = re.compile(rf"{_CLOCK},{_CLOCK}\s*\Z", re.ASCII)
_DIALOGUE = re.compile(rf"Dialogue:[^,]*,\s*{_CLOCK}\s*,\s*{_CLOCK}\s*,(.*)", re.ASCII)
_NUMBER = re.compile(r"\s*\d+\s*\Z")
_NOT_WORDS = re.compile(r"\s*(?:\d+|WEBVTT|Format:.*|Style:.*|\[[\w+ ]+\])?\s*\Z")
_FIELDS_BEFORE_TEXT = 6
"""Style, name, three margins, effect: between the times and the text of a line of dialogue."""
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]{1,200})>")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<\d[\d:.]{0,20}>|\{\\[^{}]{0,500}\}")
_SIGNS = (
    (SUBRIP, re.compile(rf"\s*(?:\d+\s*\n)?{_ARROW.pattern}", re.ASCII)),
    (WEBVTT, re.compile(r"\s*WEBVTT(?=[\s:]|\Z)")),
    (SUBSTATION, re.compile(r"\s*\[Script Info\]", re.IGNORECASE)),
    (SBV, re.compile(rf"\s*\d{{1,3}}:\d{{2}}:\d{{2}}\.\d{{3}},{_CLOCK}\s*\n", re.ASCII)),
)


@dataclass(frozen=True, slots=True)
class _Cue:
    start_ms: int
    end_ms: int
    text: str
    speaker: str = ""


def subtitle_type(text: str) -> str | None:
    """The format that the beginning of a file shows."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return next((kind for kind, sign in _SIGNS if sign.match(text)), None)


def read(path: Path, limits: Limits) -> Parsed:
    """Read a file of subtitles of any of these formats."""
    most = limits.max_characters * 4
    with path.open("rb") as file:
        data = file.read(most + 1)
    decoded = decode(data[:most])
    text = decoded.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    gathered = Gathering(limits)
    problem = Reason.LIMIT_REACHED if len(data) > most else None
    try:
        for cue in _cues(text):
            if isinstance(cue, str):
                gathered.loose(cue)
                continue
            first = len(gathered.segments)
            gathered.add(Record(RecordKind.CUE, cue.speaker or None), cue.text, "subtitle")
            for at in range(first, len(gathered.segments)):
                segment = gathered.segments[at]
                gathered.segments[at] = replace(segment, start_ms=cue.start_ms, end_ms=cue.end_ms)
    except Full:
        problem = Reason.LIMIT_REACHED
    gathered.end()
    metadata = (("encoding", decoded.encoding), ("encoding found", decoded.how))
    return Parsed(FileKind.DOCUMENT, frozenset({"subtitles"}), metadata, tuple(gathered.segments), problem=problem,
                  records=tuple(gathered.records))  # fmt: skip


def _cues(text: str) -> Iterator[_Cue | str]:
    """Cues, and the lines that stand outside of them: titles, notes, comments."""
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if dialogue := _DIALOGUE.match(line):
            parts = dialogue[9].split(",", _FIELDS_BEFORE_TEXT)
            said = parts[-1].replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ")
            speaker = parts[1].strip() if len(parts) > _FIELDS_BEFORE_TEXT else ""
            yield _Cue(_ms(dialogue, 1), _ms(dialogue, 5), _MARKUP.sub("", said).strip(), speaker)
        elif clock := _ARROW.match(line) or _COMMA.match(line):
            words = list(_until_blank(lines, at))
            at += len(words)
            said = "\n".join(words)
            voice = _VOICE.search(said)
            yield _Cue(_ms(clock, 1), _ms(clock, 5), html.unescape(_MARKUP.sub("", said)).strip(),
                       voice[1].strip() if voice else "")  # fmt: skip
        elif not _NOT_WORDS.match(line):
            yield line


def _until_blank(lines: list[str], start: int) -> Iterator[str]:
    """The lines of a cue. Where the blank line after it is missing, the next cue's number and times are not its text."""
    for at in range(start, len(lines)):
        line = lines[at]
        following = lines[at + 1] if at + 1 < len(lines) else ""
        if not line.strip() or _ARROW.match(line) or (_NUMBER.match(line) and _ARROW.match(following)):
            return
        yield line


def _ms(clock: re.Match[str], first: int) -> int:
    hours, minutes, seconds = (int(clock[first + i] or 0) for i in range(3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(clock[first + 3].ljust(3, "0"))
