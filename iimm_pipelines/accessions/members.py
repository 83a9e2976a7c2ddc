"""Members of containers: what came out of each, held against what the container itself states, and what did not.

Here: counts for each container of some shards, counted in columns, and the members of one container by name.
Not here: opening containers (formats), numbers of members (engine/run), failures of items (accounts).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from iimm_pipelines.accessions.numbers import Number, Shard, item_number, place_of, shard_of, spilled_place
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.holding import Holding


@dataclass(frozen=True, slots=True)
class Container:
    """A file in which others are. `stated`: how many it says it has; None where its format does not say.

    `without_bytes`: members that are known by name only, by reason; those that hold none themselves, such as links, are
    counted there under `no bytes` and are none of those that are stated.
    """

    item: Number
    media_type: str
    stated: int | None
    read: int
    without_bytes: Mapping[str, int]
    problem: str | None
    """Why its reading did not come to its end."""

    @property
    def whole(self) -> bool:
        """Whether it was read to its end, each member that should have bytes has them, and as many as it states."""
        lacking = any(reason != Reason.NO_BYTES for reason in self.without_bytes)
        return self.problem is None and not lacking and self.stated in (None, self.read)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as its container names it; without a number it has no bytes, and `problem` says why."""

    item: Number | None
    path: bytes
    name: str | None
    relation: str
    size: int
    problem: str | None
    said: tuple[tuple[str, str], ...]


def containers(holding: Holding, shards: Sequence[Shard]) -> Iterator[Container]:
    """Every file that has members or states that it has some, by number."""
    for shard in shards:
        for table in holding.parts.columns("contents", shard, ["item", "kind", "reason", "document", "members"]):
            lists = table["members"].combine_chunks()
            inside = lists.flatten()
            no_bytes = pc.is_null(pc.struct_field(inside, "sha256"))
            problems = pc.struct_field(inside, "problem")
            end = 0
            problems_of = pc.if_else(pc.equal(table["kind"], "failed"), table["reason"], None)
            columns = [*(c.to_pylist() for c in (table["item"], problems_of, table["document"])),
                       pc.list_value_length(lists).to_pylist()]  # fmt: skip
            for item, problem, document, length in zip(*columns, strict=True):
                start, end = end, end + (length or 0)
                stated = document[0].get("expected_members") if document else None
                if start == end and not stated:
                    continue
                lacking = _counted(problems.slice(start, end - start).filter(no_bytes.slice(start, end - start)))
                kind = document[0]["media_type"] if document else "unknown"
                yield Container(Number(item), kind, stated, end - start - sum(lacking.values()), lacking, problem)


def members_of(holding: Holding, number: Number) -> list[MemberRow]:
    """The members of an item, in the order in which its container has them."""
    shard = shard_of(number)
    outcome = holding.parts.read("contents", shard, range(place_of(number), place_of(number) + 1)).get(place_of(number))
    if outcome is None:
        return []
    rows = outcome.tables.get("members") or ()
    spilled = {s.nth: s.number for s in holding.catalogue.shards() if s.origin == shard}
    found = []
    for place, row in zip(outcome.numbers or [-1] * len(rows), rows, strict=True):
        away = spilled_place(place)
        here = (shard, place) if away is None else (spilled[away[0]], away[1])
        item = item_number(*here) if place >= 0 else None
        said = tuple((s["name"], s["value"]) for s in row.get("metadata") or ())
        found.append(MemberRow(item, row.get("path") or b"", row.get("name"), row["relation"], row.get("size") or 0,
                               row.get("problem") if row.get("sha256") is None else None, said))  # fmt: skip
    return found


def said_by(holding: Holding, number: Number) -> tuple[tuple[str, str], ...]:
    """What a file says of itself as a whole, as its reader has it."""
    place = place_of(number)
    outcome = holding.parts.read("contents", shard_of(number), range(place, place + 1)).get(place)
    rows = outcome.tables.get("document") if outcome else None
    return tuple((s["name"], s["value"]) for s in rows[0].get("metadata") or ()) if rows else ()


def _counted(problems: pa.Array) -> dict[str, int]:
    return {each["values"] or "unknown": each["counts"] for each in pc.value_counts(problems).to_pylist()}
