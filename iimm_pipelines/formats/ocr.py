"""Tesseract: running it on a picture and reading its table.

Here: the program, its languages and its lines with box and confidence.
Not here: opening pictures (pages), making them ready and choosing between readings (reading).

Pixels go to Tesseract through a pipe, so that nothing is written to a disk.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from iimm_pipelines.engine.isolation import preexec
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.pages import Unreadable
from iimm_pipelines.formats.parsed import clean

if TYPE_CHECKING:
    from PIL.Image import Image

_MILLION = 1_000_000


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

    @property
    def name(self) -> str:
        """How its readings are signed."""
        return f"tesseract {self.version} {self.languages}"

    def read(self, image: Image, layout: int) -> list[Line]:
        """Lines of a grey page, in Tesseract's order; `layout` is its page segmentation mode.

        Raises:
            Unreadable: the program died.
        """
        pixels = io.BytesIO()
        image.save(pixels, "PPM")
        command = ["tesseract", "stdin", "stdout", "-l", self.languages, "--psm", str(layout), "tsv"]
        done = subprocess.run(
            command, input=pixels.getvalue(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=preexec,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"}, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Unreadable(Reason.CRASHED)
        return list(_lines(done.stdout.decode("utf-8", errors="replace"), image.size))


def tesseract(languages: str) -> Tesseract | None:
    """The installed program, or `None` where it or one of the languages (joined by +) is missing."""
    if shutil.which("tesseract") is None:
        return None
    said = _said("--version").split()
    known = _said("--list-langs").splitlines()[1:]
    if len(said) < 2 or not set(languages.split("+")) <= set(known):
        return None
    return Tesseract(said[1], languages)


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
