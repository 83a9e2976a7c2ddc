"""What is said in recordings, in real workers, by the real recogniser."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iimm_pipelines.engine.outcome import Kind, Outcome, Reason
from iimm_pipelines.engine.stage import Stage, Task, Upstream
from iimm_pipelines.engine.workers import Workers
from iimm_pipelines.formats.sound import RATE, Recording
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import ModelStore, Presence, default_folder
from iimm_pipelines.sample import letters, sounds
from iimm_pipelines.stages.transcripts import MODEL, STAGE, Heard, Trust, is_reliable, load, loops, stretches, triage

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack"
SPEECH = SHARED / "audio_asr" / "files"
FILM = SHARED / "video_vpdq" / "files" / "tmk" / "sample-videos"
HEARD = Heard(0, 1000, "words", (), -300_000, 50_000, "en", 900_000, False)
TRUST = Trust(-700_000, 500_000, 600_000)


def staged(task: Task, path: Path) -> None:
    path.write_bytes(task.object)


def task(data: bytes, media_type: str = "audio/wav", kind: str = "sound", item: int = 1) -> Task:
    document: Mapping[str, Any] = {"media_type": media_type, "kind": kind, "metadata": []}
    upstream = {"contents": Upstream(Kind.PRODUCED, None, {"document": [document]})}
    return Task(f"A00001-0001-{item:05}", item, data, len(data), upstream=upstream)


def hear(tmp_path: Path, *tasks: Task, stage: Stage = STAGE, models: Path | None = None) -> list[Outcome]:
    store = models or with_model()
    with Workers(stage, processes=1, models=store, scratch=tmp_path / "scratch", memory=1 << 30) as workers:
        answers = {t.place: d.outcome for t, d in workers.run(tasks, staged)}
    return [answers[t.place] for t in tasks]


def with_model() -> Path:
    folder = default_folder()
    if {s.name: s.presence for s in ModelStore(folder).list()}.get(ModelName(MODEL)) is not Presence.PRESENT:
        pytest.skip("the recogniser is not in the model store: iimm models pull whisper-base")
    return folder


def wav(samples: np.ndarray[Any, Any]) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def samples(tmp_path: Path, data: bytes) -> np.ndarray[Any, Any]:
    (tmp_path / "recording").write_bytes(data)
    return np.concatenate(list(Recording(tmp_path / "recording").blocks(60)))


def test_speech_is_written_down_with_times_and_comes_out_the_same_again(tmp_path: Path) -> None:
    spoken = sounds.spoken(letters.RADIO_RIVER)
    outcome, again = hear(tmp_path, task(spoken), task(spoken, item=2))
    assert (outcome.kind, outcome.used) == (Kind.PRODUCED, frozenset({"whisper"}))
    truck = next(s for s in outcome.tables["segments"] if "river" in s["text"])
    assert truck["text"] == "A green truck crossed the river before sunrise."
    assert (truck["field"], truck["language_hint"], truck["model"], truck["reliable"]) == (
        "speech", "en", MODEL, True)  # fmt: skip
    assert [w["text"] for w in truck["words"]][:3] == ["A", "green", "truck"]
    times = [t for w in truck["words"] for t in (w["start_ms"], w["end_ms"])]
    assert times == sorted(times)
    assert 1_000 < truck["start_ms"] <= times[0] < times[-1] <= truck["end_ms"] < 6_000
    assert outcome == again


def test_noise_and_silence_hold_no_speech(tmp_path: Path) -> None:
    found = hear(tmp_path, task(sounds.noise(4)), task(sounds.silence(3), item=2), task(wav(np.zeros(0)), item=3))
    assert [o.reason for o in found] == [Reason.NO_SPEECH] * 3


@pytest.mark.skipif(not SPEECH.is_dir(), reason="the evidence pack is not here")
def test_a_real_voice_is_heard_alike_in_two_formats(tmp_path: Path) -> None:
    tasks = [task((SPEECH / name).read_bytes(), item=n) for n, name in enumerate(("jfk.wav", "jfk.mp3"))]
    first, second = hear(tmp_path, *tasks)
    for outcome in (first, second):
        assert "ask what you can do for your country" in " ".join(s["text"] for s in outcome.tables["segments"])
        assert all(s["reliable"] for s in outcome.tables["segments"])


@pytest.mark.skipif(not FILM.is_dir(), reason="the evidence pack is not here")
def test_a_film_without_sound_or_without_words_holds_no_speech(tmp_path: Path) -> None:
    mute, loud = "test-padded-dimensions.mp4", "pattern-sd-grey-bar.mp4"
    tasks = [task((FILM / name).read_bytes(), "video/mp4", "film", n) for n, name in enumerate((mute, loud))]
    assert [o.reason for o in hear(tmp_path, *tasks)] == [Reason.NO_SPEECH] * 2


def test_what_is_heard_before_a_recording_breaks_off_stays(tmp_path: Path) -> None:
    whole = sounds.mp3(sounds.spoken(letters.RADIO_RIVER))
    cut, nonsense = hear(tmp_path, task(whole[: len(whole) // 2], "audio/mpeg"), task(b"no sound " * 99, item=2))
    assert cut.reason is Reason.TRUNCATED
    assert cut.tables["segments"][0]["text"] == "This is the evening report."
    assert (nonsense.reason, nonsense.used) == (Reason.DAMAGED, frozenset({"whisper"}))


def test_beyond_the_limit_of_length_what_was_heard_stays(tmp_path: Path) -> None:
    voice = samples(tmp_path, sounds.spoken("The first report is short."))
    later = samples(tmp_path, sounds.spoken("The second report is too late."))
    data = wav(np.concatenate([voice, np.zeros(61 * RATE), later]))
    stage = STAGE.with_parameters({"whisper": {"most_minutes": 1}})
    [outcome] = hear(tmp_path, task(data), stage=stage)
    assert outcome.reason is Reason.LIMIT_REACHED
    [segment] = outcome.tables["segments"]
    assert "first report" in segment["text"]


def test_without_its_model_the_stage_says_so(tmp_path: Path) -> None:
    [outcome] = hear(tmp_path, task(sounds.silence(1)), models=tmp_path / "empty")
    assert (outcome.reason, outcome.used) == (Reason.NO_MODEL, None)


def test_voices_are_found_alike_however_the_sound_is_cut_into_blocks(tmp_path: Path) -> None:
    tool = load(STAGE.ingredients, with_model())
    voice = samples(tmp_path, sounds.spoken(letters.RADIO_SCHOOL))
    sound = np.concatenate([voice, np.zeros(5 * RATE), voice, np.zeros(4 * RATE), voice]).astype(np.float32)
    pieces = [sound[i : i + 7 * RATE] for i in range(0, len(sound), 7 * RATE)]
    found = [(begin / RATE, len(part) / RATE) for begin, part in stretches(tool, pieces)]
    whole = [(begin / RATE, len(part) / RATE) for begin, part in stretches(tool, [sound])]
    assert len(whole) == 3
    covered = [sum(length for begin, length in found if b - 1 < begin < b + n) for b, n in whole]
    assert covered == pytest.approx([n for _, n in whole], abs=1.0)


def test_a_broken_packet_costs_only_itself_and_moves_no_times(tmp_path: Path) -> None:
    data = bytearray(sounds.mp3(sounds.spoken(letters.RADIO_RIVER)))
    third = len(data) // 3
    data[third : third + 2000] = bytes(2000)
    length, whole = len(samples(tmp_path, bytes(data))), len(samples(tmp_path, sounds.spoken(letters.RADIO_RIVER)))
    assert abs(length - whole) < RATE


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "other.mp3").write_bytes(sounds.mp3(sounds.noise(2)))
    (tmp_path / "list").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:2,\n{tmp_path}/other.mp3\n#EXT-X-ENDLIST\n"
    )
    recording = Recording(tmp_path / "list")
    assert list(recording.blocks(60)) == []
    assert recording.problem is Reason.DAMAGED


def test_a_loop_is_known_by_words_and_by_syllables() -> None:
    assert loops("Thank you. " * 4)
    assert loops("ကောင်းပါတယ်" * 3)
    assert not loops("Ask not what your country can do for you, ask what you can do for your country.")
    assert not loops("No no no no!")


@pytest.mark.parametrize("change", [
    {"log_probability": -1_200_000}, {"language_probability": 200_000}, {"no_speech": 700_000}, {"in_loop": True},
])  # fmt: skip
def test_each_figure_alone_makes_a_reading_unreliable(change: dict[str, Any]) -> None:
    assert is_reliable(TRUST, HEARD)
    assert not is_reliable(TRUST, replace(HEARD, **change))


@pytest.mark.parametrize(("media_type", "kind"), [("image/png", "picture"), ("audio/midi", "sound")])
def test_what_is_no_sound_is_left_out_without_a_worker(media_type: str, kind: str) -> None:
    outcome = triage(task(b"", media_type, kind))
    assert outcome is not None
    assert (outcome.reason, outcome.used) == (Reason.WRONG_KIND, frozenset())
