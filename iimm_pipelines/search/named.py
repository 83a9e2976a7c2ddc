"""What is named in texts, as the index holds it: identities, and the spellings under which each stands.

Here: the identity of a mention, its spelling, what a segment and an item hold of them, how a spelling is taken apart.
Not here: finding mentions (stages/entities), asking for them (search/entities).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

MENTIONS, SPELLINGS = "mentions", "spellings"
BETWEEN = "\x1f"
"""Between an identity and a spelling of it: no text in normal form holds it."""
_LONGEST = 200
"""Code points of a spelling; names are shorter, and a term of more than 32,766 bytes is refused."""
_OF_AN_ITEM = 5_000
"""Of an item, the most frequent; its segments hold all."""


def identity(mention: Mapping[str, Any]) -> str:
    """Type and what tells it from others: identifier, sound of a person's name, normal form, or the text."""
    return f"{mention['type']}:{mention.get('link') or mention.get('key') or mention.get('normal') or mention['text']}"


def bare_name(mention: Mapping[str, Any]) -> str:
    """Without titles where the mention says which is the name: behind them, in its normal form."""
    return str(mention["normal"]).split(" | ")[-1] if mention.get("key") else str(mention["text"])


def spelled(mention: Mapping[str, Any]) -> str:
    """An identity with the spelling that stands in the text."""
    return f"{identity(mention)}{BETWEEN}{' '.join(bare_name(mention).split())[:_LONGEST]}"


def apart(spelling: str) -> tuple[str, str]:
    """Identity and spelling."""
    of, _, text = spelling.partition(BETWEEN)
    return of, text


def of_segment(mentions: Iterable[Mapping[str, Any]]) -> dict[str, list[str] | None]:
    """What a segment names."""
    found = list(mentions)
    return {
        MENTIONS: sorted({identity(m) for m in found}) or None,
        SPELLINGS: sorted({spelled(m) for m in found}) or None,
    }


def of_item(mentions: Iterable[Mapping[str, Any]]) -> dict[str, list[str] | None]:
    """What an item names, at most so much of it, the most frequent first."""
    found = list(mentions)
    return {MENTIONS: _frequent(map(identity, found)), SPELLINGS: _frequent(map(spelled, found))}


def _frequent(values: Iterable[str]) -> list[str] | None:
    counted = Counter(values)
    return sorted(sorted(counted, key=lambda v: (-counted[v], v))[:_OF_AN_ITEM]) or None
