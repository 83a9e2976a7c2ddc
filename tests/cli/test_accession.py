"""`iimm accession`: what may be said at the door, and how."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_evidence import compute, take_in, write_files

from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings

SAID = ("--source", "S-1", "--basis", "consent", "--mark", "restricted")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_files(tmp_path / "received", {"a.txt": "a text", "b.txt": "another"})


def take_in_all(data: Path) -> None:
    holding = Holding(load_settings(data))
    for row in holding.catalogue.accessions():
        take_in(holding, row.number)
    holding.record.drain()
    holding.close()


def test_files_are_registered_and_the_next_step_is_named(
    own_data: Path, folder: Path, typed: Callable[..., Any]
) -> None:
    said = typed("accession", "add", folder, *SAID)
    assert said.code == 0
    assert "A00001: 2 files" in said.out
    assert "iimm run" in said.out


def test_the_same_files_from_the_same_source_are_refused(
    own_data: Path, folder: Path, typed: Callable[..., Any]
) -> None:
    typed("accession", "add", folder, *SAID)
    take_in_all(own_data)
    again = typed("accession", "add", folder, *SAID)
    assert again.code == 2
    assert "A00001" in again.err
    assert len(json.loads(typed("accession", "list", "--json").out)) == 1


def test_the_same_files_from_another_source_are_an_accession_that_corroborates(
    own_data: Path, folder: Path, typed: Callable[..., Any]
) -> None:
    typed("accession", "add", folder, *SAID)
    take_in_all(own_data)
    added = json.loads(typed("accession", "add", folder, "--source", "S-2", *SAID[2:], "--json").out)
    take_in_all(own_data)
    shown = json.loads(typed("accession", "show", added["accession"], "--json").out)
    assert (shown["state"], shown["same_as"]) == ("sealed", "A00001")
    assert shown["events"][-1]["body"]["corroborates"] == ["A00001"]


def test_facts_may_come_from_a_file(own_data: Path, folder: Path, tmp_path: Path, typed: Callable[..., Any]) -> None:
    facts = tmp_path / "facts.toml"
    facts.write_text('source = "S-7"\nbasis = "open source"\nmarks = ["restricted", "witness"]\nnote = "found"\n')
    number = json.loads(typed("accession", "add", folder, "--facts", facts, "--json").out)["accession"]
    shown = json.loads(typed("accession", "show", number, "--json").out)
    assert (shown["source"], shown["basis"], shown["marks"], shown["note"]) == (
        "S-7", "open source", ["restricted", "witness"], "found")  # fmt: skip


@pytest.mark.parametrize("facts", ['marks = "restricted"', "marks = [1]", 'basis = "theft"', "source = 7", "colour = 1", "not toml",
                                   b"\xff\xfe"])  # fmt: skip
def test_facts_that_cannot_be_meant_are_refused(
    own_data: Path, folder: Path, tmp_path: Path, typed: Callable[..., Any], facts: str | bytes
) -> None:
    file = tmp_path / "facts.toml"
    lines = (
        b""
        if isinstance(facts, bytes)
        else b"".join(
            f"{k} = {v}\n".encode()
            for k, v in {"source": '"S"', "basis": '"consent"', "marks": '["r"]'}.items()
            if not facts.startswith(k)
        )
    )
    file.write_bytes(lines + (facts if isinstance(facts, bytes) else facts.encode()))
    said = typed("accession", "add", folder, "--facts", file)
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "Traceback" not in said.err
    assert typed("accession", "list", "--json").out.strip() == "[]"


def test_passwords_come_from_a_file_and_are_never_shown(
    own_data: Path, folder: Path, tmp_path: Path, typed: Callable[..., Any]
) -> None:
    (tmp_path / "passwords").write_bytes("\ufeffopen sesame\r\n\r\nမီးရထား\n".encode())
    typed("accession", "add", folder, *SAID, "--passwords", tmp_path / "passwords")
    holding = Holding(load_settings(own_data))
    assert holding.passwords("A00001") == ["open sesame", "မီးရထား"]
    holding.close()
    (tmp_path / "more").write_text("another\n")
    assert typed("accession", "passwords", "A00001", tmp_path / "more").code == 0
    shown = typed("accession", "show", "A00001", "--json").out
    assert not any(b"sesame" in f.read_bytes() for f in own_data.rglob("*") if f.is_file())
    assert "sesame" not in shown


def test_changed_marks_are_said_once_each_and_are_a_custody_event(
    own_data: Path, folder: Path, typed: Callable[..., Any]
) -> None:
    typed("accession", "add", folder, *SAID)
    assert (
        typed("accession", "marks", "A00001", "witness", "restricted", "witness", "--reason", "a court's order").code
        == 0
    )
    shown = json.loads(typed("accession", "show", "A00001", "--json").out)
    assert shown["marks"] == ["restricted", "witness"]
    assert [e["kind"] for e in shown["events"]] == ["registered", "marks changed"]


def test_a_folder_and_a_note_with_brackets_are_shown_as_they_are(
    own_data: Path, tmp_path: Path, typed: Callable[..., Any]
) -> None:
    folder = write_files(tmp_path / "[/red] :smile:", {"a.txt": "a text"})
    assert typed("accession", "add", folder, *SAID, "--note", "[/bold] \x1b[31m").code == 0
    shown = typed("accession", "show", "A00001")
    assert shown.code == 0
    assert "[/red]" in shown.out
    assert "\x1b" not in shown.out


def test_files_that_could_not_be_read_are_tried_again(own_data: Path, folder: Path, typed: Callable[..., Any]) -> None:
    """What `iimm run` would take in again; the run itself is in tests/journeys."""
    from iimm_pipelines.stages.inventory import waiting

    typed("accession", "add", folder, *SAID)
    (folder / "a.txt").rename(folder / "away")
    take_in_all(own_data)
    assert "unavailable" in typed("failures").out
    assert "1 outcomes will be tried again" in typed("retry", "--reason", "unavailable").out
    holding = Holding(load_settings(own_data))
    assert list(waiting(holding)) == ["A00001"]
    (folder / "away").rename(folder / "a.txt")
    take_in(holding, "A00001")
    compute(holding, ("contents",))
    assert list(waiting(holding)) == []
    holding.close()
    assert json.loads(typed("failures", "--json").out) == []


def test_a_list_s_claims_are_shown_by_count_and_named_only_where_asked(
    own_data: Path, folder: Path, tmp_path: Path, typed: Callable[..., Any]
) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text(f"Place,Sum\na.txt,{'0' * 32}\nsecret-name.txt,\n")
    said = typed(
        "accession", "add", folder, *SAID, "--list", manifest, "--column", "file=Place", "--column", "digest=sum"
    )
    assert said.code == 0
    assert "row without file: 1" in said.out
    take_in_all(own_data)
    assert json.loads(typed("accession", "show", "A00001", "--json").out)["claims"]["deviations"] == {
        "row without file": 1, "file without row": 1, "digest differs": 1}  # fmt: skip
    assert "digest differs" in typed("accession", "show", "A00001").out
    plain = typed("accession", "claims", "A00001")
    assert "A00001-0000-00000" in plain.out
    assert "secret-name" not in plain.out + said.out
    assert "secret-name" in typed("accession", "claims", "A00001", "--names").out
    rows = json.loads(typed("accession", "claims", "A00001", "--deviations", "--json").out)
    assert [(r["item"], r["deviation"]) for r in rows] == [
        (None, "row without file"), ("A00001-0000-00000", "digest differs"),
        ("A00001-0000-00001", "file without row")]  # fmt: skip


@pytest.mark.parametrize("more", [("--list", "/nowhere.csv"), ("--column", "file=x"), ("--list", "/etc/hostname")])
def test_a_list_that_says_nothing_is_refused_in_one_line(
    own_data: Path, folder: Path, typed: Callable[..., Any], more: tuple[str, str]
) -> None:
    said = typed("accession", "add", folder, *SAID, *more)
    assert (said.code, said.err.count("\n")) == (2, 1)


def test_an_accession_without_lists_says_so(own_data: Path, folder: Path, typed: Callable[..., Any]) -> None:
    typed("accession", "add", folder / "a.txt", *SAID)
    assert "No list" in typed("accession", "claims", "A00001").out
