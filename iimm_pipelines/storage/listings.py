"""Listings: the files of an accession as they were found at its registration, one Parquet file each.

Here: writing and reading them, in streams.
Not here: walking a folder and cutting shards (accessions/register), reading the files (stages/inventory).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.storage.durable import make_folder

_SCHEMA = pa.schema([("shard", pa.string()), ("place", pa.int64()), ("path", pa.binary()), ("size", pa.int64()),
                     ("modified_ns", pa.string()), ("regular", pa.bool_()), ("tag", pa.string())])  # fmt: skip
"""Nanoseconds are text: file systems know years for which 64 bits are too few, and cameras set them."""
_ROWS = 50_000


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
        make_folder(self.folder)
        path = self.path(accession)
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as raw:
            with pq.ParquetWriter(raw, _SCHEMA, compression="zstd") as writer:
                batch: list[Listed] = []
                for file in files:
                    batch.append(file)
                    if len(batch) == _ROWS:
                        writer.write_table(_table(batch))
                        batch = []
                writer.write_table(_table(batch))
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.replace(path)
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return self.digest(accession)

    def remove(self, accession: str) -> None:
        """Remove the listing of an accession that was not registered."""
        for path in (self.path(accession), self.path(accession).with_suffix(".unfinished")):
            path.unlink(missing_ok=True)

    def digest(self, accession: str) -> str:
        """SHA-256 of a listing's file."""
        with self.path(accession).open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest()

    def read(self, accession: str, shard: str | None = None) -> Iterator[Listed]:
        """The files of an accession, or of one of its shards, in order."""
        for batch in pq.ParquetFile(self.path(accession)).iter_batches(_ROWS):
            for row in batch.to_pylist():
                if shard is None or row["shard"] == shard:
                    yield Listed(**{**row, "modified_ns": int(row["modified_ns"])})


def _table(files: list[Listed]) -> pa.Table:
    columns = {n: [getattr(f, n) for f in files] for n in _SCHEMA.names}
    columns["modified_ns"] = [str(m) for m in columns["modified_ns"]]
    return pa.table([pa.array(columns[n], type=_SCHEMA.field(n).type) for n in _SCHEMA.names], schema=_SCHEMA)
