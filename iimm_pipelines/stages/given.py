"""Given texts: what a load file itself says in full of a document: extracted text, translation, transcript.

Here: such texts as segments, with who made them as far as the load file says.
Not here: texts in files of their own, which `contents` reads like any file (search/documents says what they are),
reading a load file (accessions/load_files).

The one stage whose outcome rests on what came with an occurrence. It is the same for every item without such texts, so
that what is made from it is carried over between occurrences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from iimm_pipelines.engine.outcome import Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.formats.parsed import segments_of
from iimm_pipelines.schema import SEGMENTS


def texts(task: Task) -> Iterator[Mapping[str, Any]]:
    """Role, maker and text of each text that came with an item."""
    if "inventory" in task.upstream:
        for claim in task.upstream["inventory"].tables.get("claims", ()):
            yield from claim["texts"] or ()


def triage(task: Task) -> Outcome | None:
    """No text came with it."""
    return None if next(texts(task), None) else ended(Reason.NO_INPUT, frozenset())


def apply(tool: object, task: Task) -> Outcome:
    """Segments of each text, under its role."""
    rows: list[Row] = [
        {"text": s.text, "field": given["role"], "paragraph": s.paragraph, "maker": given["maker"]}
        for given in texts(task) for s in segments_of(given["text"])
    ]  # fmt: skip
    return produced({"segments": rows}) if rows else ended(Reason.NO_TEXT)


STAGE = Stage(
    name="given",
    version=1,
    tables=(SEGMENTS,),
    reads=("inventory",),
    ingredients={"given": Ingredient()},
    apply=apply,
    triage=triage,
    slice_items=500,
    limits=Limits(seconds=60, seconds_per_mb=10),
)
