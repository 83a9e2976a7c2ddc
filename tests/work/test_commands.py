"""`iimm tag`, `iimm watch` and `iimm accession marks`, as a script has them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_evidence import OPEN, WITNESS, process, receive

from iimm_pipelines.holding import Holding

BELL = "A00002-0000-00001"


@pytest.fixture(scope="module")
def data(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Path:
    holding = new_holding()
    folder = tmp_path_factory.mktemp("commands")
    receive(holding, folder / "1", WITNESS, ("restricted", "witness"), "S-1")
    receive(holding, folder / "2", OPEN, ("restricted",), "S-2")
    process(holding)
    return holding.settings.data


@pytest.fixture
def said(data: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """What a command answers, as JSON where that is asked for."""
    monkeypatch.setenv("IIMM_DATA", str(data))

    def run(*arguments: str | Path) -> Any:
        answer = typed(*arguments)
        assert answer.code == 0, answer.err
        return json.loads(answer.out) if "--json" in arguments else answer.out

    return run


def test_a_tag_and_a_note_are_said_shown_and_withdrawn(
    said: Callable[..., Any], typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "1 written down" in said("tag", "add", BELL, "--as", "analyst", "--code", "crime-type", "--value", "killing")
    monkeypatch.setattr("sys.stdin", io.StringIO("Seen before.\n"))
    said("tag", "note", BELL, "--as", "analyst")
    rows = said("tag", "show", BELL, "--as", "analyst", "--json")
    assert [(r["kind"], r["by"]) for r in rows] == [("tag", "analyst"), ("note", "analyst")]
    said("tag", "withdraw", rows[0]["id"], "--as", "analyst", "--why", "mistaken")
    assert [r["kind"] for r in said("tag", "show", BELL, "--as", "analyst", "--json")] == ["note"]
    assert "crime-type" in {c["id"] for c in said("tag", "codes", "--json")}
    hidden = typed("tag", "show", "A00001-0000-00000", "--as", "analyst")
    nowhere = typed("tag", "show", "A00009-0000-00000", "--as", "analyst")
    assert hidden.code == nowhere.code == 2
    assert hidden.err.replace("A00001", "A00009") == nowhere.err


def test_a_watch_list_and_a_lexicon_are_taken_into_use_and_end(
    said: Callable[..., Any], typed: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "terms").write_text("text: zanzibarite\nschool\n")
    said("watch", "add", "Two words", tmp_path / "terms", "--as", "lead")
    lexicon = 'name = "Bells"\nflag = "bells"\ncompartment = "team"\n[terms]\neng = ["{}"]\n'
    (tmp_path / "bells.toml").write_text(lexicon.format("monastery bell"))
    said("watch", "lexicon", tmp_path / "bells.toml", "--by", "EM-1")
    (tmp_path / "bells.toml").write_text(lexicon.format("stolen in the night"))
    said("watch", "lexicon", tmp_path / "bells.toml", "--by", "EM-2")
    assert said("watch", "run", "--json")["alerts"] == 4
    assert said("watch", "run", "--json")["alerts"] == 0
    assert len(said("watch", "alerts", "--as", "lead", "--json")) == 3
    assert said("watch", "alerts", "--as", "analyst", "--json") == []
    listed = said("watch", "list", "--json")
    assert sorted((s["name"], s["terms"], s["flag"]) for s in listed) == [("Bells", 1, "bells"), ("Two words", 2, None)]
    for each in listed:
        said("watch", "end", each["id"], "--by", "EM-1")
    assert said("watch", "list", "--json") == []
    (tmp_path / "bells.toml").write_text("name = 'x'")
    assert "docs/work.md" in typed("watch", "lexicon", tmp_path / "bells.toml").err


def test_marks_are_changed_with_a_reason_and_the_documents_move_at_once(
    said: Callable[..., Any], typed: Callable[..., Any]
) -> None:
    refused = typed("accession", "marks", "A00001", "restricted", "--reason", " ")
    assert (refused.code, "a person and a reason" in refused.err) == (2, True)
    assert said("search", "zanzibarite", "--as", "analyst", "--json")["total"] == 0
    assert "A00001 now has restricted." in said(
        "accession", "marks", "A00001", "restricted", "--reason", "agreed", "--by", "EM-1"
    )
    assert said("search", "zanzibarite", "--as", "analyst", "--json")["total"] == 2
    event = said("accession", "show", "A00001", "--json")["events"][-1]
    assert (event["kind"], event["body"]["by"], event["body"]["reason"]) == ("marks changed", "EM-1", "agreed")
