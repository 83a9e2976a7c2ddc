"""Parts: Parquet files of outcomes, written whole or not at all; the one reader of them.

Here: writing a part with its attestation, reading outcomes and rows by stage, shard and places.
Not here: which part is current (storage/catalogue says), what an outcome means (engine/outcome).

A file is named by its key, in `parts/STAGE/SHARD/`, its attestation beside it, so that both are found with no catalogue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.schema import OUTCOME, TABLES, Table, part_schema
from iimm_pipelines.storage.catalogue import Catalogue, PartRow
from iimm_pipelines.storage.durable import make_folder, write_atomic

_OUTCOME_NAMES = [c.name for c in OUTCOME]
_NEVER_NULL = frozenset({"item", "place", "kind", "recipe", "work", "content", "inputs", "salt", "leaf"})
_outcome_values = attrgetter(*_OUTCOME_NAMES)


class PartDamaged(RuntimeError):
    """A part's file is missing or cannot be read; named by stage, shard and key."""


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome as it stands in a part."""

    item: str
    place: int
    kind: str
    reason: str | None
    used: frozenset[str] | None
    recipe: bytes
    work: bytes
    content: bytes
    inputs: tuple[bytes, ...]
    numbers: tuple[int, ...] | None
    salt: bytes
    leaf: bytes
    carried: bool
    took_us: int
    attempts: int
    detail: str
    tables: Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Written:
    """A part's file: bytes and SHA-256 in hex."""

    size: int
    sha256: str


class PartFiles:
    """The files of all parts, current or not; needs no catalogue."""

    def __init__(self, folder: Path) -> None:
        """Parts below `folder`."""
        self.folder = folder

    def path(self, stage: str, shard: str, key: str) -> Path:
        """Where the part's Parquet file lies."""
        return self.folder / stage / shard / f"{key}.parquet"

    def attestation_path(self, stage: str, shard: str, key: str, digest: str) -> Path:
        """Where an attestation of it lies; there are several where a part became current again."""
        return self.folder / stage / shard / f"{key}.{digest[:16]}.dsse.json"

    def write(self, stage: str, shard: str, key: str, outcomes: Sequence[StoredOutcome],
              tables: tuple[Table, ...]) -> Written:  # fmt: skip
        """Write a part's file durably."""
        rows = [_outcome_values(o) for o in outcomes]
        columns: dict[str, list[Any]] = {n: [row[i] for row in rows] for i, n in enumerate(_OUTCOME_NAMES)}
        columns["used"] = [None if u is None else sorted(u) for u in columns["used"]]
        columns["detail"] = [d or None for d in columns["detail"]]
        for table in tables:
            columns[table.name] = [o.tables.get(table.name) or None for o in outcomes]
        schema = part_schema(tables)
        arrow = pa.table([pa.array(columns[f.name], type=f.type) for f in schema], schema=schema)
        data = _encoded(arrow)
        path = self.path(stage, shard, key)
        make_folder(path.parent)
        write_atomic(path, data)
        return Written(len(data), hashlib.sha256(data).hexdigest())

    def written(self, stage: str, shard: str, key: str) -> Written:
        """Size and digest of a part's file as it lies there."""
        path = self.path(stage, shard, key)
        with path.open("rb") as file:
            return Written(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())

    def write_attestation(self, stage: str, shard: str, key: str, envelope: bytes, digest: str) -> None:
        """Write a part's attestation durably, beside it."""
        write_atomic(self.attestation_path(stage, shard, key, digest), envelope)

    def arrow(self, stage: str, shard: str, key: str, columns: Iterable[str] | None = None) -> pa.Table:
        """A part as an Arrow table with the registry's schema; a column that it does not have yet is null.

        Raises:
            PartDamaged: it is missing or cannot be read.
        """
        path = self.path(stage, shard, key)
        try:
            with pq.ParquetFile(path, page_checksum_verification=True) as file:
                wanted = None if columns is None else [c for c in columns if c in file.schema_arrow.names]
                found = file.read(columns=wanted, use_threads=False)
            found.validate(full=True)
            tables = tuple(TABLES[n] for n in found.column_names if n in TABLES)
            schema = part_schema(tables)
            if columns is not None:
                names = set(columns)
                schema = pa.schema([f for f in schema if f.name in names])
            table = pa.table([found[f.name].cast(f.type) if f.name in found.column_names
                              else pa.nulls(found.num_rows, f.type) for f in schema], schema=schema)  # fmt: skip
        except (OSError, ValueError, MemoryError, pa.ArrowException) as wrong:  # damage shows in many ways
            raise PartDamaged(f"part {stage} {shard} {key[:16]}: {type(wrong).__name__}") from None
        if any(table[n].null_count for n in _NEVER_NULL.intersection(table.column_names)):
            raise PartDamaged(f"part {stage} {shard} {key[:16]}: a column is gone")
        return table

    def shards(self) -> list[str]:
        """Every shard of which there is a part."""
        return sorted({p.name for p in self.folder.glob("*/*") if p.is_dir()})

    def attestations(self, shard: str) -> Iterator[tuple[str, str, Path]]:
        """Stage, key and file of each attestation of a shard."""
        for path in sorted(self.folder.glob(f"*/{shard}/*.dsse.json")):
            yield path.parent.parent.name, path.name.split(".")[0], path


