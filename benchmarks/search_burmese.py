"""Search for Burmese names: found in sentences without spaces, in no other order, and the same however they are typed.

Here: names that people marked in a corpus (myNER, validation) as queries over its sentences without spaces, in our index
and in one with analysers that OpenSearch brings along; the analyser in Python against the one in OpenSearch; names by
their sound. ICU's tokenizer is a plug-in and is left out.
Not here: the normal form and the detector of Zawgyi (benchmarks.burmese), single rules (tests/search).

A search node of its own runs while this measures. The texts are not in the repository: benchmarks.burmese says where.
"""

from __future__ import annotations

import csv
import os
import random
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.burmese import TEXTS
from benchmarks.in_zawgyi import in_zawgyi
from benchmarks.measure import Figure, digest_of, run_benchmark
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.search.analysis import SYLLABLE, SYLLABLE_LOOSE, loose_terms, terms
from iimm_pipelines.search.mapping import index_body
from iimm_pipelines.search.node import Node, home_in, lay_out, reachable_place
from iimm_pipelines.search.sounds import name_keys
from iimm_pipelines.search.synonyms import load_synonyms
from iimm_pipelines.search.typed import read

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

_CORPUS = "myner/val_v5.conll"
_NAMES = "names.unicode.tsv"
_LINES_OF = (
    "parallel/judson-web.en-my.tsv", "segmentation/10k_test.txt", "talpco/my.txt", "tico19/tico19-dev.en-my.tsv", "tatoeba/tatoeba-test-v2021-08-07.mya",
    "myner/train_v5.conll", _CORPUS,
)  # fmt: skip
_LINES = 50_000
_WRONG_ORDERS = 1_000
_TYPES = ("LOC", "PER", "ORG")
_BURMESE = re.compile("[\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]")
_BURMESE_LETTER = re.compile("[\u1000-\u102a\u103f-\u1049\u104c-\u1055\u105a-\u105d\u106e-\u1070\u1075-\u1081]")
_PORT = 9660

Query = Mapping[str, Any]
Ask = Callable[[Sequence[str]], list[set[int]]]


# Texts


def _blocks(name: str) -> Iterator[list[list[str]]]:
    for block in (TEXTS / name).read_text(encoding="utf-8").split("\n\n"):
        if rows := [line.split() for line in block.splitlines() if line.strip()]:
            yield rows


def _without_spaces(words: Sequence[str]) -> str:
    """Words run together, but for two of Latin letters or digits."""
    return re.sub(r"(?<=[A-Za-z0-9]) (?=[A-Za-z0-9])|( )", lambda m: "" if m[1] else " ", " ".join(words))


def corpus() -> tuple[list[str], dict[str, set[int]]]:
    """The sentences, and each name with the sentences in which people marked it."""
    sentences: list[str] = []
    names: dict[str, set[int]] = {}
    for number, rows in enumerate(_blocks(_CORPUS)):
        sentences.append(normal_text(_without_spaces([row[0] for row in rows]), None).text)
        words: list[str] = []
        for row in rows:
            place, _, kind = row[-1].partition("-")
            words = [row[0]] if place in "BS" else [*words, row[0]]
            if place in "ES" and kind in _TYPES and terms(name := normal_text(_without_spaces(words), None).text):
                names.setdefault(name, set()).add(number)
    return sentences, names


def _lines() -> Iterator[str]:
    for name in _LINES_OF:
        if name.endswith(".conll"):
            yield from ("".join(row[0] for row in rows) for rows in _blocks(name))
        else:
            yield from (
                line for line in (TEXTS / name).read_text(encoding="utf-8").splitlines() if _BURMESE.search(line)
            )


# Ways to type a name


def _with_zero_width(name: str) -> str:
    borders = [span.end for span in syllables(name)]
    return "".join(c + ("\u200b" if at + 1 in borders else "") for at, c in enumerate(name)) + "\u200d"


def _in_other_order(name: str) -> str:
    return (
        unicodedata.normalize("NFD", name)
        .replace("\u1037\u103a", "\u103a\u1037")
        .replace("\u102f\u1036", "\u1036\u102f")
    )


