"""Originals given out: byte for byte, with an event, and never what may do harm or is kept shut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import open_holding, process, receive

from iimm_pipelines.accessions.holds import Decision, HoldKind, place, release
from iimm_pipelines.accessions.numbers import Number
from iimm_pipelines.accessions.originals import OriginalRefused, give_out
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.engine.outcome import Outcome, Reason, ended, produced
from iimm_pipelines.engine.stage import Task
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages import malware

BAD = b"harms whoever opens it"
LARGE = b"larger than the limits of the scanner"
BOX = small.pack(("a", b"harmless"), ("b", BAD))
FIRST, SECOND, BAD_MEMBER = (Number(n) for n in ("A00001-0000-00000", "A00001-0000-00001", "A00001-0000-00003"))


def scanned(task: Task) -> Outcome:
    """Stands for a daemon: what it says is what counts here, and triage needs no worker."""
    if task.size == len(BAD):
        return produced({"malware": [{"signature": "Test.Invented", "scanner": "ClamAV 1"}]})
    if task.size == len(LARGE):
        return ended(Reason.NOT_SCANNED, tables={"malware": [{"scanner": "ClamAV 1"}]})
    return ended(Reason.NO_MALWARE, tables={"malware": [{"scanner": "ClamAV 1"}]})


SCAN = replace(malware.STAGE, triage=scanned)


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    receive(opened, tmp_path / "in", {"box": BOX, "letter": b"a letter"})
    process(opened, [*small.STAGES, SCAN])
    yield opened
    opened.close()


def out(holding: Holding, number: Number, target: Path) -> str | None:
    return give_out(holding, number, target, to="ANALYST", reason="asked for").scanner


def test_an_original_comes_out_byte_for_byte_and_its_event_says_to_whom_and_why(
    holding: Holding, tmp_path: Path
) -> None:
    assert out(holding, SECOND, tmp_path / "out") == "ClamAV 1"
    assert (tmp_path / "out").read_bytes() == b"a letter"
    (event,) = events_of(holding, SECOND)
    assert (event.kind, event.body["to"], event.body["reason"]) == ("exported", "ANALYST", "asked for")
    assert event.body["sha256"] == hashlib.sha256(b"a letter").hexdigest()
    assert verify(holding).valid


@pytest.mark.parametrize("number", [BAD_MEMBER, FIRST])
def test_what_a_scanner_warns_of_stays_and_what_holds_it_too(holding: Holding, tmp_path: Path, number: Number) -> None:
    with pytest.raises(OriginalRefused, match="malware"):
        out(holding, number, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", "in"]
    assert events_of(holding, number) == []


def test_equal_bytes_that_were_not_scanned_where_they_lie_stay_too(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "two", {"other": BAD}, source="S-2")
    with pytest.raises(OriginalRefused, match="malware"):
        out(holding, Number("A00002-0000-00000"), tmp_path / "out")


def test_what_no_scanner_has_seen_says_so(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "two", {"other": b"another letter"}, source="S-2")
    process(holding, [*small.STAGES])
    assert out(holding, Number("A00002-0000-00000"), tmp_path / "out") is None


def test_what_a_scanner_gave_up_on_is_not_scanned(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "two", {"large": LARGE}, source="S-2")
    process(holding, [*small.STAGES, SCAN])
    assert out(holding, Number("A00002-0000-00000"), tmp_path / "out") is None


def test_what_is_kept_shut_stays_until_it_is_released(holding: Holding, tmp_path: Path) -> None:
    decision = Decision("E-7", "examined first", datetime.now(UTC).date() + timedelta(days=9))
    hold = place(holding, HoldKind.QUARANTINE, SECOND, decision).hold
    with pytest.raises(OriginalRefused, match="kept shut"):
        out(holding, SECOND, tmp_path / "out")
    release(holding, hold.number, "E-8", "harmless")
    assert out(holding, SECOND, tmp_path / "out")


def test_nothing_is_written_over_nor_into_the_data_folder_nor_without_a_reason(
    holding: Holding, tmp_path: Path
) -> None:
    (tmp_path / "out").write_bytes(b"another's")
    for target, reason in ((tmp_path / "out", "why"), (tmp_path / "data" / "x", "why"), (tmp_path / "new", " ")):
        with pytest.raises(OriginalRefused):
            give_out(holding, SECOND, target, to="ANALYST", reason=reason)
    assert (tmp_path / "out").read_bytes() == b"another's"
