"""Tags and notes of items: what somebody says of them, each a signed row with author and time.

Here: tagging one item or many, notes, withdrawing either, and what stands about an item.
Not here: which codes there are (work/codes), how the index learns of it (work/in_index).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.visible import visible
from iimm_pipelines.work.codes import codes
from iimm_pipelines.work.in_index import bring_now
from iimm_pipelines.work.record import Kind, New, Row, WorkRefused

LONGEST_NOTE = 5_000
MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Said:
    """What was written down: the rows, and whether the index shows them already."""

    rows: Sequence[Row]
    in_index: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands about an item, oldest first."""

    tags: tuple[Row, ...] = ()
    notes: tuple[Row, ...] = ()
    corrections: tuple[Row, ...] = ()


def tag(holding: Holding, who: Reader, items: Sequence[str], code: str, value: str = "") -> Said:
    """Tag items. What the same person said of an item already is not said again.

    Raises:
        WorkRefused: there is no such code, or it takes no such value; too many items.
        ItemUnknown: one of the items is not there, or not for this reader: nobody can tell which.
        NodeError: the search node does not run, or does not answer.
    """
    known = codes(holding.settings).get(code)
    if known is None:
        raise WorkRefused(f"a code is one of: {', '.join(codes(holding.settings))}")
    text = known.checked(value)
    numbers = _seen(holding, who, items)
    standing = holding.work.of_items(numbers)
    said = {(r.about, r.by, r.body["code"], r.body.get("value")) for rows in standing.values() for r in rows
            if r.kind is Kind.TAG}  # fmt: skip
    body = {"code": code} | ({"value": text} if text is not None else {})
    rows = [New(Kind.TAG, n, body) for n in numbers if (n, who.name, code, text) not in said]
    return _said(holding, who, rows)


def note(holding: Holding, who: Reader, items: Sequence[str], text: str) -> Said:
    """Write a note to items. What the same person wrote to an item already, and stands, is not written again.

    Raises:
        WorkRefused: nothing is written, or too much; too many items.
        ItemUnknown: one of the items is not there, or not for this reader: nobody can tell which.
        NodeError: the search node does not run, or does not answer.
    """
    written = text.replace("\r\n", "\n").strip()
    if not written or len(written) > LONGEST_NOTE:
        raise WorkRefused(f"a note has 1 to {LONGEST_NOTE} characters")
    numbers = _seen(holding, who, items)
    standing = holding.work.of_items(numbers)
    said = {r.about for rows in standing.values() for r in rows
            if (r.kind, r.by, r.body.get("text")) == (Kind.NOTE, who.name, written)}  # fmt: skip
    return _said(holding, who, [New(Kind.NOTE, n, {"text": written}) for n in numbers if n not in said])


def withdraw(holding: Holding, who: Reader, id: str, why: str = "", *, may_correct: bool = True) -> Said:
    """End a tag, a note or a correction of an item that the reader may see, whoever said it: the new row says who ended it.

    A correction is ended only by who may correct.

    Raises:
        WithdrawnAlready: it has ended already.
        ItemUnknown: there is none of this id, or it is not for this reader.
        NodeError: the search node does not run, or does not answer.
    """
    row = holding.work.row(id)
    if row is None or row.kind not in (Kind.TAG, Kind.NOTE, Kind.CORRECTION):
        raise ItemUnknown("there is no such tag, note or correction")
    if row.kind is Kind.CORRECTION and not may_correct:
        raise ItemUnknown("there is no such tag or note")
    if row.about not in visible(holding, who, [row.about]):
        raise ItemUnknown("there is no such tag, note or correction")
    made = holding.work.withdraw(who.name, row, why)
    return Said([made], bring_now(holding, [row.about]))


def standing(holding: Holding, item: str) -> Standing:
    """What stands about an item; the caller knows that its reader may see it."""
    rows = holding.work.of_items([item]).get(item, [])
    return Standing(*(tuple(r for r in rows if r.kind is k) for k in (Kind.TAG, Kind.NOTE, Kind.CORRECTION)))


def _seen(holding: Holding, who: Reader, items: Sequence[str]) -> list[str]:
    numbers = list(dict.fromkeys(items))
    if not numbers or len(numbers) > MOST_AT_ONCE:
        raise WorkRefused(f"choose 1 to {MOST_AT_ONCE} items")
    there = visible(holding, who, numbers)
    missing = [n for n in numbers if n not in there]
    if missing:
        raise ItemUnknown(f"there is no item {missing[0]}: nothing was written down")
    return numbers


def _said(holding: Holding, who: Reader, rows: Sequence[New]) -> Said:
    made = holding.work.add(who.name, rows)
    return Said(made, bring_now(holding, {r.about for r in made}))
