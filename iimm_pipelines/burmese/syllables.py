r"""Syllables: one grammar of what a syllable is, for Python and for the search engine alike.

Here: which characters begin a syllable and which only add to it, the order of marks within it, the spans of syllables,
digit runs and words of other scripts, and the same grammar as a pattern for OpenSearch's tokenizer.
Not here: words and their segmentation, the analyser around the pattern (iimm_pipelines.search.analysis).

Burmese is written without spaces between words, so the syllable is the smallest unit that can be found again: phrases
of syllables found 99.8 % of the names in a corpus, the standard tokenizer's words 38.5 %.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of text in code points, `end` not included."""

    start: int
    end: int


# Letters that begin a syllable: Burmese with the great sa, the four signs that stand for words (104C to 104F), then
# letters of Mon, Karen, Kayah, Shan, Palaung, Khamti and Aiton. Regular expression class bodies, read by both engines.
BASES = (
    r"\u1000-\u102A\u103F\u104C-\u1055\u105A-\u105D\u1061\u1065\u1066\u106E-\u1070\u1075-\u1081\u108E"
    r"\uA9E0-\uA9E4\uA9E7-\uA9EF\uA9FA-\uA9FE\uAA60-\uAA76\uAA7A\uAA7E\uAA7F"
)
# Other scripts without spaces between words: Thai and Lao, Tibetan, Khmer, Tai Le and New Tai Lue, Tai Tham, kana, Han.
# One letter with its marks is a token, and a phrase finds the word.
_UNSPACED = (
    r"\u0E00-\u0EFF\u0F00-\u0FFF\u1780-\u17FF\u1950-\u19DF\u1A20-\u1AAF"
    r"\u3041-\u30FF\u3400-\u4DBF\u4E00-\u9FFF\uF900-\uFAFF"
)

# Each repetition has a bound. Java's engine calls itself for each round of a group and a long run of letters would
# exhaust the stack of the search node, and Lucene refuses a whole document for one term over 32,766 bytes.
_MARKS_AT_MOST = 40
_LETTERS_AT_MOST = 64


def _grammar(*, base: str, unspaced: str, letter: str, mark: str, digit: str) -> str:
    # A consonant closes a syllable when its asat or a stacked consonant follows; a tone mark may stand between,
    # since U+1037 and U+103A occur in both orders.
    closing = rf"{base}(?=[\u1037\u1087-\u108D]?[\u1039\u103A])"
    syllable = rf"{base}(?:\u1039{base}|{mark}|{closing}){{0,{_MARKS_AT_MOST}}}"
    return "|".join(
        (
            rf"{digit}{{1,{_LETTERS_AT_MOST}}}",
            syllable,
            rf"{unspaced}{mark}{{0,{_MARKS_AT_MOST}}}",
            rf"(?:{letter}{mark}{{0,8}}){{1,{_LETTERS_AT_MOST}}}",
        )
    )


def opensearch_pattern() -> str:
    """The grammar for OpenSearch's `pattern` tokenizer with group 0, in Java's notation."""
    return _grammar(
        base=f"[{BASES}]",
        unspaced=rf"[\p{{L}}&&[{_UNSPACED}]]",
        letter=rf"[\p{{L}}&&[^{BASES}{_UNSPACED}]]",
        mark=r"\p{M}",
        digit=r"\p{Nd}",
    )


def _class(code_points: list[int]) -> str:
    ranges: list[list[int]] = []
    for code in code_points:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in ranges) + "]"


@lru_cache(maxsize=1)
def python_pattern() -> re.Pattern[str]:
    """The grammar for Python, which has no classes for Unicode categories: they are written out (80 ms, once)."""
    is_base, is_unspaced = re.compile(f"[{BASES}]").match, re.compile(f"[{_UNSPACED}]").match
    letters: list[int] = []
    unspaced: list[int] = []
    marks: list[int] = []
    digits: list[int] = []
    for code in (*range(0x40000), *range(0xE0000, 0xE0200)):  # beyond are private use and nothing
        category = unicodedata.category(chr(code))
        if category[0] == "M":
            marks.append(code)
        elif category == "Nd":
            digits.append(code)
        elif category[0] == "L" and not is_base(chr(code)):
            (unspaced if is_unspaced(chr(code)) else letters).append(code)
    return re.compile(
        _grammar(
            base=f"[{BASES}]",
            unspaced=_class(unspaced),
            letter=_class(letters),
            mark=_class(marks),
            digit=_class(digits),
        )
    )


def syllables(text: str) -> Iterator[Span]:
    """Spans of Burmese syllables, of digit runs and of words of other scripts, in order; the rest is no token."""
    for match in python_pattern().finditer(text):
        yield Span(*match.span())


# Place of each mark within a syllable, after Unicode Technical Note 11. Anusvara shares a place with the tall vowel:
# S'gaw Karen writes it before (in the word for book), Burmese after, and both keep their order.
_PLACE = {
    mark: place
    for place, marks in enumerate(
        (
            "\u103b",  # medial ya
            "\u103c",  # medial ra
            "\u103d",  # medial wa
            "\u103e",  # medial ha
            "\u1031",  # vowel e
            "\u102d\u102e\u1032",  # vowels above
            "\u102f\u1030",  # vowels below
            "\u102b\u102c\u1036",  # vowel aa, anusvara
            "\u1037",  # dot below: before asat, as NFC puts it
            "\u103a",  # asat
            "\u1038",  # visarga
        )
    )
    for mark in marks
}
_ASAT = "\u103a"
_VOWEL_E = "\u1031"
_KEEPS_ASAT_FIRST = frozenset("\u103b\u103c\u103d\u103e\u102d\u102e\u1032\u102f\u1030\u102b\u102c")
_VOWELS_BELOW = frozenset("\u102f\u1030")

# Marks that may follow a base, of all languages of the script; the virama U+1039 is none, it begins a stacked consonant.
MARK = (
    "[\u102b-\u1038\u103a-\u103e\u1056-\u1060\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d"
    "\ua9e5\uaa7b-\uaa7d]"
)
MARK_RUN = re.compile(MARK + "{2,}")


def _is_karen(run: str) -> bool:
    # S'gaw Karen has the dot below as a vowel, before the tone sign aa with asat; it does not know the vowel e.
    return _VOWEL_E not in run and ("\u1037\u102b" in run or "\u1037\u102c" in run)


@lru_cache(maxsize=8192)
def ordered_marks(run: str) -> str:
    """A run of marks in their one order, each once.

    A run with a sign of another language of the script (Shan tones, Mon and Karen vowels) is left alone: its order is
    that language's. Asat stays in front, directly on its consonant, in contracted words (yauk-kya, kyun-nok), where it
    closes the syllable before the medial or vowel that follows.
    """
    if any(mark not in _PLACE for mark in run) or _is_karen(run):
        return run
    at = run.find(_ASAT)
    ordered = "".join(sorted(dict.fromkeys(run), key=_PLACE.__getitem__))
    if at < 0 or _VOWEL_E in run:
        return ordered
    before = ordered[: ordered.index(_ASAT)]
    in_front = not _KEEPS_ASAT_FIRST.isdisjoint(run[at + 1 :]) or (bool(before) and _VOWELS_BELOW.issuperset(before))
    return _ASAT + ordered.replace(_ASAT, "") if in_front else ordered