_LAST_ASAT = re.compile("([\u1000-\u1021\u103b-\u103e\u102d\u102f][\u1000-\u101a\u101c\u101e\u101f])\u103a$")

_WAYS: Mapping[str, Callable[[str], str]] = {
    "in Zawgyi": in_zawgyi,
    "in NFD, marks in the other order": _in_other_order,
    "with zero-width characters": _with_zero_width,
    "with nought for wa": lambda name: re.sub("(?<![၀-၉])ဝ(?![၀-၉])", "၀", name),
    "in ASCII digits": lambda name: name.translate(str.maketrans("၀၁၂၃၄၅၆၇၈၉", "0123456789")),
}


# Indices


def _fill(client: OpenSearch, index: str, body: Query, documents: Sequence[Query]) -> None:
    client.indices.create(index=index, body=body)
    for start in range(0, len(documents), 2_000):
        part = enumerate(documents[start : start + 2_000], start)
        lines = [line for number, fields in part for line in ({"index": {"_index": index, "_id": str(number)}}, fields)]
        if client.bulk(body=lines, params={"refresh": "true"})["errors"]:
            raise RuntimeError("the index refused documents")


def _asked(client: OpenSearch, index: str, query: Callable[[str], Query], typed: Sequence[str]) -> list[set[int]]:
    """The documents that each query finds."""
    found: list[set[int]] = []
    for start in range(0, len(typed), 200):
        body = [line for each in typed[start : start + 200]
                for line in ({"index": index}, {"size": 10_000, "_source": False, "query": query(each)})]  # fmt: skip
        found += [
            {int(hit["_id"]) for hit in answer["hits"]["hits"]} for answer in client.msearch(body=body)["responses"]
        ]
    return found


def _ours(typed: str) -> Query:
    return read(typed, load_synonyms(None)).query


def _baselines(client: OpenSearch, sentences: Sequence[str]) -> dict[str, Ask]:
    """The analysers that need no plug-in: a phrase in each, and the words of one in any order."""
    analysers = {
        "standard": {"type": "standard"},
        "cjk": {"type": "cjk"},
        "bigrams": {"type": "custom", "tokenizer": "two", "filter": ["lowercase"]},
    }
    fields = {name: {"type": "text", "analyzer": name} for name in analysers}
    tokenizers = {"two": {"type": "ngram", "min_gram": 2, "max_gram": 2}}
    body = {"settings": {"number_of_replicas": 0, "analysis": {"analyzer": analysers, "tokenizer": tokenizers}},
            "mappings": {"properties": fields}}  # fmt: skip
    _fill(client, "theirs", body, [dict.fromkeys(fields, text) for text in sentences])
    ways: dict[str, Callable[[str], Query]] = {
        f"{name}, phrase": partial(lambda field, typed: {"match_phrase": {field: typed}}, name) for name in analysers
    }
    ways["bigrams, all of them"] = lambda typed: {"match": {"bigrams": {"query": typed, "operator": "and"}}}
    return {name: partial(_asked, client, "theirs", query) for name, query in ways.items()}


# Figures


def _share(found: Sequence[set[int]], wanted: Sequence[set[int]]) -> float:
    return sum(len(a & b) for a, b in zip(found, wanted, strict=True)) / sum(map(len, wanted))


def _holds(sentence: Sequence[str], name: Sequence[str]) -> bool:
    return any(sentence[at : at + len(name)] == name for at in range(len(sentence) - len(name) + 1))


