"""Normal text: one form for Burmese text however it was typed, with the way back to what was typed.

Here: the normal form (Unicode, NFC, one order of marks, nothing invisible), the decision between Zawgyi and Unicode,
and the map from offsets in the normal text to offsets in the raw text.
Not here: the Zawgyi code page (iimm_pipelines.burmese.zawgyi), the order of marks itself
(iimm_pipelines.burmese.syllables), reading bytes as text (iimm_pipelines.formats).
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from operator import itemgetter

from iimm_pipelines.burmese.syllables import MARK_RUN, ordered_marks
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

    Invisible characters go, lone surrogates become U+FFFD, Zawgyi lines become Unicode, marks come in one order and
    once each, and a character typed for another that looks the same becomes that one. The result is NFC.
    """
    if raw.isascii():
        return NormalText(raw, raw, Encoding.UNICODE, ())
    draft = _Draft(raw)
    draft.rewrite(_INVISIBLE, lambda match: "")
    draft.rewrite(_LONE_SURROGATE, lambda match: "\N{REPLACEMENT CHARACTER}")
    if not _BURMESE.search(draft.text):
        draft.compose()
        return NormalText(draft.text, raw, Encoding.UNICODE, draft.differences())
    zawgyi = _zawgyi_lines(draft.text, zawgyi_probability) if zawgyi_probability else []
    encoding = Encoding.ZAWGYI if draft.rewrite(CLUSTER, cluster_to_unicode, zawgyi) else Encoding.UNICODE
    # Composing may bring two marks together that ordering then merges, and one letter put right shows the next. Most
    # text needs one round.
    for _ in range(_ROUNDS_AT_MOST):
        draft.rewrite(MARK_RUN, lambda match: ordered_marks(match[0]))
        put_right = draft.rewrite(_LOOKALIKE, lambda match: _MEANT[match[0]])
        composed = draft.compose()
        if not put_right and not composed:
            break
    return NormalText(draft.text, raw, encoding, draft.differences())


_ROUNDS_AT_MOST = 8
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]+")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_BURMESE = re.compile("[\u1000-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]")

# Characters typed for others that look the same. Zero and seven can only be letters with a mark that no digit bears,
# zero also before a consonant that closes a syllable, between two letters, and in the words for life and nature;
# four in "the aforesaid". The vowel u before asat, aa or a stacked consonant is the letter nya; sa with medial ra alone
# is the vowel o (in August, authority).
_MEANT = {"၀": "ဝ", "၇": "ရ", "၄": "၎", "ဥ": "ဉ", "သြ": "ဩ", "သြော်": "ဪ"}
_MARK = "[\u102b-\u1032\u1036-\u103e]"
_ONLY_ON_LETTERS = "[\u102b-\u1032\u1036\u103a-\u103e]"
_NOT_IN_NUMBER = "(?<![0-9၀-၉.,])"
_LOOKALIKE = re.compile(
    f"[၀၇](?={_ONLY_ON_LETTERS})"
    f"|{_NOT_IN_NUMBER}၀(?=[က-အ]\u1037?[\u1039\u103a])"
    "|(?<=[\u1000-\u103f])၀(?=[က-အ])"
    "|(?:(?<=ဘ)|(?<=ဘာ))၀(?![0-9၀-၉.,])"
    f"|{_NOT_IN_NUMBER}၄(?=င်း)"
    "|ဥ(?=[\u102c\u1039\u103a]|\u1037\u103a)"
    f"|(?<!\u1039)(?:သြော်|သြ)(?!{_MARK})"
)

