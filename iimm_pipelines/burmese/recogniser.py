"""Persons, places and organisations in Burmese text by a model that learnt them: where rules and tables end.

Here: what the model sees of each syllable, its labels, spans with how sure it is.
Not here: its training (training/recogniser), its weights (the model store), whether a rule knows better
(iimm_pipelines.stages.entities).

Each of two models is a chain of labels over syllables (a conditional random field by CRFsuite). It sees the syllable with its
neighbours, the letters that open and close it, the gap before it, and which tables it stands in: name elements, titles,
posts, words of bodies and of what people do, words for levels of places, names of countries, cities and townships;
which words of a dictionary it lies in, begins and ends, since a name is a row of syllables that make no word; and the
next particle before and behind it with how far away it stands, so that the end of a long strange name is seen. A span
covers what a rule would: titles with the name, the word for its level with a place.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.burmese.tables import entries
from iimm_pipelines.burmese.vocabulary import vocabulary

WEIGHTS = ("names.crfsuite.gz", "words.crfsuite.gz")
"""Two models, which err apart: the first learnt without a dictionary, from more chronicles; the second with it."""
VERSION = 4
"""Of what the models see: weights learnt with a later version cannot be used."""


class Kind(StrEnum):
    """What a stretch names; the value is its letter in a label."""

    PERSON = "P"
    PLACE = "L"
    ORGANISATION = "O"


OUTSIDE = "-"
"""The label of a syllable that belongs to no name; the others are a place in the name (B, I, E, S) and a kind."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A stretch of text with its kind, and how sure the models are of its least sure syllable, in millionths."""

    start: int
    end: int
    kind: Kind
    score: int


class _Tagger(Protocol):
    def set(self, features: object) -> None: ...
    def tag(self) -> list[str]: ...
    def marginal(self, label: str, place: int) -> float: ...


class Recogniser:
    """The models, ready to read."""

    def __init__(self, folder: Path) -> None:
        """Load the weights from the model's folder.

        Raises:
            ValueError: they cannot be read.
        """
        import pycrfsuite

        self._weights = [
            gzip.decompress((folder / name).read_bytes()) for name in WEIGHTS
        ]  # a tagger reads in this memory and does not keep it
        self._taggers: list[_Tagger] = []
        for weights in self._weights:
            tagger = pycrfsuite.Tagger()
            tagger.open_inmemory(weights)
            self._taggers.append(tagger)
        self._sequence: Callable[[list[list[str]]], object] = pycrfsuite.ItemSequence

    def find(self, text: str) -> list[Guess]:
        """Names in a text in normal form, in order, none over another."""
        return [guess for piece in pieces(text) for guess in self._find(piece)]

    def _find(self, piece: Piece) -> Iterator[Guess]:
        """What either model marks; where they mark one stretch in two ways, what both together are surer of."""
        seen = self._sequence(features(piece))
        marked: set[tuple[int, int, Kind]] = set()
        for tagger in self._taggers:
            tagger.set(seen)
            marked.update(named(tagger.tag()))
        kept: list[tuple[int, int, Kind]] = []
        sure = {one: self._sure(one) for one in marked}
        for one in sorted(marked, key=lambda one: (-sure[one], one)):
            if all(one[1] < other[0] or other[1] < one[0] for other in kept):
                kept.append(one)
        for first, last, kind in sorted(kept):
            yield Guess(piece.starts[first], piece.ends[last], kind, round(sure[first, last, kind] * 1_000_000))

    def _sure(self, one: tuple[int, int, Kind]) -> float:
        """How sure the models are of this name, on average, by its least sure syllable."""
        first, last, kind = one
        labels = labelled(last - first + 1, [(0, last - first, kind)])
        return sum(
            min(tagger.marginal(label, place) for place, label in enumerate(labels, first)) for tagger in self._taggers
        ) / len(self._taggers)


