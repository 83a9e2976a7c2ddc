"""Numbers of accessions, shards and items.

Here: how they look and how one is read.
Not here: who gives them out (accessions/register, engine/run).
"""

from __future__ import annotations

import re
from typing import NewType

Accession = NewType("Accession", str)
"""`A00012`: says nothing about the source."""
Shard = NewType("Shard", str)
"""`A00012-0003`: also the name of a Dagster partition."""
Number = NewType("Number", str)
"""`A00012-0003-01234`: accession, shard, place."""

LAST_PLACE = 99_999
LAST_SHARD = 9_999
SPILL_ITEMS = 5_000
"""Members of containers that a shard takes besides what it began with; more go to new shards, each family as a whole.

A new shard takes as many, at its first places, and as many again of what comes out of them, behind those.
"""
_NUMBER = re.compile(r"A\d{5}-\d{4}-\d{5}")


class NotANumber(ValueError):
    """A text that is no item number."""


def accession_number(sequence: int) -> Accession:
    """The accession that was registered as number `sequence`, from 1."""
    return Accession(f"A{sequence:05d}")


def shard_number(accession: Accession, sequence: int) -> Shard:
    """The shard `sequence` of an accession, from 0."""
    return Shard(f"{accession}-{sequence:04d}")


def item_number(shard: Shard, place: int) -> Number:
    """The item at `place` of a shard, from 0."""
    return Number(f"{shard}-{place:05d}")


def spilled_place(number: int) -> tuple[int, int] | None:
    """Which of the shards that a shard spilled into, from 0, and the place there; None for a place in the shard itself.

    A part says the place of a member as one number: beyond the last place, it counts on through the new shards.
    """
    return None if number <= LAST_PLACE else divmod(number - LAST_PLACE - 1, SPILL_ITEMS)


def spilled_numbers(nth: int) -> range:
    """The numbers by which a part says the members that went to the shard's `nth` spill, from 0."""
    start = LAST_PLACE + 1 + nth * SPILL_ITEMS
    return range(start, start + SPILL_ITEMS)


def parse_number(text: str) -> Number:
    """Read an item number that a person typed.

    Raises:
        NotANumber: saying what one looks like.
    """
    cleaned = text.strip().upper()
    if not _NUMBER.fullmatch(cleaned):
        raise NotANumber("an item number looks like A00012-0003-01234")
    return Number(cleaned)


def accession_of(number: str) -> Accession:
    """The accession of a shard or item."""
    return Accession(number[:6])


def shard_of(number: str) -> Shard:
    """The shard of an item."""
    return Shard(number[:11])


def place_of(number: Number) -> int:
    """The place of an item in its shard."""
    return int(number[12:])
