"""Burmese text: which encoding it is in, its normal form, what is found in it, names in Latin letters.

Here: our normal form against the published detector (myanmartools) with a published converter (Rabbit's rules, and
ICU's if PyICU is installed), line by line as they are meant to be used; shares that were right on reference texts; what
odd strings do. One part of `benchmarks.all_burmese`.
Not here: whether single rules are right (tests/burmese), search, languages, names, pictures of text.

The texts are not in the repository: they lie in `../shared/burmese`, or where IIMM_BURMESE_TEXTS says.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from myanmartools import ZawgyiDetector

from benchmarks.in_zawgyi import in_zawgyi
from benchmarks.language_resources import KINDS, cases
from benchmarks.measure import Figure, alternately, compared, digest_of
from iimm_pipelines.burmese.calendar import BurmeseDate, Month, to_gregorian
from iimm_pipelines.burmese.encoding import Encoding, normal_text, normal_texts
from iimm_pipelines.burmese.expressions import expressions
from iimm_pipelines.burmese.names import persons
from iimm_pipelines.burmese.romanisation import candidates, romanised, sound_key
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.units import units
from iimm_pipelines.burmese.zawgyi import breaks_unicode, detector, to_unicode

TEXTS = Path(os.environ.get("IIMM_BURMESE_TEXTS") or Path(__file__).resolve().parents[2] / "shared" / "burmese")
_PAIRS = (
    ("myanmar-tools/mmgov_zawgyi_src.txt", "myanmar-tools/mmgov_unicode_out.txt"),
    ("myanmar-tools/udhr_mya_zawgyi_out.txt", "myanmar-tools/udhr_mya_unicode_src.txt"),
)
_UNICODE = (
    "talpco/my.txt",
    "tico19/tico19-dev.en-my.tsv",
    "tatoeba/tatoeba-test-v2021-08-07.mya",
    "segmentation/10k_test.txt",
    "parallel/judson-web.en-my.tsv",
    "myner/val_v5.conll",
)
_LIKELY, _DOCUMENT, _SYLLABLES = 0.5, 40, 12
_ODD = 5_000
DAYS = Path(__file__).resolve().parents[1] / "tests" / "burmese" / "calendar_days.tsv"
_BURMESE = re.compile("[\u1000-\u109f]")

_PACKAGES_OF_DEBIAN = "/usr/lib/python3/dist-packages"
_ROUND_TRIPS = 2_000
_QUOTATIONS = 200

Converter = Callable[[str], str]


def _read(name: str) -> str:
    return (TEXTS / name).read_text(encoding="utf-8")


def _lines(name: str) -> list[str]:
    """The lines of a text; a word a line becomes a sentence a line."""
    text = _read(name)
    if name.endswith(".conll"):
        sentences = (block.splitlines() for block in text.split("\n\n"))
        return ["".join(line.split("\t")[0].split(" ")[0] for line in lines) for lines in sentences]
    return [line for line in text.splitlines() if _BURMESE.search(line)]


def rabbit() -> Converter:
    """Rabbit's substitutions one after the other."""
    rules = [
        (re.compile(rule["from"]), re.sub(r"\$(\d)", r"\\g<\1>", rule["to"]))
        for rule in json.loads(_read("rabbit/zg2uni.json"))
    ]

    def convert(text: str) -> str:
        for pattern, replacement in rules:
            text = pattern.sub(replacement, text)
        return text

    return convert


def icu() -> Converter | None:
    """ICU's transliterator, where PyICU is installed: beside the other packages, or as Debian's python3-icu."""
    sys.path.append(_PACKAGES_OF_DEBIAN)  # built for its own Python, which may be another
    try:
        from icu import Transliterator
    except ImportError:
        return None
    finally:
        sys.path.remove(_PACKAGES_OF_DEBIAN)
    convert: Converter = Transliterator.createInstance("Zawgyi-my").transliterate
    return convert


def published(convert: Converter, probability: Callable[[str], float]) -> Callable[[str], str]:
    """The decision line by line at one half, the conversion, and NFC."""

    def normal(text: str) -> str:
        lines = (convert(line) if probability(line) > _LIKELY else line for line in text.splitlines())
        return unicodedata.normalize("NFC", "\n".join(lines))

    return normal


