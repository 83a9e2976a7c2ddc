"""The record of work: what people decide, as signed rows with author and time, appended and never changed.

Here: the rows, their chain and signatures, and the tables of the catalogue in which they are looked up.
Not here: what a kind of row means (the modules beside this), the chain of lines itself (storage/chained).

These are no custody events, on purpose. A custody event is about evidence and goes with it, to whoever is given a package;
what analysts think of it must not, unless it is exported by a decision. A custody event is also a file and an entry of the
log, and a search of a thousand hits is tagged at once. So there is a log of its own: a line for each row, chained over
months, each signed with the holding's key. Backups take it as a whole and note its newest line in the log of custody, so
that a cut tail is found; `iimm verify` follows chain and signatures.

A correction or withdrawal is a row that names the one before it by its id. Ids are digests: from the ids of what they may
see, nobody learns how much else there is. The tables follow the log: a writer that died between the two is caught up with
by the next, and all is read again where the tables are lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from iimm_pipelines.custody.canonical import NotCanonical, canonical
from iimm_pipelines.custody.record import Record
from iimm_pipelines.custody.signing import SignatureInvalid, Verifier
from iimm_pipelines.storage.catalogue import Catalogue
from iimm_pipelines.storage.chained import Anchor, ChainedLines, Checked, Fault, Line, Place, verify

FOLDER = "work"
_PURPOSE = b"iimm row of work v1\n"
"""What a signature is for: none over these bytes can be taken for one over something else."""
_ID_DIGITS = 12
_BATCH = 500


class Kind(StrEnum):
    """What a row says. `about` is an item for the first five, else the id of the row that began it."""

    TAG = "tag"
    NOTE = "note"
    CORRECTION = "correction"
    ALERT = "alert"
    SETTLED = "alert settled"
    SEARCH = "saved search"
    LIST = "list"
    WATCH_LIST = "watch-list"
    LISTED = "put on a list"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"


OF_ITEMS = frozenset({Kind.TAG, Kind.NOTE, Kind.CORRECTION, Kind.ALERT})
"""Rows that the index shows."""


class WorkRefused(ValueError):
    """Something cannot be written down as asked; the message says what to do."""


class WithdrawnAlready(WorkRefused):
    """A row that is to be ended has ended."""


@dataclass(frozen=True, slots=True)
class New:
    """A row to be."""

    kind: Kind
    about: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """A row that stands in the log. `at`: milliseconds since 1970, UTC; `ended`: it was withdrawn."""

    number: int
    id: str
    at: int
    by: str
    kind: Kind
    about: str
    body: Mapping[str, Any]
    ended: bool = False

    @property
    def when(self) -> datetime:
        """When it was written."""
        return datetime.fromtimestamp(self.at / 1000, UTC)


_metadata = sa.MetaData()
_rows = sa.Table(
    "work_rows", _metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String, nullable=False, unique=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("about", sa.String, nullable=False),
    sa.Column("body", sa.String, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Index("work_rows_about", "about", "kind"),
    sa.Index("work_rows_kind", "kind", "number"),
)  # fmt: skip
_read_until = sa.Table(
    "work_read", _metadata,
    sa.Column("file", sa.String, primary_key=True),
    sa.Column("byte", sa.BigInteger, nullable=False),
)  # fmt: skip
_due = sa.Table(
    "work_due", _metadata,
    sa.Column("item", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)  # fmt: skip


class Work:
    """The record of work of one holding. Several processes may add to it."""

    def __init__(self, folder: Path, record: Record, catalogue: Catalogue) -> None:
        """Open the record in `folder`, and bring the tables up to it; there may be none yet."""
        self.folder = folder
        self._lines = ChainedLines(folder)
        self._record = record
        self.catalogue = catalogue
        with catalogue.writing() as c:
            _metadata.create_all(c)
        self.caught_up = self.catch_up()
        """How many rows were in no table yet when this was opened."""

    # writing

    def add(self, by: str, rows: Sequence[New], now: datetime | None = None) -> list[Row]:
        """Write rows down, lastingly: when this is back, they stand, and the index is due for their items.

        Raises:
            WorkRefused: something in them cannot be signed, such as half a character.
        """
        at = now or datetime.now(UTC)
        said = [{"about": r.about, "at": int(at.timestamp() * 1000), "body": dict(r.body), "by": by, "kind": r.kind.value}
                for r in rows]  # fmt: skip
        try:
            canonical(said)
        except NotCanonical:
            raise WorkRefused("this holds signs that cannot be written down") from None
        if not said:
            return []
        with self._lines.locked():
            written = self._lines.add(said, at, self._signed)
            self._catch_up()
        return [_row(line, canonical(line)) for line in written]

    def withdraw(self, by: str, row: Row, why: str = "", now: datetime | None = None) -> Row:
        """End a row by another that names it; both stay.

        Raises:
            WithdrawnAlready: it has ended already.
        """
        if row.ended:
            raise WithdrawnAlready("this was withdrawn already")
        [made] = self.add(by, [New(Kind.WITHDRAWN, row.about, {"row": row.id, "why": why.strip()})], now)
        return made

    def _signed(self, line: Line) -> Line:
        return {**line, "signature": self._record.signer.sign(_PURPOSE + canonical(line)).hex()}

    def anchor(self) -> Anchor | None:
        """The newest row, to be kept elsewhere; None where there is none."""
        return self._lines.anchor()

    # the tables

    def catch_up(self) -> int:
        """Take into the tables what the log has and they have not; gives how many rows."""
        if not self.folder.is_dir():
            return 0
        with self._lines.locked():
            return self._catch_up()

    def _catch_up(self) -> int:
        with self.catalogue.engine.connect() as c:
            read = c.execute(sa.select(_read_until)).first()
        lines = self._lines.lines(Place(read.file, read.byte) if read else Place())
        count = 0
        while batch := list(islice(lines, _BATCH)):
            with self.catalogue.writing() as c:
                count += sum(self._take(c, line) for line, _ in batch)
                last = batch[-1][1]
                c.execute(_read_until.delete())
                c.execute(_read_until.insert().values(file=last.file, byte=last.byte))
        return count

    def _take(self, c: sa.Connection, line: bytes) -> int:
        """One line into the tables; what is not signed by this holding is nobody's decision (`verify` names it)."""
        said = _read(line, self._record.verifier)
        if said is None:
            return 0
        row = _row(said, line)
        if c.execute(sa.select(_rows.c.number).where(_rows.c.number == row.number)).first():
            return 0
        values = {n: getattr(row, n) for n in ("number", "id", "at", "by", "about", "ended")}
        c.execute(_rows.insert().values(**values, kind=row.kind.value, body=json.dumps(dict(row.body))))
        ends = row.kind is Kind.WITHDRAWN
        if ends:
            c.execute(_rows.update().where(_rows.c.id == row.body["row"]).values(ended=True))
        if row.kind in OF_ITEMS or (ends and "-" in row.about):
            c.execute(_due.delete().where(_due.c.item == row.about))
            c.execute(_due.insert().values(item=row.about, number=row.number))
        return 1

    def due(self, most: int = 1_000) -> dict[str, int]:
        """Items that the index is due for, with the newest row of each; the longest waiting first."""
        with self.catalogue.engine.connect() as c:
            found = c.execute(sa.select(_due).order_by(_due.c.number).limit(most))
            return {r.item: r.number for r in found}

    def done(self, items: Mapping[str, int]) -> None:
        """The index has what these rows say; what was written since stays due."""
        with self.catalogue.writing() as c:
            for item, number in items.items():
                c.execute(_due.delete().where(_due.c.item == item, _due.c.number <= number))

    # looking up

    def rows(self, *kinds: Kind, about: str | None = None, by: str | None = None, before: int | None = None,
             most: int | None = None, ended: bool = False) -> list[Row]:  # fmt: skip
        """Rows of these kinds, newest first; those that were withdrawn where asked for. `before`: with a lower number."""
        query = sa.select(_rows).where(_rows.c.kind.in_([k.value for k in kinds])).order_by(_rows.c.number.desc())
        if not ended:
            query = query.where(_rows.c.ended.is_(False))
        for column, value in ((_rows.c.about, about), (_rows.c.by, by)):
            if value is not None:
                query = query.where(column == value)
        if before is not None:
            query = query.where(_rows.c.number < before)
        with self.catalogue.engine.connect() as c:
            return [_from_table(r) for r in c.execute(query.limit(most) if most is not None else query)]

    def row(self, id: str) -> Row | None:
        """The row of an id."""
        with self.catalogue.engine.connect() as c:
            found = c.execute(sa.select(_rows).where(_rows.c.id == id)).first()
        return _from_table(found) if found else None

    def of_items(self, items: Iterable[str]) -> dict[str, list[Row]]:
        """What stands about items, by item, oldest first."""
        found: dict[str, list[Row]] = {}
        numbers = iter(items)
        with self.catalogue.engine.connect() as c:
            while batch := list(islice(numbers, _BATCH)):
                query = sa.select(_rows).where(_rows.c.about.in_(batch), _rows.c.ended.is_(False))
                for r in c.execute(query.order_by(_rows.c.number)):
                    row = _from_table(r)
                    if row.kind in OF_ITEMS:
                        found.setdefault(row.about, []).append(row)
        return found

    def items_of_shard(self, shard: str) -> list[str]:
        """Items of a shard about which anything was ever written."""
        query = sa.select(_rows.c.about).distinct().where(_rows.c.about.like(f"{shard}-%")).order_by(_rows.c.about)
        with self.catalogue.engine.connect() as c:
            return list(c.execute(query).scalars())


