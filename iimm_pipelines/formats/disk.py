"""Disk images: the files of each file system inside, read-only and without mounting.

Here: raw images, EnCase's (E01), QCOW, VMDK and VHD, by libyal's libraries; partitions and files by the Sleuth Kit; deleted
entries by name.
Not here: bringing back deleted files, carving, registry and other databases of operating systems, discs (archive).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import FileKind, Limits, Member, Parsed, Relation, clean, never_made, worst
from iimm_pipelines.formats.scratch import LimitReached, MemberTooLarge, Scratch

RAW, EWF, QCOW = "application/x-raw-disk-image", "application/x-ewf", "application/x-qemu-disk"
VMDK, VHD, VHDX = "application/x-vmdk", "application/x-vhd", "application/x-vhdx"
AFF4 = "application/x-aff4"
TYPES = frozenset({RAW, EWF, QCOW, VMDK, VHD, VHDX, AFF4})

_USED = frozenset({"disk"})
_BLOCK = 1 << 20
_DEEPEST = 200
_BROKEN = (OSError, MemoryError, ValueError, OverflowError, RuntimeError, AttributeError, KeyError)
"""What the libraries raise on an image that breaks the rules."""
_LOCKED = ((b"-FVE-FS-", 3), (b"LUKS\xba\xbe", 0))
"""BitLocker and LUKS, at the beginning of a partition."""
_SPARSE = b"KDMV"
"""At the beginning of a VMDK that holds data, not only the names of files with it."""
_EWF2, _NEXT, _NEXT2 = b"EVF2", b"next" + bytes(12), b"\x0d\0\0\0"
"""The newer form's signature; what the last section of a segment is called that is not the last."""
_LOCAL_TIME = "FAT"
_OWN_FILES_OF_NTFS = 24


@dataclass(slots=True)
class _Found:
    members: list[Member] = field(default_factory=list)
    metadata: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    problem: Reason | None = None


