"""One page read well: made ready, read in several ways, the best of them kept.

Here: which readings are tried, which is the best, which way is up, where each line stands on the page as it came in.
Not here: what pixels say (page_image), Tesseract itself (ocr), which lines are kept and trusted (stages/recognised_text).

Burmese is found as sparse text (layout 11) at the size of a scan, and as one block (layout 6) on a small copy; which of
the two is right differs from page to page, and how much of a reading is spelled as Burmese is tells which. Tesseract's
own choice of a layout (1 and 3) loses half of a page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from iimm_pipelines.burmese.legibility import Legible, legible
from iimm_pipelines.formats import page_image
from iimm_pipelines.formats.ocr import Line, Tesseract

if TYPE_CHECKING:
    from PIL.Image import Image

Box = tuple[int, int, int, int]

_MILLION = 1_000_000
_SCAN_LETTER = 18.0
"""Pixels of a letter's body in the copy that is read as sparse text: 12 point at 200 dots an inch."""
_SMALL_LETTER = 8.0
"""In the small copy: 12 point at 90 dots an inch. Of four pages in three fonts at 80, 90 and 100 each, 90 failed on none."""
_OTHER_SMALL_LETTERS = (7.0, 9.0)
"""In further small copies, for pages that the first two readings disagree on or are not sure of: rows are cut wrongly at
one size and rightly at another, and the machine's own confidence tells."""
_LARGEST_SCALE = 4.0
_SURE = 0.75
"""Worth of each letter of a reading that needs no second opinion: fonts that Tesseract knows have 0.8 to 0.9."""
_AGREE = 0.1
_WELL = 0.85
"""Share of well-spelled letters from which a line of a second reading may stand beside the first."""
_UPRIGHT = 0.5
"""Worth of each letter below which a page may stand on its side or its head: that gives up to 0.42, print that is hard to
read 0.6."""
_LEAST_GOOD = 8
"""Letters, of which a shorter reading says nothing."""
_SAME_PLACE = 0.4
"""Share of the smaller box in the larger from which two lines are one; rows of tall letters share up to 0.3."""
_COVERED = 0.2
"""Share of a row of strokes in a line that was read, from which it is that line."""
_APART = 5
"""Letters between two rows of one text; between text and the edge of a sheet there are more."""
_MARGIN = 2.0
"""Letters of paper around what is read as a block."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a page, and how. Boxes count on the page as it came in."""

    lines: tuple[Line, ...]
    way: str
    """`sparse`, `block`: how the page was laid out for the best reading."""
    legible: Legible
    turned: int = 0
    """Degrees clockwise by which the page had to be turned before it could be read: 0, 90, 180, 270."""
    skew: float = 0.0
    """Degrees by which its rows fall to the right after that."""
    even: Image | None = None
    """The page under even light, as it came in."""

    @property
    def worth(self) -> float:
        """How good it is: well-spelled letters, less twice the others, weighed by how sure the machine was."""
        letters = sum(len(line.text) for line in self.lines) or 1
        sure = sum(line.confidence * len(line.text) for line in self.lines) / letters / _MILLION
        return (self.legible.good - 2 * (self.legible.all - self.legible.good)) * sure


