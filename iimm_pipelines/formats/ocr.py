"""Pictures and PDF pages as a recogniser sees them, and Tesseract, which reads them.

Here: opening, turning upright and scaling; drawing PDF pages; running Tesseract and reading its table.
Not here: which items need it, and which lines are kept (stages/recognised_text).

Pixels go to Tesseract through a pipe, so that nothing is written to a disk.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from iimm_pipelines.engine.isolation import preexec
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats import heif
from iimm_pipelines.formats.image import UNREADABLE
from iimm_pipelines.formats.parsed import clean

if TYPE_CHECKING:
    from PIL.Image import Image

_MILLION = 1_000_000
_DOTS_AN_INCH = 200
"""Of drawn PDF pages: 10 point Burmese is 28 pixels high, where nothing is gained by more."""
_SMALL_PIXELS = 1_000_000
"""Pictures below are doubled: letters of 10 pixels come out at 0.955 instead of 0.874, of 20 at 0.964 instead of 0.908
(similarity to six Burmese and six English sentences drawn in Padauk)."""
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
    """A grey picture, upright. The number counts from 1 and is absent where there is but one picture."""

    number: int | None
    image: Image


@dataclass(frozen=True, slots=True)
class Line:
    """A line as Tesseract read it."""

    text: str
    box: tuple[int, int, int, int]
    """Left, top, right, bottom in millionths of the page's width and height."""
    confidence: int
    """Mean over its words, in millionths."""

    @property
    def letters(self) -> int:
        """Letters, digits and marks in it."""
        return sum(c.isalnum() or unicodedata.category(c).startswith("M") for c in self.text)


@dataclass(frozen=True, slots=True)
class Tesseract:
    """The program with its languages, ready to read."""

    version: str
    languages: str
    layout: int
    """Tesseract's page segmentation mode."""

    @property
    def name(self) -> str:
        """How its readings are signed."""
        return f"tesseract {self.version} {self.languages}"

    def read(self, image: Image) -> list[Line]:
        """Lines of a page, in Tesseract's order, which is from top to bottom.

        Raises:
            Unreadable: the program died.
        """
        pixels = io.BytesIO()
        image.save(pixels, "PPM")
        command = ["tesseract", "stdin", "stdout", "-l", self.languages, "--psm", str(self.layout), "tsv"]
        done = subprocess.run(
            command, input=pixels.getvalue(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=preexec,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"}, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Unreadable(Reason.CRASHED)
        return list(_lines(done.stdout.decode("utf-8", errors="replace"), image.size))


def tesseract(languages: str, layout: int) -> Tesseract | None:
    """The installed program, or `None` where it or one of the languages (joined by +) is missing."""
    if shutil.which("tesseract") is None:
        return None
    said = _said("--version").split()
    known = _said("--list-langs").splitlines()[1:]
    if len(said) < 2 or not set(languages.split("+")) <= set(known):
        return None
    return Tesseract(said[1], languages, layout)


def _said(option: str) -> str:
    done = subprocess.run(["tesseract", option], capture_output=True, text=True, check=False, preexec_fn=preexec)
    return done.stdout


def _lines(table: str, size: tuple[int, int]) -> Iterator[Line]:
    words: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for word in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        if word["level"] == "5" and (word["text"] or "").strip():
            words.setdefault((word["block_num"], word["par_num"], word["line_num"]), []).append(word)
    for line in words.values():
        left, top = (min(int(w[side]) for w in line) for side in ("left", "top"))
        right = max(int(w["left"]) + int(w["width"]) for w in line)
        bottom = max(int(w["top"]) + int(w["height"]) for w in line)
        mean = sum(float(w["conf"]) for w in line) / len(line) / 100
        yield Line(
            clean(" ".join(w["text"].strip() for w in line)),
            (*_share((left, top), size), *_share((right, bottom), size)),
            min(_MILLION, max(0, round(mean * _MILLION))),
        )


def _share(point: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    x, y = (min(_MILLION, max(0, round(at * _MILLION / whole))) for at, whole in zip(point, size, strict=True))
    return x, y


def picture_pages(path: Path, media_type: str, sizes: Sizes) -> Iterator[Page]:
    """A picture, or each page of a TIFF; of an animation the first frame. What is too small is left out.

    Raises:
        Unreadable: `unsupported` where Pillow does not know the format or this kind of it, `damaged`, `truncated`, or
            `limit reached` for too many pixels or pages.
    """
    from PIL import Image

    heif.register()
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path) as opened:
            count = getattr(opened, "n_frames", 1) if opened.format == "TIFF" else 1
    except Image.DecompressionBombError:
        raise Unreadable(Reason.LIMIT_REACHED) from None
    except UNREADABLE:
        raise Unreadable(Reason.DAMAGED if media_type in _ALWAYS_OPENS else Reason.UNSUPPORTED) from None
    problem = Reason.LIMIT_REACHED if count > sizes.most_pages else None
    for index in range(min(count, sizes.most_pages)):
        image, cut_short = _frame(path, index, sizes)
        if min(image.size) >= sizes.least_side:
            yield Page(index + 1 if count > 1 else None, _scaled(image, sizes.most_pixels))
        if cut_short:
            problem = Reason.TRUNCATED
    if problem:
        raise Unreadable(problem)


def _frame(path: Path, index: int, sizes: Sizes) -> tuple[Image, bool]:
    """One frame, upright and grey, and whether its end is missing."""
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
        return _grey(_upright(opened))


def _upright(image: Image) -> Image:
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except UNREADABLE:  # the note on orientation is broken, not the picture
        return image


def _grey(image: Image) -> Image:
    from PIL import Image

    if image.mode.startswith("I;16"):  # Pillow would cut off what is brighter than 255 of 65,535
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:  # black letters on nothing would become black on black
        seen = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("L")
    return image.convert("L")


def _scale(size: tuple[int, int], most_pixels: int) -> float:
    return float(min(1.0, (most_pixels / (size[0] * size[1])) ** 0.5, _LONGEST_SIDE / max(size)))


def _scaled(image: Image, most_pixels: int) -> Image:
    from PIL import Image

    share = _scale(image.size, most_pixels)
    if image.width * image.height < _SMALL_PIXELS and max(image.size) * 2 < _LONGEST_SIDE:
        share = 2.0
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
            bitmap = page.render(scale=dots * share, grayscale=True)
            try:
                image: Image = bitmap.to_pil().convert("L").copy()
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