def names_in_sentences(ask: Ask, theirs: Mapping[str, Ask]) -> Iterator[Figure]:
    """Names found where people marked them, and found where they do not stand."""
    sentences, marked = corpus()
    burmese = [name for name in marked if _BURMESE.search(name)]
    latin = [name for name in marked if not _BURMESE.search(name)]
    wanted = [marked[name] for name in burmese]
    label = f"Burmese names found, of {sum(map(len, wanted)):,} in {len(sentences):,} sentences"
    found, others = ask(burmese), {name: way(burmese) for name, way in theirs.items()}
    yield Figure(
        label,
        _share(found, wanted),
        "share",
        "standard, phrase",
        _share(others["standard, phrase"], wanted),
        at_least=1,
    )
    yield from (
        Figure(label, _share(found, wanted), "share", n, _share(o, wanted))
        for n, o in others.items()
        if n != "standard, phrase"
    )
    if latin:
        share = _share(ask(latin), [marked[name] for name in latin])
        yield Figure(f"Latin names found, of {sum(len(marked[n]) for n in latin)}", share, "share", at_least=1)
    cut, loose = [terms(s) for s in sentences], [loose_terms(s) for s in sentences]
    for title, typed, cutter, texts in (
        ("sentences found without the name, quoted", [f'"{n}"' for n in burmese], terms, cut),
        ("sentences found without the name, in any tone", burmese, loose_terms, loose),
    ):
        wrong = sum(
            not _holds(texts[at], cutter(n)) for n, hits in zip(burmese, ask(typed), strict=True) for at in hits
        )
        yield Figure(title, wrong, "hits", at_most=0)
    for name, hits_of in others.items():
        wrong = sum(n not in sentences[at] for n, hits in zip(burmese, hits_of, strict=True) for at in hits)
        yield Figure(f"{name}: found without the letters of the name", wrong, "hits")
    yield from _wrong_orders(ask, theirs, burmese, loose)
    yield from _ways_to_type(ask, theirs, burmese, found)
    yield from _endings(ask, burmese, loose)


def _wrong_orders(
    ask: Ask, theirs: Mapping[str, Ask], names: Sequence[str], loose: Sequence[list[str]]
) -> Iterator[Figure]:
    """Names of at least two syllables with these shuffled, so that no sentence has them in that order."""
    chance = random.Random(7)
    joined = [" ".join(["", *sentence, ""]) for sentence in loose]
    typed: list[str] = []
    for name in sorted(names) * 8:
        shuffled = terms(name)
        chance.shuffle(shuffled)
        wanted = " ".join(["", *loose_terms("".join(shuffled)), ""])
        if len(shuffled) > 1 and "".join(shuffled) not in typed and not any(wanted in each for each in joined):
            typed.append("".join(shuffled))
    typed = typed[:_WRONG_ORDERS]
    hits = sum(map(bool, ask(typed)))
    for name, way in theirs.items():
        yield Figure(f"queries in a wrong order that find something, of {len(typed):,}", hits, "queries", name,
                     sum(map(bool, way(typed))), at_most=0)  # fmt: skip


def _ways_to_type(
    ask: Ask, theirs: Mapping[str, Ask], names: Sequence[str], found: Sequence[set[int]]
) -> Iterator[Figure]:
    bigrams = theirs["bigrams, phrase"]
    for title, typed_as in _WAYS.items():
        changed = [
            (typed_as(name), hits, name) for name, hits in zip(names, found, strict=True) if typed_as(name) != name
        ]
        typed = [typed for typed, _, _ in changed]
        same = sum(a == b for a, (_, b, _) in zip(ask(typed), changed, strict=True))
        right = bigrams([name for _, _, name in changed])
        their = sum(a == b for a, b in zip(bigrams(typed), right, strict=True))
        yield Figure(f"same hits {title} ({len(changed)})", same / len(changed), "share", "bigrams, phrase",
                     their / len(changed), at_least=1)  # fmt: skip
    unfinished = [(name[:-1], hits) for name, hits in zip(names, found, strict=True) if _LAST_ASAT.search(name)]
    again = ask([typed for typed, _ in unfinished])
    share = sum(hits <= a for a, (_, hits) in zip(again, unfinished, strict=True)) / len(unfinished)
    yield Figure(f"all hits before the last asat is typed ({len(unfinished)})", share, "share", at_least=1)


