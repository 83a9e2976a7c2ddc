"""Files that belong together as one container in several pieces, told by their names.

Here: which names are pieces, in which order they are read, which one stands for all, which are lacking.
Not here: where the files of a place come from (engine/sets), reading the container (formats).

The piece that stands for all is the set's head: it is opened, the others are answered for as its pieces. Names alone
say little: `report.001` and `report.002` may be two reports. Where no suffix before the number tells what was cut, the
sizes must be those of a file that was cut: whole sectors, all equal but the last.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """How a container is cut."""

    CUT = "numbered pieces"
    """One file cut anywhere: its pieces one behind the other are the file."""
    RAR = "RAR volumes"
    ZIP = "pieces of a ZIP"
    EWF = "EnCase segments"
    VMDK = "VMDK extents"

    @property
    def joined(self) -> bool:
        """Whether its reader takes the pieces one behind the other; else each as a file."""
        return self in (Form.CUT, Form.RAR, Form.ZIP)


@dataclass(frozen=True, slots=True)
class FileSet:
    """Pieces of one container.

    `pieces`: which of the given files, in the order in which they are read; `head`: which one stands for all, None where
    it is not there; `lacking`: endings of the names that are not there, in order; `readable`: how many pieces from the
    first on can be read together; `suffix`: by which the joined file is known, None where the head's own tells.
    """

    form: Form
    pieces: tuple[int, ...]
    names: tuple[str, ...]
    """The ending of each piece's name, without what the evidence calls it."""
    head: int | None
    lacking: tuple[str, ...]
    readable: int
    suffix: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """A name taken apart. Number 0 stands for the head where that has none."""

    form: Form
    stem: bytes
    sort: str
    """What the numbers of two sets of one stem and form differ in, such as E01 and L01."""
    number: int
    ending: str


_ENDING = re.compile(
    rb"\.(?P<ewf>ex|lx|e|l)(?P<ewf_number>\d\d)\Z|\.(?P<ewf_late>e|l)(?P<ewf_letters>[a-z]{2})\Z|"
    rb"\.part(?P<part>\d{1,5})\.rar\Z|(?P<rar>\.rar)\Z|\.(?P<old_rar>[r-t])(?P<old_number>\d\d)\Z|"
    rb"\.z(?P<zip_number>\d{2,4})\Z|(?P<zip>\.zip)\Z|"
    rb"-(?P<extent>[sf])(?P<extent_number>\d{3})\.vmdk\Z|(?P<flat>-flat\.vmdk)\Z|(?P<vmdk>\.vmdk)\Z|"
    rb"\.(?P<cut>\d{3,4})\Z",
    re.IGNORECASE,
)
_LONGEST_ENDING = len(".part12345.rar")
_OF_WHAT_IS_CUT = re.compile(
    rb"\.(7z|zip|rar|tar|tgz|gz|bz2|xz|zst|lz4|cab|iso|img|dd|raw|bin|dmg|wim|vhd|vhdx|qcow2|aff4|ufdr|pst|ost|mbox)",
    re.IGNORECASE,
)
"""Suffixes before a number that say what was cut."""
_SUFFIX = re.compile(rb"\.[^./]{1,7}\Z")
_SECTOR, _LEAST_CUT = 512, 1 << 20
"""Programs that cut images end pieces at whole sectors, of a MiB or more: thousands of smaller ones help nobody."""
_MOST_NAMED = 20
_LAST_NUMBERED = 99
"""E99 is followed by EAA; letters before that are other suffixes, such as `.eml` and `.exe`."""


def stem_of(path: bytes) -> bytes | None:
    """Where the names of the set begin that a file may be of, at a price that every file can pay; None for any other.

    In the order of bytes, all that begins so stands together.
    """
    match = _ENDING.search(path[-_LONGEST_ENDING:])
    stem = path[: len(path) - len(match[0])] if match else b""
    return stem if stem and not stem.endswith(b"/") else None


def sets_among(files: Sequence[tuple[bytes, int]]) -> list[FileSet]:
    """The sets among the files of one place, each given by path and size.

    A head without pieces is a file like any other, and two files for one number make no set.
    """
    named: dict[tuple[Form, bytes, str], list[tuple[int, _Name]]] = defaultdict(list)
    for i, (path, _) in enumerate(files):
        if (name := _taken_apart(path)) is not None:
            named[name.form, name.stem, name.sort].append((i, name))
    found = []
    for (form, stem, _), some in sorted(named.items(), key=lambda n: n[0]):
        made = _made(form, stem, sorted(some, key=lambda s: s[1].number), files)
        if made is not None:
            found.append(made)
    return found


