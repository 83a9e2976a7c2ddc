"""What people decided about an item, as a search is narrowed by it.

Here: the filters of tags, flags of lexicons and watch-lists.
Not here: how these come into documents (work/in_index), who may name which watch-list (work/watching).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Decided:
    """`tag`: a code, or a code with its value behind a colon; `flag`: a lexicon's; `watch`: the id of a watch-list."""

    tag: str = ""
    flag: str = ""
    watch: str = ""

    def filters(self) -> list[dict[str, Any]]:
        """The filters of what is asked."""
        asked: list[dict[str, Any]] = []
        if self.tag:
            of_code = [{"term": {"tags": self.tag}}, {"prefix": {"tags": f"{self.tag}:"}}]
            asked.append({"bool": {"should": of_code, "minimum_should_match": 1}})
        if self.flag:
            asked.append({"term": {"flags": self.flag}})
        if self.watch:
            asked.append({"term": {"watch": self.watch}})
        return asked


UNDECIDED = Decided()
