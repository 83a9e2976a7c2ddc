"""Search as the page offers it: what an address asks for, the result, links to narrower ones, the list as CSV.

Here: from the values of an address to a query and back.
Not here: what a query finds (search/query), labels of a hit (page/hits), drawing (page/time_line, page/country_map),
templates.

What is folded is not counted: a facet, the time line and the map cost time, and an address says which are open.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from iimm_pipelines.formats.times import TimeOf
from iimm_pipelines.holding import Holding
from iimm_pipelines.page.cells import as_csv
from iimm_pipelines.page.country_map import Spot, spots
from iimm_pipelines.page.hits import ShownHit, shown_hit
from iimm_pipelines.page.time_line import Bar, bars
from iimm_pipelines.page.words import Words
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.facets import Facet, Reading
from iimm_pipelines.search.known_places import KnownPlaces, known_places
from iimm_pipelines.search.query import DEEPEST, EVERYTHING, Narrowing, Order, Place, Result, Shape, search
from iimm_pipelines.search.time_line import line_of
from iimm_pipelines.search.when_and_where import Asked
from iimm_pipelines.search.who_was_what import AskedRole

HITS_OF_A_PAGE = 20
HITS_OF_AN_EXPORT = 1_000
_VALUES = 40
_LAST_PAGE = DEEPEST // HITS_OF_A_PAGE

COLUMNS = (
    "item",
    "kind",
    "media type",
    "date",
    "language",
    "place",
    "which text",
    "text",
    "made by, and doubts",
    "copies",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for, by the names of the form's fields."""

    q: str = ""
    kind: str = ""
    language: str = ""
    source: str = ""
    accession: str = ""
    named_place: str = ""
    named_person: str = ""
    named_unit: str = ""
    named_organisation: str = ""
    reading: str = ""
    watch: str = ""
    """The id of a watch-list that hits were found by."""
    tag: str = ""
    flag: str = ""
    mark: str = ""
    square: str = ""
    record: str = ""
    sender: str = ""
    after: str = ""
    before: str = ""
    when: str = ""
    near: str = ""
    person: str = ""
    rank: str = ""
    unit: str = ""
    organisation: str = ""
    post: str = ""
    order: str = ""
    together: str = ""
    starter: str = ""
    view: str = ""
    unveil: str = ""
    """Whether this page of the gallery was opened; the next one is veiled again."""
    open: str = ""
    """Facets that are unfolded, with commas between."""
    line: str = ""
    """The sort of time that the time line shows."""
    map: str = ""
    behind: str = ""
    """Where the last hit of the page before stands."""
    page: int = 1

    @property
    def anything(self) -> bool:
        """Whether there is something to look for."""
        return bool(self.q.strip()) or self.narrowing != EVERYTHING

    @property
    def role(self) -> AskedRole:
        """The role that a text must tell."""
        return AskedRole(self.person, self.rank, self.unit, self.organisation, self.post)

    @property
    def narrowing(self) -> Narrowing:
        """What hits must be besides."""
        asked = Asked(self.after, self.before, self.when, self.near)
        facets = {facet: value for facet in Facet if (value := getattr(self, facet, ""))}
        return Narrowing(self.record or None, self.sender or None, asked, self.role, facets, watch=self.watch or None)

    @property
    def narrowed(self) -> bool:
        """Whether anything of the folded part of the form is filled in."""
        return any(getattr(self, name) for name in FILTERS)

    @property
    def unfolded(self) -> tuple[Facet, ...]:
        """The facets that are counted and shown."""
        return tuple(f for f in SHOWN if f in self.open.split(",")) if self.open else (Facet.KIND, Facet.LANGUAGE)

    def folding(self, facet: Facet) -> str:
        """The same with a facet folded or unfolded."""
        left = [f for f in SHOWN if (f in self.unfolded) is not (f is facet)]
        return replace(self, open=",".join(left) or "none").address

    @property
    def shape(self) -> Shape:
        """How the result is wanted, but for what is counted.

        Raises:
            AskedInvalid: a time that nobody could mean.
        """
        return Shape(Order(self.order or Order.RELEVANCE), bool(self.together), bool(self.starter), facets=())

    @property
    def counting(self) -> Shape:
        """How a page of the result is wanted.

        Raises:
            AskedInvalid: a time that nobody could mean.
        """
        facets = (*self.unfolded, *(f for f in ON_THE_MAP if self.map and f not in self.unfolded))
        line = line_of(TimeOf(self.line), self.after, self.before) if self.line else None
        return replace(self.shape, facets=facets, line=line, after=self._place)

    @property
    def _place(self) -> Place | None:
        document, _, value = self.behind.partition("~")
        if not value or self.page == 1:
            return None
        if self.order == Order.NUMBER:
            return value, document
        try:
            return float(value) if "." in value else int(value), document
        except ValueError:
            return None

    @property
    def address(self) -> str:
        """The values as an address has them, but for those left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({n: v for n, v in values.items() if v and (n, v) != ("page", 1)})

    def but(self, **values: str | int) -> str:
        """The address of the same search with some values changed, from its first page unless one is named."""
        # a field's name does not tell mypy its type
        return replace(self, **{"page": 1, "behind": "", "unveil": "", **values}).address  # type: ignore[arg-type]  # values are of any field


FILTERS = ("record", "sender", "after", "before", "when", "near", "person", "rank", "unit", "organisation", "post")
"""Fields of the folded part of the form, in its order."""
SHOWN = tuple(f for f in Facet if f is not Facet.SQUARE)
ON_THE_MAP = (Facet.SQUARE, Facet.NAMED_PLACE)
_CHOICES: Mapping[str, Collection[str]] = {
    "order": set(Order),
    "line": set(TimeOf),
    "view": {"table", "gallery"},
    "unveil": {"1"},
}


def wanted(values: Mapping[str, str]) -> Wanted:
    """Read an address; what it should not hold is left aside."""
    known = {f.name for f in fields(Wanted)} - {"page"}
    page = values.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    texts = {name: value.strip() for name, value in values.items() if name in known}
    texts |= {name: "" for name, all_of in _CHOICES.items() if texts.get(name) not in all_of}
    return Wanted(**texts, page=min(max(number, 1), _LAST_PAGE))


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet as people read it, and the search that it leads to."""

    label: str
    count: int
    address: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ShownFacet:
    """A facet, folded where it has no values; `address` folds or unfolds it."""

    name: str
    open: bool
    address: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class ShownResult:
    """A page of hits, and what leads to others."""

    hits: tuple[ShownHit, ...]
    total: int
    facets: tuple[ShownFacet, ...]
    chosen: tuple[tuple[str, str, str], ...]
    """Facets that it is narrowed to: name, value, and the search without it."""
    bars: tuple[Bar, ...]
    spots: tuple[Spot, ...]
    suggestions: tuple[str, ...]
    previous: str
    next: str


