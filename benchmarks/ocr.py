"""Burmese pages read as the pipeline reads them, and by Tesseract as it comes.

Here: character error rates on pages that are clean, askew, pressed and photographed, in three fonts; seconds a page.
Not here: how such pages are made (pages), whether single steps are right (tests/stages).

An error rate is the number of characters put in, left out or exchanged, divided by the characters that are there, both
in normal form and without white space. Tesseract "as it comes" has the same languages and chooses the layout itself. The
texts are not in the repository: they lie in `../shared/burmese`, or where IIMM_BURMESE_TEXTS says.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.measure import Figure, digest_of, run_benchmark
from benchmarks.pages import CLEAN, CONDITIONS, FONTS, Page, passages
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.formats.ocr import Line
from iimm_pipelines.stages import recognised_text
from iimm_pipelines.stages.recognised_text import Tool

TEXTS = Path(os.environ.get("IIMM_BURMESE_TEXTS") or Path(__file__).resolve().parents[2] / "shared" / "burmese")
_SOURCES = ("tico19/tico19-dev.en-my.tsv", "talpco/my.txt")
_NOT_IN_THE_FONTS = re.compile("[!-~\u2010-\u2027]")
_CHOSEN_BY_TESSERACT = 3
_AGAINST = "Tesseract as it comes"
_AIMS = {"Noto Sans Myanmar": (0.05, 0.10), "Padauk": (0.05, 0.10), "Noto Serif Myanmar": (0.12, 0.20)}
"""Mean error rates at most: of clean pages, of degraded ones."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One page: error rates and seconds, ours and Tesseract's."""

    font: str
    condition: str
    ours: float
    theirs: float
    our_seconds: float
    their_seconds: float


def lines() -> list[str]:
    """Sentences of the texts that the fonts have all letters for."""
    found = []
    for name in _SOURCES:
        for line in (TEXTS / name).read_text(encoding="utf-8").splitlines():
            text = normal_text(line.split("\t")[-1], None).text
            if text and not _NOT_IN_THE_FONTS.search(text):
                found.append(text)
    return found


def measured(pages: int, seed: int) -> Iterator[Measured]:
    """So many pages in each font and condition."""
    tool = recognised_text.load(recognised_text.STAGE.ingredients, Path())
    for font in FONTS:
        for condition, made in CONDITIONS.items():
            for number, passage in enumerate(passages(lines(), pages, seed)):
                page = made(passage, font, seed + number)
                began = time.perf_counter()
                ours = list(read(tool, page))
                between = time.perf_counter()
                theirs = tool.reader.tesseract.read(page.image.convert("L"), _CHOSEN_BY_TESSERACT)
                ended = time.perf_counter()
                yield Measured(
                    font, condition, error_rate(ours, page), error_rate(theirs, page), between - began, ended - between
                )  # fmt: skip


def read(tool: Tool, page: Page) -> Iterator[Line]:
    """The lines of a page that the stage keeps."""
    reading = tool.reader.read(page.image)
    return filter(tool.trust.keeps, reading.lines if reading else ())


def error_rate(found: Iterable[Line], page: Page) -> float:
    """Of the whole page; beyond 1 where more was read than is there."""
    right = _letters(page.lines)
    return edits(_letters(line.text for line in found), right) / len(right)


def _letters(texts: Iterable[str]) -> str:
    return "".join(normal_text(" ".join(texts), None).text.split())


def edits(text: str, other: str) -> int:
    """Characters put in, left out or exchanged between two texts (Levenshtein), a row at a time."""
    codes = np.array([ord(c) for c in other])
    places = np.arange(len(other) + 1)
    row = places
    for number, letter in enumerate(text, 1):
        changed = np.minimum(row[:-1] + (codes != ord(letter)), row[1:] + 1)
        row = np.minimum.accumulate(np.concatenate(([number], changed)) - places) + places
    return int(row[-1])


def figures(pages: int = 2, seed: int = 2026) -> Iterator[Figure]:
    """What came out: by font first, then by condition."""
    found = list(measured(pages, seed))
    clean = list(CONDITIONS)[:CLEAN]
    for font, (clean_aim, degraded_aim) in _AIMS.items():
        of_font = [m for m in found if m.font == font]
        yield _rate(f"error rate, {font}, clean", [m for m in of_font if m.condition in clean], clean_aim)
        yield _rate(f"error rate, {font}, degraded", [m for m in of_font if m.condition not in clean], degraded_aim)
    by_condition: defaultdict[tuple[str, str], list[Measured]] = defaultdict(list)
    for one in found:
        by_condition[one.font, one.condition].append(one)
    for (font, condition), some in by_condition.items():
        yield _rate(f"{font}, {condition}", some, None)
    worst = max(found, key=lambda m: m.ours)
    yield Figure("worst page", worst.ours, "share", _AGAINST, worst.theirs)
    ours, theirs = (statistics.mean(s) for s in ([m.our_seconds for m in found], [m.their_seconds for m in found]))
    yield Figure("time of a page", ours, "s", _AGAINST, theirs, ours / theirs)


def _rate(name: str, some: list[Measured], at_most: float | None) -> Figure:
    ours, theirs = statistics.mean(m.ours for m in some), statistics.mean(m.theirs for m in some)
    return Figure(name, ours, "share", _AGAINST, theirs, at_most=at_most)


def inputs() -> dict[str, str]:
    """Texts and fonts by digest."""
    texts = {name: digest_of((TEXTS / name).read_bytes()) for name in _SOURCES}
    return texts | {font: digest_of(path.read_bytes()) for font, path in FONTS.items()}


def main() -> int:
    """Measure, print, write the result."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--pages", type=int, default=2, help="in each font and condition")
    arguments.add_argument("--seed", type=int, default=2026)
    asked = arguments.parse_args()
    missing = [str(path) for path in (TEXTS, *FONTS.values()) if not path.exists()]
    if missing:
        print(f"not there: {', '.join(missing)} (texts: IIMM_BURMESE_TEXTS; fonts: apt-get install fonts-noto-core "
              "fonts-sil-padauk)")  # fmt: skip
        return 1
    return run_benchmark("ocr", list(figures(asked.pages, asked.seed)), inputs=inputs(), packages=["pillow", "scipy"])


if __name__ == "__main__":
    raise SystemExit(main())
