"""Scripts: which script letters are of, and where in a text one ends and the next begins.

Here: the ranges of the scripts (ISO 15924), the letters of one, a text cut into runs of one script each.
Not here: languages (languages), which language's the letters of the Burmese block are (iimm_pipelines.burmese.letters).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

NONE = "Zyyy"
"""The script of a text without letters."""
_RANGES = {
    "Mymr": ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Latn": ((0x41, 0x24F), (0x1E00, 0x1EFF)),
    "Thai": ((0xE00, 0xE7F),),
    "Hani": ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)),
    "Jpan": ((0x3041, 0x30FF),),
    "Hang": ((0x1100, 0x11FF), (0xAC00, 0xD7AF)),
    "Deva": ((0x900, 0x97F),),
    "Beng": ((0x980, 0x9FF),),
    "Guru": ((0xA00, 0xA7F),),
    "Gujr": ((0xA80, 0xAFF),),
    "Orya": ((0xB00, 0xB7F),),
    "Taml": ((0xB80, 0xBFF),),
    "Telu": ((0xC00, 0xC7F),),
    "Knda": ((0xC80, 0xCFF),),
    "Mlym": ((0xD00, 0xD7F),),
    "Sinh": ((0xD80, 0xDFF),),
    "Laoo": ((0xE80, 0xEFF),),
    "Tibt": ((0xF00, 0xFFF),),
    "Khmr": ((0x1780, 0x17FF),),
    "Arab": ((0x600, 0x6FF), (0x750, 0x77F), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "Hebr": ((0x590, 0x5FF),),
    "Cyrl": ((0x400, 0x52F),),
    "Grek": ((0x370, 0x3FF),),
    "Kali": ((0xA900, 0xA92F),),
    "Rohg": ((0x10D00, 0x10D3F),),
}
_MARKER = {name: chr(ord("A") + place) for place, name in enumerate(_RANGES)}
_SCRIPT = {marker: name for name, marker in _MARKER.items()}
_HAN, _KANA = _MARKER["Hani"], _MARKER["Jpan"]
_KANA_OF_JAPANESE = 0.1

# How much is said in a letter: a syllable is one of Han, two or three with their marks in the scripts of India.
_WEIGHT = {"Latn": 1, "Cyrl": 1, "Grek": 1, "Hani": 3, "Jpan": 3, "Hang": 3}
_WEIGHT_ELSEWHERE = 2
_LINE, _CLAUSE = 12, 40
"""Latin letters that make a line or sentence a run, and those that make a run within one: organisations have up to 35."""
_PARTS_AT_MOST = 200
"""A text that changes its script more often is a table or noise, and stays whole."""
_BREAK = re.compile("[\n\r\u2028\u2029.!?။।。！？]")  # noqa: RUF001
_ONE_SCRIPT = re.compile(r"([A-Z])(?:\1| )*(?<! )")


class _Markers(dict[int, str]):
    def __missing__(self, code: int) -> str:
        return " "


@lru_cache(maxsize=1)
def _markers() -> Mapping[int, str]:
    """For each letter and mark the marker of its script, for all else a space."""
    return _Markers(
        (code, _MARKER[name])
        for name, ranges in _RANGES.items()
        for first, last in ranges
        for code in range(first, last + 1)
        if unicodedata.category(chr(code))[0] in "LM"
    )


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a text, in code points, and the script that it is written in."""

    start: int
    end: int
    script: str


@dataclass(slots=True)
class _Part:
    start: int
    size: int
    marker: str
    breaks_before: bool
    breaks_after: bool

    @property
    def is_run(self) -> bool:
        return self.size >= (_LINE if self.breaks_before and self.breaks_after else _CLAUSE)


def script_of(text: str) -> str:
    """The script of most letters, `Zyyy` where there are none. Han and kana are Japanese if a tenth is kana."""
    counts = Counter(text.translate(_markers()))
    del counts[" "]
    han = counts[_HAN] + counts[_KANA]
    japanese = counts[_KANA] > _KANA_OF_JAPANESE * han
    counts[_KANA], counts[_HAN] = (han, 0) if japanese else (0, han)
    marker, most = counts.most_common(1)[0]
    return _SCRIPT[marker] if most else NONE


def letters_of(text: str, script: str) -> str:
    """Letters and marks of one script in lower case, all else as one space."""
    lowered = text.lower()
    own = {_HAN, _KANA} if script == "Jpan" else {_MARKER.get(script)}
    marked = zip(lowered, lowered.translate(_markers()), strict=True)
    return " ".join("".join(letter if marker in own else " " for letter, marker in marked).split())


def runs(text: str) -> list[Run]:
    """A text cut where its script changes; what stands between two letters goes with the first of them.

    A name or a word does not cut: a line of Latin letters needs 12, a stretch within a sentence 40, other scripts fewer.
    What has not so many belongs to the text around it.
    """
    parts = _parts(text)
    if len(parts) > _PARTS_AT_MOST:
        return [Run(0, len(text), script_of(text))]
    while len(parts) > 1:
        least = min(range(len(parts)), key=lambda at: (parts[at].is_run, parts[at].size))
        if parts[least].is_run:
            break
        _drop(parts, least)
    borders = [0, *(part.start for part in parts[1:]), len(text)]
    if len(parts) < 2:
        return [Run(0, len(text), _script(parts[0], text) if parts else NONE)]
    return [Run(a, b, _script(part, text[a:b])) for part, (a, b) in zip(parts, pairwise(borders), strict=True)]


def _script(part: _Part, text: str) -> str:
    """The part's script; of Han and kana the one or the other."""
    return script_of(letters_of(text, "Jpan")) if part.marker == _HAN else _SCRIPT[part.marker]


def _drop(parts: list[_Part], at: int) -> None:
    """Take a part out; the parts around it, if of one script, become one."""
    gone = parts.pop(at)
    before = parts[at - 1] if at > 0 else None
    after = parts[at] if at < len(parts) else None
    if before:
        before.breaks_after |= gone.breaks_after
    if after:
        after.breaks_before |= gone.breaks_before
    if before and after and before.marker == after.marker:
        before.size += after.size
        before.breaks_after = after.breaks_after
        del parts[at]


def _parts(text: str) -> list[_Part]:
    marks = text.translate(_markers()).replace(_KANA, _HAN)
    found = list(_ONE_SCRIPT.finditer(marks))
    ends = [0, *(match.end() for match in found)]
    starts = [*(match.start() for match in found), len(text)]
    breaks = [
        at in (0, len(found)) or bool(_BREAK.search(text, end, start))
        for at, (end, start) in enumerate(zip(ends, starts, strict=True))
    ]
    return [
        _Part(match.start(), (len(match[0]) - match[0].count(" ")) * _weight(match[1]), match[1], breaks[at],
              breaks[at + 1])
        for at, match in enumerate(found)
    ]  # fmt: skip


def _weight(marker: str) -> int:
    return _WEIGHT.get(_SCRIPT[marker], _WEIGHT_ELSEWHERE)
