"""Where speech recognition begins to be reliable: measured on recordings whose words are known.

Here: English, Burmese and noise made on the fly, and given files, as the stage hears them; the cut that comes of it.
Not here: recognition itself and the cut in force (iimm_pipelines/stages/transcripts).

Nothing of the sample is heard here, so that the sample stays a test. A reading is right where its letters are like
those that were spoken (similarity of 0.8 or more); Burmese, noise and tones are never right.

    python -m training.speech_thresholds MODELS [RECORDING WORDS]...
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.formats.sound import RATE, Recording
from iimm_pipelines.stages.transcripts import STAGE, Heard, Tool, Trust, hear, is_reliable, load, stretches

if TYPE_CHECKING:
    from iimm_pipelines.formats.sound import Samples

_ENGLISH = (
    "The harvest was poor this year because the rain came late. Many families went to the town to look for work.",
    "We keep the seeds in clay jars behind the kitchen. My grandmother taught me how to dry them in the sun.",
    "The teacher wrote the numbers on the board and asked each child to read them aloud.",
    "A boat with eleven passengers left the pier at noon. The captain said that the water was calm.",
    "Please tell the clinic that we need bandages, soap and a new lamp before the end of the month.",
    "The council met on Tuesday to talk about the bridge. They agreed to collect money from every house.",
    "I heard two loud noises from the hill. Then the dogs began to bark and everybody ran outside.",
    "Our train was late by three hours, so we slept on the benches of the station.",
)
_BURMESE = (
    "ဆောင်းရာသီတွင် လယ်သမားများ စပါးရိတ်ကြသည်",
    "ကလေးများ စာသင်ခန်းထဲတွင် သီချင်းဆိုနေကြသည်",
    "အမေက ဈေးသို့ သွားပြီး ငါးနှင့် ဟင်းရွက် ဝယ်သည်",
    "မနေ့ညက မိုးကြီးလို့ လမ်းတွေ ရေမြုပ်ကုန်တယ်",
    "ဆရာဝန်က ဆေးကို တစ်နေ့ သုံးကြိမ် သောက်ရန် ပြောသည်",
    "သူတို့ မနက်စောစော ထွက်သွားကြတယ်",
)
_LOUDER_BY_DECIBELS = (None, 15, 5, 0, -5)
"""Speech over white noise; `None`: no noise."""
_RIGHT = 0.8
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """A segment, and how like it is to what was spoken in its recording (0 to 1)."""

    source: str
    heard: Heard
    likeness: float


def main() -> None:
    """Print figures of right and wrong readings, and how many pass at each cut."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("models", type=Path, help="folder of the model store")
    arguments.add_argument("known", nargs="*", help="a recording and its words, in turn")
    given = arguments.parse_args()
    tool: Tool = load(STAGE.ingredients, given.models)
    readings = list(_readings(tool, given.known))
    for name in ("log_probability", "language_probability", "no_speech"):
        print(name)
        for source in sorted({r.source for r in readings}):
            for right in (True, False):
                values = sorted(getattr(r.heard, name) / _MILLION for r in readings
                                if r.source == source and (r.likeness >= _RIGHT) is right)  # fmt: skip
                if values:
                    print(f"  {source:26} {'right' if right else 'wrong'} {len(values):4}  {_spread(values)}")
    print("in a loop", sum(r.heard.in_loop for r in readings if r.likeness < _RIGHT), "wrong,",
          sum(r.heard.in_loop for r in readings if r.likeness >= _RIGHT), "right")  # fmt: skip
    print("share that passes: least log probability, least language; right, wrong; the cut in force with *")
    for log_probability in range(-900_000, -300_000, 100_000):
        for language in (300_000, 500_000, 700_000, 900_000):
            trust = Trust(log_probability, language, tool.trust.most_no_speech)
            passed = [
                _share([r for r in readings if (r.likeness >= _RIGHT) is right], trust) for right in (True, False)
            ]
            mark = "*" if trust == tool.trust else " "
            print(
                f"{mark} {log_probability / _MILLION:5.1f} {language / _MILLION:4.1f}  {passed[0]:.3f} {passed[1]:.3f}"
            )


def _readings(tool: Tool, known: Sequence[str]) -> Iterator[Reading]:
    for path, words in zip(known[::2], known[1::2], strict=True):
        yield from _heard(tool, "given", Recording(Path(path)).blocks(300), words)
    with tempfile.TemporaryDirectory() as folder:
        for voice, sentences in (("en-us", _ENGLISH), ("en-gb", _ENGLISH[:4]), ("my", _BURMESE)):
            for sentence in sentences:
                clear = _spoken(Path(folder) / "speech.wav", voice, sentence)
                for louder in _LOUDER_BY_DECIBELS:
                    name = f"{voice}, {'no noise' if louder is None else f'{louder} dB over noise'}"
                    words = sentence if voice.startswith("en") else ""
                    yield from _heard(tool, name, [_in_noise(clear, louder)], words)
    for name, samples in _sounds():
        # Without the voice detector, which lets none of these pass: what if one gets by?
        yield from (Reading(name, heard, 0.0) for heard in hear(tool, samples, 0))


def _heard(tool: Tool, source: str, blocks: Sequence[Samples] | Iterator[Samples], words: str) -> Iterator[Reading]:
    found = [h for begin, samples in stretches(tool, blocks) for h in hear(tool, samples, begin * 1000 // RATE)]
    likeness = _likeness(" ".join(h.text for h in found), words) if words else 0.0
    yield from (Reading(source, heard, likeness) for heard in found)


def _likeness(one: str, other: str) -> float:
    first, second = ("".join(c for c in text.lower() if c.isalnum()) for text in (one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _spoken(file: Path, voice: str, sentence: str) -> Samples:
    import numpy as np

    subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(file), sentence], check=True)
    return np.concatenate(list(Recording(file).blocks(300)))


def _in_noise(clear: Samples, louder_by: int | None) -> Samples:
    import numpy as np

    if louder_by is None:
        return clear
    noise = np.random.default_rng(3).standard_normal(len(clear)).astype(np.float32)
    loudness = float(np.sqrt(np.mean(clear**2)) / 10 ** (louder_by / 20))
    return np.clip(clear + noise * np.float32(loudness), -1, 1)


def _sounds() -> Iterator[tuple[str, Samples]]:
    import numpy as np

    time = np.arange(10 * RATE) / RATE
    for seed in range(4):
        noise = np.random.default_rng(seed).standard_normal(len(time))
        yield "white noise", (noise * 0.1).astype(np.float32)
        yield "brown noise", (np.cumsum(noise) / np.abs(np.cumsum(noise)).max() * 0.5).astype(np.float32)
        chord = np.sin(2 * np.pi * (1 + seed / 5) * np.outer((220.0, 277.2, 329.6), time)).sum(axis=0)
        yield "a chord", (chord * 0.1).astype(np.float32)
        yield "hum with clicks", (np.sin(100 * np.pi * time) * 0.1 + (noise > 3.5)).astype(np.float32)


def _spread(values: Sequence[float]) -> str:
    """Least, tenth, middle, nine tenths, most."""
    return " ".join(f"{values[min(len(values) - 1, len(values) * p // 100)]:7.3f}" for p in (0, 10, 50, 90, 100))


def _share(readings: Sequence[Reading], trust: Trust) -> float:
    return sum(is_reliable(trust, r.heard) for r in readings) / max(1, len(readings))


if __name__ == "__main__":
    main()
