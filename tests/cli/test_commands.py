"""Every command: help, exit codes, JSON, refusals, what it imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
import typer
from small_evidence import take_in

from iimm_pipelines.cli import app
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings

ITEM = "A00001-0000-00001"


def commands(group: Any = None, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command with its words."""
    for name, command in (group or typer.main.get_command(app)).commands.items():
        words = (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, words)
        else:
            yield words, command


ALL = dict(commands())
WITH_JSON = {words for words, command in ALL.items() if any("--json" in p.opts for p in command.params)}


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    assert ALL[words].help
    assert ALL[words].help.strip()[0].isupper()


def test_no_command_takes_a_password_but_from_a_file_or_a_prompt() -> None:
    typers = [app, *(g.typer_instance for g in app.registered_groups)]
    functions = [c.callback for t in typers if t for c in t.registered_commands if c.callback]
    hints = [(n, h) for f in functions for n, h in get_type_hints(f).items() if "password" in n or "secret" in n]
    assert hints
    assert {h for _, h in hints} == {Path | None}


JSON = {
    ("accession", "list"): (0, []), ("accession", "show"): (0, ["A00001"]), ("status",): (0, []), ("failures",): (0, []), ("handwriting",): (0, []),
    ("search",): (0, ["monastery", "--as", "analyst"]), ("lineage",): (0, [ITEM]), ("verify",): (0, []),
    ("accession", "claims"): (0, ["A00001"]), ("figures",): (0, []), ("members",): (0, ["A00001"]), ("hold", "list"): (0, []), ("estimate",): (0, []), ("models", "list"): (0, []), ("doctor",): (None, []),
    ("duplicates",): (0, ["--as", "analyst"]), ("source", "list"): (0, []), ("source", "show"): (0, ["S-1"]),
    ("user", "list"): (0, []), ("access-log", "list"): (0, ["--as", "auditor"]), ("access-log", "verify"): (0, []),
    ("user", "tokens"): (0, ["analyst"]), ("tag", "show"): (0, [ITEM, "--as", "analyst"]), ("tag", "codes"): (0, []),
    ("request", "list"): (0, ["--as", "analyst"]),
    ("watch", "list"): (0, []), ("watch", "run"): (0, []), ("watch", "alerts"): (0, ["--as", "analyst"]),
}  # fmt: skip
"""Exit code and arguments for each command whose JSON is read here; the others change something and are below."""
CHANGING = {("accession", "add"), ("accession", "verify"), ("run",), ("sample",)}
RECOVERY = {("backup",), ("fixity",), ("restore",), ("vault", "copy")}
"""Tried in tests/recovery."""


def test_every_command_with_json_is_tried() -> None:
    assert JSON.keys() | CHANGING | RECOVERY == WITH_JSON


@pytest.mark.parametrize("words", JSON, ids=" ".join)
def test_json_is_json_and_nothing_else(words: tuple[str, ...], data: Path, typed: Callable[..., Any]) -> None:
    code, arguments = JSON[words]
    said = typed(*words, *arguments, "--json")
    assert json.loads(said.out) is not None
    assert code is None or said.code == code
    assert said.err == ""


@pytest.mark.parametrize("words", [("accession", "list"), ("accession", "show", "A00001"), ("status",), ("failures", "--names"),
                                   ("search", "monastery", "--as", "lead"), ("lineage", ITEM)], ids=" ".join)  # fmt: skip
def test_tables_for_people_are_printed(words: tuple[str, ...], data: Path, typed: Callable[..., Any]) -> None:
    said = typed(*words)
    assert (said.code, said.err) == (0, "")
    assert said.out


