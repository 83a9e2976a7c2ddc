"""Text that is plainly what people write to each other, and pages that plainly are HTML: no second opinion can say more.

Here: the two rules, made so that they rather say no: what they leave is looked at by Magika, at 8.6 ms a file.
Not here: what a file is (detect), its encoding (text), its language (stages).
"""

from __future__ import annotations

import codecs
import re

from iimm_pipelines.formats import delimited

_SAMPLE = 4096
"""Bytes looked at, from the beginning; for symbols also the last ones of what is given."""
_LAST = 1024
_SYMBOLS = b"{}[]<>=|\\#$%&*^_~`"
_MOST_SYMBOLS = 0.005
"""Share of them in letters and reports, where one stands here and there; in code it is ten times that."""
_ANY_TABLE = (",", ";")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LEAST_LETTERS = 0.6
_WORDS = re.compile(r"[A-Za-z]+,? [a-z]+,? [a-z]+")
_SENTENCE_END = re.compile(r"[.!?][\"')]?(?:\s|\Z)")
_LONGEST_SENTENCE = 400
"""Characters to a full stop, on average; lists of commands have none."""
_HTML = re.compile(rb"\s*(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL)
_TEMPLATE = (b"<?php", b"<?=", b"<%", b"{{", b"{%")


def is_prose(head: bytes) -> bool:
    """Whether the beginning of a file is sentences in UTF-8, in whatever script, and no code, table or list of settings."""
    sample = head[:_SAMPLE].removeprefix(codecs.BOM_UTF8)
    text = _utf8(sample, cut=len(head) > _SAMPLE)
    if text is None or "\t" in text or text[:1] in "-\"'(@:":
        return False
    if _symbols(sample) > len(text) * _MOST_SYMBOLS or _symbols(head[-_LAST:]) > _LAST * _MOST_SYMBOLS:
        return False
    written = len("".join(text.split()))
    foreign = len(text) - len(text.encode("ascii", errors="ignore"))
    if foreign * 2 < written and not _sentences(text, sample, written, foreign):
        return False
    return "\n" not in text.strip() or not any(d in text for d in _ANY_TABLE) or not delimited.looks_like_it(text)


def is_page(head: bytes) -> bool:
    """Whether a file begins as a page of HTML does, and is no template that a program makes pages from."""
    start = head.removeprefix(codecs.BOM_UTF8)
    return _HTML.match(start) is not None and not any(mark in head for mark in _TEMPLATE)


def _symbols(data: bytes) -> int:
    return len(data) - len(data.translate(None, _SYMBOLS))


def _sentences(text: str, sample: bytes, written: int, foreign: int) -> bool:
    """Whether text in Latin letters is words in sentences."""
    letters = len(sample) - len(sample.translate(None, _LETTERS)) + foreign
    if letters < written * _LEAST_LETTERS or not _WORDS.search(text):
        return False
    return len(_SENTENCE_END.findall(text)) * _LONGEST_SENTENCE >= len(text)


def _utf8(sample: bytes, *, cut: bool) -> str | None:
    """The text of bytes that are UTF-8 without control characters; the last character may be cut off."""
    try:
        text = sample.decode("utf-8")
    except UnicodeDecodeError as error:
        if not cut or error.start < len(sample) - 3:
            return None
        text = sample[: error.start].decode("utf-8")
    return text if text.strip() and not _CONTROL.search(text) else None


_CONTROL = re.compile("[\0-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd]")
