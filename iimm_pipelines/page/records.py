"""Messages, mails, posts, calls and rows of tables as a person reads them: who, when, to whom; values by column.

Here: what stands above or beside the text of a record.
Not here: reading records (formats), their text and its translation (page/item_page).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from iimm_pipelines.page.words import Words

_NAMES = 20
"""Recipients and files that are named; a mail may have thousands."""


def said(record: Mapping[str, Any], w: Words) -> Iterator[tuple[str, str]]:
    """Who said it, when and to whom, by labels of the interface; nothing of a row, whose values say it."""
    if not record or record.get("kind") in ("row", "header", "cue"):
        return
    for field, label in (("sender", "sender"), ("account", "account"), ("group", "group")):
        if record.get(field):
            yield w(label), str(record[field])
    if sent := _time(record):
        yield w("sent"), f"{sent} ({w('ambiguous')})" if record.get("time_ambiguous") else sent
    for field, label in (("recipients", "recipients"), ("media", "media of"), ("shares", "shares")):
        if named := record.get(field):
            more = f" {w('more', n=len(named) - _NAMES)}" if len(named) > _NAMES else ""
            yield w(label), ", ".join(named[:_NAMES]) + more
    for field, label in (("forwarded_from", "forwarded from"), ("event", "event in record")):
        if record.get(field):
            yield w(label), str(record[field])
    if record.get("duration_s") is not None:
        yield w("duration"), w("seconds", n=record["duration_s"])
    doubts = [w(word) for field, word in (("deleted", "deleted"), ("edited", "edited"), ("system", "system message"))
              if record.get(field)]  # fmt: skip
    if doubts:
        yield w("kind"), ", ".join(doubts)


def cells(row: Mapping[str, Any], columns: Sequence[str], w: Words) -> Iterator[tuple[str, str]]:
    """Values of a row behind the names of their columns; nothing where it has one value only."""
    places = row.get("cells") or ()
    if len(places) < 4:  # two numbers a cell
        return
    text, starts = row["text"], places[1::2]
    for column, start, end in zip(places[::2], starts, [*(s - 1 for s in starts[1:]), len(text)], strict=True):
        known = column <= len(columns) and columns[column - 1]
        yield columns[column - 1] if known else w("column", n=column), text[start:end]


def _time(record: Mapping[str, Any]) -> str:
    """On the writer's clock where that is known, with its offset; else as it is written."""
    local, offset = record.get("time_local"), record.get("offset_minutes")
    if local and offset is not None:
        return f"{local} {'-' if offset < 0 else '+'}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
    if local:
        return str(local)
    if record.get("utc_ms") is not None:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=record["utc_ms"])
        return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
    return str(record.get("time_written") or "")
