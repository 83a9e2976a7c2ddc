"""Transcripts: what is said in sound and film, as timed segments.

Here: where somebody speaks, what the recogniser makes of it, and whether it is to be trusted.
Not here: decoding (formats/sound), the language of the text that comes out (languages).

Whisper writes fluent nonsense when it does not know a language and when nobody speaks. Nothing that it writes is thrown
away for that: a segment says with what confidence it was heard, and whether it is reliable.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.engine.outcome import Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Source, Stage, Task
from iimm_pipelines.formats.parsed import clean, pieces
from iimm_pipelines.formats.sound import RATE, Recording
from iimm_pipelines.schema import SEGMENTS
from iimm_pipelines.stages.weights import model

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.vad import VadOptions

    from iimm_pipelines.formats.sound import Samples

MODEL = "whisper-base"
_USED = frozenset({"whisper"})
_NO_SOUND = frozenset({
    "audio/midi", "audio/x-midi", "audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls", "application/vnd.apple.mpegurl",
})  # fmt: skip
"""Notes and lists of files: no sound in them."""
_BLOCK_SECONDS = 300
"""Sound that is held at once: 19 MB, and as much again while voices are looked for."""
_MILLION = 1_000_000
_LOOP_TIMES, _LOOP_TOKENS = 3, 8


@dataclass(frozen=True, slots=True)
class Tool:
    """The recogniser and how it is used."""

    whisper: WhisperModel
    voices: VadOptions
    stretch: int
    """Longest stretch given to the recogniser at once, samples."""
    gap: int
    """Silence that ends a stretch: then another may speak, in another language. Samples."""
    most: int
    """Samples of one file."""
    beam: int
    trust: Trust


@dataclass(frozen=True, slots=True)
class Trust:
    """Where a reading begins to be reliable. All in millionths."""

    least_log_probability: int
    least_language: int
    most_no_speech: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its time in milliseconds and its probability in millionths."""

    start_ms: int
    end_ms: int
    text: str
    probability: int


@dataclass(frozen=True, slots=True)
class Heard:
    """A segment as the recogniser gave it, with its own figures in millionths."""

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]
    log_probability: int
    """Mean over the tokens of the stretch."""
    no_speech: int
    language: str
    language_probability: int
    in_loop: bool
    """The stretch says the same again and again."""


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """The recogniser and the voice detector.

    Raises:
        Problem: `no model`.
    """
    folder = model(models, MODEL).folder

    from faster_whisper import WhisperModel
    from faster_whisper.vad import VadOptions, get_vad_model

    parameters = ingredients["whisper"].parameters
    get_vad_model()
    return Tool(
        # One thread: workers are the parallelism, and sums come out the same.
        WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=1, num_workers=1, local_files_only=True),
        VadOptions(
            min_speech_duration_ms=250,  # shorter is a click
            max_speech_duration_s=parameters["stretch_ms"] / 1000,
            min_silence_duration_ms=parameters["pause_ms"],
            speech_pad_ms=200,
        ),
        parameters["stretch_ms"] * RATE // 1000,
        parameters["gap_ms"] * RATE // 1000,
        parameters["most_minutes"] * 60 * RATE,
        parameters["beam"],
        Trust(
            parameters["least_log_probability"], parameters["least_language"], parameters["most_no_speech"],
        ),
    )  # fmt: skip


def triage(task: Task) -> Outcome | None:
    """Sound and film."""
    rows = task.upstream["contents"].tables.get("document", ())
    if not rows:
        return ended(Reason.NO_INPUT, frozenset())
    wanted = rows[0]["kind"] in ("sound", "film") and rows[0]["media_type"] not in _NO_SOUND
    return None if wanted else ended(Reason.WRONG_KIND, frozenset())


