"""Parallel text, its split into training and test by hash, and the two vocabularies.

    python -m training.corpus DATA WORK      (after training.generate)

Here: reading, normal forms, splits, hiding of names, SentencePiece.
Not here: how often each source is seen (train.py). Licences of the sources stand in README.md and in the model's card.
"""

import argparse
import hashlib
import json
import random
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from iimm_pipelines.stages.model_text import for_model
from training.generate import SEED
from training.places import Name

PLACEHOLDERS = tuple(f"<e{number}>" for number in range(8))
SOURCE_PIECES, TARGET_PIECES = 4_000, 5_000
UNKNOWN, BEGIN, END, PADDING = range(4)
"""Ids of the pieces that both vocabularies begin with."""

VERSES_HELD_OUT, TALPCO_HELD_OUT, SYNTHETIC_TESTED = 500, 300, 500
_STRAIGHT = str.maketrans(
    {"“": '"', "”": '"', "’": "'", "‘": "'", "—": "-", "–": "-", "\u00a0": " ", "\u200b": None, "\ufeff": None}
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A pair in the form that the model sees, with its names (Burmese spaced at syllables)."""

    my: str
    en: str
    names: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Pairs by source: to learn from, and kept for the test."""

    train: dict[str, tuple[Sentence, ...]]
    test: dict[str, tuple[Sentence, ...]]


def plain_english(text: str) -> str:
    """References and targets: NFC, straight quotes and hyphens, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_STRAIGHT).split())


def sentence(my: str, en: str) -> Sentence:
    """A pair of raw text."""
    return Sentence(for_model(my), plain_english(en))


def mask(pair: Sentence, rng: random.Random, share: float = 0.9) -> Sentence:
    """The pair with names hidden behind placeholders on both sides, those that stand exactly once on each.

    In training one name in ten is left, so that the model meets both in one sentence. Which placeholders are used is
    random, their order in the Burmese is ascending.
    """
    my, en = f" {pair.my} ", pair.en

    def once(name: Name) -> bool:
        return my.count(f" {name[0]} ") == 1 and len(re.findall(rf"\b{re.escape(name[1])}\b", en)) == 1

    found = sorted((name for name in pair.names if once(name)), key=lambda name: my.find(f" {name[0]} "))[
        : len(PLACEHOLDERS)
    ]
    for number, name in zip(sorted(rng.sample(range(len(PLACEHOLDERS)), len(found))), found, strict=True):
        if rng.random() < share and once(name):
            my = my.replace(f" {name[0]} ", f" {PLACEHOLDERS[number]} ")
            en = re.sub(rf"\b{re.escape(name[1])}\b", PLACEHOLDERS[number], en)
    return Sentence(my.strip(), en)


def _rank(key: str) -> bytes:
    """An order that chance chose once and for all."""
    return hashlib.sha256(key.encode()).digest()


def _split(rows: Sequence[tuple[str, Sentence]], held: int) -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """Training and test; what repeats either side of a test pair word for word is in neither."""
    ordered = [pair for _, pair in sorted(rows, key=lambda row: _rank(row[0]))]
    test = tuple(ordered[:held])
    known = {pair.my for pair in test} | {pair.en for pair in test}
    return tuple(pair for pair in ordered[held:] if pair.my not in known and pair.en not in known), test


def _columns(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]


def _made(path: Path) -> tuple[Sentence, ...]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return tuple(Sentence(for_model(my), en, tuple((for_model(a), b) for a, b in names)) for my, en, names in rows)


def read_corpus(data: Path, work: Path) -> Corpus:
    """All pairs. Every third document of TICO-19, in order of name, is for the test: whole, so that no subject leaks.

    A test pair whose Burmese is learnt anywhere, were it a single word, is dropped.
    """
    train: dict[str, tuple[Sentence, ...]] = {}
    test: dict[str, tuple[Sentence, ...]] = {}
    verses = [(place, sentence(my, en)) for place, en, my in _columns(data / "parallel" / "judson-web.en-my.tsv")]
    train["verses"], test["verses"] = _split(verses, VERSES_HELD_OUT)
    english = {row[0]: row[1] for row in _columns(data / "talpco" / "eng.txt")}
    spoken = [sentence(row[1], english[row[0]]) for row in _columns(data / "talpco" / "my.txt") if row[0] in english]
    train["talpco"], test["talpco"] = _split([(pair.en, pair) for pair in spoken], TALPCO_HELD_OUT)
    health = _columns(data / "tico19" / "tico19-dev.en-my.tsv")
    documents = sorted({key.split(":")[0] for key, _, _ in health})
    kept = set(documents[::3])
    train["tico"] = tuple(sentence(my, en) for key, en, my in health if key.split(":")[0] not in kept)
    test["tico"] = tuple(sentence(my, en) for key, en, my in health if key.split(":")[0] in kept)
    stem = data / "tatoeba" / "tatoeba-test-v2021-08-07"
    sides = (stem.with_name(f"{stem.name}.{side}").read_text(encoding="utf-8").splitlines() for side in ("mya", "eng"))
    test["tatoeba"] = tuple(sentence(my, en) for my, en in zip(*sides, strict=True))
    train["synthetic"], train["names"] = _made(work / "synthetic.train.jsonl"), _made(work / "names.train.jsonl")
    test["synthetic"] = _made(work / "synthetic.test.jsonl")[:SYNTHETIC_TESTED]
    test["names"] = _made(work / "names.test.jsonl")
    learnt = {pair.my for pairs in train.values() for pair in pairs}
    unseen = {name: tuple(pair for pair in pairs if pair.my not in learnt) for name, pairs in test.items()}
    return Corpus(train, unseen)


def train_vocabularies(corpus: Corpus, work: Path) -> None:
    """Byte-pair pieces over spaced syllables, for each side its own, into source.spm and target.spm.

    Pieces by frequency of merges and not the unigram method: over spaced syllables that one found only 2,299 pieces.
    """
    rng = random.Random(SEED)
    train = corpus.train
    chosen = [
        *train["verses"],
        *train["talpco"] * 4,
        *train["tico"] * 4,
        *rng.sample(train["synthetic"], 20_000),
        *train["names"],
    ]
    for name, size, texts in (
        ("source", SOURCE_PIECES, (pair.my for pair in chosen)),
        ("target", TARGET_PIECES, (pair.en for pair in chosen)),
    ):
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=texts,
            model_prefix=str(work / name),
            vocab_size=size,
            model_type="bpe",
            byte_fallback=True,
            split_digits=True,
            character_coverage=1.0 if name == "source" else 0.9999,
            max_sentencepiece_length=16,
            normalization_rule_name="identity",
            user_defined_symbols=list(PLACEHOLDERS),
            unk_id=UNKNOWN,
            bos_id=BEGIN,
            eos_id=END,
            pad_id=PADDING,
            num_threads=2,
            minloglevel=1,
        )
        (work / f"{name}.model").replace(work / f"{name}.spm")
        (work / f"{name}.vocab").unlink()


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder with the parallel text")
    parser.add_argument("work", type=Path, help="folder that training.generate wrote to")
    arguments = parser.parse_args()
    corpus = read_corpus(arguments.data, arguments.work)
    for label, part in (("train", corpus.train), ("test", corpus.test)):
        print(label, {name: len(pairs) for name, pairs in part.items()})
    train_vocabularies(corpus, arguments.work)


if __name__ == "__main__":
    main()
