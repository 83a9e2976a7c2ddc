"""Shelves: saved searches and lists of items, one's own or shared.

Here: making, sharing, filling and ending them, and who may use which.
Not here: watch-lists (work/watching), what a search finds and what of a list somebody sees (search: asked as its reader).

Sharing gives the shelf and never what stands on it: a shared search is asked by each with their own marks, and of a shared
list everybody sees the items that they may see, and no count of others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.accounts import AccountUnknown
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.visible import visible
from iimm_pipelines.work.record import Kind, New, Row, WorkRefused

ALL = "*"
"""In place of names: shared with everybody."""
KINDS = (Kind.SEARCH, Kind.LIST)
_LONGEST_NAME = 100
_MOST_AT_ONCE = 1_000


class ShelfUnknown(WorkRefused):
    """There is no such shelf, or it is not for this reader: nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("there is no such search or list")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A saved search, list or watch-list as somebody has it. `shared`: with whom its owner shares it."""

    id: str
    kind: Kind
    name: str
    owner: str
    row: Row
    shared: tuple[str, ...] = ()

    def is_for(self, who: str) -> bool:
        """Whether somebody may use it."""
        return who == self.owner or ALL in self.shared or who in self.shared


def make(holding: Holding, who: Reader, kind: Kind, name: str, **more: Any) -> Shelf:
    """Make a shelf.

    Raises:
        WorkRefused: it needs a name of 1 to 100 characters.
    """
    [row] = holding.work.add(who.name, [New(kind, "", {"name": named(name), **more})])
    return Shelf(row.id, kind, row.body["name"], row.by, row)


def named(name: str) -> str:
    """A name as it is written down.

    Raises:
        WorkRefused: it is none.
    """
    text = " ".join(name.split())
    if not text or len(text) > _LONGEST_NAME or not text.isprintable():
        raise WorkRefused(f"a name has 1 to {_LONGEST_NAME} characters")
    return text


def shelves(holding: Holding, who: str, *kinds: Kind) -> list[Shelf]:
    """What somebody may use, by name."""
    shared = {r.about: tuple(r.body["with"]) for r in reversed(holding.work.rows(Kind.SHARED))}
    found = [
        Shelf(id, r.kind, r.body["name"], r.body.get("owner", r.by), r, shared.get(id, ()))
        for r in holding.work.rows(*kinds)
        for id in [r.about or r.id]
    ]
    return sorted((s for s in found if s.is_for(who)), key=lambda s: (s.name.casefold(), s.id))


def shelf(holding: Holding, who: str, id: str, *kinds: Kind) -> Shelf:
    """One that somebody may use.

    Raises:
        ShelfUnknown: there is none.
    """
    found = next((s for s in shelves(holding, who, *(kinds or KINDS)) if s.id == id), None)
    if found is None:
        raise ShelfUnknown
    return found


def share(holding: Holding, who: str, of: Shelf, names: Sequence[str]) -> None:
    """Share with these accounts from now on, or with everybody (`*`), or with nobody. Its owner alone may.

    Raises:
        WorkRefused: it is another's, or there is no such account.
    """
    if of.owner != who:
        raise WorkRefused(f"{of.owner} decides with whom this is shared")
    for name in names:
        if name != ALL:
            try:
                holding.accounts.get(name)
            except AccountUnknown:
                raise WorkRefused(f"there is no account {name!r}") from None
    for row in holding.work.rows(Kind.SHARED, about=of.id):
        holding.work.withdraw(who, row)
    if names:
        holding.work.add(who, [New(Kind.SHARED, of.id, {"with": sorted(set(names))})])


def end(holding: Holding, who: str, of: Shelf) -> None:
    """Take a shelf away; what was on it stays in the record. Its owner alone may.

    Raises:
        WorkRefused: it is another's.
    """
    if of.owner != who:
        raise WorkRefused(f"{of.owner} decides when this ends")
    holding.work.withdraw(who, of.row)


# lists


def put(holding: Holding, who: Reader, on: Shelf, items: Sequence[str]) -> int:
    """Put items on a list; gives how many were not on it.

    Raises:
        WorkRefused: too many, or none.
        ItemUnknown: one of them is not there, or not for this reader: nobody can tell which.
        NodeError: the search node does not answer.
    """
    numbers = list(dict.fromkeys(items))
    if not numbers or len(numbers) > _MOST_AT_ONCE:
        raise WorkRefused(f"choose 1 to {_MOST_AT_ONCE} items")
    there = visible(holding, who, numbers)
    if missing := [n for n in numbers if n not in there]:
        raise ItemUnknown(f"there is no item {missing[0]}: nothing was put on the list")
    known = {r.body["item"] for r in holding.work.rows(Kind.LISTED, about=on.id)}
    new = [New(Kind.LISTED, on.id, {"item": n}) for n in numbers if n not in known]
    return len(holding.work.add(who.name, new))


def take(holding: Holding, who: Reader, off: Shelf, item: str) -> None:
    """Take an item off a list."""
    for row in holding.work.rows(Kind.LISTED, about=off.id):
        if row.body["item"] == item and item in visible(holding, who, [item]):
            holding.work.withdraw(who.name, row)


def on_list(holding: Holding, who: Reader, of: Shelf) -> list[tuple[Row, dict[str, Any]]]:
    """What of a list its reader may see, newest first, each with a few fields of the item."""
    rows = holding.work.rows(Kind.LISTED, about=of.id)
    seen = visible(holding, who, [r.body["item"] for r in rows])
    return [(r, seen[r.body["item"]]) for r in rows if r.body["item"] in seen]
