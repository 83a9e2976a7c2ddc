"""Tokens: shown once, kept hashed, bound to their account."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.accounts import AccountRefused
from iimm_pipelines.people.rights import Role
from iimm_pipelines.people.tokens import TokenRefused

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def holding(tmp_path: Path) -> Holding:
    from iimm_pipelines.settings import load_settings

    made = Holding(load_settings(tmp_path))
    made.accounts.add("ana", Role.ANALYST, ["restricted"], by="tests")
    return made


def test_a_token_is_nowhere_but_with_who_was_told(holding: Holding) -> None:
    shown, token = holding.accounts.new_token("ana", "tests", 30, NOW)
    assert holding.accounts.by_token(shown, NOW).name == "ana"
    assert shown.rpartition("-")[2] not in repr(holding.accounts.tokens("ana", NOW))
    for file in holding.settings.data.rglob("*"):
        assert not file.is_file() or shown.encode()[18:] not in file.read_bytes()
    assert token.expires - token.made == 30 * 86_400


def test_a_token_does_not_change_its_account(holding: Holding) -> None:
    before = holding.accounts.get("ana")
    first, _ = holding.accounts.new_token("ana", "tests", 30, NOW)
    holding.accounts.new_token("ana", "tests", 30, NOW)
    assert holding.accounts.get("ana") == before
    assert holding.accounts.by_token(first, NOW) == before


@pytest.mark.parametrize("change", [lambda a: a.change_marks("ana", [], "t"), lambda a: a.change_role("ana", Role.LINGUIST, "t"),
                                    lambda a: a.set_password("ana", "four words and no more", "t"), lambda a: a.disable("ana", "t"),
                                    lambda a: (a.disable("ana", "t"), a.enable("ana", "t"))])  # fmt: skip
def test_a_token_is_void_after_any_change_of_its_account(holding: Holding, change: Callable[[Any], Any]) -> None:
    shown, _ = holding.accounts.new_token("ana", "tests", 30, NOW)
    change(holding.accounts)
    with pytest.raises(TokenRefused):
        holding.accounts.by_token(shown, NOW)
    assert holding.accounts.tokens("ana", NOW) == []


def test_tokens_of_another_length_of_time_or_of_nobody_are_refused(holding: Holding) -> None:
    for days in (0, -1, 367):
        with pytest.raises(AccountRefused, match="days"):
            holding.accounts.new_token("ana", "tests", days, NOW)
    holding.accounts.disable("ana", by="tests")
    for name in ("ana", "nobody"):
        with pytest.raises(AccountRefused):
            holding.accounts.new_token(name, "tests", 1, NOW)
    with pytest.raises(AccountRefused, match="iimm user tokens"):
        holding.accounts.revoke_token("ana", "0", by="tests")


def test_tokens_by_command(typed: Any, holding: Holding) -> None:
    data = ("--data", holding.settings.data)
    said = typed("user", "token", "ana", "--days", "7", "--by", "lead", *data)
    shown = said.out.split()[-1]
    assert holding.accounts.by_token(shown, datetime.now(UTC)).name == "ana"
    (listed,) = json.loads(typed("user", "tokens", "ana", "--json", *data).out)
    assert shown not in json.dumps(listed)
    typed("user", "revoke-token", "ana", listed["id"], "--by", "lead", *data)
    with pytest.raises(TokenRefused):
        holding.accounts.by_token(shown, datetime.now(UTC))
