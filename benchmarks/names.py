"""Persons, units, organisations and roles: our rules against simple patterns and an English model.

Here: precision, recall and F1 on invented sentences and, where it is at hand, on the validation part of myNER; speed.
Not here: whether single rules are right (tests/burmese).

Next best are, in Burmese, a pattern that takes what follows a common title up to the next space or sign, and in English
the model that reads names elsewhere in this project. myNER is not in the repository: it lies in `../shared/burmese`, or
where IIMM_BURMESE_TEXTS says. Nothing is trained on it. It is written without spaces, so that the pattern finds no end.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Figure, digest_of, run_benchmark
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import ModelDamaged, ModelMissing, ModelStore, default_folder
from iimm_pipelines.stages.people import named, organisations, roles_of

ROOT = Path(__file__).resolve().parents[1]
TEXTS = Path(os.environ.get("IIMM_BURMESE_TEXTS") or ROOT.parent / "shared" / "burmese")
SENTENCES = ROOT / "tests" / "burmese" / "named_sentences.txt"
_MARKED = re.compile(r"\{(?P<person>P):([^{}]+)\}|\{(?P<other>[UO]):([^:{}]+):([^{}]+)\}")
_TYPES = {"P": "person", "U": "unit", "O": "organisation"}
KNOWN = organisations(())

Spans = set[tuple[int, int, str]]
"""Start, end, and what is told: for a unit or organisation its identifier."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with the spans that are right by type, and its roles: key, rank, unit, organisation, post."""

    text: str
    right: dict[str, Spans]
    roles: tuple[tuple[str | None, ...], ...]


