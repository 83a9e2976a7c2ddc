"""Items of a shard: received files and what came out of them, with parent and family.

Here: reading them from the parts that brought them forth.
Not here: giving numbers (engine/run), opening containers (stages/contents).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow.compute as pc

from iimm_pipelines.accessions.numbers import LAST_PLACE, Number, Shard, item_number, spilled_numbers
from iimm_pipelines.storage.parts import Parts

RECEIVED = "received"
FAMILY = frozenset({"attachment", "embedded", "inline"})
"""Relations of what belongs to one message or document, and never lies in another shard."""


@dataclass(frozen=True, slots=True)
class Item:
    """One occurrence of an object. `object` is None where its bytes could not be read at intake.

    `family` is the message or document that it belongs to (itself, if it stands alone): an archive or mailbox is a
    container and makes no family. Its parent may lie in another shard, its family never. `leaf` is the outcome that
    brought the item forth. Received files have depth 0, also where a load file gives them a parent and a relation.
    """

    number: Number
    place: int
    object: bytes | None
    size: int
    path: bytes
    relation: str
    parent: Number | None
    family: Number
    depth: int
    leaf: bytes
    modified_ms: int | None = None
    """Last change by the file system or the container, UTC; only where that is known."""
    modified_text: str | None = None
    """The same as the container writes it, where it says no offset."""
    captured_ms: int | None = None
    """When it was captured, or what it lies in, by the container: UTC milliseconds."""
    captured_text: str | None = None
    """The same as the container writes it, where that is no instant."""
    sha1: bytes | None = None
    md5: bytes | None = None
    name: str | None = None
    """The path as text, where its bytes are in another encoding than UTF-8 and the container's reader could tell."""


def read_items(parts: Parts, shard: Shard) -> list[Item]:
    """All items of a shard, by place."""
    row = parts.catalogue.shard(shard)
    items: dict[int, Item] = {}
    if row.origin is None:
        _add_received(items, parts, shard)
    else:
        assert row.nth is not None
        above = {i.place: i for i in read_items(parts, row.origin)}
        here = spilled_numbers(row.nth)
        for parent, number, member, leaf in _members(parts, row.origin, here):
            if parent in above:
                _add(items, shard, number - here.start, above[parent], member, leaf)
    for parent, number, member, leaf in _members(parts, shard, range(LAST_PLACE + 1)):
        if parent in items:
            _add(items, shard, number, items[parent], member, leaf)
    return [items[p] for p in sorted(items)]


def _add_received(items: dict[int, Item], parts: Parts, shard: Shard) -> None:
    for table in parts.columns("inventory", shard, ["place", "leaf", "received"]):
        for place, leaf, rows in zip(*(table[n].to_pylist() for n in ("place", "leaf", "received")), strict=True):
            row, number = rows[0] if rows else {}, item_number(shard, place)
            parent, family = row.get("parent"), row.get("family")
            items[place] = Item(number, place, row.get("sha256"), row.get("size") or 0, row.get("path") or b"",
                                row.get("relation") or RECEIVED, None if parent is None else item_number(shard, parent),
                                number if family is None else item_number(shard, family), 0, leaf,
                                row.get("modified_ms"), sha1=row.get("sha1"), md5=row.get("md5"))  # fmt: skip


def _members(parts: Parts, shard: Shard, wanted: range) -> Iterator[tuple[int, int, dict[str, Any], bytes]]:
    """Members with these numbers that a shard's items brought forth, parents before what came out of their members.

    Each with its parent's place, its own number and the leaf of the outcome. The others are left in Arrow: a container
    of 200,000 members is read by each of the 40 shards that it spills into.
    """
    brought: list[tuple[int, bytes, int, dict[str, Any]]] = []
    for table in parts.columns("contents", shard, ["place", "leaf", "numbers", "members"]):
        some = table.filter(pc.is_valid(table["numbers"])).combine_chunks()
        numbers = pc.list_flatten(some["numbers"])
        chosen = pc.indices_nonzero(pc.and_(pc.greater_equal(numbers, wanted.start), pc.less(numbers, wanted.stop)))
        rows = pc.list_parent_indices(some["numbers"]).take(chosen)
        members = pc.list_flatten(some["members"]).take(chosen)
        columns = (some["place"].take(rows), some["leaf"].take(rows), numbers.take(chosen), members)
        brought.extend(zip(*(c.to_pylist() for c in columns), strict=True))
    for place, leaf, number, member in sorted(brought, key=lambda b: b[0]):
        yield place, number, member, leaf


def _add(items: dict[int, Item], shard: Shard, place: int, parent: Item, member: dict[str, Any], leaf: bytes) -> None:
    number, relation = item_number(shard, place), str(member["relation"])
    captured = (member.get("captured_ms"), member.get("captured_text"))
    if captured == (None, None):
        captured = (parent.captured_ms, parent.captured_text)
    items[place] = Item(number, place, member["sha256"], member["size"] or 0, member["path"] or b"", relation,
                        parent.number, parent.family if relation in FAMILY else number, parent.depth + 1, leaf,
                        member.get("modified_ms"), member.get("modified_text"), *captured, sha1=member.get("sha1"),
                        md5=member.get("md5"), name=member.get("name"))  # fmt: skip
