"""Four eyes: openings that need a second person, as asked for and decided.

Here: requests, decisions and how long they count; nothing of them is ever taken out.
Not here: which marks need it (settings), what is closed meanwhile (search/access), the events of access (page).

A request is for an accession: marks stand on accessions, and an item is shown with its family, its copies and what it
lies in. Each opening stands in the log of access besides, by item. The file is sealed by the holding's keys: reasons tell
of evidence and of people. It is a human decision, and backups take it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from iimm_pipelines.storage.durable import locked, make_folder, write_atomic
from iimm_pipelines.storage.keys import Keys

HOURS = (1, 4, 8, 24, 72)
"""For how long an approval may be given."""
LONGEST_REASON = 1_000
_WAITS_DAYS = 7
_LABEL = "approvals"


class ApprovalRefused(ValueError):
    """It cannot be asked or decided so; the message says why."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A request, and what was decided. Times are seconds since 1970; `until` 0: not approved."""

    number: int
    who: str
    accession: str
    reason: str
    asked: float
    by: str | None = None
    decided: float = 0
    until: float = 0

    def waits(self, now: datetime) -> bool:
        """Whether somebody may still decide."""
        return self.by is None and now.timestamp() - self.asked < _WAITS_DAYS * 86_400

    def stands(self, now: datetime) -> bool:
        """Whether it lets its asker in."""
        return now.timestamp() < self.until

    @property
    def ends(self) -> datetime:
        """When it ends or ended."""
        return datetime.fromtimestamp(self.until, UTC)


def said_reason(reason: str) -> str:
    """A reason as it is written down.

    Raises:
        ApprovalRefused: nothing is said, or too much.
    """
    said = " ".join(reason.split())
    if not said or len(said) > LONGEST_REASON:
        raise ApprovalRefused(f"say why, in at most {LONGEST_REASON} characters")
    return said


def require_can_be(asked: Approval, by: str, hours: int, now: datetime) -> None:
    """Refuse a decision that cannot be, before it is written down anywhere as one.

    Raises:
        ApprovalRefused: it does not wait, is the decider's own, or the time is none of those that can be given.
    """
    if asked.who == by and hours:
        raise ApprovalRefused("nobody approves what they asked for themselves")
    if hours not in (0, *HOURS) or not (asked.waits(now) or (asked.stands(now) and not hours)):
        raise ApprovalRefused("this request does not wait any more, or not for so long")


class Approvals:
    """The requests of one holding. Changes of several processes come one after another."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Open the requests in `folder`; there may be none yet."""
        self._folder = folder
        self._file = folder / "approvals"
        self._keys = keys

    def all(self) -> list[Approval]:
        """Every request, oldest first."""
        try:
            sealed = self._file.read_bytes()
        except FileNotFoundError:
            return []
        return [Approval(**said) for said in orjson.loads(self._keys.open_sealed(sealed, _LABEL))]

    def opened(self, who: str, now: datetime) -> frozenset[str]:
        """Accessions that are open to somebody now."""
        return frozenset(a.accession for a in self.all() if a.who == who and a.stands(now))

    def ask(self, who: str, accession: str, reason: str, now: datetime) -> Approval:
        """Ask for an accession. Asking again while it waits changes nothing.

        Raises:
            ApprovalRefused: no reason is said, or too much.
        """
        said = said_reason(reason)
        with self._changing() as known:
            for a in known:
                if (a.who, a.accession) == (who, accession) and a.waits(now):
                    return a
            known.append(Approval(len(known) + 1, who, accession, said, now.timestamp()))
            return known[-1]

    def get(self, number: int) -> Approval | None:
        """One request."""
        return next((a for a in self.all() if a.number == number), None)

    def decide(self, number: int, by: str, hours: int, now: datetime) -> Approval:
        """Approve a request for so many hours, or for none: then it is refused, or ended where it stood.

        Raises:
            ApprovalRefused: it does not wait, is the decider's own, or the time is none of those that can be given.
        """
        with self._changing() as known:
            place = next((i for i, a in enumerate(known) if a.number == number), None)
            if place is None:
                raise ApprovalRefused("there is no such request")
            a = known[place]
            require_can_be(a, by, hours, now)
            until = (now + timedelta(hours=hours)).timestamp() if hours else 0.0
            known[place] = replace(a, by=by, decided=now.timestamp(), until=until)
            return known[place]

    @contextmanager
    def _changing(self) -> Iterator[list[Approval]]:
        make_folder(self._folder)
        with locked(self._folder):
            known = self.all()
            yield known
            write_atomic(self._file, self._keys.seal(orjson.dumps([asdict(a) for a in known]), _LABEL))
