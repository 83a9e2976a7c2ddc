"""Delivery: the documents of a shard into the indices of its marks, and everything else of the shard out.

Here: writing generations, moving documents when marks change, moving aliases when the mapping changes.
Not here: what documents hold (search/documents), queries (search/query).

Nothing reaches the index that no part names: a document is made again from the parts, and its digest must be the one
that the part of `search_index` holds. A delivery that died is begun again; what stands complete is not sent twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.engine.run import inputs_again
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.documents import documents
from iimm_pipelines.search.mapping import KINDS, alias_name, index_body, index_name, mapping_digest
from iimm_pipelines.storage.catalogue import PartRow

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_CHUNK = 500


class IndexDisagrees(RuntimeError):
    """What a part says of its documents, and what is made of the parts now, or stands in the index, differ."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many documents were sent, and how many of the shard stand in the index."""

    sent: int
    standing: int


def wanted_state(holding: Holding, shard: Shard) -> str:
    """What the index should hold of a shard, as one digest: mapping, marks and parts."""
    marks = holding.catalogue.accession(holding.catalogue.shard(shard).accession).marks
    keys = [p.key for p in holding.catalogue.parts(shard, "search_index")]
    content = hashlib.sha256("\n".join([*sorted(marks), "", *keys]).encode()).hexdigest()
    return f"{mapping_digest()}:{content}"


def deliver(holding: Holding, stage: Stage, shard: Shard) -> Delivered:
    """Bring the index up to date for a shard; the caller holds the shard's lease.

    Raises:
        IndexDisagrees: a document differs from what its part says, or the index does not hold all of them at the end.
    """
    state = wanted_state(holding, shard)
    parts = holding.catalogue.parts(shard, "search_index")
    expected = {p.key: _documents_in(holding, p) for p in parts}
    client = holding.node.client("ingest")
    marks = holding.catalogue.accession(holding.catalogue.shard(shard).accession).marks
    indices = {k: _ready(client, holding, k, marks) for k in KINDS}
    if holding.catalogue.delivered(shard) == state and _standing(client, indices, shard) == expected:
        return Delivered(0, sum(expected.values()))
    holding.catalogue.note_delivery(shard, None)
    standing = _standing(client, indices, shard)
    sent = 0
    for part in parts:
        if standing.get(part.key) != expected[part.key]:
            sent += _send(client, holding, stage, part, indices, marks)
    _remove_others(client, holding, indices, shard, list(expected))
    found = _standing(client, indices, shard)
    if {k: n for k, n in found.items() if n} != {k: n for k, n in expected.items() if n}:
        raise IndexDisagrees(f"the index does not hold what the parts of {shard} say")
    holding.catalogue.note_delivery(shard, state)
    _move_aliases(client, holding, marks)
    return Delivered(sent, sum(expected.values()))


def _documents_in(holding: Holding, part: PartRow) -> int:
    table = holding.parts.arrow(part.stage, part.shard, part.key, ["documents"])
    return sum(len(rows or ()) for rows in table["documents"].to_pylist())


def _ready(client: OpenSearch, holding: Holding, kind: str, marks: tuple[str, ...]) -> str:
    """The index of a kind and a set of marks; made, with its alias, where it is missing."""
    name, alias = index_name(holding.settings.holding, kind, marks), alias_name(holding.settings.holding, kind, marks)
    if not client.indices.exists(index=name):
        body = index_body(kind)
        if not _behind(client, holding, alias):
            body["aliases"] = {alias: {}}
        client.indices.create(index=name, body=body, params={"wait_for_active_shards": "1"})
    return name


def _standing(client: OpenSearch, indices: dict[str, str], shard: Shard) -> dict[str, int]:
    """Documents of a shard in its indices, by generation."""
    names = ",".join(indices.values())
    client.indices.refresh(index=names)
    body = {"size": 0, "query": {"term": {"shard": shard}}, "aggs": {"g": {"terms": {"field": "generation", "size": 10_000}}}}
    found = client.search(index=names, body=body)
    return {b["key"]: b["doc_count"] for b in found["aggregations"]["g"]["buckets"]}


def _send(client: OpenSearch, holding: Holding, stage: Stage, part: PartRow, indices: dict[str, str],
          marks: tuple[str, ...]) -> int:  # fmt: skip
    from opensearchpy.helpers import streaming_bulk

    sent = 0
    for _, result in streaming_bulk(client, _actions(holding, stage, part, indices, marks), chunk_size=_CHUNK,
                                    max_chunk_bytes=20 << 20, max_retries=3):  # fmt: skip
        sent += bool(result)
    return sent


def _actions(holding: Holding, stage: Stage, part: PartRow, indices: dict[str, str],
             marks: tuple[str, ...]) -> Iterator[dict[str, Any]]:  # fmt: skip
    for task, outcome in inputs_again(holding, stage, part):
        said = {row["id"]: row["digest"] for row in outcome.tables.get("documents", ())}
        for document in documents(task) if said else ():
            if said.get(document.id) != document.digest:
                raise IndexDisagrees(f"a document of {outcome.item} is not the one that its part names")
            yield {"_op_type": "index", "_index": indices[document.kind], "_id": document.id,
                   "_source": {**document.fields, "generation": part.key, "marks": sorted(marks),
                               "marks_needed": len(marks)}}  # fmt: skip


def _remove_others(client: OpenSearch, holding: Holding, indices: dict[str, str], shard: Shard,
                   generations: list[str]) -> None:  # fmt: skip
    """Take out the shard's other generations here, and all of it from the indices of other marks."""
    pattern = f"iimm-{holding.settings.holding}-*"
    here = {"terms": {"_index": list(indices.values())}}
    kept = {"bool": {"filter": [here, {"terms": {"generation": generations}}]}}
    query = {"bool": {"filter": [{"term": {"shard": shard}}], "must_not": [kept]}}
    client.indices.refresh(index=pattern)
    client.delete_by_query(index=pattern, body={"query": query}, params={"refresh": "true", "conflicts": "proceed"})


def _move_aliases(client: OpenSearch, holding: Holding, marks: tuple[str, ...]) -> None:
    """Let the alias of a set of marks point to the present mapping once every shard of these marks stands in it."""
    accessions = {a.number for a in holding.catalogue.accessions() if set(a.marks) == set(marks)}
    states = [holding.catalogue.delivered(s.number) for s in holding.catalogue.shards() if s.accession in accessions]
    if not all(s is not None and s.startswith(mapping_digest()) for s in states):
        return
    for kind in KINDS:
        name, alias = index_name(holding.settings.holding, kind, marks), alias_name(holding.settings.holding, kind, marks)
        there = _behind(client, holding, alias)
        if there != {name}:
            actions = [{"remove": {"index": old, "alias": alias}} for old in there - {name}]
            client.indices.update_aliases(body={"actions": [{"add": {"index": name, "alias": alias}}, *actions]})


def _behind(client: OpenSearch, holding: Holding, alias: str) -> set[str]:
    """The indices that an alias stands for."""
    pattern = f"iimm-{holding.settings.holding}-*"  # the ingest account may not ask about all indices
    found = client.indices.get_alias(index=pattern, params={"allow_no_indices": "true"})
    return {name for name, said in found.items() if alias in said["aliases"]}
