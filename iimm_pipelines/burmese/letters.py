"""Letters of the Burmese block: which language's they are.

Here: letters and marks that of all languages written in the script only one uses, and whether a text has such as
Burmese never has.
Not here: the script as a whole (iimm_pipelines.stages.scripts), telling Burmese from Mon where neither has letters of its
own: models do that (iimm_pipelines.stages.languages).

The languages are those that the Unicode Standard names with its letters (chapter 16.3 and the code charts of Myanmar,
Myanmar Extended-A and -B), less the letters that a second language was seen to use: Shan has the vowel of S'gaw Karen,
Eastern Pwo the medial la of Mon. Text is read in normal form: Zawgyi took many of these codes for its glyphs.
"""

from collections import Counter


def _codes(*ranges: tuple[int, int]) -> frozenset[str]:
    return frozenset(chr(code) for first, last in ranges for code in range(first, last + 1))


LETTERS = {
    "shn": _codes((0x1022, 0x1022), (0x1075, 0x108A)),
    "mnw": _codes((0x1028, 0x1028), (0x1033, 0x1033), (0x105A, 0x105B), (0x105D, 0x105F)),
    "ksw": _codes((0x1061, 0x1061), (0x1063, 0x1064)),  # S'gaw Karen
    "pwo": _codes((0x1065, 0x106D)),  # Western Pwo
    "kjp": _codes((0x106E, 0x1070), (0x108B, 0x108B)),  # Eastern Pwo
    "kvq": _codes((0x1071, 0x1071)),  # Geba Karen
    "kyu": _codes((0x1072, 0x1074)),  # Western Kayah
    "blk": _codes((0x108F, 0x108F), (0xAA7B, 0xAA7B)),  # Pa'O
    "kht": _codes((0xAA60, 0xAA76)),  # Khamti
    "tjl": _codes((0xA9E7, 0xA9EF), (0xA9FA, 0xA9FE)),  # Tai Laing
}
"""By ISO 639-3."""

_BBA, _BY_BBA = "\u105c", ("kjp", 0.7)
"""Mon and Eastern Pwo have it: of 53 lines with it and with no letter of one of them, 37 were Pwo."""
_LANGUAGE_OF = {letter: language for language, letters in LETTERS.items() for letter in letters}
_BURMESE = _codes((0x1000, 0x1021), (0x1023, 0x1027), (0x1029, 0x1032), (0x1036, 0x103F), (0x104C, 0x1059))
_OTHERS = _codes((0x1000, 0x103F), (0x104C, 0x108F), (0x109A, 0x109D), (0xA9E0, 0xA9EF), (0xA9FA, 0xA9FE), (0xAA60, 0xAA7F)) - _BURMESE  # fmt: skip


def language_by_letters(text: str) -> tuple[str, float] | None:
    """The language with most letters of its own in a text, and its share of all such letters; none where nothing tells."""
    own: Counter[str] = Counter()
    for letter, times in Counter(text).items():
        if language := _LANGUAGE_OF.get(letter):
            own[language] += times
    if own:
        return own.most_common(1)[0][0], max(own.values()) / own.total()
    return _BY_BBA if _BBA in text else None


def is_not_burmese(text: str) -> bool:
    """Whether more than one of fifty letters is such as Burmese never has; a quoted letter is not that many."""
    counts = Counter(text)
    others = sum(times for letter, times in counts.items() if letter in _OTHERS)
    return others * 50 > sum(times for letter, times in counts.items() if letter in _BURMESE or letter in _OTHERS)
