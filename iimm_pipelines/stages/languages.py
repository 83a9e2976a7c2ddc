"""Languages: each segment in normal form, with its language, script and the encoding that it came in.

Here: normal form, script by letters, language by two models that see letters of one script only.
Not here: the rules of Burmese text (burmese/), translation.

The regional model is never fed raw text: with punctuation and digits it calls a quarter of all Burmese, and most
English, Mon. It knows no French, so that Latin text needs the general model's second opinion.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.engine.outcome import Outcome, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.schema import NORMAL_SEGMENTS
from iimm_pipelines.stages.texts import ORIGINS, segments, without_segments
from iimm_pipelines.stages.weights import model

UNSURE = "und"
_SCRIPTS = (
    ("Mymr", ((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F))),
    ("Latn", ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF))),
    ("Thai", ((0xE00, 0xE7F),)),
    ("Hans", ((0x4E00, 0x9FFF), (0x3400, 0x4DBF))),
    ("Deva", ((0x900, 0x97F),)),
    ("Beng", ((0x980, 0x9FF),)),
    ("Arab", ((0x600, 0x6FF), (0x750, 0x77F))),
    ("Cyrl", ((0x400, 0x4FF),)),
    ("Kali", ((0xA900, 0xA92F),)),
    ("Rohg", ((0x10D00, 0x10D3F),)),
    ("Khmr", ((0x1780, 0x17FF),)),
    ("Laoo", ((0xE80, 0xEFF),)),
    ("Taml", ((0xB80, 0xBFF),)),
    ("Hang", ((0xAC00, 0xD7AF),)),
    ("Jpan", ((0x3040, 0x30FF),)),
)
_MYANMAR_LABELS = frozenset({"mya", "zgi", "shn", "mnw", "ksw", "pwo", "kvq"})
_LATIN_LABELS = frozenset({"eng", "cnh", "cfm", "ctd", "kac", "vie", "msa", "tgl", "ban", "sun", "hnn"})
_ONE_LANGUAGE = {"Kali": "eky", "Rohg": "rhg"}
_THREE_LETTERS = {
    "en": "eng", "my": "mya", "fr": "fra", "de": "deu", "es": "spa", "it": "ita", "pt": "por", "nl": "nld", "pl": "pol",
    "ru": "rus", "uk": "ukr", "bg": "bul", "sr": "srp", "zh": "zho", "ja": "jpn", "ko": "kor", "th": "tha", "lo": "lao",
    "km": "khm", "vi": "vie", "id": "ind", "ms": "msa", "tl": "tgl", "hi": "hin", "mr": "mar", "ne": "nep", "bn": "ben",
    "as": "asm", "ar": "ara", "fa": "fas", "ur": "urd", "ta": "tam", "sv": "swe", "no": "nor", "da": "dan", "fi": "fin",
    "cs": "ces", "sk": "slk", "hu": "hun", "ro": "ron", "tr": "tur", "el": "ell", "he": "heb", "la": "lat", "ca": "cat",
}  # fmt: skip

Classifier = Callable[[str], list[tuple[str, float]]]


@dataclass(frozen=True, slots=True)
class Tool:
    """What the stage keeps in memory. A classifier gives labels with probabilities, best first."""

    zawgyi_probability: Callable[[str], float]
    regional: Classifier
    general: Classifier
    least: float
    letters: int
    letters_alone: int


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Detector and models."""
    from iimm_pipelines.burmese.zawgyi import detector

    parameters = ingredients["languages"].parameters
    return Tool(
        zawgyi_probability=detector(),
        regional=_classifier(model(models, "language-regional").folder / "pdsdetect.ftz"),
        general=_classifier(model(models, "language-general").folder / "lid.176.ftz"),
        least=parameters["least_confidence"] / 1_000_000,
        letters=parameters["least_letters"],
        letters_alone=parameters["least_letters_alone"],
    )