def _endings(ask: Ask, names: Sequence[str], loose: Sequence[list[str]]) -> Iterator[Figure]:
    """The last tone left out or changed to the possessive."""
    toned = [name for name in names if len(terms(name)) > 1 and re.search("[\u102b-\u103e]$", name)]
    changed = [re.sub("[\u1037\u1038](?=\u103a?$)", "", n) if re.search("[\u1037\u1038]\u103a?$", n) else normal_text(n + "\u1037", None).text
               for n in toned]  # fmt: skip
    wanted = [{at for at, s in enumerate(loose) if _holds(s, loose_terms(name))} for name in toned]
    yield Figure(f"names found in another tone ({len(toned)})", _share(ask(changed), wanted), "share", at_least=1)


def same_terms(client: OpenSearch) -> Iterator[Figure]:
    """The analyser in OpenSearch and in Python, over lines of every text."""
    lines = list(islice(_lines(), _LINES))
    body = index_body("segments")
    body["settings"]["index"]["analyze.max_token_count"] = 100_000
    client.indices.create(index="lines", body=body)
    for analyser, python in ((SYLLABLE, terms), (SYLLABLE_LOOSE, loose_terms)):
        different = 0
        for start in range(0, len(lines), 250):
            part = lines[start : start + 250]
            answer = client.indices.analyze(index="lines", body={"analyzer": analyser, "text": part})
            if [token["token"] for token in answer["tokens"]] != [term for line in part for term in python(line)]:
                different += len(part)
        yield Figure(
            f"lines in batches with other terms in Python, {analyser} ({len(lines):,})", different, "lines", at_most=0
        )
    lost = 0
    for line in lines:
        covered = {at for span in syllables(line) for at in range(*span)}
        lost += sum(match.start() not in covered for match in _BURMESE_LETTER.finditer(line))
    yield Figure("Burmese letters and digits in no term", lost, "letters", at_most=0)


def by_sound(client: OpenSearch) -> Iterator[Figure]:
    """Names of a list, each found in the other script, and how many others are found with it."""
    rows = csv.DictReader((TEXTS / _NAMES).read_text(encoding="utf-8").splitlines(), delimiter="\t")
    pairs = [(normal_text(my, None).text, row["name_en"]) for row in rows for my in row["name_my"].split("၊")]
    pairs = [(my, en) for my, en in dict.fromkeys(pairs) if len(terms(my)) > 1]
    for index, title, side, other in (
        ("burmese", "Latin query, Burmese name", 0, 1),
        ("latin", "Burmese query, Latin name", 1, 0),
    ):
        documents = [{"people": [pair[side]], "sounds": sorted(name_keys(pair[side]))} for pair in pairs]
        _fill(client, index, index_body("segments"), documents)
        found = _asked(client, index, _ours, [pair[other] for pair in pairs])
        right = sum(number in hits for number, hits in enumerate(found)) / len(pairs)
        yield Figure(f"{title} ({len(pairs):,}): found", right, "share", at_least=0.9)
        yield Figure(f"{title}: names found by a query", sum(map(len, found)) / len(pairs), "names")


def figures() -> Iterator[Figure]:
    """All of them, with a search node of their own."""
    home = reachable_place(home_in(Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser()))
    lay_out(home)
    folder = Path(tempfile.mkdtemp(prefix="iimm-bench-search-"))
    node = Node(home, folder, _PORT)
    try:
        node.configure()
        node.start()
        client = node.client("admin")
        sentences, _ = corpus()
        _fill(client, "ours", index_body("segments"), [{"text": text} for text in sentences])
        ask: Ask = partial(_asked, client, "ours", _ours)
        yield from names_in_sentences(ask, _baselines(client, sentences))
        yield from same_terms(client)
        yield from by_sound(client)
    finally:
        node.stop()
        shutil.rmtree(folder)


def inputs() -> dict[str, str]:
    """The texts measured on."""
    return {name: digest_of((TEXTS / name).read_bytes()) for name in (_CORPUS, _NAMES, *_LINES_OF)}


def main() -> int:
    """Measure, print, write the result."""
    if not TEXTS.is_dir():
        print(f"the reference texts are not at {TEXTS}: say where by IIMM_BURMESE_TEXTS")
        return 1
    packages = ["opensearch-py", "myanmartools"]
    return run_benchmark("search-burmese", list(figures()), inputs=inputs(), packages=packages)


if __name__ == "__main__":
    raise SystemExit(main())
