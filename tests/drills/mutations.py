"""Mutations: thousands of damaged files, made of the evidence pack under a seed, through intake and stages.

Here: how a file is damaged, and what must hold afterwards: no run fails, no outcome is a bug, no worker takes more than
it may, this process's memory stays flat.
Not here: files that are made to do harm (bombs), what undamaged files give (benchmarks/coverage).

    python tests/drills/mutations.py [--files 20000] [--media 500] [--seed 4]
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # for the modules beside this one, wherever this is started
from through import PACK, answers, open_holding, pack_files, processed, received, resident_bytes, stages_of
from watch import Watch

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.engine.stage import Stage
from iimm_pipelines.holding import Holding

TOOLS_BYTES = 1 << 30
"""What a worker's tool may take besides the memory that settings grant for an item."""
JAVA_BYTES = 1 << 30
"""512 MB of heap, and what Java needs besides."""
GRACE_SECONDS = 5.0
GROWTH = 1.1
"""How much more memory this process may have at the end than in the middle."""
_SHARD_FILES = 1_000
_MEDIA = frozenset({
    ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".pdf", ".mp3", ".wav", ".mp4", ".mkv", ".ogg",
    ".flac", ".m4a", ".aif", ".avi", ".webm", ".3gp", ".mov",
})  # fmt: skip
_NUMBERS = (
    b"\x00" * 4,
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\x00\x00\x00\x80",
    b"\x01\x00\x00\x00",
)


