"""Sessions: who is signed in, by an unguessable id that lives in this process alone.

Here: beginning, finding and ending sessions, and the token that each form carries.
Not here: passwords, codes and lock-out (people), cookies (page/app).

Only digests of ids are kept. A restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
"""A working day."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in, to an account as it was then: after a change of it they sign in again."""

    name: str
    generation: int
    begun: datetime
    used: datetime
    longest: timedelta = LONGEST

    def lives(self, now: datetime) -> bool:
        """Whether it still counts."""
        return now - self.used < IDLE and now - self.begun < min(self.longest, LONGEST)


class Sessions:
    """The sessions of one process."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._known: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def begin(self, name: str, generation: int, now: datetime, longest: timedelta = LONGEST) -> str:
        """A new session under a new id: whatever id a browser came with is worth nothing."""
        made = self.new_id()
        with self._lock:
            self._known = {key: s for key, s in self._known.items() if s.lives(now)}
            self._known[_key(made)] = Session(name, generation, now, now, longest)
        return made

    def find(self, id: str, now: datetime, *, counts: bool = True) -> Session | None:
        """The session of an id, used now where that counts as use; none if there is none, or it is over."""
        with self._lock:
            found = self._known.pop(_key(id), None)
            if found is None or not found.lives(now):
                return None
            self._known[_key(id)] = replace(found, used=now) if counts else found
            return found

    def end(self, id: str) -> None:
        """Sign out."""
        with self._lock:
            self._known.pop(_key(id), None)

    def new_id(self) -> str:
        """An id that nobody can guess; also for a browser whose owner is not signed in yet."""
        return secrets.token_urlsafe(32)

    def form_token(self, id: str) -> str:
        """What every form that this browser is given carries, and no other site can know."""
        return hmac.digest(self._secret, id.encode(), hashlib.sha256).hex()

    def is_form_token(self, id: str, token: str) -> bool:
        """Whether a form that was sent is one that this browser was given."""
        return bool(id) and hmac.compare_digest(self.form_token(id).encode(), token.encode())


def _key(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()
