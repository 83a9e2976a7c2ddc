"""The one answer that a stage gives for one item.

Here: the four kinds of outcome, the closed list of reasons, and the outcome itself.
Not here: how an outcome becomes a row and a leaf (storage/parts, custody/leaf).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
"""One row of a table of the schema registry. Names and types are the table's; a value that is not known is left out."""


class Kind(StrEnum):
    """What became of an item in a stage."""

    PRODUCED = "produced"
    EMPTY = "empty"
    EXCLUDED = "excluded"
    FAILED = "failed"


class Reason(StrEnum):
    """Why an outcome is not `produced`. The list is closed: a new reason is a change of this file."""

    # empty: looked, and there is nothing to find
    NO_BYTES = "no bytes"
    NO_TEXT = "no text"
    NO_SPEECH = "no speech"
    NO_MENTIONS = "no mentions"
    NO_PAIRS = "no pairs"
    NOTHING_INSIDE = "nothing inside"
    NO_MALWARE = "no malware"
    # excluded: by rule
    WRONG_KIND = "wrong kind"
    NO_INPUT = "no input"
    NO_NEED = "no need"
    PLAINLY_NO_TEXT = "plainly no text"
    SWITCHED_OFF = "switched off"
    KEPT_SHUT = "kept shut"
    NOT_SCANNED = "not scanned"
    PIECE = "piece of a set"
    # failed
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    TRUNCATED = "truncated"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    LIMIT_REACHED = "limit reached"
    NO_MODEL = "no model"
    CHANGED_WHILE_READ = "changed while read"
    UNAVAILABLE = "unavailable"
    BUG = "bug"

    @property
    def kind(self) -> Kind:
        """The kind of outcome that this reason belongs to."""
        if self in _EMPTY:
            return Kind.EMPTY
        return Kind.EXCLUDED if self in _EXCLUDED else Kind.FAILED

    @property
    def again(self) -> bool:
        """Whether trying again can help without a change of the item: something around it may have been at fault."""
        return self in _AGAIN

    @property
    def what_to_do(self) -> str:
        """What the person who has to act can do."""
        return _WHAT_TO_DO.get(self, "nothing: this is how the item is")


_EMPTY = frozenset({Reason.NO_BYTES, Reason.NO_TEXT, Reason.NO_SPEECH, Reason.NO_MENTIONS, Reason.NO_PAIRS,
                    Reason.NOTHING_INSIDE, Reason.NO_MALWARE})  # fmt: skip
_EXCLUDED = frozenset(
    {
        Reason.WRONG_KIND,
        Reason.NO_INPUT,
        Reason.NO_NEED,
        Reason.PLAINLY_NO_TEXT,
        Reason.SWITCHED_OFF,
        Reason.KEPT_SHUT,
        Reason.NOT_SCANNED,
        Reason.PIECE,
    }
)
_AGAIN = frozenset({Reason.ENCRYPTED, Reason.TIMED_OUT, Reason.OUT_OF_MEMORY, Reason.CRASHED, Reason.NO_MODEL,
                    Reason.CHANGED_WHILE_READ, Reason.UNAVAILABLE, Reason.LIMIT_REACHED, Reason.NOT_SCANNED})  # fmt: skip
_WHAT_TO_DO = {
    Reason.ENCRYPTED: "add the password to the accession's password file, then `iimm retry`",
    Reason.DAMAGED: "ask the source for another copy; what could be read stays",
    Reason.TRUNCATED: "ask the source for a complete copy, of a set for the pieces that the metadata name as lacking; "
    "what could be read stays",
    Reason.UNSUPPORTED: "no reader for this format yet: open the original by hand",
    Reason.TIMED_OUT: "more `seconds` under [limits.STAGE] in iimm.toml, then `iimm retry --reason 'timed out'`",
    Reason.OUT_OF_MEMORY: "more `memory` under [limits.STAGE] in iimm.toml, then `iimm retry --reason 'out of memory'`",
    Reason.CRASHED: "`iimm retry --reason crashed` once; if it stays, the reader cannot take this file",
    Reason.LIMIT_REACHED: "look at the item: a limit on depth, members, bytes or ratio ended the reading",
    Reason.NO_MODEL: "`iimm models pull`, then `iimm retry --reason 'no model'`",
    Reason.CHANGED_WHILE_READ: "let the copying end, then `iimm retry --reason 'changed while read'`",
    Reason.UNAVAILABLE: "`iimm doctor` says what is missing; then `iimm retry --reason unavailable`",
    Reason.BUG: "report the stage and the code line that `iimm failures` gives",
    Reason.KEPT_SHUT: "`iimm hold list` says why, by whose decision, and when it is looked at again",
    Reason.NOT_SCANNED: "`iimm doctor` says how to start ClamAV; then `iimm retry --reason 'not scanned'`",
    Reason.PIECE: "look at the set's head, which is read with all its pieces: `piece of` in the metadata is its number",
    Reason.SWITCHED_OFF: "an operator can switch this on in iimm.toml",
}


class Problem(Exception):
    """Raised by a stage that cannot do an item, for one of the closed reasons."""

    def __init__(self, reason: Reason, used: frozenset[str] | None = None) -> None:
        """Keep the reason, and which ingredients had been used until then (`None`: all)."""
        super().__init__(reason.value)
        self.reason = reason
        self.used = used


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A file that a worker made: which row it belongs to, and where it lies in the scratch folder."""

    table: str
    row: int
    path: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage says of one item.

    `used` names the ingredients of the stage that had a part in it; `None` stands for all of them, which is the safe
    answer: the outcome is redone when any of them changes. Rows may stand beside a failure: what was found stays.
    """

    kind: Kind
    reason: Reason | None = None
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    used: frozenset[str] | None = None
    files: tuple[MadeFile, ...] = ()
    detail: str = ""
    """Exception class and code line of a failure, for engineers; never any content."""

    def __post_init__(self) -> None:
        if (self.reason.kind if self.reason else Kind.PRODUCED) is not self.kind:
            raise ValueError(f"an outcome of kind {self.kind} cannot have the reason {self.reason}")


def produced(tables: Mapping[str, Sequence[Row]], used: frozenset[str] | None = None,
             files: tuple[MadeFile, ...] = ()) -> Outcome:  # fmt: skip
    """Rows were made."""
    return Outcome(Kind.PRODUCED, None, tables, used, files)


def ended(reason: Reason, used: frozenset[str] | None = None, tables: Mapping[str, Sequence[Row]] | None = None,
          files: tuple[MadeFile, ...] = (), detail: str = "") -> Outcome:  # fmt: skip
    """The item ended here for a reason; what was found until then stays."""
    return Outcome(reason.kind, reason, tables or {}, used, files, detail)
