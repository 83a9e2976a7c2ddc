"""Holds: what is kept shut is opened by no stage, and comes back as it was when it is released."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import computed, dump, kinds, open_holding, process, receive, tables

from iimm_pipelines.accessions.holds import (
    Decision,
    HoldKind,
    HoldRefused,
    place,
    place_hash_list,
    release,
    review,
    standing,
)
from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding

FIRST, SECOND = Shard("A00001-0000"), Shard("A00002-0000")
BAD = b"must not be opened"
BOX = small.pack(("a", b"harmless"), ("b", BAD))
SHUT = ("excluded", "kept shut")
DECISION = Decision("E-7", "contains malware", datetime.now(UTC).date() + timedelta(days=90))


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def list_of(tmp_path: Path, digest: str, column: str) -> Path:
    file = tmp_path / "list.csv"
    file.write_text(f"note,{column}\nknown,{digest}\n", encoding="utf-8")
    return file


def answers(holding: Holding, content: bytes) -> set[tuple[str, str | None]]:
    """What the stages say of every item with this content."""
    shards = [s.number for s in holding.catalogue.shards()]
    mine = {i.number for s in shards for i in read_items(holding.parts, s)
            if i.object == hashlib.sha256(content).digest()}  # fmt: skip
    assert mine
    return {a for stage in ("contents", "languages") for n, a in kinds(holding, stage).items() if n in mine}


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "md5"])
def test_what_a_hash_list_names_is_opened_nowhere(holding: Holding, tmp_path: Path, algorithm: str) -> None:
    digest = hashlib.new(algorithm, BAD).hexdigest().upper()
    placed = place_hash_list(holding, list_of(tmp_path, digest, algorithm.upper()), "known", DECISION)
    assert (placed.hold.entries, placed.items) == (1, 0)
    receive(holding, tmp_path / "in", {"box": BOX, "bad": BAD, "good": b"harmless"})
    process(holding)
    assert answers(holding, BAD) == {SHUT}
    assert {k for k, _ in answers(holding, b"harmless")} == {"produced"}
    assert holding.vault.has(hashlib.sha256(BAD).digest())
    assert verify(holding).valid


def test_a_quarantine_takes_out_what_was_read_and_its_release_computes_nothing(
    holding: Holding, tmp_path: Path
) -> None:
    receive(holding, tmp_path / "one", {"box": BOX, "bad": BAD})
    receive(holding, tmp_path / "two", {"other": BAD}, source="S-2")
    process(holding)
    before = tables(holding)
    placed = place(holding, HoldKind.QUARANTINE, "A00002-0000-00000", DECISION)
    assert (placed.items, placed.shards) == (3, 2)
    process(holding)
    assert answers(holding, BAD) == {SHUT}
    assert computed(process(holding)) == {}
    assert release(holding, placed.hold.number, "E-8", "it was a false alarm").items == 3
    assert computed(process(holding)) == {}
    assert tables(holding) == before
    assert verify(holding).valid


def test_members_of_what_is_kept_shut_are_not_there_and_come_back_with_their_numbers(
    holding: Holding, tmp_path: Path
) -> None:
    receive(holding, tmp_path / "in", {"box": BOX, "more": small.pack(("c", b"third")), "text": b"free"})
    process(holding)
    items = read_items(holding.parts, FIRST)
    hold = place(holding, HoldKind.QUARANTINE, "A00001-0000-00000", DECISION).hold
    process(holding)
    assert [i.path for i in read_items(holding.parts, FIRST)] == [b"box", b"more", b"text", b"c"]
    release(holding, hold.number, "E-8", "examined")
    process(holding)
    assert [(i.number, i.object) for i in read_items(holding.parts, FIRST)] == [(i.number, i.object) for i in items]
    assert verify(holding).valid


def test_an_accession_in_quarantine_shuts_no_other(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "one", {"a": b"shared text"})
    receive(holding, tmp_path / "two", {"b": b"shared text", "c": b"own text"}, source="S-2")
    place(holding, HoldKind.QUARANTINE, "A00001", DECISION)
    process(holding)
    said = kinds(holding, "contents")
    assert said["A00001-0000-00000"] == SHUT
    assert {said["A00002-0000-00000"][0], said["A00002-0000-00001"][0]} == {"produced"}


def test_a_legal_hold_changes_no_work(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"text"})
    process(holding)
    place(holding, HoldKind.LEGAL, "A00001", DECISION)
    assert [r.standing for r in process(holding).values()] == [1, 1]


def test_every_decision_is_a_custody_event_with_person_reason_and_date(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"text"})
    hold = place(holding, HoldKind.LEGAL, "A00001-0000-00000", DECISION).hold
    later = Decision("E-9", "the case goes on", DECISION.review_on + timedelta(days=90))
    assert review(holding, hold.number, later).review_on == later.review_on.isoformat()
    release(holding, hold.number, "E-8", "the case is closed")
    events = events_of(holding, "A00001-0000-00000")
    assert [(e.kind, e.body["by"], e.body["reason"]) for e in events] == [
        ("hold placed", "E-7", "contains malware"), ("hold reviewed", "E-9", "the case goes on"),
        ("hold released", "E-8", "the case is closed"),
    ]  # fmt: skip
    assert standing(holding) == []


@pytest.mark.parametrize("decision", [
    Decision(" ", "why", DECISION.review_on), Decision("E-7", "", DECISION.review_on),
    Decision("E-7", "why", date(2020, 1, 1)),
], ids=["nobody", "no reason", "a day that has passed"])  # fmt: skip
def test_a_decision_that_is_not_complete_is_refused(holding: Holding, tmp_path: Path, decision: Decision) -> None:
    receive(holding, tmp_path / "in", {"a": b"text"})
    with pytest.raises(HoldRefused):
        place(holding, HoldKind.LEGAL, "A00001", decision)
    assert holding.catalogue.holds() == []


def test_what_stands_is_not_placed_again_and_what_is_not_there_is_not_held(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"text"})
    place(holding, HoldKind.LEGAL, "A00001", DECISION)
    with pytest.raises(HoldRefused, match="H00001"):
        place(holding, HoldKind.LEGAL, "A00001", DECISION)
    with pytest.raises(HoldRefused, match="no item"):
        place(holding, HoldKind.LEGAL, "A00001-0000-00007", DECISION)
    with pytest.raises(HoldRefused, match="no hold H00002"):
        release(holding, "H00002", "E-8", "why")


def test_holds_come_back_when_the_catalogue_is_rebuilt(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"box": BOX, "bad": BAD, "free": b"free"})
    place_hash_list(holding, list_of(tmp_path, hashlib.md5(BAD).hexdigest(), "md5"), "known", DECISION)
    process(holding)
    gone = place(holding, HoldKind.QUARANTINE, "A00001-0000-00000", DECISION).hold
    process(holding)
    place(holding, HoldKind.LEGAL, "A00001", DECISION)
    release(holding, gone.number, "E-8", "examined")
    process(holding)
    names = {"holds", "listed", "held_shards"}
    before = {t: rows for t, rows in dump(holding).items() if t in names}
    holding.close()
    for file in holding.settings.data.glob("catalogue.sqlite*"):
        file.unlink()
    again = open_holding(holding.settings.data)
    rebuild(again)
    assert {t: rows for t, rows in dump(again).items() if t in names} == before
    assert all(before.values())
    assert computed(process(again)) == {}
    again.close()


def test_a_changed_list_is_found_by_verify(holding: Holding, tmp_path: Path) -> None:
    placed = place_hash_list(holding, list_of(tmp_path, hashlib.sha256(BAD).hexdigest(), "sha256"), "known", DECISION)
    assert verify(holding).valid
    path = holding.hash_lists.path(placed.hold.file or "")
    path.write_text(path.read_text(encoding="ascii")[1:], encoding="ascii")
    assert [f.kind for f in verify(holding).faults] == ["hash list"]
