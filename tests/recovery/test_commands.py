"""The commands of recovery as they are typed, from a holding to a new machine."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_holding import open_holding, receive, tables

Type = Callable[..., Any]


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one accession."""
    holding = open_holding(tmp_path / "data")
    receive(holding, tmp_path / "one", {f"{n}.txt": b"letter %d" % n for n in range(3)})
    holding.close()
    monkeypatch.setenv("IIMM_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def safe(typed: Type) -> dict[str, str]:
    return {f["what"]: f["state"] for f in json.loads(typed("doctor", "--json").out)}


def test_from_a_holding_to_a_new_machine(data: Path, typed: Type, tmp_path: Path) -> None:
    keys, identity, copy, backup = (tmp_path / n for n in ("keys.age", "identity", "copy", "backup"))
    what = ("backup of the keys", "copy of the vault", "backup of log, parts and settings")
    assert {safe(typed)[w] for w in what} == {"unsafe"}
    recipient = typed("keys", "identity", identity).out.split()[-1]
    for command in (
        ("keys", "backup", keys, "--to", recipient),
        ("keys", "confirm", keys, "--identity", identity),
        ("vault", "copy", copy),
        ("fixity",),
        ("backup", backup),
        ("backup", backup, "--check"),
    ):
        said = typed(*command)
        assert said.code == 0, said
    assert {safe(typed)[w] for w in (*what, "objects damaged or missing")} == {"good"}
    for command in (("vault", "copy", copy), ("fixity", "--all"), ("backup", backup)):
        assert json.loads(typed(*command, "--json").out)
    before = open_holding(data)
    rows = tables(before)
    before.close()
    shutil.rmtree(data)
    new = ("--data", tmp_path / "new")
    said = typed("restore", backup, "--keys", keys, "--identity", identity, "--vault", copy, *new, "--json")
    assert (said.code, json.loads(said.out)["faults"]) == (0, [])
    assert json.loads(typed("verify", "--json", *new).out)["valid"]
    after = open_holding(tmp_path / "new")
    assert tables(after) == rows
    after.close()


def test_after_a_rotation_doctor_asks_for_a_new_backup(data: Path, typed: Type, tmp_path: Path) -> None:
    recipient = typed("keys", "identity", tmp_path / "identity").out.split()[-1]
    typed("keys", "backup", tmp_path / "keys.age", "--to", recipient)
    typed("keys", "confirm", tmp_path / "keys.age", "--identity", tmp_path / "identity")
    assert typed("keys", "rotate").code == 0
    assert safe(typed)["backup of the keys"] == "unsafe"
    assert json.loads(typed("verify", "--json").out)["valid"]


def test_lost_keys_come_back_by_one_command(data: Path, typed: Type, tmp_path: Path) -> None:
    recipient = typed("keys", "identity", tmp_path / "identity").out.split()[-1]
    typed("keys", "backup", tmp_path / "keys.age", "--to", recipient)
    shutil.rmtree(data / "keys")
    assert typed("keys", "restore", tmp_path / "keys.age", "--identity", tmp_path / "identity").code == 0
    assert json.loads(typed("verify", "--json").out)["valid"]


def test_damage_that_nothing_mends_ends_with_1_and_says_where(data: Path, typed: Type) -> None:
    next(data.glob("vault/objects/*/*")).unlink()
    said = typed("fixity", "--all")
    assert said.code == 1
    assert "A00001-0000-0000" in said.out
    assert "vault_copy" in said.out


@pytest.mark.parametrize(
    "command",
    [("vault", "copy"), ("keys", "backup", "k"), ("keys", "backup", "k", "--shares", "3"), ("keys", "confirm", "k"),
     ("keys", "backup", "k", "--to", "age1x", "--shares", "2-of-3"), ("restore", "b", "--keys", "k", "--data", "new")],
    ids=" ".join,
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_one_line(
    data: Path, typed: Type, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = typed(*command)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert "Traceback" not in said.err