def sentences() -> list[Sentence]:
    """The invented sentences."""
    return [_sentence(line) for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


def _sentence(line: str) -> Sentence:
    marked, _, told = line.partition("\t")
    text, at = "", 0
    right: dict[str, Spans] = {t: set() for t in _TYPES.values()}
    marked = normal_text(marked, None).text
    for match in _MARKED.finditer(marked):
        text += marked[at : match.start()]
        kind, what, form = ("P", "", match[2]) if match["person"] else (match["other"], match[4], match[5])
        right[_TYPES[kind]].add((len(text), len(text) + len(form), what))
        text, at = text + form, match.end()
    roles = tuple(tuple(None if w == "-" else w for w in one.split(" ")) for one in told.split(";") if one)
    return Sentence(text + marked[at:], right, roles)


def ours(text: str) -> dict[str, Spans]:
    """What our rules find, by type."""
    found: dict[str, Spans] = {t: set() for t in _TYPES.values()}
    for one in named(text, KNOWN):
        if one.type in found:
            found[one.type].add((one.start, one.end, one.link or ""))
    return found


def our_roles(text: str) -> list[tuple[str | None, ...]]:
    """Roles as key, rank, unit, organisation, post."""
    found = roles_of(text, named(text, KNOWN), (), ())
    return [
        (r.person.key, r.person.rank.id if r.person.rank else None, r.unit, r.organisation, r.post) for r in found
    ]  # fmt: skip


_SIMPLE = {
    "person": re.compile(r"(?:ဗိုလ်[က-႟]*|ဦး|ဒေါ်|\bU|\bDaw|\bKo|\b(?:Lt-?|Maj-?|Brig-?)?(?:Gen|Col|Capt|Maj))\.?\s?(?:[က-႟]+|[A-Z][a-z]+(?: [A-Z][a-z]+)*)"),
    "unit": re.compile(r"(?:ခမရ|ခလရ|တပ်မ|စကခ)\s?[(-]?\s?[0-9၀-၉]+\)?|(?:LIB|IB|LID|MOC|Battalion|Division|Command) [0-9]+"),
}  # fmt: skip


def simple(text: str) -> dict[str, Spans]:
    """What a simple pattern finds."""
    return {kind: {(*m.span(), "") for m in pattern.finditer(text)} for kind, pattern in _SIMPLE.items()}


def scores(right: Iterable[Spans], found: Iterable[Spans]) -> tuple[float, float, float]:
    """Precision, recall, F1 of whole spans."""
    good = wrong = missed = 0
    for r, f in zip(right, found, strict=True):
        good, wrong, missed = good + len(r & f), wrong + len(f - r), missed + len(r - f)
    precision, recall = good / max(1, good + wrong), good / max(1, good + missed)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _bare(spans: Spans) -> Spans:
    return {(start, end, "") for start, end, _ in spans}


def _figures(name: str, right: Sequence[Spans], found: Sequence[Spans], against: str = "",
             others: Sequence[Spans] = (), at_least: float | None = None) -> list[Figure]:  # fmt: skip
    precision, recall, f1 = scores(right, found)
    other = scores([_bare(r) for r in right], others)[2] if others else None
    return [
        Figure(f"{name}: F1", f1, "share", against, other, at_least=at_least),
        Figure(f"{name}: precision", precision, "share"),
        Figure(f"{name}: recall", recall, "share"),
    ]


def invented() -> list[Figure]:
    """On the invented sentences, by type."""
    all_of = sentences()
    found, theirs = [ours(s.text) for s in all_of], [simple(s.text) for s in all_of]
    figures: list[Figure] = []
    for kind, aim in (("person", 0.75), ("unit", 0.95), ("organisation", 0.75)):
        others = [t[kind] for t in theirs] if kind in _SIMPLE else []
        figures += _figures(f"{kind}, {len(all_of)} invented sentences", [s.right[kind] for s in all_of],
                            [f[kind] for f in found], "simple pattern" if others else "", others, aim)  # fmt: skip
    told = [set(map(_numbered, enumerate(s.roles))) for s in all_of]
    roles = [set(map(_numbered, enumerate(our_roles(s.text)))) for s in all_of]
    figures += _figures("whole role", told, roles, at_least=0.75)
    return figures + _english(all_of, found)


def _numbered(role: tuple[int, tuple[str | None, ...]]) -> tuple[int, int, str]:
    return role[0], 0, "|".join(part or "-" for part in role[1])


def _english(all_of: Sequence[Sentence], found: Sequence[dict[str, Spans]]) -> list[Figure]:
    model = _english_model()
    if model is None:
        return []
    pairs = [(s, f) for s, f in zip(all_of, found, strict=True) if s.text[:3].isascii()]
    theirs = [model(s.text) for s, _ in pairs]
    return _figures("person, English sentences", [s.right["person"] for s, _ in pairs], [f["person"] for _, f in pairs],
                    "spaCy en_core_web_sm", theirs)  # fmt: skip


def _english_model() -> Callable[[str], Spans] | None:
    try:
        folder = ModelStore(default_folder()).get(ModelName("english-names")).folder
    except (ModelMissing, ModelDamaged):
        return None
    import spacy

    nlp = spacy.load(folder)
    return lambda text: {(e.start_char, e.end_char, "") for e in nlp(text).ents if e.label_ == "PERSON"}


def corpus() -> tuple[list[Figure], str | None]:
    """On myNER's validation part: persons and organisations, and speed."""
    file = TEXTS / "myner" / "val_v5.conll"
    if not file.exists():
        return [], None
    texts: list[str] = []
    right: dict[str, list[Spans]] = {"PER": [], "ORG": []}
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        text, begin = "", 0
        spans: dict[str, Spans] = {"PER": set(), "ORG": set()}
        for word, _, tag in (line.split("\t") for line in block.splitlines() if line.count("\t") == 2):
            begin = len(text) if tag[:1] in "BS" else begin
            text += normal_text(word, None).text
            if tag[:1] in "ES" and tag[2:] in spans:
                spans[tag[2:]].add((begin, len(text), ""))
        texts.append(text)
        for kind, some in spans.items():
            right[kind].append(some)
    began = time.perf_counter()
    found = [ours(t) for t in texts]
    speed = sum(map(len, texts)) / (time.perf_counter() - began)
    theirs = [simple(t)["person"] for t in texts]
    figures = _figures("person, myNER validation", right["PER"], [_bare(f["person"]) for f in found], "simple pattern",
                       theirs, 0.75)  # fmt: skip
    figures += _figures("organisation, myNER validation", right["ORG"], [_bare(f["organisation"]) for f in found])
    return [*figures, Figure("speed, one core", speed, "code points/s")], digest_of(file.read_bytes())


def main() -> int:
    """Measure, print, write down."""
    on_corpus, digest = corpus()
    inputs = {"named_sentences.txt": digest_of(SENTENCES.read_bytes())} | ({"myNER val_v5": digest} if digest else {})
    return run_benchmark("names", [*invented(), *on_corpus], inputs=inputs, packages=["spacy"])


if __name__ == "__main__":
    raise SystemExit(main())
