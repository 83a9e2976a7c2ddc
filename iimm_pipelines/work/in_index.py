"""What people decided, in the index: tags and flags on every document of an item, notes and corrections as documents.

Here: which fields the rows of an item mean, and bringing them into documents that stand there already.
Not here: the rows (work/record), documents of stages (search/documents), delivering a shard (search/delivery).

A decision changes documents in place, so that it is found within seconds whatever the size of its shard; a delivery adds
the same fields, so that it is found again after the index was made anew. Notes and corrections are documents of their own,
copied from the one that they are about, with its marks: they are "by a human" beside the machine's, which stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.search.mapping import (
    BY_PEOPLE,
    SAID_FIELDS,
    SHARED_FIELDS,
    mapping_digest,
    segments_beside,
)
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.work.record import Kind, Row

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

    from iimm_pipelines.holding import Holding

TEXT, TRANSLATION = "text", "translation"
"""What of a segment a person corrects."""
_GIVEN = {TEXT: "corrected text", TRANSLATION: "translation"}
_PLACE = frozenset({"origin", "ordinal", "page", "sheet", "row", "start_ms", "end_ms", "language"})
_KEPT = sorted((SHARED_FIELDS | SAID_FIELDS | _PLACE) - {"sounds"})
_ITEMS_AT_ONCE = 200
_DOCUMENTS_AT_ONCE = 1_000


def tag_of(row: Row) -> str:
    """A tag as the index has it: the code, with its value behind a colon."""
    value = row.body.get("value")
    return f"{row.body['code']}:{value}" if value else str(row.body["code"])


class Beside:
    """What rows add to the documents of items."""

    def __init__(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Take what stands, by item."""
        self._fields = {item: _fields(of) for item, of in rows.items()}
        self._corrected: dict[str, set[str]] = {}
        for item, of in rows.items():
            for row in of:
                if row.kind is Kind.CORRECTION:
                    self._corrected.setdefault(_segment(item, row), set()).add(row.body["side"])

    def of(self, item: str, document: str) -> dict[str, list[str]]:
        """Fields of one document; those that have nothing in them are left out."""
        corrected = sorted(self._corrected.get(document, ()))
        return {**self._fields.get(item, {}), **({"corrected": corrected} if corrected else {})}


def _fields(rows: Sequence[Row]) -> dict[str, list[str]]:
    alerts = [r for r in rows if r.kind is Kind.ALERT]
    found = {
        "tags": {tag_of(r) for r in rows if r.kind is Kind.TAG},
        "flags": {str(r.body["flag"]) for r in alerts if r.body.get("flag")},
        "watch": {str(r.body["list"]) for r in alerts},
    }
    return {name: sorted(values) for name, values in found.items() if values}


def _segment(item: str, row: Row) -> str:
    return f"{item}-{row.body['origin']}-{row.body['ordinal']}"


def bring_due(holding: Holding) -> int:
    """Bring into the index what it is due for; gives of how many items. Where the node does not run, it stays due."""
    count = 0
    while due := holding.work.due():
        bring(holding, due)
        holding.work.done(due)
        count += len(due)
    return count


def bring_now(holding: Holding, items: Iterable[str]) -> bool:
    """Bring what was just decided into the index; where the node does not answer it stays due, and this says so."""
    wanted = set(items)
    due = {item: number for item, number in holding.work.due(100_000).items() if item in wanted}
    if not holding.node.running():
        return not due
    try:
        bring(holding, due)
    except NodeError:
        return False
    holding.work.done(due)
    return True


def bring(holding: Holding, items: Iterable[str]) -> None:
    """Bring all that stands about items into their documents. Those of an item that was never delivered come with it.

    Raises:
        NodeError: the search node refused or did not answer. Its own words are left out: they may quote documents.
    """
    from opensearchpy.exceptions import OpenSearchException

    numbers = iter(items)
    try:
        client: OpenSearch | None = None
        while batch := list(islice(numbers, _ITEMS_AT_ONCE)):
            client = client or holding.node.client("ingest")
            _bring(client, holding, batch)
    except OpenSearchException as wrong:
        said = getattr(wrong, "status_code", "no answer")
        raise NodeError(f"the search node failed: {type(wrong).__name__} ({said})") from None


