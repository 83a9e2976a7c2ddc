"""Accounts: who is let in, who is locked out, and what stays of every change."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from iimm_pipelines.custody import attestation
from iimm_pipelines.custody.attestation import CustodyEvent
from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.people import credentials
from iimm_pipelines.people.accounts import Account, AccountRefused, AccountUnknown, SignInRefused
from iimm_pipelines.people.rights import RIGHTS, Right, Role
from iimm_pipelines.settings import load_settings

PASSWORD = "three quiet rivers"
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    """With the account ana, who has a password."""
    made = Holding(load_settings(tmp_path / "data", sign_in_failures=3, sign_in_lock_minutes=15))
    made.accounts.add("ana", Role.ANALYST, ["restricted"], by="tests")
    made.accounts.set_password("ana", PASSWORD, by="tests")
    yield made
    made.close()


def sign_in(holding: Holding, password: str = PASSWORD, code: str | None = None, after: float = 0) -> Account:
    return holding.accounts.sign_in("ana", password, code, NOW + timedelta(seconds=after))


def is_let_in(holding: Holding, password: str = PASSWORD, code: str | None = None, after: float = 0) -> bool:
    try:
        return sign_in(holding, password, code, after).name == "ana"
    except SignInRefused:
        return False


# Signing in


def test_who_knows_the_password_is_let_in_with_role_and_marks(holding: Holding) -> None:
    account = sign_in(holding)
    assert (account.role, account.marks) == (Role.ANALYST, {"restricted"})
    assert account.may(Right.SEARCH) and not account.may(Right.CHANGE_MARKS)


def test_a_password_is_kept_as_argon2id_and_nowhere_in_clear(holding: Holding) -> None:
    assert credentials.hashed(PASSWORD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    files = [p.read_bytes() for p in holding.settings.data.rglob("*") if p.is_file()]
    assert not [f for f in files if PASSWORD.encode() in f]
    assert [p.stat().st_mode & 0o077 for p in (holding.settings.data / "people").rglob("*")] == [0]
    assert b"ana" not in (holding.settings.data / "people" / "accounts").read_bytes()


def test_one_password_in_two_unicode_forms_is_one(holding: Holding) -> None:
    holding.accounts.set_password("ana", "caf\u00e9 und r\u00fcben", by="tests")
    assert is_let_in(holding, "cafe\u0301 und ru\u0308ben")


@pytest.mark.parametrize("password", ["short", "x" * 1001, "my name is ana"])
def test_a_password_that_is_easy_or_endless_is_refused(holding: Holding, password: str) -> None:
    with pytest.raises(AccountRefused):
        holding.accounts.set_password("ana", password, by="tests")
    assert is_let_in(holding)


def test_every_refusal_says_the_same(holding: Holding) -> None:
    holding.accounts.add("bo", Role.LINGUIST, [], by="tests")
    holding.accounts.add("cho", Role.LINGUIST, [], by="tests")
    holding.accounts.set_password("cho", PASSWORD, by="tests")
    holding.accounts.disable("cho", by="tests")
    said = set()
    for name, password in [("ana", "wrong"), ("bo", PASSWORD), ("cho", PASSWORD), ("nobody", PASSWORD), ("", ""),
                           ("ana", "x" * 5000), ("\ud800", "\ud800")]:  # fmt: skip
        with pytest.raises(SignInRefused) as refused:
            holding.accounts.sign_in(name, password, None, NOW)
        said.add(str(refused.value))
    assert len(said) == 1


def test_an_unknown_name_costs_what_a_known_one_costs(holding: Holding, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, since times on a busy machine tell little: passwords that argon2 looked at, and files written."""
    import argon2

    from iimm_pipelines.people import accounts

    done: list[str] = []
    verify_one, write = argon2.PasswordHasher.verify, accounts.write_atomic
    monkeypatch.setattr(argon2.PasswordHasher, "verify", lambda *a: (done.append("argon2"), verify_one(*a))[1])
    monkeypatch.setattr(accounts, "write_atomic", lambda *a: (done.append("write"), write(*a))[1])
    for name in ("ana", "nobody"):
        with pytest.raises(SignInRefused):
            holding.accounts.sign_in(name, "wrong", None, NOW)
    assert done == ["write", "argon2"] * 2