@dataclass(slots=True)
class Found:
    """What came of one accession of damaged files."""

    files: int = 0
    items: int = 0
    seconds: float = 0.0
    outcomes: Counter[str] = field(default_factory=Counter)
    bugs: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    """A file's name for each bug: the number makes it again under the same seed."""
    too_long: list[str] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    """Resident bytes of this process before the first shard and after each."""

    def wrong(self) -> list[str]:
        """What is not as it should be."""
        said = [f"{n} bugs: {what} (e.g. {self.examples[what]})" for what, n in self.bugs.most_common()]
        said += self.too_long
        middle = self.memory[len(self.memory) // 2]
        if len(self.memory) > 4 and self.memory[-1] > GROWTH * middle:
            said.append(f"memory grows: {middle >> 20} MiB in the middle, {self.memory[-1] >> 20} MiB at the end")
        return said


def truncated(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The first part, as of a copy that was broken off."""
    return data[: chance.randrange(len(data) + 1)]


def flipped(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Bits turned over, as by a failing disk: one, or up to one in a hundred bytes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 8, 1 + len(data) // 100)) if data else 0):
        changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def overwritten(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """Numbers put where lengths and offsets may stand."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(data) + 1)
        changed[at : at + 4] = chance.choice(_NUMBERS)
    return bytes(changed)


def spliced(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The beginning of one file and the end of another."""
    return data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other) + 1) :]


WAYS: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (truncated, flipped, overwritten, spliced)


def write_mutated(folder: Path, originals: Sequence[Path], count: int, seed: int) -> None:
    """Write `count` damaged files, each made of its own number and the seed alone."""
    for number in range(count):
        name, data = mutated(originals, number, seed)
        below = folder / f"{number // 1000:03d}"
        below.mkdir(parents=True, exist_ok=True)
        (below / name).write_bytes(data)


def mutated(originals: Sequence[Path], number: int, seed: int) -> tuple[str, bytes]:
    """The damaged file of a number: its name, and its bytes."""
    chance = random.Random(f"{seed}/{number}")
    first, second = chance.choice(originals), chance.choice(originals)
    way = chance.choice(WAYS)
    suffix = first.suffix if first.suffix.isascii() else ""
    return f"{number:06d}-{way.__name__}{suffix}", way(first.read_bytes(), second.read_bytes(), chance)


def put_through(holding: Holding, folder: Path, names: Sequence[str], source: str) -> Iterator[Found]:
    """Take the files in and run the stages; the same object is given again after each shard, filled further."""
    stages = stages_of(holding, names)
    found = Found()
    began = time.monotonic()
    number = received(holding, folder, source)
    found.files = holding.catalogue.accession(number).received
    found.memory.append(resident_bytes())
    for shard, _ in processed(holding, number, stages):
        for answer in answers(holding, shard, [s.name for s in stages]):
            _look(answer.stage, answer.item.path, answer.item.size, answer.outcome, stages, found)
        found.items += holding.catalogue.shard(shard).items
        found.seconds = time.monotonic() - began
        found.memory.append(resident_bytes())
        yield found


def _look(name: str, path: bytes, size: int, outcome: object, stages: Sequence[Stage], found: Found) -> None:
    from iimm_pipelines.storage.parts import StoredOutcome

    assert isinstance(outcome, StoredOutcome)
    found.outcomes[f"{name}: {outcome.reason or outcome.kind}"] += 1
    if outcome.reason == Reason.BUG:
        what = f"{name}: {outcome.detail}"
        found.bugs[what] += 1
        found.examples.setdefault(what, path.decode("utf-8", "replace"))
    stage = next(s for s in stages if s.name == name)
    if outcome.took_us / 1e6 > stage.limits.time(size) + GRACE_SECONDS:
        found.too_long.append(f"{name} took {outcome.took_us / 1e6:.0f} s for one item")


def main() -> int:
    """Put the files through; 1 when anything is not as it should be."""
    arguments = argparse.ArgumentParser(description="damaged files through intake and stages")
    arguments.add_argument("--files", type=int, default=20_000, help="through inventory, contents and languages")
    arguments.add_argument("--media", type=int, default=500, help="through OCR and speech besides")
    arguments.add_argument("--seed", type=int, default=4)
    arguments.add_argument("--workers", type=int, default=None)
    chosen = arguments.parse_args()
    originals = pack_files()
    if not originals:
        print(f"no evidence pack at {PACK}: nothing to damage")
        return 1
    wrong: list[str] = []
    settings = {"shard_items": _SHARD_FILES} | ({"workers": chosen.workers} if chosen.workers else {})
    with tempfile.TemporaryDirectory(prefix="iimm-drill-mutations-") as folder:
        top = Path(folder)
        print(f"seed {chosen.seed}, {chosen.files} files and {chosen.media} for OCR and speech, of {len(originals)}")
        write_mutated(top / "files", originals, chosen.files, chosen.seed)
        media = [p for p in originals if p.suffix.lower() in _MEDIA]
        write_mutated(top / "media", media, chosen.media, chosen.seed)
        with closing(open_holding(top / "data", **settings)) as holding, Watch(holding.settings.scratch) as watch:
            for kind, names in (("files", ("contents", "languages")),
                                ("media", ("contents", "recognised_text", "transcripts", "languages"))):  # fmt: skip
                if not (top / kind).exists():
                    continue
                for found in put_through(holding, top / kind, names, f"S-{kind}"):
                    print(f"{kind}: {found.items} items of {found.files} files, {found.files / found.seconds:.1f} "
                          f"files/s so far at most, this process {found.memory[-1] >> 20} MiB", flush=True)  # fmt: skip
                _say(kind, found)
                wrong += found.wrong()
            allowed = holding.settings.worker_memory + TOOLS_BYTES
        print("peaks:", ", ".join(f"{n} {p >> 20} MiB" for n, p in sorted(watch.peaks.items())),
              f"; scratch {watch.scratch_bytes >> 20} MiB")  # fmt: skip
        for name, peak in watch.peaks.items():
            if peak > (JAVA_BYTES if name == "java" else allowed):
                wrong.append(f"a process {name} took {peak >> 20} MiB")
        if watch.left:
            wrong.append(f"{len(watch.left)} processes left")
    print(*(f"WRONG: {w}" for w in wrong), sep="\n")
    print(f"{chosen.files + chosen.media} damaged files, {len(wrong)} things wrong")
    return 1 if wrong else 0


def _say(kind: str, found: Found) -> None:
    start, middle, end = found.memory[0], found.memory[len(found.memory) // 2], found.memory[-1]
    print(f"{kind}: {found.files / found.seconds:.1f} files/s; this process at start, middle, end: "
          f"{start >> 20}, {middle >> 20}, {end >> 20} MiB")  # fmt: skip
    for what, count in sorted(found.outcomes.items()):
        print(f"  {count:>7}  {what}")


if __name__ == "__main__":
    raise SystemExit(main())
