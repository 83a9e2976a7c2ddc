"""Burmese in PDFs, read by two readers: where they differ, or the letters are junk, nobody knows what the page says.

Here: which pages are uncertain, and what becomes of them: both texts stay, and the page is looked at as a picture.
Not here: the readers (pdf, tika), recognition (stages/recognised_text).

Programs write Burmese into PDFs as shapes with notes on the letters meant, and often wrong ones. PDFium repeats whole
syllables of what Chromium writes, PDFBox drops marks of what LibreOffice writes; each is right where the other is not.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.formats.parsed import Parsed, Segment

NEEDS_OCR = "page_needs_ocr"
"""Name of the fact that says which pages are to be looked at as pictures."""
READERS_DIFFER = "page_readers_differ"
SECOND_READER = "text by a second reader"
"""Field of what the second reader gives of an uncertain page."""
_DIFFERENT = 0.05
"""Share of syllables that only one of two readers has."""
_BURMESE = re.compile("[\u1000-\u109f]")


def burmese_pages(found: Parsed) -> set[int]:
    """Pages whose text has Burmese letters."""
    return {s.page for s in found.segments if s.page and s.field == "text" and _BURMESE.search(s.text)}


def with_second_reader(found: Parsed, second: Sequence[Segment] | None) -> Parsed:
    """A PDF's text with what a second reader makes of its uncertain Burmese pages.

    `None` where there is no second reader, or it failed: then only junk is uncertain. The order in which two readers give
    the blocks of a page does not count, since a page of columns has several.
    """
    pages = burmese_pages(found)
    if not pages:
        return found
    look = _numbers(dict(found.metadata).get(NEEDS_OCR, ""))
    differ = set() if second is None else _differing(pages, found.segments, second)
    uncertain = differ | (pages & look)
    if not uncertain:
        return found
    first = (replace(s, reliable=False) if s.page in uncertain and s.field == "text" else s for s in found.segments)
    other = (replace(s, field=SECOND_READER, reliable=False) for s in second or () if s.page in uncertain)
    facts = [(n, v) for n, v in found.metadata if n != NEEDS_OCR]
    facts.append((NEEDS_OCR, _written(look | differ)))
    if differ:
        facts.append((READERS_DIFFER, _written(differ)))
    return replace(found, segments=(*first, *other), metadata=tuple(facts))


def _differing(pages: set[int], first: Sequence[Segment], second: Sequence[Segment]) -> set[int]:
    ours, theirs = _syllables(first), _syllables(second)
    return {page for page in pages if _difference(ours[page], theirs[page]) > _DIFFERENT}


def _difference(one: Counter[str], other: Counter[str]) -> float:
    """Share of the longer text that the other does not have, syllable by syllable."""
    return 1 - (one & other).total() / max(one.total(), other.total(), 1)


def _syllables(segments: Iterable[Segment]) -> defaultdict[int, Counter[str]]:
    """By page."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for segment in segments:
        if segment.page and segment.field == "text":
            text = normal_text(segment.text, None).text
            found[segment.page].update(text[span.start : span.end] for span in syllables(text))
    return found


def _numbers(written: str) -> set[int]:
    return {int(n) for n in written.split(",") if n}


def _written(numbers: set[int]) -> str:
    return ",".join(map(str, sorted(numbers)))