_ALL = re.compile(".+", re.DOTALL)
_LINE = re.compile("[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_FULL_SYLLABLE = re.compile("[\u1000-\u102a\u103f](?!\u1037?[\u1039\u103a])")
# Under 8 syllables the detector is wrong in up to one line of ten, unless it is all but certain.
_SHORT_LINE_SYLLABLES = 8
_CERTAIN = 0.001
# Of well-formed words taken alone it calls 1 % of place names and dictionary words Zawgyi at 0.5, 0.05 % at 0.99.
_LIKELY, _LIKELY_THOUGH_WELL_FORMED = 0.5, 0.99
# A text up to this length (a query, a file name, a message) is always shown to it; of a longer one first the lines that
# are not Unicode in good order, and the rest only if one of these is Zawgyi.
_SHORT_TEXT = 200
# The detector reads some 400,000 code points a second, and this many settle any question.
_LINE_SAMPLE, _TEXT_SAMPLE = 2_000, 10_000


def _zawgyi_lines(text: str, zawgyi_probability: Callable[[str], float]) -> list[tuple[int, int]]:
    """Spans of the lines typed in Zawgyi; a short line goes with the whole text unless the detector is certain."""

    def is_likely(sample: str, probability: float) -> bool:
        return probability > (_LIKELY if breaks_unicode(sample) else _LIKELY_THOUGH_WELL_FORMED)

    @lru_cache(maxsize=1)
    def whole_is_zawgyi() -> bool:
        lines = _LINE.findall(text[: 10 * _TEXT_SAMPLE])
        sample = "\n".join(line for line in lines if _BURMESE.search(line))[:_TEXT_SAMPLE]
        return is_likely(sample, zawgyi_probability(sample))

    def is_zawgyi(line: str) -> bool:
        sample = line[:_LINE_SAMPLE]
        is_short = len(_FULL_SYLLABLE.findall(sample)) < _SHORT_LINE_SYLLABLES
        probability = zawgyi_probability(sample)
        if is_short and probability > _CERTAIN and (probability < 1 - _CERTAIN or not breaks_unicode(sample)):
            return whole_is_zawgyi()
        return is_likely(sample, probability)

    lines = [match for match in _LINE.finditer(text) if can_be_zawgyi(match[0])]
    if len(text) > _SHORT_TEXT and not any(is_zawgyi(line[0]) for line in lines if breaks_unicode(line[0])):
        return []
    return [line.span() for line in lines if is_zawgyi(line[0])]


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
        for start, end in [(0, len(self.text))] if within is None else within:
            for match in pattern.finditer(self.text, start, end):
                new = replacement(match)
                if new == match[0]:
                    continue
                pieces += (self.text[taken : match.start()], new)
                taken = match.end()
                edits.append((match.start() + grown, taken + grown + len(new) - len(match[0]), match.start(), taken))
                grown += len(new) - len(match[0])
        if edits:
            self.text = "".join((*pieces, self.text[taken:]))
            self._edits = _joined(self._edits, edits)
        return bool(edits)

    def compose(self) -> bool:
        """Bring the text to NFC; True if that changed anything."""
        if unicodedata.is_normalized("NFC", self.text):
            return False
        runs = ((max(0, run.start() - 1), run.end()) for run in _composable().finditer(self.text))
        return self.rewrite(_ALL, lambda match: unicodedata.normalize("NFC", match[0]), runs)

    def differences(self) -> tuple[Edit, ...]:
        """The edits, each cut down to what differs."""
        return tuple(edit for edit in map(self._cut, self._edits) if edit[0] < edit[1] or edit[2] < edit[3])

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
    # In the middle text: start, end, and by how much what follows has moved in the raw and in the normal text.
    moves: list[tuple[int, int, int | None, int | None]] = [
        *((start, end, raw_end - end, None) for start, end, _, raw_end in earlier),
        *((start, end, None, normal_end - end) for _, normal_end, start, end in later),
    ]
    moves.sort(key=itemgetter(0, 1))
    joined: list[Edit] = []
    raw_shift = normal_shift = at = 0
    while at < len(moves):
        start, end = moves[at][:2]
        normal_start, raw_start, first = start + normal_shift, start + raw_shift, at
        while at < len(moves) and (at == first or moves[at][0] < end):
            _, move_end, raw_move, normal_move = moves[at]
            end = max(end, move_end)
            raw_shift = raw_shift if raw_move is None else raw_move
            normal_shift = normal_shift if normal_move is None else normal_move
            at += 1
        joined.append((normal_start, end + normal_shift, raw_start, end + raw_shift))
    return joined