@dataclass(frozen=True, slots=True)
class Reader:
    """Tesseract with the layouts that it is asked for."""

    tesseract: Tesseract
    sparse: int
    block: int

    def read(self, image: Image, any_way_up: bool = True) -> Reading | None:
        """The best reading of a page; `None` where it plainly holds no text, so that it was not read.

        Raises:
            Unreadable: the program died.
        """
        from PIL import Image as Pictures

        plain = page_image.grey(image)
        paper = page_image.light(plain)
        even = page_image.evened(plain, paper)
        upright = page_image.signs(even)
        if not upright.in_rows and not (
            any_way_up and page_image.signs(even.transpose(Pictures.Transpose.ROTATE_90)).in_rows
        ):
            return None
        best = self._straightened(even, upright)
        if any_way_up and _is_poor(best):
            best = next((r for r in self._other_ways_up(even) if not _is_poor(r)), best)
        if best.legible.good >= _LEAST_GOOD and (inkless := page_image.without_colour(image, even, paper)) is not None:
            ready = inkless.rotate(-best.turned, expand=True)
            again = self._straightened(ready, page_image.signs(ready))
            best = _joined(best, _turned_back(again, best.turned))
        return replace(best, even=even)

    def _straightened(self, even: Image, found: page_image.Signs) -> Reading:
        """The best reading of a page that is right side up."""
        from PIL import Image as Pictures

        angle = page_image.skew(even)
        straight = even.rotate(angle, Pictures.Resampling.BICUBIC, expand=True, fillcolor=255) if angle else even
        letter = found.height * even.height or _SCAN_LETTER
        best = self._best(straight, letter)
        lines = (replace(line, box=_back(line.box, straight.size, angle, even.size)) for line in best.lines)
        return replace(best, lines=tuple(lines), skew=angle)

    def _best(self, straight: Image, letter: float) -> Reading:
        sparse = self._reading(straight, letter, _SCAN_LETTER, self.sparse)
        block = self._block(straight, letter, _SMALL_LETTER, sparse)
        readings = [sparse, block]
        if _in_doubt(sparse, block):
            readings.extend(self._block(straight, letter, other, sparse) for other in _OTHER_SMALL_LETTERS)
        best, *others = sorted(readings, key=lambda r: -r.worth)
        for other in others:
            best = _joined(best, other)
        return best

    def _block(self, straight: Image, letter: float, wanted: float, sparse: Reading) -> Reading:
        """A reading as one block, of the part of the page where the sparse one found text: its edges are read as letters."""
        sure = [line.box for line in sparse.lines if line.letters >= _LEAST_GOOD and legible(line.text).share > _WELL]
        if not sure:
            return self._reading(straight, letter, wanted, self.block)
        width, height = straight.size
        left, top, right, bottom = _grown(sure, page_image.signs(straight), letter / width, letter / height)
        x0, y0 = max(0, round(left * width)), max(0, round(top * height))
        x1, y1 = min(width, round(right * width)), min(height, round(bottom * height))
        found = self._reading(straight.crop((x0, y0, x1, y1)), letter, wanted, self.block)

        def on_page(box: Box) -> Box:
            across, down = (x1 - x0) / width, (y1 - y0) / height
            return (round(x0 / width * _MILLION + box[0] * across), round(y0 / height * _MILLION + box[1] * down),
                    round(x0 / width * _MILLION + box[2] * across), round(y0 / height * _MILLION + box[3] * down))  # fmt: skip

        return replace(found, lines=tuple(replace(line, box=on_page(line.box)) for line in found.lines))

    def _reading(self, image: Image, letter: float, wanted: float, layout: int) -> Reading:
        """One reading on a copy whose letters have the wanted height."""
        from PIL import Image as Pictures

        scale = min(_LARGEST_SCALE, wanted / letter)
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        copy = image if abs(scale - 1) < 0.1 else image.resize(size, Pictures.Resampling.LANCZOS)
        lines = _once(self.tesseract.read(copy, layout))
        return Reading(
            lines, "sparse" if layout == self.sparse else "block", legible("\n".join(line.text for line in lines))
        )

    def _other_ways_up(self, even: Image) -> Iterable[Reading]:
        """Readings of the page on its head and on its sides, as far as a quick one promises something."""
        quick = []
        for degrees in (180, 90, 270):
            turned = even.rotate(-degrees, expand=True)
            found = page_image.signs(turned)
            if found.in_rows:
                letter = found.height * turned.height
                quick.append((self._reading(turned, letter, _SMALL_LETTER, self.block), degrees, turned, found))
        if not quick:
            return ()
        first, degrees, turned, found = max(quick, key=lambda q: q[0].worth)
        if first.worth <= 0:
            return ()
        return (_turned_back(self._straightened(turned, found), degrees),)


def _grown(
    boxes: Sequence[Box], found: page_image.Signs, across: float, down: float
) -> tuple[float, float, float, float]:
    """The rectangle around boxes and all signs that are no farther from it than rows are apart, in shares of the page.

    `across` and `down` are a letter's height as shares of width and height.
    """
    left, top = (min(box[side] for box in boxes) / _MILLION for side in (0, 1))
    right, bottom = (max(box[side] for box in boxes) / _MILLION for side in (2, 3))
    grown = True
    while grown:
        grown = False
        for sign in found.in_rows:
            near = (sign.right > left - _APART * across and sign.left < right + _APART * across
                    and sign.bottom > top - _APART * down and sign.top < bottom + _APART * down)  # fmt: skip
            if near and (sign.left < left or sign.top < top or sign.right > right or sign.bottom > bottom):
                left, top = min(left, sign.left), min(top, sign.top)
                right, bottom = max(right, sign.right), max(bottom, sign.bottom)
                grown = True
    return left - _MARGIN * across, top - _MARGIN * down, right + _MARGIN * across, bottom + _MARGIN * down


