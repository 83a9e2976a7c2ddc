"""Items of a shard: received files and what came out of them, with parent and family.

Here: reading them from the parts that brought them forth.
Not here: giving numbers (engine/run), opening containers (stages/contents).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iimm_pipelines.accessions.numbers import Number, Shard, item_number
from iimm_pipelines.storage.parts import Parts

RECEIVED = "received"
_FAMILY = frozenset({"attachment", "embedded", "inline"})


@dataclass(frozen=True, slots=True)
class Item:
    """One occurrence of an object. `object` is None where its bytes could not be read at intake.

    `family` is the message or document that it belongs to (itself, if it stands alone): an archive or mailbox is a
    container and makes no family. `leaf` is the outcome that brought the item forth.
    """

    number: Number
    place: int
    object: bytes | None
    size: int
    path: bytes
    relation: str
    parent: int | None
    family: int
    depth: int
    leaf: bytes
    modified_ms: int | None = None
    """Last change by the file system or the container, UTC; only where that is known."""
    modified_text: str | None = None
    """The same as the container writes it, where it says no offset."""


def read_items(parts: Parts, shard: Shard) -> list[Item]:
    """All items of a shard, by place."""
    items: dict[int, Item] = {}
    for table in parts.columns("inventory", shard, ["place", "leaf", "received"]):
        for place, leaf, rows in zip(*(table[n].to_pylist() for n in ("place", "leaf", "received")), strict=True):
            row = rows[0] if rows else {}
            items[place] = Item(item_number(shard, place), place, row.get("sha256"), row.get("size") or 0,
                                row.get("path") or b"", RECEIVED, None, place, 0, leaf, row.get("modified_ms"))  # fmt: skip
    brought: list[tuple[int, bytes, Sequence[int], Sequence[dict[str, object]]]] = []
    names = ["place", "leaf", "numbers", "members"]
    for table in parts.columns("contents", shard, names):
        columns = [table[n].to_pylist() for n in names]
        brought.extend(r for r in zip(*columns, strict=True) if r[2])
    for place, leaf, numbers, members in sorted(brought, key=lambda b: b[0]):  # parents stand before their members
        parent = items.get(place)
        if parent is None:
            continue
        for number, row in zip(numbers, members, strict=True):
            if number < 0:
                continue
            relation = str(row["relation"])
            family = parent.family if relation in _FAMILY else number
            items[number] = Item(item_number(shard, number), number, row["sha256"], row["size"] or 0,  # type: ignore[arg-type]
                                 row["path"] or b"", relation, place, family, parent.depth + 1, leaf,  # type: ignore[arg-type]
                                 row.get("modified_ms"), row.get("modified_text"))  # type: ignore[arg-type]  # fmt: skip
    return [items[p] for p in sorted(items)]
