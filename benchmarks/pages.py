"""Burmese pages made to be read: drawn, scanned askew, pressed as JPEG, photographed with shade, noise and a stamp.

Here: the text of a page cut into lines, the drawing, and what a scanner, a messenger and a telephone do to it.
Not here: reading them and counting errors (ocr).

Everything follows from the text and the seed, so that two runs see the same pixels.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy.ndimage import uniform_filter

from iimm_pipelines.burmese.syllables import syllables

_NOTO = Path("/usr/share/fonts/truetype/noto")
_PADAUK = Path("/usr/share/fonts/truetype/padauk/Padauk-Regular.ttf")
FONTS = {
    "Noto Sans Myanmar": _NOTO / "NotoSansMyanmar-Regular.ttf",
    "Padauk": _PADAUK,
    "Noto Serif Myanmar": _NOTO / "NotoSerifMyanmar-Regular.ttf",
}
_POINTS = 12
_PAPER_INCHES = 5.8
_MARGIN_INCHES = 0.5
_LINES = 12
_PHOTO_DOTS = 200


@dataclass(frozen=True, slots=True)
class Page:
    """A picture and what is written on it, line by line."""

    image: Image.Image
    lines: tuple[str, ...]


def drawn(text: str, font: str, dots: int) -> Page:
    """A page of 12 point text, as much of it as fits on twelve lines, at so many dots an inch."""
    size = round(_POINTS * dots / 72)
    face = ImageFont.truetype(FONTS[font], size, layout_engine=ImageFont.Layout.RAQM)
    width, margin = round(_PAPER_INCHES * dots), round(_MARGIN_INCHES * dots)
    lines = _wrapped(text, face, width - 2 * margin)
    pitch = round(size * 2.1)
    page = Image.new("RGB", (width, 2 * margin + pitch * len(lines)), "white")
    draw = ImageDraw.Draw(page)
    for number, line in enumerate(lines):
        draw.text((margin, margin + number * pitch), line, font=face, fill="black", language="my")
    return Page(page, tuple(lines))


def _wrapped(text: str, face: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Lines broken at spaces and, where a word is too long, at syllables, as Burmese is set."""
    ends = [0, *(span.start for span in syllables(text)), len(text)]
    lines: list[str] = []
    begin = last = 0
    for end in ends:
        if face.getlength(text[begin:end].strip(), language="my") > width:
            lines.append(text[begin:last].strip())
            if len(lines) == _LINES:
                return lines
            begin = last
        last = end
    return [*lines, text[begin:].strip()]


def skewed(page: Page, degrees: float = 2.0) -> Page:
    """Laid askew into a scanner."""
    return Page(page.image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white"), page.lines)


def pressed(page: Page, quality: int = 40) -> Page:
    """As a messenger sends it on."""
    buffer = io.BytesIO()
    page.image.save(buffer, "JPEG", quality=quality)
    return Page(Image.open(buffer).convert("RGB"), page.lines)


def photographed(page: Page, seed: int) -> Page:
    """Held a little askew under a lamp, with a stamp over the text, a shadow, the noise of a small sensor, and JPEG."""
    chance = random.Random(seed)
    image = _stamped(page.image, chance)
    table = Image.new("RGB", (round(image.width * 1.12), round(image.height * 1.12)), (94, 78, 62))
    table.paste(image, (round(image.width * 0.06), round(image.height * 0.06)))
    width, height = table.size
    lean = [chance.uniform(0, 0.02) for _ in range(8)]
    corners = (lean[0] * width, lean[1] * height, lean[2] * width, (1 - lean[3]) * height,
               (1 - lean[4]) * width, (1 - lean[5]) * height, (1 - lean[6]) * width, lean[7] * height)  # fmt: skip
    table = table.transform(table.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC)
    table = table.rotate(chance.uniform(-2, 2), Image.Resampling.BICUBIC, fillcolor=(94, 78, 62))
    table = table.filter(ImageFilter.GaussianBlur(0.7))
    pixels = np.asarray(table, np.float32)
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    light = 0.95 - 0.35 * across - 0.15 * down  # a lamp at the left
    light = np.where(across + 0.4 * down > 1.05, light * 0.75, light)  # the shadow of a hand
    light = uniform_filter(light, width // 20)
    noise = np.random.default_rng(seed).normal(0, 9, pixels.shape)
    seen = np.clip(pixels * light[..., None] + noise, 0, 255).astype(np.uint8)
    return pressed(Page(Image.fromarray(seen), page.lines), 75)


def _stamped(image: Image.Image, chance: random.Random) -> Image.Image:
    """A round violet stamp with a line of text in it, on a line of the page, see-through as ink is."""
    side = image.width // 4
    stamp = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(stamp)
    ink = (120, 40, 140, 150)
    draw.ellipse((3, 3, side - 4, side - 4), outline=ink, width=max(2, side // 30))
    draw.ellipse((side // 6, side // 6, side * 5 // 6, side * 5 // 6), outline=ink, width=max(1, side // 60))
    face = ImageFont.truetype(FONTS["Padauk"], side // 6, layout_engine=ImageFont.Layout.RAQM)
    draw.text((side // 2, side // 2), "စစ်ဆေးပြီး", font=face, fill=ink, anchor="mm", language="my")
    stamp = stamp.rotate(chance.uniform(-25, 25), Image.Resampling.BICUBIC)
    stamped = image.convert("RGBA")
    at = (chance.randrange(image.width // 8, image.width * 5 // 8), chance.randrange(0, max(1, image.height - side)))
    stamped.alpha_composite(stamp, at)
    return stamped.convert("RGB")


CONDITIONS: dict[str, Callable[[str, str, int], Page]] = {
    **{f"{dots} dpi": (lambda text, font, seed, dots=dots: drawn(text, font, dots)) for dots in (100, 150, 200, 300)},
    "skewed 2 degrees": lambda text, font, seed: skewed(drawn(text, font, _PHOTO_DOTS)),
    "JPEG 40": lambda text, font, seed: pressed(drawn(text, font, 150)),
    "photographed": lambda text, font, seed: photographed(drawn(text, font, _PHOTO_DOTS), seed),
}
"""How a page comes in; the first four are clean."""
CLEAN = 4


def passages(lines: Sequence[str], count: int, seed: int) -> list[str]:
    """Passages for so many pages, each of neighbouring lines of a text."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        start = chance.randrange(len(lines) - 60)
        found.append(" ".join(lines[start : start + 60]))
    return found
