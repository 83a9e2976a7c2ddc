"""Requests for a second person: who may decide, for how long, and that nothing is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from iimm_pipelines.people.approvals import HOURS, LONGEST_REASON, ApprovalRefused, Approvals
from iimm_pipelines.storage.keys import Keys

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def approvals(tmp_path: Path) -> Approvals:
    return Approvals(tmp_path / "people", Keys(tmp_path / "keys"))


def test_an_accession_is_open_as_long_as_was_agreed_and_to_its_asker_alone(approvals: Approvals) -> None:
    asked = approvals.ask("ana", "A00001", "a hearing", NOW)
    assert approvals.opened("ana", NOW) == frozenset()
    approvals.decide(asked.number, "bo", 4, NOW)
    assert approvals.opened("ana", NOW + timedelta(hours=3, minutes=59)) == {"A00001"}
    assert approvals.opened("ana", NOW + timedelta(hours=4)) == approvals.opened("bo", NOW) == frozenset()


def test_nobody_agrees_to_their_own_request(approvals: Approvals) -> None:
    asked = approvals.ask("ana", "A00001", "a hearing", NOW)
    with pytest.raises(ApprovalRefused, match="themselves"):
        approvals.decide(asked.number, "ana", 1, NOW)
    assert approvals.decide(asked.number, "ana", 0, NOW).until == 0  # taking it back is not agreeing


def test_what_was_decided_is_not_decided_again_but_ended(approvals: Approvals) -> None:
    asked = approvals.ask("ana", "A00001", "a hearing", NOW)
    approvals.decide(asked.number, "bo", 4, NOW)
    with pytest.raises(ApprovalRefused):
        approvals.decide(asked.number, "cy", 72, NOW)
    approvals.decide(asked.number, "cy", 0, NOW)
    assert approvals.opened("ana", NOW) == frozenset()
    for hours in (0, 1):
        with pytest.raises(ApprovalRefused):
            approvals.decide(asked.number, "bo", hours, NOW)


def test_a_request_that_nobody_decided_is_over_after_a_week(approvals: Approvals) -> None:
    asked = approvals.ask("ana", "A00001", "a hearing", NOW)
    assert approvals.ask("ana", "A00001", "again", NOW) == asked
    with pytest.raises(ApprovalRefused):
        approvals.decide(asked.number, "bo", 1, NOW + timedelta(days=7))
    assert approvals.ask("ana", "A00001", "again", NOW + timedelta(days=7)).number == 2


@pytest.mark.parametrize("hours", sorted({-1, 2, 73, 100} - set(HOURS)))
def test_no_other_time_can_be_given(approvals: Approvals, hours: int) -> None:
    asked = approvals.ask("ana", "A00001", "a hearing", NOW)
    with pytest.raises(ApprovalRefused):
        approvals.decide(asked.number, "bo", hours, NOW)


@pytest.mark.parametrize("reason", ["", " \n", "x" * (LONGEST_REASON + 1)])
def test_a_reason_is_said(approvals: Approvals, reason: str) -> None:
    with pytest.raises(ApprovalRefused, match="why"):
        approvals.ask("ana", "A00001", reason, NOW)


def test_reasons_lie_sealed(approvals: Approvals, tmp_path: Path) -> None:
    approvals.ask("ana", "A00001", "the witness Daw Secretname", NOW)
    assert b"Secretname" not in (tmp_path / "people" / "approvals").read_bytes()
    assert [a.reason for a in approvals.all()] == ["the witness Daw Secretname"]
