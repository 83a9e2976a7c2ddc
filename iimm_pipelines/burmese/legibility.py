r"""How much of a text is writing: the share of its letters that stand in syllables and words as they can be spelled.

Here: what a well-spelled Burmese syllable is, what passes for a word in Latin letters, and the share of a text.
Not here: cutting text into syllables (syllables), reading pictures (iimm_pipelines.formats.ocr).

A machine that misreads Burmese puts marks where no syllable can have them, or reads round letters as o and 0. That shows
without any dictionary.
"""

import re
import unicodedata
from typing import NamedTuple

from iimm_pipelines.burmese.syllables import ordered_marks, syllables

_CONSONANT = "[\u1000-\u1021\u103f]"
_VOWEL = (
    "(?:\u1031[\u102b\u102c]?\u1037?\u103a?"  # e, o
    "|[\u102d\u102e\u1032]|\u102d?[\u102f\u1030]|[\u102b\u102c]"
    "|[\u102d\u102f]?\u1036)"  # nasal
)
_OPEN = f"{_CONSONANT}\u103b?\u103c?\u103d?\u103e?{_VOWEL}?"
_CLOSED = f"\u1037?{_CONSONANT}\u1037?\u103a(?:\u103b\u102c|\u102f)?"
"""Contracted words (yauk-kya, kyun-nok) go on with a mark behind the consonant that closes them."""
_STACKED = f"(?:{_CONSONANT}|\u1004\u103a)?\u1039{_OPEN}"
_TONE = "[\u1037\u1038]"
_SYLLABLE = (
    f"{_OPEN}(?:\u103a\u103b\u102c|\u103a\u102f|{_STACKED}|{_CLOSED})*{_TONE}?"
    f"|[\u1023-\u1027\u1029\u102a][\u102d\u102e\u102f\u1030]?(?:{_STACKED}|{_CLOSED})*{_TONE}?"
    "|\u104e(?:\u1004\u103a\u1038)?|[\u104c\u104d\u104f]"
)
_WELL_SPELLED = re.compile(_SYLLABLE)
_BURMESE = re.compile("[\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_LATIN_WORD = re.compile("(?:[A-Z]?[a-z\u00df-\u00ff]+|[A-Z\u00c0-\u00de]+)")
_LATIN_VOWEL = re.compile("[aeiouyAEIOUY\u00c0-\u00ff]")
_WORDS_OF_ONE = frozenset("aIA")
_ORDINARY = frozenset(".,;:!?()[]\"'/-–—‘’“”…%&+*#@=\u104a\u104b")


class Legible(NamedTuple):
    """Code points that stand where they can stand, and those of letters, marks, digits and odd signs altogether."""

    good: int
    all: int

    @property
    def share(self) -> float:
        """Between 0 and 1; a text without letters has 0."""
        return self.good / self.all if self.all else 0.0


def legible(text: str) -> Legible:
    """How much of a text is spelled as writing is. Other scripts than Burmese and Latin count as good."""
    good = counted = 0
    end = 0
    for span in syllables(text):
        counted += _odd(text[end : span.start])
        token = text[span.start : span.end]
        counted += len(token)
        if _is_good(token):
            good += len(token)
        end = span.end
    counted += _odd(text[end:])
    return Legible(good, counted)


def _odd(between: str) -> int:
    """Marks without a letter and signs that ordinary text seldom has."""
    return sum(not c.isspace() and c not in _ORDINARY for c in between)


def _is_good(token: str) -> bool:
    if _BURMESE.match(token):
        if token[0].isdigit():
            return all(0x1040 <= ord(c) <= 0x1049 for c in token)
        return _WELL_SPELLED.fullmatch(_in_order(token)) is not None
    if _LATIN.match(token):
        if len(token) == 1:
            return token in _WORDS_OF_ONE
        return _LATIN_WORD.fullmatch(token) is not None and _LATIN_VOWEL.search(token) is not None
    return True


def _in_order(token: str) -> str:
    """Marks in the order of the normal form, run by run."""
    return _RUN.sub(lambda run: ordered_marks(run[0]), unicodedata.normalize("NFC", token))


_RUN = re.compile("[\u102b-\u1038\u103a-\u103e]{2,}")