@dataclass(frozen=True, slots=True)
class Piece:
    """Syllables, digits and words of one line or sentence: where each begins and ends, and what stands before it."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    gaps: tuple[str, ...]


_BREAK = re.compile(r"[\n\t။]")
_BURMESE = re.compile("[\u1000-\u109f]")
_MOST = 400
"""Syllables of a piece: a page without a sign of punctuation is read in stretches."""


def pieces(text: str) -> Iterator[Piece]:
    """The stretches of a text that are read one by one: those between line ends and section marks with Burmese in them."""
    tokens: list[tuple[int, int]] = []
    end = 0
    for span in syllables(text):
        if tokens and (len(tokens) == _MOST or _BREAK.search(text, end, span.start)):
            if piece := _piece(text, tokens):
                yield piece
            tokens = []
        tokens.append((span.start, span.end))
        end = span.end
    if tokens and (piece := _piece(text, tokens)):
        yield piece


def _piece(text: str, tokens: Sequence[tuple[int, int]]) -> Piece | None:
    words = tuple(text[start:end] for start, end in tokens)
    if not any(map(_BURMESE.match, words)):
        return None
    gaps = ["^"]
    for (_, end), (start, _) in zip(tokens, tokens[1:], strict=False):
        between = text[end:start]
        gaps.append(between.strip()[:1] or between[:1])
    return Piece(words, tuple(start for start, _ in tokens), tuple(end for _, end in tokens), tuple(gaps))


def named(labels: Sequence[str]) -> Iterator[tuple[int, int, Kind]]:
    """Names as the first and last place of their labels; a name that is not begun and ended is none."""
    first = None
    for i, label in enumerate(labels):
        if label[0] in "BS":
            first = i
        elif first is not None and (label == OUTSIDE or label[1:] != labels[first][1:]):
            first = None
        if label[0] in "SE" and first is not None:
            yield first, i, Kind(label[1:])
            first = None


def labelled(count: int, names: Iterable[tuple[int, int, Kind]]) -> list[str]:
    """The labels of so many syllables of which these, first and last, are names."""
    labels = [OUTSIDE] * count
    for first, last, kind in names:
        labels[first : last + 1] = (
            [f"S{kind}"] if first == last else [f"B{kind}", *[f"I{kind}"] * (last - first - 1), f"E{kind}"]
        )
    return labels


class _Lists:
    """Which of several lists a row of syllables stands in, the longest match first."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._kinds: dict[tuple[str, ...], str] = {}
        self._longest: dict[str, int] = {}
        for kind, forms in lists.items():
            for form in forms:
                if words := tuple(form[s.start : s.end] for s in syllables(form)):
                    self._kinds.setdefault(words, kind)
                    self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def marks(self, words: Sequence[str]) -> list[str]:
        """For each syllable its list and whether it begins, goes on, ends or is all of the form; "" for none."""
        found = [""] * len(words)
        at = 0
        while at < len(words):
            for length in range(min(self._longest.get(words[at], 0), len(words) - at), 0, -1):
                if kind := self._kinds.get(tuple(words[at : at + length])):
                    found[at : at + length] = (
                        [f"S{kind}"] if length == 1 else [f"B{kind}", *[f"I{kind}"] * (length - 2), f"E{kind}"]
                    )
                    at += length - 1
                    break
            at += 1
        return found


