"""Sets of a shard: which of its items are pieces of one container, and their bytes in scratch.

Here: the files among which a set is looked for, received files of neighbouring shards among them; what stands in key,
work and task; writing a set's bytes.
Not here: what names say (accessions/sets), what is read of a set (stages/contents).

Received files stand in the order of their paths, and so do the shards: a set goes on in the next shard only where the
last file here begins as its pieces do. So a shard without such a name at its edge reads nothing of another.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from iimm_pipelines.accessions.items import RECEIVED, Item
from iimm_pipelines.accessions.numbers import Number, Shard, accession_of, item_number, shard_of
from iimm_pipelines.accessions.sets import FileSet, sets_among, stem_of
from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.engine.stage import OfSet, Piece
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Membership:
    """What an item is in a set.

    `read`: of a head, the pieces that are read with it, itself among them; `leaves`: of the other items that its
    outcome is made from; `suffix`: by which the joined file is known, where it is not the item's own.
    """

    of: OfSet
    read: tuple[Item, ...]
    leaves: tuple[bytes, ...]
    suffix: bytes | None

    @property
    def work(self) -> bytes:
        """What it adds to the digest of an item's work. Of a head no number is in it: equal sets are equal work."""
        said: dict[str, Any] = {"count": self.of.count, "form": str(self.of.form), "lacking": list(self.of.lacking)}
        if self.read:
            said["pieces"] = [p.object.hex() for p in self.read if p.object is not None]
        else:
            said |= {"ending": self.of.ending, "head": self.of.head}
        return hashlib.sha256(canonical(said)).digest()


def sets_here(holding: Holding, shard: Shard, items: Sequence[Item]) -> dict[int, Membership]:
    """What those items of a shard are that belong to a set, by place."""
    places: dict[Number | None, list[Item]] = defaultdict(list)
    for item in items:
        if item.object is not None and stem_of(item.path) is not None:
            places[item.parent if item.depth else None].append(item)
    places[None] += _beyond(holding, shard, [i for i in items if not i.depth])
    found: dict[int, Membership] = {}
    for some in places.values():
        for made in sets_among([(i.path, i.size) for i in some]):
            members = _memberships(made, some)
            found.update((item.place, member) for item, member in members if shard_of(item.number) == shard)
    return found


def _memberships(made: FileSet, files: Sequence[Item]) -> Iterator[tuple[Item, Membership]]:
    pieces = [files[i] for i in made.pieces]
    head = None if made.head is None else files[made.head]
    for item, ending in zip(pieces, made.names, strict=True):
        of = OfSet(made.form, ending, None if head is None else head.number, made.lacking, len(pieces))
        if item is not head:
            yield item, Membership(of, (), () if head is None else (head.leaf,), None)
            continue
        read = tuple(pieces[: made.readable]) or (head,)
        whole = tuple(Piece(i.object, i.size) for i in read if i.object is not None)
        leaves = tuple(dict.fromkeys(i.leaf for i in read if i is not head))
        yield item, Membership(of.with_pieces(whole), read, leaves, made.suffix)


def _beyond(holding: Holding, shard: Shard, received: Sequence[Item]) -> list[Item]:
    """Files of the shards before and behind that begin as files at the edges of this one do."""
    rows = [s.number for s in holding.catalogue.shards(accession_of(shard)) if s.origin is None]
    if not received or len(rows) == 1:
        return []
    stems = {stem for i in received if (stem := stem_of(i.path)) is not None}
    here = rows.index(shard)
    found: list[Item] = []
    for others, edge, at in ((rows[here + 1 :], received[-1].path, -1), (rows[:here][::-1], received[0].path, 0)):
        asked = sorted(s for s in stems if edge.startswith(s))
        for other in others:
            if not asked:
                break
            ends: list[bytes] = []
            for table in holding.parts.columns("inventory", other, ["place", "leaf", "received"]):
                paths = pc.struct_field(table["received"].combine_chunks().flatten(), "path")
                if len(paths):
                    ends += [paths[0].as_py(), paths[-1].as_py()]
                found += _beginning_with(asked, other, table, paths)
            asked = [s for s in asked if ends and ends[at].startswith(s)]
    return found


def _beginning_with(stems: Sequence[bytes], shard: Shard, table: pa.Table, paths: pa.Array) -> Iterator[Item]:
    """Items of received files; a part has one row of `received` for each outcome."""
    wanted = pa.array([False] * len(paths))
    for stem in stems:
        wanted = pc.or_(wanted, pc.starts_with(paths, stem))
    for row in table.filter(wanted).select(["place", "leaf", "received"]).to_pylist():
        (file,) = row["received"]
        if file["sha256"] is not None:
            number = item_number(shard, row["place"])
            yield Item(number, row["place"], file["sha256"], file["size"] or 0, file["path"], RECEIVED, None, number, 0,
                       row["leaf"], sha1=file["sha1"], md5=file["md5"])  # fmt: skip


def write_bytes(vault: Vault, object_: bytes, of: OfSet | None, path: Path) -> None:
    """An object's plaintext as a file in scratch; a set's joined as one file, or as files in a folder, in order.

    Raises:
        ObjectMissing, ObjectDamaged: a copy of ours is at fault.
    """
    if of is None or not of.pieces:
        vault.copy_to(object_, path)
    elif of.form.joined:
        vault.copy_joined([p.object for p in of.pieces], path)
    else:
        path.mkdir(mode=0o700)
        for number, piece in enumerate(of.pieces, 1):
            vault.copy_to(piece.object, path / f"{number:05}")
