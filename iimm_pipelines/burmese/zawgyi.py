"""Zawgyi: text typed for the Zawgyi font, which keeps Burmese as it looks instead of as it is read.

Here: what each Zawgyi code point stands for, the conversion of one cluster and of a text, the signs by which a text
can be Zawgyi at all, the published detector.
Not here: the decision for a document line by line, the map back to what was typed (iimm_pipelines.burmese.encoding).

Zawgyi took the Burmese code points and some of those of Shan, Mon and Karen for its own glyphs: vowel e and medial ra
stand before their consonant, stacked consonants and each width of a mark have codes of their own. So the conversion
reads a cluster (signs before, base, signs after), translates each sign, and writes the cluster in Unicode's order.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise, product
from math import exp, inf

from iimm_pipelines.burmese.syllables import ordered_marks

_ASAT, _VIRAMA = "\u103a", "\u1039"
_YA, _RA, _WA, _HA = "\u103b", "\u103c", "\u103d", "\u103e"
_KINZI = "\u1004" + _ASAT + _VIRAMA
_TALL_AA = "\u102b"
_I, _II, _U, _UU, _ANUSVARA, _DOT = "\u102d", "\u102e", "\u102f", "\u1030", "\u1036", "\u1037"

_STACKED = {
    "\u1060": "က", "\u1061": "ခ", "\u1062": "ဂ", "\u1063": "ဃ", "\u1065": "စ", "\u1066": "ဆ", "\u1067": "ဆ",
    "\u1068": "ဇ", "\u1069": "ဈ", "\u106c": "ဋ", "\u106d": "ဌ", "\u1070": "ဏ", "\u1071": "တ", "\u1072": "တ",
    "\u1073": "ထ", "\u1074": "ထ", "\u1075": "ဒ", "\u1076": "ဓ", "\u1077": "န", "\u1078": "ပ", "\u1079": "ဖ",
    "\u107a": "ဗ", "\u107b": "ဘ", "\u107c": "မ", "\u1085": "လ", "\u1093": "ဘ", "\u1096": "တ",
}  # fmt: skip

# Kinzi is drawn over the consonant that it precedes in Unicode, some of its glyphs with a vowel in them.
_OVER = {"\u1064": "", "\u108b": _I, "\u108c": _II, "\u108d": _ANUSVARA}

_MARKS = {
    "\u1033": _U, "\u1034": _UU, "\u103f": _UU, "\u1039": _ASAT, "\u103a": _YA, "\u107d": _YA, "\u103b": _RA,
    **dict.fromkeys("\u107e\u107f\u1080\u1081\u1082\u1083\u1084", _RA), "\u103c": _WA, "\u103d": _HA, "\u103e": _HA,
    "\u105a": _TALL_AA + _ASAT, "\u1087": _HA, "\u1088": _HA + _U, "\u1089": _HA + _UU, "\u108a": _WA + _HA,
    "\u108e": _I + _ANUSVARA, "\u1094": _DOT, "\u1095": _DOT, "\u1096": _WA,
}  # fmt: skip

_BASES = {
    "\u106a": "ဉ", "\u106b": "ည", "\u106e": "ဍ္ဍ", "\u106f": "ဍ္ဎ", "\u1086": "ဿ", "\u108f": "န", "\u1090": "ရ",
    "\u1091": "ဏ္ဍ", "\u1092": "ဋ္ဌ", "\u1097": "ဋ္ဋ",
}  # fmt: skip

_RAS = "\u103b\u107e-\u1084"
_BEFORE = f"\u1031{_RAS}"
_BASE = "\u1000-\u102a\u1040\u1047\u106a\u106b\u106e\u106f\u1086\u108f-\u1092\u1097"
_AFTER = (
    "\u102b-\u1030\u1032-\u1034\u1036-\u103a\u103c-\u103f\u105a\u1060-\u1069\u106c\u106d\u1070-\u107d\u1085"
    "\u1087-\u108e\u1093-\u1096"
)

CLUSTER = re.compile(
    f"(?P<before>[{_BEFORE}]*)(?P<base>[{_BASE}])(?P<after>[{_AFTER}]*)"
    f"(?:(?P<early>[{_RAS}])(?P<late>[{_AFTER}]+)(?P<next>[{_BASE}][{_AFTER}]*))?"
    f"|(?P<lone>[{_BEFORE}{_AFTER}])"
    "|\u104e(?P<long>င္း)?"
)

# Zero and seven look like the letters wa and ra and are typed for them. A digit bears no marks, but for the dot below
# and visarga, which people type for a full stop and a colon.
_LETTER_FOR_DIGIT = {"\u1040": "ဝ", "\u1047": "ရ"}
_NEVER_ON_A_DIGIT = re.compile("[^\u1037\u1038\u1094\u1095]")


def cluster_to_unicode(match: re.Match[str]) -> str:
    """One match of `CLUSTER` in Unicode: base with kinzi and stacked consonants, then its marks in order."""
    return _in_unicode(match[0])


@lru_cache(maxsize=16_384)
def _in_unicode(cluster: str) -> str:
    match = CLUSTER.fullmatch(cluster)
    if match is None:
        return cluster
    if match["lone"]:
        return _lone(match["lone"])
    if match["early"]:  # ra is drawn around what follows: the marks behind it belong to the letter before it
        letter = match["before"] + match["base"] + match["after"] + match["late"]
        return _in_unicode(letter) + _in_unicode(match["early"] + match["next"])
    if not match["base"]:
        return "၎င်း"  # one glyph in Zawgyi, written alone or with its last letters
    signs = match["before"] + match["after"]
    base = _BASES.get(match["base"], match["base"])
    if base in _LETTER_FOR_DIGIT:
        if not _NEVER_ON_A_DIGIT.search(signs):
            return base + "".join(_MARKS.get(sign, sign) for sign in signs)
        base = _LETTER_FOR_DIGIT[base]
    stacked = "".join(_VIRAMA + _STACKED[sign] for sign in signs if sign in _STACKED)
    kinzi = _KINZI if any(sign in _OVER for sign in signs) else ""
    # What stood before the consonant goes behind the marks after it, so that asat keeps the place it was typed in.
    marks = "".join(_mark(sign) for sign in match["after"] + match["before"])
    if base == "စ" and _YA in marks and not stacked:
        base, marks = "ဈ", marks.replace(_YA, "")  # no Burmese word has sa with medial ya
    return kinzi + base + stacked + ordered_marks(marks)


def _mark(sign: str) -> str:
    if sign in _OVER:
        return _OVER[sign]
    return _MARKS.get(sign, "" if sign in _STACKED else sign)


def _lone(sign: str) -> str:
    if sign in _STACKED:
        return _VIRAMA + _STACKED[sign] + _MARKS.get(sign, "")
    if sign in _OVER:
        return _KINZI + _OVER[sign]
    return _MARKS.get(sign, sign)


def to_unicode(text: str) -> str:
    """Zawgyi text in Unicode, not yet in normal form. What is Unicode already must not come here."""
    return CLUSTER.sub(cluster_to_unicode, text)


# Consonants that Burmese, Pali and Sanskrit words stack, the upper one before those that stand below it. Zawgyi's asat
# is Unicode's virama, so that its text stacks whatever letter begins the next syllable.
_STACKS = {
    "က": "ကခယလရသ", "ဂ": "ဂဃန", "င": "ကခဂဃ", "စ": "စဆ", "ဇ": "ဇဈဉ", "ဉ": "စဆဇဈ", "ည": "စဆဇ", "ဋ": "ဋဌ", "ဍ": "ဍဎ", "ဏ": "ဋဌဍဎဏဟ", "တ": "တထမနရယဝသ",
    "ဒ": "ဒဓမရယဝဘ", "ဓ": "ယဝ", "န": "တထဒဓနဟယဝသ", "ပ": "ပဖလတရ", "ဗ": "ဗဘရဒ", "မ": "ပဖဗဘမဟယ", "ယ": "ယဟ", "ရ": "မဝ", "လ": "လယဟပက", "ဝ": "ဟဝယ", "သ": "သတထမဝယနကပ", "ဟ": "မယဝနဏ",
}  # fmt: skip
_NO_STACK = "|".join(f"(?<={upper}\u1039)(?=[\u1000-\u1021])(?![{lower}])" for upper, lower in _STACKS.items())
_LETTER = "\u1000-\u102a\u103f\u104e\u1050-\u1055\u105a-\u105d\u1061\u1065\u1066\u106e-\u1070\u1075-\u1081\u108e"
_MEDIAL = "\u103b-\u103e\u105e-\u1060\u1082"
# Each alternative is about the one character that the class at the head has found: the engine looks at no other.
_NOT_UNICODE_BURMESE = re.compile(
    "[\u102b-\u1034\u1036-\u103e\u105a\u1060-\u1097](?:"
    "(?<=[\u1033\u1034\u105a\u1060-\u1097])"  # the codes of Zawgyi's glyphs
    # a virama not between letters, Zawgyi's asat, or between such as no word stacks
    f"|(?<=\u1039)(?:(?![{_LETTER}])|(?<![{_LETTER}\u103a]\u1039)|(?<=[ခဃဆဈဌဎထဖဘဠအ]\u1039)(?=[\u1000-\u1021])|{_NO_STACK})"
    f"|(?<=\u1031)(?<![{_LETTER}{_MEDIAL}]\u1031)"  # vowel e, or a mark, with no consonant before it
    "|(?<=[\u102b-\u1032\u1036-\u103e])(?<![\u1000-\u1049\u104c-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f].)"
    "|(?<=\u103a)(?=[\u102b-\u1032\u1036\u103a-\u103e])"  # asat before a vowel or medial: Zawgyi's medial ya
    ")",
    re.DOTALL,
)
_BURMESE = re.compile("[\u1000-\u109f]")
_NO_GLYPH = re.compile("[\u1022\u1028\u1035\u1050-\u1059\u105b-\u105f\u1098-\u109f\ua9e0-\ua9fe\uaa60-\uaa7f]")


def can_be_zawgyi(line: str) -> bool:
    """Whether a line has Burmese letters, and none of Shan, Mon, Karen or Sanskrit that Zawgyi has no glyph for."""
    return _BURMESE.search(line) is not None and _NO_GLYPH.search(line) is None


def breaks_unicode(line: str) -> bool:
    """Whether a line has what well-formed Burmese in Unicode never has.

    Of 154 Zawgyi lines all but one of three words have it, so that the detector need not see the rest.
    Shan, Mon, Karen and contracted words have some of it too: it is a reason to ask, no answer.
    """
    return _NOT_UNICODE_BURMESE.search(line) is not None


@lru_cache(maxsize=1)
def detector() -> Callable[[str], float]:
    """The published detector (myanmartools): the probability that a text is Zawgyi, -inf where it cannot tell.

    The package's model and the same sum of it, with each pair of characters in one table: ten times faster than the
    package's own walk, which takes most of the time of a Zawgyi text.
    """
    from myanmartools import ZawgyiDetector

    class Model(ZawgyiDetector):  # type: ignore[misc]  # the package says nothing of its types
        """The package's model, with what it read of it within reach."""

        def pairs(self) -> dict[tuple[str, str], float]:
            """What each pair of its characters, or of one and anything else, tells."""
            states = {_ELSE: 0, **{sign: self._state(sign) for sign in self.known()}}
            size = len(self._chars) + 1
            told = {(a, b): self._params[states[a] * size + states[b]] for a, b in product(states, repeat=2)}
            return {pair: value for pair, value in told.items() if pair != (_ELSE, _ELSE)}

        def known(self) -> str:
            """Its characters, but for those that its own search does not find."""
            return "".join(filter(self._state, self._chars))

    model = Model()
    pairs, others = model.pairs(), re.compile(f"[^{re.escape(model.known())}]+")

    def probability(text: str) -> float:
        known = others.sub(_ELSE, f"{_ELSE}{text}{_ELSE}")
        if known == _ELSE:
            return -inf
        total = sum(map(pairs.__getitem__, pairwise(known)))
        if total >= 0:  # so that the exponent does not overflow
            return exp(-total) / (exp(-total) + 1)
        return 1 / (1 + exp(total))

    return probability


_ELSE = "\0"
