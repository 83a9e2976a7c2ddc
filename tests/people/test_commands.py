"""`iimm user` and `iimm access-log`, as they are typed."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.recovery.backup import back_up
from iimm_pipelines.settings import load_settings

PASSWORD = "three quiet rivers"
Type = Callable[..., Any]


@pytest.fixture
def holding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Holding]:
    """An empty holding, on which commands work."""
    monkeypatch.setenv("IIMM_DATA", str(tmp_path / "data"))
    made = Holding(load_settings())
    yield made
    made.close()


def test_an_account_is_made_changed_listed_and_disabled(holding: Holding, typed: Type) -> None:
    assert typed("user", "add", "ana", "--role", "evidence manager", "--mark", "restricted", "--by", "lead").code == 0
    assert "restricted, witness" in typed("user", "marks", "ana", "restricted", "witness").out
    assert "linguist" in typed("user", "role", "ana", "linguist").out
    assert "disabled" in typed("user", "disable", "ana").out
    assert "enabled" in typed("user", "enable", "ana").out
    assert typed("user", "unlock", "ana").code == 0
    (account,) = json.loads(typed("user", "list", "--json").out)
    assert account == {"name": "ana", "role": "linguist", "marks": ["restricted", "witness"], "disabled": False,
                       "password": False, "second_factor": False, "locked_until": None}  # fmt: skip
    assert "ana" in typed("user", "list").out


def second_factors(typed: Type) -> str:
    """What the doctor says of them."""
    found = {f["what"]: f["state"] for f in json.loads(typed("doctor", "--json").out)}
    return str(found["accounts with a second factor"])


def test_a_password_comes_from_standard_input_and_a_code_from_what_was_printed_once(
    holding: Holding, typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed("user", "add", "ana", "--role", "analyst")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\nmore\n"))
    said = typed("user", "password", "ana")
    assert (said.code, PASSWORD in said.out + said.err) == (0, False)
    assert second_factors(typed) == "unsafe"
    address = typed("user", "second-factor", "ana").out
    assert second_factors(typed) == "good"
    secret = re.search(r"secret=([A-Z2-7]+)", address)
    assert secret is not None
    now = datetime.now(UTC)
    assert holding.accounts.sign_in("ana", PASSWORD, pyotp.TOTP(secret[1]).at(now), now).name == "ana"


def test_what_is_refused_is_said_in_one_line(holding: Holding, typed: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("user", "add", "ana", "--role", "analyst")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    for words in (("add", "ana", "--role", "auditor"), ("password", "ana"), ("disable", "bo")):
        said = typed("user", *words)
        assert (said.code, said.err.count("\n")) == (2, 1), said


def test_the_log_of_access_is_for_auditors_and_says_who_read_it(holding: Holding, typed: Type) -> None:
    for name, role in (("ana", "analyst"), ("ida", "auditor")):
        typed("user", "add", name, "--role", role)
    holding.access_log.add(AccessEvent("ana", What.SEARCHED, query="ရန်ကုန်", hits=2))
    refused = typed("access-log", "list", "--as", "ana")
    assert (refused.code, refused.out) == (2, "")
    seen = json.loads(typed("access-log", "list", "--as", "ida", "--json").out)
    assert [(e["who"], e["what"], e["query"]) for e in seen] == [
        ("ana", "searched", "ရန်ကုန်"), ("ana", "refused", None), ("ida", "read the log of access", None)]  # fmt: skip
    assert "ရန်ကုန်" in typed("access-log", "list", "--as", "ida", "--who", "ana").out


def test_a_chain_that_was_written_anew_is_found_by_what_a_backup_noted(
    holding: Holding, typed: Type, tmp_path: Path
) -> None:
    holding.access_log.add(AccessEvent("ana", What.SIGNED_IN))
    assert not back_up(holding, tmp_path / "backup").faults
    assert "Valid: 1 lines" in typed("access-log", "verify").out
    for file in holding.access_log.folder.iterdir():
        file.unlink()
    holding.access_log.add(AccessEvent("bo", What.SIGNED_IN))
    said = typed("access-log", "verify")
    assert said.code == 1
    assert "NOT VALID after 1 lines" in said.out
