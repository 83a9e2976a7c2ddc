"""Languages: each segment in normal form, with its language, script and the encoding that it came in.

Here: normal form, where a mixed segment is cut, the language of a stretch: by its script, by letters that only one
language of the script uses, else by two models that see letters of that script only.
Not here: the rules of Burmese text (burmese/), the ranges of scripts (scripts), translation.

A segment stays one row, so that offsets, citations and phrases hold; where its language changes, rows of `stretches` say
which part is in which. Its own language is that of most of its letters.

The regional model is never fed raw text: with punctuation and digits it calls a quarter of all Burmese, and most
English, Mon. It knows no French, so that Latin text needs the general model's second opinion. Neither knows Pa'O, Eastern
Pwo and Mizo, which the regional one calls Mon, Burmese and Hakha; their letters tell them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from iimm_pipelines.burmese.letters import is_not_burmese, language_by_letters
from iimm_pipelines.burmese.zawgyi import can_be_zawgyi
from iimm_pipelines.engine.outcome import Outcome, Row, produced
from iimm_pipelines.engine.stage import Ingredient, Limits, Stage, Task
from iimm_pipelines.schema import NORMAL_SEGMENTS, STRETCHES
from iimm_pipelines.stages.scripts import Run, letters_of, runs
from iimm_pipelines.stages.texts import ORIGINS, segments, without_segments
from iimm_pipelines.stages.weights import model

UNSURE = "und"
BURMESE = "mya"
_ZAWGYI = "zgi"
"""The regional model's label for Burmese in Zawgyi."""
_ONE_LANGUAGE = {
    "Kali": "eky", "Rohg": "rhg", "Thai": "tha", "Laoo": "lao", "Khmr": "khm", "Hani": "zho", "Jpan": "jpn", "Hang": "kor",
    "Taml": "tam", "Telu": "tel", "Knda": "kan", "Mlym": "mal", "Sinh": "sin", "Guru": "pan", "Gujr": "guj", "Orya": "ori",
    "Grek": "ell",
}  # fmt: skip
"""Scripts of one language, or in which another is so rare that the script tells."""
_OF_BLOCK = frozenset({BURMESE, _ZAWGYI, "shn", "mnw", "ksw", "pwo", "kvq"})
_WITHOUT_OWN_LETTERS = frozenset({BURMESE, _ZAWGYI, "mnw"})
"""What a text in the letters of Burmese alone can be; a tenth of all lines of Mon has no letter of its own."""
_NEVER_MON = re.compile("\u1037|ည\u103a")
"""Marks that none of 396 lines of Mon without letters of its own has."""
_MON_BY_MODEL = 0.8
"""Confidence where the model alone says Mon: too little to cut a segment."""
_CHIN = frozenset({"cnh", "cfm", "ctd", "kac"})
"""Chin, with Kachin: languages of which the general model says anything, seldom surely."""
_LATIN = frozenset({"eng", "vie", "msa", "tgl", "ban", "sun", "hnn"}) | _CHIN
# Mizo alone among them marks letters, and has these words.
_MIZO = re.compile(r"[^a-z ]|\b(?:chu|chuan|hian|emaw|chhung|avangin|rawh|suh)\b")
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
    settings: Settings


