r"""The analyser: how text becomes search terms, in OpenSearch and, the same, in Python.

Here: OpenSearch's `analysis` settings, built from the Burmese grammar and digits, and the terms as Python sees them.
Not here: the grammar itself (iimm_pipelines.burmese.syllables), which field has which analyser (the mapping), queries.

Text and query are both in normal form before they come here (iimm_pipelines.burmese.encoding). The character filter
repeats the part of it that a query typed into another client would lack.
"""

import re
from typing import Any, Final

from iimm_pipelines.burmese.numerals import DIGIT_TO_ASCII
from iimm_pipelines.burmese.syllables import opensearch_pattern, syllables

SYLLABLE: Final = "syllable"
"""The analyser of text: syllables, digit runs, words of other scripts in lower case."""

SYLLABLE_LOOSE: Final = "syllable_loose"
"""The same without the tone at the end of a syllable: a dot below is how Burmese marks a possessive, and tones are what
people leave out or mistake."""

ROLE: Final = "role"
"""The analyser of a role: its terms as they are, with U+001F between them (search/who_was_what)."""

_FOLDED: Final = {
    **DIGIT_TO_ASCII,
    "\u103a\u1037": "\u1037\u103a",  # asat and dot below occur in both orders
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad", ""),
}
_FOLD = re.compile("|".join(map(re.escape, sorted(_FOLDED, key=len, reverse=True))))
_LAST_TONE: Final = "[\u1037\u1038\u1087-\u108d](\u103a?)$"


def analysis_settings() -> dict[str, Any]:
    """The `analysis` block of an index's settings."""
    return {
        "char_filter": {
            "burmese_folded": {
                "type": "mapping",
                "mappings": [f"{_escaped(typed)} => {_escaped(folded)}" for typed, folded in _FOLDED.items()],
            }
        },
        "tokenizer": {
            "syllables": {"type": "pattern", "group": 0, "pattern": opensearch_pattern()},
            "whole_terms": {"type": "pattern", "pattern": "\\u001f"},
        },
        "filter": {"without_last_tone": {"type": "pattern_replace", "pattern": _LAST_TONE, "replacement": "$1"}},
        "analyzer": {
            name: {
                "type": "custom",
                "char_filter": ["burmese_folded"],
                "tokenizer": "syllables",
                "filter": ["lowercase", *filters],
            }
            for name, filters in ((SYLLABLE, []), (SYLLABLE_LOOSE, ["without_last_tone"]))
        }
        | {ROLE: {"type": "custom", "tokenizer": "whole_terms"}},
    }


def terms(text: str) -> list[str]:
    """The terms that the analyser `SYLLABLE` makes of a text."""
    folded = _FOLD.sub(lambda match: _FOLDED[match[0]], text)
    return [_lowercase(folded[start:end]) for start, end in syllables(folded)]


def loose_terms(text: str) -> list[str]:
    """The terms that the analyser `SYLLABLE_LOOSE` makes of a text."""
    return [re.sub(_LAST_TONE, r"\1", term) for term in terms(text)]


def _escaped(characters: str) -> str:
    return "".join(f"\\u{ord(character):04X}" for character in characters)


def _lowercase(term: str) -> str:
    # Lucene lowers one code point to one, without the context that Python minds at a final sigma.
    return "".join(character.lower()[0] for character in term)
