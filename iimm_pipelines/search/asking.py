"""The index asked as one reader: their own token, the indices of the marks that they hold, the accessions they may see.

Here: both locks at once, for modules that make their own queries.
Not here: queries of what a person typed (search/query), items with all around them (search/items).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, Scope, scope
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.who_was_what import TOLD

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

Query = Mapping[str, Any]
NOTHING: Mapping[str, Any] = {"hits": {"hits": [], "total": {"value": 0}}, "aggregations": {}}
UNSHOWN = ("marks", "marks_needed", "generation", "watch", "sounds", "roles.sounds", "roles.said", "spellings", TOLD)
"""Fields of a document that no answer holds: rights, bookkeeping, and what only queries need."""


@dataclass(frozen=True, slots=True)
class Asking:
    """The index as a reader has it. `client` is none where the reader holds no marks of anything."""

    client: OpenSearch | None
    where: Scope

    def search(self, kind: Literal["items", "segments"], filters: Sequence[Query], **body: Any) -> Mapping[str, Any]:
        """What the index answers to filters, of what the reader may see."""
        indices = [n for n in self.where.indices if f"-{kind}-" in n]
        if self.client is None or not indices:
            return NOTHING
        only = {"terms": {"accession": list(self.where.accessions)}}
        asked = {"query": {"bool": {"filter": [only, *filters]}}, **body}
        found = self.client.search(index=",".join(indices), body=asked, params={"ignore_unavailable": "true"})
        return {"aggregations": {}, **found}


@contextmanager
def asking(holding: Holding, who: Reader) -> Iterator[Asking]:
    """Ask as a reader.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    where = scope(holding, who)
    if where.indices and not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    try:
        yield Asking(holding.node.reader_client(who.name, sorted(who.marks)) if where.indices else None, where)
    except OpenSearchException as wrong:  # its own words may quote a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(
            f"the search node failed: {type(wrong).__name__} ({said}); `iimm up` waits until it answers"
        ) from None