def _bring(client: OpenSearch, holding: Holding, items: Sequence[str]) -> None:
    from opensearchpy.helpers import streaming_bulk

    pattern = f"iimm-{holding.settings.holding}-*"
    client.indices.refresh(index=pattern)
    rows = holding.work.of_items(items)
    found = [h for h in _documents(client, pattern, items) if h["_index"].endswith(f"-{mapping_digest()}")]
    actions = _actions(found, rows)
    touched = {a["_index"] for a in actions}
    for accepted, answer in streaming_bulk(client, actions, max_retries=3, raise_on_error=False):
        [said] = answer.values()
        if not accepted and said["status"] != 404:  # moved or taken out meanwhile: its delivery brings all of it
            raise NodeError(f"the search node refused a change of {said['_id']} ({said['status']})")
    if touched:
        client.indices.refresh(index=",".join(sorted(touched)), params={"ignore_unavailable": "true"})


def _documents(client: OpenSearch, pattern: str, items: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """All documents of items, page by page: the ingest account may not end a scroll, and 500 are the most that may be open."""
    body = {"query": {"terms": {"item": list(items)}}, "sort": [{"document": "asc"}, {"_index": "asc"}],
            "size": _DOCUMENTS_AT_ONCE,
            "_source": [*_KEPT, "document", "generation", "corrected", "author"]}  # fmt: skip
    while hits := client.search(index=pattern, body=body)["hits"]["hits"]:
        yield from hits
        body["search_after"] = hits[-1]["sort"]


def _actions(found: Sequence[Mapping[str, Any]], rows: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    beside = Beside(rows)
    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    actions: list[dict[str, Any]] = []
    for hit in found:
        fields = hit["_source"]
        if fields["generation"] == BY_PEOPLE:
            continue
        item, document = fields["item"], fields["document"]
        if change := _change(fields, beside.of(item, document)):
            actions.append({"_op_type": "update", "_index": hit["_index"], "_id": hit["_id"], "doc": change,
                            "retry_on_conflict": 3})  # fmt: skip
        for index, made in _made(hit["_index"], fields, rows.get(item, ()), beside):
            wanted[index, made["document"]] = made
    gone = ((h["_index"], h["_id"]) for h in found if h["_source"]["generation"] == BY_PEOPLE)
    actions += [{"_op_type": "delete", "_index": i, "_id": d} for i, d in gone if (i, d) not in wanted]
    actions += [{"_op_type": "index", "_index": i, "_id": d, "_source": made} for (i, d), made in wanted.items()]
    return actions


def _change(fields: Mapping[str, Any], now: Mapping[str, list[str]]) -> dict[str, list[str]]:
    names = ("tags", "flags", "watch", "corrected")
    return {n: now.get(n, []) for n in names if list(fields.get(n) or ()) != now.get(n, [])}


def _made(index: str, fields: Mapping[str, Any], rows: Iterable[Row],
          beside: Beside) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    """Documents that people's rows make beside one of a stage."""
    item, document = fields["item"], fields["document"]
    for row in rows:
        if row.kind is Kind.NOTE and document == item:
            yield segments_beside(index), _document(fields, row, beside, "note", row.body["text"], None)
        elif row.kind is Kind.CORRECTION and document == _segment(item, row):
            side = str(row.body["side"])
            language = "eng" if side == TRANSLATION else fields.get("language")
            yield index, _document(fields, row, beside, _GIVEN[side], row.body["text"], language)


def _document(fields: Mapping[str, Any], row: Row, beside: Beside, given: str, text: str,
              language: Any) -> dict[str, Any]:  # fmt: skip
    kept = {n: fields[n] for n in _KEPT if n in fields and n not in ("tags", "flags", "watch", "language")}
    made = {**kept, **beside.of(fields["item"], ""), "generation": BY_PEOPLE, "document": f"{fields['item']}-{row.id}",
            "text": normal_text(text, None).text, "given": given, "maker": "human", "author": row.by,
            "language": language}  # fmt: skip
    return {n: v for n, v in made.items() if v is not None}