def _taken_apart(path: bytes) -> _Name | None:
    stem = stem_of(path)
    match = _ENDING.search(path[-_LONGEST_ENDING:])
    if stem is None or match is None:
        return None

    def name(form: Form, number: int, sort: str = "") -> _Name:
        return _Name(form, stem, sort, number, match[0].decode("ascii"))

    if match["ewf"]:
        return name(Form.EWF, int(match["ewf_number"]), match["ewf"].decode().lower())
    if match["ewf_late"]:
        first, second = match["ewf_letters"].lower()
        return name(Form.EWF, _LAST_NUMBERED + 1 + (first - 97) * 26 + second - 97, match["ewf_late"].decode().lower())
    if match["part"]:
        return name(Form.RAR, int(match["part"]), "part")
    if match["rar"]:
        return name(Form.RAR, 1)
    if match["old_rar"]:
        return name(Form.RAR, 2 + (match["old_rar"].lower()[0] - ord("r")) * 100 + int(match["old_number"]))
    if match["zip_number"] or match["zip"]:
        return name(Form.ZIP, int(match["zip_number"] or 0))
    if match["vmdk"] or match["flat"] or match["extent"]:
        return name(Form.VMDK, int(match["extent_number"] or 1) if not match["vmdk"] else 0)
    return name(Form.CUT, int(match["cut"]))


def _made(form: Form, stem: bytes, some: list[tuple[int, _Name]], files: Sequence[tuple[bytes, int]]) -> FileSet | None:
    if form is Form.EWF:
        some = list(_in_a_row(some))
    numbers = [name.number for _, name in some]
    if not numbers or len(set(numbers)) < len(numbers):
        return None
    first = 0 if form is Form.CUT and numbers[0] == 0 else _FIRST[form]
    if numbers[0] < first or numbers == [first]:
        return None
    suffix = None
    if form is Form.CUT:
        suffix = (_SUFFIX.search(stem) or [b""])[0].lower()
        if not _OF_WHAT_IS_CUT.fullmatch(suffix) and not _cut_alike([files[i][1] for i, _ in some]):
            return None
    lacking = sorted(set(range(first, numbers[-1])).difference(numbers))
    like = some[-1][1]
    if form is Form.ZIP and numbers[0] == first:  # its directory is at the end of the last one, which has no number
        some = [*some[1:], some[0]]
    # a gap in volumes costs the files that lie in it; in anything else, all places behind it are wrong
    readable = sum(n < lacking[0] for n in numbers) if lacking and form is not Form.RAR else len(numbers)
    return FileSet(
        form=form,
        pieces=tuple(i for i, _ in some),
        names=tuple(name.ending for _, name in some),
        head=next((i for i, name in some if name.number == first), None),
        lacking=_named(form, lacking, like),
        readable=0 if lacking and form in (Form.ZIP, Form.VMDK) else readable,
        suffix=suffix,
    )


_FIRST = {Form.CUT: 1, Form.RAR: 1, Form.EWF: 1, Form.ZIP: 0, Form.VMDK: 0}


def _in_a_row(some: Sequence[tuple[int, _Name]]) -> Iterator[tuple[int, _Name]]:
    """Segments up to E99 as they are; those from EAA on only while none is lacking behind E99."""
    following = _LAST_NUMBERED if any(name.number == _LAST_NUMBERED for _, name in some) else -1
    for i, name in some:
        if name.number <= _LAST_NUMBERED:
            yield i, name
        elif name.number == following + 1:
            following += 1
            yield i, name


def _cut_alike(sizes: Sequence[int]) -> bool:
    each = sizes[0]
    alike = all(size == each for size in sizes[:-1]) and sizes[-1] <= each
    return len(sizes) > 1 and alike and each >= _LEAST_CUT and each % _SECTOR == 0


def _named(form: Form, lacking: Sequence[int], like: _Name) -> tuple[str, ...]:
    """Endings of names that are not there, as they would be called beside one that is."""
    named = [_ending(form, number, like) for number in lacking[:_MOST_NAMED]]
    if len(lacking) > _MOST_NAMED:
        named.append(f"{len(lacking) - _MOST_NAMED} more")
    return tuple(named)


def _ending(form: Form, number: int, like: _Name) -> str:
    if form is Form.EWF:
        return f".{like.sort.upper()}{number:02}"
    if form is Form.RAR and like.sort:
        return f".part{number:0{len(like.ending) - len('.part.rar')}}.rar"
    if form is Form.RAR:
        volume = number - 2
        return ".rar" if number == 1 else f".{chr(ord('r') + volume // 100)}{volume % 100:02}"
    if form is Form.ZIP:
        return f".z{number:02}" if number else ".zip"
    if form is Form.VMDK:
        kind = "f" if like.ending[1:2].lower() == "f" else "s"
        return f"-{kind}{number:03}.vmdk" if number else ".vmdk"
    return f".{number:0{len(like.ending) - 1}}"
