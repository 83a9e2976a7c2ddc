"""Stills of films, found by seeking."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.formats.stills import spread, still


def film(codec: str = "mpeg4", form: str = "avi", seconds: int = 4) -> bytes:
    """Each second a step brighter."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as made:
        stream = made.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for n in range(seconds * 10):
            level = 20 + 50 * min(n // 10, 4)
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="rgb24")
            made.mux(stream.encode(frame))
        made.mux(stream.encode())
    return out.getvalue()


@pytest.mark.parametrize(("codec", "form"), [("mpeg4", "avi"), ("libvpx", "webm"), ("mpeg2video", "mpegts")])
def test_a_still_is_of_the_second_that_was_asked_for(tmp_path: Path, codec: str, form: str) -> None:
    (tmp_path / "film").write_bytes(film(codec, form))
    for second in (1, 2, 3):
        found = still(tmp_path / "film", second)
        assert found.at_ms is not None
        assert abs(found.at_ms - second * 1000) <= 100
        assert abs(float(np.asarray(found.image).mean()) - (20 + 50 * second)) < 12


def test_without_a_second_it_is_not_the_first_frame(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(film(seconds=20))
    assert still(tmp_path / "film", None).at_ms in range(1900, 2200)


def test_moments_are_spread_over_the_whole_film(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(film())
    moments = [page.at_ms for page in spread(tmp_path / "film", 4)]
    assert moments == pytest.approx([500, 1500, 2500, 3500], abs=100)


def test_a_second_behind_the_end_gives_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "film").write_bytes(film())
    assert still(tmp_path / "film", 99).image.size == (64, 48)


def test_what_is_no_film_says_so(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"nothing of a film" * 50)
    with pytest.raises(Unreadable) as refused:
        still(tmp_path / "none", 1)
    assert refused.value.reason is Reason.DAMAGED
