"""What is known of an accession beside its bytes: form, handling, exhibits, transfers before our door, captures.

Here: the typed facts, each either said or unknown with a reason; reading them from TOML; their form in an event and in
the catalogue.
Not here: registering and correcting (register, corrections), asking for them and showing them (cli/facts).
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Strict,
    StringConstraints,
    Tag,
    TypeAdapter,
    ValidationError,
)

from iimm_pipelines.accessions.numbers import NotANumber, Number, parse_number
from iimm_pipelines.custody.canonical import canonical

T = TypeVar("T")
_ONLY_THESE = ConfigDict(extra="forbid")
_CODE = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_MEANT_AS_DATE = re.compile(r"\d{4}-[\dT:. +Z-]+", re.ASCII)
_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class FactsInvalid(ValueError):
    """Facts that cannot be meant; the message says which and what to write."""


def _line(text: str) -> str:
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in text):
        raise ValueError("one line of text, without control characters")
    return text


def checked_code(text: str) -> str:
    """A code that stands for a person or place.

    Raises:
        ValueError: it is none, or looks like a name.
    """
    if not _CODE.fullmatch(text):
        raise ValueError("a code of letters, digits, dots, dashes with at least one digit, e.g. S-017, and never a name: "
                         "who stands behind it is kept elsewhere")  # fmt: skip
    return text


Line = Annotated[
    str, Strict(), StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), AfterValidator(_line)
]
Code = Annotated[str, Strict(), StringConstraints(strip_whitespace=True), AfterValidator(checked_code)]
Truth = Annotated[bool, Strict()]


@dataclass(frozen=True, slots=True)
class When:
    """A time as it was written, in whatever words. `utc` only where a full time was written with its offset."""

    written: str
    offset_minutes: int | None = None
    utc: str | None = None

    @classmethod
    def read(cls, text: str) -> When:
        """Take a time as it is written.

        Raises:
            ValueError: it looks like a date, and there is no such day or time.
        """
        text = _line(text.strip())
        if not text:
            raise ValueError("a time is not empty")
        try:
            if _TIME.fullmatch(text):
                found = datetime.fromisoformat(text)
                offset = found.utcoffset()
                if offset is None:
                    return cls(text)
                utc = found.astimezone(UTC).isoformat().replace("+00:00", "Z")
                return cls(text, int(offset.total_seconds()) // 60, utc)
            if _DATE.fullmatch(text):
                datetime.fromisoformat(text + "-01-01"[len(text) - 4 :])  # a year or month by its first day
            elif _MEANT_AS_DATE.fullmatch(text):
                raise ValueError
        except (ValueError, OverflowError):
            raise ValueError("there is no such day or time; write it like 2024-03-01, 2024-03-01T09:30 or "
                             "2024-03-01T09:30+06:30, or in words") from None  # fmt: skip
        return cls(text)


def _time(value: Any) -> Any:
    if isinstance(value, str):
        return When.read(value)
    if isinstance(value, Mapping) and isinstance(value.get("written"), str):  # as it stands in an event
        return When.read(value["written"])
    raise ValueError("put the time into quotes: it is kept as it is written")


Time = Annotated[When, BeforeValidator(_time)]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that is not known, and why."""

    __pydantic_config__ = _ONLY_THESE

    unknown: Line


NOT_STATED = Unknown("not stated at registration")


def _which(value: Any) -> str:
    return "unknown" if isinstance(value, Unknown) or (isinstance(value, Mapping) and "unknown" in value) else "said"


