"""Sound and film made playable: what every browser plays, on the clock of the original."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.formats.playable import MOST_SIDE, make_playable


def film(form: str, picture: str, sound: str | None, size: tuple[int, int] = (320, 240), begins_ms: int = 0) -> bytes:
    """Three seconds; a tone in the last of them alone. `begins_ms`: where its clock begins."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as made:
        moving = made.add_stream(picture, rate=10)
        moving.width, moving.height, moving.pix_fmt = *size, "yuv420p"
        heard = made.add_stream(sound, rate=8000 if "amr" in sound else 16_000, layout="mono") if sound else None
        for n in range(30):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 8 * n, np.uint8), format="rgb24")
            frame.pts, frame.time_base = n + begins_ms // 100, Fraction(1, 10)
            made.mux(moving.encode(frame))
        if heard is not None:
            _tone(made, heard, begins_ms)
        made.mux(moving.encode())
    return out.getvalue()


def _tone(made: object, heard: object, begins_ms: int = 0) -> None:
    rate, size = heard.codec_context.sample_rate, heard.codec_context.frame_size or 320
    for begin in range(0, 3 * rate, size):
        at = np.arange(begin, begin + size)
        loud = (np.sin(at * 0.3) * 12_000 * (at >= 2 * rate)).astype(np.int16)
        piece = av.AudioFrame.from_ndarray(loud.reshape(1, -1), format="s16", layout="mono")
        piece.sample_rate, piece.pts, piece.time_base = rate, begin + begins_ms * rate // 1000, Fraction(1, rate)
        for each in av.AudioResampler(format=heard.codec_context.format.name, layout="mono", rate=rate).resample(piece):
            made.mux(heard.encode(each))
    made.mux(heard.encode())


def made_of(tmp_path: Path, data: bytes, is_film: bool) -> Path:
    (tmp_path / "original").write_bytes(data)
    make_playable(tmp_path / "original", tmp_path / "made", is_film, lambda share: None)
    return tmp_path / "made"


def streams(path: Path) -> list[str]:
    with av.open(str(path)) as opened:
        return [stream.codec_context.name for stream in opened.streams]


def loud_from(path: Path) -> float:
    """The second at which the tone begins."""
    with av.open(str(path)) as opened:
        for frame in opened.decode(audio=0):
            if float(np.abs(frame.to_ndarray()).max()) > 0.1:
                return float(frame.time)
    raise AssertionError("nothing is heard")


@pytest.mark.parametrize(
    ("form", "picture", "sound"),
    [
        ("avi", "mpeg4", "mp2"),
        ("matroska", "mpeg4", "pcm_s16le"),
        ("asf", "wmv2", "mp3"),
        ("3gp", "mpeg4", "libopencore_amrnb"),
    ],
)
def test_a_film_of_any_kind_becomes_one_that_browsers_play(tmp_path: Path, form: str, picture: str, sound: str) -> None:
    made = made_of(tmp_path, film(form, picture, sound), is_film=True)
    assert streams(made) == ["vp8", "opus"]
    with av.open(str(made)) as opened:
        assert opened.duration == pytest.approx(3_000_000, abs=150_000)
        times = [frame.time for frame in opened.decode(video=0)]
    assert len(times) == pytest.approx(30, abs=2)
    assert times[10] == pytest.approx(1.0, abs=0.11)
    assert loud_from(made) == pytest.approx(2.0, abs=0.15)


def test_its_clock_begins_with_the_film(tmp_path: Path) -> None:
    made = made_of(tmp_path, film("mpegts", "mpeg2video", "mp2", begins_ms=60_000), is_film=True)
    with av.open(str(made)) as opened:
        assert next(opened.decode(video=0)).time == pytest.approx(0, abs=0.2)


def test_a_large_film_becomes_a_small_one(tmp_path: Path) -> None:
    with av.open(str(made_of(tmp_path, film("avi", "mpeg4", None, (1280, 722)), is_film=True))) as opened:
        assert (opened.streams.video[0].width, opened.streams.video[0].height) == (MOST_SIDE, 360)


def test_a_film_without_sound_and_sound_alone(tmp_path: Path) -> None:
    assert streams(made_of(tmp_path, film("avi", "mpeg4", None), is_film=True)) == ["vp8"]
    assert streams(made_of(tmp_path, film("avi", "mpeg4", "mp2"), is_film=False)) == ["opus"]


def test_how_far_it_is_grows_to_the_whole(tmp_path: Path) -> None:
    shares: list[float] = []
    (tmp_path / "original").write_bytes(film("avi", "mpeg4", "mp2"))
    make_playable(tmp_path / "original", tmp_path / "made", True, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_what_is_cut_off_is_played_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = film("matroska", "mpeg4", "pcm_s16le")
    with av.open(str(made_of(tmp_path, whole[: len(whole) // 2], is_film=True))) as opened:
        assert 500_000 < opened.duration < 2_900_000


def test_what_nobody_can_decode_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        made_of(tmp_path, b"no film at all, and no sound " * 40, is_film=True)
    assert refused.value.reason is Reason.DAMAGED
