"""Which of some items a reader may see.

Here: the one question, asked of the index through both locks.
Not here: an item's document (search/items), who may do what with it (people/rights).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader, scope
from iimm_pipelines.search.node import NodeError

_AT_ONCE = 5_000


def visible(holding: Holding, who: Reader, numbers: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Those of the items that a reader may see, each with a few fields of its document. Of the others nobody can tell why not.

    Raises:
        NodeError: the search node does not run, or does not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    where = scope(holding, who)
    asked = sorted(set(numbers))
    items = ",".join(n for n in where.indices if "-items-" in n)
    if not items or not asked:
        return {}
    if not holding.node.running():
        raise NodeError("the search node does not run: `iimm up` starts it")
    found: dict[str, dict[str, Any]] = {}
    try:
        client = holding.node.reader_client(who.name, sorted(who.marks))
        for begin in range(0, len(asked), _AT_ONCE):
            batch = asked[begin : begin + _AT_ONCE]
            filters = [{"terms": {"item": batch}}, {"terms": {"accession": list(where.accessions)}}]
            body = {"size": _AT_ONCE, "query": {"bool": {"filter": filters}},
                    "_source": ["item", "name", "kind", "media_type", "tags", "flags"]}  # fmt: skip
            hits = client.search(index=items, body=body, params={"ignore_unavailable": "true"})["hits"]["hits"]
            found.update({h["_source"]["item"]: h["_source"] for h in hits})
    except OpenSearchException as wrong:  # its own words may quote a document
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(f"the search node failed: {type(wrong).__name__} ({said})") from None
    return found
