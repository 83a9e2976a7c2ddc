"""Drawn photographs with their altered copies, a seal, and a scanned page.

Here: every picture of the sample, drawn with Pillow. Not here: the words of the scanned page (letters), the PDF around
it (pdf).

Colours are full of noise as in a photograph, so that a perceptual hash has something to hold on to.
"""

import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from iimm_pipelines.sample.files import SampleError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

FONT = Path("/usr/share/fonts/truetype/padauk/Padauk-Regular.ttf")
_SIZE = (640, 480)
# EXIF orientation 6: the camera was held upright, a viewer turns the picture clockwise by 90 degrees.
_ORIENTATION, _TURN_CLOCKWISE = 0x0112, 6
_MAKER = 0x010F
_TAKEN = 0x0132
# A5 across at 200 dots an inch: the smallest letters are 34 pixels high, enough for OCR.
_PAGE = (1240, 900)


def scenes() -> dict[str, bytes]:
    """Five drawn scenes as JPEG, by name."""
    return {name: jpeg(_drawn(name)) for name in _SCENES}


def resized(name: str) -> bytes:
    """The scene at half its width and height."""
    return jpeg(_drawn(name).resize((_SIZE[0] // 2, _SIZE[1] // 2)))


def recompressed(name: str) -> bytes:
    """The scene at quality 35, as a messenger sends it on."""
    return jpeg(_drawn(name), quality=35)


def turned(name: str) -> bytes:
    """The scene with its pixels turned by 90 degrees and nothing that says so."""
    from PIL import Image

    return jpeg(_drawn(name).transpose(Image.Transpose.ROTATE_90))


def held_upright(name: str) -> bytes:
    """The scene as a telephone stores it: pixels lying down, EXIF saying how to turn them."""
    from PIL import Image

    lying = _drawn(name).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[_MAKER] = "Invented"
    exif[_ORIENTATION] = _TURN_CLOCKWISE
    exif[_TAKEN] = "2022:03:01 08:00:00"
    buffer = io.BytesIO()
    lying.save(buffer, "JPEG", quality=88, exif=exif)
    return buffer.getvalue()


def as_png(name: str) -> bytes:
    """The scene at a third of its size as PNG."""
    return _png(_drawn(name).resize((_SIZE[0] // 3, _SIZE[1] // 3)))


def seal() -> bytes:
    """A small round seal, the kind of picture that stands inside every mail of an office."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (64, 64), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((4, 4, 60, 60), outline=(150, 20, 30), width=4)
    draw.polygon([(32, 14), (50, 48), (14, 48)], outline=(150, 20, 30), width=3)
    return _png(image)


def scanned_page(lines: Sequence[str]) -> "Image":
    """Typed lines as they come from an old scanner: grey paper, noise, a page laid in slightly askew.

    Raises:
        SampleError: the font is not installed, or Pillow cannot shape Burmese.
    """
    from PIL import Image, ImageDraw, ImageFont, features

    if not FONT.is_file():
        raise SampleError("The font Padauk is not installed. Install it: apt-get install fonts-sil-padauk")
    if not features.check("raqm"):
        raise SampleError("This Pillow cannot shape Burmese. Install the locked wheel, which holds libraqm.")
    page = Image.new("L", _PAGE, 236)
    draw = ImageDraw.Draw(page)
    font = ImageFont.truetype(FONT, 34, layout_engine=ImageFont.Layout.RAQM)
    for number, line in enumerate(lines):
        draw.text((90, 70 + number * 72), line, font=font, fill=38)
    page = page.rotate(0.7, Image.Resampling.BICUBIC, fillcolor=236)
    return Image.blend(page, _noise(_PAGE, seed=7), 0.12)


def png_of(image: "Image") -> bytes:
    """The picture as PNG."""
    return _png(image)


def jpeg(image: "Image", quality: int = 88) -> bytes:
    """The picture as JPEG, without metadata."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def _png(image: "Image") -> bytes:
    buffer = io.BytesIO()
    # Without compression, because builds of zlib differ in what they make of the same pixels.
    image.save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


def _noise(size: tuple[int, int], seed: int) -> "Image":
    from PIL import Image

    return Image.frombytes("L", size, random.Random(seed).randbytes(size[0] * size[1]))


def _drawn(name: str) -> "Image":
    from PIL import Image, ImageDraw

    (top, bottom), ground, draw_scene = _SCENES[name]
    sky = Image.linear_gradient("L").resize(_SIZE)
    image = Image.composite(Image.new("RGB", _SIZE, bottom), Image.new("RGB", _SIZE, top), sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 300, 640, 480), fill=ground)
    draw_scene(draw)
    grain = _noise(_SIZE, seed=len(name)).convert("RGB")
    return Image.blend(image, grain, 0.08)


def _house(draw: "ImageDraw") -> None:
    draw.rectangle((220, 210, 430, 350), fill=(150, 105, 60), outline=(70, 45, 20), width=4)
    draw.polygon([(190, 215), (325, 120), (460, 215)], fill=(95, 60, 35))
    draw.rectangle((300, 265, 350, 350), fill=(60, 40, 25))
    draw.rectangle((370, 240, 410, 280), fill=(230, 215, 150))
    draw.ellipse((500, 150, 610, 290), fill=(40, 105, 45))
    draw.rectangle((548, 280, 562, 350), fill=(85, 55, 30))


def _road(draw: "ImageDraw") -> None:
    draw.polygon([(250, 300), (330, 300), (560, 480), (60, 480)], fill=(120, 110, 100))
    draw.rectangle((250, 260, 400, 350), fill=(70, 90, 60))
    draw.rectangle((400, 290, 470, 350), fill=(60, 75, 50))
    draw.rectangle((415, 300, 450, 322), fill=(180, 210, 220))
    for x in (280, 350, 430):
        draw.ellipse((x, 335, x + 36, 371), fill=(25, 25, 25))
    draw.ellipse((40, 60, 110, 130), fill=(250, 235, 170))


def _school(draw: "ImageDraw") -> None:
    draw.rectangle((80, 200, 560, 340), fill=(225, 220, 200), outline=(110, 100, 90), width=3)
    draw.rectangle((70, 180, 570, 205), fill=(160, 60, 50))
    for x in range(110, 540, 75):
        draw.rectangle((x, 235, x + 40, 290), fill=(70, 100, 130))
    draw.line((600, 60, 600, 380), fill=(90, 90, 90), width=6)
    draw.rectangle((510, 65, 598, 115), fill=(60, 90, 170))


def _market(draw: "ImageDraw") -> None:
    for number, colour in enumerate([(200, 60, 50), (50, 130, 80), (210, 170, 40)]):
        x = 40 + number * 200
        draw.polygon([(x, 240), (x + 160, 240), (x + 180, 190), (x - 20, 190)], fill=colour)
        draw.rectangle((x, 290, x + 160, 350), fill=(140, 100, 70))
        for basket in range(3):
            draw.ellipse((x + 8 + basket * 50, 272, x + 50 + basket * 50, 310), fill=(230, 150, 60))
        draw.ellipse((x + 60, 370, x + 100, 410), fill=(120, 80, 60))
        draw.rectangle((x + 56, 408, x + 104, 470), fill=colour)


def _river(draw: "ImageDraw") -> None:
    draw.polygon([(0, 340), (640, 300), (640, 430), (0, 480)], fill=(70, 120, 150))
    draw.polygon([(180, 380), (420, 365), (390, 410), (210, 420)], fill=(80, 50, 30))
    draw.line((300, 375, 300, 240), fill=(60, 40, 25), width=6)
    draw.polygon([(305, 245), (305, 355), (390, 350)], fill=(235, 225, 205))
    draw.polygon([(0, 300), (150, 170), (330, 300)], fill=(90, 120, 95))


_Colour = tuple[int, int, int]
# Sky at the top and at the horizon, ground, what stands on it.
_SCENES: dict[str, tuple[tuple[_Colour, _Colour], _Colour, Callable[["ImageDraw"], None]]] = {
    "house": (((120, 170, 220), (215, 225, 230)), (110, 140, 70), _house),
    "road": (((90, 110, 150), (240, 200, 150)), (150, 130, 95), _road),
    "school": (((150, 190, 230), (230, 235, 240)), (165, 145, 110), _school),
    "market": (((200, 190, 170), (240, 235, 220)), (175, 150, 120), _market),
    "river": (((60, 80, 130), (250, 170, 110)), (85, 110, 80), _river),
}
