"""Places by their P-code: names and a point for each, and the codes that a name may mean.

Here: the gazetteer's tables as facets, the map and `place:` need them. They are asked, not read: 90,000 places take
seconds to read, and a page needs some dozens.
Not here: finding places in texts (iimm_pipelines.stages.places).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.tables import Entry, entries
from iimm_pipelines.engine.outcome import Problem
from iimm_pipelines.stages.entities import GAZETTEER_MODEL
from iimm_pipelines.stages.places import DATABASE, short_name
from iimm_pipelines.stages.weights import model

_COLUMNS = {
    "state": ("state_pcode", "villages"), "district": ("district_saz_pcode", "villages"), "township": ("township_pcode", "villages"),
    "town": ("town_pcode", "wards"), "village_tract": ("village_tract_pcode", "villages"), "village": ("village_pcode", "villages"),
    "ward": ("ward_pcode", "wards"),
}  # fmt: skip
"""By level, the largest first: the column of its code, and a table that names all of them. Every township has villages."""
_ENDINGS = ("", " township", " village", " town", " district", " state", " region", "မြို့နယ်", "မြို့", "ရွာ", "ခရိုင်", "ပြည်နယ်",
            "တိုင်းဒေသကြီး")  # fmt: skip


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A place; a larger one has the middle of its villages or wards for a point, a country none."""

    code: str
    english: str
    burmese: str
    point: tuple[float, float] | None

    @property
    def both(self) -> str:
        """Its names as one text."""
        return f"{self.english} {self.burmese}"

    @property
    def pair(self) -> str:
        """What stands for it in the index where it is open which place of this name is meant."""
        return " | ".join(short_name(name) for name in (self.english, self.burmese))


class KnownPlaces:
    """The places of a gazetteer; without one, countries and cities of the world only."""

    def __init__(self, folder: Path | None) -> None:
        """Nothing is read before it is asked for."""
        self._folder = folder
        self._known: dict[str, KnownPlace | None] = {}
        self._meant: dict[str, tuple[str, ...]] = {}

    def of(self, codes: Iterable[str]) -> Mapping[str, KnownPlace]:
        """What is known of these."""
        new = [code for code in dict.fromkeys(codes) if code not in self._known]
        if new:
            found = {e.id: KnownPlace(e.id, e.english[0], e.burmese[0], None) for e in _world() if e.id in new}
            found |= {place.code: place for place in self._by_codes([c for c in new if c not in found])}
            self._known |= {code: found.get(code) for code in new}
        return {code: place for code in codes if (place := self._known[code])}

    def meant(self, name: str) -> tuple[str, ...]:
        """What may stand for a place of this name in the index: codes, and both names where its code is open."""
        key = _key(name)
        if key not in self._meant:
            world = [KnownPlace(e.id, e.english[0], e.burmese[0], None) for e in _world()
                     if key in map(_key, (*e.english, *e.burmese))]  # fmt: skip
            found = [*world, *self._by_name(key)]
            self._meant[key] = (*dict.fromkeys(p.code for p in found), *dict.fromkeys(p.pair for p in found))
        return (*self._meant[key], name)

    def _by_codes(self, codes: list[str]) -> Iterator[KnownPlace]:
        marks = ",".join("?" * len(codes))
        for level, (column, table) in _COLUMNS.items() if codes else ():
            # a village's code is a number there
            yield from self._asked(level, column, table, f"cast({column} as text) in ({marks})", codes)

    def _by_name(self, key: str) -> Iterator[KnownPlace]:
        forms = [key + "".join(ending.split()) for ending in _ENDINGS]
        marks = ",".join("?" * len(forms))
        for level, (column, table) in _COLUMNS.items():
            named = f"replace(lower({level}_eng), ' ', '') in ({marks}) or replace({level}_mmr, ' ', '') in ({marks})"
            yield from self._asked(level, column, table, named, [*forms, *forms])

    def _asked(self, level: str, column: str, table: str, where: str, values: list[str]) -> Iterator[KnownPlace]:
        if self._folder is None:
            return
        points = "avg(nullif(latitude, 0)), avg(nullif(longitude, 0))"
        asked = f"select {column}, max({level}_eng), max({level}_mmr), {points} from {table} where {where} group by {column}"
        connection = sqlite3.connect(f"file:{self._folder / DATABASE}?mode=ro&immutable=1", uri=True)
        try:
            rows = connection.execute(asked, values).fetchall()
        finally:
            connection.close()
        for code, english, burmese, latitude, longitude in rows:
            if code and english and burmese:
                point = (round(latitude, 4), round(longitude, 4)) if latitude and longitude else None
                yield KnownPlace(str(code), english, normal_text(burmese, None).text, point)


@lru_cache(maxsize=4)
def known_places(models: Path) -> KnownPlaces:
    """The places of the gazetteer among these models, if there is one."""
    try:
        return KnownPlaces(model(models, GAZETTEER_MODEL).folder)
    except Problem:
        return KnownPlaces(None)


@lru_cache(maxsize=1)
def _world() -> list[Entry]:
    return [e for e in entries("places") if e.what in ("country", "city") and e.english and e.burmese]


def _key(name: str) -> str:
    text = normal_text(name, None).text.casefold().strip()
    for ending in _ENDINGS[1:]:
        text = text.removesuffix(ending)
    return "".join(text.split())
