"""Estimates rest on what was measured here: hours, pages and items that wait, at the speed of those that are done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from small_evidence import compute, receive

from iimm_pipelines.accessions.estimate import Estimate, estimates
from iimm_pipelines.holding import Holding

STAGES = ("contents", "recognised_text", "transcripts")


def by_stage(holding: Holding) -> dict[str, Estimate]:
    return {e.stage: e for e in estimates(holding, STAGES)}


def sound(seconds: int) -> bytes:
    """Silence as WAV."""
    import io
    import wave

    raw = io.BytesIO()
    with wave.open(raw, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(800)
        file.writeframes(bytes([128]) * 800 * seconds)
    return raw.getvalue()


def picture(path: Path) -> bytes:
    Image.new("L", (64, 64), 200).save(path, "PNG")
    return path.read_bytes()


def test_what_waits_is_counted_in_the_unit_that_its_time_grows_with(
    new_holding: Callable[..., Holding], tmp_path: Path
) -> None:
    holding = new_holding()
    files = {"a.wav": sound(36), "b.png": picture(tmp_path / "b.png"), "c.txt": b"text\n"}
    receive(holding, tmp_path / "one", files)
    before = by_stage(holding)
    assert (before["contents"].waiting, before["contents"].seconds_each) == (3, None)
    assert before["contents"].processor_days is None
    compute(holding, ("contents",))
    now = by_stage(holding)
    assert (now["contents"].done, now["contents"].waiting, now["contents"].processor_days) == (3, 0, 0)
    assert now["transcripts"].waiting == pytest.approx(0.01)
    assert now["recognised_text"].waiting == 1
    each = now["contents"].seconds_each
    receive(holding, tmp_path / "two", {f"{i}.txt": f"text {i}\n".encode() for i in range(6)}, source="S-2")
    more = by_stage(holding)
    assert (more["contents"].waiting, more["contents"].assumed) == (6, 6)
    assert more["contents"].processor_days == pytest.approx(6 * (each or 0) / 86_400)
    assert more["transcripts"].waiting == pytest.approx(0.03)