def shown_result(holding: Holding, who: Reader, what: Wanted, w: Words) -> ShownResult:
    """One page of what a reader asked for.

    Raises:
        QueryInvalid, AskedInvalid: it cannot be asked.
        SynonymsInvalid, NodeError: it cannot be answered now.
    """
    skip = (what.page - 1) * HITS_OF_A_PAGE
    found = search(holding, who, what.q, HITS_OF_A_PAGE, what.narrowing, skip, what.counting)
    further = skip + len(found.hits) < found.total and what.page < _LAST_PAGE and bool(found.hits)
    behind = f"{found.last[1]}~{found.last[0]}" if found.last else ""
    places = known_places(holding.models)
    return ShownResult(
        hits=tuple(shown_hit(hit, w) for hit in found.hits),
        total=found.total,
        facets=tuple(_facet(facet, found, what, places, w) for facet in SHOWN),
        chosen=tuple(
            (w(f), label(f, value, places, w), what.but(**{f: ""})) for f, value in what.narrowing.facets.items()
        ),
        bars=tuple(bars(found.line)),
        spots=tuple(spots(found.facets.get(Facet.SQUARE, {}), found.facets.get(Facet.NAMED_PLACE, {}), places))
        if what.map
        else (),
        suggestions=found.suggestions,
        previous=what.but(page=what.page - 1) if what.page > 1 else "",
        next=what.but(page=what.page + 1, behind=behind) if further else "",
    )


def label(facet: str, value: str, places: KnownPlaces, w: Words) -> str:
    """A value of a facet as people read it."""
    if facet == Facet.NAMED_PLACE:
        place = places.of([value]).get(value)
        return place.both if place else value.replace(" | ", " ")
    if facet == Facet.READING and value in set(Reading):
        return w(f"reading {value}")
    return w.term(value) if facet == Facet.KIND else value


def _facet(facet: Facet, found: Result, what: Wanted, places: KnownPlaces, w: Words) -> ShownFacet:
    is_open = facet in what.unfolded
    counts = found.facets.get(facet, {}) if is_open else {}
    if facet is Facet.NAMED_PLACE:
        places.of(counts)  # all at once
    now = getattr(what, facet)
    values = [
        Value(label(facet, value, places, w), n, what.but(**{facet: "" if value == now else value}), value == now)
        for value, n in list(counts.items())[:_VALUES]
    ]
    return ShownFacet(facet, is_open, what.folding(facet), tuple(values))


def export(holding: Holding, who: Reader, what: Wanted, w: Words) -> bytes:
    """The first hits of a search as CSV: what the reader may see, no more.

    Raises:
        QueryInvalid, AskedInvalid: it cannot be asked.
        SynonymsInvalid, NodeError: it cannot be answered now.
    """
    return as_csv(COLUMNS, _rows(search(holding, who, what.q, HITS_OF_AN_EXPORT, what.narrowing, 0, what.shape), w))


def _rows(found: Result, w: Words) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    for hit in found.hits:
        h = shown_hit(hit, w)
        rows.append((h.item, h.kind, h.media_type, h.date, h.language, ", ".join(h.places), "; ".join(m.which for m in h.matches),
                     " … ".join(m.plain for m in h.matches), "; ".join(h.flags), h.copies))  # fmt: skip
    return rows
