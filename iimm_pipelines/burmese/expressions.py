"""All that has a form of its own in a Burmese text: one call for every finder.

Here: the finders in one list, and which of two readings of one stretch stays.
Not here: how each of them reads (amounts, dates, identifiers, positions).
"""

from collections.abc import Callable, Iterator

from iimm_pipelines.burmese.amounts import ages, money, numbers
from iimm_pipelines.burmese.dates import dates, lunar_dates, times, weekdays
from iimm_pipelines.burmese.identifiers import registration_cards, vehicles
from iimm_pipelines.burmese.positions import coordinates, grid_positions, map_references
from iimm_pipelines.burmese.spans import Found, apart

_FINDERS: tuple[Callable[[str], Iterator[Found]], ...] = (
    registration_cards, grid_positions, coordinates, map_references, lunar_dates, dates, money, vehicles, ages, times,
    weekdays, numbers,
)  # fmt: skip
"""Where two read a stretch of the same length, the one before stays."""


def expressions(text: str) -> list[Found]:
    """Everything found in a text in normal form, in order of place, none over another."""
    if not any(map(str.isdigit, text)) and not any(word in text for word in _WORDS):
        return []
    return apart(found for finder in _FINDERS for found in finder(text))


# Without a digit there is a number word, a month or a weekday in all that can be found.
_WORDS = ("ဆယ", "ရာ", "ထောင", "သောင်း", "သိန်း", "သန်း", "ကုဋေ", "နာရီ", "နေ့", "ရက်", "အသက်", "ကျပ်", "ဒေါ်လာ", "ဘတ်")