class _Closed(Exception):
    """The image itself cannot be opened."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def read(path: Path, media_type: str, scratch: Path, limits: Limits) -> Parsed:
    """Read a disk image: a file, or a folder with its pieces in order."""
    found = _Found()
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    folder = Scratch(scratch, limits, sum(file.stat().st_size for file in files))
    try:
        image, close = _opened(files, media_type, found)
        try:
            _disk(image, folder, limits, found)
        finally:
            close()
        if media_type == EWF and _goes_on(files[-1]):
            found.metadata.append(("segments that are not there", f"those behind segment {len(files)}"))
            found.problem = found.problem if found.problem is Reason.ENCRYPTED else Reason.TRUNCATED
    except _Closed as closed:
        found.problem = closed.reason
    except LimitReached:
        found.problem = Reason.LIMIT_REACHED
    counts = [(name, str(count)) for name, count in sorted(found.counts.items())]
    return Parsed(FileKind.CONTAINER, _USED, (*found.metadata, *counts), members=tuple(found.members),
                  problem=found.problem or worst(found.members))  # fmt: skip


# images


def _opened(files: Sequence[Path], media_type: str, found: _Found) -> tuple[Any, Callable[[], None]]:
    import pytsk3

    if media_type == RAW:
        return pytsk3.Img_Info(str(files[0])), lambda: None
    if media_type == AFF4:
        found.metadata.append(("needs", "a copy as raw or E01 image, which the program that made it can write"))
        raise _Closed(Reason.UNSUPPORTED)
    try:
        source = _source(files, media_type, found)
        size = int(source.get_media_size())
    except _BROKEN:
        raise _Closed(Reason.DAMAGED) from None

    class Image(pytsk3.Img_Info):  # type: ignore[misc]
        """What the Sleuth Kit reads through."""

        def __init__(self) -> None:
            super().__init__(url="")

        def close(self) -> None:
            source.close()

        def read(self, offset: int, length: int) -> bytes:
            return bytes(source.read_buffer_at_offset(min(length, max(0, size - offset)), offset))

        def get_size(self) -> int:
            return size

    found.metadata.append(("bytes of the disk", str(size)))
    image = Image()
    return image, source.close


def _source(files: Sequence[Path], media_type: str, found: _Found) -> Any:
    """The library's object for a disk in a file, or in several.

    Raises:
        _Closed: a part of it lies in files that are not there, or it is encrypted.
    """
    if media_type == EWF:
        import pyewf

        source = pyewf.handle()
        source.open([str(file) for file in files])
        for name, value in {**source.get_header_values(), **source.get_hash_values()}.items():
            if value:
                found.metadata.append((f"ewf:{clean(str(name))}", clean(str(value))))
    elif media_type == QCOW:
        import pyqcow

        source = pyqcow.file()
        source.open(str(files[0]))
        if source.is_locked():
            raise _Closed(Reason.ENCRYPTED)
        if source.get_backing_filename():
            raise _elsewhere(found, "the image below it")
    elif media_type == VMDK:
        import pyvmdk

        source = pyvmdk.handle()
        source.open(str(files[0]))
        if source.get_parent_filename():
            raise _elsewhere(found, "the image below it")
        extents = int(source.get_number_of_extents())
        with files[0].open(
            "rb"
        ) as file:  # a disk in one file holds its own extent; else they lie beside what names them
            parts = files if file.read(len(_SPARSE)) == _SPARSE else files[1:]
        if extents > len(parts):
            found.metadata.append(("extents that are not there", str(extents - len(parts))))
            raise _Closed(Reason.TRUNCATED)
        source.open_extent_data_files_as_file_objects([part.open("rb") for part in parts])
    else:
        import pyvhdi

        source = pyvhdi.file()
        source.open(str(files[0]))
        if source.get_parent_filename():
            raise _elsewhere(found, "the image below it")
    return source


def _goes_on(segment: Path) -> bool:
    """Whether an EnCase segment ends with the word that another follows: the library reads what is there, and is silent."""
    with segment.open("rb") as file:
        second = file.read(4) == _EWF2
        length, mark = (64, _NEXT2) if second else (76, _NEXT)
        file.seek(max(0, segment.stat().st_size - length))
        return file.read(len(mark)) == mark


def _elsewhere(found: _Found, what: str) -> _Closed:
    found.metadata.append(("needs", f"{what}: join them into one raw or E01 image"))
    return _Closed(Reason.UNSUPPORTED)


# volumes


def _disk(image: Any, folder: Scratch, limits: Limits, found: _Found) -> None:
    systems = 0
    for number, start, length, description in _volumes(image):
        name = f"partition {number}" if number else "the whole disk"
        above = b"partition-%d/" % number if number else b""
        try:
            head = image.read(start, 512)
        except _BROKEN:
            head = b""
        locked = any(head[at : at + len(mark)] == mark for mark, at in _LOCKED)
        system = None if locked else _file_system(image, start)
        kind = "encrypted" if locked else _kind(system) if system else "no file system that can be read"
        found.metadata.append((name, f"{description}: {length} bytes from byte {start}, {kind}"))
        if locked:
            found.problem = Reason.ENCRYPTED
        elif system is not None:
            systems += 1
            _folder(system, system.info.root_inum, above, folder, limits, found)
        elif any(head):
            found.problem = found.problem or Reason.UNSUPPORTED
    if not systems and found.problem is None:
        found.problem = Reason.UNSUPPORTED


def _volumes(image: Any) -> Iterator[tuple[int, int, int, str]]:
    """Number, first byte, length and what the table calls it; number 0 where there is no table."""
    import pytsk3

    if _file_system(image, 0) is None:
        try:
            table = pytsk3.Volume_Info(image)
            size = int(table.info.block_size)
            parts = [part for part in table if int(part.flags) & int(pytsk3.TSK_VS_PART_FLAG_ALLOC)]
        except _BROKEN:
            parts = []
        for number, part in enumerate(parts, 1):
            description = clean((part.desc or b"").decode("utf-8", errors="replace"))
            yield number, int(part.start) * size, int(part.len) * size, description or "unnamed"
        if parts:
            return
    yield 0, 0, int(image.get_size()), "no partitions"


def _file_system(image: Any, start: int) -> Any | None:
    import pytsk3

    try:
        return pytsk3.FS_Info(image, offset=start)
    except _BROKEN:
        return None


def _kind(system: Any) -> str:
    import pytsk3

    prefix = "TSK_FS_TYPE_"
    names = {int(getattr(pytsk3, name)): name for name in dir(pytsk3)
             if name.startswith(prefix) and not name.endswith(("_DETECT", "_ENUM"))}  # fmt: skip
    return names.get(int(system.info.ftype), "unknown").removeprefix(prefix)


# files


def _folder(system: Any, root: int, above: bytes, folder: Scratch, limits: Limits, found: _Found) -> None:
    kind = _kind(system)
    seen: set[int] = set()
    waiting: list[tuple[int, bytes, int]] = [(int(root), above, 0)]
    while waiting:
        number, path, depth = waiting.pop()
        if number in seen or depth > _DEEPEST:
            continue
        seen.add(number)
        below = []
        try:
            for entry in system.open_dir(inode=number):
                inner = _entry(entry, kind, path, folder, limits, found)
                if inner is not None:
                    below.append((inner, path + bytes(entry.info.name.name) + b"/", depth + 1))
        except _BROKEN:
            found.problem = Reason.DAMAGED
        waiting.extend(reversed(below))


def _entry(entry: Any, kind: str, above: bytes, folder: Scratch, limits: Limits, found: _Found) -> int | None:
    """Add what an entry of a folder stands for; give the number of a folder that is to be read in its turn."""
    import pytsk3

    name = entry.info.name
    raw = bytes(name.name) if name is not None and name.name else b""
    if raw in (b"", b".", b".."):
        return None
    meta = entry.info.meta
    kind_of = int(meta.type) if meta is not None else int(pytsk3.TSK_FS_META_TYPE_UNDEF)
    if kind_of in (int(pytsk3.TSK_FS_META_TYPE_VIRT), int(pytsk3.TSK_FS_META_TYPE_VIRT_DIR)):
        return None
    if kind == "NTFS" and meta is not None and int(meta.addr) < _OWN_FILES_OF_NTFS and raw.startswith(b"$"):
        found.counts["files of the file system's own"] += 1
        return None
    if int(name.flags) & int(pytsk3.TSK_FS_NAME_FLAG_UNALLOC):
        found.counts["deleted entries"] += 1
        _add(found, limits, replace(_member(above + raw, meta, kind), problem=Reason.NO_BYTES,
                                    metadata=(("deleted", "true"), *_times(meta, kind))))  # fmt: skip
        return None
    if meta is None:
        found.counts["entries without a file"] += 1
        return None
    if kind_of == int(pytsk3.TSK_FS_META_TYPE_DIR):
        found.counts["folders"] += 1
        return int(meta.addr)
    if kind_of != int(pytsk3.TSK_FS_META_TYPE_REG):
        link = kind_of == int(pytsk3.TSK_FS_META_TYPE_LNK)
        found.counts["links" if link else "devices"] += 1
        leads = bytes(meta.link) if link and meta.link else None
        _add(found, limits, never_made(_member(above + raw, meta, kind), "link" if link else "device", leads))
        return None
    member = replace(_member(above + raw, meta, kind), metadata=_times(meta, kind))
    _file(entry, member, int(meta.size), None, folder, limits, found)
    if kind == "NTFS":
        for stream in _streams(entry):
            path = member.path + b":" + bytes(stream.info.name)
            _file(entry, replace(member, path=path), int(stream.info.size), stream, folder, limits, found)
    return None


def _file(entry: Any, member: Member, size: int, stream: Any | None, folder: Scratch, limits: Limits,
          found: _Found) -> None:  # fmt: skip
    try:
        written = folder.add(_blocks(entry, size, stream))
    except MemberTooLarge:
        _add(found, limits, replace(member, size=size, problem=Reason.LIMIT_REACHED))
    except LimitReached:
        _add(found, limits, replace(member, size=size, problem=Reason.LIMIT_REACHED))
        raise
    except _BROKEN:
        _add(found, limits, replace(member, size=size, problem=Reason.DAMAGED))
    else:
        if written.size < size:
            written.path.unlink()
            _add(found, limits, replace(member, size=size, problem=Reason.TRUNCATED))
        else:
            _add(found, limits, replace(member, file=written.path, size=written.size))


def _blocks(entry: Any, size: int, stream: Any | None) -> Iterator[bytes]:
    at = 0
    which = () if stream is None else (int(stream.info.type), int(stream.info.id))
    while at < size:
        block = entry.read_random(at, min(_BLOCK, size - at), *which)
        if not block:
            return
        at += len(block)
        yield block


def _streams(entry: Any) -> Iterator[Any]:
    """Named streams beside a file's own, such as where it was loaded from."""
    import pytsk3

    for attribute in entry:
        if int(attribute.info.type) == int(pytsk3.TSK_FS_ATTR_TYPE_NTFS_DATA) and attribute.info.name:
            yield attribute


