"""`iimm request`: asked for by one, decided by another, and each step in the log of access with both names."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_evidence import WITNESS, receive

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import What
from iimm_pipelines.people.rights import Role
from iimm_pipelines.settings import load_settings

Type = Callable[..., Any]


@pytest.fixture
def holding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holding]:
    """A00001 needs the mark witness, of which nobody opens anything alone; lead and second hold it."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "iimm.toml").write_text('four_eyes = ["witness"]\n', encoding="utf-8")
    monkeypatch.setenv("IIMM_DATA", str(data))
    made = Holding(load_settings())
    receive(made, tmp_path / "1", WITNESS, ("restricted", "witness"))
    for name, role, marks in (("lead", Role.ANALYST, ["restricted", "witness"]), ("ana", Role.ANALYST, ["restricted"]),
                              ("second", Role.EVIDENCE_MANAGER, ["restricted", "witness"]),
                              ("lin", Role.LINGUIST, ["restricted", "witness"])):  # fmt: skip
        made.accounts.add(name, role, marks, by="tests")
    yield made
    made.close()


def states(typed: Type, who: str) -> list[tuple[str, str, str]]:
    return [
        (r["whose"], r["accession"], r["state"])
        for r in json.loads(typed("request", "list", "--as", who, "--json").out)
    ]


def test_one_asks_and_another_agrees_or_ends_it(holding: Holding, typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the hearing of May\n"))
    assert "waits for a second person" in typed("request", "ask", "A00001-0000-00000", "--as", "lead").out
    assert states(typed, "second") == [("of others", "A00001", "waits")]
    assert states(typed, "lead") == [("own", "A00001", "waits")]
    own = typed("request", "decide", "1", "--hours", "4", "--as", "lead")
    assert (own.code, "nobody approves what they asked for themselves" in own.err) == (2, True)
    assert holding.approvals.opened("lead", datetime.now(UTC)) == frozenset()
    assert "open until" in typed("request", "decide", "1", "--hours", "4", "--as", "second").out
    assert holding.approvals.opened("lead", datetime.now(UTC)) == {"A00001"}
    assert "closed" in typed("request", "decide", "1", "--hours", "0", "--as", "second").out
    assert holding.approvals.opened("lead", datetime.now(UTC)) == frozenset()
    steps = [(e.who, e.what, e.subject, holding.access_log.query_of(e)) for e in holding.access_log.entries()]
    assert steps[0] == ("lead", What.ASKED_FOR_EYES, "A00001", "the hearing of May")
    assert ("second", What.APPROVED, "A00001", "request 1 of lead, 4 hours: the hearing of May") in steps
    assert steps[-1][:2] == ("second", What.DECLINED)


def test_who_may_not_decide_learns_of_nothing(holding: Holding, typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    holding.approvals.ask("lead", "A00001", "a hearing", datetime.now(UTC))
    assert states(typed, "ana") == states(typed, "lin") == []
    there, nowhere = (typed("request", "decide", n, "--hours", "1", "--as", "ana") for n in ("1", "7"))
    assert (there.code, there.err) == (nowhere.code, nowhere.err) == (2, nowhere.err)
    assert typed("request", "decide", "1", "--hours", "1", "--as", "lin").code == 2
    for about in ("A00001", "A00009"):
        monkeypatch.setattr("sys.stdin", io.StringIO("to read"))
        assert "no such" in typed("request", "ask", about, "--as", "ana").err
    assert [e.what for e in holding.access_log.entries()] == [What.REFUSED]
    assert holding.approvals.opened("lead", datetime.now(UTC)) == frozenset()
