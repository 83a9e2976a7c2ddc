"""The leaf of an outcome: what is hashed, and in which form.

Here: the canonical JSON of an outcome and its two digests.
Not here: trees over leaves (custody/merkle), what is signed (custody/attestation).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from iimm_pipelines.custody.canonical import canonical
from iimm_pipelines.custody.merkle import leaf_hash


@dataclass(frozen=True, slots=True)
class Sealed:
    """Digests of one outcome: `content` over what was found, `leaf` over all that is claimed."""

    content: bytes
    leaf: bytes


def leaf_data(*, item: str, stage: str, recipe: bytes, inputs: Sequence[bytes], numbers: Sequence[int] | None,
              salt: bytes, content: bytes) -> bytes:  # fmt: skip
    """Canonical JSON of the claim: this stage, by this recipe, from these leaves, found this of this item.

    `content` is the canonical JSON of `content_data`; it is put in as it is, so that it is made once.
    """
    claim: dict[str, Any] = {
        "inputs": [i.hex() for i in inputs],
        "item": item,
        "outcome": orjson.Fragment(content),
        "recipe": recipe.hex(),
        "salt": salt.hex(),
        "stage": stage,
    }
    if numbers is not None:
        claim["numbers"] = list(numbers)
    return orjson.dumps(claim, option=orjson.OPT_SORT_KEYS)


def content_data(kind: str, reason: str | None, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Canonical JSON of what was found; a table without rows is left out."""
    found = {n: rows for n, rows in tables.items() if rows}
    return canonical({"kind": kind, "reason": reason, "rows": found}) if found else _nothing_found(kind, reason)


@lru_cache(maxsize=64)
def _nothing_found(kind: str, reason: str | None) -> bytes:
    """Kept, since most outcomes of most stages are one of a few such."""
    return canonical({"kind": kind, "reason": reason, "rows": {}})


def seal(*, item: str, stage: str, recipe: bytes, inputs: Sequence[bytes], numbers: Sequence[int] | None, salt: bytes,
         content: bytes) -> Sealed:  # fmt: skip
    """Both digests of an outcome whose canonical content is `content`."""
    data = leaf_data(item=item, stage=stage, recipe=recipe, inputs=inputs, numbers=numbers, salt=salt, content=content)
    return Sealed(hashlib.sha256(content).digest(), leaf_hash(data))
