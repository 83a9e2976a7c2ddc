"""The PDF of a receipt: a page of facts, then digests in two columns.

Here: how it is set.
Not here: what stands in it, and its signature (receipts). Only ASCII is set, so that the standard fonts do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = 595, 842  # A4 in points
_MARGIN, _COLUMN, _ROWS = 40, 262, 100  # two columns of 64 letters at 6 points are 230 wide each


def write_pdf(file: BinaryIO, title: str, facts: Sequence[tuple[str, str]], notes: Sequence[str],
              digests: Iterable[str]) -> None:  # fmt: skip
    """Set a receipt. Memory grows by some 50 bytes a digest, which is what a page takes once it is compressed."""
    from reportlab.pdfgen.canvas import Canvas

    # invariant: the library would otherwise write the machine's time zone into the file
    canvas = Canvas(file, pagesize=(WIDTH, HEIGHT), pageCompression=1, invariant=1)
    canvas.setTitle(title)
    canvas.setAuthor("")
    canvas.setFont("Helvetica-Bold", 16)
    canvas.drawString(_MARGIN, HEIGHT - 70, title)
    height = _lines(canvas, [f"{label}: {value}" for label, value in facts], _MARGIN, HEIGHT - 110, 9)
    _lines(canvas, notes, _MARGIN, height - 20, 9)
    canvas.showPage()
    left = iter(digests)
    number = 2
    while page := list(islice(left, 2 * _ROWS)):
        _lines(canvas, page[:_ROWS], _MARGIN, HEIGHT - 60, 6, font="Courier")
        _lines(canvas, page[_ROWS:], _MARGIN + _COLUMN, HEIGHT - 60, 6, font="Courier")
        _lines(canvas, [str(number)], WIDTH / 2, 30, 8)
        canvas.showPage()
        number += 1
    canvas.save()


def _lines(canvas: Canvas, lines: Sequence[str], x: float, y: float, size: float, font: str = "Helvetica") -> float:
    """Set lines one below the other; returns where the next one would stand."""
    text = canvas.beginText(x, y)
    text.setFont(font, size, size * (1.2 if font == "Courier" else 1.8))
    text.textLines(lines, trim=0)
    canvas.drawText(text)
    return float(text.getY())
