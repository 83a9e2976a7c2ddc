"""How good the recogniser is by itself, and its card.

    python -m training.recogniser.evaluate DATA FOLDER

Measures the weights in FOLDER on the validation part of myNER below DATA, and writes card.toml beside them.

Here: figures of the model alone, the card. Not here: the whole stage with its rules (benchmarks/names).
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

from benchmarks.names import Spans, labelled, scores
from iimm_pipelines.burmese.recogniser import WEIGHTS, Kind, Recogniser

CARD = "card.toml"
TEST_SET = "myNER validation, written without spaces"


def figures(data: Path, folder: Path) -> list[tuple[str, float]]:
    """Precision, recall and F1 by kind."""
    recogniser = Recogniser(folder)
    sentences = labelled(data / "myner" / "val_v5.conll")
    found = [recogniser.find(text) for text, _ in sentences]
    told = []
    for kind in Kind:
        name = kind.name.lower()
        ours: list[Spans] = [{(g.start, g.end, "") for g in guesses if g.kind is kind} for guesses in found]
        measured = scores([spans[name] for _, spans in sentences], ours)
        told += [
            (f"{name}: {what}", figure) for what, figure in zip(("precision", "recall", "F1"), measured, strict=True)
        ]
    return told


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the Burmese reference data")
    parser.add_argument("folder", type=Path, help="folder of the model")
    arguments = parser.parse_args()
    parts = [Path(__file__).with_name("card.head.toml").read_text(encoding="utf-8")]
    for measure, figure in figures(arguments.data, arguments.folder):
        parts.append(f'\n[[quality]]\ntest_set = "{TEST_SET}"\nmeasure = "{measure}"\nfigure = {figure:.3f}\n')
    for name in WEIGHTS:
        weights = (arguments.folder / name).read_bytes()
        digest = hashlib.sha256(weights).hexdigest()
        parts.append(f'\n[[files]]\nname = "{name}"\nbytes = {len(weights)}\nsha256 = "{digest}"\n')
    (arguments.folder / CARD).write_text("".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