def _in_doubt(sparse: Reading, block: Reading) -> bool:
    best, other = sorted((sparse, block), key=lambda r: -r.legible.good)
    if best.legible.good < _LEAST_GOOD:
        return False
    differ = best.legible.good - other.legible.good > _AGREE * best.legible.good
    return differ or max(sparse.worth, block.worth) < _SURE * best.legible.all


def _is_poor(reading: Reading) -> bool:
    return reading.legible.good < _LEAST_GOOD or reading.worth < _UPRIGHT * reading.legible.all


def _once(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines without those that stand on another, from top to bottom: a row that was cut in two is read twice."""
    kept: list[Line] = []
    for line in sorted(lines, key=_worth, reverse=True):
        if line.letters and not any(_overlap(line.box, other.box) > _SAME_PLACE for other in kept):
            kept.append(line)
    return _in_order(kept)


def _in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines from top to bottom, and pieces of one row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if rows and line.box[1] + line.box[3] < 2 * rows[-1][0].box[3] - (rows[-1][0].box[3] - rows[-1][0].box[1]) // 2:
            rows[-1].append(line)
        else:
            rows.append([line])
    return tuple(line for row in rows for line in sorted(row, key=lambda line: line.box[0]))


def _worth(line: Line) -> float:
    said = legible(line.text)
    return (said.good - 2 * (said.all - said.good)) * line.confidence


def _joined(best: Reading, other: Reading) -> Reading:
    """The better of two readings, with the lines of the other that stand where it has none and are well spelled."""
    if other.worth > best.worth:
        best, other = other, best
    more = [line for line in other.lines if not any(_overlap(line.box, known.box) > 0.2 for known in best.lines)
            and legible(line.text).share > _WELL]  # fmt: skip
    if not more:
        return best
    return replace(best, lines=_in_order((*best.lines, *more)))


def _overlap(box: Box, other: Box) -> float:
    """As a share of the smaller."""
    wide, high = min(box[2], other[2]) - max(box[0], other[0]), min(box[3], other[3]) - max(box[1], other[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / max(1, min(_area(box), _area(other)))


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _turned_back(reading: Reading, degrees: int) -> Reading:
    """The reading of a page that was turned clockwise, with boxes on the page as it came in."""
    if not degrees:
        return reading
    return replace(reading, turned=degrees,
                   lines=tuple(replace(line, box=_quarter_back(line.box, degrees)) for line in reading.lines))  # fmt: skip


def _quarter_back(box: Box, degrees: int) -> Box:
    left, top, right, bottom = box
    whole = _MILLION
    if degrees == 180:
        return whole - right, whole - bottom, whole - left, whole - top
    if degrees == 90:  # what was at the left is now at the top
        return top, whole - right, bottom, whole - left
    return whole - bottom, left, whole - top, right


def _back(box: Box, size: tuple[int, int], degrees: float, before: tuple[int, int]) -> Box:
    """A box on a page that was rotated counter-clockwise about its middle, as the box around it on the page before."""
    if not degrees:
        return box
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    xs, ys = [], []
    for x_share, y_share in ((box[0], box[1]), (box[2], box[1]), (box[0], box[3]), (box[2], box[3])):
        x, y = (x_share / _MILLION - 0.5) * size[0], (y_share / _MILLION - 0.5) * size[1]
        xs.append((x * cos - y * sin) / before[0] + 0.5)
        ys.append((x * sin + y * cos) / before[1] + 0.5)
    left, top, right, bottom = (
        min(_MILLION, max(0, round(v * _MILLION))) for v in (min(xs), min(ys), max(xs), max(ys))
    )
    return left, top, right, bottom


def unread_rows(reading: Reading, known: Sequence[Line]) -> list[Box]:
    """Rows of pen strokes on the page that none of the known lines covers."""
    if reading.even is None or reading.turned:
        return []
    rows = (_in_millionths(row) for row in page_image.rows_of_strokes(reading.even))
    return [row for row in rows if not any(_overlap(row, line.box) > _COVERED for line in known)]


def _in_millionths(row: page_image.Sign) -> Box:
    return (
        round(row.left * _MILLION),
        round(row.top * _MILLION),
        round(row.right * _MILLION),
        round(row.bottom * _MILLION),
    )
