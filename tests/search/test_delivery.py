"""Delivery: what the index holds of a shard after changes, kills, moves and tampering."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from opensearchpy import OpenSearch
from small_evidence import OPEN, SHARED, compute, deliver_all, process, receive

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import Basis, Receipt, change_marks, register
from iimm_pipelines.holding import Holding
from iimm_pipelines.search import mapping
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.delivery import IndexDisagrees, stands, wanted_state
from iimm_pipelines.search.mapping import KINDS, alias_name, index_body, index_name
from iimm_pipelines.search.query import search
from iimm_pipelines.settings import load_settings

FIRST, SECOND = Shard("A00001-0000"), Shard("A00001-0001")
RESTRICTED = ("restricted",)


@pytest.fixture(scope="module")
def prepared(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """Two shards of one accession, delivered."""
    holding = new_holding(shard_items=3)
    receive(holding, tmp_path_factory.mktemp("files"), {**OPEN, **SHARED})
    process(holding)
    return holding


@pytest.fixture
def holding(prepared: Holding) -> Holding:
    """The prepared holding as every test finds it, whatever the one before it left."""
    if prepared.catalogue.accession("A00001").marks != RESTRICTED:
        change_marks(prepared, "A00001", RESTRICTED)
    deliver_all(prepared)
    return prepared


@pytest.fixture
def ingest(holding: Holding) -> OpenSearch:
    return holding.node.client("ingest")


def everything(holding: Holding) -> dict[tuple[str, str], dict[str, Any]]:
    """Every document of the holding, by index and id."""
    client, pattern = holding.node.client("ingest"), f"iimm-{holding.settings.holding}-*"
    client.indices.refresh(index=pattern)
    hits = client.search(index=pattern, body={"size": 1000})["hits"]["hits"]
    return {(h["_index"], h["_id"]): h["_source"] for h in hits}


def pair(holding: Holding, marks: tuple[str, ...]) -> set[str]:
    return {index_name(holding.settings.holding, k, marks) for k in KINDS}


def found(holding: Holding, typed: str, who: str = "analyst") -> int:
    return search(holding, reader(holding, who), typed).total


def test_every_document_that_a_part_names_stands_in_the_index_under_its_generation(holding: Holding) -> None:
    parts = holding.catalogue.parts(stage="search_index")
    said = {(row["id"], part.key) for part in parts for outcome in holding.parts.outcomes(part)
            for row in outcome.tables["documents"]}  # fmt: skip
    assert {(i, d["generation"].partition("-")[0]) for (_, i), d in everything(holding).items()} == said
    assert {d["shard"] for d in everything(holding).values()} == {FIRST, SECOND}


def test_a_second_delivery_sends_nothing(holding: Holding) -> None:
    again = deliver_all(holding)
    assert (again.sent, again.standing) == (0, len(everything(holding)))


def test_after_a_change_only_the_new_generation_stands(holding: Holding) -> None:
    before = everything(holding)
    # Thai digits and the like: a segment needs more letters than any has, so that no language is said.
    parameters = {"languages": {"languages": {"least_letters": 9_999}}}
    changed = Holding(load_settings(holding.settings.data, stages=parameters))
    process(changed)
    after = everything(changed)
    assert after.keys() == before.keys()
    assert not {d["generation"] for d in after.values()} & {d["generation"] for d in before.values()}
    changed.close()
    process(holding)
    assert everything(holding) == before


def test_a_delivery_killed_amid_the_bulk_is_completed_by_the_next(holding: Holding, ingest: OpenSearch) -> None:
    before = everything(holding)
    ingest.indices.delete(index=",".join(pair(holding, RESTRICTED)))
    child = """
import os, sys
from pathlib import Path
from small_evidence import deliver_all
from iimm_pipelines.holding import Holding
from iimm_pipelines.search import delivery
from iimm_pipelines.settings import load_settings
whole = delivery._actions
def dying(*given):
    for number, action in enumerate(whole(*given)):
        if number == 5:
            os._exit(137)
        yield action
