"""Stills of a film: single frames from wherever in it, found by seeking and not by decoding all that lies before.

Here: the frame at a second, and some that are spread over a whole film.
Not here: frames to be read, one every few seconds (frames), what becomes of a still (page/views).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.frames import opened_film, upright
from iimm_pipelines.formats.pages import Page, Unreadable

_FIRST = 0.1
"""Of a film's length: what comes before is often black, or a title."""
_EARLIER = 2.0
"""Seconds by which what is sought lies before: without an index, a search ends behind the key frame that is needed."""
_MOST_PACKETS = 500
"""Packets that are looked at for one frame: key frames lie up to ten seconds apart."""


def still(path: Path, second: int | None) -> Page:
    """The frame at a second; without one, from a tenth into the film.

    Raises:
        Unreadable: `damaged` where no frame can be decoded, `unsupported` where there is no decoder or no film.
    """
    found = next(_found(path, None if second is None else [second], 1), None)
    if found is None:
        raise Unreadable(Reason.DAMAGED)
    return found


def spread(path: Path, count: int) -> list[Page]:
    """So many frames at most, spread evenly over a film.

    Raises:
        Unreadable: as `still`.
    """
    pages = list(_found(path, None, count))
    if not pages:
        raise Unreadable(Reason.DAMAGED)
    return pages


def _found(path: Path, seconds: Sequence[int] | None, count: int) -> Iterator[Page]:
    import av

    with opened_film(path) as (container, stream):
        if stream is None:
            raise Unreadable(Reason.UNSUPPORTED)
        length = (container.duration or 0) / av.time_base
        wanted = seconds if seconds is not None else _moments(length, count)
        shown: set[int] = set()
        for second in wanted:
            page = _at(av, container, stream, second) or (_at(av, container, stream, 0) if len(wanted) == 1 else None)
            if page is not None and page.at_ms not in shown:
                shown.add(page.at_ms or 0)
                yield page


def _moments(length: float, count: int) -> Sequence[float]:
    if count == 1 or not length:
        return [length * _FIRST]
    return [length * (n + 0.5) / count for n in range(count)]


def _at(av: Any, container: Any, stream: Any, second: float) -> Page | None:
    """The first frame that is not before a moment, or the last that can be decoded; none where there is none."""
    start = (container.start_time or 0) / av.time_base
    with suppress(av.FFmpegError, ValueError):  # what cannot be sought is read from where it is
        container.seek(int((start + max(0.0, second - _EARLIER)) * av.time_base))
    last = None
    packets = container.demux(stream)
    for _ in range(_MOST_PACKETS):
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else []
        except (av.FFmpegError, ValueError):
            continue
        for frame in frames:
            last = frame
            if (frame.time or 0.0) - start >= second:
                return _page(frame, start)
        if packet is None:
            break
    return _page(last, start) if last is not None else None


def _page(frame: Any, start: float) -> Page:
    return Page(None, upright(frame), max(0, round(((frame.time or 0.0) - start) * 1000)))
