"""What is found in a text: a stretch of it, what kind of thing it tells, its normal form and its value.

Here: the record that all finders of this package return, and which of two that overlap stays.
Not here: the finders (amounts, dates, identifiers, positions), names (they have no form of their own).

Finders read text in normal form (iimm_pipelines.burmese.encoding); offsets are its code points, and
`NormalText.raw_span` leads back to what was typed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum


class Kind(StrEnum):
    """What a stretch of text tells."""

    NUMBER = "number"
    MONEY = "money"
    AGE = "age"
    DATE = "date"
    WEEKDAY = "weekday"
    TIME = "time"
    NRC = "nrc"
    VEHICLE = "vehicle"
    POSITION = "position"
    MAP_REFERENCE = "map reference"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of which a part may be unknown: without a year it returns each year, without a day it is a month.

    Years are those of ISO 8601: 0 is 1 BC, -1999 is 2000 BC.
    """

    year: int | None
    month: int
    day: int | None

    @property
    def iso(self) -> str:
        """ISO 8601; `--05-03` for the third of May of any year."""
        year = "-" if self.year is None else f"{self.year:04d}"
        return f"{year}-{self.month:02d}" + ("" if self.day is None else f"-{self.day:02d}")


@dataclass(frozen=True, slots=True)
class Point:
    """A point on Earth (WGS 84), in degrees; north and east are positive."""

    latitude: float
    longitude: float


Value = Decimal | Money | Day | int | time | Point | str


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch of text with its kind, normal form and value; not `sure` where it can be read in another way."""

    start: int
    end: int
    kind: Kind
    normal: str
    value: Value
    sure: bool = True


def apart(found: Iterable[Found]) -> list[Found]:
    """In order of place and none over another: of two that overlap the longer stays, of equals the first given."""
    kept: list[Found] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda f: f.start - f.end):
        places = range(one.start, one.end)
        if taken.isdisjoint(places):
            taken.update(places)
            kept.append(one)
    return sorted(kept, key=lambda f: f.start)