# Lock-out


def test_failures_in_a_row_lock_an_account_for_a_while(holding: Holding) -> None:
    assert [is_let_in(holding, "wrong") for _ in range(3)] == [False] * 3
    assert not is_let_in(holding)
    assert not is_let_in(holding, after=899)
    assert is_let_in(holding, after=901)


def test_after_a_lock_out_one_failure_locks_again(holding: Holding) -> None:
    for _ in range(3):
        is_let_in(holding, "wrong")
    assert not is_let_in(holding, "wrong", after=901)
    assert not is_let_in(holding, after=902)


def test_success_ends_the_count_and_unlock_ends_the_time(holding: Holding) -> None:
    assert [is_let_in(holding, p) for p in ("wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD)].count(True) == 2
    for _ in range(3):
        is_let_in(holding, "wrong")
    holding.accounts.unlock("ana", by="tests")
    assert is_let_in(holding)


def test_many_attempts_at_once_get_no_more_tries_than_one_after_another(holding: Holding) -> None:
    with ThreadPoolExecutor(6) as threads:
        assert not any(threads.map(lambda n: is_let_in(holding, f"wrong {n}"), range(6)))
    assert holding.accounts.get("ana").locked_until == NOW + timedelta(minutes=15)
    assert not is_let_in(holding)


def test_tries_during_a_lock_out_do_not_make_it_longer(holding: Holding) -> None:
    for seconds in (0, 0, 0, 600, 800):
        is_let_in(holding, "wrong", after=seconds)
    assert is_let_in(holding, after=901)


# The second factor


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"),
                                               (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")])  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """Appendix B, SHA-1, of its eight digits the last six."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890
    assert credentials.step_of(secret, code, datetime.fromtimestamp(seconds, UTC)) == seconds // 30


@pytest.fixture
def codes(holding: Holding) -> pyotp.TOTP:
    """What ana's app shows."""
    address = urlsplit(holding.accounts.new_second_factor("ana", "tests", "north"))
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/iimm%20north:ana")
    return pyotp.TOTP(parse_qs(address.query)["secret"][0])


def test_with_a_second_factor_the_password_alone_is_not_enough(holding: Holding, codes: pyotp.TOTP) -> None:
    assert not is_let_in(holding)
    assert not is_let_in(holding, code="000000" if codes.at(NOW) != "000000" else "000001")
    assert not is_let_in(holding, "wrong", codes.at(NOW))
    holding.accounts.unlock("ana", by="tests")
    assert is_let_in(holding, code=f" {codes.at(NOW)[:3]} {codes.at(NOW)[3:]}")


def test_a_code_lets_in_once_and_no_older_one_after_it(holding: Holding, codes: pyotp.TOTP) -> None:
    assert is_let_in(holding, code=codes.at(NOW))
    assert not is_let_in(holding, code=codes.at(NOW), after=10)
    assert not is_let_in(holding, code=codes.at(NOW - STEP), after=20)
    assert is_let_in(holding, code=codes.at(NOW + STEP), after=25)


def test_a_code_used_twice_at_once_lets_in_once(holding: Holding, codes: pyotp.TOTP) -> None:
    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(lambda _: is_let_in(holding, code=codes.at(NOW)), range(2))) == [False, True]


def test_a_code_of_two_steps_ago_does_not_count(holding: Holding, codes: pyotp.TOTP) -> None:
    assert not is_let_in(holding, code=codes.at(NOW - 2 * STEP))
    assert is_let_in(holding, code=codes.at(NOW - STEP))


def test_the_secret_is_in_no_file_in_clear(holding: Holding, codes: pyotp.TOTP) -> None:
    files = [p.read_bytes() for p in holding.settings.data.rglob("*") if p.is_file()]
    assert not [f for f in files if codes.secret.encode() in f]


# Changes


def test_a_change_ends_what_was_begun_before(holding: Holding) -> None:
    accounts = holding.accounts
    seen = [sign_in(holding).generation]
    accounts.change_marks("ana", ["restricted", "witness"], by="lead")
    seen.append(accounts.get("ana").generation)
    accounts.disable("ana", by="lead")
    seen.append(accounts.get("ana").generation)
    assert seen == sorted(set(seen))
    assert not accounts.get("ana").may(Right.SEARCH)
    assert not is_let_in(holding)
    accounts.enable("ana", by="lead")
    assert sign_in(holding).marks == {"restricted", "witness"}


def test_every_change_is_a_custody_event_that_says_no_secret(holding: Holding) -> None:
    holding.accounts.new_second_factor("ana", "lead", "north")
    holding.accounts.change_role("ana", Role.LINGUIST, by="lead")
    files = [holding.proof.event_path(e.digest) for e in holding.catalogue.events()]
    said = [attestation.read(f.read_bytes(), holding.proof.verifier) for f in files]
    bodies = [e.body for e in said if isinstance(e, CustodyEvent) and e.about == "account ana"]
    assert bodies == [{"by": "tests", "role": "analyst", "marks": ["restricted"]}, {"by": "tests", "password": "set"},
                      {"by": "lead", "second_factor": "set"}, {"by": "lead", "role": "linguist"}]  # fmt: skip
    assert verify(holding).valid


def test_accounts_are_there_after_the_catalogue_was_made_again(holding: Holding) -> None:
    before = holding.accounts.all()
    holding.close()
    for file in holding.settings.data.glob("catalogue.sqlite*"):
        file.unlink()
    again = Holding(load_settings(holding.settings.data))
    rebuild(again)
    assert again.accounts.all() == before
    again.accounts.disable("ana", by="tests")
    assert verify(again).valid
    again.close()


@pytest.mark.parametrize("name", ["", "Ana", "ana b", "ana\n", "../ana", "-ana", "a" * 65, "ána"])
def test_a_name_that_could_be_taken_for_something_else_is_refused(holding: Holding, name: str) -> None:
    with pytest.raises(AccountRefused):
        holding.accounts.add(name, Role.ANALYST, [], by="tests")


def test_what_cannot_be_is_refused_and_changes_nothing(holding: Holding) -> None:
    before, accounts = (holding.accounts.all(), len(holding.catalogue.events())), holding.accounts
    with pytest.raises(AccountRefused, match="marks"):
        accounts.add("ana", Role.AUDITOR, [], by="tests")
    with pytest.raises(AccountRefused, match="mark"):
        accounts.add("bo", Role.ANALYST, ['restricted","witness'], by="tests")
    with pytest.raises(AccountRefused, match="--by"):
        accounts.change_marks("ana", [], by=" ")
    with pytest.raises(AccountUnknown):
        accounts.disable("bo", by="tests")
    assert (holding.accounts.all(), len(holding.catalogue.events())) == before


def test_who_checks_on_others_neither_searches_nor_gives_rights_and_who_runs_machines_sees_nothing() -> None:
    assert not RIGHTS[Role.AUDITOR] & {
        Right.SEARCH,
        Right.OPEN,
        Right.DOWNLOAD,
        Right.MANAGE_ACCOUNTS,
        Right.CHANGE_MARKS,
    }
    assert not RIGHTS[Role.DATA_ENGINEER] & {Right.SEARCH, Right.OPEN, Right.DOWNLOAD, Right.READ_ACCESS_LOG}
    assert RIGHTS.keys() == set(Role)
    assert [r for r in Role if Right.READ_ACCESS_LOG in RIGHTS[r]] == [Role.AUDITOR]
    assert {right for rights in RIGHTS.values() for right in rights} == set(Right)
