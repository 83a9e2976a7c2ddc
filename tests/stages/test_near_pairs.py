"""Near pairs over shards, and what readers see of them.

The fingerprints are committed as the stage before would, with values that are made up; everything else is real.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Number, Shard
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.duplicates.clusters import clusters, near, visible_clusters, visible_near
from iimm_pipelines.engine.commit import Provenance, commit, sealed
from iimm_pipelines.engine.outcome import Reason, ended, produced
from iimm_pipelines.engine.run import pending
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import Reader
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages import fingerprints, inventory
from iimm_pipelines.stages.near_pairs import STAGE, run_near_pairs

ANALYST = Reader("analyst", frozenset({"restricted"}))
LEAD = Reader("lead", frozenset({"restricted", "witness"}))


@pytest.fixture
def holding(tmp_path):
    """An empty holding."""
    opened = Holding(load_settings(tmp_path / "data", workers=1))
    yield opened
    opened.close()


def received(holding: Holding, *contents: bytes, marks=("restricted",)) -> Shard:
    """An accession of these files in one shard, taken in."""
    folder = holding.settings.data.parent / f"received-{len(holding.catalogue.accessions())}"
    folder.mkdir()
    for place, content in enumerate(contents):
        (folder / f"{place}.jpg").write_bytes(content)
    row = register(holding, folder, Receipt("S-1", Basis.CONSENT, marks))
    inventory.take_in(holding, row.number)
    return holding.catalogue.shards(row.number)[0].number


def fingerprinted(holding: Holding, shard: Shard, *values: int | None) -> None:
    """Commit these hashes as the shard's fingerprints; None for a picture that failed."""
    stage = fingerprints.STAGE
    outcomes = []
    for item, value in zip(read_items(holding.parts, shard), values, strict=True):
        outcome = ended(Reason.TIMED_OUT)
        if value is not None:
            row = {"method": "phash", "value": value.to_bytes(8, "big"), "width": 4, "height": 3}
            outcome = produced({"fingerprints": [row]})
        outcomes.append(sealed(holding, stage, item=item.number, place=item.place, outcome=outcome, inputs=(item.leaf,),
                               work=b"w" * 32))  # fmt: skip
    holding.catalogue.write_slices(stage.name, shard, [(0, len(values))])
    key = hashlib.sha256(b"".join(o.leaf for o in outcomes)).hexdigest()
    (piece,) = holding.catalogue.slices(stage.name, shard)
    commit(holding, stage, shard, piece, outcomes, Provenance(key, datetime.now(UTC), "test"))


def named(holding: Holding, shard: Shard) -> dict[int, list[tuple[str, int]]]:
    """What each item names, by place."""
    found = {}
    for part in holding.catalogue.parts(shard, STAGE.name):
        for outcome in holding.parts.outcomes(part):
            found[outcome.place] = [(r["other"], r["distance"]) for r in outcome.tables.get("pairs", ())]
    return {place: pairs for place, pairs in found.items() if pairs}


def test_a_shard_that_comes_later_names_its_pairs_and_the_earlier_one_stands(holding):
    first, second = received(holding, b"a", b"b"), received(holding, b"c")
    fingerprinted(holding, first, 0, 2**64 - 1)
    run_near_pairs(holding, STAGE, first)
    fingerprinted(holding, second, 0b111)
    run_near_pairs(holding, STAGE, second)
    assert named(holding, first) == {}
    assert named(holding, second) == {0: [("A00001-0000-00000", 3)]}
    assert run_near_pairs(holding, STAGE, first).standing == 2
    assert pending(holding, STAGE, first) == 0


def test_every_item_has_one_outcome(holding):
    shard = received(holding, b"a", b"b", b"c", b"d")
    fingerprinted(holding, shard, 0, 1, 2**64 - 1, None)
    report = run_near_pairs(holding, STAGE, shard)
    assert dict(report.kinds) == {"produced": 1, "empty": 2, "excluded": 1}


def test_equal_objects_are_no_near_pair(holding):
    first, second = received(holding, b"a"), received(holding, b"a", b"b")
    fingerprinted(holding, first, 5)
    fingerprinted(holding, second, 5, 5)
    run_near_pairs(holding, STAGE, second)
    assert named(holding, second) == {1: [("A00001-0000-00000", 0), ("A00002-0000-00000", 0)]}