@dataclass(frozen=True, slots=True)
class Settings:
    """From what confidence, and how many letters, a language is said; confidences are shares."""

    least: float
    least_short: float
    letters: int
    letters_enough: int
    least_mon: float
    least_chin: float
    most_general: float
    least_cut: float


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Detector and models."""
    from iimm_pipelines.burmese.zawgyi import detector

    parameters = ingredients["languages"].parameters

    def share(name: str) -> float:
        return float(parameters[name]) / 1_000_000

    return Tool(
        zawgyi_probability=detector(),
        regional=_classifier(model(models, "language-regional").folder / "pdsdetect.ftz"),
        general=_classifier(model(models, "language-general").folder / "lid.176.ftz"),
        settings=Settings(
            least=share("least_confidence"),
            least_short=share("least_confidence_short"),
            letters=parameters["least_letters"],
            letters_enough=parameters["letters_enough"],
            least_mon=share("least_mon"),
            least_chin=share("least_chin"),
            most_general=share("most_general"),
            least_cut=share("least_cut"),
        ),
    )


def apply(tool: Tool, task: Task) -> Outcome:
    """Each segment of an item, in normal form and with its language."""
    from iimm_pipelines.burmese.encoding import normal_texts

    rows: list[Row] = []
    mixed: list[Row] = []
    found = list(segments(task))
    normals = normal_texts([segment["text"] for _, _, segment in found], tool.zawgyi_probability)
    for (origin, ordinal, _), normal in zip(found, normals, strict=True):
        place = {"origin": origin, "ordinal": ordinal}
        stretches = list(stretches_of(tool, normal.text))
        rows.append({
            **place, "text": normal.text,
            "raw": None if normal.raw == normal.text else normal.raw,
            "edits": [n for edit in normal.edits for n in edit] or None,
            **_said(_main(stretches)), "encoding": str(normal.encoding),
        })  # fmt: skip
        if len(stretches) > 1:
            mixed += [{**place, "start": s.run.start, "end": s.run.end, **_said(s)} for s in stretches]
    return produced({"normal_segments": rows, "stretches": mixed})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a text in one language (ISO 639-3, `und` when unsure); `letters` says how much of it there is."""

    run: Run
    language: str
    confidence: float
    letters: int


def _said(stretch: Stretch) -> Row:
    confidence = round(stretch.confidence * 1_000_000)
    return {"language": stretch.language, "script": stretch.run.script, "confidence": confidence}


def _main(stretches: list[Stretch]) -> Stretch:
    """The stretch that speaks for the segment: the longest in the language of most letters."""
    letters: Counter[tuple[str, str]] = Counter()
    for s in stretches:
        letters[s.language, s.run.script] += s.letters
    return max(stretches, key=lambda s: (letters[s.language, s.run.script], s.letters))


def stretches_of(tool: Tool, text: str) -> Iterator[Stretch]:
    """A text cut where its script changes, and where its language changes between two sentences."""
    for run in runs(text):
        yield from _cut(tool, text, run)


_SENTENCE = re.compile(r"[^\n။.!?]*(?:[\n။.!?]+\s*|$)")


def _cut(tool: Tool, text: str, run: Run) -> Iterator[Stretch]:
    """A run of one script cut at sentences that are surely in another language than the run as a whole."""
    whole = _stretch(tool, text, run)
    ends = [m.end() for m in _SENTENCE.finditer(text, run.start, run.end) if m.end() > m.start()]
    if len(ends) < 2 or run.script in _ONE_LANGUAGE or whole.letters < 2 * tool.settings.letters_enough:
        yield whole
        return
    said = whole.language
    told: list[tuple[str, int]] = []
    for start, end in zip([run.start, *ends], ends, strict=False):
        one = _stretch(tool, text, Run(start, end, run.script))
        if one.letters >= tool.settings.letters_enough:  # what has fewer goes with the sentence before it
            said = one.language if one.confidence >= tool.settings.least_cut else whole.language
        told.append((said, end))
    start = run.start
    if len({language for language, _ in told}) == 1 and told[0][0] in (whole.language, UNSURE):
        yield whole
        return
    for language, group in groupby(told, key=lambda t: t[0]):
        end = [end for _, end in group][-1]
        one = _stretch(tool, text, Run(start, end, run.script))
        # sentences that each are surely in a language are so together
        yield one if one.language == language else Stretch(one.run, language, tool.settings.least_cut, one.letters)
        start = end


def _stretch(tool: Tool, text: str, run: Run) -> Stretch:
    letters = letters_of(text[run.start : run.end], run.script)
    language, confidence = language_of(tool, letters, run.script)
    return Stretch(run, language, confidence, len(letters) - letters.count(" "))