Said = Annotated[
    Annotated[T, Tag("said")] | Annotated[Unknown, Tag("unknown")],
    Discriminator(_which),
]
"""A fact that is either said or unknown with a reason."""
SaidTruth: TypeAlias = Said[Truth]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A thing that was handed over, with or without files on it."""

    __pydantic_config__ = _ONLY_THESE

    carrier: Said[Line] = field(metadata={"asks": "what it is (phone, disk, box of papers)"})
    serial: Said[Line] = field(metadata={"asks": "its serial number or label"})
    seal: Said[Line] = field(metadata={"asks": "its seal: kind and number, or none"})
    condition: Said[Line] = field(metadata={"asks": "its condition"})


@dataclass(frozen=True, slots=True)
class Transfer:
    """Somebody had the material before it came to our door. The first is the earliest."""

    __pydantic_config__ = _ONLY_THESE

    holder: Said[Code] = field(metadata={"asks": "code of who had it"})
    held_from: Said[Time] = field(metadata={"asks": "from when"})
    held_until: Said[Time] = field(metadata={"asks": "until when"})
    handed_over: Said[Line] = field(metadata={"asks": "how it was handed over"})
    seal_intact: SaidTruth = field(metadata={"asks": "whether the seal was intact"})


@dataclass(frozen=True, slots=True)
class Capture:
    """Where material from an open source was found, and how it was taken."""

    __pydantic_config__ = _ONLY_THESE

    url: Said[Line] = field(metadata={"asks": "address (URL)"})
    account: Said[Line] = field(metadata={"asks": "account that published it"})
    tool: Said[Line] = field(metadata={"asks": "tool and version that captured it"})
    captured: Said[Time] = field(metadata={"asks": "when it was captured"})
    collector: Said[Code] = field(metadata={"asks": "code of who captured it"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an accession beside source, basis and marks. An empty list says that there is none."""

    __pydantic_config__ = _ONLY_THESE

    form: Said[Line] = NOT_STATED
    """The signed form behind the basis: the number of an item (restricted as any other), or where it is kept."""
    handling: Said[tuple[Line, ...]] = NOT_STATED
    exhibits: Said[tuple[Exhibit, ...]] = NOT_STATED
    transfers: Said[tuple[Transfer, ...]] = NOT_STATED
    captures: Said[tuple[Capture, ...]] = NOT_STATED

    @property
    def captured(self) -> tuple[str, ...]:
        """When captures were made, as written, of those that say it."""
        captures = () if isinstance(self.captures, Unknown) else self.captures
        return tuple(c.captured.written for c in captures if not isinstance(c.captured, Unknown))

    @property
    def form_item(self) -> Number | None:
        """The item that is the form, if it is one of this holding."""
        try:
            return None if isinstance(self.form, Unknown) else parse_number(self.form)
        except NotANumber:
            return None


NOTHING_STATED = Facts()


@dataclass(frozen=True, slots=True)
class Told:
    """What a file, flags or answers say of an accession. None: nothing is said."""

    __pydantic_config__ = _ONLY_THESE

    source: Line | None = None
    basis: Line | None = None
    marks: tuple[Line, ...] | None = None
    note: Annotated[str, Strict()] | None = None
    form: Said[Line] | None = None
    handling: Said[tuple[Line, ...]] | None = None
    exhibits: Said[tuple[Exhibit, ...]] | None = None
    transfers: Said[tuple[Transfer, ...]] | None = None
    captures: Said[tuple[Capture, ...]] | None = None

    def over(self, other: Told) -> Told:
        """What this one says, and where it says nothing, the other."""
        return replace(other, **{f.name: v for f in fields(self) if (v := getattr(self, f.name)) is not None})

    @property
    def facts(self) -> Facts:
        """The facts; those that are not said are unknown, since not stated."""
        said = {f.name: getattr(self, f.name) for f in fields(Facts)}
        return Facts(**{k: v for k, v in said.items() if v is not None})


def read_toml(text: str) -> Told:
    """What a TOML text says.

    Raises:
        FactsInvalid: it is no TOML, or says what cannot be meant.
    """
    try:
        return _TOLD.validate_python(tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        raise FactsInvalid(str(wrong)) from None
    except ValidationError as wrong:
        raise FactsInvalid("; ".join(dict.fromkeys(map(said_wrong, wrong.errors())))) from None


def as_data(value: Any) -> Any:
    """Facts, or one of them, as they stand in an event; what a time does not say is left out."""
    if isinstance(value, tuple):
        return [as_data(v) for v in value]
    if is_dataclass(value):
        return {f.name: as_data(v) for f in fields(value) if (v := getattr(value, f.name)) is not None}
    return value


def as_text(facts: Facts) -> str:
    """Facts as the catalogue holds them: canonical JSON."""
    return canonical(as_data(facts)).decode()


def from_text(text: str) -> Facts:
    """Facts from the catalogue or an event."""
    return _FACTS.validate_python(json.loads(text))


def with_changes(text: str, changes: Mapping[str, Any]) -> str:
    """Facts as the catalogue holds them, after a correction."""
    return as_text(_FACTS.validate_python({**json.loads(text), **changes}))


_TOLD = TypeAdapter(Told)
_FACTS = TypeAdapter(Facts)


def said_wrong(error: Any) -> str:
    """Where something is wrong and what to write, without what was written."""
    where = ", ".join(
        str(p + 1) if isinstance(p, int) else str(p) for p in error["loc"] if p not in ("said", "unknown")
    )
    return f"{where}: {_REMEDIES.get(error['type'], error['msg'].removeprefix('Value error, '))}"


_REMEDIES = {
    "bool_type": "true or false",
    "dataclass_type": "a table of facts",
    "missing": 'say it, or write { unknown = "why" }',
    "string_too_short": 'it is empty; what is not known is { unknown = "why" }',
    "string_type": "a text in quotes",
    "tuple_type": "a list in brackets",
    "unexpected_keyword_argument": "there is no such fact",
}