delivery._CHUNK, delivery._AT_ONCE, delivery._actions = 2, 1, dying
deliver_all(Holding(load_settings(Path(sys.argv[1]))))
"""
    path = os.pathsep.join([str(Path(__file__).parents[1] / "journeys"), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run([sys.executable, "-c", child, str(holding.settings.data)], check=False,
                            env={**os.environ, "PYTHONPATH": path})  # fmt: skip
    assert killed.returncode == 137
    assert 0 < len(everything(holding)) < len(before)
    assert not stands(holding, FIRST)
    deliver_all(holding)
    assert everything(holding) == before
    assert stands(holding, FIRST)
    assert stands(holding, SECOND)


def test_an_index_deleted_by_hand_is_noticed_and_brought_back(holding: Holding, ingest: OpenSearch) -> None:
    before = everything(holding)
    ingest.indices.delete(index=index_name(holding.settings.holding, "segments", RESTRICTED))
    assert not stands(holding, FIRST)
    assert deliver_all(holding).sent
    assert everything(holding) == before
    assert found(holding, "monastery bell")


def test_one_document_deleted_by_hand_is_noticed_and_brought_back(holding: Holding, ingest: OpenSearch) -> None:
    before = everything(holding)
    (index, identity), _ = next(iter(before.items()))
    ingest.delete(index=index, id=identity)
    assert [stands(holding, s) for s in (FIRST, SECOND)].count(False) == 1
    deliver_all(holding)
    assert everything(holding) == before


def test_changed_marks_move_every_document_and_leave_nothing_behind(holding: Holding) -> None:
    before = everything(holding)
    change_marks(holding, "A00001", ["witness", "restricted", "witness"])
    assert sum(r.computed + r.carried for r in compute(holding)) == 0
    deliver_all(holding)
    after = everything(holding)
    assert {index for index, _ in before} == pair(holding, RESTRICTED)
    assert {index for index, _ in after} == pair(holding, ("restricted", "witness"))
    assert {i: _without_marks(d) for (_, i), d in after.items()} == {
        i: _without_marks(d) for (_, i), d in before.items()
    }
    assert {(tuple(d["marks"]), d["marks_needed"]) for d in after.values()} == {(("restricted", "witness"), 2)}
    assert (found(holding, "monastery bell", "analyst"), found(holding, "monastery bell", "lead")) == (0, 2)


def _without_marks(document: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in document.items() if k not in ("marks", "marks_needed")}


def test_changed_marks_hold_for_readers_before_the_documents_have_moved(holding: Holding, tmp_path: Path) -> None:
    other = receive(holding, tmp_path / "other", {"o.txt": "Another letter of the open accession.\n"}, source="S-9")
    process(holding)
    change_marks(holding, "A00001", ["restricted", "witness"])
    result = search(holding, reader(holding, "analyst"), "monastery")
    assert (result.total, result.hits) == (0, ())
    assert search(holding, reader(holding, "analyst"), "monastary").suggestions == ()
    assert [h.fields["accession"] for h in search(holding, reader(holding, "analyst"), "letter").hits] == [other]


def test_a_document_that_is_not_the_one_of_its_part_is_refused(holding: Holding, ingest: OpenSearch) -> None:
    part = holding.catalogue.parts(FIRST, "search_index")[0]
    file = holding.parts.path(part.stage, part.shard, part.key)
    kept = file.read_bytes()
    table = pq.read_table(file)
    rows = table["documents"].to_pylist()
    rows[0][0]["digest"] = b"\0" * 32
    column = table.schema.get_field_index("documents")
    field = table.schema.field(column)
    pq.write_table(table.set_column(column, field, pa.array(rows, field.type)), file)
    ingest.indices.delete(index=",".join(pair(holding, RESTRICTED)))
    with pytest.raises(IndexDisagrees, match=f"{FIRST}-00000"):
        deliver_all(holding)
    assert holding.catalogue.delivered(FIRST) is None
    file.write_bytes(kept)
    deliver_all(holding)
    assert stands(holding, FIRST)


def test_a_refusal_of_the_node_quotes_no_document(holding: Holding, ingest: OpenSearch) -> None:
    wrong = index_name(holding.settings.holding, "segments", RESTRICTED)
    ingest.indices.delete(index=wrong)
    body = index_body("segments")
    body["mappings"]["properties"] = body["mappings"]["properties"] | {"text": {"type": "integer"}}
    ingest.indices.create(index=wrong, body=body)
    with pytest.raises(IndexDisagrees, match=r"refused document A00001-0000-\S+ \(400\)") as refused:
        deliver_all(holding)
    assert refused.value.__cause__ is None
    ingest.indices.delete(index=wrong)


def test_a_name_that_is_longer_than_a_term_may_be_does_not_stop_its_shard(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "long.zip", "w") as archive:
        archive.writestr("n" * 60_000, "A text under a very long name.\n")
    holding = new_holding()
    receive(holding, tmp_path / "files", {"long.zip": (tmp_path / "long.zip").read_bytes()})
    process(holding)
    assert found(holding, "very long name") == 1


# Another mapping: the index of another digest is filled beside the old one, and only then do readers get it


def deliver_one(holding: Holding, shard: Shard) -> None:
    from iimm_pipelines.search.delivery import deliver
    from iimm_pipelines.stages.graph import bound

    with holding.catalogue.lease(shard):
        deliver(holding, bound(holding.settings)["search_index"], shard)


def behind(holding: Holding, kind: str = "segments") -> set[str]:
    """The indices that readers of `restricted` ask."""
    alias = alias_name(holding.settings.holding, kind, RESTRICTED)
    all_of_them = holding.node.client("ingest").indices.get_alias(index=f"iimm-{holding.settings.holding}-*")
    return {index for index, said in all_of_them.items() if alias in said["aliases"]}


def test_the_alias_moves_to_another_mapping_when_that_index_is_complete(
    holding: Holding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "waiting").mkdir()
    (tmp_path / "waiting" / "w.txt").write_text("An accession of the same marks that waits for intake.")
    register(holding, tmp_path / "waiting", Receipt("S-8", Basis.CONSENT, RESTRICTED))
    old = pair(holding, RESTRICTED)
    count = found(holding, "monastery")
    assert behind(holding) < old
    monkeypatch.setitem(mapping._FIELDS["segments"], "added", {"type": "keyword"})
    new = pair(holding, RESTRICTED)
    assert not old & new
    others = [s.number for s in holding.catalogue.shards() if s.number != FIRST and holding.catalogue.parts(s.number)]

    deliver_one(holding, FIRST)
    assert behind(holding) < old
    assert found(holding, "monastery") == count, "readers lose nothing while the new index is filled"
    for shard in others:
        deliver_one(holding, shard)
    assert behind(holding) < new
    assert found(holding, "monastery") == count
    assert {i for i, _ in everything(holding)} <= new
    assert not old & set(holding.node.client("ingest").indices.get(index=f"iimm-{holding.settings.holding}-*"))


def test_an_alias_that_a_killed_run_did_not_move_is_moved_by_the_next_delivery(
    holding: Holding, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iimm_pipelines.search import delivery

    monkeypatch.setitem(mapping._FIELDS["items"], "added", {"type": "keyword"})
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "settle_aliases", lambda holding: None)
        deliver_all(holding)
    assert not behind(holding) & pair(holding, RESTRICTED)
    assert deliver_all(holding).sent == 0
    assert behind(holding) < pair(holding, RESTRICTED)


def test_what_is_wanted_of_a_shard_changes_with_its_marks(holding: Holding) -> None:
    before = wanted_state(holding, FIRST)
    change_marks(holding, "A00001", ["restricted", "witness"])
    assert wanted_state(holding, FIRST) != before
    assert not stands(holding, FIRST)