def speed(probability: Callable[[str], float]) -> Iterator[Figure]:
    """Normal form of 2 MB Unicode and of 0.6 MB Zawgyi, lines of all lengths."""
    texts = {
        "Unicode": "\n".join(_read(name) for name in _UNICODE[:4]),
        "Zawgyi": "\n".join(_read(zawgyi) for zawgyi, _ in _PAIRS) * 3,
    }
    theirs_says = ZawgyiDetector().get_zawgyi_probability
    ways = {"myanmartools, Rabbit": published(rabbit(), theirs_says)}
    if convert := icu():
        ways["myanmartools, ICU"] = published(convert, theirs_says)
    for name, text in texts.items():
        for against, way in ways.items():
            ours, theirs = alternately(partial(normal_text, text, probability), partial(way, text), rounds=3)
            megabytes = len(text.encode()) / 1e6
            yield compared(
                f"normal form, {name}", [megabytes / s for s in ours], [megabytes / s for s in theirs],
                unit="MB/s", against=against, at_least=2 if name == "Unicode" else None,
            )  # fmt: skip


def same_as_published(probability: Callable[[str], float]) -> Iterator[Figure]:
    """Lines of the pairs that come out as their Unicode counterpart."""
    convert = rabbit()
    same, theirs, lines = 0, 0, 0
    for zawgyi, unicode in _PAIRS:
        pairs = [
            (typed, normal_text(meant, None).text)
            for typed, meant in zip(_read(zawgyi).splitlines(), _read(unicode).splitlines(), strict=True)
            if _BURMESE.search(typed)
        ]
        done = normal_texts([typed for typed, _ in pairs], probability)
        lines += len(pairs)
        same += sum(one.text == meant for one, (_, meant) in zip(done, pairs, strict=True))
        theirs += sum(normal_text(published(convert, probability)(typed), None).text == meant for typed, meant in pairs)
    yield Figure(f"Zawgyi lines as their Unicode ({lines})", same / lines, "share", "myanmartools, Rabbit",
                 theirs / lines, at_least=1)  # fmt: skip


def round_trips() -> Iterator[Figure]:
    """Unicode lines written in Zawgyi by a program of our own, and converted back."""
    same = asked = 0
    for name in _UNICODE:
        for line in _lines(name)[:_ROUND_TRIPS]:
            text = normal_text(line.split("\t")[-1], None).text
            with suppress(KeyError):  # letters below others that the font does not have
                asked += 1
                same += normal_text(to_unicode(in_zawgyi(text)), None).text == text
    yield Figure(f"Unicode lines that come back from Zawgyi ({asked:,})", same / asked, "share", at_least=0.999)


def quotations(probability: Callable[[str], float]) -> Iterator[Figure]:
    """One to three phrases in Zawgyi between two Unicode sentences, in one line."""
    chance = random.Random(5)
    sentences = [line.split("\t")[-1] for line in _lines("tico19/tico19-dev.en-my.tsv")]
    phrases = [phrase for zawgyi, _ in _PAIRS for phrase in _read(zawgyi).split() if breaks_unicode(phrase)]
    right = theirs = spoilt = 0
    for _ in range(_QUOTATIONS):
        before, behind = chance.sample(sentences, 2)
        quoted = " ".join(chance.sample(phrases, chance.randint(1, 3)))
        around = [normal_text(part, None).text for part in (f"{before} “", f"” {behind}")]
        wanted = normal_text(to_unicode(quoted), None).text.join(around)
        line = f"{before} “{quoted}” {behind}"
        text = normal_text(line, probability).text
        right += text == wanted
        spoilt += not (text.startswith(around[0]) and text.endswith(around[1]))
        theirs += normal_text(published(rabbit(), probability)(line), None).text == wanted
    label = f"Zawgyi quoted in a Unicode line ({_QUOTATIONS}): "
    yield Figure(label + "found with its borders", right / _QUOTATIONS, "share", "myanmartools, Rabbit",
                 theirs / _QUOTATIONS)  # fmt: skip
    yield Figure(label + "line around it changed", spoilt, "lines", at_most=0)


