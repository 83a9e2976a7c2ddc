"""Signed links: addresses of an item's files that are good for one account, one item, one kind of file and some minutes.

Here: making and checking them.
Not here: whether the account may have the file, which is asked again at each use (page/file_answers).

The key lives in this process alone, as sessions do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.people.accounts import Account

LIVES = timedelta(minutes=15)
"""From the page that showed it; of a film or sound that plays, from the last piece that was asked for."""
_LONGEST = timedelta(hours=10)
"""A session lives no longer either."""
UNTIL, PROOF = "until", "proof"


class Kind(StrEnum):
    """What a link leads to, as it stands in its address."""

    PICTURE = "picture"
    MEDIA = "media"
    TEXT = "text"
    ORIGINAL = "original"
    WITH_PROOF = "with-proof"


class Links:
    """Links of one process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def address(self, account: Account, number: str, kind: Kind, now: datetime, **more: str) -> str:
        """The address of a file; `more` are values that belong to it, such as a page, and are signed with it."""
        return f"/items/{number}/{kind}?{urlencode(self.values(account, number, kind, now, **more))}"

    def values(self, account: Account, number: str, kind: Kind, now: datetime, **more: str) -> dict[str, str]:
        """What stands behind the question mark, for a form."""
        until = str(int((now + LIVES).timestamp()))
        return {**more, UNTIL: until, PROOF: self._proof(account, number, kind, until, more)}

    def holds(self, account: Account, number: str, kind: Kind, now: datetime, values: Mapping[str, str],
              signed: tuple[str, ...]) -> bool:  # fmt: skip
        """Whether a link was made here for this account, item and kind, and its time is not over.

        `signed` names the values that belong to it. What plays goes on: each use of a link to sound or film that comes
        in time lets it live on.
        """
        until = values.get(UNTIL, "")
        if not (until.isascii() and until.isdigit() and len(until) < 12):
            return False
        more = {name: values[name] for name in signed if name in values}
        proof = self._proof(account, number, kind, until, more)
        if not hmac.compare_digest(proof.encode(), values.get(PROOF, "").encode()):
            return False
        if now.timestamp() < int(until):
            return True
        with self._lock:
            last = self._used.get(proof)
        return last is not None and now - last < LIVES and now.timestamp() < int(until) + _LONGEST.total_seconds()

    def used(self, values: Mapping[str, str], now: datetime) -> bool:
        """Whether a link that holds was used a short while ago."""
        with self._lock:
            last = self._used.get(values[PROOF])
        return last is not None and now - last < LIVES

    def use(self, values: Mapping[str, str], now: datetime) -> None:
        """Say that a link that holds is used now."""
        with self._lock:
            self._used = {p: t for p, t in self._used.items() if now - t < LIVES}
            self._used[values[PROOF]] = now

    def _proof(self, account: Account, number: str, kind: Kind, until: str, more: Mapping[str, str]) -> str:
        said = {"account": account.name, "generation": account.generation, "item": number, "kind": str(kind),
                "more": dict(more), "until": until}  # fmt: skip
        return hmac.digest(self._key, canonical(said), hashlib.sha256).hex()
