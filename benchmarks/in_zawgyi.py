"""Burmese as it is typed for the Zawgyi font: what a query in Zawgyi is, and the way there of a round trip.

Here: Unicode in normal form to Zawgyi, with its usual glyphs.
Not here: the way back (iimm_pipelines.burmese.zawgyi), texts that people typed in Zawgyi (burmese).
"""

from __future__ import annotations

import re

_STACKED = dict(zip("ကခဂဃစဆဇဈဋဌဏတထဒဓနပဖဗဘမလ", "\u1060\u1061\u1062\u1063\u1065\u1066\u1068\u1069\u106c\u106d\u1070\u1071\u1073\u1075\u1076\u1077\u1078"
                    "\u1079\u107a\u107b\u107c\u1085", strict=True))  # fmt: skip
_TOGETHER = {"ဍ္ဍ": "\u106e", "ဍ္ဎ": "\u106f", "ဏ္ဍ": "\u1091", "ဋ္ဌ": "\u1092", "ဋ္ဋ": "\u1097"}
"""Of a letter and the one below it one glyph."""
_GLYPHS = {"\u103b": "\u103a", "\u103d": "\u103c", "\u103e": "\u103d", "\u103a": "\u1039"}
_AFTER = "\u103b\u103d\u103e\u102d\u102e\u1032\u102f\u1030\u102b\u102c\u1036\u103a\u1037\u1038"
_CLUSTER = re.compile(
    "(?P<kinzi>\u1004\u103a\u1039)?(?P<base>[\u1000-\u102a\u103f])(?P<contracted>\u103a(?=[\u103b-\u103e]))?"
    "(?:\u1039(?P<stacked>[\u1000-\u1021]))?(?P<marks>[\u102b-\u1032\u1036-\u1038\u103a-\u103e]*)"
)


def in_zawgyi(text: str) -> str:
    """A text as it is typed for the Zawgyi font.

    Raises:
        KeyError: the font has no glyph for a letter below another.
    """
    return _CLUSTER.sub(_in_zawgyi, text)


def _in_zawgyi(match: re.Match[str]) -> str:
    marks, stacked = match["marks"], match["stacked"]
    base = "\u1086" if match["base"] == "ဿ" else match["base"]
    if one := _TOGETHER.get(f"{base}\u1039{stacked}"):
        base, stacked = one, None
    deep = bool(stacked) or base in "ညဉရဠဥ" or any(mark in marks for mark in "\u103b\u103c\u103d\u103e")
    glyphs = dict(_GLYPHS)
    if deep:
        glyphs |= {"\u102f": "\u1033", "\u1030": "\u1034"}
    if "\u102f" in marks or "\u1030" in marks:
        glyphs["\u1037"] = "\u1095"
    return "".join((
        "\u1031" if "\u1031" in marks else "", "\u103b" if "\u103c" in marks else "", base, "\u1039" if match["contracted"] else "",
        "\u1064" if match["kinzi"] else "", _STACKED[stacked] if stacked else "",
        *(glyphs.get(mark, mark) for mark in _AFTER if mark in marks),
    ))  # fmt: skip
