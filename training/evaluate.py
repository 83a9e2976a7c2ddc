"""Measures a converted model on text that it never learnt, and writes its card.

    python -m training.evaluate DATA WORK FOLDER

Here: scores, how far the model's own score can be trusted, the card with just these figures and the files' digests.
Not here: the checkpoint (the int8 model is measured, as it ships), translation in the pipeline.
"""

import argparse
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import sacrebleu
import sentencepiece

from training.corpus import PLACEHOLDERS, Corpus, Sentence, mask, read_corpus
from training.generate import SEED

CARD, DECODING = "card.toml", "decoding.toml"
BEAM, LENGTH_PENALTY, LONGEST_SOURCE, LONGEST_TARGET = 4, 1.0, 200, 160
RELIABLE_FROM = -350_000
"""Millionths of a nat for each target piece. Chosen on an earlier model, so this one's figures do not flatter it."""

_SETS = {
    "synthetic": "synthetic sentences of the training templates with village, ward and person names never seen",
    "verses": "verses held out",
    "talpco": "TALPCo held out, much like its training part",
    "tatoeba": "Tatoeba, everyday sentences",
    "tico": "TICO-19, health, documents not trained on",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """English, and the mean log probability of its pieces in millionths."""

    en: str
    score: int


Note = Callable[[str, str, float], None]
"""Takes down a figure: test set, measure, value."""


class Translator:
    """The model as the pipeline calls it."""

    def __init__(self, folder: Path) -> None:
        """Loads on the CPU, one thread."""
        self._model = ctranslate2.Translator(str(folder), device="cpu", compute_type="int8", intra_threads=1)
        self._source, self._target = (
            sentencepiece.SentencePieceProcessor(model_file=str(folder / f"{side}.spm"))
            for side in ("source", "target")
        )

    def translate(self, texts: Iterable[str]) -> list[Translation]:
        """English for texts in the form of for_model."""
        found = self._model.translate_batch(
            [self._source.encode(text, out_type=str)[:LONGEST_SOURCE] for text in texts],
            beam_size=BEAM,
            length_penalty=LENGTH_PENALTY,
            max_decoding_length=LONGEST_TARGET,
            max_batch_size=32,
            return_scores=True,
        )
        return [Translation(self._target.decode(one.hypotheses[0]), round(one.scores[0] * 1e6)) for one in found]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the card."""

    test_set: str
    measure: str
    figure: float


def _share(found: Iterable[Counter[str]], wanted: Sequence[Counter[str]]) -> float:
    """How many of the wanted things were found, by sentence."""
    right = sum((a & b).total() for a, b in zip(found, wanted, strict=True))
    return right / sum(one.total() for one in wanted)


def _numbers(text: str) -> Counter[str]:
    return Counter(re.findall(r"\d+", text))


def _placeholders(text: str) -> Counter[str]:
    return Counter(re.findall("|".join(PLACEHOLDERS), text))


def measure(translator: Translator, corpus: Corpus) -> list[Figure]:
    """All figures, printed as they come."""
    figures: list[Figure] = []

    def note(test_set: str, what: str, value: float) -> None:
        figures.append(Figure(test_set, what, round(value, 3)))
        print(f"{test_set} | {what} | {value:.3f}", flush=True)

    for name, description in _SETS.items():
        pairs = corpus.test[name]
        found = translator.translate(pair.my for pair in pairs)
        hypotheses, references = [one.en for one in found], [[pair.en for pair in pairs]]
        test_set = f"{description}, {len(pairs)}"
        note(test_set, "chrF", round(sacrebleu.corpus_chrf(hypotheses, references).score, 1))
        note(test_set, "BLEU", round(sacrebleu.corpus_bleu(hypotheses, references).score, 1))
        note(test_set, "share called reliable", sum(one.score >= RELIABLE_FROM for one in found) / len(found))
        if name == "synthetic":
            _facts(translator, pairs, hypotheses, test_set, note)
    names = corpus.test["names"]
    exact = [
        one.en == pair.en for one, pair in zip(translator.translate(pair.my for pair in names), names, strict=True)
    ]
    note(f"names alone, never seen, {len(names)}", "share spelt as in the source", sum(exact) / len(exact))
    return figures


def _facts(
    translator: Translator, pairs: Sequence[Sentence], hypotheses: Sequence[str], test_set: str, note: Note
) -> None:
    """Numbers and names, the latter also when they are hidden behind placeholders."""
    note(test_set, "share of numbers right", _share(map(_numbers, hypotheses), [_numbers(pair.en) for pair in pairs]))
    wanted = [Counter(en for _, en in pair.names) for pair in pairs]
    kept = [Counter(en for _, en in pair.names if en in text) for pair, text in zip(pairs, hypotheses, strict=True)]
    note(test_set, "share of names right", _share(kept, wanted))
    note(
        test_set,
        "share of sentences right",
        sum(text == pair.en for text, pair in zip(hypotheses, pairs, strict=True)) / len(pairs),
    )
    rng = random.Random(SEED)
    hidden = [mask(pair, rng, share=1.0) for pair in pairs]
    found = translator.translate(pair.my for pair in hidden)
    note(
        test_set,
        "share of placeholders kept",
        _share((_placeholders(one.en) for one in found), [_placeholders(pair.en) for pair in hidden]),
    )


def write_decoding(folder: Path) -> None:
    """How the model is to be called: part of the model, so a change is another digest."""
    (folder / DECODING).write_text(
        "# How this model is called, after iimm_pipelines.stages.model_text.for_model and source.spm.\n"
        f"beam_size = {BEAM}\nlength_penalty = {LENGTH_PENALTY}\n"
        f"longest_source_pieces = {LONGEST_SOURCE}  # what is longer must be cut into sentences before\n"
        f"longest_target_pieces = {LONGEST_TARGET}\n"
        f"reliable_from_millionths = {RELIABLE_FROM}  # mean log probability of a target piece\n",
        encoding="utf-8",
    )


def write_card(folder: Path, figures: Sequence[Figure]) -> None:
    """The card: words from card.head.toml beside this module, then figures and digests."""
    parts = [Path(__file__).with_name("card.head.toml").read_text(encoding="utf-8")]
    parts += [
        f'\n[[quality]]\ntest_set = "{one.test_set}"\nmeasure = "{one.measure}"\nfigure = {one.figure}\n'
        for one in figures
    ]
    for path in sorted(folder.iterdir()):
        if path.name != CARD:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            parts.append(f'\n[[files]]\nname = "{path.name}"\nbytes = {len(content)}\nsha256 = "{digest}"\n')
    (folder / CARD).write_text("".join(parts), encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the parallel text")
    parser.add_argument("work", type=Path, help="folder that training.generate wrote to")
    parser.add_argument("folder", type=Path, help="model folder that training.convert wrote")
    arguments = parser.parse_args()
    figures = measure(Translator(arguments.folder), read_corpus(arguments.data, arguments.work))
    write_decoding(arguments.folder)
    write_card(arguments.folder, figures)


if __name__ == "__main__":
    main()
