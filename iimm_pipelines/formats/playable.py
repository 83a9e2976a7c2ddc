"""Sound and film as every browser plays them: WebM with Opus and VP8, from whatever FFmpeg can decode.

Here: one file made of another, on the same clock, so that a second in the transcript is the same second in it.
Not here: what browsers play by themselves (page/original_view), when it is made and how long it lies (page/conversions).

It is for looking and listening only: smaller, its sound one channel of 16,000 samples a second as the recogniser hears
it. A file is data: FFmpeg may open nothing else, whatever a playlist names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.frames import decoded, opened_container, opened_film, upright
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.formats.sound import RATE, Recording

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

MOST_SIDE = 640
"""Pixels: what is looked at closer is looked at in the original."""
_FRAME_MS = 40
"""25 frames a second at most."""
_OPUS_SAMPLES = 320
"""20 ms, a frame of Opus."""
_VIDEO_BITS, _SOUND_BITS = 900_000, 32_000
_FAST = {"deadline": "realtime", "cpu-used": "8", "threads": "1"}
"""Ten times as fast as at best quality."""
_MS = Fraction(1, 1000)

Told = Callable[[float], None]
"""Is told which share of the whole is made, from 0 to 1."""


def make_playable(source: Path, target: Path, film: bool, told: Told) -> None:
    """Write a WebM file. What cannot be decoded within is left out, as a player does.

    Raises:
        Unreadable: `damaged` where nothing at all can be decoded, `unsupported` where there is no decoder.
    """
    import av

    with av.open(str(target), "w", format="webm") as made:
        if film:
            with opened_film(source) as (container, stream):
                written = _write_film(av, made, source, container, stream, told)
        else:
            with opened_container(source) as container:
                written = _write_sound(av, made, source, container, told)
    if not written:
        raise Unreadable(Reason.DAMAGED)


def _write_film(av: Any, made: Any, source: Path, container: Any, stream: Any, told: Told) -> int:
    frames = decoded(av, container, stream) if stream is not None else iter(())
    first = next(frames, None)
    if first is None:
        return _write_sound(av, made, source, container, told)
    pictures = _Pictures(av, made, first)  # before any sound: the file's head says how large they are
    sound = _Sound(av, made, source) if container.streams.audio else None
    start, length = (container.start_time or 0) // 1000, (container.duration or 0) // 1000
    written, following = 0, 0
    for frame in chain([first], frames):
        at = max(0, round((frame.time or 0.0) * 1000) - start)
        if at < following:
            continue
        following = at + _FRAME_MS
        if sound is not None:
            sound.write_until(at)  # packets of both kinds lie beside each other in the file
        pictures.write(frame, at)
        written += 1
        if length:
            told(min(1.0, at / length))
    if sound is not None:
        written += sound.write_until(None)
    pictures.end()
    return written


def _write_sound(av: Any, made: Any, source: Path, container: Any, told: Told) -> int:
    length = (container.duration or 0) // 1000
    sound, written, at = _Sound(av, made, source), 0, 0
    while now := sound.write_until(at + 10_000):
        written, at = written + now, at + 10_000
        if length:
            told(min(1.0, at / length))
    return written + sound.write_until(None)


class _Pictures:
    """The stream of pictures of a file that is made."""

    def __init__(self, av: Any, made: Any, first: Any) -> None:
        """All are as large as the first one."""
        self._av, self._made = av, made
        seen = self._seen(first)
        self._size = _even(seen.width, seen.height)
        self._stream = made.add_stream("libvpx", rate=25, options=_FAST)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "yuv420p"
        self._stream.bit_rate = _VIDEO_BITS
        self._stream.codec_context.time_base = _MS

    def write(self, frame: Any, at: int) -> None:
        """A frame at its millisecond."""
        small = self._seen(frame).reformat(*self._size, format="yuv420p")
        small.pts, small.time_base = at, _MS
        self._made.mux(self._stream.encode(small))

    def _seen(self, frame: Any) -> Any:
        return self._av.VideoFrame.from_image(upright(frame)) if getattr(frame, "rotation", 0) else frame

    def end(self) -> None:
        """What the encoder still holds."""
        self._made.mux(self._stream.encode())


def _even(width: int, height: int) -> tuple[int, int]:
    share = min(1.0, MOST_SIDE / max(width, height, 1))
    return max(2, int(width * share) // 2 * 2), max(2, int(height * share) // 2 * 2)


class _Sound:
    """The stream of sound of a file that is made, from the first one of its source."""

    def __init__(self, av: Any, made: Any, source: Path) -> None:
        self._av, self._made = av, made
        self._stream = made.add_stream("libopus", rate=RATE, layout="mono")
        self._stream.bit_rate = _SOUND_BITS
        self._pieces: Iterator[Samples] | None = Recording(source).blocks(1)
        self._written = 0
        self._rest: Any = ()
        """Samples that do not fill a frame yet."""

    def write_until(self, at_ms: int | None) -> int:
        """Write sound up to a moment, or all that is left; how many samples that were."""
        before = self._written
        while self._pieces is not None and (at_ms is None or self._written * 1000 < at_ms * RATE):
            piece = next(self._pieces, None)
            if piece is None:
                self._pieces = None
                self._made.mux(self._stream.encode())
            else:
                self._write(piece)
        return self._written - before

    def _write(self, samples: Samples) -> None:
        import numpy as np

        # frames of Opus are whole; of the last one up to 20 ms are left out
        filled = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(filled) // _OPUS_SAMPLES * _OPUS_SAMPLES
        self._rest = filled[whole:]
        for begin in range(0, whole, _OPUS_SAMPLES):
            part = (np.clip(filled[begin : begin + _OPUS_SAMPLES], -1, 1) * 32767).astype(np.int16)
            frame = self._av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, self._written, Fraction(1, RATE)
            self._made.mux(self._stream.encode(frame))
            self._written += _OPUS_SAMPLES