# Words at the end, or the head, of the names of bodies and of places.
_BODIES = (
    "အဖွဲ့", "အဖွဲ့ချုပ်", "အဖွဲ့အစည်း", "ပါတီ", "ကော်မတီ", "ကော်မရှင်", "ကောင်စီ", "ကုမ္ပဏီ", "တက္ကသိုလ်", "ကောလိပ်", "အသင်း", "အသင်းချုပ်", "သမဂ္ဂ", "အစိုးရ",
    "ဝန်ကြီးဌာန", "ဦးစီးဌာန", "ဌာန", "တပ်မတော်", "တပ်ဖွဲ့", "တပ်ဦး", "တပ်တော်", "ကော်ပိုရေးရှင်း", "ဖောင်ဒေးရှင်း", "လီမိတက်", "အစည်းအရုံး", "ဘဏ်", "ရုံး", "တရားရုံး",
    "သတင်းစာ", "သတင်းဌာန", "မဂ္ဂဇင်း", "အင်စတီကျု", "လွှတ်တော်", "ကျောင်း", "ဆေးရုံ",
)  # fmt: skip
_LEVELS = (
    "ရွာ", "ကျေးရွာ", "ကျေးရွာအုပ်စု", "အုပ်စု", "ရပ်ကွက်", "မြို့", "မြို့နယ်", "မြို့တော်", "ခရိုင်", "တိုင်း", "တိုင်းဒေသကြီး", "ပြည်နယ်", "ပြည်", "ပြည်ထောင်စု", "နိုင်ငံ",
    "တောင်", "မြစ်", "ချောင်း", "ကျွန်း", "ကျွန်းစု", "ပင်လယ်", "သမုဒ္ဒရာ", "ပင်လယ်အော်", "ကန်", "အင်း", "လမ်း", "တံတား", "စခန်း", "ဒေသ", "တိုက်", "ကျွန်းဆွယ်",
    "ကန္တာရ", "ရေတံခွန်", "လေဆိပ်", "ဘုရား", "စေတီ", "ဂြိုဟ်", "တောင်ကြား", "တောင်တန်း", "လွင်ပြင်", "ဈေး",
)  # fmt: skip
# What somebody is, before or behind a name: kin, friends, work, those who rule.
_CALLINGS = (
    "သူငယ်ချင်း", "ညီ", "ညီမ", "ညီလေး", "ညီမလေး", "အစ်ကို", "အစ်မ", "သား", "သမီး", "သမီးလေး", "သားလေး", "အဖေ", "အမေ", "ဖခင်", "မိခင်", "ဇနီး", "ခင်ပွန်း", "တူ", "တူမ", "မြေး", "တပည့်", "ဦးလေး",
    "အဒေါ်", "ကောင်လေး", "ကောင်မလေး", "အမျိုးသမီး", "အမျိုးသား", "လူငယ်", "လူနာ", "သက်သေ", "တရားခံ", "ရွာသား", "ကျောင်းသား", "ကျောင်းသူ", "လယ်သမား", "စာရေးဆရာ", "ကဗျာဆရာ", "ပန်းချီဆရာ", "သမိုင်းဆရာ",
    "အဆိုတော်", "သရုပ်ဆောင်", "ဒါရိုက်တာ", "ပညာရှင်", "သိပ္ပံပညာရှင်", "သင်္ချာပညာရှင်", "ဒဿနပညာရှင်", "အတွေးအခေါ်ပညာရှင်", "သုတေသီ", "အင်ဂျင်နီယာ", "သတင်းထောက်", "အယ်ဒီတာ", "ဆရာဝန်", "သူနာပြု", "ကုန်သည်",
    "ဘုရင်", "ဘုရင်မ", "မိဖုရား", "မင်းသား", "မင်းသမီး", "ဧကရာဇ်", "အမတ်", "အမတ်ကြီး", "စစ်သူကြီး", "သားတော်", "သမီးတော်", "ညီတော်", "နောင်တော်", "မယ်တော်", "ခမည်းတော်", "နတ်ဘုရား", "နတ်သမီး", "ရဟန်း",
    "သာသနာပြု", "နည်းပြ", "တိုက်စစ်မှူး", "ကစားသမား", "ဘောလုံးသမား", "နိုင်ငံရေးသမား", "သံအမတ်", "ကလောင်အမည်", "နာမည်", "အမည်", "အမည်ရင်း", "ရဲဘော်", "ဇာတိ",
)  # fmt: skip
_PARTICLES = (
    "သည်", "က", "ကို", "ရဲ့", "နှင့်", "နဲ့", "တို့", "မှ", "မှာ", "တွင်", "အား", "ဟာ", "လည်း", "သို့", "ထံ", "ဆီ", "ဖြင့်", "အတွက်", "၏", "၌", "ပါ", "တော့", "ဟု", "ဟူ", "ဆို",
    "လို့", "တဲ့", "သော", "သူ", "များ", "တွေ", "ကြ", "ခဲ့", "တယ်", "မယ်", "ပြီး", "ပြီ", "ရင်", "လျှင်", "နေ", "လာ", "သွား", "ရ",
)  # fmt: skip
_LEVEL_OF_TABLE = {"country": "c", "city": "w", "state": "s", "district": "d", "township": "t"}


