"""What worker processes take, seen from outside, while something else drives them.

Here: peak memory by program, the most bytes in scratch, and processes that are left.
Not here: the limits themselves (engine/isolation, stages).
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from iimm_pipelines.engine import isolation

_EVERY_SECONDS = 0.5
_LEFT_SECONDS = 5.0


class Watch:
    """Looks at all descendants of this process twice a second; the kernel remembers peaks between two looks."""

    def __init__(self, scratch: Path) -> None:
        """`scratch`: the folder whose bytes are counted."""
        self.peaks: dict[str, int] = defaultdict(int)
        """Largest resident memory of any one process, by the name of its program, in bytes."""
        self.scratch_bytes = 0
        self.left: list[int] = []
        """Processes that were still there five seconds after the end."""
        self._scratch = scratch
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def __enter__(self) -> Watch:
        isolation.adopt_orphans()
        self._before = set(isolation.descendants_left())
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        deadline = time.monotonic() + _LEFT_SECONDS
        while (left := set(isolation.descendants_left()) - self._before) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.left = sorted(left)

    def _look_on(self) -> None:
        while not self._done.wait(_EVERY_SECONDS):
            for pid in isolation.descendants_left():
                with suppress(OSError, KeyError, ValueError):  # it ended meanwhile
                    name, peak = _peak(pid)
                    self.peaks[name] = max(self.peaks[name], peak)
            self.scratch_bytes = max(self.scratch_bytes, _bytes_below(self._scratch))


def _peak(pid: int) -> tuple[str, int]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    fields = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    return fields["Name"], int(fields["VmHWM"].split()[0]) << 10


def _bytes_below(folder: Path) -> int:
    total = 0
    waiting = [folder]
    while waiting:
        with suppress(OSError):
            for entry in waiting.pop().iterdir():
                with suppress(OSError):
                    if entry.is_dir() and not entry.is_symlink():
                        waiting.append(entry)
                    else:
                        total += entry.lstat().st_blocks * 512
    return total
