"""A model's card: what it is, what it may be used for, and the digest of each of its files.

Here: the card's fields, reading one from TOML, the digest that names a model.
Not here: which cards exist (catalogue), whether the files on disk agree with a card (store).
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from typing import ClassVar, NewType

import rfc8785
from pydantic import ConfigDict, TypeAdapter, ValidationError

ModelName = NewType("ModelName", str)

CARD_FILE = "card.toml"

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.]+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class CardInvalid(Exception):
    """A card cannot be read; the message names the field."""


class Task(StrEnum):
    """What a model is for."""

    SPEECH = "speech"
    LANGUAGE = "language"
    NAMES = "names"
    GAZETTEER = "gazetteer"
    TRANSLATION = "translation"


class Status(StrEnum):
    """Whether a model may work on real accessions without an operator's word."""

    PRODUCTION = "production"
    STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Quality:
    """One measured figure, with the test set it was measured on."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    test_set: str
    measure: str
    figure: float


@dataclass(frozen=True, slots=True)
class Part:
    """A file inside a package of the registry, as `NAME==VERSION` and the path in its wheel."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    package: str
    path: str

    def __post_init__(self) -> None:
        """Hold the package to one exact version: it becomes an argument of the package client."""
        if not _REQUIREMENT.fullmatch(self.package):
            raise ValueError(f"package must be NAME==VERSION, not {self.package!r}")


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a model. Its parts, joined in order, give the file; without parts it comes by import."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    bytes: int
    sha256: str
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        """Refuse names that could leave the model's folder or break a line of TOML."""
        if not is_safe_name(self.name):
            raise ValueError(f"not a plain relative file name: {self.name!r}")
        if not _SHA256.fullmatch(self.sha256):
            raise ValueError(f"sha256 of {self.name} must be 64 lower-case hex digits")


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a model before it is loaded.

    Languages are BCP 47 tags, `mul` for some hundred; a translation model's are from and to. No quality means
    unmeasured. `operator` says how to come by a model that no package ships.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: ModelName
    task: Task
    status: Status
    languages: tuple[str, ...]
    what: str
    source: str
    licence: str
    commercial: bool
    quality: tuple[Quality, ...]
    limits: str = ""
    operator: str = ""
    files: tuple[PinnedFile, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a name that is no folder name, and a file or language list that says nothing."""
        if not _NAME.fullmatch(self.name):
            raise ValueError("name may have lower-case letters, digits, dots and hyphens only")
        if not self.languages:
            raise ValueError("languages are missing")
        if len({file.name for file in self.files}) != len(self.files):
            raise ValueError("a file is listed twice")

    @property
    def pinned(self) -> bool:
        """Whether it is known which bytes the model has."""
        return bool(self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that a pull fetches, each once, in the order of first use."""
        return tuple(dict.fromkeys(part.package for file in self.files for part in file.parts))

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical JSON of {file name: SHA-256}: what stages name the model by."""
        return hashlib.sha256(rfc8785.dumps({file.name: file.sha256 for file in self.files})).hexdigest()


_CARD = TypeAdapter(Card)


def read_card(text: str) -> Card:
    """Read a card.

    Raises:
        CardInvalid: not TOML, or a field is missing, unknown or of the wrong kind.
    """
    try:
        return _CARD.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CardInvalid(f"{CARD_FILE} is not TOML: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'card'}: {fault['msg']}" for fault in error.errors(include_url=False)
        )
        raise CardInvalid(f"{CARD_FILE}: {faults}") from error


def with_pins(text: str, files: Iterable[PinnedFile]) -> str:
    """A card's text with its files pinned at the end."""
    tables = [
        f"\n[[files]]\nname = {json.dumps(file.name, ensure_ascii=False)}\n"
        f'bytes = {file.bytes}\nsha256 = "{file.sha256}"\n'
        for file in files
    ]
    return text.rstrip("\n") + "\n" + "".join(tables)


def is_safe_name(name: str) -> bool:
    """Whether a file name is relative, stays below its folder, and has only printable characters."""
    path = PurePosixPath(name)
    return (
        name.isprintable()
        and "\\" not in name
        and str(path) == name
        and not path.is_absolute()
        and bool(path.parts)
        and all(part not in {".", ".."} for part in path.parts)
        and name != CARD_FILE
    )
