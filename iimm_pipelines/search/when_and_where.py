"""Times and places of an item as the index holds them, and as they are asked for.

Here: fields for each meaning of a time, ranges for what is not known exactly, points thinned out, filters.
Not here: what files state (formats/times, formats/positions), words (search/query).

A time is a range: from the first to the last moment that can be meant. A local time without offset may have been in any
zone, a day lasts a day. So a filter finds all that may lie within it, and what is shown with a hit says how sure it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from iimm_pipelines.formats import times
from iimm_pipelines.formats.times import Meaning, TimeOf, range_ms

TIMES, PLACES = "times", "places"
_MOST_POINTS = 200
"""Of a document; a track of more is thinned to a coarser grid until so few are left."""
_GRIDS = (1, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
"""Millionths of a degree: the finest is that of the positions, 1,000 are some 110 m."""
_MILLION = 1_000_000
_MOST_KILOMETRES = 20_000
_MOST_CAPTURES = 100
"""Of an accession, since they stand with each of its items and segments; of more, the time from first to last stands."""


class AskedInvalid(ValueError):
    """A time or a place that cannot be asked for; the text says how to write it."""


def field_of(meaning: str) -> str:
    """The index field of a meaning."""
    return meaning.lower().replace(" ", "_")


TIME_FIELDS: Mapping[str, Any] = {field_of(m): {"type": "date_range"} for m in Meaning}


def times_of(stated: Iterable[Mapping[str, Any]], record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Ranges by meaning, of what the file states and of what its container or file system says of it."""
    return _ranges((*_stated(stated), *_of_occurrence(record))) or None


def times_of_accession(received: str, captured: Iterable[str]) -> dict[str, Any]:
    """When an accession was received, and when captured by the register's words: of many captures, from first to last."""
    at = [(meaning, span) for meaning, written in ((Meaning.RECEIVED, received), *((Meaning.CAPTURED, c) for c in captured))
          if (found := times.read(written)) and (span := found.range_ms())]  # fmt: skip
    spans = [span for meaning, span in at if meaning is Meaning.CAPTURED]
    if len(spans) > _MOST_CAPTURES:
        whole = (min(begin for begin, _ in spans), max(end for _, end in spans))
        at = [*(a for a in at if a[0] is not Meaning.CAPTURED), (Meaning.CAPTURED, whole)]
    return _ranges(at)


def with_accession(known: Mapping[str, Any] | None, of_accession: Mapping[str, Any]) -> dict[str, Any]:
    """An item's times with those of its accession. Where it says itself when it was captured, that stands."""
    return {**of_accession, **(known or {})}


def _ranges(times: Iterable[tuple[str, tuple[int, int]]]) -> dict[str, Any]:
    found: dict[str, set[tuple[int, int]]] = {}
    for meaning, span in times:
        found.setdefault(field_of(meaning), set()).add(span)
    return {n: [{"gte": _text(a), "lte": _text(b)} for a, b in sorted(spans)] for n, spans in sorted(found.items())}


