"""When each object of the vault was last read and found whole: a table in the catalogue.

Here: the table, what is due, what was found.
Not here: reading objects and mending them (iimm_pipelines.recovery.fixity).

A row for each object, 28 million on a large holding, with an index by time: the oldest are found at once, and only what
was read is written. It can be lost with the catalogue: an object without a row counts as never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from iimm_pipelines.storage.catalogue import Catalogue

_metadata = sa.MetaData()
_checks = sa.Table(
    "checks", _metadata,
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("checked_ms", sa.BigInteger, nullable=False),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Index("checks_by_time", "checked_ms"),
    sa.Index("checks_by_state", "whole", sqlite_where=sa.text("whole = 0"), postgresql_where=sa.text("NOT whole")),
)  # fmt: skip
_objects = sa.table("objects", sa.column("sha256", sa.LargeBinary))
NEVER = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How the objects of the vault stand.

    `never`: not read since intake. `overdue`: last read longer ago than should be, the never read among them. `oldest`:
    when the oldest check was, in milliseconds since 1970, 0 where an object was never read.
    """

    objects: int
    never: int
    overdue: int
    damaged: int
    oldest: int


class Checks:
    """The table of one catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Open it, made where it is missing."""
        self._catalogue = catalogue
        with self._catalogue.writing() as c:
            _metadata.create_all(c)

    def learn(self) -> None:
        """Take in objects that are new in the catalogue, as never read."""
        with self._catalogue.engine.connect() as c:
            known, there = (
                c.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in (_checks, _objects)
            )
        if known >= there:
            return
        new = sa.select(_objects.c.sha256, sa.literal(NEVER), sa.true()).where(
            ~sa.exists().where(_checks.c.sha256 == _objects.c.sha256)
        )
        for first in range(256):  # one transaction each: others wait for a 256th of the time
            ours = new.where(_objects.c.sha256 >= bytes([first]))
            if first < 255:
                ours = ours.where(_objects.c.sha256 < bytes([first + 1]))
            with self._catalogue.writing() as c:
                c.execute(_checks.insert().from_select(["sha256", "checked_ms", "whole"], ours))

    def oldest(self, most: int) -> list[tuple[bytes, int]]:
        """The objects of which the last check is longest ago, with its time; the never read first."""
        query = sa.select(_checks.c.sha256, _checks.c.checked_ms).order_by(_checks.c.checked_ms).limit(most)
        with self._catalogue.engine.connect() as c:
            return [(r.sha256, r.checked_ms) for r in c.execute(query)]

    def damaged(self, most: int = 10_000) -> list[bytes]:
        """Objects that were damaged or missing at their last check."""
        with self._catalogue.engine.connect() as c:
            return list(c.execute(sa.select(_checks.c.sha256).where(~_checks.c.whole).limit(most)).scalars())

    def last(self, sha256: bytes) -> int:
        """When an object was last read, in milliseconds since 1970; 0 where it never was."""
        with self._catalogue.engine.connect() as c:
            return c.execute(sa.select(_checks.c.checked_ms).where(_checks.c.sha256 == sha256)).scalar() or NEVER

    def note(self, digests: Sequence[bytes], at: int, *, whole: bool = True) -> None:
        """Note what a check found."""
        if digests:
            update = _checks.update().where(_checks.c.sha256 == sa.bindparam("d")).values(checked_ms=at, whole=whole)
            with self._catalogue.writing() as c:
                c.execute(update, [{"d": d} for d in digests])

    def standing(self, due_before: int) -> Standing:
        """How all objects stand; those last read before `due_before` are overdue."""
        with self._catalogue.engine.connect() as c:
            count = sa.select(sa.func.count()).select_from(_checks)
            objects = c.execute(sa.select(sa.func.count()).select_from(_objects)).scalar_one()
            known = c.execute(count).scalar_one()
            never, overdue, damaged = (
                c.execute(count.where(condition)).scalar_one()
                for condition in (_checks.c.checked_ms == NEVER, _checks.c.checked_ms < due_before, ~_checks.c.whole)
            )
            oldest = c.execute(sa.select(sa.func.min(_checks.c.checked_ms))).scalar() or NEVER
        unseen = max(0, objects - known)
        return Standing(objects, never + unseen, overdue + unseen, damaged, NEVER if unseen else oldest)
