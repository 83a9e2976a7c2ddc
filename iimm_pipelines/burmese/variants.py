"""Spellings of one name, put together: U Kyaw Min, Kyaw Min and ဦးကျော်မင်း.

Here: which names of persons are spellings of one, by sound, and which spelling stands for all.
Not here: finding names in a text (names, recogniser), how a name is spelled and sounds (romanisation).

Names that sound alike are put together, whoever bears them: a group is where to look, not a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.names import name_sounds, persons


@dataclass(frozen=True, slots=True)
class Spellings:
    """A sound, and the spellings of names that have it, the most frequent first."""

    key: str
    names: tuple[str, ...]
    count: int


def bare(name: str) -> str:
    """A name without its titles, where all of it is one person."""
    text = normal_text(name.strip(), None).text
    found = persons(text)
    return found[0].name if found and (found[0].start, found[0].end) == (0, len(text)) else text


def variants(names: Iterable[str]) -> list[Spellings]:
    """Names as they stand, with titles or without, in groups of one sound; the largest group first."""
    groups: dict[str, Counter[str]] = {}
    for name in names:
        if key := name_sounds(bare(name)).replace(" ", ""):
            groups.setdefault(key, Counter())[name] += 1
    found = [Spellings(key, _frequent_first(counted), counted.total()) for key, counted in groups.items()]
    return sorted(found, key=lambda s: (-s.count, s.key))


def _frequent_first(counted: Counter[str]) -> tuple[str, ...]:
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))
