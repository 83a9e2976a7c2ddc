"""The log of access: nothing is lost, and nothing goes without being noticed."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from iimm_pipelines.people.access_log import HEAD, AccessEvent, AccessLog, What, verify
from iimm_pipelines.storage.keys import Keys

APRIL, MAY = datetime(2026, 4, 30, 23, 59, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> AccessLog:
    """Three lines in April, three in May."""
    made = AccessLog(tmp_path / "access-log", Keys(tmp_path / "keys"))
    for number in range(6):
        made.add(AccessEvent("ana", What.OPENED, f"A00001-0000-0000{number}"), APRIL if number < 3 else MAY)
    return made


def lines(log: AccessLog, month: str) -> list[bytes]:
    return (log.folder / f"{month}.jsonl").read_bytes().splitlines(keepends=True)


def write(log: AccessLog, month: str, content: list[bytes]) -> None:
    (log.folder / f"{month}.jsonl").write_bytes(b"".join(content))


def fault(log: AccessLog) -> tuple[str, int] | None:
    found = verify(log.folder).fault
    return (found.file, found.line) if found else None


def test_who_when_and_what_come_back_in_order(log: AccessLog) -> None:
    entries = list(log.entries())
    assert [e.number for e in entries] == [1, 2, 3, 4, 5, 6]
    assert [e.at for e in entries[2:4]] == [int(t.timestamp() * 1000) for t in (APRIL, MAY)]
    assert {(e.who, e.what) for e in entries} == {("ana", What.OPENED)}
    checked = verify(log.folder)
    assert (checked.lines, checked.fault) == (6, None)
    assert [p.stat().st_mode & 0o077 for p in log.folder.iterdir()] == [0, 0, 0]


def test_what_was_typed_is_sealed_and_the_same_query_is_known_as_the_same(log: AccessLog) -> None:
    made = [log.add(AccessEvent("bo", What.SEARCHED, query=q, hits=3), MAY) for q in ("ရန်ကုန်", "ရန်ကုန်", "\ud800")]
    assert [log.query_of(e) for e in made] == ["ရန်ကုန်", "ရန်ကုန်", "\ud800"]
    assert made[0].query_digest == made[1].query_digest != made[2].query_digest
    assert made[0].sealed != made[1].sealed
    assert "ရန်ကုန်".encode() not in (log.folder / "2026-05.jsonl").read_bytes()


@pytest.mark.parametrize("month", ["2026-04", "2026-05"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_line_taken_out_is_found_wherever_it_stood(log: AccessLog, month: str, place: int) -> None:
    left = lines(log, month)
    del left[place]
    write(log, month, left)
    expected = {("2026-04", 2): ("2026-05.jsonl", 1)}.get((month, place), (f"{month}.jsonl", place + 1))
    assert fault(log) == expected


@pytest.mark.parametrize("month", ["2026-04", "2026-05"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_changed_line_is_found_at_it_or_at_the_one_that_names_it(log: AccessLog, month: str, place: int) -> None:
    changed = lines(log, month)
    changed[place] = changed[place].replace(b'"ana"', b'"bob"')
    write(log, month, changed)
    after = {("2026-04", 2): ("2026-05.jsonl", 1), ("2026-05", 2): ("2026-05.jsonl", 3)}
    assert fault(log) == after.get((month, place), (f"{month}.jsonl", place + 2))


def test_lines_put_in_or_in_another_order_or_no_lines_are_found(log: AccessLog) -> None:
    whole = lines(log, "2026-04")
    for content in ([whole[0], whole[0], *whole[1:]], [whole[1], whole[0], whole[2]], [whole[0], b"{}\n", *whole[1:]],
                    [whole[0], b"\xff\n", *whole[1:]]):  # fmt: skip
        write(log, "2026-04", content)
        assert fault(log) in (("2026-04.jsonl", 1), ("2026-04.jsonl", 2))


def test_a_tail_or_a_month_or_everything_that_was_cut_is_found(log: AccessLog) -> None:
    whole = lines(log, "2026-05")
    write(log, "2026-05", [*whole[:2], whole[2][:10]])
    assert fault(log) == ("2026-05.jsonl", 3)
    (log.folder / "2026-05.jsonl").unlink()
    assert fault(log) == ("2026-04.jsonl", 4)
    (log.folder / "2026-04.jsonl").unlink()
    assert fault(log) == (HEAD, 1)


def test_a_cut_tail_is_found_after_others_wrote_on(log: AccessLog) -> None:
    for left in (lines(log, "2026-05")[:2], [lines(log, "2026-05")[0][:-5]]):
        write(log, "2026-05", left)
        log.add(AccessEvent("bo", What.SIGNED_IN), MAY)
        assert fault(log) == ("2026-05.jsonl", len(left) + (1 if left[-1].endswith(b"\n") else 0))
        assert list(log.entries())[-1].who == "bo"


def test_a_head_that_was_taken_away_is_found(log: AccessLog) -> None:
    (log.folder / HEAD).unlink()
    assert fault(log) == (HEAD, 1)


def test_a_chain_written_anew_is_found_by_what_was_noted_elsewhere(log: AccessLog, tmp_path: Path) -> None:
    anchor = log.anchor()
    assert anchor is not None
    log.add(AccessEvent("ana", What.SIGNED_OUT), MAY)
    assert verify(log.folder, [anchor]).fault is None
    for file in log.folder.iterdir():
        file.unlink()
    for number in range(8):
        log.add(AccessEvent("ana", What.OPENED, f"A00002-0000-0000{number}"), MAY)
    assert verify(log.folder).fault is None
    found = verify(log.folder, [anchor]).fault
    assert found is not None and (found.file, found.line) == ("2026-05.jsonl", 6)


# Writers that die, and several of them


def test_what_a_dead_writer_left_half_is_taken_away_and_what_it_finished_stays(log: AccessLog) -> None:
    head = (log.folder / HEAD).read_bytes()
    log.add(AccessEvent("bo", What.OPENED), MAY)
    (log.folder / HEAD).write_bytes(head)  # it died after its line, before the head
    with (log.folder / "2026-05.jsonl").open("ab") as file:
        file.write(b'{"at":17')  # and another in the middle of a line
    assert fault(log) is None
    log.add(AccessEvent("cho", What.OPENED), MAY)
    assert [e.who for e in log.entries()][-2:] == ["bo", "cho"]
    assert (verify(log.folder).lines, fault(log)) == (8, None)


def test_a_writer_that_died_at_the_turn_of_a_month_breaks_nothing(log: AccessLog) -> None:
    head = (log.folder / HEAD).read_bytes()
    june = datetime(2026, 6, 1, tzinfo=UTC)
    log.add(AccessEvent("bo", What.OPENED), june)
    (log.folder / HEAD).write_bytes(head)
    log.add(AccessEvent("cho", What.OPENED), june)
    assert (verify(log.folder).lines, fault(log)) == (8, None)


def test_a_clock_that_was_put_back_breaks_no_chain(log: AccessLog) -> None:
    log.add(AccessEvent("bo", What.OPENED), APRIL)
    log.add(AccessEvent("bo", What.OPENED), MAY)
    assert (verify(log.folder).lines, fault(log)) == (8, None)


def test_two_processes_write_at_once_and_no_line_is_lost(log: AccessLog, tmp_path: Path) -> None:
    code = ("import sys; from pathlib import Path; from iimm_pipelines.people.access_log import *; "
            "from iimm_pipelines.storage.keys import Keys; top = Path(sys.argv[1]); "
            "log = AccessLog(top / 'access-log', Keys(top / 'keys')); "
            "[log.add(AccessEvent(sys.argv[2], What.SEARCHED, query=str(n), hits=n)) for n in range(50)]")  # fmt: skip
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), who]) for who in ("p", "q")]
    assert [p.wait(60) for p in running] == [0, 0]
    assert (verify(log.folder).lines, fault(log)) == (106, None)
    by = {who: [log.query_of(e) for e in log.entries() if e.who == who] for who in ("p", "q")}
    assert by == {who: [str(n) for n in range(50)] for who in ("p", "q")}