@lru_cache(maxsize=1)
def _lists() -> tuple[_Lists, _Lists, _Lists]:
    """Name elements; titles, posts, bodies, levels and particles; places."""
    elements: dict[str, list[str]] = {"n": [], "w": []}
    with (files("iimm_pipelines.burmese") / "tables" / "name_elements.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            elements["n" if row["what"] == "name" else "w"].append(normal_text(row["burmese"], None).text)
    titles: dict[str, list[str]] = {"r": [], "h": []}
    for entry in entries("titles"):
        titles["r" if entry.what.endswith("rank") else "h"] += entry.burmese
    words = titles | {
        "p": [form for entry in entries("posts") for form in entry.burmese],
        "u": [form for entry in entries("units") for form in entry.burmese],
        "o": [form for entry in entries("organisations") for form in entry.burmese],
        "b": _normal(_BODIES),
        "k": _normal(_CALLINGS),
        "l": _normal(_LEVELS),
        "c": _normal(_PARTICLES),
    }
    places: dict[str, list[str]] = {level: [] for level in _LEVEL_OF_TABLE.values()}
    for entry in entries("places"):
        places[_LEVEL_OF_TABLE[entry.what]] += entry.burmese
    return _Lists(elements), _Lists(words), _Lists(places)


def _normal(words: Iterable[str]) -> list[str]:
    return [normal_text(word, None).text for word in words]


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """How long, in syllables, the longest words of the dictionary are: 0 for none, 4 for four and more."""

    begun: list[int]
    """By the syllable that they begin with."""
    ended: list[int]
    """By the one that they end with."""
    over: list[int]
    """By the one before which they have begun and with which they have not: a name that begins here cuts a word."""


_LONGEST_WORD = 4


def _in_dictionary(words: Sequence[str]) -> _Dictionary:
    known = vocabulary()
    count = len(words)
    begun, ended, over = [0] * count, [0] * count, [0] * count
    for start in range(count):
        word = words[start]
        for last in range(start + 1, min(start + _LONGEST_WORD + 2, count)):
            word += words[last]
            if word in known:
                length = min(last - start + 1, _LONGEST_WORD)
                begun[start] = length
                ended[last] = max(ended[last], length)
                for inside in range(start + 1, last + 1):
                    over[inside] = max(over[inside], length)
    return _Dictionary(begun, ended, over)


_PARTS = re.compile("(?P<onset>[\u1000-\u102a\u103f][\u103b-\u103e]*)(?P<rest>.*)", re.DOTALL)
_TONE = str.maketrans("", "", "\u1037\u1038")
_LOAN = re.compile("[\u1002\u1005-\u1008\u1012\u1013\u1015-\u1018\u101b\u101c\u101e\u101f]\u103a|\u103a.*\u103a")
"""A closing letter, or two of them, as hardly any syllable of Burmese has: words of other languages do."""


@lru_cache(maxsize=16_384)
def _shape(word: str) -> tuple[str, str, str]:
    """What opens a syllable, what closes it without its tone, and of what sort it is."""
    if parts := _PARTS.match(word):
        rest = parts["rest"].translate(_TONE)
        return parts["onset"], rest, "x" if _LOAN.search(rest) else "s" if "\u1039" in rest else "m"
    if word[0].isdigit():
        return "", "", "0"
    return "", "", "A" if word.isupper() else "Aa" if word[0].isupper() else "a"


def features(piece: Piece) -> list[list[str]]:
    """What the model sees of each syllable."""
    shapes = [_shape(word) for word in piece.words]
    words = ["0" if sort == "0" else word for word, (_, _, sort) in zip(piece.words, shapes, strict=True)]
    in_names, in_words, in_places = (lists.marks(words) for lists in _lists())
    known = _in_dictionary(words)
    rows = _rows(in_names)
    count = len(words)
    behind = _particles(words, in_words, piece.gaps)
    ahead = _particles(words[::-1], in_words[::-1], ["", *piece.gaps[:0:-1]])[::-1]
    sorts = [sort for _, _, sort in shapes]

    def at(values: Sequence[str], place: int) -> str:
        return values[place] if 0 <= place < count else "^" if place < 0 else "$"

    seen = []
    for i in range(count):
        onset, rest, sort = shapes[i]
        before, word, after = at(words, i - 1), words[i], at(words, i + 1)
        name, name_before, name_after = in_names[i], at(in_names, i - 1), at(in_names, i + 1)
        other_before, other_after = at(in_words, i - 1), at(in_words, i + 1)
        gap, gap_after = piece.gaps[i], at(piece.gaps, i + 1)
        over, over_after = known.over[i], known.over[i + 1] if i + 1 < count else 0
        begun_after = known.begun[i + 1] if i + 1 < count else 0
        ended_before = known.ended[i - 1] if i else 0
        seen.append([
            f"w={word}", f"w-={before}", f"w+={after}", f"w--={at(words, i - 2)}", f"w++={at(words, i + 2)}",
            f"w-w={before}|{word}", f"ww+={word}|{after}", f"w--w-={at(words, i - 2)}|{before}",
            f"w+w++={after}|{at(words, i + 2)}",
            f"n={name}", f"n-={name_before}", f"n+={name_after}", f"n-n={name_before}|{name}", f"nn+={name}|{name_after}",
            f"n-nn+={name_before}|{name}|{name_after}", f"nw-={name}|{before}", f"nw+={name}|{after}",
            f"n++={at(in_names, i + 2)}", f"n--={at(in_names, i - 2)}",
            f"r={rows[i]}", f"rg={rows[i]}|{gap}", f"rc={rows[i]}|{other_before}|{other_after}",
            f"t={in_words[i]}", f"t-={other_before}", f"t+={other_after}", f"t--={at(in_words, i - 2)}",
            f"t++={at(in_words, i + 2)}", f"t-n={other_before}|{name}", f"nt+={name}|{other_after}",
            f"tp={in_words[i]}|{in_places[i]}",
            f"p={in_places[i]}", f"p-={at(in_places, i - 1)}", f"p+={at(in_places, i + 1)}",
            f"pt+={in_places[i]}|{other_after}", f"p-t={at(in_places, i - 1)}|{in_words[i]}",
            f"s={sort}", f"s-s={at(sorts, i - 1)}|{sort}", f"ss+={sort}|{at(sorts, i + 1)}",
            f"sss={at(sorts, i - 1)}|{sort}|{at(sorts, i + 1)}",
            f"o={onset}", f"e={rest}", f"se={sort}|{rest}",
            f"e-={shapes[i - 1][1] if i else '^'}", f"o+={shapes[i + 1][0] if i + 1 < count else '$'}",
            f"e+={shapes[i + 1][1] if i + 1 < count else '$'}",
            f"e-o={shapes[i - 1][1] if i else '^'}|{onset}", f"eo+={rest}|{shapes[i + 1][0] if i + 1 < count else '$'}",
            f"d={over}|{over_after}", f"db={known.begun[i]}", f"de={known.ended[i]}", f"d-e={ended_before}|{over}",
            f"db+={over_after}|{begun_after}", f"dn={over}|{over_after}|{name}", f"dbn={known.begun[i]}|{name}",
            f"den={known.ended[i]}|{name_after}", f"ds={known.begun[i]}|{known.ended[i]}|{sort}", f"dg={known.begun[i]}|{gap}",
            f"dr={known.begun[i]}|{over}|{rows[i]}", f"dt+={known.ended[i]}|{over_after}|{other_after}",
            f"c={ahead[i]}", f"-c={behind[i]}", f"-cc={behind[i]}|{ahead[i]}", f"cn={ahead[i]}|{name}", f"cs={ahead[i]}|{sort}",
            f"g={gap}", f"g+={gap_after}", f"gn={gap}|{name}", f"g+n={gap_after}|{name}", f"gt+={gap_after}|{other_after}",
        ])  # fmt: skip
    return seen


_FAR = 6


def _particles(words: Sequence[str], in_words: Sequence[str], gaps: Sequence[str]) -> list[str]:
    """For each syllable the particle, sign or word of the lists last met before it, and how many syllables ago."""
    found = []
    last, since = "^", 0
    for i, mark in enumerate(in_words):
        if i and gaps[i].strip():
            last, since = gaps[i], 0
        found.append(f"{last}{since}" if since < _FAR else "far")
        since += 1
        if mark:
            last, since = (words[i] if mark[1] == "c" else mark[1]), 0
    return found


def _rows(in_names: Sequence[str]) -> list[str]:
    """How many elements stand in the row that a syllable is in, which of them it is, and how many are rarely words."""
    found = [""] * len(in_names)
    at = 0
    while at < len(in_names):
        end = at
        while end < len(in_names) and in_names[end]:
            end += 1
        heads = [mark for mark in in_names[at:end] if mark[0] in "BS"]
        sure = sum(mark[1] == "n" for mark in heads)
        for i in range(at, end):
            number = sum(mark[0] in "BS" for mark in in_names[at : i + 1])
            found[i] = f"{min(number, 4)}/{min(len(heads), 5)}/{min(sure, 3)}"
        at = max(end, at + 1)
    return found
