"""Canonical JSON: the same bytes for the same value, in any language and at any time (RFC 8785).

Here: the values that may stand in a leaf or an attestation, and their one encoding.
Not here: what is hashed or signed with it (merkle, attestation), which fields an outcome has (iimm_pipelines.schema).

RFC 8785 is hard to meet in two places only: floating point numbers and keys outside the basic plane. Both are
refused, so that orjson's sorted output is canonical, in an eighth of the time of the Python encoder rfc8785.
"""

from collections.abc import Mapping
from typing import Any

import orjson

# STRICT_INTEGER refuses what is beyond ±(2^53 - 1); the PASSTHROUGH options refuse what only looks like a plain value.
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_LARGEST = 2**53 - 1
_AS_THEY_ARE = frozenset({str, int, bool})


class NotCanonical(ValueError):
    """A value has no canonical form; the message says where it stands, never what it is."""


def canonical(value: object) -> bytes:
    """Encode strings, integers, booleans, bytes, lists and dicts with ASCII keys.

    Entries that are None are left out of dicts, so that a column added later leaves old leaves valid. Bytes become
    lower-case hex.

    Raises:
        NotCanonical: a float, a null in a list, an integer beyond ±(2^53 - 1), a lone surrogate, a key that is not
            ASCII, or another type; the message names the key path.
    """
    try:
        return orjson.dumps(_plain(value), option=_OPTIONS)
    except (TypeError, RecursionError):
        raise NotCanonical(_first_fault(value)) from None


def _plain(value: Any) -> Any:
    """The value as orjson takes it. Faults are only detected here; `_fault` says where, since that costs time."""
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
        if not "".join(value).isascii():
            raise TypeError
        if _AS_THEY_ARE.issuperset(map(type, value.values())):
            return value
        return {
            key: entry if type(entry) in _AS_THEY_ARE else _plain(entry)
            for key, entry in value.items()
            if entry is not None
        }
    if kind is list or kind is tuple:
        if _AS_THEY_ARE.issuperset(map(type, value)):
            return value
        return [_plain(entry) for entry in value]
    if kind is bytes:
        return value.hex()
    if isinstance(value, str):  # from here on subclasses, such as StrEnum
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list | tuple):
        return _plain(list(value))
    if isinstance(value, Mapping):
        return _plain(dict(value))
    raise TypeError


def _first_fault(value: object) -> str:
    try:
        return _fault(value, "$") or "$: nested too deeply"
    except RecursionError:
        return "$: nested too deeply"


def _fault(value: object, path: str) -> str | None:
    if isinstance(value, str):
        return None if _is_unicode(value) else f"{path}: a lone surrogate"
    if isinstance(value, bool | bytes):
        return None
    if isinstance(value, int):
        return None if -_LARGEST <= value <= _LARGEST else f"{path}: an integer beyond ±(2^53 - 1)"
    if isinstance(value, list | tuple):
        faults = (_fault(entry, f"{path}[{place}]") for place, entry in enumerate(value))
        return next(filter(None, faults), None)
    if isinstance(value, Mapping):
        # A key that is no field name may be content: its place is named, the key is not.
        if any(type(key) is not str or not key.isascii() for key in value):
            return f"{path}: a key that is not an ASCII string"
        faults = (_fault(entry, f"{path}.{key}") for key, entry in value.items() if entry is not None)
        return next(filter(None, faults), None)
    return f"{path}: {type(value).__name__} has no canonical form"


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
