"""Codes: what analysts may tag with. The list is the operator's.

Here: reading the list, and what a code takes as its value.
Not here: tags themselves (work/tagging).

A list that is changed changes no tag: what was said under a code that is gone stands, and is shown as it was said.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from iimm_pipelines.settings import Settings, SettingsInvalid
from iimm_pipelines.work.record import WorkRefused

TRANSLATE = "translate"
"""The code that puts an item first in the linguists' queue, where the operator's list has it."""
_ID = re.compile(r"[a-z][a-z0-9-]{0,40}")
_LONGEST_VALUE = 100


class CodesInvalid(SettingsInvalid):
    """The operator's list of codes cannot be used."""


@dataclass(frozen=True, slots=True)
class Code:
    """A code, with the values that it may have: one of `values`, any text where `free`, else none."""

    id: str
    name: str
    values: tuple[str, ...] = ()
    free: bool = False

    def checked(self, value: str) -> str | None:
        """A value as it is written down.

        Raises:
            WorkRefused: this code takes no such value.
        """
        text = " ".join(value.split())
        if self.free:
            if not text or len(text) > _LONGEST_VALUE or not text.isprintable():
                raise WorkRefused(f"{self.name}: write 1 to {_LONGEST_VALUE} characters")
            return text
        if self.values and text not in self.values:
            raise WorkRefused(f"{self.name}: one of {', '.join(self.values)}")
        if not self.values and text:
            raise WorkRefused(f"{self.name} stands alone: it has no value")
        return text or None


def codes(settings: Settings) -> dict[str, Code]:
    """The codes by id, in the list's order.

    Raises:
        CodesInvalid: the operator's list cannot be read, or says what no code is.
    """
    file = settings.codes
    if file is None:
        return _loaded(None, 0)
    path = settings.data / file.expanduser()
    try:
        return _loaded(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError) as wrong:
        raise CodesInvalid(f"the list of codes that iimm.toml names cannot be read as UTF-8: {path}") from wrong


@lru_cache(maxsize=4)
def _loaded(file: Path | None, _changed_ns: int) -> dict[str, Code]:
    ours = files("iimm_pipelines.work") / "codes.toml"
    text = file.read_text(encoding="utf-8-sig") if file else ours.read_text(encoding="utf-8")
    try:
        listed = tomllib.loads(text).get("code", [])
        found = {c.id: c for c in (Code(**{**each, "values": tuple(each.get("values", ()))}) for each in listed)}
    except (tomllib.TOMLDecodeError, TypeError, AttributeError) as wrong:
        raise CodesInvalid(f"the list of codes: {wrong}") from None
    if not found or len(found) != len(listed):
        raise CodesInvalid("the list of codes has at least one [[code]], each with an id of its own and a name")
    for code in found.values():
        if not _ID.fullmatch(code.id) or (code.free and code.values):
            raise CodesInvalid(f"code {code.id!r}: an id is a-z, 0-9 and dashes, and a code has values or is free")
    return found
