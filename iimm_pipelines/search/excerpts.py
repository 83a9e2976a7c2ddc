"""Excerpts: what was found, marked, with some of the text around it, cut between syllables.

Here: from a whole text that OpenSearch marked, or stretches that were found otherwise, to the piece that people see.
Not here: what is found (search/query), how it is printed (iimm_pipelines.cli.search).

OpenSearch is asked for whole texts: its own fragments end where Java sees the end of a word, which in Burmese is
anywhere within a syllable. A segment has 2,000 code points at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from iimm_pipelines.burmese.syllables import Span, syllables

# Private use, so that a text with markup in it is not taken for marked; normal text may hold them, and then is.
BEGIN, END = "\ue0f0", "\ue0f1"
_MARKED = re.compile(f"{BEGIN}([^{END}]*){END}")
_BEFORE, _LENGTH = 60, 160
_SENTENCE_ENDS = re.compile(r"[။\n]\s*|[.!?]\s+")


def excerpt(pieces: Iterable[str]) -> list[str]:
    """The best piece of a field's marked values, with `<em>` around what was found; none where nothing is marked."""
    found = [(text, spans) for text, spans in map(unmarked, pieces) if spans]
    if not found:
        return []
    text, spans = max(found, key=lambda each: max(span.end - span.start for span in each[1]))
    return [marked_piece(text, spans)]


def unmarked(piece: str) -> tuple[str, list[Span]]:
    """A text without OpenSearch's marks, and what they stood around; adjoining ones are joined."""
    spans: list[Span] = []
    for number, match in enumerate(_MARKED.finditer(piece)):
        start = match.start() - 2 * number
        end = start + len(match[1])
        if spans and spans[-1].end == start:
            spans[-1] = Span(spans[-1].start, end)
        else:
            spans.append(Span(start, end))
    return _MARKED.sub(r"\1", piece), spans


def marked_piece(text: str, spans: Sequence[Span]) -> str:
    """The text around the longest of the spans, cut between syllables and words, with `<em>` around each span."""
    start, end = _cut(text, max(spans, key=lambda span: (span.end - span.start, -span.start)))
    out, at = [], start
    for span in spans:
        if start <= span.start and span.end <= end:
            out += [text[at : span.start], "<em>", text[span.start : span.end], "</em>"]
            at = span.end
    return "".join((*out, text[at:end]))


def _cut(text: str, around: Span) -> tuple[int, int]:
    start = max(0, around.start - _BEFORE)
    sentence = max((m.end() for m in _SENTENCE_ENDS.finditer(text, start, around.start)), default=None)
    if sentence is not None:
        start = sentence
    end = max(around.end, min(len(text), start + _LENGTH))
    if start > 0 or end < len(text):
        for span in syllables(text):
            if span.start < start < span.end:
                start = span.start
            if span.start < end < span.end:
                end = span.start if span.start >= around.end else span.end
    return start, end
