"""Facts of an accession at a terminal: asked for one by one, and shown.

Here: questions, and facts as lines of a table.
Not here: which facts there are and what may be said (iimm_pipelines.accessions.facts).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

import typer
from pydantic import TypeAdapter, ValidationError

from iimm_pipelines.accessions.facts import Capture, Exhibit, Facts, SaidTruth, Told, Transfer, Unknown, said_wrong

Row = TypeVar("Row", Exhibit, Transfer, Capture)
_EMPTY = "(empty: unknown)"
_TRUTHS = {"yes": True, "y": True, "no": False, "n": False}


def ask(told: Told) -> Told:
    """Ask for every fact that is not told yet. What is not known needs a reason."""
    asked: dict[str, Callable[[], Any]] = {
        "form": lambda: _one("the signed form: its item number, or where it is kept", Told, "form"),
        "handling": lambda: _one("handling notes, with semicolons between", Told, "handling", _parts),
        "exhibits": lambda: _many("exhibits (phone, disk, box): how many", Exhibit),
        "transfers": lambda: _many("holders before our door, from the first: how many", Transfer),
        "captures": lambda: _many("captures from open sources: how many", Capture),
    }
    answers = {name: question() for name, question in asked.items() if getattr(told, name) is None}
    return told.over(Told(**answers))


def shown(value: Any) -> str:
    """A fact as it stands in an event, for a cell of a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "; ".join(shown(v) for v in value) or "none"
    if not isinstance(value, dict):
        return str(value)
    if "unknown" in value:
        return f"unknown: {value['unknown']}"
    if "written" in value:
        return str(value["written"]) + (
            f" (UTC {value['utc']})" if value.get("utc") not in (None, value["written"]) else ""
        )
    return ", ".join(f"{k.replace('_', ' ')} {shown(v)}" for k, v in value.items())


def rows(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Facts as they stand in an event: a line for each, those of exhibits, transfers and captures one by one."""
    for name in (f.name for f in fields(Facts)):
        value = data[name]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value, 1):
                yield from ((f"{name} {number}: {k.replace('_', ' ')}", shown(v)) for k, v in row.items())
        else:
            yield name, shown(value)


def _many(question: str, kind: type[Row]) -> tuple[Row, ...] | Unknown:
    count = typer.prompt(f"{question} {_EMPTY}", default="", show_default=False, value_proc=_count)
    if count is None:
        return _why()
    found = []
    for number in range(1, count + 1):
        values = {f.name: _one(f"{kind.__name__.lower()} {number}: {f.metadata['asks']}", kind, f.name)
                  for f in fields(kind)}  # fmt: skip
        found.append(kind(**values))
    return tuple(found)


def _one(question: str, kind: type, name: str, read: Callable[[str], Any] = str) -> Any:
    """Ask until the answer is one that the fact may have."""
    hint = get_type_hints(kind, include_extras=True)[name]
    adapter: TypeAdapter[Any] = TypeAdapter(hint)

    def valid(text: str) -> Any:
        if not text.strip():
            return None
        try:
            return adapter.validate_python(_TRUTHS.get(text.lower(), text) if hint == SaidTruth else read(text))
        except ValidationError as wrong:
            raise typer.BadParameter(said_wrong(wrong.errors()[0]).lstrip(": ")) from None

    answer = typer.prompt(f"{question} {_EMPTY}", default="", show_default=False, value_proc=valid)
    return _why() if answer is None else answer


def _why() -> Unknown:
    return Unknown(typer.prompt("  why is it unknown", value_proc=_reason))


def _reason(text: str) -> str:
    try:
        return TypeAdapter(Unknown).validate_python({"unknown": text}).unknown
    except ValidationError as wrong:
        raise typer.BadParameter(said_wrong(wrong.errors()[0]).lstrip(": ")) from None


def _count(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise typer.BadParameter("a number, 0 for none")
    return int(text)


def _parts(text: str) -> list[str]:
    return [p for p in text.split(";") if p.strip()]
