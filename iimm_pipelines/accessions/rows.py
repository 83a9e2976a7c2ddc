"""Rows of a list: what whoever handed material over says of each file, in one form whatever the list's format.

Here: roles of a file in its row, makers of texts, deviations, and the row itself.
Not here: reading a list (load_files, bags), which received file a row means (claims), checking digests (stages/inventory).

A list is a manifest, a load file or the manifests of a bag. What it says is a claim: it stands beside what we find.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a file, or a text that stands in the row itself, is to the document that the row describes."""

    FILE = "file"
    PAGE = "page"
    TEXT = "extracted text"
    TRANSLATION = "translation"
    TRANSCRIPT = "transcript"
    LIST = "list"
    """The list itself, or what belongs to a bag and is no payload."""


class Maker(StrEnum):
    """Who made a text that was handed over. What is not said to be a human's is another system's."""

    HUMAN = "human"
    OTHER_SYSTEM = "other system"


class Deviation(StrEnum):
    """How a list and what was handed over do not fit. The list is closed: a new one is a change of this file."""

    NO_FILE = "row without file"
    NO_ROW = "file without row"
    DIGEST = "digest differs"
    UNREADABLE = "row cannot be read"
    OUTSIDE = "path leads outside"
    CONTRADICTION = "named twice with different digests"
    # of bags
    NO_DECLARATION = "bagit.txt is missing or wrong"
    NO_MANIFEST = "no payload manifest"
    NOT_IN_EVERY_MANIFEST = "not in every payload manifest"
    NOT_FETCHED = "to be fetched from elsewhere"
    OXUM = "Payload-Oxum differs"


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a row names: its path as written, and its role."""

    role: Role
    path: str
    maker: Maker | None = None


@dataclass(frozen=True, slots=True)
class GivenText:
    """A text that stands in the row itself."""

    role: Role
    maker: Maker
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row. Numbers are those of the holding that it comes from; `family` is the first number of its family.

    `digests` are algorithm and value of the file of role `file`; an algorithm is lower case, `""` where none fits.
    Names in `fields` are as the list writes them.
    """

    nth: int
    number: str = ""
    last_number: str = ""
    parent: str = ""
    family: str = ""
    custody: str = ""
    files: tuple[NamedFile, ...] = ()
    digests: tuple[tuple[str, str], ...] = ()
    texts: tuple[GivenText, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    deviation: Deviation | None = None


_BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_HEX = frozenset("0123456789abcdef")


def digest_of(value: str, algorithm: str = "") -> tuple[str, str]:
    """Algorithm and value of a digest as a list writes it; by its length where the list names no algorithm."""
    plain = value.strip().lower().removeprefix("0x")
    if not algorithm:
        plain = plain.rpartition(":")[2]
        algorithm = _BY_LENGTH.get(len(plain), "") if _HEX.issuperset(plain) else ""
    return algorithm, plain