def language_of(tool: Tool, letters: str, script: str) -> tuple[str, float]:
    """Language (ISO 639-3) and confidence of letters of one script, `und` when unsure."""
    if len(letters.replace(" ", "")) < tool.settings.letters:
        return UNSURE, 0.0
    if script in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[script], 1.0
    if script == "Mymr":
        return _of_block(tool, letters)
    if script == "Latn":
        return _of_latin(tool, letters)
    return _decided(tool, letters, *likeliest(tool.general(letters)))


def _of_block(tool: Tool, letters: str) -> tuple[str, float]:
    """A language of the Burmese block: by letters of its own, else Burmese or Mon by the regional model."""
    answers = tool.regional(letters)
    label, sure = _best(answers, _OF_BLOCK)
    if label == _ZAWGYI and can_be_zawgyi(letters):  # what still looks like Zawgyi to the model is Burmese
        return _decided(tool, letters, BURMESE, sure)
    if is_not_burmese(letters):
        by_letters = language_by_letters(letters)
        if by_letters:
            return _decided(tool, letters, *by_letters)
        return _decided(tool, letters, label if label != BURMESE else "", sure)
    label, sure = _best(answers, _WITHOUT_OWN_LETTERS)
    if label == "mnw":
        if sure < tool.settings.least_mon or _NEVER_MON.search(letters):
            return BURMESE, max(1 - sure, tool.settings.least_short)
        return label, min(sure, _MON_BY_MODEL)
    return _decided(tool, letters, BURMESE if label == _ZAWGYI else label, sure)


def _of_latin(tool: Tool, letters: str) -> tuple[str, float]:
    """A language in Latin letters: Chin by the regional model where the general one is unsure, else by the general."""
    said, general = likeliest(tool.general(letters))
    here, regional = _best(tool.regional(letters), _LATIN)
    if here in _CHIN and len(letters) >= tool.settings.letters_enough:
        if general < 0.5 and _MIZO.search(letters):
            return "lus", regional
        if regional >= tool.settings.least_chin and general < tool.settings.most_general:
            return here, regional
    return (said, max(general, regional)) if said == here else _decided(tool, letters, said, general)


def _decided(tool: Tool, letters: str, label: str, confidence: float) -> tuple[str, float]:
    long = len(letters) >= tool.settings.letters_enough
    least = tool.settings.least if long else tool.settings.least_short
    return (label, confidence) if label and confidence >= least else (UNSURE, confidence)


def _best(answers: list[tuple[str, float]], allowed: frozenset[str]) -> tuple[str, float]:
    """The best of the labels that this script allows, with its share among them."""
    among = [(label, p) for label, p in answers if label in allowed]
    total = sum(p for _, p in among)
    return (among[0][0], among[0][1] / total) if total > 0 else ("", 0.0)


def likeliest(answers: list[tuple[str, float]]) -> tuple[str, float]:
    """The general model's first answer (ISO 639-3) and its probability; nothing where it has no code of three letters."""
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
    tables=(NORMAL_SEGMENTS, STRETCHES),
    reads=ORIGINS,
    ingredients={
        "languages": Ingredient(
            version=4,
            # Chosen on interface messages of MediaWiki, held against the Declaration of Human Rights (benchmarks).
            # Burmese is called Mon with .99 in one line of 100, Mon with less than .999 in one of 50. The regional model is certain of
            # Chin in any two stray syllables, as OCR of a photograph gives, and the general one of English, up to .8.
            parameters={
                "least_confidence": 300_000,
                "least_confidence_short": 500_000,
                "least_letters": 3,
                "letters_enough": 20,
                "least_mon": 999_000,
                "least_chin": 970_000,
                "most_general": 800_000,
                "least_cut": 900_000,
            },
            models={"language-regional": "absent", "language-general": "absent"},
        )  # fmt: skip
    },
    load=load,
    apply=apply,
    triage=without_segments,
    slice_items=500,
    limits=Limits(seconds=120, seconds_per_mb=30),
)
