"""Names by their sound: so that one written in Burmese meets one written in Latin letters, and one spelling another.

Here: the keys under which a name is indexed, the key of what was typed, the stretches of a text that sound like it.
Not here: how a name is spelled in Latin letters and what the key is (iimm_pipelines.burmese.romanisation), which stretch
of a text is a name (iimm_pipelines.stages.entities).

A name is found by any two or more syllables of it that follow each other: who types Kyaw Min means Colonel ကျော်မင်းထွန်း
as well. One syllable alone is a name only where it is all of one: hundreds of names and words share it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from itertools import pairwise

from iimm_pipelines.burmese.romanisation import romanised, sound_key
from iimm_pipelines.burmese.syllables import Span, syllables

_WORDS_OF_A_NAME = 10
_LONGEST_KEY = 60
_VOWELS = re.compile("[aeiou]+")


def name_keys(name: str) -> set[str]:
    """The keys of a name: of its whole, and of each run of at least two of its syllables."""
    sounds = [key for word in romanised(name).split()[:_WORDS_OF_A_NAME] if (key := _key(word))]
    runs = ("".join(sounds[start:end]) for start in range(len(sounds)) for end in range(start + 1, len(sounds) + 1))
    return {key for key in {"".join(sounds), *(run for run in runs if _is_of_two(run))} if 0 < len(key) <= _LONGEST_KEY}


def asked_key(typed: str) -> str | None:
    """The key to look for, None where nothing typed can be a name."""
    key = _key(typed)
    return key if 0 < len(key) <= _LONGEST_KEY else None


def sounding_like(text: str, keys: Collection[str]) -> Iterator[Span]:
    """Stretches of whole syllables and words that have one of the keys; the first and longest from each place."""
    if not keys:
        return
    longest = max(map(len, keys))
    spans = [(span, _key(text[span.start : span.end])) for span in syllables(text)]
    follows = [not text[a.end : b.start].strip(" -") for (a, _), (b, _) in pairwise(spans)]
    at = 0
    while at < len(spans):
        key, found = "", None
        for end in range(at, len(spans)):
            key += spans[end][1]
            if key in keys:
                found = end
            if len(key) > longest or end == len(follows) or not follows[end]:
                break
        if found is not None:
            yield Span(spans[at][0].start, spans[found][0].end)
        at = at + 1 if found is None else found + 1


def _is_of_two(key: str) -> bool:
    return len(_VOWELS.findall(key)) > 1


@lru_cache(maxsize=65_536)
def _key(word: str) -> str:
    return sound_key(word)
