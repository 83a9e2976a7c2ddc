"""Sound and the sound of films, as a recogniser hears it: one channel, 16,000 samples a second.

Here: decoding with PyAV in blocks, so that memory does not grow with length, and what is wrong with a recording.
Not here: what is said in it (stages/transcripts).

A file is data: it is read through our own handle, and FFmpeg may open nothing else, whatever a playlist names.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]

RATE = 16_000
"""Samples a second that recognisers expect."""
_MISSING_SECONDS = 1.0
_MISSING_SHARE = 0.05
"""A recording that is shorter than it says by more than both is not whole. Sound ones differ by up to 0.2 s (FLV)."""

_LEAST_GAP_SECONDS, _MOST_GAP_SECONDS = 0.2, 600.0
"""Gaps in the file's own clock become silence, so that times are those that a player shows: where packets are broken,
where a film's sound begins late. Below, clocks are coarse; above, they are wrong."""


class Recording:
    """A file's first stream of sound. What is wrong with it is known when all blocks are read."""

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self._path = path
        self.problem: Reason | None = None

    def blocks(self, seconds: int) -> Iterator[Samples]:
        """Samples between -1 and 1, in blocks of some seconds or more; silence where nothing could be decoded."""
        import av
        import numpy as np

        held: list[Samples] = []
        for samples in self._pieces(av):
            held.append(samples)
            if sum(map(len, held)) >= seconds * RATE:
                yield np.concatenate(held)
                held = []
        if held:
            yield np.concatenate(held)

    def _pieces(self, av: Any) -> Iterator[Samples]:
        with self._path.open("rb") as file:
            try:
                opened = av.open(file, metadata_errors="ignore", options={"protocol_whitelist": "none"})
            except (av.FFmpegError, ValueError):
                self.problem = Reason.DAMAGED
                return
            with opened as container:
                if not container.streams.audio:
                    return
                stream = container.streams.audio[0]
                if stream.codec_context is None:  # PyAV holds no decoder for it
                    self.problem = Reason.UNSUPPORTED
                    return
                yield from self._decoded(av, container, stream)

    def _decoded(self, av: Any, container: Any, stream: Any) -> Iterator[Samples]:
        resampler, form = None, None
        clock = (container.start_time or 0) / 1_000_000
        decoded = 0.0
        broken_before = broken_at_end = False
        for frame in _frames(av, container, stream):
            if frame is None:
                broken_at_end = True
                continue
            broken_before |= broken_at_end
            broken_at_end = False
            if form != (frame.format.name, frame.layout.name, frame.sample_rate):
                yield from _resampled(av, resampler, None)
                form = (frame.format.name, frame.layout.name, frame.sample_rate)
                resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            if frame.time is not None and _LEAST_GAP_SECONDS < frame.time - clock < _MOST_GAP_SECONDS:
                yield _silence(frame.time - clock)
                clock = frame.time
            length = frame.samples / frame.sample_rate
            clock, decoded = clock + length, decoded + length
            frame.pts = None  # the resampler would object to gaps
            yield from _resampled(av, resampler, frame)
        yield from _resampled(av, resampler, None)
        declared = _declared_seconds(container, stream)
        missing = declared - decoded
        short = missing > _MISSING_SECONDS and missing > declared * _MISSING_SHARE
        if not decoded and (declared or broken_at_end):
            self.problem = Reason.DAMAGED
        elif short:
            self.problem = Reason.DAMAGED if broken_before else Reason.TRUNCATED


def _frames(av: Any, container: Any, stream: Any) -> Iterator[Any]:
    """Decoded frames; `None` for a packet that cannot be decoded.

    Packet by packet, since PyAV's own stream of frames ends for good at the first broken packet.
    """
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else []
        except (av.FFmpegError, ValueError):
            yield None
            continue
        if packet is None:
            return
        yield from frames


def _resampled(av: Any, resampler: Any, frame: Any) -> Iterator[Samples]:
    import numpy as np

    if resampler is None:
        return
    try:
        pieces = resampler.resample(frame)
    except (av.FFmpegError, ValueError):
        return
    for piece in pieces:
        yield piece.to_ndarray().reshape(-1).astype(np.float32) / 32768


def _declared_seconds(container: Any, stream: Any) -> float:
    """How long the sound is by its own account, 0 where it does not say."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    # A film's whole length is that of its pictures.
    return 0.0 if container.streams.video else (container.duration or 0) / 1_000_000


def _silence(seconds: float) -> Samples:
    import numpy as np

    return np.zeros(round(seconds * RATE), np.float32)
