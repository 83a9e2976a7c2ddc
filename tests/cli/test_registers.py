"""Facts, sources, corrections and receipts, as they are typed; docs/registering.md says what works."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_evidence import take_in, write_files

from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "registering.md").read_text(encoding="utf-8")
SAID = ("--source", "S-1", "--basis", "consent", "--mark", "restricted")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "received", {"a.txt": "a text", "b.txt": "another"})


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    """The page's example, as a file."""
    found = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert found
    file = tmp_path / "facts.toml"
    file.write_text(found[1], encoding="utf-8")
    return file


def shown(typed: Callable[..., Any], number: str = "A00001", *more: str) -> Any:
    return json.loads(typed("accession", "show", number, "--json", *more).out)


def test_the_page_s_example_is_registered_as_it_stands(
    own_data: Path, folder: Path, facts: Path, typed: Callable[..., Any]
) -> None:
    assert typed("accession", "add", folder, "--facts", facts).code == 0
    said = shown(typed)
    assert (said["source"], said["marks"]) == ("S-031", ["restricted", "witness"])
    assert said["facts"]["exhibits"][0]["serial"] == {"unknown": "the label is gone"}
    assert said["facts"]["transfers"][0]["held_from"] == {"written": "early March 2024"}
    assert said["facts"]["captures"][0]["captured"] == {
        "written": "2024-03-01T09:30+06:30", "offset_minutes": 390, "utc": "2024-03-01T03:00:00Z"}  # fmt: skip
    table = typed("accession", "show", "A00001").out
    assert "exhibits 1: serial" in table
    assert "unknown: the label is gone" in table


def test_exhibits_alone_need_no_folder(own_data: Path, facts: Path, typed: Callable[..., Any]) -> None:
    assert "A00001: 0 files" in typed("accession", "add", "--facts", facts).out


def test_flags_stand_over_the_file(own_data: Path, folder: Path, facts: Path, typed: Callable[..., Any]) -> None:
    typed(
        "accession",
        "add",
        folder,
        "--facts",
        facts,
        "--source",
        "S-8",
        "--fact",
        'form = "safe 9"',
        "--fact",
        "exhibits = []",
    )
    said = shown(typed)
    assert (said["source"], said["facts"]["form"], said["facts"]["exhibits"]) == ("S-8", "safe 9", [])
    assert len(said["facts"]["transfers"]) == 2


def test_everything_is_asked_for_where_nothing_is_said(
    own_data: Path, folder: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ["S-5", "consent", "restricted, witness", "safe 2", "no copies; ask first",
               "1", "phone", "", "label gone", "none", "worn",
               "1", "Daw Mya", "P-1", "2024-02-30", "2024-02-29", "", "forgotten", "in person", "perhaps", "no",
               ""] + ["nobody asked"]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    said = typed("accession", "add", folder)
    assert said.code == 0, said.err
    facts = shown(typed)["facts"]
    assert facts == {
        "form": "safe 2", "handling": ["no copies", "ask first"],
        "exhibits": [{"carrier": "phone", "serial": {"unknown": "label gone"}, "seal": "none", "condition": "worn"}],
        "transfers": [{"holder": "P-1", "held_from": {"written": "2024-02-29"}, "held_until": {"unknown": "forgotten"},
                       "handed_over": "in person", "seal_intact": False}],
        "captures": {"unknown": "nobody asked"},
    }  # fmt: skip


def test_only_what_is_not_said_is_asked_for(
    own_data: Path, folder: Path, facts: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("0\n"))
    lines = [
        line
        for line in ("form", "handling", "captures", "transfers")
        for line in ("--fact", f"{line} = {{unknown = 'x'}}")
    ]
    assert typed("accession", "add", folder, *SAID, *lines, "--ask").code == 0
    assert shown(typed)["facts"]["exhibits"] == []


def test_a_correction_is_shown_with_what_was_before(
    own_data: Path, folder: Path, facts: Path, tmp_path: Path, typed: Callable[..., Any]
) -> None:
    typed("accession", "add", folder, "--facts", facts)
    (tmp_path / "correction.toml").write_text('form = "safe 4"\nbasis = "arrangement"\n')
    assert (
        typed("accession", "correct", "A00001", "--facts", tmp_path / "correction.toml", "--reason", "moved").code == 0
    )
    said = shown(typed, "A00001", "--history")
    assert (said["basis"], said["facts"]["form"]) == ("arrangement", "safe 4")
    assert [(s["value"], s["reason"]) for s in said["history"] if s["fact"] == "form"] == [
        ("safe 2, folder 7", None), ("safe 4", "moved")]  # fmt: skip
    table = typed("accession", "show", "A00001", "--history").out
    assert "safe 2, folder 7" in table
    assert "moved" in table


def test_a_source_is_registered_shown_and_corrected(own_data: Path, typed: Callable[..., Any]) -> None:
    assert typed("source", "add", "S-031", "--register", "safe 2").code == 0
    assert typed("source", "correct", "S-031", "--register", "safe 4", "--reason", "moved").code == 0
    said = json.loads(typed("source", "show", "S-031", "--json").out)
    assert (said["true_register"], [e["body"]["true_register"] for e in said["events"]]) == (
        "safe 4",
        ["safe 2", "safe 4"],
    )
    assert "safe 2" in typed("source", "show", "S-031").out
    assert "S-031" in typed("source", "list").out


def test_a_receipt_is_verified_by_the_command_that_it_names(
    own_data: Path, folder: Path, tmp_path: Path, typed: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("accession", "add", folder, *SAID)
    holding = Holding(load_settings(own_data))
    take_in(holding, "A00001")
    holding.close()
    out = tmp_path / "out"
    fingerprint = typed("accession", "receipt", "A00001", out).out.split()[-1]
    named = re.search(r"To check this receipt: iimm (.*)", (out / "receipt-A00001.txt").read_text())
    assert named
    monkeypatch.delenv("IIMM_DATA")
    monkeypatch.chdir(out)
    said = typed(*named[1].split())
    assert (said.code, said.err) == (0, "")
    assert f"Valid, signed by the key {fingerprint}" in said.out
    assert typed(*named[1].split(), "--files", folder).code == 0
    (folder / "a.txt").write_text("another text")
    assert typed(*named[1].split(), "--files", folder).code == 1
    (out / "receipt-A00001.pdf").write_bytes(b"another")
    said = typed("receipt", "verify", "receipt-A00001.pdf", "--key", "receipt-key.pem")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert not (out / "iimm-data").exists()
