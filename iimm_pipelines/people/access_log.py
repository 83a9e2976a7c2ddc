"""The log of access: who searched, opened, played or took away what, and who was refused.

Here: its lines, adding to it and reading it.
Not here: the chain over its lines and checking it (storage/chained); custody events. Those are about evidence and go with
it; this is about those who look, and never does.

Each backup puts the newest line's digest into the custody log (an anchor), so that a chain that was written anew as a
whole is noticed. What somebody typed is sealed by the holding's keys; a keyed digest says which queries are the same.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from iimm_pipelines.storage.chained import HEAD, Anchor, ChainedLines, verify
from iimm_pipelines.storage.keys import Keys

__all__ = ["HEAD", "NOBODY", "AccessEvent", "AccessLog", "Anchor", "Entry", "What", "verify"]

NOBODY = "no account"
"""Who did something where that is no account: what was typed for a name may be a password."""
_LABEL = "query in the log of access"


class What(StrEnum):
    """What somebody did."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    SEARCHED = "searched"
    OPENED = "opened"
    LOOKED_AT = "looked at the original"
    PLAYED = "played"
    DOWNLOADED = "downloaded"
    READ_LOG = "read the log of access"
    ASKED_FOR_EYES = "asked for a second person"
    APPROVED = "approved an opening"
    DECLINED = "declined or ended an opening"
    ASKED_AGAIN = "asked to try again"
    OPENED_DAGSTER = "opened Dagster"
    ORDERED_DAGSTER = "gave Dagster an order"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AccessEvent:
    """Something that an account did. `subject`: an item or accession; `query` as typed; `hits`: how many it found."""

    who: str
    what: What
    subject: str | None = None
    query: str | None = None
    hits: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the log. `number` from 1; `at`: milliseconds since 1970, UTC; `sealed`: the query, for `query_of`."""

    number: int
    at: int
    who: str
    what: What
    subject: str | None
    hits: int | None
    query_digest: str | None
    sealed: str | None


class AccessLog:
    """The log of access of one holding. Several processes may add to it."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Open the log in `folder`; there may be none yet."""
        self.folder = folder
        self._lines = ChainedLines(folder)
        self._keys = keys

    def add(self, event: AccessEvent, now: datetime | None = None) -> Entry:
        """Write down what somebody did, lastingly: when this is back, it stands."""
        at = now or datetime.now(UTC)
        with self.locked():
            digest, sealed = (None, None) if event.query is None else self._kept_query(event.query)
            said = {"at": int(at.timestamp() * 1000), "hits": event.hits, "query": digest, "sealed": sealed,
                    "subject": event.subject, "what": event.what, "who": event.who}  # fmt: skip
            [line] = self._lines.add([said], at)
        return _entry(line)

    def entries(self) -> Iterator[Entry]:
        """All lines that can be read, oldest first; whether they are what was written, `verify` says."""
        for line, _ in self._lines.lines():
            try:
                yield _entry(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue

    def query_of(self, entry: Entry) -> str | None:
        """What somebody typed.

        Raises:
            WrongKey: other keys sealed it.
        """
        if entry.sealed is None:
            return None
        text = self._keys.open_sealed(base64.b64decode(entry.sealed), _LABEL)
        return text.decode("utf-8", errors="surrogatepass")

    def anchor(self) -> Anchor | None:
        """The newest line, to be kept elsewhere; None where there is none."""
        return self._lines.anchor()

    def locked(self) -> AbstractContextManager[None]:
        """Hold the log still."""
        return self._lines.locked()

    def _kept_query(self, query: str) -> tuple[str, str]:
        text = query.encode("utf-8", errors="surrogatepass")
        digest = self._keys.salt("access log", "query", hashlib.sha256(text).digest()).hex()
        return digest, base64.b64encode(self._keys.seal(text, _LABEL)).decode()


def _entry(said: dict[str, Any]) -> Entry:
    return Entry(said["n"], said["at"], said["who"], What(said["what"]), said.get("subject"), said.get("hits"),
                 said.get("query"), said.get("sealed"))  # fmt: skip