def said_at(known: Mapping[str, Any] | None, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same, and when a record was said, where it states a time: each message of a chat has its own."""
    span = None
    try:
        if record.get("time_local"):
            span = range_ms(record["time_local"], record.get("offset_minutes"))
        elif record.get("utc_ms") is not None and _in_calendar(record["utc_ms"]):
            span = (record["utc_ms"], record["utc_ms"])
    except OverflowError:
        return known
    if span is None:
        return known
    return {**(known or {}), field_of(Meaning.MESSAGE_SENT): [{"gte": _text(span[0]), "lte": _text(span[1])}]}


def _stated(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, tuple[int, int]]]:
    for row in rows:
        try:
            yield row["meaning"], range_ms(row["iso"], row.get("offset_minutes"))
        except OverflowError:
            continue


def _of_occurrence(record: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, int]]]:
    changed = Meaning.FILE_MODIFIED if record.get("parent") is None else Meaning.FILE_MODIFIED_IN_CONTAINER
    for meaning, name in ((changed, "modified"), (Meaning.CAPTURED, "captured")):
        known, written = record.get(f"{name}_ms"), record.get(f"{name}_text")
        if known is not None and _in_calendar(known):
            yield meaning, (known, known)
        elif written and (found := times.read(written)) and (span := found.range_ms()):
            yield meaning, span


def _in_calendar(milliseconds: int) -> bool:
    try:
        _text(milliseconds)
    except OverflowError:
        return False
    return True


def _text(milliseconds: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def points_of(positions: Iterable[Mapping[str, Any]]) -> list[str] | None:
    """Points on Earth as latitude and longitude, at most 200, of points, tracks and areas alike."""
    exact: list[tuple[int, int]] = []
    for row in positions:
        exact.append((row["latitude"], row["longitude"]))
        along: Sequence[int] = row.get("along") or ()
        exact.extend(zip(along[::2], along[1::2], strict=True))
    for grid in _GRIDS:
        kept: dict[tuple[int, int], tuple[int, int]] = {}
        for latitude, longitude in exact:
            kept.setdefault((latitude // grid, longitude // grid), (latitude, longitude))
        if len(kept) <= _MOST_POINTS:
            break
    chosen = sorted(kept.values())[:_MOST_POINTS]
    return [f"{latitude / _MILLION:.6f},{longitude / _MILLION:.6f}" for latitude, longitude in chosen] or None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search is narrowed to: a stretch of time, by meaning, and a circle on Earth."""

    after: str = ""
    before: str = ""
    when: str = ""
    """A meaning, one of the sorts of time, or nothing: any that the material says. When it reached us is asked by name."""
    near: str = ""
    """Latitude, longitude, kilometres."""

    def filters(self) -> list[dict[str, Any]]:
        """As the index is asked.

        Raises:
            AskedInvalid: a time, meaning or place that nobody could mean.
        """
        found = []
        if self.after or self.before or self.when:
            found.append(_time_filter(self.after, self.before, self.when))
        if self.near:
            found.append(_place_filter(self.near))
        return found


ANY_TIME_AND_PLACE = Asked()


def _time_filter(after: str, before: str, when: str) -> dict[str, Any]:
    asked: dict[str, str] = {"relation": "intersects"}
    if after:
        asked["gte"] = _text(_asked_span(after)[0])
    if before:
        asked["lte"] = _text(_asked_span(before)[1])
    fields = [f"{TIMES}.{field_of(m)}" for m in _meant(when)]
    if len(asked) == 1:
        return {"bool": {"should": [{"exists": {"field": f}} for f in fields], "minimum_should_match": 1}}
    return {"bool": {"should": [{"range": {f: asked}} for f in fields], "minimum_should_match": 1}}


def _meant(when: str) -> list[Meaning]:
    wanted = when.strip().lower()
    if not wanted:
        return [m for m in Meaning if m.of is not TimeOf.RECEIPT]
    found = [m for m in Meaning if wanted in (m.of, m.lower(), field_of(m))]
    if not found:
        known = ", ".join([*TimeOf, *Meaning])
        raise AskedInvalid(f"there is no such time; there are: {known}")
    return found


def stretch_of(asked: str) -> tuple[str, str]:
    """From the first to the last moment of a time as it is typed.

    Raises:
        AskedInvalid: a time that nobody could mean.
    """
    first, last = _asked_span(asked)
    return _text(first), _text(last)


def _asked_span(text: str) -> tuple[int, int]:
    """The stretch that is typed: a year, a month, a day or a moment, in UTC unless an offset is typed."""
    found = times.read(text)
    if found is None:
        raise AskedInvalid("write a time as 2024, 2024-05, 2024-05-03 or 2024-05-03T14:30+06:30")
    span = replace(found, offset_minutes=found.offset_minutes or 0).range_ms()
    if span is None:
        raise AskedInvalid("the index holds years 2 to 9998")
    return span


def _place_filter(near: str) -> dict[str, Any]:
    parts = near.split(",")
    try:
        latitude, longitude, kilometres = (float(part) for part in parts)
    except ValueError:
        raise AskedInvalid("write a place as latitude,longitude,kilometres, such as 16.87,96.2,5") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180 and 0 < kilometres <= _MOST_KILOMETRES):
        raise AskedInvalid("degrees go to 90 and 180, kilometres to 20000")
    return {"geo_distance": {"distance": f"{kilometres}km", PLACES: {"lat": latitude, "lon": longitude}}}