def apply(tool: Tool, task: Task) -> Outcome:
    """Each segment of an item, in normal form and with its language."""
    from iimm_pipelines.burmese.encoding import normal_texts

    rows = []
    found = list(segments(task))
    normals = normal_texts([segment["text"] for _, _, segment in found], tool.zawgyi_probability)
    for (origin, ordinal, _), normal in zip(found, normals, strict=True):
        script = script_of(normal.text)
        language, confidence = language_of(tool, normal.text, script)
        rows.append({
            "origin": origin, "ordinal": ordinal, "text": normal.text,
            "raw": None if normal.raw == normal.text else normal.raw,
            "edits": [n for edit in normal.edits for n in edit] or None,
            "language": language, "script": script, "encoding": str(normal.encoding),
            "confidence": round(confidence * 1_000_000),
        })  # fmt: skip
    return produced({"normal_segments": rows})


def script_of(text: str) -> str:
    """The script of most letters (ISO 15924), `Zyyy` where there are none."""
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        code = ord(character)
        for name, ranges in _SCRIPTS:
            if any(a <= code <= b for a, b in ranges):
                counts[name] += times
                break
    return counts.most_common(1)[0][0] if counts else "Zyyy"


def language_of(tool: Tool, text: str, script: str) -> tuple[str, float]:
    """Language (ISO 639-3) and confidence; `und` when unsure."""
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script], 1.0
    letters = _letters(text, script)
    if len(letters.replace(" ", "")) < tool.letters:
        return UNSURE, 0.0
    if script == "Mymr":
        label, sure = _best(tool.regional(letters), _MYANMAR_LABELS)
        # after conversion, what still looks like Zawgyi to the model is Burmese
        return _decided({"zgi": "mya"}.get(label, label), sure, tool.least)
    if script == "Latn":
        said, general = _first(tool.general(letters))
        here, regional = _best(tool.regional(letters), _LATIN_LABELS)
        if said == here:
            return said, max(general, regional)
        if here not in ("eng", "") and regional >= 0.9 and general < 0.5 and len(letters) >= tool.letters_alone:
            return here, regional
        return _decided(said, general, tool.least)
    return _decided(*_first(tool.general(letters)), tool.least)


def _decided(label: str, confidence: float, least: float) -> tuple[str, float]:
    return (label, confidence) if label and confidence >= least else (UNSURE, confidence)


def _letters(text: str, script: str) -> str:
    """Letters and marks of one script, lower case, other characters as one space."""
    ranges = next((r for n, r in _SCRIPTS if n == script), ())
    kept = "".join(c if any(a <= ord(c) <= b for a, b in ranges) and not unicodedata.category(c).startswith(("N", "P"))
                   else " " for c in text.lower())  # fmt: skip
    return " ".join(kept.split())


def _best(answers: list[tuple[str, float]], allowed: frozenset[str]) -> tuple[str, float]:
    """The best of the labels that this script allows, with its share among them."""
    among = [(label, p) for label, p in answers if label in allowed]
    total = sum(p for _, p in among)
    return (among[0][0], among[0][1] / total) if total > 0 else ("", 0.0)


def _first(answers: list[tuple[str, float]]) -> tuple[str, float]:
    label, probability = answers[0] if answers else ("", 0.0)
    return _THREE_LETTERS.get(label, label if len(label) == 3 else ""), min(1.0, probability)


def _classifier(file: Path) -> Classifier:
    import fasttext

    loaded = fasttext.load_model(str(file))

    def classify(text: str) -> list[tuple[str, float]]:
        labels, probabilities = loaded.predict(text, k=30)
        return [(label.removeprefix("__label__"), float(p)) for label, p in zip(labels, probabilities, strict=True)]

    return classify


STAGE = Stage(
    name="languages",
    version=1,
    tables=(NORMAL_SEGMENTS,),
    reads=ORIGINS,
    ingredients={
        "languages": Ingredient(
            version=2,
            # the regional model alone is certain of Chin in any two stray syllables, as OCR of a photograph gives
            parameters={"least_confidence": 500_000, "least_letters": 3, "least_letters_alone": 20},
            models={"language-regional": "absent", "language-general": "absent"},
        )
    },
    load=load,
    apply=apply,
    triage=without_segments,
    slice_items=500,
    limits=Limits(seconds=120, seconds_per_mb=30),
)
