"""The record of work: signed, chained, checked by `verify`, backed up, and read again where the tables are lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_holding import open_holding, receive

from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery.backup import back_up
from iimm_pipelines.work.record import Kind, New, Work, WorkRefused

ITEM = "A00001-0000-00000"


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    receive(opened, tmp_path / "files", {"a.txt": b"letter"})
    yield opened
    opened.close()


def tag(holding: Holding, value: str, by: str = "ana") -> None:
    holding.work.add(by, [New(Kind.TAG, ITEM, {"code": "incident", "value": value})])


def file_of(holding: Holding) -> Path:
    [file] = holding.work.folder.glob("*.jsonl")
    return file


def test_rows_come_back_with_author_and_time_and_a_withdrawal_hides_without_taking_away(holding: Holding) -> None:
    tag(holding, "one")
    tag(holding, "two", "ben")
    second, first = holding.work.rows(Kind.TAG)
    assert (first.by, first.body["value"], second.by) == ("ana", "one", "ben")
    holding.work.withdraw("ben", first, "mistaken")
    assert holding.work.of_items([ITEM]) == {ITEM: [second]}
    assert [r.id for r in holding.work.rows(Kind.TAG, ended=True)] == [second.id, first.id]
    assert holding.work.rows(Kind.WITHDRAWN)[0].body == {"row": first.id, "why": "mistaken"}


def test_what_stands_is_due_in_the_index_until_that_has_it(holding: Holding) -> None:
    tag(holding, "one")
    due = holding.work.due()
    tag(holding, "two")
    holding.work.done(due)
    assert holding.work.due() == {ITEM: 2}
    holding.work.done(holding.work.due())
    assert not holding.work.due()


def test_lost_tables_are_made_again_from_the_log(holding: Holding) -> None:
    tag(holding, "one")
    tag(holding, "two")
    holding.work.withdraw("ana", holding.work.rows(Kind.TAG)[0])
    before = holding.work.rows(*Kind, ended=True)
    with holding.catalogue.writing() as c:
        for table in ("work_rows", "work_read", "work_due"):
            c.exec_driver_sql(f"DROP TABLE {table}")
    again = Work(holding.work.folder, holding.record, holding.catalogue)
    assert again.rows(*Kind, ended=True) == before
    assert again.due().keys() == {ITEM}


def test_a_row_of_a_writer_that_died_before_the_tables_had_it_is_taken_in_by_the_next(holding: Holding) -> None:
    other = open_holding(holding.settings.data)
    tag(holding, "one")
    with other.catalogue.writing() as c:
        c.exec_driver_sql("DELETE FROM work_rows")
        c.exec_driver_sql("DELETE FROM work_read")
    assert other.work.caught_up == 1
    other.close()


def test_verify_counts_rows_and_names_one_that_was_changed_though_the_chain_was_mended(holding: Holding) -> None:
    tag(holding, "one")
    assert verify(holding).valid
    assert verify(holding).checked["rows of work"] == 1
    file = file_of(holding)
    said = json.loads(file.read_bytes())
    said["by"] = "eve"
    line = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    file.write_bytes(line + b"\n")
    import hashlib

    head = json.loads((holding.work.folder / "head").read_text())
    head |= {"digest": hashlib.sha256(line).hexdigest(), "size": len(line) + 1}
    (holding.work.folder / "head").write_text(json.dumps(head))
    [fault] = verify(holding).faults
    assert (fault.kind, fault.what) == ("record of work", "is not signed by this holding's key")
    again = Work(holding.work.folder, holding.record, type(holding.catalogue).at(holding.settings.data.parent / "new"))
    assert not again.rows(Kind.TAG)


def test_a_tail_cut_with_its_head_is_found_by_what_a_backup_noted(holding: Holding, tmp_path: Path) -> None:
    tag(holding, "one")
    kept = {f: f.read_bytes() for f in holding.work.folder.iterdir()}
    tag(holding, "two")
    back_up(holding, tmp_path / "backup")
    assert verify(holding).valid
    for path, content in kept.items():
        path.write_bytes(content)
    [fault] = verify(holding).faults
    assert fault.kind == "record of work"
    assert "missing at the end" in fault.what


def test_half_a_character_is_refused_and_nothing_is_written(holding: Holding) -> None:
    with pytest.raises(WorkRefused):
        tag(holding, "\ud800")
    assert holding.work.anchor() is None