def apply(tool: Tool, task: Task) -> Outcome:
    """What is said in one recording."""
    assert task.file is not None
    recording = Recording(task.file)
    rows: list[Row] = []
    spoken, limit = False, False
    for begin, samples in stretches(tool, recording.blocks(_BLOCK_SECONDS)):
        if begin >= tool.most:
            limit = True
            break
        spoken = True
        for heard in hear(tool, samples, begin * 1000 // RATE):
            rows.extend(_segments(tool, heard))
    tables = {"segments": rows}
    problem = recording.problem or (Reason.LIMIT_REACHED if limit else None)
    if problem:
        return ended(problem, _USED, tables)
    if rows:
        return produced(tables, _USED)
    return ended(Reason.NO_TEXT if spoken else Reason.NO_SPEECH, _USED)


def stretches(tool: Tool, blocks: Iterable[Samples]) -> Iterator[tuple[int, Samples]]:
    """Stretches in which somebody speaks, each with the sample at which it begins; cut where nobody does."""
    import numpy as np
    from faster_whisper.vad import get_speech_timestamps

    held, begin = np.zeros(0, np.float32), 0
    for block, last in _with_last(blocks):
        held = np.concatenate([held, block])
        voices = [(v["start"], v["end"]) for v in get_speech_timestamps(held, tool.voices)]
        cut = len(held)
        if not last:  # what is being said at the end of a block goes on in the next
            cut = max(voices[-1][1] if voices else 0, cut - RATE)
            if voices and len(held) - voices[-1][1] < tool.gap:
                cut = voices.pop()[0]
        for start, end in _joined(voices, tool.stretch, tool.gap):
            yield begin + start, held[start:end]
        held, begin = held[cut:], begin + cut


def _with_last(blocks: Iterable[Samples]) -> Iterator[tuple[Samples, bool]]:
    before = None
    for block in blocks:
        if before is not None:
            yield before, False
        before = block
    if before is not None:
        yield before, True


def _joined(voices: Sequence[tuple[int, int]], longest: int, gap: int) -> Iterator[tuple[int, int]]:
    """Neighbours together as long as they are close and fit: the recogniser needs as long for 2 s as for 28 s."""
    start = end = None
    for next_start, next_end in voices:
        if start is not None and end is not None:
            if next_start - end < gap and next_end - start <= longest:
                end = next_end
                continue
            yield start, end
        start, end = next_start, next_end
    if start is not None and end is not None:
        yield start, end


def hear(tool: Tool, samples: Samples, begin_ms: int) -> list[Heard]:
    """What the recogniser makes of a stretch that begins at `begin_ms`."""
    end_ms = begin_ms + len(samples) * 1000 // RATE
    found, about = tool.whisper.transcribe(
        samples,
        beam_size=tool.beam,
        temperature=0.0,  # sampling would give another text each time
        condition_on_previous_text=False,
        compression_ratio_threshold=None,  # Burmese is three bytes a letter: right sentences exceed any such threshold
        log_prob_threshold=None,
        no_speech_threshold=None,  # it would drop speech in silence
        word_timestamps=True,
    )

    def at(seconds: float) -> int:
        return min(end_ms, begin_ms + max(0, round(seconds * 1000)))

    segments = list(found)
    in_loop = loops(" ".join(s.text for s in segments))
    return [
        Heard(
            at(s.start), at(s.end), clean(s.text).strip(),
            tuple(Word(at(w.start), at(w.end), clean(w.word).strip(), _millionths(w.probability)) for w in s.words or ()),
            round(s.avg_logprob * _MILLION), _millionths(s.no_speech_prob), about.language,
            _millionths(about.language_probability), in_loop,
        )
        for s in segments
    ]  # fmt: skip


def loops(text: str) -> bool:
    """Whether a text says the same three times or more on end, over eight words or syllables at least."""
    from iimm_pipelines.burmese.syllables import syllables

    lower = text.lower()
    tokens = [lower[span.start : span.end] for span in syllables(lower)]
    for length in range(1, len(tokens) // _LOOP_TIMES + 1):
        same = 0  # how many tokens on end equal the one `length` before them
        for before, token in zip(tokens, tokens[length:], strict=False):
            same = same + 1 if token == before else 0
            if same >= length * (_LOOP_TIMES - 1) and same + length >= _LOOP_TOKENS:
                return True
    return False


def is_reliable(trust: Trust, heard: Heard) -> bool:
    """Whether the recogniser's own figures speak for its reading; no proof that it is right."""
    return (
        heard.log_probability >= trust.least_log_probability
        and heard.language_probability >= trust.least_language
        and heard.no_speech <= trust.most_no_speech
        and not heard.in_loop
    )


def _segments(tool: Tool, heard: Heard) -> Iterator[Row]:
    words = [
        {"start_ms": w.start_ms, "end_ms": w.end_ms, "text": w.text, "probability": w.probability}
        for w in heard.words if w.text
    ]  # fmt: skip
    for number, text in enumerate(pieces(heard.text)):
        yield {
            "text": text, "field": "speech", "start_ms": heard.start_ms, "end_ms": heard.end_ms,
            "words": words if number == 0 else None,
            "confidence": _millionths(math.exp(heard.log_probability / _MILLION)),
            "reliable": is_reliable(tool.trust, heard), "language_hint": heard.language, "model": MODEL,
        }  # fmt: skip


def _millionths(share: float) -> int:
    return min(_MILLION, max(0, round(share * _MILLION)))


# Trust, by training/speech_thresholds.py on 141 segments outside the sample (real and synthetic English, English in
# noise, synthetic Burmese, noises): of 48 right readings 0.896 are called reliable, of 93 wrong ones 0.022. 27 of
# the wrong ones loop and no right one does. Noises have 0.68 and more of no speech, right readings 0.24 at most.
STAGE = Stage(
    name="transcripts",
    version=1,
    tables=(SEGMENTS,),
    reads=("contents",),
    source=Source.BYTES,
    ingredients={
        "whisper": Ingredient(
            parameters={
                "beam": 5,
                "stretch_ms": 28_000,  # Whisper hears 30 s at once
                "pause_ms": 500,
                "gap_ms": 2_000,
                "most_minutes": 720,
                "least_log_probability": -700_000,
                "least_language": 500_000,
                "most_no_speech": 600_000,
            },
            models={MODEL: "absent"},
        )
    },
    load=load,
    apply=apply,
    triage=triage,
    slice_items=20,
    # Speech at 16 kbit/s is 9 minutes a megabyte, and a minute of speech takes 10 s on one core.
    limits=Limits(seconds=300, seconds_per_mb=600),
)
