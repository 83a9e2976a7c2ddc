"""The models that this release knows, each with its card.

Here: reading the cards in `cards/` (fetched or imported) and in `starter/` (shipped beside the code).
Not here: the meaning of a card's fields (card), what is on this machine (store).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.model_store.card import CARD_FILE, Card, CardInvalid, ModelName, read_card

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Entry:
    """A card with its text; `shipped` is the folder of a model that comes with the code and is used in place."""

    card: Card
    text: str
    shipped: Path | None = None


Catalogue = Mapping[ModelName, Entry]


def load_catalogue() -> Catalogue:
    """Every model of this release, by name.

    Raises:
        CardInvalid: a card of the release itself is wrong.
    """
    entries = [_entry(path, None) for path in sorted((_HERE / "cards").glob("*.toml"))]
    entries += [_entry(path, path.parent) for path in sorted((_HERE / "starter").glob(f"*/{CARD_FILE}"))]
    return {entry.card.name: entry for entry in entries}


def _entry(path: Path, shipped: Path | None) -> Entry:
    text = path.read_text(encoding="utf-8")
    try:
        return Entry(read_card(text), text, shipped)
    except CardInvalid as error:
        raise CardInvalid(f"{path.relative_to(_HERE)}: {error}") from error
