"""The catalogue: what stands where. Accessions, shards, slices, current parts, first-seen objects, leases, outbox.

Here: its tables and the few transactions on them, on SQLite (WAL) or Postgres.
Not here: anything that only stands here. All but the outbox can be rebuilt from parts, events and log
(custody/rebuild). No row for each outcome: truth about items is in the parts.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from iimm_pipelines.accessions.numbers import SPILL_ITEMS, Accession, Shard

LEASE_SECONDS = 60.0

_metadata = sa.MetaData()
_accessions = sa.Table(
    "accessions", _metadata,
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("basis", sa.String, nullable=False),
    sa.Column("marks", sa.String, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("folder", sa.LargeBinary, nullable=False),
    sa.Column("received", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("listing", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("root", sa.String),
    sa.Column("same_as", sa.String),
    sa.Column("sample", sa.Boolean, nullable=False),
    sa.Column("registered_at", sa.String, nullable=False),
    sa.Column("facts", sa.String, nullable=False, server_default="{}"),
    sa.Column("urgent", sa.Boolean, nullable=False),
)  # fmt: skip
_sources = sa.Table(
    "sources", _metadata,
    sa.Column("code", sa.String, primary_key=True),
    sa.Column("true_register", sa.String, nullable=False),
    sa.Column("registered_at", sa.String, nullable=False),
)  # fmt: skip
_shards = sa.Table(
    "shards", _metadata,
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("accession", sa.String, nullable=False, index=True),
    sa.Column("received", sa.Integer, nullable=False),
    sa.Column("places", sa.Integer, nullable=False),
    sa.Column("spilled", sa.Integer, nullable=False),
    sa.Column("origin", sa.String, index=True),
    sa.Column("nth", sa.Integer),
)  # fmt: skip
_objects = sa.Table(
    "objects", _metadata,
    sa.Column("sha256", sa.LargeBinary, primary_key=True),
    sa.Column("shard", sa.String, nullable=False),
    sa.Column("place", sa.Integer, nullable=False),
)  # fmt: skip
_slices = sa.Table(
    "slices", _metadata,
    sa.Column("stage", sa.String, primary_key=True),
    sa.Column("shard", sa.String, primary_key=True),
    sa.Column("start", sa.Integer, primary_key=True),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("retry", sa.Integer, nullable=False, default=0),
    sa.Column("retry_reasons", sa.String, nullable=False, default="[]"),
)  # fmt: skip
_parts = sa.Table(
    "parts", _metadata,
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("stage", sa.String, nullable=False),
    sa.Column("shard", sa.String, nullable=False),
    sa.Column("start", sa.Integer, nullable=False),
    sa.Column("end", sa.Integer, nullable=False),
    sa.Column("retry", sa.Integer, nullable=False),
    sa.Column("root", sa.String, nullable=False),
    sa.Column("leaves", sa.Integer, nullable=False),
    sa.Column("counts", sa.String, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("attestation", sa.String, nullable=False),
    sa.Column("finished", sa.String, nullable=False),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Index("parts_of_shard", "shard", "stage", "start"),
)  # fmt: skip
_attestations = sa.Table(
    "attestations", _metadata,
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("digest", sa.String, nullable=False, unique=True),
    sa.Column("log_index", sa.BigInteger, index=True),
)  # fmt: skip
_events = sa.Table(
    "events", _metadata,
    sa.Column("digest", sa.String, primary_key=True),
    sa.Column("about", sa.String, nullable=False, index=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.UniqueConstraint("about", "sequence"),
)  # fmt: skip
_deliveries = sa.Table(
    "deliveries", _metadata,
    sa.Column("shard", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
)  # fmt: skip
_holds = sa.Table(
    "holds", _metadata,
    sa.Column("number", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("about", sa.String, nullable=False),
    sa.Column("object", sa.LargeBinary),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("placed_at", sa.String, nullable=False),
    sa.Column("review_on", sa.String, nullable=False),
    sa.Column("released_at", sa.String),
    sa.Column("file", sa.String),
    sa.Column("entries", sa.Integer, nullable=False),
)  # fmt: skip
_listed = sa.Table(
    "listed", _metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("hold", sa.String, primary_key=True),
)  # fmt: skip
_held_shards = sa.Table(
    "held_shards", _metadata,
    sa.Column("shard", sa.String, primary_key=True),
    sa.Column("change", sa.String, primary_key=True),
)  # fmt: skip
_leases = sa.Table(
    "leases", _metadata,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("beat", sa.Float, nullable=False),
)  # fmt: skip


class CatalogueError(RuntimeError):
    """The catalogue refuses; the message says what to do."""


class Busy(CatalogueError):
    """Another run holds the lease."""


@dataclass(frozen=True, slots=True)
class AccessionRow:
    """An accession as it was registered, and how far it is. `state`: registered, sealed, refused."""

    number: Accession
    source: str
    basis: str
    marks: tuple[str, ...]
    note: str
    folder: bytes
    received: int
    bytes: int
    listing: str
    state: str
    root: str | None
    same_as: str | None
    sample: bool
    registered_at: str
    facts: str = "{}"
    """Canonical JSON, as accessions/facts reads it."""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source, known by its code; `true_register` says where it is written down who stands behind the code."""

    code: str
    true_register: str
    registered_at: str


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A decision about evidence: by whom, why, and when it is looked at again (ISO date).

    `about`: number of an item or accession, or the name of a hash list; `object`: what the item is; `file`: SHA-256 of
    a hash list as it is kept, and `entries` how many digests it has.
    """

    number: str
    kind: str
    about: str
    object: bytes | None
    by: str
    reason: str
    placed_at: str
    review_on: str
    released_at: str | None = None
    file: str | None = None
    entries: int = 0


@dataclass(frozen=True, slots=True)
class ShardRow:
    """A shard: received files, and how many places are given out (received files and members).

    `spilled`: members that went from here into other shards; `origin`, `nth`: where a shard that took such members has
    them from, and the how manyth it is there, from 0.
    """

    number: Shard
    accession: Accession
    received: int
    places: int
    spilled: int = 0
    origin: Shard | None = None
    nth: int | None = None

    @property
    def items(self) -> int:
        """Received files, and what came out of the containers in it, wherever that has its place."""
        return self.places + self.spilled - (SPILL_ITEMS if self.origin else 0)


@dataclass(frozen=True, slots=True)
class SliceRow:
    """The places [start, end) that a stage does at once, and how often it was asked to try again."""

    start: int
    end: int
    retry: int
    retry_reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part that was committed. `finished`: when, as its attestation says, to the second, UTC."""

    key: str
    stage: str
    shard: Shard
    start: int
    end: int
    retry: int
    root: str
    leaves: int
    counts: Mapping[str, int]
    bytes: int
    seconds: float
    attestation: str
    finished: str
    current: bool = True


