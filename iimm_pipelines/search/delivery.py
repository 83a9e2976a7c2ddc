"""Delivery: the documents of a shard into the indices of its marks, and everything else of the shard out.

Here: writing generations, adding what the catalogue says of an accession, moving documents when marks change, moving
aliases when the mapping changes.
Not here: what documents hold (search/documents), queries (search/query).

Nothing that a file says reaches the index unless a part names it: a document is made again from the parts, and its
digest must be the one that the part of `search_index` holds. What the catalogue says can be corrected, so it is added
here and counts in the generation. What people decided about an item is added too, and counts in none: it changes at any
time, and then goes into the documents that stand (work/in_index). A delivery that died is begun again; what stands complete is not sent twice.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson

from iimm_pipelines.accessions.facts import from_text
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.run import inputs_again
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.documents import documents
from iimm_pipelines.search.facet_fields import with_facet_fields
from iimm_pipelines.search.mapping import BY_PEOPLE, KINDS, alias_name, index_body, index_name, mapping_digest
from iimm_pipelines.search.node import NodeError
from iimm_pipelines.search.when_and_where import TIMES, times_of_accession, with_accession
from iimm_pipelines.storage.catalogue import AccessionRow, PartRow
from iimm_pipelines.work.in_index import Beside, bring

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_CHUNK = 500
_AT_ONCE = 3
"""Chunks on their way to the node; the next one is made meanwhile."""
_MOST_BYTES = 20 << 20
"""Of a request; the node refuses 100 MB, and one with little memory holds several of them at once."""
_OF_PEOPLE = {"term": {"generation": BY_PEOPLE}}
_DELETION_SECONDS = 600
"""A shard of 5,000 long documents has some 500,000 segments, which take minutes to delete on a busy node."""


class IndexDisagrees(RuntimeError):
    """What a part says of its documents, and what is made of the parts now, or stands in the index, differ."""


class IndexUnavailable(RuntimeError):
    """The search node refused, or did not answer. Its own words are left out: they may quote documents."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many documents were sent, and how many of the shard stand in the index."""

    sent: int
    standing: int


def wanted_state(holding: Holding, shard: Shard) -> str:
    """What the index should hold of a shard, as one digest: mapping, marks and parts."""
    said = accession_times(_accession(holding, shard))
    keys = [_generation(p, said) for p in holding.catalogue.parts(shard, "search_index")]
    content = hashlib.sha256("\n".join([*sorted(_marks(holding, shard)), "", *keys]).encode()).hexdigest()
    return f"{mapping_digest()}:{content}"


def accession_times(accession: AccessionRow) -> dict[str, Any]:
    """When an accession was received and captured, as its documents hold it; a correction brings them into the index anew."""
    return times_of_accession(accession.registered_at, from_text(accession.facts).captured)


def stands(holding: Holding, shard: Shard) -> bool:
    """Whether the index holds what it should of a shard: noted at its last delivery, and counted there now."""
    if holding.catalogue.delivered(shard) != wanted_state(holding, shard):
        return False
    return _standing(holding.node.client("ingest"), _indices(holding, shard), shard) == _expected(holding, shard)


def deliver(holding: Holding, stage: Stage, shard: Shard) -> Delivered:
    """Bring the index up to date for a shard; the caller holds the shard's lease.

    Raises:
        IndexDisagrees: a document differs from what its part says, or the index does not hold all of them at the end.
        IndexUnavailable: the search node refused or did not answer.
    """
    from opensearchpy.exceptions import OpenSearchException

    try:
        delivered = _deliver(holding, stage, shard)
        settle_aliases(holding)
    except NodeError as wrong:
        raise IndexUnavailable(f"{shard}: {wrong}") from None
    except OpenSearchException as wrong:
        said = getattr(wrong, "status_code", "no answer")
        raise IndexUnavailable(f"the search node failed on {shard}: {type(wrong).__name__} ({said})") from None
    return delivered


def _deliver(holding: Holding, stage: Stage, shard: Shard) -> Delivered:
    state = wanted_state(holding, shard)
    expected = _expected(holding, shard)
    marks = _marks(holding, shard)
    client = holding.node.client("ingest")
    indices = _indices(holding, shard)
    for kind, index in indices.items():
        _make(client, holding, kind, index, alias_name(holding.settings.holding, kind, marks))
    standing = _standing(client, indices, shard)
    if holding.catalogue.delivered(shard) == state and standing == expected:
        return Delivered(0, sum(expected.values()))
    holding.catalogue.note_delivery(shard, None)
    sent = 0
    said = accession_times(_accession(holding, shard))
    for part in holding.catalogue.parts(shard, "search_index"):
        generation = _generation(part, said)
        if standing.get(generation) != expected.get(generation):
            beside = {"generation": generation, "marks": sorted(marks), "marks_needed": len(marks)}
            sent += _send(client, holding, stage, part, indices, beside, said)
    bring(holding, holding.work.items_of_shard(shard))  # also what was decided while this went on
    _remove_others(client, holding, indices, shard, list(expected))
    if _standing(client, indices, shard) != expected:
        raise IndexDisagrees(f"the index does not hold what the parts of {shard} say")
    holding.catalogue.note_delivery(shard, state)
    return Delivered(sent, sum(expected.values()))


