"""Words of a dictionary of Burmese, of two syllables and more, and everyday things: what is hardly ever a name.

Here: the list. Not here: where words of a text end (words), what follows from a word (recogniser, names).

`tables/words.txt` is made by training/recogniser/vocabulary.py from the word list of ICU's Burmese word break dictionary
and the terms of Unicode CLDR; its first lines hold the licences.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """All words, in normal form."""
    text = (files("iimm_pipelines.burmese") / "tables" / "words.txt").read_text(encoding="utf-8")
    return frozenset(line for line in text.splitlines() if line and not line.startswith("#"))
