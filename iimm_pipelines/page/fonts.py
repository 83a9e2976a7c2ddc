"""Fonts that the page gives browsers: Burmese and the scripts of the minorities, which few machines have.

Here: one table, from names in our style sheet to files of Debian's fonts-sil-padauk and fonts-noto-core (both OFL).
Not here: which text is set in which (static/fonts.css).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SHARE = Path("/usr/share")
_FONTS: Final[Mapping[str, Path]] = {
    # Burmese, Shan, Mon, Karen, Kayah, Pa'O, Palaung: all three Myanmar blocks
    "padauk.woff2": _SHARE / "fonts-sil-padauk/woff2/Padauk-Regular.woff2",
    "padauk-bold.woff2": _SHARE / "fonts-sil-padauk/woff2/Padauk-Bold.woff2",
    "kayah-li.ttf": _SHARE / "fonts/truetype/noto/NotoSansKayahLi-Regular.ttf",
    "hanifi-rohingya.ttf": _SHARE / "fonts/truetype/noto/NotoSansHanifiRohingya-Regular.ttf",
    "chakma.ttf": _SHARE / "fonts/truetype/noto/NotoSansChakma-Regular.ttf",
}


def path_of(name: str) -> Path | None:
    """The file of a font; none where the table or this machine has none. No name that a browser sends becomes a path."""
    path = _FONTS.get(name)
    return path if path is not None and path.is_file() else None
