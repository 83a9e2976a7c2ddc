"""Items asked for by number, as a reader: what the index says of one and of those around it.

Here: an item's document, the chain above it, its family, what lies inside it, items with the same bytes.
Not here: hits of a query (search/query), texts (they stand in parts), who may ask what (search/access).

Both locks hold here as they do for a query: what a reader's own token does not show, nobody here speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iimm_pipelines.accessions.numbers import Number, accession_of
from iimm_pipelines.custody.lineage import ItemUnknown
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, Scope, scope
from iimm_pipelines.search.asking import UNSHOWN
from iimm_pipelines.search.facet_fields import FACET_FIELDS
from iimm_pipelines.search.node import NodeError

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_DEEPEST = 50
"""Containers in containers; what lies deeper is not opened either."""
MOST = 100
"""Of a family, of members and of copies that are named; more are counted."""

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Some:
    """The first of several items, by number, and how many there are."""

    items: tuple[Fields, ...]
    total: int

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.total - len(self.items)


@dataclass(frozen=True, slots=True)
class Seen:
    """An item as a reader sees it: `above` from the outermost container down, without the item itself."""

    fields: Fields
    above: tuple[Fields, ...]
    family: Some
    inside: Some
    copies: Some


def seen(holding: Holding, who: Reader, number: Number) -> Seen:
    """An item, if a reader may see it.

    Raises:
        ItemUnknown: there is no such item, or it is not for this reader: nobody can tell which.
        NodeError: the search node does not run, or does not answer.
    """
    with _asking(holding, who, number) as ask:
        return _seen(ask, number)


def fields_of(holding: Holding, who: Reader, number: Number) -> Fields:
    """The same without what is around it.

    Raises:
        ItemUnknown, NodeError: as `seen`.
    """
    with _asking(holding, who, number) as ask:
        return _fields(ask, number)


@contextmanager
def _asking(holding: Holding, who: Reader, number: Number) -> Iterator[_Asking]:
    from opensearchpy.exceptions import OpenSearchException

    where = scope(holding, who)
    if accession_of(number) not in where.accessions:
        raise ItemUnknown(f"there is no item {number}")
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    try:
        yield _Asking(holding.node.reader_client(who.name, sorted(who.marks)), where)
    except OpenSearchException as wrong:  # its own words may quote a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(
            f"the search node failed: {type(wrong).__name__} ({said}); `iimm up` waits until it answers"
        ) from None


@dataclass(frozen=True, slots=True)
class _Asking:
    client: OpenSearch
    where: Scope

    def some(self, field: str, value: str, but: Sequence[str] = (), most: int = MOST) -> Some:
        """Items of which a field has a value, but for these."""
        filters = [{"term": {field: value}}, {"terms": {"accession": list(self.where.accessions)}}]
        body = {
            "size": most,
            "track_total_hits": True,
            "query": {"bool": {"filter": filters, "must_not": [{"terms": {"item": list(but)}}]}},
            "sort": [{"item": "asc"}],
            "_source": {"excludes": [*UNSHOWN, "watch", "mentions", *FACET_FIELDS]},
        }
        items = ",".join(n for n in self.where.indices if "-items-" in n)
        found = self.client.search(index=items, body=body, params={"ignore_unavailable": "true"})["hits"]
        return Some(tuple(h["_source"] for h in found["hits"]), found["total"]["value"])


def _fields(ask: _Asking, number: Number) -> Fields:
    fields = next(iter(ask.some("item", number, most=1).items), None)
    if fields is None:
        raise ItemUnknown(f"there is no item {number}")
    return fields


def _seen(ask: _Asking, number: Number) -> Seen:
    fields = _fields(ask, number)
    above: list[Fields] = []
    parent = fields.get("parent")
    while parent and len(above) < _DEEPEST:
        over = next(iter(ask.some("item", parent, most=1).items), None)
        if over is None:
            break
        above.insert(0, over)
        parent = over.get("parent")
    family = ask.some("family", fields["family"], but=[number])
    inside = ask.some("parent", number)
    return Seen(fields, tuple(above), family, inside, ask.some("object", fields["object"], but=[number]))
