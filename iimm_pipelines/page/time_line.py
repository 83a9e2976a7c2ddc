"""The time line of a search, as bars.

Here: from counts by step to bars of one picture, with the steps between in which nothing was found.
Not here: counting (search/time_line), the template.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, HEIGHT = 600, 120
"""Units of the picture; the bars stand on its lower edge, with their names below."""
_MOST_BARS = 240
_WIDEST = 60
_NAMES = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A step of time with its hits; `name` stands below only where there is room."""

    step: str
    count: int
    x: float
    width: float
    height: float
    named: bool


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """A bar for each step from the first to the last; of more than 240 the last ones."""
    if not counts:
        return []
    steps = list(_steps(min(counts), max(counts)))[-_MOST_BARS:]
    wide, most = min(WIDTH / len(steps), _WIDEST), max(counts.values())
    each = -(-len(steps) // _NAMES)
    return [
        Bar(step, n := counts.get(step, 0), round(at * wide, 2), round(max(wide - 1, wide * 0.7), 2),
            round(max(3.0, HEIGHT * n / most), 1) if n else 0.0, at % each == 0)
        for at, step in enumerate(steps)
    ]  # fmt: skip


def _steps(first: str, last: str) -> Iterator[str]:
    """Years, months or days in between, as they are written."""
    if len(first) == 4:
        yield from (f"{year:04d}" for year in range(int(first), int(last) + 1))
    elif len(first) == 7:
        begin, end = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (first, last))
        yield from (f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(begin, end + 1))
    else:
        day, until = date.fromisoformat(first), date.fromisoformat(last)
        while day <= until:
            yield day.isoformat()
            day += timedelta(days=1)