def test_the_attestation_names_all_parts_that_were_compared(holding):
    first, second = received(holding, b"a"), received(holding, b"b")
    for shard in (first, second):
        fingerprinted(holding, shard, 5)
    run_near_pairs(holding, STAGE, second)
    (part,) = holding.catalogue.parts(second, STAGE.name)
    path = holding.parts.attestation_path(STAGE.name, second, part.key, part.attestation)
    said = attestation.read(path.read_bytes(), holding.proof.verifier)
    compared = {(f"fingerprints/{p.shard}/0", p.root) for p in holding.catalogue.parts(stage="fingerprints")}
    assert len(compared) == 2
    assert compared <= set(said.input_parts)


@pytest.mark.parametrize("slice_items", [1, 5_000])
def test_a_picture_that_is_read_at_the_second_try_is_compared_with_all_that_stood_before(holding, slice_items):
    stage = replace(STAGE, slice_items=slice_items)
    shard = received(holding, b"a", b"b", b"c")
    fingerprinted(holding, shard, 0, None, 1)
    run_near_pairs(holding, stage, shard)
    before = named(holding, shard)
    fingerprinted(holding, shard, 0, 0b11, 1)
    report = run_near_pairs(holding, stage, shard)
    assert before == {2: [("A00001-0000-00000", 1)]}
    assert named(holding, shard) == {**before, 1: [("A00001-0000-00002", 1), ("A00001-0000-00000", 2)]}
    assert report.computed == 1


def test_another_distance_compares_all_anew_and_names_each_pair_once(holding):
    shard = received(holding, b"a", b"b", b"c")
    fingerprinted(holding, shard, 0, 0b111, 0b1)
    stage = replace(STAGE, slice_items=1)
    run_near_pairs(holding, stage, shard)
    report = run_near_pairs(holding, stage.with_parameters({"phash_pairs": {"distance": 2}}), shard)
    assert report.computed == 3
    assert named(holding, shard) == {2: [("A00001-0000-00000", 1), ("A00001-0000-00001", 2)]}


def test_an_item_with_too_many_names_the_nearest_and_says_so(holding):
    shard = received(holding, b"a", b"b", b"c")
    fingerprinted(holding, shard, 0, 1, 0b11)
    run_near_pairs(holding, STAGE.with_parameters({"phash_pairs": {"most": 1}}), shard)
    (part,) = holding.catalogue.parts(shard, STAGE.name)
    last = holding.parts.outcomes(part)[-1]
    assert (last.reason, named(holding, shard)[2]) == (Reason.LIMIT_REACHED, [("A00001-0000-00001", 1)])


def test_what_was_committed_verifies(holding):
    shard = received(holding, b"a", b"b")
    fingerprinted(holding, shard, 0, 1)
    run_near_pairs(holding, STAGE, shard)
    holding.record.drain()
    assert verify(holding).faults == []


# views

A, B, C = (Number(f"A0000{n}-0000-00000") for n in (1, 2, 3))


@pytest.fixture
def chain(holding):
    """Three accessions with a picture each, near in a chain by way of the second, which only the lead may see."""
    for content, value, marks in ((b"a", 0, ("restricted",)), (b"b", 0x3FF, ("restricted", "witness")),
                                  (b"c", 0xFFFFF, ("restricted",))):  # fmt: skip
        shard = received(holding, content, marks=marks)
        fingerprinted(holding, shard, value)
        run_near_pairs(holding, STAGE, shard)
    return holding


def test_near_ones_are_found_from_both_sides(chain):
    assert [n.other for n in near(chain, A)] == [B]
    assert [(n.other, n.distance) for n in near(chain, B)] == [(A, 10), (C, 10)]


def test_what_hangs_together_by_pairs_is_a_cluster(chain):
    assert list(clusters(chain)) == [frozenset({A, B, C})]


def test_a_reader_learns_of_no_duplicate_that_they_may_not_see(chain):
    assert visible_near(chain, A, ANALYST) == []
    assert visible_near(chain, B, ANALYST) == []
    assert [n.other for n in visible_near(chain, A, LEAD)] == [B]


def test_what_a_reader_may_not_see_links_nothing_for_them(chain):
    assert list(visible_clusters(chain, ANALYST)) == []
    assert list(visible_clusters(chain, LEAD)) == [frozenset({A, B, C})]
