"""Persons, places, units, organisations and roles: ours against simple patterns, an English model, our rules alone.

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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measure import Figure, digest_of, run_benchmark
from benchmarks.role_sentences import BY_HAND, by_hand, composed
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.engine.outcome import Kind, Row
from iimm_pipelines.engine.stage import Task, Upstream
from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.store import ModelDamaged, ModelMissing, ModelStore, default_folder
from iimm_pipelines.stages import entities
from iimm_pipelines.stages.people import known_forms, named, roles_of

ROOT = Path(__file__).resolve().parents[1]
TEXTS = Path(os.environ.get("IIMM_BURMESE_TEXTS") or ROOT.parent / "shared" / "burmese")
SENTENCES = ROOT / "tests" / "burmese" / "named_sentences.txt"
_MARKED = re.compile(r"\{(?P<person>P):([^{}]+)\}|\{(?P<other>[UO]):([^:{}]+):([^{}]+)\}")
_BURMESE = re.compile("[\u1000-\u109f]")
_TYPES = {"P": "person", "U": "unit", "O": "organisation"}
KNOWN = known_forms({})

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


_LABELS = {"PER": "person", "LOC": "place", "ORG": "organisation"}
_AIMS = {"person": 0.75, "place": 0.80, "organisation": None}


def labelled(file: Path) -> list[tuple[str, dict[str, Spans]]]:
    """Sentences of a corpus with a word a line, without spaces as it is written, with the spans of each type."""
    found = []
    for block in file.read_text(encoding="utf-8").split("\n\n"):
        text, begin = "", 0
        spans: dict[str, Spans] = {kind: set() for kind in _LABELS.values()}
        for word, _, tag in (line.split("\t") for line in block.splitlines() if line.count("\t") == 2):
            begin = len(text) if tag[:1] in "BS" else begin
            text += normal_text(word, None).text
            if tag[:1] in "ES" and tag[2:] in _LABELS:
                spans[_LABELS[tag[2:]]].add((begin, len(text), ""))
        if text:
            found.append((text, spans))
    return found


def mentions(tool: entities.Tool, texts: Sequence[str]) -> list[list[Row]]:
    """What the stage finds in each text."""
    # each an item of its own: what one sentence tells must not help with another
    return [list(_applied(tool, [text], "mentions")) for text in texts]


def _applied(tool: entities.Tool, texts: Sequence[str], table: str) -> Sequence[Row]:
    rows = [{"origin": "contents", "ordinal": i, "text": text, "language": "mya" if _BURMESE.search(text) else "eng"}
            for i, text in enumerate(texts)]  # fmt: skip
    upstream = {"languages": Upstream(Kind.PRODUCED, None, {"normal_segments": rows})}
    return entities.apply(tool, Task("A00001-0001-00000", 0, b"o" * 32, 1, upstream=upstream)).tables.get(table, ())


def stage_tool() -> entities.Tool:
    """The finders as the pipeline loads them, with the models of this machine."""
    return entities.load(entities.STAGE.ingredients, default_folder())


def corpus() -> tuple[list[Figure], str | None]:
    """On myNER's validation part: the whole stage and its rules alone by type, what of it is by rule, and speed."""
    file = TEXTS / "myner" / "val_v5.conll"
    if not file.exists():
        return [], None
    sentences_of = labelled(file)
    texts = [text for text, _ in sentences_of]
    tool = stage_tool()
    began = time.process_time()
    found = mentions(tool, texts)
    speed = sum(map(len, texts)) / (time.process_time() - began)
    by_rules = mentions(replace(tool, recogniser=None), texts)
    figures: list[Figure] = []
    for kind, aim in _AIMS.items():
        if kind == "place" and tool.gazetteer is None:
            continue
        right = [spans[kind] for _, spans in sentences_of]
        figures += _figures(f"{kind}, myNER validation", right, _of_kind(found, kind), "our rules alone",
                            _of_kind(by_rules, kind), aim)  # fmt: skip
        figures += _figures(f"{kind}, myNER validation, rules alone", right, _of_kind(by_rules, kind))
        good = [
            (m, (m["start"], m["end"], "") in r)
            for r, ms in zip(right, found, strict=True)
            for m in ms
            if m["type"] == kind
        ]
        ruled = sum(ok for m, ok in good if not m["rule"].startswith("recogniser"))
        figures.append(Figure(f"{kind}, of the right ones by rule", ruled / max(1, sum(ok for _, ok in good)), "share"))
    theirs = [simple(t)["person"] for t in texts]
    precision, recall, f1 = scores([spans["person"] for _, spans in sentences_of], theirs)
    figures.append(Figure("person, myNER validation, simple pattern: F1", f1, "share"))
    return [*figures, Figure("speed of the whole stage, of processor time", speed, "code points/s")], digest_of(
        file.read_bytes()
    )


def _of_kind(found: Iterable[Iterable[Row]], kind: str) -> list[Spans]:
    return [{(m["start"], m["end"], "") for m in ms if m["type"] == kind} for ms in found]


_PARTS = ("key", "rank", "unit", "organisation", "post", "date")


def told() -> list[Figure]:
    """Roles by the whole stage, of composed sentences and of those written by hand: each thing told, and whole roles."""
    tool = stage_tool()
    figures: list[Figure] = []
    for name, tellings in (("composed", composed()), ("written by hand", by_hand())):
        rows: list[list[Row]] = [[] for _ in tellings]
        for row in _applied(tool, [t.text for t in tellings], "roles"):
            rows[row["ordinal"]].append(row)
        right_whole, found_whole, right_parts, found_parts = [], [], [], []
        for telling, found in zip(tellings, rows, strict=True):
            # a date is the nearest in the sentence: it counts where the truth has one
            dated = any("date" in r for r in telling.roles)
            ours_of = [{p: str(r[p]) for p in _PARTS if r.get(p) and (p != "date" or dated)} for r in found]
            right_whole.append({_told(r) for r in telling.roles})
            found_whole.append({_told(r) for r in ours_of})
            right_parts.append({(0, 0, f"{r['key']} {p} {v}") for r in telling.roles for p, v in r.items()})
            found_parts.append({(0, 0, f"{r['key']} {p} {v}") for r in ours_of for p, v in r.items()})
        count = f"{len(tellings)} sentences {name}"
        figures += _figures(f"whole role, {count}", right_whole, found_whole, at_least=0.75)
        figures += _figures(f"what a role tells, {count}", right_parts, found_parts)
    return figures


def _told(role: Mapping[str, str]) -> tuple[int, int, str]:
    return 0, 0, "|".join(role.get(part, "-") for part in _PARTS)


def main() -> int:
    """Measure, print, write down."""
    on_corpus, digest = corpus()
    inputs = {"named_sentences.txt": digest_of(SENTENCES.read_bytes())} | ({"myNER val_v5": digest} if digest else {})
    inputs["role_sentences.txt"] = digest_of(BY_HAND.read_bytes())
    return run_benchmark(
        "names", [*invented(), *told(), *on_corpus], inputs=inputs, packages=["spacy", "python-crfsuite"]
    )


if __name__ == "__main__":
    raise SystemExit(main())
