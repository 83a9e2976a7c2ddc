"""Listings: the files of an accession as they were found at its registration, and what lists claim of them.

Here: writing and reading both, in streams; one Parquet file each.
Not here: walking a folder and cutting shards (accessions/register), what a list says (accessions/claims), reading the
files (stages/inventory).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.storage.durable import make_folder, sync_folder

_SCHEMA = pa.schema([("shard", pa.string()), ("place", pa.int64()), ("path", pa.binary()), ("size", pa.int64()),
                     ("modified_ns", pa.string()), ("regular", pa.bool_()), ("tag", pa.string())])  # fmt: skip
"""Nanoseconds are text: file systems know years for which 64 bits are too few, and cameras set them."""
_PAIRS = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))
_CLAIMED = pa.schema([
    ("shard", pa.string()), ("place", pa.int64()), ("list", pa.int64()), ("row", pa.int64()), ("role", pa.string()),
    ("maker", pa.string()), ("path", pa.binary()), ("number", pa.string()), ("last_number", pa.string()),
    ("parent_number", pa.string()), ("custody", pa.string()), ("relation", pa.string()), ("parent", pa.int64()),
    ("family", pa.int64()), ("digests", _PAIRS), ("fields", _PAIRS),
    ("texts", pa.list_(pa.struct([("role", pa.string()), ("maker", pa.string()), ("text", pa.string())]))),
    ("deviation", pa.string()),
])  # fmt: skip
_ROWS = 50_000
_CLAIMED_ROWS = 5_000
"""Few, since a row may hold the whole text of a document."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as it was listed: its shard and place, raw path below the folder, and what the file system says.

    `regular` is false for links, devices and sockets, which are named and never followed. `tag` is what a store other
    than a file system knows its bytes by.
    """

    shard: Shard
    place: int
    path: bytes
    size: int
    modified_ns: int
    regular: bool
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one row of a list says of one file. `shard` and `place` are None where no such file was handed over.

    `list` is which of the accession's lists says so, from 1. `relation`, `parent` and `family` follow from all rows
    together; the two latter are places of the same shard.
    """

    shard: Shard | None
    place: int | None
    list: int
    row: int
    role: str | None = None
    maker: str | None = None
    path: bytes | None = None
    number: str | None = None
    last_number: str | None = None
    parent_number: str | None = None
    custody: str | None = None
    relation: str | None = None
    parent: int | None = None
    family: int | None = None
    digests: tuple[Pair, ...] = ()
    fields: tuple[Pair, ...] = ()
    texts: tuple[tuple[str, str, str], ...] = ()
    """Role, maker and text of texts that stand in the row itself."""
    deviation: str | None = None


class Listings:
    """All listings of a holding."""

    def __init__(self, folder: Path) -> None:
        """Listings in `folder`, named by accession."""
        self.folder = folder

    def path(self, accession: str) -> Path:
        """Where a listing lies."""
        return self.folder / f"{accession}.parquet"

    def write(self, accession: str, files: Iterable[Listed]) -> str:
        """Write a listing durably, in a stream; returns its SHA-256."""
        return self._write(self.path(accession), _SCHEMA, (_table(batch) for batch in _batches(files, _ROWS)))

    def write_claims(self, accession: str, claims: Iterable[Claimed]) -> str:
        """Write what lists claim durably, in a stream; returns the file's SHA-256."""
        tables = (pa.Table.from_pylist([_claim_row(c) for c in batch], schema=_CLAIMED)
                  for batch in _batches(claims, _CLAIMED_ROWS))  # fmt: skip
        return self._write(self.claims_path(accession), _CLAIMED, tables)

    def claims_path(self, accession: str) -> Path:
        """Where lies what lists claim, if there were any."""
        return self.folder / f"{accession}.claims.parquet"

    def claims(self, accession: str, shard: str | None = None) -> Iterator[Claimed]:
        """What lists claim of an accession, or of the files of one of its shards, list by list and row by row."""
        path = self.claims_path(accession)
        if not path.exists():
            return
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                if shard is not None and not _may_hold(file.metadata.row_group(group).column(0).statistics, shard):
                    continue
                table = file.read_row_group(group)
                if shard is not None:
                    table = table.filter(pc.equal(table["shard"], shard))
                for row in table.to_pylist():
                    yield _claimed(row)

    def _write(self, path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> str:
        make_folder(self.folder)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as raw:
            with pq.ParquetWriter(raw, schema, compression="zstd") as writer:
                for table in tables:
                    writer.write_table(table)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)
        sync_folder(self.folder)
        return _digest(path)

    def remove(self, accession: str) -> None:
        """Remove the listing of an accession that was not registered."""
        for path in (self.path(accession), self.claims_path(accession)):
            path.unlink(missing_ok=True)
            path.with_suffix(".unfinished").unlink(missing_ok=True)

    def digest(self, accession: str) -> str:
        """SHA-256 of a listing's file."""
        return _digest(self.path(accession))

    def claims_digest(self, accession: str) -> str | None:
        """SHA-256 of the file of an accession's claims, None where there is none."""
        path = self.claims_path(accession)
        return _digest(path) if path.exists() else None

    def read(self, accession: str, shard: str | None = None) -> Iterator[Listed]:
        """The files of an accession, or of one of its shards, in order."""
        with pq.ParquetFile(self.path(accession)) as file:
            for group in range(file.num_row_groups):
                if shard is not None and not _may_hold(file.metadata.row_group(group).column(0).statistics, shard):
                    continue
                table = file.read_row_group(group)
                if shard is not None:
                    table = table.filter(pc.equal(table["shard"], shard))
                columns = table.to_pydict()
                columns["modified_ns"] = [int(m) for m in columns["modified_ns"]]
                yield from map(Listed, *(columns[n] for n in _SCHEMA.names))


def _digest(path: Path) -> str:
    with path.open("rb") as raw:
        return hashlib.file_digest(raw, "sha256").hexdigest()


T = TypeVar("T")


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """Rows in lists of at most `size`; one empty list where there are none, since a file needs a schema only."""
    batch: list[T] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def _may_hold(statistics: Any, shard: str) -> bool:
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(statistics.min <= shard <= statistics.max)


def _claim_row(claimed: Claimed) -> dict[str, Any]:
    row = {n: getattr(claimed, n) for n in _CLAIMED.names}
    row["digests"] = [{"name": n, "value": v} for n, v in claimed.digests]
    row["fields"] = [{"name": n, "value": v} for n, v in claimed.fields]
    row["texts"] = [{"role": r, "maker": m, "text": t} for r, m, t in claimed.texts]
    return row


def _claimed(row: dict[str, Any]) -> Claimed:
    pairs = {n: tuple((p["name"], p["value"]) for p in row[n]) for n in ("digests", "fields")}
    return Claimed(**{**row, **pairs, "texts": tuple((t["role"], t["maker"], t["text"]) for t in row["texts"])})


def _table(files: list[Listed]) -> pa.Table:
    columns = {n: [getattr(f, n) for f in files] for n in _SCHEMA.names}
    columns["modified_ns"] = [str(m) for m in columns["modified_ns"]]
    return pa.table([pa.array(columns[n], type=_SCHEMA.field(n).type) for n in _SCHEMA.names], schema=_SCHEMA)