def _marks(holding: Holding, shard: Shard) -> tuple[str, ...]:
    return _accession(holding, shard).marks


def _accession(holding: Holding, shard: Shard) -> AccessionRow:
    return holding.catalogue.accession(holding.catalogue.shard(shard).accession)


def _generation(part: PartRow, said: Mapping[str, Any]) -> str:
    """What tells the documents of a part, and what was said of its accession then, from others."""
    return f"{part.key}-{hashlib.sha256(canonical(said)).hexdigest()[:12]}"


def _indices(holding: Holding, shard: Shard) -> dict[str, str]:
    """The indices of a shard, by kind."""
    return {k: index_name(holding.settings.holding, k, _marks(holding, shard)) for k in KINDS}


def _expected(holding: Holding, shard: Shard) -> dict[str, int]:
    """How many documents each part of a shard names, by generation; without those that name none, as the index has it."""
    said = accession_times(_accession(holding, shard))
    counts = {_generation(p, said): _documents_in(holding, p) for p in holding.catalogue.parts(shard, "search_index")}
    return {k: n for k, n in counts.items() if n}


def _documents_in(holding: Holding, part: PartRow) -> int:
    table = holding.parts.arrow(part.stage, part.shard, part.key, ["documents"])
    return sum(len(chunk.flatten()) for chunk in table["documents"].chunks)


def _make(client: OpenSearch, holding: Holding, kind: str, index: str, alias: str) -> None:
    """Make an index where it is missing; its alias comes with it unless an older index still answers to that."""
    from opensearchpy.exceptions import RequestError

    if client.indices.exists(index=index):
        return
    body = index_body(kind)
    if not any(alias in names for names in _aliases(client, holding).values()):
        body["aliases"] = {alias: {}}
    try:
        client.indices.create(index=index, body=body, params={"wait_for_active_shards": "1"})
    except RequestError as refused:  # a run of another shard was faster
        if refused.error != "resource_already_exists_exception":
            raise


def _standing(client: OpenSearch, indices: Mapping[str, str], shard: Shard) -> dict[str, int]:
    """Documents of a shard in its indices, by generation."""
    names, missing = ",".join(indices.values()), {"ignore_unavailable": "true"}
    client.indices.refresh(index=names, params=missing)
    body = {
        "size": 0,
        "query": {"bool": {"filter": [{"term": {"shard": shard}}], "must_not": [_OF_PEOPLE]}},
        "aggs": {"g": {"terms": {"field": "generation", "size": 10_000}}},
    }
    found = client.search(index=names, body=body, params=missing)
    return {b["key"]: b["doc_count"] for b in found.get("aggregations", {}).get("g", {}).get("buckets", ())}


def _send(client: OpenSearch, holding: Holding, stage: Stage, part: PartRow, indices: Mapping[str, str],
          beside: Mapping[str, Any], said: Mapping[str, Any]) -> int:  # fmt: skip
    """Send the documents of a part, some chunks at once: one request alone keeps one core of the node busy."""
    actions = _actions(holding, stage, part, indices, beside, said)
    sent = 0
    with ThreadPoolExecutor(_AT_ONCE) as senders:
        under_way: deque[Future[int]] = deque()
        while chunk := list(islice(actions, _CHUNK)):
            if len(under_way) == _AT_ONCE:
                sent += under_way.popleft().result()
            under_way.append(senders.submit(_send_chunk, client, chunk))
        return sent + sum(each.result() for each in under_way)


def _send_chunk(client: OpenSearch, actions: Sequence[Mapping[str, Any]]) -> int:
    """Send some documents as one request whose answer says only whether all of them stand.

    The client's own way of sending takes some 45 µs for each document, this 3; it is for what was refused.
    """
    from opensearchpy.exceptions import TransportError

    lines = (
        orjson.dumps(each) for a in actions for each in ({"index": {n: a[n] for n in ("_index", "_id")}}, a["_source"])
    )
    body = b"\n".join((*lines, b""))
    try:
        if len(body) <= _MOST_BYTES and not client.bulk(body=body, params={"filter_path": "errors"})["errors"]:
            return len(actions)
    except TransportError as refused:
        if refused.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise
    return _send_again(client, actions)


