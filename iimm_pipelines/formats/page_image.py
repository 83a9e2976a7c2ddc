"""What the pixels of a page say before anybody reads it: ink and paper, rows of signs, their height, skew and shade.

Here: evening out light, taking coloured ink away, straightening, and whether a picture can hold letters at all.
Not here: opening files (pages), reading letters (ocr), deciding what becomes of a page (stages/recognised_text).

Measuring is done on a copy of at most 1,200 pixels a side, so that it takes a tenth of a second whatever the picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL.Image import Image

    Pixels = NDArray[np.uint8]
    Numbers = NDArray[Any]

_MEASURED_SIDE = 1200
_LIGHT_SIDE = 400
_PAPER = 21
"""Pixels of the copy for light within which some paper is seen between the letters: a twentieth of a page."""
_EVEN = 12
"""Levels of grey by which clean paper may differ from place to place."""
_CONTRAST = 20
"""Levels by which ink is darker, or lighter, than what is around it."""
_LEAST_SIGN, _MOST_SIGN = 4, 120
"""Height of a letter in pixels of the copy."""
_ROW_OF = 4
"""Signs in a row that make it look like writing; of less than that nothing can be read."""
_MOST_SKEW = 12.0
_LEAST_SKEW = 0.25
_ROW_SIGNS, _ROW_WIDTH = 5, 0.12
"""Of a row of handwriting: pieces, and width as a share of the page's."""
_STROKE = 0.09
"""Half the width of a thick stroke as a share of the row's height; of which at most so much of the ink may be."""
_MOST_THICK = 0.25
_LEAST_INK, _MOST_INK = 0.02, 0.4
_PAPER_LEVEL, _PAPER_NOISE = 150, 32
_NOISY = 0.35
"""Share of pixels that differ from their neighbours by more than a level: paper that was drawn or scanned has 0.3."""
_DARK = 90
"""Median level below which letters are the light on a dark ground."""
_DEEPEST_SHADE = 0.3
"""Of the brightest paper: less is no paper."""
_COLOURED = 0.15
"""Distance of the darkest channel from the brightest, as a share of it, in coloured ink; JPEG colours black ink too."""
_BRIGHT = 0.4
"""Brightest channel of coloured ink as a share of the paper's light."""
_LEAST_COLOURED = 0.002


@dataclass(frozen=True, slots=True)
class Sign:
    """A connected piece of ink: left, top, right, bottom as shares of width and height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Signs:
    """Pieces of ink of the size of letters that stand in rows."""

    in_rows: tuple[Sign, ...]
    height: float
    """Median height of those signs as a share of the picture's height; 0 where there are none."""


def grey(image: Image) -> Image:
    """Light and dark, as the eye weighs colours."""
    return image if image.mode == "L" else image.convert("L")


def light(image: Image) -> Numbers | None:
    """How bright paper is at each pixel of a grey picture; `None` where it is white all over, or the ground is dark.

    What is much darker than the paper around, as a table is, is not taken for paper in the shade.
    """
    import numpy as np
    from PIL import Image as Pictures
    from scipy import ndimage

    seen = np.asarray(_reduced(image, _LIGHT_SIDE))
    paper = ndimage.gaussian_filter(ndimage.grey_closing(seen, _PAPER).astype(np.float32), _PAPER / 3)
    low, high = np.percentile(paper, (2, 98))
    if float(np.median(seen)) < _DARK or (high - low < _EVEN and low > 255 - 5 * _EVEN):
        return None
    large = Pictures.fromarray(np.maximum(paper, _DEEPEST_SHADE * high)).resize(
        image.size, Pictures.Resampling.BILINEAR
    )
    return np.asarray(large)


def evened(image: Image, paper: Numbers | None) -> Image:
    """A grey page under even light: what is paper is white all over."""
    import numpy as np
    from PIL import Image as Pictures

    if paper is None:
        return image
    return Pictures.fromarray(np.minimum(np.asarray(image) * (255 / paper), 255).astype(np.uint8))


