"""Tokens: what a notebook or another system shows in place of a name and password.

Here: how a token looks, what is kept of it, when it counts.
Not here: the file of accounts, in which what is kept of them stands (accounts), how one is sent (page/app).

A token is 256 random bits, so that its SHA-256 is kept as it is: there is nothing to guess, and no need of argon2. It is
bound to its account as that was: after any change of the account it is void.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST_DAYS = 366
_WRITTEN = re.compile(r"iimm-([0-9a-f]{12})-([A-Za-z0-9_-]{43})")


class TokenRefused(Exception):
    """A token does not count. One message for every cause, so that it tells nothing."""

    def __init__(self) -> None:
        super().__init__("no token, or one that does not count (any more): `iimm user token` makes one")


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. `generation`: of its account when it was made; times are seconds since 1970."""

    id: str
    digest: str
    made: float
    expires: float
    generation: int

    def counts(self, generation: int, now: datetime) -> bool:
        """Whether it still does, for an account as it is now."""
        return self.generation == generation and self.made <= now.timestamp() < self.expires

    def fits(self, shown: str) -> bool:
        """Whether this is the token that was shown."""
        return hmac.compare_digest(_digest(shown).encode(), self.digest.encode())


def new_token(generation: int, days: int, now: datetime) -> tuple[str, Token]:
    """A token as its holder keeps it, said once, and what is kept here."""
    id = secrets.token_hex(6)
    shown = f"iimm-{id}-{secrets.token_urlsafe(32)}"
    begin = now.timestamp()
    return shown, Token(id, _digest(shown), begin, begin + timedelta(days=days).total_seconds(), generation)


def id_of(shown: str) -> str | None:
    """The part of a token by which it is looked up; none where this is no token of ours."""
    found = _WRITTEN.fullmatch(shown)
    return found[1] if found else None


def _digest(shown: str) -> str:
    return hashlib.sha256(shown.encode()).hexdigest()
