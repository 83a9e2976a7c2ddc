"""Requests for each route of the page: what tests of all routes ask.

Here: for each route its examples, one for each kind of query that it takes. A route without a line here fails tests.
Not here: what must be answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iimm_pipelines.page.routes import Route


@dataclass(frozen=True, slots=True)
class Example:
    """A request: parts of its address, values, and what a program sends."""

    of: str
    path: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, Any] | None = None
    """As JSON, by a program."""


SEEN, HIDDEN = "A00002-0000-00001", "A00001-0000-00005"
_ITEMS = (Example("an item", {"number": SEEN}), Example("a hidden item", {"number": HIDDEN}))
_SEARCHES = (
    Example("words", values={"q": "monastery bell"}),
    Example("a hidden word", values={"q": "zanzibarite"}),
    Example("a suggestion", values={"q": "zanzibarit"}),
    Example("a phrase", values={"q": '"monastery bell"'}),
    Example("a name by sound", values={"q": "ကျော်မင်း"}),
    Example("a role", values={"unit": "LIB 345"}),
    Example("a hidden role", values={"unit": "LIB 999"}),
    Example("a time", values={"q": "yangon", "after": "2023-05", "before": "2023-06"}),
    Example("a place", values={"q": "drawn", "near": "21.5,96,50"}),
    Example("a sender", values={"q": "monastery", "sender": "zanzibarite@example.org"}),
    Example("a facet", values={"q": "monastery", "kind": "email", "language": "eng"}),
    Example("copies", values={"q": "villages near the river"}),
    Example("a page", values={"q": "monastery", "page": "2"}),
    *(
        Example(f"by {order}", values={"q": "monastery", "order": order})
        for order in ("number", "event", "document", "receipt")
    ),
    Example("fields and signs", values={"q": "monastery OR zanz* NOT bell"}),
    Example("near", values={"q": "monastery ~5 zanzibarite"}),
    Example("a field", values={"q": "unit:LIB-999"}),
    Example("a tag", values={"q": "monastery", "tag": "unit:LIB 999 of zanzibarite"}),
    Example("a place by name", values={"q": "yangon", "named_place": "MMR013"}),
    Example("a hidden unit", values={"q": "monastery", "named_unit": "LIB-999"}),
    Example("a hidden person", values={"q": "monastery", "named_person": "ciha"}),
    Example(
        "facets, line and map",
        values={
            "q": "monastery",
            "open": "kind,language,source,accession,named_place,named_person,named_unit,named_organisation,reading,mark,tag,flag",
            "line": "event",
            "map": "1",
        },
    ),
    Example("a gallery", values={"q": "drawn", "view": "gallery"}),
    Example("an opened gallery", values={"q": "drawn", "view": "gallery", "unveil": "1"}),
    Example("families", values={"q": "monastery", "together": "1"}),
    Example("an accession", values={"q": "monastery", "accession": "A00001"}),
    Example("a source", values={"q": "monastery", "source": "S-WITNESS"}),
    Example("a mark", values={"q": "monastery", "mark": "COMPARTMENT"}),
    Example("nothing", values={"q": "?!"}),
)
_SEARCHES_OF_THE_PAGE = (
    Example("a table", values={"q": "monastery", "view": "table"}),
    Example("the box"),
    Example("a hidden square", values={"q": "drawn", "square": "21.5,96.0", "line": "file"}),
    Example("a hidden person's role", values={"person": "Thiha", "rank": "Colonel", "line": "document"}),
    Example("a hidden office", values={"organisation": "zanzibarite", "post": "commander", "starter": "1"}),
    Example(
        "what says so", values={"q": "monastery", "reading": "original", "record": "mail", "named_organisation": "NUG"}
    ),
    Example("a list of nobody and a flag", values={"q": "monastery", "watch": "0" * 16, "flag": "quagga"}),
    Example(
        "behind a hidden one",
        values={
            "q": "monastery",
            "behind": f"{HIDDEN}-contents-0~1.5",
            "page": "2",
            "after": "2020",
            "when": "receipt",
            "line": "receipt",
        },
    ),
)
_ENTITIES = (
    Example("a person", {"kind": "person", "key": "kyawmin"}),
    Example("a hidden person", {"kind": "person", "key": "ciha"}),
    Example("a unit", {"kind": "unit", "key": "LIB-345"}),
    Example("a hidden unit", {"kind": "unit", "key": "LIB-999"}),
    Example("a place", {"kind": "place", "key": "MMR013"}),
)
_OF_BOTH = (
    Example("of one spelling", {"kind": "person", "key": "kyawmin"}, {"spelling": "Kyaw Min"}),
    Example("of a role", {"kind": "unit", "key": "LIB-345"}, {"role": "ciha|COLONEL||LIB-345|"}),
    Example("of whom it stands beside", {"kind": "unit", "key": "LIB-345"}, {"beside": "person:ciha"}),
    Example("behind a hidden one", {"kind": "unit", "key": "LIB-345"}, {"after": f"{HIDDEN}-contents-0"}),
)
_TABLES = tuple(
    Example(f"{t} as {f}", {"table": t}, {"format": f})
    for t in ("items", "segments", "mentions", "roles", "said") for f in ("csv", "parquet")
)  # fmt: skip
_FILES = (Example("of a hidden item", {"number": HIDDEN}, {"form": "picture", "page": "1", "reason": "a try"}),)
"""Under a link that holds: the right and the marks are asked again."""
_API = "GET /api/v1"
_OF_THE_PAGE = frozenset(
    {
        "page",
        "order",
        "view",
        "together",
        "open",
        "named_place",
        "named_unit",
        "named_person",
        "accession",
        "source",
        "mark",
    }
)

EXAMPLES: dict[str, tuple[Example, ...]] = {
    "GET /": (Example("it"),),
    "GET /static/{name}": (Example("a style sheet", {"name": "page.css"}),),
    "GET /static/fonts/{name}": (Example("a font", {"name": "padauk.woff2"}),),
    "GET /sign-in": (Example("it"),),
    "POST /sign-in": (Example("nobody", values={"name": "nobody-here", "password": "none"}),),
    "POST /sign-out": (Example("it"),),
    "POST /language": (Example("Burmese", values={"language": "my", "back": "/search"}),),
    "GET /search": (*_SEARCHES, *_SEARCHES_OF_THE_PAGE),
    "GET /search.csv": _SEARCHES,
    "GET /entities/{kind}/{key}": (*_ENTITIES, *_OF_BOTH),
    "GET /items/{number}": (
        *_ITEMS,
        Example("a segment", {"number": SEEN}, {"at": "contents-0"}),
        Example("around a hidden number", {"number": SEEN}, {"beside": HIDDEN, "inside": HIDDEN}),
    ),
    "GET /items/{number}/history": _ITEMS,
    "GET /items/{number}/near": _ITEMS,
    "GET /items/{number}/beside/{other}": (
        Example("two", {"number": SEEN, "other": SEEN}),
        Example("a hidden one", {"number": SEEN, "other": HIDDEN}),
    ),
    "GET /items/{number}/picture": _FILES,
    "GET /items/{number}/media": _FILES,
    "GET /items/{number}/ready": _ITEMS,
    "GET /items/{number}/text": _FILES,
    "GET /items/{number}/original": _FILES,
    "GET /items/{number}/with-proof": _FILES,
    "POST /veil": (Example("on", values={"veil": "on", "item": SEEN}),),
    "GET /engine": (
        Example("all"),
        Example("a hidden accession", values={"accession": "A00001"}),
        Example("a page", values={"page": "2"}),
    ),
    "GET /engine/figures": (Example("it"),),
    "POST /engine/retry": (
        Example("a reason", values={"reason": "timed out"}),
        Example("of a hidden accession", values={"reason": "timed out", "accession": "A00001"}),
    ),
    "GET /items/{number}/work": _ITEMS,
    "POST /items/{number}/work": (
        Example("a note", {"number": SEEN}, {"do": "note", "text": "seen"}),
        Example("a note on a hidden item", {"number": HIDDEN}, {"do": "note", "text": "seen"}),
    ),
    "POST /work": (
        Example("a tag", values={"do": "tag", "code": "unit", "value": "LIB 1", f"item-{SEEN}": "on"}),
        Example("of a hidden item", values={"do": "tag", "code": "unit", "value": "LIB 1", f"item-{HIDDEN}": "on"}),
        Example(
            "all hits",
            values={"do": "tag", "code": "incident", "value": "1", "all": "1", "back": "/search?q=monastery"},
        ),
        Example(
            "all hits of a hidden word", values={"do": "note", "text": "x", "all": "1", "back": "/search?q=zanzibarite"}
        ),
    ),
    "GET /queue": (Example("it"), Example("a page", values={"page": "2"})),
    "GET /items/{number}/correct": tuple(Example(e.of, e.path, {"origin": "contents", "ordinal": "0"}) for e in _ITEMS),
    "POST /items/{number}/correct": tuple(
        Example(e.of, e.path, {"origin": "contents", "ordinal": "0", "side": "text", "text": "A well."}) for e in _ITEMS
    ),
    "GET /alerts": (Example("open"), Example("settled", values={"settled": "1"})),
    "POST /alerts": (Example("nothing"), Example("a strange one", values={"alert-0000": "on"})),
    "GET /watch-lists": (Example("it"),),
    "POST /watch-lists": (Example("a strange one", values={"do": "end", "list": "0000"}),),
    "GET /lists": (Example("it"), Example("a strange one", values={"list": "0000"})),
    "POST /lists": (Example("a strange one", values={"do": "end", "list": "0000"}),),
    "GET /marks": (Example("it"),),
    "POST /marks": (
        Example("of a hidden accession", values={"accession": "A00001", "marks": "restricted", "reason": "a try"}),
        Example("of none", values={"accession": "A00009", "marks": "restricted", "reason": "a try"}),
    ),
    "GET /sign-in/organisation": (Example("it"),),
    "GET /sign-in/organisation/back": (Example("forged", values={"code": "x", "state": "y"}),),
    "GET /requests": (Example("it"), Example("of a hidden item", values={"about": HIDDEN})),
    "POST /requests": (
        Example("of a hidden item", values={"about": HIDDEN, "reason": "to read"}),
        Example("of none", values={"about": "A00009", "reason": "to read"}),
    ),
    "POST /requests/decide": (Example("a strange one", values={"number": "1", "hours": "1"}),),
    f"{_API}/openapi.json": (Example("it"),),
    f"{_API}/me": (Example("it"),),
    f"{_API}/search": tuple(e for e in _SEARCHES if not _OF_THE_PAGE & e.values.keys()),
    f"{_API}/items": (
        Example("all"),
        Example("a hidden accession", values={"accession": "A00001"}),
        Example("of a unit", values={"mentions": "unit:LIB-345"}),
        Example("of a kind", values={"kind": "email"}),
    ),
    f"{_API}/items/{{number}}": _ITEMS,
    f"{_API}/items/{{number}}/segments": _ITEMS,
    f"{_API}/items/{{number}}/mentions": _ITEMS,
    f"{_API}/mentions": (
        Example("all"),
        Example("of a unit", values={"entity": "unit:LIB-345"}),
        Example("of a hidden unit", values={"entity": "unit:LIB-999"}),
        Example("of a type", values={"type": "place"}),
        Example("of a hidden accession", values={"accession": "A00001"}),
    ),
    f"{_API}/roles": (
        Example("all"),
        Example("of a person", values={"person": "Thiha"}),
        Example("of a unit", values={"unit": "LIB 345", "rank": "Major"}),
    ),
    f"{_API}/entities/{{kind}}": tuple(
        Example(f"all: {k}", {"kind": k}) for k in ("person", "unit", "place", "organisation")
    ),
    f"{_API}/entities/{{kind}}/{{key}}": _ENTITIES,
    f"{_API}/items/{{number}}/said": _ITEMS,
    f"{_API}/said": (
        Example("all", values={"size": "500"}),
        Example("notes", values={"kind": "note"}),
        Example("a hidden accession", values={"accession": "A00001"}),
        Example("of a code and an author", values={"code": "unit", "by": "all.analyst"}),
    ),
    "POST /api/v1/tags": tuple(
        Example(e.of, sent={"items": [e.path["number"]], "code": "unit", "value": "LIB 2"}) for e in _ITEMS
    ),
    "POST /api/v1/notes": tuple(
        Example(e.of, sent={"items": [e.path["number"]], "text": "by a program"}) for e in _ITEMS
    ),
    "POST /api/v1/withdrawals": (Example("a strange one", sent={"row": "000000000000"}),),
    f"{_API}/exports/{{table}}": _TABLES,
    f"{_API}/network": (Example("all"), Example("of a hidden person", values={"mentions": "person:ciha"})),
}


def name_of(route: Route) -> str:
    """A route as the table of examples has it."""
    return f"{route.method} {route.path}"


def address_of(route: Route, example: Example) -> str:
    """Where a request of an example goes."""
    return route.path.format(**example.path)
