"""What stands around an item: those beside it and those inside it, some at a time, by number, as a reader sees them.

Here: a window over the items of one parent, wherever in it one looks.
Not here: the chain above, family and copies (search/items), showing it as a tree (page/templates/tree).

A container may hold 200,000 members: so a window begins at a number and never at a count of what is before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.asking import Asking, Query, asking

BEFORE, AFTER = 5, 15
"""Items of a window before and behind the one that it is around."""
_SHOWN = ("item", "name", "kind", "media_type", "relation", "parent", "tags")

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Numbers of those right before and behind an item, empty where there is none."""

    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Some of several items, in the order of their numbers, and how many lie before and behind."""

    items: tuple[Fields, ...] = ()
    earlier: int = 0
    later: int = 0

    @property
    def first(self) -> str:
        """The number that the window begins with."""
        return str(self.items[0]["item"])

    def neighbours(self, number: str) -> Neighbours:
        """Those right before and behind an item, where it is in the window."""
        numbers = [str(one["item"]) for one in self.items]
        if number not in numbers:
            return Neighbours()
        at = numbers.index(number)
        return Neighbours(numbers[at - 1] if at else "", numbers[at + 1] if at + 1 < len(numbers) else "")

    @property
    def last(self) -> str:
        """The number that it ends with."""
        return str(self.items[-1]["item"])


@dataclass(frozen=True, slots=True)
class Around:
    """An item's neighbours, itself among them, and what it holds."""

    beside: Window
    inside: Window


def around(holding: Holding, who: Reader, item: Fields, beside: str = "", inside: str = "") -> Around:
    """What stands around an item that its reader sees; `beside` and `inside` name numbers that windows are around.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    number = str(item["item"])
    with asking(holding, who) as ask:
        return Around(_window(ask, _siblings(item), beside or number), _window(ask, [_term("parent", number)], inside))


def _siblings(item: Fields) -> list[Query]:
    if item.get("parent"):
        return [_term("parent", item["parent"])]
    return [_term("accession", item["accession"]), {"bool": {"must_not": [{"exists": {"field": "parent"}}]}}]


def _window(ask: Asking, of: list[Query], at: str) -> Window:
    before, earlier = _some(ask, [*of, {"range": {"item": {"lt": at}}}], "desc", BEFORE) if at else ((), 0)
    behind, later = _some(ask, [*of, {"range": {"item": {"gte": at}}}] if at else of, "asc", AFTER + 1)
    return Window((*reversed(before), *behind), earlier - len(before), later - len(behind))


def _some(ask: Asking, of: list[Query], order: str, most: int) -> tuple[tuple[Fields, ...], int]:
    found = ask.search("items", of, size=most, sort=[{"item": order}], track_total_hits=True, _source=list(_SHOWN))[
        "hits"
    ]
    return tuple(h["_source"] for h in found["hits"]), int(found["total"]["value"])


def _term(field: str, value: str) -> Query:
    return {"term": {field: value}}
