"""Words: where one may end and the next begin, for display.

Here: the longest known words from the left, over syllables.
Not here: a list of words (the caller brings one, such as iimm_pipelines.burmese.vocabulary), search, which needs no words
(iimm_pipelines.burmese.syllables).
"""

from collections.abc import Iterator, Set

from iimm_pipelines.burmese.syllables import Span, syllables

SYLLABLES_AT_MOST = 12
"""Of a word; two of a dictionary of 38,000 have more."""


def words(text: str, known: Set[str]) -> Iterator[Span]:
    """Spans of words of a text in normal form: from the left the longest that is known, else one syllable.

    Digit runs and words of other scripts are words by themselves; what is no letter and no digit is in none.
    """
    spans = list(syllables(text))
    at = 0
    while at < len(spans):
        last = at
        for further in range(min(at + SYLLABLES_AT_MOST, len(spans)) - 1, at, -1):
            if text[spans[at].start : spans[further].end] in known:
                last = further
                break
        yield Span(spans[at].start, spans[last].end)
        at = last + 1