def without_colour(image: Image, even: Image, paper: Numbers | None) -> Image | None:
    """The evened page without coloured ink, such as a stamp over the text; `None` where it has next to none.

    Ink is coloured where one channel is darker than another and the brightest is not dark: black under a stamp stays.
    """
    import numpy as np
    from PIL import Image as Pictures
    from PIL import ImageFilter

    if image.mode != "RGB":
        return None
    channels = np.asarray(image.filter(ImageFilter.BoxBlur(1)), np.float32)
    brightest = channels.max(axis=2)
    coloured = brightest - channels.min(axis=2) > _COLOURED * np.maximum(brightest, 1)
    coloured &= brightest > _BRIGHT * (255 if paper is None else paper)
    if float(coloured.mean()) < _LEAST_COLOURED:
        return None
    return Pictures.fromarray(np.where(coloured, 255, np.asarray(even)).astype(np.uint8))


def signs(image: Image) -> Signs:
    """What looks like letters: pieces of ink, dark or light, of one height, three or more beside each other."""
    import numpy as np
    from PIL import ImageFilter

    small = _reduced(image, _MEASURED_SIDE)
    calm = small.filter(ImageFilter.MedianFilter(3))  # thin letters do not survive it: only where there is noise
    noise = float(np.mean(np.abs(np.asarray(small, np.float32) - np.asarray(calm)) > 1))
    pixels = np.asarray(calm if noise > _NOISY else small, np.float32)
    best = max((_in_rows(_ink(pixels, dark)) for dark in (True, False)), key=len)
    if not len(best):
        return Signs((), 0.0)
    height, width = pixels.shape
    found = tuple(Sign(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in best.tolist())
    heights = best[:, 3] - best[:, 1]
    letters = heights[heights > 0.35 * np.percentile(heights, 90)]  # the rest are dots and specks
    return Signs(found, float(np.median(letters)) / height)


def rows_of_strokes(image: Image) -> list[Sign]:
    """Rows of thin dark strokes on light ground, as a pen makes them, from left to right over some of the page."""
    import numpy as np
    from scipy import ndimage

    pixels = np.asarray(_reduced(image, _MEASURED_SIDE), np.float32)
    height, width = pixels.shape
    ink = _ink(pixels, True)
    boxes = _pieces(ink)
    rows = []
    for members in _chains(boxes):
        left, top, right, bottom = (int(f(boxes[members, n])) for n, f in enumerate((np.min, np.min, np.max, np.max)))
        here = ink[top:bottom, left:right]
        ground = pixels[top:bottom, left:right][~here]
        thick = ndimage.binary_erosion(here, iterations=max(1, round(_STROKE * (bottom - top)))).sum()
        if (right - left > _ROW_WIDTH * width and len(members) >= _ROW_SIGNS and len(ground)
                and float(np.median(ground)) > _PAPER_LEVEL and float(ground.std()) < _PAPER_NOISE
                and _LEAST_INK < float(here.mean()) < _MOST_INK and thick < _MOST_THICK * here.sum()):  # fmt: skip
            rows.append(Sign(left / width, top / height, right / width, bottom / height))
    return rows


def _chains(boxes: Numbers) -> list[list[int]]:
    """Numbers of the boxes that stand beside each other on one row, row by row."""
    rows: list[list[int]] = []
    for n in sorted(range(len(boxes)), key=lambda i: int(boxes[i][0])):
        left, top, _, bottom = boxes[n]
        for row in rows:
            end = boxes[row[-1]]
            high = max(bottom - top, end[3] - end[1])
            if left - end[2] < 4 * high and min(bottom, end[3]) - max(top, end[1]) > 0.3 * min(
                bottom - top, end[3] - end[1]
            ):
                row.append(n)
                break
        else:
            rows.append([n])
    return rows


def skew(image: Image) -> float:
    """By how many degrees the rows of a page fall to the right; 0 where it has none that are straight.

    Rows are straight where their ink, projected on the side of the page, piles up highest.
    """
    import numpy as np

    small = _reduced(image, _MEASURED_SIDE)
    ink = _ink(np.asarray(small, np.float32), True)
    down, across = np.nonzero(ink)
    if len(down) < 200:
        return 0.0
    step = max(1, len(down) // 40_000)
    down, across = down[::step].astype(np.float32), across[::step].astype(np.float32)
    coarse = np.arange(-_MOST_SKEW, _MOST_SKEW + 0.01, 0.5)
    heaps = [_heap(down, across, a) for a in coarse]
    at = float(coarse[int(np.argmax(heaps))])
    fine = np.arange(at - 0.5, at + 0.51, 0.1)
    angle = float(fine[int(np.argmax([_heap(down, across, a) for a in fine]))])
    plain = float(np.median(heaps))
    if abs(angle) < _LEAST_SKEW or abs(angle) >= _MOST_SKEW or max(heaps) < 1.15 * plain:
        return 0.0
    return angle


def _heap(down: Numbers, across: Numbers, degrees: float) -> float:
    import numpy as np

    slope = math.tan(math.radians(degrees))
    rows = (down - across * slope).astype(np.int32)
    counts = np.bincount(rows - rows.min())
    return float((counts.astype(np.float64) ** 2).sum())


def _reduced(image: Image, side: int) -> Image:
    from PIL import Image as Pictures

    share = side / max(image.size)
    if share >= 1:
        return image
    size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
    return image.resize(size, Pictures.Resampling.BOX)


def _ink(pixels: Numbers, dark: bool) -> Numbers:
    """Where a pixel is darker (or lighter) than its surroundings by what can be seen, and by half of what ink is."""
    import numpy as np
    from scipy import ndimage

    around = ndimage.uniform_filter(pixels, 41, mode="nearest")
    differs = around - pixels if dark else pixels - around
    strong = differs[differs > _CONTRAST]
    if not len(strong):
        return np.zeros(pixels.shape, bool)
    ink: Numbers = differs > max(_CONTRAST, float(np.median(strong)) / 2)
    return ink


def _in_rows(ink: Numbers) -> Numbers:
    """Boxes of pieces of ink that stand in rows with others of their height."""
    boxes = _pieces(ink)
    in_rows: Numbers = boxes[_beside(boxes) >= _ROW_OF - 1] if len(boxes) else boxes
    return in_rows


def _pieces(ink: Numbers) -> Numbers:
    """Boxes (left, top, right, bottom) of pieces of ink of the size of letters or words written in one go."""
    import numpy as np
    from scipy import ndimage

    labels, count = ndimage.label(ink, np.ones((3, 3)))
    if not count:
        return np.zeros((0, 4), int)
    found = ndimage.find_objects(labels)
    boxes = np.array([(s[1].start, s[0].start, s[1].stop, s[0].stop) for s in found])
    filled = ndimage.sum_labels(ink, labels, np.arange(1, count + 1))
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    share = filled / (wide * high)
    likely = (
        (high >= _LEAST_SIGN) & (high <= _MOST_SIGN) & (wide >= 2) & (wide <= 12 * high) & (share > 0.1) & (share < 0.9)
    )
    letters: Numbers = boxes[likely][:5000]
    return letters


def _beside(boxes: Numbers) -> Numbers:
    """For each box, how many of like height stand on its row within eight heights."""
    import numpy as np

    order = np.argsort(boxes[:, 0], kind="stable")
    sorted_boxes = boxes[order]
    left, top, right, bottom = (sorted_boxes[:, n].astype(np.float32) for n in range(4))
    high, middle = bottom - top, (top + bottom) / 2
    counts = np.zeros(len(boxes), int)
    for n in range(len(boxes)):
        near = slice(n + 1, int(np.searchsorted(left, right[n] + 6 * high[n])))
        same = (
            (np.abs(middle[near] - middle[n]) < 0.5 * high[n])
            & (high[near] < 1.7 * high[n])
            & (high[near] > high[n] / 1.7)
        )
        counts[n] += int(same.sum())
        counts[near][same] += 1
    found = np.zeros(len(boxes), int)
    found[order] = counts
    return found
