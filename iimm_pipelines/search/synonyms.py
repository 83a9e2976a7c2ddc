"""Names of one thing that look nothing like each other: old and new names of places, abbreviations.

Here: the file that comes with the program, the operator's own, and where what was typed holds one of the names.
Not here: spellings of one name (search/sounds), the units and places that a text names (iimm_pipelines.stages.entities).

One line for each thing, its names with commas between; what follows `#` is a remark. The names are compared as search
terms, so that spaces between syllables, capitals and the script of digits do not matter. Nothing of it is in the index:
an operator's change counts from the next search on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.search.analysis import terms
from iimm_pipelines.settings import SettingsInvalid

Terms = tuple[str, ...]


class SynonymsInvalid(SettingsInvalid):
    """The operator's file of names cannot be used."""


@dataclass(frozen=True, slots=True)
class Known:
    """A name that stands in what was typed, as terms [start, end), and the other names of the same thing."""

    start: int
    end: int
    others: tuple[Terms, ...]


class Synonyms:
    """Sets of names."""

    def __init__(self, sets: Iterable[Iterable[str]]) -> None:
        """A name in several sets has the other names of all of them."""
        self._others: dict[Terms, dict[Terms, None]] = {}
        for names in sets:
            known = list(dict.fromkeys(tuple(terms(normal_text(name, None).text)) for name in names))
            for name in known:
                self._others.setdefault(name, {}).update(dict.fromkeys(other for other in known if other != name))
        self._longest = max(map(len, self._others), default=0)

    def found(self, typed: Sequence[str]) -> Iterator[Known]:
        """Names among the terms, the longest from each place, none over another."""
        at = 0
        while at < len(typed):
            for end in range(min(at + self._longest, len(typed)), at, -1):
                if others := self._others.get(tuple(typed[at:end])):
                    yield Known(at, end, tuple(others))
                    at = end - 1
                    break
            at += 1


def load_synonyms(file: Path | None) -> Synonyms:
    """The names that come with the program, with those of the operator's file.

    Raises:
        SynonymsInvalid: the file cannot be read, or a line has one name only.
    """
    if file is None:
        return _loaded(None, 0)
    try:
        return _loaded(file, file.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as wrong:
        raise SynonymsInvalid(f"the file of synonyms that iimm.toml names cannot be read as UTF-8: {file}") from wrong


@lru_cache(maxsize=4)
def _loaded(file: Path | None, _changed_ns: int) -> Synonyms:
    ours = (files("iimm_pipelines.search") / "other_names.txt").read_text(encoding="utf-8")
    return Synonyms([*_sets(ours), *(_sets(file.read_text(encoding="utf-8-sig")) if file else ())])


def _sets(written: str) -> Iterator[list[str]]:
    for number, line in enumerate(written.splitlines(), start=1):
        names = [name for name in line.partition("#")[0].split(",") if terms(name)]
        if len(names) == 1:
            raise SynonymsInvalid(f"line {number} of the file of synonyms has one name: write `name, other name`")
        if names:
            yield names