def check(folder: Path, verifier: Verifier, anchors: Sequence[Anchor] = ()) -> Checked:
    """Follow the chain and every signature; needs no secret and no catalogue."""
    checked = verify(folder, anchors)
    if checked.fault is not None or not folder.is_dir():
        return checked
    number, file = 0, ""
    for line, place in ChainedLines(folder).lines():
        number, file = (number + 1 if place.file == file else 1), place.file
        if _read(line, verifier) is None:
            return Checked(checked.lines, checked.digest, Fault(file, number, "is not signed by this holding's key"))
    return checked


def _read(line: bytes, verifier: Verifier) -> Line | None:
    """What a line says, if it is signed."""
    try:
        said = json.loads(line)
        signature = bytes.fromhex(said["signature"])
        verifier.verify(_PURPOSE + canonical({n: v for n, v in said.items() if n != "signature"}), signature)
        Kind(said["kind"])
    except (ValueError, KeyError, TypeError, AttributeError, SignatureInvalid):
        return None
    return dict(said)


def _row(said: Mapping[str, Any], line: bytes) -> Row:
    id = hashlib.sha256(line).hexdigest()[:_ID_DIGITS]
    return Row(said["n"], id, said["at"], said["by"], Kind(said["kind"]), said["about"], said["body"])


def _from_table(r: Any) -> Row:
    return Row(r.number, r.id, r.at, r.by, Kind(r.kind), r.about, json.loads(r.body), bool(r.ended))
