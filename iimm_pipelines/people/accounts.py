"""Local accounts of a holding: who they are, their role and marks, and signing in.

Here: the file of accounts, and every change of it. It is a human decision and cannot be rebuilt: backups take it. Each
change is a custody event as well, which says who changed what and never a secret.
Not here: what a role may do (rights), how passwords and codes are checked (credentials), the log of access (access_log).

The file is sealed by the holding's keys as a whole: it names the people who do this work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from iimm_pipelines.custody.record import Record
from iimm_pipelines.people import credentials
from iimm_pipelines.people.rights import RIGHTS, Right, Role
from iimm_pipelines.people.tokens import LONGEST_DAYS, Token, TokenRefused, id_of, new_token
from iimm_pipelines.search.node import usable_mark
from iimm_pipelines.storage.durable import locked, make_folder, write_atomic
from iimm_pipelines.storage.keys import Keys

ADDED, CHANGED = "account added", "account changed"
ORGANISATION = "the organisation's login"
"""Who decides on accounts whose groups say what they may."""
_FORMAT = 1
_LABEL = "accounts"
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class AccountRefused(ValueError):
    """An account cannot be made or changed as asked; the message says what to do."""


class AccountUnknown(AccountRefused):
    """There is no account of this name."""


class SignInRefused(Exception):
    """Somebody is not let in. One message for every cause, so that it tells nothing."""

    def __init__(self) -> None:
        super().__init__("name, password or code are wrong, or the account is locked: try again later")


@dataclass(frozen=True, slots=True)
class LockOut:
    """After so many failed sign-ins in a row an account is locked for a while, and again by each one after that."""

    failures: int
    time: timedelta


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here.

    `generation` grows with every change, so that a session begun under another one is over.
    """

    name: str
    role: Role
    marks: frozenset[str]
    disabled: bool
    generation: int
    has_password: bool
    has_second_factor: bool
    locked_until: datetime | None

    def may(self, right: Right) -> bool:
        """Whether their role has a right; a disabled account has none."""
        return not self.disabled and right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class _Kept:
    """An account as it stands in the file.

    Times are seconds since 1970; `used_step`: of the last code that let in; `identity`: issuer and subject, where the
    organisation's login knows who it is, and `vouched` when it last said so.
    """

    role: Role
    marks: list[str]
    disabled: bool = False
    generation: int = 0
    password: str | None = None
    secret: str | None = None
    used_step: int = -1
    failures: int = 0
    locked_until: float = 0
    tokens: list[dict[str, Any]] = field(default_factory=list)
    identity: str | None = None
    vouched: float = 0

    def shown(self, name: str) -> Account:
        until = datetime.fromtimestamp(self.locked_until, UTC) if self.locked_until else None
        return Account(name, self.role, frozenset(self.marks), self.disabled, self.generation,
                       self.password is not None, self.secret is not None, until)  # fmt: skip