class Catalogue:
    """One holding's catalogue. Every method is one transaction."""

    def __init__(self, url: str) -> None:
        """Open `url` (SQLAlchemy) and make its tables where they are missing."""
        self.engine = sa.create_engine(
            url, hide_parameters=True, connect_args={"timeout": 120} if url.startswith("sqlite") else {}
        )
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        with self.writing() as c:
            _metadata.create_all(c)
            _add_missing_columns(c)

    @classmethod
    def at(cls, folder: Path) -> Catalogue:
        """The embedded catalogue in a data folder."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(f"sqlite:///{folder / 'catalogue.sqlite'}")

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a connection in a transaction that writes, also to tables of other modules in the same database."""
        with self.engine.connect().execution_options(writes=True) as c, c.begin():
            yield c

    @contextlib.contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with self.engine.connect() as c:
            yield c

    def close(self) -> None:
        """Give the connections back."""
        self.engine.dispose()

    # accessions and shards

    def next_accession(self) -> int:
        """The sequence number of the next accession."""
        with self._read() as c:
            last = c.execute(sa.select(sa.func.max(_accessions.c.number))).scalar()
        return int(last[1:]) + 1 if last else 1

    def register(self, row: AccessionRow, shards: Sequence[ShardRow], event: EventRow) -> None:
        """Write an accession, its shards and the custody event of its registration."""
        with self.writing() as c:
            c.execute(_accessions.insert().values(**_accession_values(row)))
            if shards:
                c.execute(_shards.insert(), [asdict(s) for s in shards])
            _insert_event(c, event)

    def add_shard(self, shard: ShardRow, event: EventRow) -> None:
        """Write a shard that takes what another spills, and the custody event that says so."""
        with self.writing() as c:
            c.execute(_shards.insert().values(asdict(shard)))
            _insert_event(c, event)

    def change_accession(self, number: Accession, event: EventRow, **values: Any) -> None:
        """Change columns of an accession together with the custody event that says so."""
        if "marks" in values:
            values["marks"] = json.dumps(values["marks"])
        with self.writing() as c:
            c.execute(_accessions.update().where(_accessions.c.number == number).values(**values))
            _insert_event(c, event)

    def note_event(self, event: EventRow) -> None:
        """Write down a custody event that changes nothing here."""
        with self.writing() as c:
            _insert_event(c, event)

    def write_source(self, row: SourceRow, event: EventRow) -> None:
        """Write a source, new or corrected, together with the custody event that says so."""
        values = asdict(row)
        stored = self._insert(_sources).values(**values)
        with self.writing() as c:
            c.execute(stored.on_conflict_do_update(index_elements=["code"], set_=values))
            _insert_event(c, event)

    def sources(self) -> list[SourceRow]:
        """Sources of the register, by code."""
        with self._read() as c:
            return [SourceRow(**r._mapping) for r in c.execute(sa.select(_sources).order_by(_sources.c.code))]

    def accessions(self) -> list[AccessionRow]:
        """All accessions, by number."""
        with self._read() as c:
            return [_accession(r) for r in c.execute(sa.select(_accessions).order_by(_accessions.c.number))]

    def accession(self, number: str) -> AccessionRow:
        """One accession.

        Raises:
            CatalogueError: there is none of this number.
        """
        with self._read() as c:
            row = c.execute(sa.select(_accessions).where(_accessions.c.number == number)).first()
        if row is None:
            raise CatalogueError(f"there is no accession {number}; `iimm accession list` lists them")
        return _accession(row)

    def shards(self, accession: str | None = None) -> list[ShardRow]:
        """The shards of an accession, or all, by number."""
        query = sa.select(_shards).order_by(_shards.c.number)
        if accession is not None:
            query = query.where(_shards.c.accession == accession)
        with self._read() as c:
            return [ShardRow(**r._mapping) for r in c.execute(query)]

    def spills(self, origin: str) -> list[ShardRow]:
        """The shards that take what a shard spills, in order."""
        query = sa.select(_shards).where(_shards.c.origin == origin).order_by(_shards.c.nth)
        with self._read() as c:
            return [ShardRow(**r._mapping) for r in c.execute(query)]

    def shard(self, number: str) -> ShardRow:
        """One shard.

        Raises:
            CatalogueError: there is none of this number.
        """
        with self._read() as c:
            r = c.execute(sa.select(_shards).where(_shards.c.number == number)).first()
        if r is None:
            raise CatalogueError(f"there is no shard {number}")
        return ShardRow(**r._mapping)

    def has_place(self, shard: str, place: int) -> bool:
        """Whether a shard has given out this place."""
        with self._read() as c:
            places = c.execute(sa.select(_shards.c.places).where(_shards.c.number == shard)).scalar()
        return places is not None and place < places

    # objects

    def first_seen(self, digests: Sequence[bytes]) -> dict[bytes, tuple[Shard, int]]:
        """Where objects were seen first: shard and place."""
        found: dict[bytes, tuple[Shard, int]] = {}
        with self._read() as c:
            for begin in range(0, len(digests), 500):
                query = sa.select(_objects).where(_objects.c.sha256.in_(digests[begin : begin + 500]))
                found.update({digest: (Shard(shard), place) for digest, shard, place in c.execute(query).all()})
        return found

    def object_digests(self, after: bytes = b"", most: int = 1_000) -> list[bytes]:
        """The next objects in order of their SHA-256: a page of all, however many there are."""
        query = sa.select(_objects.c.sha256).where(_objects.c.sha256 > after).order_by(_objects.c.sha256).limit(most)
        with self._read() as c:
            return list(c.execute(query).scalars())

    # holds

    def write_hold(self, row: HoldRow, event: EventRow, *, listed: Iterable[bytes] = (),
                   shards: Iterable[str] = ()) -> None:  # fmt: skip
        """Write a hold, new or changed, with the custody event that says so.

        `listed`: digests of a new hash list, gone when it is released; `shards`: those that the change concerns.
        """
        values = asdict(row)
        stored = self._insert(_holds).values(**values)
        with self.writing() as c:
            c.execute(stored.on_conflict_do_update(index_elements=["number"], set_=values))
            self._insert_listed(c, row, listed)
            if row.released_at is not None:
                c.execute(_listed.delete().where(_listed.c.hold == row.number))
            if concerned := [{"shard": s, "change": event.digest} for s in shards]:
                c.execute(_held_shards.insert(), concerned)
            _insert_event(c, event)

    def _insert_listed(self, c: sa.Connection, row: HoldRow, listed: Iterable[bytes]) -> None:
        digests = iter(listed)
        while batch := [{"digest": d, "hold": row.number} for d in itertools.islice(digests, 10_000)]:
            c.execute(_listed.insert(), batch)

    def holds(self) -> list[HoldRow]:
        """Every hold that was ever placed, by number."""
        with self._read() as c:
            return [HoldRow(**r._mapping) for r in c.execute(sa.select(_holds).order_by(_holds.c.number))]

    def listed(self, digests: Sequence[bytes]) -> set[bytes]:
        """Which of these digests hash lists name."""
        found: set[bytes] = set()
        with self._read() as c:
            for begin in range(0, len(digests), 500):
                query = sa.select(_listed.c.digest).where(_listed.c.digest.in_(digests[begin : begin + 500]))
                found.update(c.execute(query).scalars())
        return found

    def changes_of_holds(self, shard: str) -> list[str]:
        """Digests of the custody events of holds that concern a shard, sorted."""
        query = sa.select(_held_shards.c.change).where(_held_shards.c.shard == shard).order_by(_held_shards.c.change)
        with self._read() as c:
            return list(c.execute(query).scalars())

    # slices

    def slices(self, stage: str, shard: str) -> list[SliceRow]:
        """The slices that were written down, in order."""
        query = sa.select(_slices).where(_slices.c.stage == stage, _slices.c.shard == shard).order_by(_slices.c.start)
        with self._read() as c:
            return [SliceRow(r.start, r.end, r.retry, frozenset(json.loads(r.retry_reasons))) for r in c.execute(query)]

    def write_slices(self, stage: str, shard: str, ranges: Sequence[tuple[int, int]]) -> None:
        """Write down slices; those that stand stay."""
        if not ranges:
            return
        rows = [{"stage": stage, "shard": shard, "start": a, "end": b, "retry": 0, "retry_reasons": "[]"}
                for a, b in ranges]  # fmt: skip
        with self.writing() as c:
            c.execute(self._insert(_slices).on_conflict_do_nothing(), rows)

    def ask_again(self, stage: str, shard: str, start: int, reasons: Sequence[str]) -> None:
        """Have a slice tried again for failures with these reasons, besides those that it was asked for and not yet tried."""
        here = (_slices.c.stage == stage) & (_slices.c.shard == shard) & (_slices.c.start == start)
        with self.writing() as c:
            waiting = c.execute(sa.select(_slices.c.retry_reasons).where(here)).scalar()
            if waiting is None:
                raise CatalogueError(f"{stage} of {shard} has no slice that begins at {start}")
            wanted = json.dumps(sorted({*json.loads(waiting), *reasons}))
            c.execute(_slices.update().where(here).values(retry=_slices.c.retry + 1, retry_reasons=wanted))

    # parts

    def commit_part(self, part: PartRow, *, given: tuple[int, int] | None,
                    objects: Sequence[tuple[bytes, Shard, int]]) -> None:  # fmt: skip
        """Make a part the current one of its slice, and put its attestation into the outbox: it exists from here on.

        `given`: where members were numbered, the shard's number of places and of members that it spilled; `objects`:
        digests with shard and place of their item, kept where they were not seen before.
        """
        same = (_parts.c.stage == part.stage) & (_parts.c.shard == part.shard) & (_parts.c.start == part.start)
        with self.writing() as c:
            c.execute(_parts.update().where(same).values(current=False))
            values = {f: getattr(part, f) for f in PartRow.__dataclass_fields__}
            values["counts"] = json.dumps(dict(part.counts))
            stored = self._insert(_parts).values(**values)
            c.execute(stored.on_conflict_do_update(index_elements=["key"], set_={**values, "current": True}))
            c.execute(self._insert(_attestations).values(digest=part.attestation).on_conflict_do_nothing())
            tried = (_slices.c.stage == part.stage) & (_slices.c.shard == part.shard) & (_slices.c.start == part.start)
            c.execute(_slices.update().where(tried, _slices.c.retry == part.retry).values(retry_reasons="[]"))
            if given is not None:
                places, spilled = given
                mine = _shards.update().where(_shards.c.number == part.shard)
                c.execute(mine.values(places=places, spilled=spilled))
            if objects:
                c.execute(self._insert(_objects).on_conflict_do_nothing(),
                          [{"sha256": d, "shard": s, "place": p} for d, s, p in objects])  # fmt: skip

    def parts(self, shard: str | None = None, stage: str | None = None, *, current: bool = True) -> list[PartRow]:
        """Parts of a shard and stage, in order of their places."""
        query = sa.select(_parts).order_by(_parts.c.shard, _parts.c.stage, _parts.c.start)
        if shard is not None:
            query = query.where(_parts.c.shard == shard)
        if stage is not None:
            query = query.where(_parts.c.stage == stage)
        if current:
            query = query.where(_parts.c.current)
        with self._read() as c:
            return [_part(r) for r in c.execute(query)]

    def part(self, key: str) -> PartRow | None:
        """The part of this key, current or not."""
        with self._read() as c:
            r = c.execute(sa.select(_parts).where(_parts.c.key == key)).first()
        return _part(r) if r else None

    def last_attestation(self) -> int:
        """The place of the latest attestation in the order in which they were committed; 0 where there is none."""
        with self._read() as c:
            return int(c.execute(sa.select(sa.func.max(_attestations.c.sequence))).scalar() or 0)

    def outcomes_since(self, sequence: int) -> tuple[int, int]:
        """How many outcomes were computed, and how many carried over, in parts that were committed after an attestation."""
        query = sa.select(_parts.c.counts).join(_attestations, _attestations.c.digest == _parts.c.attestation)
        with self._read() as c:
            counts = [
                json.loads(text) for text in c.execute(query.where(_attestations.c.sequence > sequence)).scalars()
            ]
        return sum(n["computed"] for n in counts), sum(n["carried"] for n in counts)

    # outbox and events

    def outbox(self, most: int = 10_000) -> list[str]:
        """Digests of attestations that are not known to stand in the log, oldest first."""
        query = (sa.select(_attestations.c.digest).where(_attestations.c.log_index.is_(None))
                 .order_by(_attestations.c.sequence).limit(most))  # fmt: skip
        with self._read() as c:
            return [r.digest for r in c.execute(query)]

    def logged(self, indices: Mapping[str, int]) -> None:
        """Note at which place of the log attestations stand."""
        if not indices:
            return
        with self.writing() as c:
            c.execute(_attestations.update().where(_attestations.c.digest == sa.bindparam("d"))
                      .values(log_index=sa.bindparam("i")),
                      [{"d": d, "i": i} for d, i in indices.items()])  # fmt: skip

    def log_size(self) -> int:
        """How many places of the log are known here."""
        with self._read() as c:
            last = c.execute(sa.select(sa.func.max(_attestations.c.log_index))).scalar()
        return 0 if last is None else int(last) + 1

    def last_event(self, about: str, kind: str | None = None) -> EventRow | None:
        """The latest custody event of an accession or item, of one kind where given."""
        query = sa.select(_events).where(_events.c.about == about).order_by(_events.c.sequence.desc()).limit(1)
        if kind is not None:
            query = query.where(_events.c.kind == kind)
        with self._read() as c:
            r = c.execute(query).first()
        return EventRow(r.digest, r.about, r.sequence, r.kind) if r else None

    def events(self) -> list[EventRow]:
        """All custody events."""
        with self._read() as c:
            rows = c.execute(sa.select(_events).order_by(_events.c.about, _events.c.sequence))
            return [EventRow(r.digest, r.about, r.sequence, r.kind) for r in rows]

    # delivery to the index

    def delivered(self, shard: str) -> str | None:
        """What of a shard was last delivered to the index, as one digest."""
        with self._read() as c:
            return c.execute(sa.select(_deliveries.c.state).where(_deliveries.c.shard == shard)).scalar()

    def note_delivery(self, shard: str, state: str | None) -> None:
        """Note what was delivered; `None` before a delivery begins."""
        with self.writing() as c:
            c.execute(_deliveries.delete().where(_deliveries.c.shard == shard))
            if state is not None:
                c.execute(_deliveries.insert().values(shard=shard, state=state))

    # leases

    def leased(self) -> list[str]:
        """Shards and accessions that somebody works on, or died working on."""
        with self._read() as c:
            return list(c.execute(sa.select(_leases.c.name).order_by(_leases.c.name)).scalars())

    @contextlib.contextmanager
    def lease(self, name: str, wait_seconds: float = 0) -> Iterator[None]:
        """Hold a shard or accession while working on it; wait so long for whom holds it.

        Raises:
            Busy: another living run holds it.
        """
        holder = f"{socket.gethostname()}:{os.getpid()}:{_born(os.getpid())}:{threading.get_ident()}"
        end = time.monotonic() + wait_seconds
        while not self._take_lease(name, holder):
            if time.monotonic() >= end:
                raise Busy(f"{name} is being worked on by another run; wait for it, or end that run")
            time.sleep(0.2)
        done = threading.Event()
        beat = threading.Thread(target=self._beat, args=(name, holder, done), daemon=True)
        beat.start()
        try:
            yield
        finally:
            done.set()
            beat.join()
            with self.writing() as c:
                c.execute(_leases.delete().where(_leases.c.name == name, _leases.c.holder == holder))

    def _take_lease(self, name: str, holder: str) -> bool:
        with self.writing() as c:
            row = c.execute(sa.select(_leases).where(_leases.c.name == name)).first()
            if row and _lives(row.holder, row.beat):
                return False
            c.execute(_leases.delete().where(_leases.c.name == name))
            c.execute(_leases.insert().values(name=name, holder=holder, beat=time.time()))
        return True

    def _beat(self, name: str, holder: str, done: threading.Event) -> None:
        while not done.wait(LEASE_SECONDS / 6):
            with self.writing() as c:
                c.execute(_leases.update().where(_leases.c.name == name, _leases.c.holder == holder)
                          .values(beat=time.time()))  # fmt: skip

    # rebuilding

    def restore(self, *, accessions: Sequence[AccessionRow], shards: Sequence[ShardRow],
                slices: Sequence[tuple[str, str, int, int, int]], parts: Sequence[PartRow],
                objects: Iterator[tuple[bytes, str, int]], attestations: Sequence[str],
                events: Sequence[EventRow], sources: Sequence[SourceRow] = (),
                holds: Sequence[tuple[HoldRow, Iterable[bytes]]] = (),
                held_shards: Sequence[tuple[str, str]] = ()) -> None:  # fmt: skip
        """Fill an empty catalogue; the attestations are given in the log's order.

        Raises:
            CatalogueError: this catalogue is not empty.
        """
        if self.accessions() or self.sources() or self.holds():
            raise CatalogueError("this catalogue is not empty: move catalogue.sqlite away first")
        with self.writing() as c:
            _insert_all(c, _accessions, [_accession_values(a) for a in accessions])
            _insert_all(c, _sources, [asdict(s) for s in sources])
            _insert_all(c, _shards, [asdict(s) for s in shards])
            _insert_all(c, _holds, [asdict(h) for h, _ in holds])
            for hold, listed in holds:
                self._insert_listed(c, hold, listed)
            _insert_all(c, _held_shards, [{"shard": s, "change": e} for s, e in held_shards])
            _insert_all(c, _slices, [{"stage": t, "shard": s, "start": a, "end": b, "retry": n, "retry_reasons": "[]"}
                                     for t, s, a, b, n in slices])  # fmt: skip
            _insert_all(c, _parts, [{f: getattr(p, f) for f in PartRow.__dataclass_fields__}
                                    | {"counts": json.dumps(dict(p.counts))} for p in parts])  # fmt: skip
            _insert_all(c, _attestations, [{"digest": d, "log_index": i} for i, d in enumerate(attestations)])
            _insert_all(c, _events, [{"digest": e.digest, "about": e.about, "sequence": e.sequence, "kind": e.kind}
                                     for e in events])  # fmt: skip
            for digest, shard, place in objects:
                c.execute(self._insert(_objects).values(sha256=digest, shard=shard, place=place)
                          .on_conflict_do_nothing())  # fmt: skip

    def _insert(self, table: sa.Table) -> Any:
        return (sqlite_insert if self.engine.dialect.name == "sqlite" else postgres_insert)(table)


