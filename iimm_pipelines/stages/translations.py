"""Translations: English for each normal segment that needs it, made by a machine and marked so.

Here: which segments and stretches are translated, sentences, the score of a translation and whether it is to be relied on.
Not here: how a text is written for the model (model_text), how the model came to be (training/).

Each item is done by itself, one sentence of it beside the others in a fixed order, so that the same text gives the same
English whatever else is in the shard.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.burmese.numerals import to_ascii_digits
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.engine.outcome import Outcome, Reason, Row, ended, produced
from iimm_pipelines.engine.stage import HINTS, Ingredient, Limits, Stage, Task
from iimm_pipelines.model_store.card import Status
from iimm_pipelines.schema import TRANSLATIONS
from iimm_pipelines.stages.model_text import for_model
from iimm_pipelines.stages.texts import normal_segments, stretches, without_normal_segments
from iimm_pipelines.stages.weights import model

MODEL = "my-en"
LANGUAGE = "mya"
_TOGETHER = 32
"""Sentences in one batch of the model."""
_BREAKS = re.compile(r"(\s*\n\s*)")
_SENTENCES = re.compile(r"[^။]*။+|[^။]+")
_BURMESE = re.compile(r"[\u1000-\u103f\u104c-\u109f]")
_NUMBER = re.compile(r"\d+(?:,\d{3})*")
_PLACEHOLDER = re.compile(r"<e[0-7]>")
"""Nothing is hidden from the model here, so that a placeholder in its answer is made up."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """English, the mean log probability of its pieces in millionths, how many pieces, and whether it came to an end."""

    text: str
    score: int
    pieces: int
    ended: bool


@dataclass(frozen=True, slots=True)
class Tool:
    """The model, as the stage calls it. `pieces` counts what the model reads of a text."""

    name: str
    starter: bool
    pieces: Callable[[str], int]
    translate: Callable[[Sequence[str]], list[Sentence]]
    longest: int
    reliable_from: int
    syllables: int


def load(ingredients: Mapping[str, Ingredient], models: Path) -> Tool:
    """Model and vocabularies.

    Raises:
        Problem: `no model`.
    """
    import ctranslate2
    import sentencepiece

    found = model(models, MODEL)
    decoding = tomllib.loads((found.folder / "decoding.toml").read_text(encoding="utf-8"))
    translator = ctranslate2.Translator(
        str(found.folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
    )
    source, target = (
        sentencepiece.SentencePieceProcessor(model_file=str(found.folder / f"{side}.spm"))
        for side in ("source", "target")
    )
    longest_target = decoding["longest_target_pieces"]

    def translate(texts: Sequence[str]) -> list[Sentence]:
        results = translator.translate_batch(
            [source.encode(text, out_type=str) for text in texts],
            beam_size=decoding["beam_size"],
            length_penalty=decoding["length_penalty"],
            max_decoding_length=longest_target,
            max_input_length=0,
            max_batch_size=_TOGETHER,
            return_scores=True,
        )
        return [
            Sentence(target.decode(r.hypotheses[0]), round(r.scores[0] * 1_000_000), len(r.hypotheses[0]),
                     len(r.hypotheses[0]) < longest_target)
            for r in results
        ]  # fmt: skip

    return Tool(
        name=str(found.name),
        starter=found.status is Status.STARTER,
        pieces=lambda text: len(source.encode(text)),
        translate=translate,
        longest=decoding["longest_source_pieces"],
        reliable_from=decoding["reliable_from_millionths"],
        syllables=ingredients[MODEL].parameters["sentence_syllables"],
    )


def triage(task: Task) -> Outcome | None:
    """No text, or text that needs no English: all of it is English, or has too few letters to be of any language."""
    if (nothing := without_normal_segments(task)) is not None:
        return nothing
    said = [*normal_segments(task), *(s for some in stretches(task).values() for s in some)]
    return None if any(map(_needs, said)) else ended(Reason.NO_NEED, frozenset())


def apply(tool: Tool, task: Task) -> Outcome:
    """English for the segments of one item in the language of the model."""
    if tool.starter and not task.hints.get("starter_models", False):
        return ended(Reason.SWITCHED_OFF, frozenset({HINTS}))
    mixed = stretches(task)
    wanted, cut = [], []
    for segment in normal_segments(task):
        parts = mixed.get((segment["origin"], segment["ordinal"]), [{**segment, "start": 0, "end": None}])
        if any(part["language"] == LANGUAGE for part in parts):
            wanted.append(segment)
            cut.append([piece for part in parts for piece in _of_part(tool, segment["text"], part)])
    if not wanted:
        return ended(Reason.NO_MODEL)
    order = list(dict.fromkeys(text for pieces in cut for text, between in pieces if not between))
    english = dict(zip(order, tool.translate(order), strict=True)) if order else {}
    rows = [_row(tool, segment, pieces, english) for segment, pieces in zip(wanted, cut, strict=True)]
    # A starter model's answer must not be carried into an accession where it is switched off.
    return produced({"translations": rows}, frozenset({MODEL, HINTS}) if tool.starter else frozenset({MODEL}))


def _needs(segment: Row) -> bool:
    """Not English, nor without a language: too few letters (confidence 0), or Latin ones that no model is sure of."""
    if segment["language"] == "und":
        return segment["confidence"] > 0 and segment["script"] not in ("Latn", "Zyyy")
    return bool(segment["language"] != "eng")


def _of_part(tool: Tool, text: str, part: Row) -> Iterator[tuple[str, bool]]:
    """A part of a text that is in one language: cut into sentences, or as it is where the model does not know it."""
    said = text[part["start"] : part["end"]]
    if part["language"] == LANGUAGE:
        yield from _sentences(tool, said)
    else:
        yield said, True


def _sentences(tool: Tool, text: str) -> Iterator[tuple[str, bool]]:
    """A text cut into sentences for the model, and what stays as it is: breaks, lines without Burmese."""
    for line in _BREAKS.split(text):
        if not _BURMESE.search(line):
            yield line, True
            continue
        parts = [part for sentence in _SENTENCES.findall(line) for part in _short_enough(tool, sentence)]
        for i, part in enumerate(parts):
            if i:
                yield " ", True
            yield (for_model(part), False) if _BURMESE.search(part) else (part.strip(), True)


def _short_enough(tool: Tool, sentence: str) -> Iterator[str]:
    """A sentence, in pieces where it is longer than what the model learnt: cut at a comma, a space, or anywhere."""
    rest = sentence
    while rest:
        spans = list(syllables(rest))
        end = len(rest)
        if len(spans) > tool.syllables:
            earliest, latest = spans[tool.syllables // 2].start, spans[tool.syllables].start
            at = rest.rfind("၊", earliest, latest)
            at = rest.rfind(" ", earliest, latest) if at < 0 else at
            end = latest if at < 0 else at + 1
        while end > 1 and tool.pieces(for_model(rest[:end])) > tool.longest:
            end //= 2
        yield rest[:end]
        rest = rest[end:]


def _row(tool: Tool, segment: Row, cut: Sequence[tuple[str, bool]], english: Mapping[str, Sentence]) -> Row:
    sentences = [english[text] for text, between in cut if not between]
    text = "".join(text if between else english[text].text for text, between in cut)
    pieces = sum(s.pieces for s in sentences)
    score = round(sum(s.score * s.pieces for s in sentences) / pieces) if pieces else None
    reliable = (
        score is not None
        and score >= tool.reliable_from
        and all(s.ended and s.pieces for s in sentences)
        and _numbers(segment["text"]) == _numbers(text)
        and not _PLACEHOLDER.search(text)
    )
    return {"origin": segment["origin"], "ordinal": segment["ordinal"], "text": text, "model": tool.name,
            "status": "starter" if tool.starter else "production", "score": score, "reliable": reliable}  # fmt: skip


def _numbers(text: str) -> Counter[str]:
    """The numbers of a text; a comma that groups thousands is no part of them."""
    return Counter(n.replace(",", "") for n in _NUMBER.findall(to_ascii_digits(text)))


STAGE = Stage(
    name="translations",
    version=1,
    tables=(TRANSLATIONS,),
    reads=("languages",),
    ingredients={MODEL: Ingredient(version=2, parameters={"sentence_syllables": 60}, models={MODEL: "absent"})},
    load=load,
    apply=apply,
    triage=triage,
    slice_items=100,
    limits=Limits(seconds=300, seconds_per_mb=600),
    hints=("starter_models",),
)