def _send_again(client: OpenSearch, actions: Sequence[Mapping[str, Any]]) -> int:
    """Send documents in several requests where they are large, wait where the node is busy, and name what it refuses."""
    from opensearchpy.helpers import streaming_bulk

    # Not raise_on_error: that exception quotes the documents.
    answers = streaming_bulk(
        client, actions, chunk_size=_CHUNK, max_chunk_bytes=_MOST_BYTES, max_retries=3, raise_on_error=False
    )
    for accepted, answer in answers:
        if not accepted:
            refused = answer["index"]
            raise IndexDisagrees(f"the search node refused document {refused['_id']} ({refused['status']})")
    return len(actions)


def _actions(holding: Holding, stage: Stage, part: PartRow, indices: Mapping[str, str], beside: Mapping[str, Any],
             said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:  # fmt: skip
    decided = Beside(holding.work.of_items(holding.work.items_of_shard(part.shard)))
    for task, outcome in inputs_again(holding, stage, part):
        named = {row["id"]: row["digest"] for row in outcome.tables.get("documents", ())}
        for document in documents(task) if named else ():
            if named.get(document.id) != document.digest:
                raise IndexDisagrees(f"a document of {outcome.item} is not the one that its part names")
            times = {TIMES: with_accession(document.fields.get(TIMES), said)}
            yield {"_op_type": "index", "_index": indices[document.kind], "_id": document.id,
                   "_source": with_facet_fields({**document.fields, **beside, **decided.of(outcome.item, document.id),
                                                 **times})}  # fmt: skip


def _remove_others(client: OpenSearch, holding: Holding, indices: Mapping[str, str], shard: Shard,
                   generations: Sequence[str]) -> None:  # fmt: skip
    """Take out the shard's other generations here, and all of it from the indices of other marks.

    An index of these marks with an older mapping keeps what it has: readers see it until the alias moves.
    """
    pattern = _all_indices(holding)
    here = {"terms": {"_index": list(indices.values())}}
    present = {"bool": {"filter": [here, {"terms": {"generation": [*generations, BY_PEOPLE]}}]}}
    older = {"terms": {"_index": _older(_aliases(client, holding), indices.values())}}
    query = {"bool": {"filter": [{"term": {"shard": shard}}], "must_not": [present, older]}}
    client.indices.refresh(index=pattern)
    done = client.delete_by_query(index=pattern, body={"query": query}, params={"refresh": "true", "conflicts": "proceed"},
                                  request_timeout=_DELETION_SECONDS)  # fmt: skip
    if done["deleted"] != done["total"] or done["failures"]:
        raise IndexDisagrees(
            f"{done['total'] - done['deleted']} documents of {shard} could not be taken out of the index"
        )


def settle_aliases(holding: Holding) -> None:
    """Let each alias stand for the index of the present mapping, and remove the older one, once nothing would be lost.

    That is when every shard of these marks that was ever indexed has been delivered under the present mapping.
    """
    client = holding.node.client("ingest")
    found = _aliases(client, holding)
    indexed = {p.shard for p in holding.catalogue.parts(stage="search_index")}
    marks_of = {a.number: tuple(sorted(a.marks)) for a in holding.catalogue.accessions()}
    shards: dict[tuple[str, ...], list[Shard]] = {marks: [] for marks in marks_of.values()}
    for shard in holding.catalogue.shards():
        if shard.number in indexed:
            shards[marks_of[shard.accession]].append(shard.number)
    for marks, members in shards.items():
        names = {
            alias_name(holding.settings.holding, k, marks): index_name(holding.settings.holding, k, marks)
            for k in KINDS
        }
        older = _older(found, names.values())
        due = {a: n for a, n in names.items() if n in found and a not in found[n]}
        if (older or due) and all(_has_present_mapping(holding, s) for s in members):
            adding = [{"add": {"index": name, "alias": alias}} for alias, name in due.items()]
            removing = [{"remove_index": {"index": name}} for name in older]
            client.indices.update_aliases(body={"actions": [*adding, *removing]})


def _has_present_mapping(holding: Holding, shard: Shard) -> bool:
    state = holding.catalogue.delivered(shard)
    return state is not None and state.startswith(f"{mapping_digest()}:")


def _all_indices(holding: Holding) -> str:
    return f"iimm-{holding.settings.holding}-*"  # the ingest account may not ask about more


def _aliases(client: OpenSearch, holding: Holding) -> dict[str, set[str]]:
    """The holding's indices with their aliases."""
    found = client.indices.get_alias(index=_all_indices(holding), params={"allow_no_indices": "true"})
    return {index: set(said["aliases"]) for index, said in found.items()}


def _older(found: Mapping[str, set[str]], present: Iterable[str]) -> list[str]:
    """Indices for the same kind and marks as the present ones, with another mapping."""
    kept = set(present)
    stems = {name.rpartition("-")[0] for name in kept}
    return sorted(name for name in found if name not in kept and name.rpartition("-")[0] in stems)