@dataclass(frozen=True, slots=True)
class EventRow:
    """A custody event: digest of its attestation, what it is about, and its place in that chain."""

    digest: str
    about: str
    sequence: int
    kind: str


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins no transaction of its own: `_begin_sqlite` says which kind
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")  # a commit that was announced survives a loss of power


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _add_missing_columns(c: sa.Connection) -> None:
    """Columns that came later, with their default: a catalogue that an earlier version made keeps its rows."""
    made = sa.inspect(c)
    for table in _metadata.sorted_tables:
        there = {known["name"] for known in made.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                new = sa.schema.CreateColumn(column).compile(dialect=c.dialect)
                c.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {new}")


def _insert_all(c: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        c.execute(table.insert(), rows)


def _insert_event(c: sa.Connection, event: EventRow) -> None:
    values = {"digest": event.digest, "about": event.about, "sequence": event.sequence, "kind": event.kind}
    try:
        c.execute(_events.insert().values(values))
    except sa.exc.IntegrityError:
        raise CatalogueError(f"something else happened to {event.about} at the same time: try again") from None
    c.execute(_attestations.insert().values(digest=event.digest))


def _accession_values(row: AccessionRow) -> dict[str, Any]:
    values = {f: getattr(row, f) for f in AccessionRow.__dataclass_fields__}
    return {**values, "marks": json.dumps(row.marks)}


def _accession(r: Any) -> AccessionRow:
    values = {**r._mapping, "marks": tuple(json.loads(r.marks))}
    return AccessionRow(**values)


def _part(r: Any) -> PartRow:
    return PartRow(**{**r._mapping, "counts": json.loads(r.counts)})


def _lives(holder: str, beat: float) -> bool:
    """Whether a lease's holder still works: a dead process of this machine is known at once, others by their beat."""
    host, pid, born, _thread = holder.rsplit(":", 3)
    if host == socket.gethostname():
        return _born(int(pid)) == born
    return time.time() - beat < LEASE_SECONDS


def _born(pid: int) -> str | None:
    """When a living process began, in ticks since the machine did: unlike a time of day, no clock's correction moves it."""
    try:  # proc_pid_stat(5): after the name in brackets come the state and, as field 22, the start
        state, *fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except FileNotFoundError:
        return None
    return None if state in "ZX" else fields[18]  # a killed process that nobody waits for stays as a zombie