def damaged(probability: Callable[[str], float]) -> Iterator[Figure]:
    """Unicode lines that are taken for Zawgyi, alone and in their text."""
    for name in _UNICODE:
        lines = _lines(name)
        alone = sum(normal_text(line, probability).encoding is Encoding.ZAWGYI for line in lines)
        together = sum(n.encoding is Encoding.ZAWGYI for n in normal_texts(lines, probability))
        theirs = sum(probability(line) > _LIKELY for line in lines)
        label = f"Unicode lines damaged, {name.split('/')[0]} ({len(lines):,}), "
        yield Figure(label + "alone", alone, "lines", "myanmartools", theirs, at_most=0)
        yield Figure(label + "in their text", together, "lines", at_most=0)


def _pieces() -> Iterator[tuple[int, str, str]]:
    """Phrases in both encodings by their number of syllables, in order of the text."""
    for zawgyi, unicode in _PAIRS:
        for typed, meant in zip(_read(zawgyi).splitlines(), _read(unicode).splitlines(), strict=True):
            phrases, counterparts = typed.split(), meant.split()
            if len(phrases) == len(counterparts):
                for phrase, counterpart in zip(phrases, counterparts, strict=True):
                    count = sum(1 for _ in syllables(counterpart))
                    if _BURMESE.search(counterpart) and 1 <= count <= _SYLLABLES:
                        yield count, phrase, counterpart


def decisions(probability: Callable[[str], float]) -> Iterator[Figure]:
    """Phrases that come out wrong, by length: each alone, and as paragraphs of documents of 40."""
    pieces = list(_pieces())
    expected = [normal_text(meant, None).text for _, _, meant in pieces]

    def in_documents(typed: Sequence[str]) -> list[str]:
        parts = (typed[at : at + _DOCUMENT] for at in range(0, len(typed), _DOCUMENT))
        return [normal.text for part in parts for normal in normal_texts(part, probability)]

    convert = rabbit()
    wrong: dict[str, list[bool]] = {}
    for typed in ([z for _, z, _ in pieces], [u for _, _, u in pieces]):
        answers = {
            "alone": [normal_text(piece, probability).text for piece in typed],
            "in a document": in_documents(typed),
            "theirs": [
                normal_text(convert(piece) if probability(piece) > _LIKELY else piece, None).text for piece in typed
            ],
        }
        for name, texts in answers.items():
            wrong.setdefault(name, []).extend(a != b for a, b in zip(texts, expected, strict=True))
    lengths = [count for count, _, _ in pieces] * 2
    for low, high in ((1, 1), (2, 2), (3, 3), (4, 5), (6, 7), (8, 12)):
        chosen = [at for at, length in enumerate(lengths) if low <= length <= high]
        shares = {name: sum(answers[at] for at in chosen) / len(chosen) for name, answers in wrong.items()}
        unicode = [at for at in chosen if at >= len(pieces)]
        spoilt = {name: sum(answers[at] for at in unicode) / len(unicode) for name, answers in wrong.items()}
        label = (
            f"wrong, {low} to {high} syllables ({len(chosen)}), "
            if high > low
            else f"wrong, {low} syllables ({len(chosen)}), "
        )
        yield Figure(label + "alone", shares["alone"], "share", "myanmartools at 0.5", shares["theirs"])
        yield Figure(label + "in a document", shares["in a document"], "share", at_most=0.01)
        yield Figure(label + "Unicode alone", spoilt["alone"], "share", "myanmartools at 0.5", spoilt["theirs"])


