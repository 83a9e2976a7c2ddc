"""Frames of a film as pictures in which captions and signs may stand.

Here: decoding with PyAV, one frame every few seconds, none that looks like the one before it.
Not here: sound (sound), reading the frames (reading).

A file is data: it is read through our own handle, and FFmpeg may open nothing else, whatever a playlist names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.pages import Page, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

_SEEN_SIDE = 64
"""Frames are compared at this size, where a line of a caption is three pixels high."""
_SAME_LEVELS = 6.0
"""Mean difference of the most changed sixteenth of a frame, in levels of grey, below which nothing new is written."""


def frames(path: Path, every_ms: int, most: int) -> Iterator[Page]:
    """One frame every so many milliseconds, left out where it shows what the last one showed.

    Raises:
        Unreadable: `damaged` where nothing can be decoded, `unsupported` without a decoder, `limit reached` after the
            last of `most`.
    """
    import av

    with opened_film(path) as (container, stream):
        if stream is not None:
            yield from _sampled(av, container, stream, every_ms, most)


@contextmanager
def opened_container(path: Path) -> Iterator[Any]:
    """The container of sound or film.

    Raises:
        Unreadable: `damaged` where it cannot be opened.
    """
    import av

    with path.open("rb") as file:
        try:
            opened = av.open(file, metadata_errors="ignore", options={"protocol_whitelist": "none"})
        except (av.FFmpegError, ValueError):
            raise Unreadable(Reason.DAMAGED) from None
        with opened as container:
            yield container


@contextmanager
def opened_film(path: Path) -> Iterator[tuple[Any, Any]]:
    """A film's container and the stream that moves; none of sound with a picture glued to it.

    Raises:
        Unreadable: `damaged` where it cannot be opened, `unsupported` without a decoder.
    """
    with opened_container(path) as container:
        moving = [s for s in container.streams.video if not s.disposition & s.disposition.attached_pic]
        if moving and moving[0].codec_context is None:
            raise Unreadable(Reason.UNSUPPORTED)
        yield container, moving[0] if moving else None


def _sampled(av: Any, container: Any, stream: Any, every_ms: int, most: int) -> Iterator[Page]:
    following, given, found = 0, 0, False
    before: Any = None
    start = (container.start_time or 0) // 1000
    stream.codec_context.skip_frame = "NONREF"  # half the time of all frames, and none is far from one of these
    for frame in decoded(av, container, stream):
        found = True
        at = max(0, round((frame.time or 0) * 1000) - start)
        if at < following:
            continue
        following = at + every_ms
        image = upright(frame)
        small = _small(image)
        if before is not None and _same(before, small):
            continue
        if given == most:
            raise Unreadable(Reason.LIMIT_REACHED)
        before = small
        given += 1
        yield Page(None, image, at)
    if not found:
        raise Unreadable(Reason.DAMAGED)


def decoded(av: Any, container: Any, stream: Any) -> Iterator[Any]:
    """Frames that can be decoded, packet by packet: PyAV's own stream of them ends at the first broken packet."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            found = packet.decode() if packet is not None else []
        except (av.FFmpegError, ValueError):
            continue
        if packet is None:
            return
        yield from found


def upright(frame: Any) -> Image:
    """A frame as it is to be seen, by what the film says."""
    image: Image = frame.to_image()
    turned = int(getattr(frame, "rotation", 0) or 0)
    return image.rotate(turned, expand=True) if turned else image


def _small(image: Image) -> Any:
    import numpy as np

    return np.asarray(image.convert("L").resize((_SEEN_SIDE, _SEEN_SIDE)), np.float32)


def _same(before: Any, now: Any) -> bool:
    """Whether no part of the frame has changed: a caption is a small part of it."""
    import numpy as np

    side = _SEEN_SIDE // 4
    parts = np.abs(before - now).reshape(4, side, 4, side).mean(axis=(1, 3))
    return float(parts.max()) < _SAME_LEVELS
