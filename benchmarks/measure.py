"""What every benchmark shares: alternating timing, a process of its own, the table, the result file, the verdict.

Here: how a figure is taken, shown, written down and held against its aim.
Not here: what is measured (the other modules beside this one), how figures are quoted (documents read the files).

A benchmark is a module with a `main() -> int`, run from the repository's root:

    python -m benchmarks.NAME

    def main() -> int:
        ours, theirs = alternately(our_way, their_way, rounds=7)
        figures = [
            compared("search", ours, theirs, unit="s", against="plain loop", at_most=0.8),
            Figure("memory that grows", 3.2, "MB", at_most=10),
        ]
        return run_benchmark("NAME", figures, inputs={"hashes": digest_of(hashes)}, packages=["numpy"])

    if __name__ == "__main__":
        raise SystemExit(main())

`run_benchmark` prints the table, writes benchmarks/results/NAME.json, prints the first figure once more as the last
line, and returns 1 when an aim was missed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

RESULTS = Path(__file__).resolve().parent / "results"

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, in `unit`; `other` is what `against` took in the same run, `ratio` is ours over theirs.

    An aim (`at_least`, `at_most`) is one for the ratio where there is a ratio, else for the value.
    """

    name: str
    value: float
    unit: str
    against: str = ""
    other: float | None = None
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool:
        """Whether the aim was met; a figure without an aim always is. Not a number meets none."""
        judged = self.value if self.ratio is None else self.ratio
        aims = (self.at_least is not None) + (self.at_most is not None)
        return aims == 0 or (judged >= (self.at_least if self.at_least is not None else -math.inf)
                             and judged <= (self.at_most if self.at_most is not None else math.inf))  # fmt: skip

    @property
    def aim(self) -> str:
        """The aim in words."""
        said = [f"at least {_short(self.at_least)}"] if self.at_least is not None else []
        said += [f"at most {_short(self.at_most)}"] if self.at_most is not None else []
        return " and ".join(said)


def alternately(*ways: Callable[[], object], rounds: int = 5) -> list[list[float]]:
    """Seconds that each way took in each round.

    Every round runs all ways, each time beginning with another, so that a machine that slows down hits all of them;
    one round before them warms up and does not count.
    """
    seconds: list[list[float]] = [[] for _ in ways]
    for number in range(-1, rounds):
        for offset in range(len(ways)):
            which = (number + offset) % len(ways)
            began = time.perf_counter()
            ways[which]()
            if number >= 0:
                seconds[which].append(time.perf_counter() - began)
    return seconds


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median over the rounds of ours divided by theirs."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def compared(name: str, ours: Sequence[float], theirs: Sequence[float], *, unit: str, against: str,
             at_least: float | None = None, at_most: float | None = None) -> Figure:  # fmt: skip
    """A figure of two ways measured in the same rounds: medians, and the median of the rounds' ratios."""
    return Figure(name, statistics.median(ours), unit, against, statistics.median(theirs), median_ratio(ours, theirs),
                  at_least, at_most)  # fmt: skip


def in_own_process(work: Callable[..., _Result], *arguments: Any) -> tuple[_Result, int]:
    """What `work` returns when a fresh process does it, and that process's largest resident memory in bytes.

    `work` is a named function of a module that can be imported; arguments and result can be pickled.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (work, arguments))


def _with_peak(work: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[Any, int]:
    result = work(*arguments)
    return result, peak_memory()


def peak_memory() -> int:
    """The largest resident memory of this process so far, in bytes.

    From /proc and not from getrusage, whose figure begins with that of the process that started this one.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def digest_of(data: Any) -> str:
    """SHA-256 of bytes, or of an array's memory, as the name of an input."""
    return hashlib.sha256(data).hexdigest()


def machine() -> dict[str, Any]:
    """The machine as far as it matters to a figure; its name does not."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())


def run_benchmark(name: str, figures: Sequence[Figure], *, inputs: Mapping[str, str] | None = None,
                  packages: Sequence[str] = (), folder: Path = RESULTS, last: str = "",
                  skipped: Sequence[str] = ()) -> int:  # fmt: skip
    """Print the table, write `NAME.json`, and return the exit code: 1 when an aim was missed.

    `figures`: the one that matters comes first. `inputs`: what was measured on, by name, with its digest.
    `packages`: distributions whose versions decide the figures. `last`: a last line in place of the first figure.
    `skipped`: what could not be measured here and why; it counts as no aim.
    """
    versions = {"python": platform.python_version(), **{p: importlib.metadata.version(p) for p in packages}}
    met = all(f.met for f in figures)
    result = {
        "name": name,
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(),
        "versions": versions,
        "inputs": dict(inputs or {}),
        "figures": [{**asdict(f), "met": f.met} for f in figures],
        **({"skipped": list(skipped)} if skipped else {}),
        "met": met,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(table(figures))
    for line in skipped:
        print(f"not measured: {line}")
    print()
    print(last or _line(figures[0]))
    return 0 if met else 1


def aims_met(figures: Sequence[Figure]) -> str:
    """How many aims of how many were met, and the figure that is nearest to its aim, or farthest beyond."""
    judged = [f for f in figures if f.aim]
    worst = min(judged, key=_ratio_to_aim, default=None)
    nearest = f"; worst ratio to its aim {_short(_ratio_to_aim(worst))} ({worst.name})" if worst else ""
    return f"aims met: {sum(f.met for f in judged)} of {len(judged)}{nearest}"


def _ratio_to_aim(figure: Figure) -> float:
    """How many times as good as it should be; below 1 the aim is missed."""
    judged = figure.value if figure.ratio is None else figure.ratio
    above = [judged / figure.at_least] if figure.at_least else []
    below = [figure.at_most / judged if judged else math.inf] if figure.at_most is not None else []
    # where nothing may be found and nothing was, the aim is met exactly
    return min(1.0 if figure.at_most == 0 and not judged else ratio for ratio in above + below)


def table(figures: Sequence[Figure]) -> str:
    """The figures as people read them."""
    head = ("figure", "value", "unit", "against", "its value", "ratio", "aim", "")
    rows = [(f.name, _short(f.value), f.unit, f.against, _short(f.other), _short(f.ratio), f.aim,
             "" if not f.aim else "met" if f.met else "MISSED") for f in figures]  # fmt: skip
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
             for row in (head, tuple("-" * w for w in widths), *rows)]  # fmt: skip
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    beside = f", {_short(figure.ratio)} of {figure.against}" if figure.ratio is not None else ""
    return f"{figure.name}: {_short(figure.value)} {figure.unit}{beside}"


def _short(number: float | None) -> str:
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