def _add(found: _Found, limits: Limits, member: Member) -> None:
    if len(found.members) >= limits.max_members:
        raise LimitReached
    found.members.append(member)


def _member(path: bytes, meta: Any, kind: str) -> Member:
    seconds = int(meta.mtime) if meta is not None else 0
    size = int(meta.size) if meta is not None else 0
    milliseconds, text = _time(seconds, int(meta.mtime_nano) if meta is not None else 0, kind)
    return Member(path, Relation.MEMBER, None, max(0, size), milliseconds, text)


def _times(meta: Any, kind: str) -> tuple[tuple[str, str], ...]:
    """The other times of a file, which say when it came to this disk and was last looked at."""
    if meta is None:
        return ()
    said = []
    for name, seconds in (("created", meta.crtime), ("accessed", meta.atime), ("entry changed", meta.ctime)):
        milliseconds, text = _time(int(seconds), 0, kind)
        if text is not None:
            said.append((name, text))
        elif milliseconds is not None:
            at = datetime.fromtimestamp(milliseconds // 1000, UTC)
            said.append((name, at.strftime("%Y-%m-%dT%H:%M:%SZ")))
    return tuple(said)


def _time(seconds: int, nanoseconds: int, kind: str) -> tuple[int | None, str | None]:
    """UTC, or local time as it is written on the file systems that know no zone; nothing where nothing is set."""
    if seconds <= 0:
        return None, None
    if _LOCAL_TIME not in kind:
        return seconds * 1000 + nanoseconds // 1_000_000, None
    try:
        # The library took what was written for this machine's local time: take it back.
        return None, datetime.fromtimestamp(seconds).isoformat()  # noqa: DTZ006
    except (OverflowError, ValueError, OSError):
        return None, None