def findings() -> Iterator[Figure]:
    """Code points a second of all finders together, and names in Latin letters."""
    text = normal_text("\n".join(_read(name) for name in _UNICODE[:4]), None).text
    lines = text.splitlines()
    (seconds,) = alternately(lambda: [expressions(line) for line in lines], rounds=3)
    yield Figure("dates, amounts, numbers: all finders", len(text) / min(seconds), "code points/s")
    rows = csv.DictReader(_read("names.unicode.tsv").splitlines(), delimiter="\t")
    names = [(normal_text(my, None).text, r["name_en"]) for r in rows for my in r["name_my"].split("၊")]

    def share(right: Callable[[str, str], bool]) -> float:
        return sum(right(my, latin) for my, latin in names) / len(names)

    def joined(name: str) -> str:
        return name.lower().replace(" ", "")

    yield Figure(
        f"names as spelled ({len(names):,})", share(lambda my, en: joined(romanised(my)) == joined(en)), "share"
    )
    yield Figure(
        "names among 64 candidates", share(lambda my, en: joined(en) in set(map(joined, candidates(my)))), "share"
    )
    yield Figure("names with one key", share(lambda my, en: sound_key(my) == sound_key(en)), "share", at_least=0.9)
    without = share(lambda my, en: sound_key(my) == sound_key(joined(en)))
    yield Figure("names with one key, without spaces", without, "share")


def references() -> Iterator[Figure]:
    """Cases of google/language-resources by kind, and days that both calendars tell."""
    told = list(cases(TEXTS / "language-resources"))
    for kind in KINDS:
        of_kind = [case for case in told if case.kind == kind]
        right = sum(case.read == case.said for case in of_kind)
        yield Figure(f"language-resources, {kind} ({len(of_kind)})", right / len(of_kind), "share", at_least=1)
    days = list(csv.DictReader(DAYS.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    right = sum(
        to_gregorian(BurmeseDate(int(day["year"]), Month[day["month"]], int(day["day"]))).isoformat()
        == day["gregorian"]
        for day in days
    )
    yield Figure(f"days of the Burmese calendar as announced ({len(days)})", right / len(days), "share", at_least=1)


def oddities(probability: Callable[[str], float]) -> Iterator[Figure]:
    """Odd strings through every function: who raises, spans that lead nowhere, normal text that changes again."""
    chance = random.Random(9)
    pieces = [chr(code) for code in (*range(0x1000, 0x10A0), *range(0xAA60, 0xAA80), 0x200B, 0xFEFF, 0xD800, 0x0A)]
    pieces += [*"0123456789/()-.,:° aAkK", *_lines(_UNICODE[0])[:20], *_read(_PAIRS[0][0]).split()[:40]]
    raised = astray = changed = converted = 0
    for _ in range(_ODD):
        raw = "".join(chance.choices(pieces, k=chance.randint(0, 30)))
        try:
            normal = normal_text(raw, probability)
            spans = [(f.start, f.end) for f in expressions(normal.text)] + [
                (s.start, s.end) for s in syllables(normal.text)
            ]
            astray += sum(not 0 <= a <= b <= len(raw) for a, b in (normal.raw_span(*span) for span in spans))
            changed += normal_text(normal.text, None).text != normal.text
            converted += normal_text(normal.text, probability).text != normal.text
            candidates(raw[:12]), romanised(raw), sound_key(raw), persons(normal.text), units(normal.text)
        except Exception:  # noqa: BLE001 that none is raised is what is counted
            raised += 1
    yield Figure(f"odd strings that raise ({_ODD:,})", raised, "strings", at_most=0)
    yield Figure("spans in them that lead nowhere", astray, "spans", at_most=0)
    yield Figure("normal text that changes again", changed, "strings", at_most=0)
    yield Figure("normal text of them that the detector takes for Zawgyi again", converted, "strings", at_most=0)


def figures() -> Iterator[Figure]:
    """All of them; the speed comes first, while nothing is warm or worn."""
    probability = detector()
    yield from speed(probability)
    yield from same_as_published(probability)
    yield from round_trips()
    yield from quotations(probability)
    yield from damaged(probability)
    yield from decisions(probability)
    yield from references()
    yield from findings()
    yield from oddities(probability)


def not_measured() -> Iterator[str]:
    """What of it could not be had on this machine."""
    if icu() is None:
        yield "normal form against ICU's converter: PyICU is not there (apt-get install python3-icu)"


def inputs() -> dict[str, str]:
    """The texts measured on."""
    found = {name: digest_of((TEXTS / name).read_bytes()) for pair in (_UNICODE, *_PAIRS) for name in pair}
    return found | {DAYS.name: digest_of(DAYS.read_bytes())}
