"""Normal text: one form for Burmese text however it was typed, with the way back to what was typed.

Here: the normal form (Unicode, NFC, one order of marks, nothing invisible), the decision between Zawgyi and Unicode
for each line of a document, and the map from offsets in the normal text to offsets in the raw text.
Not here: the Zawgyi code page (iimm_pipelines.burmese.zawgyi), the order of marks itself
(iimm_pipelines.burmese.syllables), reading bytes as text (iimm_pipelines.formats).
"""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import inf, log, log1p
from operator import itemgetter
from typing import TypeAlias

from iimm_pipelines.burmese.syllables import BASES, MARK, MARK_RUN, ordered_marks
from iimm_pipelines.burmese.zawgyi import CLUSTER, breaks_unicode, can_be_zawgyi, cluster_to_unicode

Edit = tuple[int, int, int, int]
"""A stretch that differs: its start and end in the normal text, its start and end in the raw text."""


class Encoding(StrEnum):
    """How the Burmese of a text was typed."""

    UNICODE = "unicode"
    ZAWGYI = "zawgyi"


@dataclass(frozen=True, slots=True)
class NormalText:
    """A text in normal form beside its raw form; between the edits they agree one to one. Offsets are code points.

    `encoding` is ZAWGYI as soon as the conversion changed one line.
    """

    text: str
    raw: str
    encoding: Encoding
    edits: tuple[Edit, ...]

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of raw text that normal text [start, end) came from.

        Spans that touch in the normal text touch in the raw text, unless their common end lies within an edit: then
        both cover it. What was taken out belongs to the span that begins there, at the end of the text to the last.
        """
        raw_end = len(self.raw) if end == len(self.text) else self._raw(end, at_end=True)
        return self._raw(start, at_end=False), raw_end

    def _raw(self, at: int, *, at_end: bool) -> int:
        # The last edit that begins before this place is the only one that can hold or move it.
        index = bisect_left(self.edits, at, key=itemgetter(0)) - 1
        if index < 0:
            return at
        _, normal_end, raw_start, raw_end = self.edits[index]
        if at < normal_end:
            return raw_end if at_end else raw_start
        return at + raw_end - normal_end


def normal_text(raw: str, zawgyi_probability: Callable[[str], float] | None) -> NormalText:
    """The normal form of a text. Without a detector no text is taken for Zawgyi.

    Burmese that was encoded twice becomes Burmese, invisible characters go, lone surrogates become U+FFFD, Zawgyi lines
    become Unicode, marks come in one order and once each, and a character typed for another that looks the same becomes
    that one. The result is NFC.
    """
    return normal_texts([raw], zawgyi_probability)[0]


def normal_texts(raws: Sequence[str], zawgyi_probability: Callable[[str], float] | None) -> list[NormalText]:
    """The normal forms of the paragraphs of one document, in its order: a short one is judged with its neighbours."""
    drafts = [_legible(raw) for raw in raws]
    # What is no text in either encoding may look like Zawgyi once more in its normal form, which has to stay what it is.
    for number in range(_ROUNDS_AT_MOST):
        texts = [draft.text if draft.has_burmese else "" for draft in drafts]
        zawgyi = _zawgyi_lines(texts, zawgyi_probability) if zawgyi_probability and any(texts) else {}
        if number > 0 and not zawgyi:
            break
        for place, draft in enumerate(drafts):
            _bring_to_normal_form(draft, zawgyi.get(place, ()))
        if not any(draft.has_edits for draft in drafts):
            break
    return [draft.done() for draft in drafts]


def _legible(raw: str) -> "_Draft":
    draft = _Draft(raw)
    if raw.isascii():
        return draft
    may_be_twice_encoded = any(
        first in raw and any(lead in raw for lead in leads) for first, leads in _TWICE_ENCODED_LEADS.items()
    )
    if may_be_twice_encoded and _SURELY_TWICE_ENCODED.search(raw):
        draft.rewrite(_TWICE_ENCODED, _once_encoded)
    draft.rewrite(_NO_TEXT, lambda match: "\N{REPLACEMENT CHARACTER}" if "\ud800" <= match[0] <= "\udfff" else "")
    draft.has_burmese = _BURMESE.search(draft.text) is not None
    return draft


def _bring_to_normal_form(draft: "_Draft", zawgyi: Iterable[tuple[int, int]]) -> None:
    if draft.text.isascii():
        return
    if not draft.has_burmese:
        draft.compose()
        return
    if draft.rewrite(CLUSTER, cluster_to_unicode, zawgyi):
        draft.encoding = Encoding.ZAWGYI
    # Composing may bring two marks together that ordering then merges, and one letter put right shows the next. Most
    # text needs one round.
    for number in range(_ROUNDS_AT_MOST):
        ordered = _order_marks(draft)
        put_right = draft.rewrite(_LOOKALIKE, _meant)
        if number > 0 and not ordered and not put_right:
            break
        if not draft.compose() and not put_right:
            break


def _order_marks(draft: "_Draft") -> bool:
    wrong = frozenset(run for run in set(MARK_RUN.findall(draft.text)) if ordered_marks(run) != run)
    return bool(wrong) and draft.rewrite(_only(wrong), lambda match: ordered_marks(match[0]))


@lru_cache(maxsize=256)
def _only(runs: frozenset[str]) -> re.Pattern[str]:
    """These runs of marks where they are whole."""
    return re.compile("|".join(f"{run}(?<!{MARK}{run})(?!{MARK})" for run in sorted(runs)))


_ROUNDS_AT_MOST = 8
_NO_TEXT = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]+|[\ud800-\udfff]")
_BURMESE = re.compile("[\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]")

# Burmese in UTF-8 of which each byte was taken for a character and encoded again: exports of Facebook do it with
# Latin-1, broken databases and web pages with Windows-1252. Two letters in a row are no accident; then single ones and
# general punctuation are put right as well.
_BYTE_OF = {chr(byte): byte for byte in range(0x80, 0x100)} | {
    bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def _bytes_between(first: int, last: int) -> str:
    return "[" + "".join(sorted(re.escape(c) for c, byte in _BYTE_OF.items() if first <= byte <= last)) + "]"


_TWICE_ENCODED_LEADS = {"\xe1": ("\xe1\x80", "\xe1\x81", "\xe1\x82", "\xe1€", "\xe1‚"), "\xea": ("\xea§", "\xea©")}
_ANY_BYTE = _bytes_between(0x80, 0xBF)
_BURMESE_TWICE = f"\xe1{_bytes_between(0x80, 0x82)}{_ANY_BYTE}|\xea(?:\xa7|\xa9){_ANY_BYTE}"
_SURELY_TWICE_ENCODED = re.compile(f"(?:{_BURMESE_TWICE}){{2}}")
_TWICE_ENCODED = re.compile(f"(?:{_BURMESE_TWICE}|\xe2{_bytes_between(0x80, 0x81)}{_ANY_BYTE})+")


def _once_encoded(match: re.Match[str]) -> str:
    return bytes(map(_BYTE_OF.__getitem__, match[0])).decode("utf-8", errors="replace")


# Characters typed for others that look the same (Unicode Technical Note 11, "Confusables"; Zawgyi keyboards left more).
# Zero, seven and eight can only be letters with a mark that no digit bears, zero also before a consonant that closes a
# syllable, between two letters, in the words for life and nature, and at the head of words such as warrant; four in
# "the aforesaid". The letters wa, ra, ga and the sign of "the aforesaid" are digits within a number, wa also at its
# end. The vowel u before asat, aa or a stacked consonant is the letter nya, nya with ii the vowel uu; sa with medial ra
# alone is the vowel o (in August, authority), ca with medial ya the letter jha of market and meditation.
_MEANT = {
    "၀": "ဝ", "၇": "ရ", "၈": "ဂ", "၄": "၎", "ဥ": "ဉ", "ဉီ": "ဦ", "ဥ\u102e": "ဦ", "သြ": "ဩ", "သြော်": "ဪ", "ဩော်": "ဪ", "စျ": "ဈ",
}  # fmt: skip
_AS_DIGIT = str.maketrans("ဝရဂ၎", "၀၇၈၄")
_BURMESE_MARK = "[\u102b-\u1032\u1036-\u103e]"
_CLOSES = rf"(?:[{BASES}][\u1037\u1087-\u108d]?[\u1039\u103a])"
_ONLY_ON_LETTERS = "[\u102b-\u1032\u1036\u103a-\u103e]"
_DIGIT, _IN_NUMBER = "[၀-၉]", "[0-9၀-၉.,]"
# Each alternative begins with the character itself, so that the engine looks at no other (twice as fast as a look at
# what stands before it first).
_LOOKALIKE = re.compile(
    "၀(?:"
    f"(?={_ONLY_ON_LETTERS})"
    f"|(?<!{_IN_NUMBER}၀)(?=[က-အ]\u1037?[\u1039\u103a]|ရမ်း|ရန်တာ|သုန်|ဇီရာ)"
    "|(?<=[\u1000-\u103f]၀)(?=[က-အ])"
    f"|(?:(?<=ဘ၀)|(?<=ဘာ၀))(?!{_IN_NUMBER})"
    ")"
    f"|၇(?={_ONLY_ON_LETTERS})"
    f"|၈(?={_ONLY_ON_LETTERS})"
    f"|၄(?<!{_IN_NUMBER}၄)(?=င်း)"
    "|ဥ(?=[\u102c\u1039\u103a]|\u1037\u103a)"
    "|ဉီ|ဥ\u102e"
    f"|သြ(?:ော်)?(?<!\u1039သြ)(?<!\u1039သြော်)(?!{_BURMESE_MARK})"
    "|ဩော်"
    "|စျ(?=ေး|ာန်|ာပ)"
    f"|ဝ(?P<nought>(?<={_DIGIT}ဝ)ဝ*(?!{MARK}|\u1039|{_CLOSES})|(?<![\u1000-\u103f]ဝ)(?={_DIGIT}))"
    f"|ရ(?P<seven>(?<={_DIGIT}ရ)(?={_DIGIT}))"
    f"|ဂ(?P<eight>(?<={_DIGIT}ဂ)(?={_DIGIT}))"
    f"|၎(?P<four>(?<![\u1000-\u103f]၎)(?={_DIGIT})|(?<={_DIGIT}၎)(?={_DIGIT}))"
    "|\u1039(?P<virama>\u1039+)"
)


def _meant(match: re.Match[str]) -> str:
    if match.lastgroup == "virama":
        return "\u1039"
    return match[0].translate(_AS_DIGIT) if match.lastgroup else _MEANT[match[0]]


_ALL = re.compile(".+", re.DOTALL)
_LINE = re.compile("[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_FULL_SYLLABLE = re.compile("[\u1000-\u102a\u103f](?!\u1037?[\u1039\u103a])")
# Under 8 syllables the detector is wrong in up to one line of ten, unless it is all but certain.
_SHORT_LINE_SYLLABLES = 8
_CERTAIN = 0.001
# Of well-formed words taken alone it calls 1 % of place names and dictionary words Zawgyi at 0.5, one of 51,000 at
# 0.99999, and no line of six corpora. Of 1,588 Zawgyi phrases of up to 12 syllables, each alone, 2.8 % then stay as
# they are typed; neighbours tell these.
_LIKELY, _LIKELY_THOUGH_WELL_FORMED = 0.5, 0.99999
# A text up to this length (a query, a file name, a message) is always shown to it; of a longer one first the lines that
# are not Unicode in good order, and the rest only if one of these is Zawgyi.
_SHORT_TEXT = 200
# So many code points settle any question.
_LINE_SAMPLE, _TEXT_SAMPLE = 400, 10_000


# Of 2,502 Unicode lines in six corpora that break a rule, of 154 Zawgyi lines, and of 2,341 that a program wrote in
# Zawgyi none is cut. Of 200 quotations of one to three phrases between two Unicode sentences 193 are found with just
# their borders, and no sentence around one is changed (benchmarks.burmese).
_PHRASE = re.compile(r"[^\s“”\"‘’'«»()\[\]:၊။]*[\s“”\"‘’'«»()\[\]:၊။]+|[^\s“”\"‘’'«»()\[\]:၊။]+")
_QUOTES = frozenset("“”\"‘’'«»()[]")
_BORDER, _QUOTED_BORDER = 12.0, 4.0
_TINY = 1e-15
_Borders: TypeAlias = "tuple[int, _Borders] | None"


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    paragraph: int
    span: tuple[int, int]
    breaks_unicode: bool
    is_zawgyi: bool | None = None
    """Known where it is a part of a line that has both encodings."""


def _zawgyi_lines(texts: Sequence[str], zawgyi_probability: Callable[[str], float]) -> dict[int, list[tuple[int, int]]]:
    """By paragraph, the spans of the lines typed in Zawgyi.

    A short line of which the detector is not certain goes with its neighbours of which it is: with both if they agree,
    else with the whole document.
    """

    @lru_cache(maxsize=1)
    def whole_is_zawgyi() -> bool:
        sample = _sample(texts)
        return _is_likely(breaks_unicode(sample), zawgyi_probability(sample))

    def alone(line: _Line) -> bool | None:
        if line.is_zawgyi is not None:
            return line.is_zawgyi
        sample = line.text[:_LINE_SAMPLE]
        probability = zawgyi_probability(sample)
        uncertain = probability > _CERTAIN and (probability < 1 - _CERTAIN or not line.breaks_unicode)
        if uncertain and len(_FULL_SYLLABLE.findall(sample)) < _SHORT_LINE_SYLLABLES:
            return None
        return _is_likely(line.breaks_unicode, probability)

    lines = [
        line
        for number, text in enumerate(texts)
        for match in _LINE.finditer(text)
        if can_be_zawgyi(match[0])
        for line in _cut_at_borders(_Line(match[0], number, match.span(), breaks_unicode(match[0])), zawgyi_probability)
    ]
    judged: dict[int, bool | None] = {}
    if sum(map(len, texts)) > _SHORT_TEXT:
        judged = {number: alone(line) for number, line in enumerate(lines) if line.breaks_unicode}
        if True not in judged.values() and not (None in judged.values() and whole_is_zawgyi()):
            return {}
    verdicts = [judged[number] if number in judged else alone(line) for number, line in enumerate(lines)]
    before, after = list(_last_known(verdicts)), list(_last_known(verdicts[::-1]))[::-1]
    spans: dict[int, list[tuple[int, int]]] = {}
    for line, verdict, last, following in zip(lines, verdicts, before, after, strict=True):
        if verdict is None:
            around = {last, following} - {None}
            verdict = around.pop() if len(around) == 1 else whole_is_zawgyi()
        if verdict:
            spans.setdefault(line.paragraph, []).append(line.span)
    return spans


def _cut_at_borders(line: _Line, zawgyi_probability: Callable[[str], float]) -> list[_Line]:
    """The line, or its parts where one encoding ends and the other begins: somebody quotes what another typed.

    Of all ways to give each phrase an encoding the likeliest, when at each border one in so many lines changes.
    """
    phrases = [match.span() for match in _PHRASE.finditer(line.text)] if line.breaks_unicode else []
    told = [_log_odds(zawgyi_probability(line.text[start:end])) for start, end in phrases]
    if not told or min(told) > -1 or max(told) < 1:
        return [line]
    # By the encoding that a way ends in: how likely it is, and its borders, the last one first.
    ways: dict[bool, tuple[float, _Borders]] = {False: (0.0, None), True: (0.0, None)}
    for number, ((start, _), odds) in enumerate(zip(phrases, told, strict=True)):
        border = _QUOTED_BORDER if _QUOTES.intersection(line.text[max(0, start - 3) : start]) else _BORDER
        before, ways = ways, {}
        for zawgyi in (False, True):
            likely, borders = before[zawgyi]
            changed, other_borders = before[not zawgyi]
            if number and changed - border > likely:
                likely, borders = changed - border, (start, other_borders)
            ways[zawgyi] = (likely + (odds if zawgyi else -odds) / 2, borders)
    zawgyi = ways[True][0] > ways[False][0]
    borders, end = ways[zawgyi][1], len(line.text)
    if borders is None:
        return [line]
    parts: list[_Line] = []
    while end:
        start, borders = borders or (0, None)
        span = (line.span[0] + start, line.span[0] + end)
        parts.append(_Line(line.text[start:end], line.paragraph, span, breaks_unicode=True, is_zawgyi=zawgyi))
        zawgyi, end = not zawgyi, start
    return parts[::-1]


def _log_odds(probability: float) -> float:
    """0 where nothing is known."""
    if probability == -inf:
        return 0.0
    if not _TINY < probability < 1 - _TINY:
        return -log(_TINY) if probability > _TINY else log(_TINY)
    return log(probability) - log1p(-probability)


def _is_likely(breaks: bool, probability: float) -> bool:
    return probability > (_LIKELY if breaks else _LIKELY_THOUGH_WELL_FORMED)


def _last_known(verdicts: Iterable[bool | None]) -> Iterator[bool | None]:
    known: bool | None = None
    for verdict in verdicts:
        known = known if verdict is None else verdict
        yield known


def _sample(texts: Iterable[str]) -> str:
    """The first lines with Burmese, as much of them as the detector needs."""
    found: list[str] = []
    size = 0
    for text in texts:
        for line in _LINE.findall(text[: 10 * _TEXT_SAMPLE]):
            if _BURMESE.search(line):
                found.append(line)
                size += len(line) + 1
        if size > _TEXT_SAMPLE:
            break
    return "\n".join(found)[:_TEXT_SAMPLE]


@lru_cache(maxsize=1)
def _composable() -> re.Pattern[str]:
    """Runs of characters that NFC may change; with the one before, each is independent of its neighbours.

    All of the other planes counts, so that the class stays one table and a range: ten times faster to search.
    """
    found = []
    for code in (*range(0xD800), *range(0xE000, 0x10000)):
        character = chr(code)
        decomposed = unicodedata.normalize("NFD", character)
        composed = unicodedata.normalize("NFC", character)
        if composed != character or unicodedata.combining(decomposed[0]):
            found.append(character)
        elif len(decomposed) > 1:
            found.extend(decomposed[1:])
    return re.compile(f"[{''.join(map(re.escape, sorted(set(found))))}\U00010000-\U0010ffff]+")


class _Draft:
    """A text under revision, with its differences from the raw text."""

    def __init__(self, raw: str) -> None:
        self._raw = raw
        self.text = raw
        self.has_burmese = False
        self.encoding = Encoding.UNICODE
        self._edits: list[Edit] = []

    def rewrite(
        self,
        pattern: re.Pattern[str],
        replacement: Callable[[re.Match[str]], str],
        within: Iterable[tuple[int, int]] | None = None,
    ) -> bool:
        """Replace each match, in the whole text or in the given spans; True if that changed anything."""
        edits: list[Edit] = []
        pieces: list[str] = []
        taken = grown = 0
        for begin, stop in [(0, len(self.text))] if within is None else within:
            for match in pattern.finditer(self.text, begin, stop):
                new = replacement(match)
                if new == match[0]:
                    continue
                start, end = match.span()
                pieces += (self.text[taken:start], new)
                taken = end
                normal_start = start + grown
                normal_end = normal_start + len(new)
                edits.append((normal_start, normal_end, start, end))
                grown = normal_end - end
        if edits:
            self.text = "".join((*pieces, self.text[taken:]))
            self._edits = _joined(self._edits, edits) if self._edits else edits
        return bool(edits)

    def compose(self) -> bool:
        """Bring the text to NFC; True if that changed anything."""
        if unicodedata.is_normalized("NFC", self.text):
            return False
        runs = ((max(0, run.start() - 1), run.end()) for run in _composable().finditer(self.text))
        return self.rewrite(_ALL, lambda match: unicodedata.normalize("NFC", match[0]), runs)

    @property
    def has_edits(self) -> bool:
        """Whether anything has changed."""
        return bool(self._edits)

    def done(self) -> NormalText:
        """The text with its edits, each cut down to what differs."""
        text, raw = self.text, self._raw
        edits: list[Edit] = []
        for edit in self._edits:
            start, end, raw_start, raw_end = edit
            alike = (
                start < end
                and raw_start < raw_end
                and (text[start] == raw[raw_start] or text[end - 1] == raw[raw_end - 1])
            )
            if not alike:
                edits.append(edit)
            elif (cut := self._cut(edit)) and (cut[0] < cut[1] or cut[2] < cut[3]):
                edits.append(cut)
        return NormalText(text, raw, self.encoding, tuple(edits))

    def _cut(self, edit: Edit) -> Edit:
        start, end, raw_start, raw_end = edit
        while start < end and raw_start < raw_end and self.text[start] == self._raw[raw_start]:
            start, raw_start = start + 1, raw_start + 1
        while start < end and raw_start < raw_end and self.text[end - 1] == self._raw[raw_end - 1]:
            end, raw_end = end - 1, raw_end - 1
        return start, end, raw_start, raw_end


def _joined(earlier: list[Edit], later: list[Edit]) -> list[Edit]:
    """Two rounds of edits as one: `earlier` from raw to a middle text, `later` from that to the normal text.

    Only edits that overlap in the middle text become one, so that a span maps back to the cluster it came from.
    """
    joined: list[Edit] = []
    shift = at = number = 0  # by how much the normal text is ahead; how many of either are done
    while number < len(later):
        _, normal_end, start, end = later[number]
        first = bisect_right(earlier, start, at, key=itemgetter(1))
        joined += _moved(earlier[at:first], shift)
        begin = min(start, earlier[first][0]) if first < len(earlier) else start
        normal_start, raw_start = begin + shift, begin + _raw_shift(earlier, first)
        shift, at, number = normal_end - end, first, number + 1
        while True:
            if at < len(earlier) and earlier[at][0] < end:
                end = max(end, earlier[at][1])
                at += 1
            elif number < len(later) and later[number][2] < end:
                _, normal_end, _, later_end = later[number]
                end, shift = max(end, later_end), normal_end - later_end
                number += 1
            else:
                break
        joined.append((normal_start, end + shift, raw_start, end + _raw_shift(earlier, at)))
    return joined + _moved(earlier[at:], shift)


def _moved(edits: list[Edit], shift: int) -> list[Edit]:
    return [(start + shift, end + shift, raw_start, raw_end) for start, end, raw_start, raw_end in edits]


def _raw_shift(edits: list[Edit], done: int) -> int:
    """By how much the raw text is ahead behind so many edits."""
    return edits[done - 1][3] - edits[done - 1][1] if done else 0
