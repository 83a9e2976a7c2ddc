"""What one file of the sample is, and how the sample fails.

Here: the file's type and the error for people. Not here: any content (the module for its kind of material).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class BytesFrom(StrEnum):
    """What the bytes of a file depend on beside the locked Python packages."""

    CODE = "code"
    FONT = "font"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One received file: its path in the accession as raw bytes, since a path need not be text."""

    path: bytes
    content: bytes
    bytes_from: BytesFrom = BytesFrom.CODE


class SampleError(Exception):
    """The sample cannot be written here; the message says what to do."""


def text_file(path: str, text: str, encoding: str = "utf-8") -> SampleFile:
    """A file that is text. UTF-16 is written little endian with its byte order mark on every machine."""
    content = b"\xff\xfe" + text.encode("utf-16-le") if encoding == "utf-16" else text.encode(encoding)
    return SampleFile(path.encode(), content)


def numbered(path: str, texts: tuple[str, ...], ending: str = ".txt") -> Iterator[SampleFile]:
    """Text files `path-1.txt`, `path-2.txt` and so on."""
    for number, text in enumerate(texts, start=1):
        yield text_file(f"{path}-{number}{ending}", text)
