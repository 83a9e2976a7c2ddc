"""Learning the recogniser's weights.

    python -m training.recogniser.train WORK FOLDER MODEL

Reads MODEL.jsonl from WORK, writes the weights of that model, "names" or "words", to FOLDER. The same sentences give the
same weights. The first does not see the dictionary: the two err apart.

Here: sentences as labelled syllables, and CRFsuite's settings. Not here: the sentences (generate), how good it is (evaluate).
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pycrfsuite

from iimm_pipelines.burmese.recogniser import WEIGHTS, Kind, Piece, features, labelled, pieces

SETTINGS = {"c1": 0.25, "c2": 0.02, "max_iterations": 60, "feature.possible_transitions": True, "feature.minfreq": 4}
"""c1 drives weights to nought, which keeps the file small; a feature seen less than four times is none."""

_OF_DICTIONARY = "d"
"""What the features begin with that the dictionary tells."""


def examples(sentences: Iterator[Sequence[Sequence[str]]]) -> Iterator[tuple[Piece, list[str]]]:
    """Pieces of sentences with their labels; one whose names do not begin and end with syllables is left out."""
    for chunks in sentences:
        text, spans = "", []
        for chunk, kind in chunks:
            if kind:
                spans.append((len(text), len(text) + len(chunk), Kind(kind)))
            text += chunk
        for piece in pieces(text):
            inside = [s for s in spans if piece.starts[0] <= s[0] and s[1] <= piece.ends[-1]]
            try:
                names = [(piece.starts.index(a), _last(piece, b), kind) for a, b, kind in inside]
            except ValueError:
                continue
            yield piece, labelled(len(piece.words), names)


def _last(piece: Piece, end: int) -> int:
    """The syllable that a name ends with, a bracket behind it left off."""
    return piece.ends.index(end) if end in piece.ends else piece.ends.index(end - 1)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path, help="folder with MODEL.jsonl")
    parser.add_argument("folder", type=Path, help="folder of the model")
    parser.add_argument("model", choices=[name.partition(".")[0] for name in WEIGHTS])
    arguments = parser.parse_args()
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", params=SETTINGS)
    with (arguments.work / f"{arguments.model}.jsonl").open(encoding="utf-8") as file:
        for piece, labels in examples(map(json.loads, file)):
            seen = features(piece)
            if arguments.model == "names":
                seen = [[one for one in row if not one.startswith(_OF_DICTIONARY)] for row in seen]
            trainer.append(seen, labels)
    plain = arguments.work / f"{arguments.model}.crfsuite"
    trainer.train(str(plain))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(plain.read_bytes(), mtime=0)
    (arguments.folder / f"{plain.name}.gz").write_bytes(packed)


if __name__ == "__main__":
    main()