class Accounts:
    """The accounts of one holding. Changes of several processes come one after another."""

    def __init__(self, folder: Path, keys: Keys, record: Record, lock_out: LockOut,
                 vouched: timedelta | None = None) -> None:  # fmt: skip
        """Open the accounts in `folder`; there may be none yet.

        `vouched`: how long what the organisation's login said of somebody counts.
        """
        self._folder = folder
        self._file = folder / "accounts"
        self._keys = keys
        self._record = record
        self._lock_out = lock_out
        self._vouched = vouched

    # reading

    def all(self) -> list[Account]:
        """Every account, by name, the disabled ones too."""
        return [kept.shown(name) for name, kept in sorted(self._read().items())]

    def get(self, name: str) -> Account:
        """One account, as it is now.

        Raises:
            AccountUnknown: there is none of this name.
        """
        return _of(self._read(), name).shown(name)

    # changing; `by` is who decides

    def add(self, name: str, role: Role, marks: Sequence[str], by: str) -> Account:
        """Make an account. Nobody signs in with it before it has a password.

        Raises:
            AccountRefused: the name is taken or unfit, or a mark is.
        """
        if not _NAME.fullmatch(name):
            raise AccountRefused("a name is 1 to 64 of a-z, 0-9 and ._@- and begins with a letter or digit")
        kept = _Kept(role, _fit(marks))
        with self._changing() as accounts:
            if name in accounts:
                raise AccountRefused(f"there is an account {name}: `iimm user marks` changes its marks")
            self._note(ADDED, name, by, role=role, marks=kept.marks)
            accounts[name] = kept
        return kept.shown(name)

    def change_marks(self, name: str, marks: Sequence[str], by: str) -> Account:
        """Give an account these marks in place of those it has.

        Raises:
            AccountRefused: there is no such account, or a mark is unfit.
        """
        return self._change(name, by, {"marks": _fit(marks)}, marks=_fit(marks))

    def change_role(self, name: str, role: Role, by: str) -> Account:
        """Give an account another role.

        Raises:
            AccountUnknown: there is none of this name.
        """
        return self._change(name, by, {"role": role}, role=role)

    def set_password(self, name: str, password: str, by: str) -> Account:
        """Give an account a password in place of the one it may have.

        Raises:
            AccountRefused: there is no such account, or the password is too short, too long, or the name.
        """
        if not credentials.SHORTEST_PASSWORD <= len(password) <= credentials.LONGEST_PASSWORD or name in password:
            raise AccountRefused(f"a password has {credentials.SHORTEST_PASSWORD} to {credentials.LONGEST_PASSWORD} "
                                 "characters and does not hold the account's name; several words make a good one")  # fmt: skip
        return self._change(name, by, {"password": credentials.hashed(password)}, password="set")

    def new_second_factor(self, name: str, by: str, holding: str) -> str:
        """Give an account a new secret for codes, and say its address for an app. Nothing says it again.

        Raises:
            AccountUnknown: there is none of this name.
        """
        secret = credentials.new_secret()
        self._change(name, by, {"secret": secret, "used_step": -1}, second_factor="set")
        return credentials.uri(secret, name, holding)

    def disable(self, name: str, by: str) -> Account:
        """Let an account do nothing from now on. It stays, since records name it.

        Raises:
            AccountUnknown: there is none of this name.
        """
        return self._change(name, by, {"disabled": True}, disabled=True)

    def enable(self, name: str, by: str) -> Account:
        """Let a disabled account work again.

        Raises:
            AccountUnknown: there is none of this name.
        """
        return self._change(name, by, {"disabled": False}, disabled=False)

    def unlock(self, name: str, by: str) -> Account:
        """End a lock-out before its time.

        Raises:
            AccountUnknown: there is none of this name.
        """
        return self._change(name, by, {"failures": 0, "locked_until": 0.0}, unlocked=True)

    # tokens

    def new_token(self, name: str, by: str, days: int, now: datetime) -> tuple[str, Token]:
        """A token that lets a program do what the account may, for so many days. Nothing says it again.

        Raises:
            AccountRefused: there is no such account, it is disabled, or the days are too many or none.
        """
        if not 1 <= days <= LONGEST_DAYS:
            raise AccountRefused(f"a token counts for 1 to {LONGEST_DAYS} days")
        with self._changing() as accounts:
            kept = _of(accounts, name)
            if kept.disabled:
                raise AccountRefused(f"{name} is disabled: `iimm user enable` lets it work again")
            shown, token = new_token(kept.generation, days, now)
            until = datetime.fromtimestamp(token.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            self._note(CHANGED, name, by, token=token.id, until=until)
            living = [t for t in kept.tokens if t["generation"] == kept.generation and t["expires"] > now.timestamp()]
            accounts[name] = replace(kept, tokens=[*living, asdict(token)])
        return shown, token

    def tokens(self, name: str, now: datetime) -> list[Token]:
        """The tokens of an account that count now.

        Raises:
            AccountUnknown: there is none of this name.
        """
        kept = _of(self._read(), name)
        return [t for t in (Token(**t) for t in kept.tokens) if t.counts(kept.generation, now)]

    def revoke_token(self, name: str, id: str, by: str) -> None:
        """End a token before its time.

        Raises:
            AccountRefused: there is no such account or token.
        """
        with self._changing() as accounts:
            kept = _of(accounts, name)
            others = [t for t in kept.tokens if t["id"] != id]
            if len(others) == len(kept.tokens):
                raise AccountRefused(f"{name} has no token {id}: `iimm user tokens {name}` lists them")
            self._note(CHANGED, name, by, token=id, revoked=True)
            accounts[name] = replace(kept, tokens=others)

    def by_token(self, shown: str, now: datetime) -> Account:
        """The account of somebody who shows a token.

        Raises:
            TokenRefused: for whatever cause.
        """
        id = id_of(shown)
        for name, kept in self._read().items() if id else ():
            for token in (Token(**t) for t in kept.tokens if t["id"] == id):
                if not self._vouches(kept, now):
                    continue
                if token.fits(shown) and token.counts(kept.generation, now) and not kept.disabled:
                    return kept.shown(name)
        raise TokenRefused

    def _vouches(self, kept: _Kept, now: datetime) -> bool:
        """Whether the organisation's login has said lately what an account of its own may; others are vouched for here."""
        if kept.identity is None:
            return True
        return (
            self._vouched is not None and timedelta() <= now - datetime.fromtimestamp(kept.vouched, UTC) < self._vouched
        )

    # signing in

    def welcome(self, identity: str, name: str, role: Role, marks: Sequence[str], now: datetime) -> Account:
        """The account of somebody whom the organisation's login knows, with exactly this role and these marks.

        It is made when they come first. A name that another account has is no way into that account.

        Raises:
            SignInRefused: the account is disabled, or the name is unfit or another's.
        """
        fit = _fit(marks)
        with self._changing() as accounts:
            found = next((n for n, kept in accounts.items() if kept.identity == identity), None)
            if found is None:
                if not _NAME.fullmatch(name) or name in accounts:
                    raise SignInRefused
                self._note(ADDED, name, ORGANISATION, role=role, marks=fit)
                accounts[name] = kept = _Kept(role, fit, identity=identity, vouched=now.timestamp())
                return kept.shown(name)
            kept = accounts[found]
            if kept.disabled:
                raise SignInRefused
            if (kept.role, kept.marks) != (role, fit):
                self._note(CHANGED, found, ORGANISATION, role=role, marks=fit)
                kept = replace(kept, role=role, marks=fit, generation=kept.generation + 1)
            accounts[found] = kept = replace(kept, vouched=now.timestamp())
            return kept.shown(found)

    def leave(self, identity: str) -> None:
        """Take all marks from the account of somebody whose groups give them no role any more; there may be none.

        Nobody vouches for it from now on, so that sessions and tokens of one without marks are over as well.
        """
        with self._changing() as accounts:
            for name, kept in accounts.items():
                if kept.identity == identity and (kept.marks or kept.vouched):
                    self._note(CHANGED, name, ORGANISATION, marks=[])
                    accounts[name] = replace(kept, marks=[], vouched=0, generation=kept.generation + 1)

    def sign_in(self, name: str, password: str, code: str | None, now: datetime) -> Account:
        """The account of somebody who knows its password and, where it has a second factor, shows a fresh code.

        An attempt counts as failed before it is looked at, so that many at once do not get more tries than one after
        another. The work is the same for every cause of a refusal.

        Raises:
            SignInRefused: for whatever cause.
        """
        tried, locked_out = self._attempt(name, now)
        right = credentials.fits(tried.password if tried else None, password)
        secret = tried.secret if tried else None
        step = credentials.step_of(secret or credentials.new_secret(), code or "", now)
        if tried is None or not right or locked_out or (secret is not None and step is None):
            raise SignInRefused
        with self._changing() as accounts:
            kept = _of(accounts, name)
            if kept.disabled or kept.generation != tried.generation:
                raise SignInRefused
            if secret is not None and step is not None:
                if step <= kept.used_step:
                    raise SignInRefused
                kept = replace(kept, used_step=step)
            accounts[name] = kept = replace(kept, failures=0, locked_until=0.0)
        return kept.shown(name)

    def _attempt(self, name: str, now: datetime) -> tuple[_Kept | None, bool]:
        """The account as it stands, with this attempt counted as failed, and whether it was locked before."""
        with self._changing() as accounts:
            kept = accounts.get(name)
            if kept is None:
                return None, True
            if kept.locked_until > now.timestamp():
                return kept, True
            failures = kept.failures + 1
            until = (now + self._lock_out.time).timestamp() if failures >= self._lock_out.failures else 0.0
            accounts[name] = replace(kept, failures=failures, locked_until=until)
            return kept, False

    # the file

    def _change(self, name: str, by: str, values: dict[str, Any], **told: object) -> Account:
        with self._changing() as accounts:
            kept = _of(accounts, name)
            self._note(CHANGED, name, by, **told)
            accounts[name] = kept = replace(kept, generation=kept.generation + 1, **values)
        return kept.shown(name)

    def _note(self, kind: str, name: str, by: str, **told: object) -> None:
        """The record first: a right that it does not know of must not be there."""
        if not by.strip():
            raise AccountRefused("say who decides: --by")
        self._record.catalogue.note_event(self._record.event(kind, f"account {name}", {"by": by.strip(), **told}))
        self._record.drain()

    @contextmanager
    def _changing(self) -> Iterator[dict[str, _Kept]]:
        """The accounts, alone; written when nothing went wrong, changed or not, so that both take the same time."""
        make_folder(self._folder)
        with locked(self._folder):
            accounts = self._read()
            yield accounts
            kept = {"format": _FORMAT, "accounts": {n: asdict(k) for n, k in accounts.items()}}
            write_atomic(self._file, self._keys.seal(orjson.dumps(kept), _LABEL))

    def _read(self) -> dict[str, _Kept]:
        try:
            sealed = self._file.read_bytes()
        except FileNotFoundError:
            return {}
        kept = orjson.loads(self._keys.open_sealed(sealed, _LABEL))
        return {n: _Kept(**{**fields, "role": Role(fields["role"])}) for n, fields in kept["accounts"].items()}


def _of(accounts: dict[str, _Kept], name: str) -> _Kept:
    if name not in accounts:
        raise AccountUnknown(f"there is no account {name!r}: `iimm user list` lists them, `iimm user add` makes one")
    return accounts[name]


def _fit(marks: Sequence[str]) -> list[str]:
    if not all(usable_mark(mark) for mark in marks):
        raise AccountRefused(
            'a mark is 1 to 100 printable characters, none of them "\\,${}, and does not begin with role:'
        )
    return sorted(set(marks))
