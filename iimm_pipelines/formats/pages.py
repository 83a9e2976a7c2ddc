"""Pictures and PDF pages as a recogniser sees them: opened, upright by what they say themselves, not too large.

Here: opening, turning by EXIF, drawing PDF pages; why that cannot be done.
Not here: what their pixels say (page_image), frames of films (frames), reading them (ocr, reading).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import heif
from iimm_pipelines.formats.image import UNREADABLE

if TYPE_CHECKING:
    from PIL.Image import Image

_DOTS_AN_INCH = 200
"""Of drawn PDF pages: 10 point Burmese is 28 pixels high, where nothing is gained by more."""
_LONGEST_SIDE = 30_000
"""Pixels; Tesseract takes no side of more than 32,767."""
_ALWAYS_OPENS = heif.TYPES | {"image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/avif"}
"""What Pillow opens in all its kinds, so that one that it does not is damaged. Many a camera's raw file says TIFF."""


class Unreadable(Exception):
    """A picture or page could not be drawn, or not all of it; pages that came before stand."""

    def __init__(self, reason: Reason) -> None:
        """Keep the reason."""
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Sizes:
    """What is too small to hold a letter, how many pixels are worth their time, how many pages are drawn."""

    least_side: int
    most_pixels: int
    most_pages: int


@dataclass(frozen=True, slots=True)
class Page:
    """A picture in colour or grey, upright by what it says. The number counts from 1 and is absent where there is but one."""

    number: int | None
    image: Image
    at_ms: int | None = None
    """Of a frame: milliseconds from the film's start."""


def picture_pages(path: Path, media_type: str, sizes: Sizes) -> Iterator[Page]:
    """A picture, or each page of a TIFF; of an animation the first frame. What is too small is left out.

    Raises:
        Unreadable: `unsupported` where Pillow does not know the format or this kind of it, `damaged`, `truncated`, or
            `limit reached` for too many pixels or pages.
    """
    count = _count(path, media_type)
    problem = Reason.LIMIT_REACHED if count > sizes.most_pages else None
    for index in range(min(count, sizes.most_pages)):
        image, cut_short = _frame(path, index, sizes)
        if min(image.size) >= sizes.least_side:
            yield Page(index + 1 if count > 1 else None, scaled(image, sizes.most_pixels))
        if cut_short:
            problem = Reason.TRUNCATED
    if problem:
        raise Unreadable(problem)


def picture_page(path: Path, media_type: str, number: int, sizes: Sizes) -> tuple[Page, int]:
    """One page of a picture, from 1, and how many there are; where its end is missing, with that in grey.

    Raises:
        Unreadable: as `picture_pages`; `unavailable` where there is no such page.
    """
    count = _count(path, media_type)
    if number > count:
        raise Unreadable(Reason.UNAVAILABLE)
    image, _ = _frame(path, number - 1, sizes)
    return Page(number, scaled(image, sizes.most_pixels)), count


def _count(path: Path, media_type: str) -> int:
    from PIL import Image

    heif.register()
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
            return getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
    except Image.DecompressionBombError:
        raise Unreadable(Reason.LIMIT_REACHED) from None
    except UNREADABLE:
        raise Unreadable(Reason.DAMAGED if media_type in _ALWAYS_OPENS else Reason.UNSUPPORTED) from None


def _frame(path: Path, index: int, sizes: Sizes) -> tuple[Image, bool]:
    """One frame, upright, and whether its end is missing."""
    from PIL import Image

    try:
        try:
            return _drawn(path, index, sizes), False
        except OSError as error:  # Pillow has no class of its own for this
            if "truncated" not in str(error).lower():
                raise
        with _missing_end_is_grey():
            return _drawn(path, index, sizes), True
    except Image.DecompressionBombError:
        raise Unreadable(Reason.LIMIT_REACHED) from None
    except UNREADABLE:
        raise Unreadable(Reason.DAMAGED) from None


@contextmanager
def _missing_end_is_grey() -> Iterator[None]:
    from PIL import ImageFile

    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _drawn(path: Path, index: int, sizes: Sizes) -> Image:
    from PIL import Image

    with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
        if index:
            opened.seek(index)
        if opened.format == "JPEG":  # a large one is decoded at a half or a quarter of its size, in as much less time
            share = _scale(opened.size, sizes.most_pixels)
            opened.draft(None, (int(opened.width * share), int(opened.height * share)))
        opened.load()
        return _flat(_upright(opened))


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:  # the note on orientation is broken, not the picture
        return image


def _flat(image: Image) -> Image:
    """RGB where there are colours, else grey."""
    from PIL import Image

    if image.mode.startswith("I;16"):  # Pillow would cut off what is brighter than 255 of 65,535
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:  # black letters on nothing would become black on black
        seen = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    return image.convert("L" if image.mode in ("1", "L", "I", "F") else "RGB")


def _scale(size: tuple[int, int], most_pixels: int) -> float:
    return float(min(1.0, (most_pixels / (size[0] * size[1])) ** 0.5, _LONGEST_SIDE / max(size)))


def scaled(image: Image, most_pixels: int) -> Image:
    """A picture of so many pixels at most."""
    from PIL import Image

    share = _scale(image.size, most_pixels)
    if share == 1.0:
        return image
    smaller = (max(1, int(image.width * share)), max(1, int(image.height * share)))
    return image.resize(smaller, Image.Resampling.BICUBIC)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A PDF opened for drawing."""

    document: Any
    needed_password: bool

    def pages(self, numbers: Sequence[int], sizes: Sizes) -> Iterator[Page]:
        """These pages, one at a time.

        Raises:
            Unreadable: `damaged` after the last, where some could not be drawn; `limit reached` where there are more.
        """
        from pypdfium2 import PdfiumError

        problem = Reason.LIMIT_REACHED if len(numbers) > sizes.most_pages else None
        for number in numbers[: sizes.most_pages]:
            try:
                yield Page(number, self._page(number - 1, sizes.most_pixels))
            except PdfiumError:
                problem = problem or Reason.DAMAGED
        if problem:
            raise Unreadable(problem)

    def _page(self, index: int, most_pixels: int) -> Image:
        page = self.document[index]
        try:
            dots = _DOTS_AN_INCH / 72
            width, height = page.get_size()
            share = _scale((max(1, int(width * dots)), max(1, int(height * dots))), most_pixels)
            bitmap = page.render(scale=dots * share)
            try:
                image: Image = bitmap.to_pil().convert("RGB").copy()
            finally:
                bitmap.close()
            return image
        finally:
            page.close()


@contextmanager
def opened_pdf(path: Path, passwords: Sequence[str]) -> Iterator[Drawing]:
    """A PDF, opened with the first password that fits.

    Raises:
        Unreadable: `encrypted` or `damaged`.
    """
    import pypdfium2
    import pypdfium2.raw as pdfium

    reason = Reason.DAMAGED
    for password in (None, *passwords):
        try:
            document = pypdfium2.PdfDocument(path, password=password)
        except pypdfium2.PdfiumError as error:
            if error.err_code != pdfium.FPDF_ERR_PASSWORD:
                break
            reason = Reason.ENCRYPTED
            continue
        try:
            yield Drawing(document, password is not None)
        finally:
            document.close()
        return
    raise Unreadable(reason)
