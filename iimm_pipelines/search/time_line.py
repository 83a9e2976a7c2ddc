"""The time line: hits by year, month or day, of one sort of time.

Here: which steps a stretch of time is shown in, and the counts.
Not here: filters by time (search/when_and_where), drawing it (page/time_line).

A time that is known as a stretch counts in each step that it touches, as a filter for that step finds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from iimm_pipelines.formats.times import TimeOf
from iimm_pipelines.search.facet_fields import SPANS
from iimm_pipelines.search.when_and_where import stretch_of

_FIRST, _LAST = "1900-01-01T00:00:00.000Z", "2099-12-31T23:59:59.999Z"
"""Years that are shown; a clock that was never set is found by a filter, and would make a line of centuries."""
_DAYS_IN_DAYS, _DAYS_IN_MONTHS = 62, 5 * 366
_LENGTHS = {"year": 4, "month": 7, "day": 10}


@dataclass(frozen=True, slots=True)
class Line:
    """What is shown: a sort of time, and in which steps."""

    of: TimeOf
    step: str
    first: str = _FIRST
    last: str = _LAST

    def counting(self, each: Mapping[str, Any]) -> dict[str, Any]:
        """The aggregation; `each` counts within a step."""
        bounds = {"min": self.first, "max": self.last}
        return {
            "date_histogram": {"field": f"{SPANS}.{self.of}", "calendar_interval": self.step, "min_doc_count": 1, "hard_bounds": bounds},
            "aggs": each,
        }  # fmt: skip

    def counted(self, found: Mapping[str, Any]) -> dict[str, int]:
        """Objects by step, written as a filter takes it: 2023, 2023-05 or 2023-05-04; earliest first."""
        steps = {}
        for bucket in found["buckets"]:
            begin = datetime.fromtimestamp(bucket["key"] / 1000, UTC).strftime("%Y-%m-%d")[: _LENGTHS[self.step]]
            if self.first[: len(begin)] <= begin <= self.last[: len(begin)]:
                steps[begin] = int(bucket["objects"]["value"])
        return steps


def line_of(of: TimeOf, after: str, before: str) -> Line:
    """Years, or months and days where the search is narrowed to few of them.

    Raises:
        AskedInvalid: a time that nobody could mean.
    """
    first, last = stretch_of(after)[0] if after else _FIRST, stretch_of(before)[1] if before else _LAST
    if not (after and before):
        return Line(of, "year", max(first, _FIRST), min(last, _LAST))
    days = (_moment(last) - _moment(first)).days
    step = "day" if days <= _DAYS_IN_DAYS else "month" if days <= _DAYS_IN_MONTHS else "year"
    return Line(of, step, first, last) if step != "year" else Line(of, step, max(first, _FIRST), min(last, _LAST))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