REFUSED = {
    "unknown accession to show": ("accession", "show", "A00099"),
    "unknown accession to mark": ("accession", "marks", "A00099", "restricted", "--reason", "x"),
    "unknown accession in status": ("status", "--accession", "A00099"),
    "unknown accession in failures": ("failures", "--accession", "A00099"),
    "unknown accession to retry": ("retry", "--reason", "crashed", "--accession", "A00099"),
    "unknown accession to run": ("run", "--accession", "A00099"),
    "no item number": ("lineage", "A1"),
    "no such item": ("lineage", "A00001-0000-99999"),
    "hidden item": ("lineage", "A00002-0000-00000", "--as", "analyst"),
    "members of no item": ("members", "A00001-0000-99999"),
    "containers of no accession": ("members", "A00099"),
    "hidden original": ("original", "A00002-0000-00000", "/nonexistent/x", "--as", "analyst", "--reason", "why"),
    "unknown reader": ("search", "monastery", "--as", "stranger"),
    "unknown reader of a lineage": ("lineage", ITEM, "--as", "stranger"),
    "empty query": ("search", " ", "--as", "analyst"),
    "overlong query": ("search", "m" * 1001, "--as", "analyst"),
    "unknown source": ("source", "show", "S-99"),
    "name as a source": ("source", "add", "Daw Mya"),
    "unknown accession to correct": ("accession", "correct", "A00099", "--facts", "/dev/null", "--reason", "why"),
    "unknown accession of a receipt": ("accession", "receipt", "A00099", "/nonexistent"),
    "receipt that is not there": ("receipt", "verify", "/nonexistent"),
    "facts that are none": ("accession", "add", "--fact", "colour = 1"),
    "unusable mark": ("accession", "marks", "A00001", 'restricted","witness', "--reason", "x"),
    "no folder": ("accession", "add", "/nonexistent", "--source", "S-1", "--basis", "consent", "--mark", "restricted"),
    "source with a blank": (
        "accession",
        "add",
        "/usr/share/doc",
        "--source",
        "Daw Mya",
        "--basis",
        "consent",
        "--mark",
        "r",
    ),
    "no password file": ("accession", "passwords", "A00001", "/nonexistent"),
    "wrong reason": ("retry", "--reason", "tired"),
    "wrong stage": ("retry", "--reason", "crashed", "--stage", "tea"),
    "unknown request": ("request", "decide", "7", "--hours", "1", "--as", "analyst"),
    "unknown model": ("models", "pull", "no-such-model"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_a_refusal_is_one_line_with_exit_code_two(
    words: tuple[str, ...], data: Path, typed: Callable[..., Any]
) -> None:
    said = typed(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("iimm: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "words", [("bogus",), ("search", "monastery"), ("status", "--bogus"), ("lineage",)], ids=" ".join
)
def test_a_mistyped_command_ends_with_exit_code_two(
    words: tuple[str, ...], data: Path, typed: Callable[..., Any]
) -> None:
    said = typed(*words)
    assert said.code == 2
    assert "Traceback" not in said.err


@pytest.mark.parametrize("words", [("status",), ("failures",), ("accession", "list"), ("verify",), ("lineage", ITEM), ("run",),
                                   ("search", "monastery", "--as", "analyst"), ("retry", "--reason", "crashed"), ("down",),
                                   ("catalogue", "rebuild")], ids=" ".join)  # fmt: skip
def test_where_there_is_no_holding_nothing_is_made(
    words: tuple[str, ...], nowhere: Path, typed: Callable[..., Any]
) -> None:
    said = typed(*words)
    assert (said.code, said.out) == (2, "")
    assert "iimm accession add" in said.err
    assert not nowhere.exists()


@pytest.mark.parametrize("line", ["workers = 0", "workers = 'many'", "unknown = 1", "holding = 'A B'", "not toml"])
def test_settings_that_cannot_be_used_are_named_in_one_line(
    line: str, own_data: Path, typed: Callable[..., Any]
) -> None:
    (own_data / "iimm.toml").write_text(line)
    said = typed("status")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "iimm.toml" in said.err


@pytest.mark.parametrize(
    "tables", ["[stages.tea]\nx = {}", "[stages.languages.tea]\nx = 1", "[stages.languages.languages]\nx = 1"]
)
def test_parameters_that_no_stage_has_are_named_in_one_line(
    tables: str, own_data: Path, typed: Callable[..., Any]
) -> None:
    with (own_data / "iimm.toml").open("a") as file:
        file.write(tables)
    said = typed("run")
    assert (said.code, said.err.count("\n")) == (2, 1), said.err
    assert "tea" in said.err or "'x'" in said.err


def test_a_damaged_part_is_named_with_exit_code_one(own_data: Path, tmp_path: Path, typed: Callable[..., Any]) -> None:
    (tmp_path / "a.txt").write_text("a text")
    typed("accession", "add", tmp_path, "--source", "S-1", "--basis", "consent", "--mark", "restricted")
    holding = Holding(load_settings(own_data))
    take_in(holding, "A00001")
    holding.record.drain()
    holding.close()
    next(own_data.glob("parts/inventory/*/*.parquet")).write_bytes(b"nothing")
    said = typed("status")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "iimm verify" in said.err
    assert typed("verify").code == 1


@pytest.mark.parametrize("words", [("status",), ("search", "monastery", "--as", "analyst"), ("accession", "list"),
                                   ("lineage", ITEM), ("failures",), ("verify",)], ids=" ".join)  # fmt: skip
def test_to_look_at_a_holding_dagster_is_not_imported(words: tuple[str, ...], data: Path) -> None:
    code = ("import sys; from iimm_pipelines.cli import app; sys.argv = ['iimm', *sys.argv[1:]]; app(standalone_mode=False); "
            "sys.exit(3 if any(m.split('.')[0] in ('dagster', 'spacy', 'torch') for m in sys.modules) else 0)")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, check=False, env=os.environ)
    assert done.returncode == 0, done.stderr[-2000:]
