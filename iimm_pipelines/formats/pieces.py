"""Containers in several pieces, as the engine lays them into scratch: read as one at their head.

Here: whether bytes agree with what the names say of a set, its reading, what is said of it.
Not here: names (accessions/sets), laying the pieces out (engine/sets), the formats (disk, zipped, archive).

Where bytes do not agree with the names, each file is read as if it stood alone: names alone take nothing away.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from iimm_pipelines.accessions.sets import Form
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.engine.stage import OfSet
from iimm_pipelines.formats import disk, packed_bag, zipped
from iimm_pipelines.formats.detect import UNKNOWN, is_text
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation
from iimm_pipelines.formats.read import parse
from iimm_pipelines.formats.tika import Tika

USED = frozenset({"sets"})
PIECE_OF, LACKING = "piece of", "set lacks"
"""Names of the metadata: of a piece, the head's item number; of a set, the endings that are not there."""

_SIGNED = {Form.EWF: disk.EWF, Form.RAR: "application/vnd.rar"}
"""Forms in which every piece begins with the format's signature."""
_MENDED_BY_MORE = frozenset({None, Reason.DAMAGED, Reason.UNSUPPORTED, Reason.TRUNCATED})


def telling(path: Path) -> Path:
    """The file whose bytes say what a set is: the first."""
    return min(path.iterdir()) if path.is_dir() else path


def agrees(of: OfSet, media_type: str) -> bool:
    """Whether a file can be what its name says."""
    if of.form is Form.VMDK:
        return not of.pieces or media_type == disk.VMDK
    return _SIGNED.get(of.form, media_type) == media_type


def alone(of: OfSet, path: Path) -> Path:
    """The head by itself, where the set is none."""
    if path.is_dir():
        return telling(path)
    if len(of.pieces) > 1:
        os.truncate(path, of.pieces[0].size)
    return path


def plainly_a_piece(of: OfSet, media_type: str) -> bool:
    """Whether a piece's bytes are nothing by themselves. What was cut anywhere may begin like any text."""
    if of.form in _SIGNED or of.form is Form.VMDK:
        return True
    return media_type == UNKNOWN or is_text(media_type) or (of.form is Form.ZIP and media_type == "application/zip")


def stands_alone(found: Parsed) -> bool:
    """Whether what a piece's reader found shows it to be a file of its own, whatever its name says."""
    return found.problem is None and found.kind is not FileKind.UNKNOWN


def read(of: OfSet, path: Path, media_type: str, name_hint: bytes, scratch: Path, passwords: Sequence[str],
         limits: Limits, tika: Tika | None) -> Parsed:  # fmt: skip
    """Read a set at its head, or a piece without one."""
    if of.form is Form.ZIP and len(of.pieces) > 1:
        found = packed_bag.checked(zipped.read(path, scratch, passwords, limits, [p.size for p in of.pieces]))
    else:
        found = parse(path, media_type, name_hint, scratch, passwords, limits, tika)
    if of.form is Form.CUT and of.pieces and found.kind is not FileKind.CONTAINER and found.problem is None:
        found = _whole(path, name_hint, scratch, limits)
    surely = of.pieces or of.form in _SIGNED
    lacks = of.lacking and found.problem in _MENDED_BY_MORE and (surely or found.problem is not None)
    return replace(found, used=found.used | USED, metadata=(*found.metadata, *_said(of)),
                   problem=Reason.TRUNCATED if lacks else found.problem)  # fmt: skip


def _said(of: OfSet) -> tuple[tuple[str, str], ...]:
    """What is said of a set."""
    lacking = ((LACKING, ", ".join(of.lacking)),) if of.lacking else ()
    return ("set", str(of.form)), ("pieces", str(of.count)), *lacking


def said_of_piece(of: OfSet) -> tuple[tuple[str, str], ...]:
    """What is said of a piece that is read at its set's head."""
    return ("set", str(of.form)), ("piece", of.ending), (PIECE_OF, str(of.head))


def detail(of: OfSet | None) -> str:
    """What is lacking, for people who look at failures."""
    return f"set lacks {', '.join(of.lacking)}" if of is not None and of.lacking else ""


def _whole(path: Path, name_hint: bytes, scratch: Path, limits: Limits) -> Parsed:
    """What was cut and is no container, as a member, so that every stage has it whole."""
    suffix = name_hint[name_hint.rfind(b".") :] if b"." in name_hint else b""
    size = path.stat().st_size
    member = Member(b"whole" + suffix, Relation.MEMBER, None, size)
    if size > limits.max_member_bytes:
        reason = Reason.LIMIT_REACHED
        return Parsed(
            FileKind.CONTAINER, members=(replace(member, problem=reason),), expected_members=1, problem=reason
        )
    folder = scratch / "whole"
    folder.mkdir()
    os.link(path, folder / "0")
    return Parsed(FileKind.CONTAINER, members=(replace(member, file=folder / "0"),), expected_members=1)