class Parts(PartFiles):
    """The parts of a holding, as the catalogue knows them."""

    def __init__(self, folder: Path, catalogue: Catalogue) -> None:
        """Parts below `folder`; which of them are current, the catalogue says."""
        super().__init__(folder)
        self.catalogue = catalogue

    def outcomes(self, part: PartRow, places: range | None = None) -> list[StoredOutcome]:
        """The outcomes of a part in full, those of `places` where given."""
        return read_outcomes(self.arrow(part.stage, part.shard, part.key), places)

    def read(self, stage: str, shard: Shard, places: range) -> dict[int, StoredOutcome]:
        """Current outcomes of a stage for the items at `places`."""
        found: dict[int, StoredOutcome] = {}
        for part in self.catalogue.parts(shard, stage):
            if part.start < places.stop and part.end > places.start:
                found.update({o.place: o for o in self.outcomes(part, places)})
        return found

    def item(self, stage: str, shard: Shard, place: int) -> StoredOutcome | None:
        """The current outcome of a stage for one item; the others of its part stay in Arrow, which is what takes long."""
        for part in self.catalogue.parts(shard, stage):
            if part.start <= place < part.end:
                table = self.arrow(stage, shard, part.key)
                for outcome in read_outcomes(table.filter(pc.equal(table["place"], place))):
                    return outcome
        return None

    def columns(self, stage: str, shard: str, names: Sequence[str], places: range | None = None) -> Iterator[pa.Table]:
        """Some columns of the current parts of a stage, part by part."""
        for part in self.catalogue.parts(shard, stage):
            if places is None or (part.start < places.stop and part.end > places.start):
                yield self.arrow(part.stage, part.shard, part.key, names)

    def frame(self, stage: str, table: str, shard: str) -> pl.DataFrame:
        """Rows of one table as a flat frame, with the item's number and place; `nth` counts its rows from 0."""
        frames = [pl.from_arrow(t) for t in self.columns(stage, shard, ["item", "place", table])]
        if not frames:
            return pl.DataFrame()
        nested = pl.concat([f for f in frames if isinstance(f, pl.DataFrame)]).filter(pl.col(table).list.len() > 0)
        nth = pl.int_ranges(0, pl.col(table).list.len()).alias("nth")
        return nested.with_columns(nth).explode(table, "nth").unnest(table)


def _encoded(table: pa.Table) -> bytes:
    """Parquet with a checksum for each page, since not every column is under the leaf, and no statistics, as nobody asks."""
    sink = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), sink, compression="zstd", write_page_checksum=True, write_statistics=False,
                   use_compliant_nested_type=False)  # fmt: skip
    return bytes(sink.getvalue().to_pybytes())


def read_outcomes(arrow: pa.Table, places: range | None = None) -> list[StoredOutcome]:
    """Outcomes of a part that was read in full."""
    tables = [n for n in arrow.column_names if n in TABLES]
    columns = {n: arrow[n].to_pylist() for n in arrow.column_names}
    found = []
    for i in range(arrow.num_rows):
        if places is not None and columns["place"][i] not in places:
            continue
        used, numbers = columns["used"][i], columns["numbers"][i]
        found.append(StoredOutcome(
            item=columns["item"][i], place=columns["place"][i], kind=columns["kind"][i], reason=columns["reason"][i],
            used=None if used is None else frozenset(used), recipe=columns["recipe"][i], work=columns["work"][i],
            content=columns["content"][i], inputs=tuple(columns["inputs"][i] or ()),
            numbers=None if numbers is None else tuple(numbers), salt=columns["salt"][i], leaf=columns["leaf"][i],
            carried=bool(columns["carried"][i]), took_us=columns["took_us"][i] or 0,
            attempts=columns["attempts"][i] or 0, detail=columns["detail"][i] or "",
            tables={t: columns[t][i] for t in tables if columns[t][i]},
        ))  # fmt: skip
    return found
