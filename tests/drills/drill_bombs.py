"""Bombs through intake and every stage that looks at bytes.

Here: running them in a holding of their own, and how each ended.
Not here: the bombs (bombs).

    python tests/drills/drill_bombs.py [--all] [NAME ...]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # for the modules beside this one, wherever this is started
from bombs import BOMBS, Bomb
from through import answers, open_holding, processed, received, stages_of
from watch import Watch

from iimm_pipelines.engine.outcome import Reason

STAGES = ("contents", "recognised_text", "fingerprints")
"""Those that read bytes; speech reads sound only, and none of these is."""
WORKER_BYTES = 3 << 30
"""2 GiB that settings grant for an item, and 1 for a worker's tool."""


@dataclass(slots=True)
class Ended:
    """How one bomb or twin ended in `contents`, with all that came out of it."""

    reason: Reason | None
    seconds: float
    attempts: int
    items: int = 0
    bugs: list[str] = field(default_factory=list)
    text: str = ""
    deepest: tuple[int, Reason | None] = (0, None)

    def wrong(self, bomb: Bomb) -> list[str]:
        """What is not as it should be."""
        said = [f"bug: {b}" for b in self.bugs]
        if self.reason not in bomb.ends:
            said.append(f"ended {self.reason or 'produced'}")
        if self.seconds > bomb.seconds * self.attempts:
            said.append(f"took {self.seconds:.0f} s")
        return said


def put_through(top: Path, bombs: Sequence[Bomb]) -> Generator[dict[str, Ended], None, None]:
    """Make them, run them; gives how each ended, by name, twins below `twins/`."""
    (top / "files" / "twins").mkdir(parents=True)
    for bomb in bombs:
        for name, size in ((bomb.name, bomb.size), (f"twins/{bomb.name}", bomb.twin)):
            bomb.make(top / "files" / f"{name}{bomb.suffix}", size)
    with closing(open_holding(top / "data")) as holding:
        number = received(holding, top / "files")
        stages = stages_of(holding, STAGES)
        ended: dict[str, Ended] = {}
        for shard, _ in processed(holding, number, stages):
            ways: dict[str, str] = {}
            for answer in answers(holding, shard, STAGES):
                item, outcome = answer.item, answer.outcome
                if item.parent is None:
                    ways[item.number] = item.path.decode()
                name = ways.setdefault(item.number, ways.get(item.parent or "", ""))
                reason = Reason(outcome.reason) if outcome.reason else None
                if item.parent is None and answer.stage == "contents":
                    ended[name] = Ended(reason, outcome.took_us / 1e6, outcome.attempts)
                found = ended[name]
                found.items += answer.stage == "contents"
                if reason is Reason.BUG:
                    found.bugs.append(f"{answer.stage}: {outcome.detail}")
                if answer.stage == "contents":
                    found.text += "".join(s["text"] for s in outcome.tables.get("segments", ())[:100])
                    found.deepest = max(found.deepest, (item.depth, reason), key=lambda d: d[0])
        yield ended


def main() -> int:
    """Put them through; 1 when one ends otherwise than it should."""
    arguments = argparse.ArgumentParser(description="bombs that take long, or gigabytes of disk")
    arguments.add_argument("--all", action="store_true", help="the quick ones too")
    arguments.add_argument("names", nargs="*", help="only these")
    chosen = arguments.parse_args()
    bombs = [b for b in BOMBS if (b.name + b.suffix in chosen.names if chosen.names else chosen.all or not b.quick)]
    wrong = 0
    print(f"{'bomb':<28} {'ended':<16} {'seconds':>8} {'items':>8}  {'peak MiB':>8}  twin")
    for bomb in bombs:
        with tempfile.TemporaryDirectory(prefix="iimm-drill-bombs-") as folder:
            top = Path(folder)
            with Watch(top / "data" / "scratch") as watch, closing(put_through(top, [bomb])) as done:
                ended = next(done)
        one, twin = ended[bomb.name + bomb.suffix], ended[f"twins/{bomb.name}{bomb.suffix}"]
        peak = max(watch.peaks.values(), default=0)
        said = one.wrong(bomb) + twin.bugs + ([f"{len(watch.left)} processes left"] if watch.left else [])
        said += [f"a worker took {peak >> 20} MiB"] if peak > WORKER_BYTES else []
        said += [f"its twin ended {twin.reason}"] if twin.reason else []
        wrong += bool(said)
        print(f"{bomb.name + bomb.suffix:<28} {one.reason or 'produced':<16} {one.seconds:>8.1f} {one.items:>8}  "
              f"{peak >> 20:>8}  {'; '.join(said) or 'read'}", flush=True)  # fmt: skip
    print(f"{len(bombs)} bombs, {wrong} that end otherwise than they should")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
