"""JSON of any size, read item by item: what exports of social networks are written in.

Here: the items of the arrays that a reader wants, the plain values around them, and text that was encoded twice.
Not here: what the items mean (telegram, meta, twitter).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from iimm_pipelines.engine.outcome import Reason

_SCRIPT_WITHIN = 1000
_DEEPEST = 100
"""Levels of arrays and objects; exports have some ten."""


class Broken(Exception):
    """The file is no JSON from some place on; what came before it stands."""

    def __init__(self, reason: Reason) -> None:
        """Damaged, or cut off."""
        super().__init__(reason.value)
        self.reason = reason


def values(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    """Each value whose place is wanted, with its place, and each plain value outside of those.

    A place is the keys on the way to it, joined by dots, with `item` for the items of an array. What stands before the
    first bracket is passed over: a script may begin with the name that the data are given.

    Raises:
        Broken: at the end of what could be read.
    """
    import ijson

    with path.open("rb") as file:
        _to_the_first_bracket(file)
        # not `ijson.parse`: the place that it tells with each event takes the square of the depth
        builder = None
        outside = 0
        keys: list[str] = []  # of the arrays and objects that are open
        try:
            for event, value in ijson.basic_parse(file, use_float=True):
                if event == "map_key":
                    keys[-1] = value
                elif event in ("end_map", "end_array"):
                    keys.pop()
                elif builder is None:
                    place = ".".join(keys)
                    if event in ("start_map", "start_array"):
                        if wanted(place):
                            builder, outside = ijson.ObjectBuilder(), len(keys)
                    elif event != "null":
                        yield place, value
                if event in ("start_map", "start_array"):
                    keys.append("item" if event == "start_array" else "")
                    if len(keys) > _DEEPEST:
                        raise Broken(Reason.LIMIT_REACHED)
                if builder is not None:
                    builder.event(event, value)
                    if len(keys) == outside:
                        yield ".".join(keys), builder.value
                        builder = None
        except ijson.IncompleteJSONError as error:
            # the C library has one class for text that ends too early and for text that is wrong
            cut_off = "premature" in str(error).lower() or "incomplete" in str(error).lower()
            raise Broken(Reason.TRUNCATED if cut_off else Reason.DAMAGED) from None
        except (ijson.JSONError, UnicodeDecodeError, ValueError, RecursionError, OverflowError):
            raise Broken(Reason.DAMAGED) from None


def _to_the_first_bracket(file: BinaryIO) -> None:
    head = file.read(_SCRIPT_WITHIN)
    at = min((at for at in (head.find(b"["), head.find(b"{")) if at >= 0), default=0)
    file.seek(at)


def mended(text: str) -> str | None:
    """Text whose UTF-8 bytes had each been taken for a Latin-1 character, as it was meant; `None` for any other text."""
    if text.isascii():
        return None
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def text_at(value: Any, *keys: str) -> str:
    """The string, or number as digits, below these keys, or nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value)


def items_at(value: Any, *keys: str) -> list[Any]:
    """The array below these keys, or an empty one."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, list) else []


def words(value: Any) -> Iterator[str]:
    """All strings, and numbers with a fraction (coordinates), anywhere inside a value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, str) and one.strip():
            yield one
        elif isinstance(one, float):
            yield str(one)
