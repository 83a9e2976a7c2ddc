"""Search as the page offers it: what an address asks for, the result, links to narrower ones, the list as CSV.

Here: from the values of an address to a query and back.
Not here: what a query finds (search/query), labels of a hit (page/hits), templates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlencode

from iimm_pipelines.holding import Holding
from iimm_pipelines.page.cells import as_csv
from iimm_pipelines.page.hits import ShownHit, shown_hit
from iimm_pipelines.page.words import Words
from iimm_pipelines.search.access import Reader
from iimm_pipelines.search.query import DEEPEST, Narrowing, Result, search
from iimm_pipelines.search.when_and_where import Asked
from iimm_pipelines.search.who_was_what import AskedRole

HITS_OF_A_PAGE = 20
HITS_OF_AN_EXPORT = 1_000
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
    view: str = ""
    page: int = 1

    @property
    def anything(self) -> bool:
        """Whether there is something to look for."""
        return bool(self.q.strip()) or self.role != AskedRole()

    @property
    def role(self) -> AskedRole:
        """The role that a text must tell."""
        return AskedRole(self.person, self.rank, self.unit, self.organisation, self.post)

    @property
    def narrowing(self) -> Narrowing:
        """What hits must be besides."""
        asked = Asked(self.after, self.before, self.when, self.near)
        return Narrowing(
            self.record or None, self.sender or None, asked, self.role, self.kind or None, self.language or None
        )

    @property
    def narrowed(self) -> bool:
        """Whether anything of the folded part of the form is filled in."""
        return any(getattr(self, name) for name in FILTERS)

    @property
    def address(self) -> str:
        """The values as an address has them, but for those left out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({n: v for n, v in values.items() if v and (n, v) != ("page", 1)})

    def but(self, **values: str | int) -> str:
        """The address of the same search with some values changed, from its first page unless one is named."""
        return replace(self, **{"page": 1, **values}).address  # type: ignore[arg-type]


FILTERS = ("record", "sender", "after", "before", "when", "near", "person", "rank", "unit", "organisation", "post")
"""Fields of the folded part of the form, in its order."""


def wanted(values: Mapping[str, str]) -> Wanted:
    """Read an address; what it should not hold is left aside."""
    known = {f.name for f in fields(Wanted)} - {"page"}
    page = values.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    texts = {name: value.strip() for name, value in values.items() if name in known}
    return Wanted(**texts, page=min(max(number, 1), _LAST_PAGE))


@dataclass(frozen=True, slots=True)
class ShownResult:
    """A page of hits, and what leads to others."""

    hits: tuple[ShownHit, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
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
    found = search(holding, who, what.q, HITS_OF_A_PAGE, what.narrowing, skip)
    further = skip + len(found.hits) < found.total and what.page < _LAST_PAGE and bool(found.hits)
    return ShownResult(
        hits=tuple(shown_hit(hit, w) for hit in found.hits),
        total=found.total,
        facets=found.facets,
        suggestions=found.suggestions,
        previous=what.but(page=what.page - 1) if what.page > 1 else "",
        next=what.but(page=what.page + 1) if further else "",
    )


def export(holding: Holding, who: Reader, what: Wanted, w: Words) -> bytes:
    """The first hits of a search as CSV: what the reader may see, no more.

    Raises:
        QueryInvalid, AskedInvalid: it cannot be asked.
        SynonymsInvalid, NodeError: it cannot be answered now.
    """
    return as_csv(COLUMNS, _rows(search(holding, who, what.q, HITS_OF_AN_EXPORT, what.narrowing), w))


def _rows(found: Result, w: Words) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = []
    for hit in found.hits:
        h = shown_hit(hit, w)
        rows.append((h.item, h.kind, h.media_type, h.date, h.language, ", ".join(h.places), "; ".join(m.which for m in h.matches),
                     " … ".join(m.plain for m in h.matches), "; ".join(h.flags), h.copies))  # fmt: skip
    return rows
