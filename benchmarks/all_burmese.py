"""Everything that is promised of Burmese, measured in one run.

Here: the parts in their order, what could not be measured and why, one table and one result file with all aims.
Not here: what each part measures (the modules named below; names, search and pictures can be run by themselves too).

    python -m benchmarks.all_burmese              all parts; writes benchmarks/results/burmese.json
    python -m benchmarks.all_burmese burmese ocr  these alone; prints the table and writes nothing
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import burmese, names
from benchmarks.measure import RESULTS, Figure, aims_met, digest_of, run_benchmark
from iimm_pipelines.search.node import NodeError

PARTS = ("burmese", "search_burmese", "languages", "ocr", "names")
"""Modules of this package, each with `figures()` and `inputs()`; either raises OSError where something needed is not there."""


def _of_names() -> tuple[list[Figure], dict[str, str]]:
    on_corpus, digest = names.corpus()
    inputs = {file.name: digest_of(file.read_bytes()) for file in (names.SENTENCES, names.BY_HAND)}
    return [*names.invented(), *names.told(), *on_corpus], inputs | ({"myNER val_v5": digest} if digest else {})


def measured(part: str) -> tuple[list[Figure], dict[str, str]]:
    """The figures of a part, and what it was measured on.

    Raises:
        OSError: texts, fonts or programs that it needs are not there.
        ModuleNotFoundError: the part itself, or a package that only it needs, is not there.
    """
    if part == "names":
        return _of_names()
    module = importlib.import_module(f"benchmarks.{part}")
    return list(module.figures()), module.inputs()


def main(asked: Sequence[str]) -> int:
    """Measure, print, write down. What could not be measured fails as a missed aim does."""
    figures: list[Figure] = []
    inputs: dict[str, str] = {}
    skipped: list[str] = []
    for part in asked or PARTS:
        try:
            found, on = measured(part)
        except (OSError, ModuleNotFoundError, NodeError) as why:  # the other parts take long: what they say is kept
            skipped.append(f"{part}: {why}")
            continue
        if part == "burmese":
            skipped += burmese.not_measured()
        figures += found
        inputs |= on
    if not figures:
        print("\n".join(skipped))
        return 1
    with tempfile.TemporaryDirectory() as nowhere:
        missed = run_benchmark("burmese", figures, inputs=inputs, packages=["myanmartools", "opensearch-py", "fasttext-predict"],
                             folder=Path(nowhere) if asked else RESULTS, last=aims_met(figures), skipped=skipped)  # fmt: skip
    return 1 if skipped else missed


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
