"""Segments as the language stages read them: all stretches of text of an item, from whichever stage made them.

Here: gathering segments, normal segments and their stretches over the outcomes of earlier stages.
Not here: making segments (contents, recognised_text, transcripts, given).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iimm_pipelines.engine.outcome import Outcome, Reason, ended
from iimm_pipelines.engine.stage import Task

ORIGINS = ("contents", "recognised_text", "transcripts", "given")


def segments(task: Task) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Origin, ordinal and row of each segment of an item."""
    for origin in ORIGINS:
        if origin in task.upstream:
            for ordinal, row in enumerate(task.upstream[origin].tables.get("segments", ())):
                yield origin, ordinal, row


def without_segments(task: Task) -> Outcome | None:
    """Triage: an item in which no stage found text has nothing for the language stages."""
    return None if next(segments(task), None) else ended(Reason.NO_INPUT, frozenset())


def normal_segments(task: Task) -> list[Mapping[str, Any]]:
    """The normal segments of an item."""
    return list(task.upstream["languages"].tables.get("normal_segments", ()))


def stretches(task: Task) -> Mapping[tuple[str, int], list[Mapping[str, Any]]]:
    """Where mixed segments change their language, by origin and ordinal."""
    found: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
    for row in task.upstream["languages"].tables.get("stretches", ()):
        found.setdefault((row["origin"], row["ordinal"]), []).append(row)
    return found


def without_normal_segments(task: Task) -> Outcome | None:
    """Triage: an item without normal segments."""
    return None if normal_segments(task) else ended(Reason.NO_INPUT, frozenset())
