"""Extremes: very large files, very many, very deep, under names that few programs can take.

Here: making them, intake and contents, and whether numbers, families, digests and names come back as they went in.
Not here: files made to do harm (bombs), damaged ones (mutations).

Each step stands for itself, in a holding of its own, and prints the largest memory that this process had in it.

    python tests/drills/extremes.py [--sparse-gb 20] [--real-gb 4] [--files 100000] [--members 200000] [STEP ...]
"""

from __future__ import annotations

import argparse
import email.message
import hashlib
import itertools
import os
import shutil
import sys
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # for the modules beside this one, wherever this is started
from through import open_holding, processed, received, stages_of

from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.holding import Holding

_MIB = 1 << 20
_GIB = 1 << 30
MEMORY_BYTES = 1 << 30
"""More than this process may have at any time, whatever comes in: 4 readers of 64 MiB each, tables, libraries."""
_SHARE_OF_DISK = 0.8


@dataclass(frozen=True, slots=True)
class Sizes:
    """How far each step goes."""

    sparse: int
    """Bytes of the file that has no blocks on the disk."""
    real: int
    files: int
    members: int
    depth: int = 100


@dataclass(slots=True)
class Step:
    """What came of one step."""

    said: str = ""
    wrong: list[str] = field(default_factory=list)


def large(folder: Path, sizes: Sizes) -> Step:
    """A sparse file and a real one: digests as hashlib's."""
    files = folder / "files"
    files.mkdir()
    with (files / "sparse.bin").open("wb") as sparse:
        sparse.truncate(sizes.sparse)
    block = hashlib.shake_256(b"real").digest(_MIB)
    with (files / "real.bin").open("wb") as real:
        for number in range(sizes.real // _MIB):
            real.write(number.to_bytes(8, "big") + block[8:])
    wanted = {}
    for path in files.iterdir():
        with path.open("rb") as file:
            wanted[path.name.encode()] = hashlib.file_digest(file, "sha256").digest()
    step = Step(f"{sizes.sparse / _GIB:.1f} GiB sparse, {sizes.real / _GIB:.1f} GiB real")
    with closing(open_holding(folder / "data")) as holding:
        number = received(holding, files)
        _process(holding, number)
        found = {i.path: i.object for i in _items(holding, number)}
    if found != wanted:
        step.wrong.append("digests differ from hashlib's")
    return step


def names(folder: Path, sizes: Sizes) -> Step:
    """Names that are hard to say, on the disk and in a ZIP: bytes for bytes."""
    files = folder / "files"
    files.mkdir()
    own = [
        b"x" * 255, "ကို".encode() * 28, b"two\nlines.txt", b"tab\there", b"\xff\xfe\xfd not UTF-8", b"\xe1\x80", b" ", b"  .txt",
        b"-rf", b"quote\"'`$(id).txt", b"back\\slash", b"C:\\evil.txt", b"con.txt", b"\x1b[31mred",
        unicodedata.normalize("NFC", "Café.txt").encode(), unicodedata.normalize("NFD", "Café.txt").encode(),
        "ဦး.txt".encode(), "\u202etxt.exe".encode(), b"UPPER.txt", b"upper.txt",
    ]  # fmt: skip
    for number, name in enumerate(own):
        Path(os.fsdecode(os.fsencode(files) + b"/" + name)).write_bytes(b"content %d" % number)
    inside = [
        b"a\nb.txt",
        b"\xff\xfe.txt",
        b"../../evil.txt",
        b"/absolute.txt",
        b"n" * 300,
        b"",
        b"same.txt",
        b"same.txt",
    ]
    _zip_with_raw_names(files / "names.zip", inside)
    letter = email.message.EmailMessage()
    letter["From"], letter["Subject"] = "a@example.org", "plan"
    letter.set_content("See the file.")
    letter.add_attachment(b"attached", maintype="application", subtype="octet-stream", filename="မြေပုံ.bin")
    (files / "letter.eml").write_bytes(letter.as_bytes())
    step = Step(f"{len(own)} names on the disk, {len(inside)} in a ZIP")
    with closing(open_holding(folder / "data")) as holding:
        number = received(holding, files)
        _process(holding, number)
        items = _items(holding, number)
    step.wrong += _numbering(items)
    if {i.path for i in items if i.parent is None} != {os.fsencode(p.name) for p in files.iterdir()}:
        step.wrong.append("names of received files differ")
    by_number = {i.number: i for i in items}
    zipped = sorted(i.path for i in items if i.parent is not None and by_number[i.parent].path == b"names.zip")
    if zipped != sorted(inside):
        step.wrong.append(f"of the names in the ZIP {len(set(zipped) & set(inside))} of {len(set(inside))} came back")
    attached = [i for i in items if i.relation == "attachment"]
    if [by_number[i.family].path for i in attached] != [b"letter.eml"]:
        step.wrong.append("the attachment is not of its letter's family")
    if any(i.family != i.number for i in items if i.relation in ("received", "member")):
        step.wrong.append("a container made a family")
    return step


def many(folder: Path, sizes: Sizes) -> Step:
    """Very many files in one folder."""
    files = folder / "files" / "one folder"
    files.mkdir(parents=True)
    for number in range(sizes.files):
        (files / f"{number:07d}.txt").write_bytes(b"The letter number %d." % number)
    step = Step(f"{sizes.files} files in a folder")
    with closing(open_holding(folder / "data")) as holding:
        number = received(holding, folder / "files")
        _process(holding, number)
        items = _items(holding, number)
    step.wrong += _numbering(items)
    if [i.path for i in items] != [b"one folder/%07d.txt" % n for n in range(sizes.files)]:
        step.wrong.append("names or their order differ")
    return step


def deep(folder: Path, sizes: Sizes) -> Step:
    """Folders in folders, to nearly the longest path that the system takes (4,096 bytes)."""
    top = folder / "files"
    top.mkdir()
    path = b"/".join([b"d" * 35] * sizes.depth + [b"deep.txt"])
    descriptor = os.open(top, os.O_RDONLY | os.O_DIRECTORY)
    for name in path.split(b"/")[:-1]:
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    file = os.open(b"deep.txt", os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=descriptor)
    os.write(file, b"far down")
    os.close(file)
    os.close(descriptor)
    step = Step(f"{sizes.depth} folders deep, a path of {len(path)} bytes")
    with closing(open_holding(folder / "data")) as holding:
        try:
            number = received(holding, top)
            _process(holding, number)
            found = [(i.path, i.object is not None) for i in _items(holding, number)]
        except ValueError as refused:
            found = []
            step.wrong.append(f"refused: {refused}")
    if found and found != [(path, True)]:
        step.wrong.append("the file did not come back under its path, with its bytes")
    return step


def members(folder: Path, sizes: Sizes) -> Step:
    """A container of very many members."""
    files = folder / "files"
    files.mkdir()
    with zipfile.ZipFile(files / "many.zip", "w") as made:
        for number in range(sizes.members):
            made.writestr(f"{number:07d}.txt", b"The letter number %d." % number)
    step = Step(f"a container of {sizes.members} members")
    with closing(open_holding(folder / "data")) as holding:
        number = received(holding, files)
        _process(holding, number)
        items = _items(holding, number)
        container = next(i for i in items if i.parent is None)
        outcome = next(o for p in holding.catalogue.parts(stage="contents") for o in holding.parts.outcomes(p)
                       if o.item == container.number)  # fmt: skip
    found = sorted(i.path for i in items if i.relation == "member")
    step.said += f": {len(found)} items, {outcome.reason or 'produced'}"
    step.wrong += _numbering(items)
    if found != [b"%07d.txt" % n for n in range(len(found))]:
        step.wrong.append("names differ")
    if len(found) < sizes.members and outcome.reason != Reason.LIMIT_REACHED:
        step.wrong.append(f"{sizes.members - len(found)} members are missing, and nothing says so")
    return step


STEPS: dict[str, Callable[[Path, Sizes], Step]] = {
    "large": large, "names": names, "many": many, "deep": deep, "members": members,
}  # fmt: skip


def _process(holding: Holding, number: Accession) -> None:
    for _ in processed(holding, number, stages_of(holding, ["contents"])):
        pass


def _items(holding: Holding, number: Accession) -> list[Item]:
    """Items of all shards, in order of their numbers."""
    found = [i for s in holding.catalogue.shards(number) for i in read_items(holding.parts, s.number)]
    return sorted(found, key=lambda i: i.number)


def _numbering(items: list[Item]) -> Iterator[str]:
    """Places without gap in each shard, received files first."""
    for shard, group in itertools.groupby(items, key=lambda i: i.number[:11]):
        some = list(group)
        if [i.place for i in some] != list(range(len(some))):
            yield f"{shard}: places have gaps"
        kinds = [i.parent is None for i in some]
        if kinds != sorted(kinds, reverse=True):
            yield f"{shard}: members stand before received files"


def _zip_with_raw_names(path: Path, raw: list[bytes]) -> None:
    """Python writes no raw names: they are put in for others of the same length."""
    stand_ins = [
        f"{number:03d}".encode().ljust(max(3, len(name)), b"_")[: len(name)] for number, name in enumerate(raw)
    ]
    with zipfile.ZipFile(path, "w") as made:
        for number, stand_in in enumerate(stand_ins):
            info = zipfile.ZipInfo("")
            info.filename = info.orig_filename = stand_in.decode()
            made.writestr(info, b"inside %d" % number)
    data = path.read_bytes()
    for stand_in, name in zip(stand_ins, raw, strict=True):
        if name:
            data = data.replace(stand_in, name)
    path.write_bytes(data)


def _affordable(sizes: Sizes, folder: Path) -> Sizes:
    """No more than the disk has room for: a large file lies there, in the vault, and for a while in scratch."""
    free = int(shutil.disk_usage(folder).free * _SHARE_OF_DISK)
    wanted = 2 * sizes.sparse + 3 * sizes.real
    if wanted <= free:
        return sizes
    share = free / wanted
    print(f"SCALED: {wanted / _GIB:.0f} GiB wanted, {free / _GIB:.0f} there: large files at {share:.2f} of their size")
    return Sizes(int(sizes.sparse * share), int(sizes.real * share), sizes.files, sizes.members, sizes.depth)


def _peak_anew() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def main() -> int:
    """Take the steps; 1 when anything is not as it should be."""
    arguments = argparse.ArgumentParser(description="very large, many, deep, strangely named")
    arguments.add_argument("--sparse-gb", type=float, default=20)
    arguments.add_argument("--real-gb", type=float, default=4)
    arguments.add_argument("--files", type=int, default=100_000)
    arguments.add_argument("--members", type=int, default=200_000)
    arguments.add_argument("--folder", type=Path, default=None, help="where there is room")
    arguments.add_argument("steps", nargs="*", default=list(STEPS), help=f"of {', '.join(STEPS)}")
    chosen = arguments.parse_args()
    wrong = 0
    for name in chosen.steps:
        with tempfile.TemporaryDirectory(prefix="iimm-drill-extremes-", dir=chosen.folder) as folder:
            sizes = _affordable(Sizes(int(chosen.sparse_gb * _GIB), int(chosen.real_gb * _GIB), chosen.files,
                                      chosen.members), Path(folder))  # fmt: skip
            _peak_anew()
            began = time.monotonic()
            step = STEPS[name](Path(folder), sizes)
            seconds, peak = time.monotonic() - began, _peak()
        if peak > MEMORY_BYTES:
            step.wrong.append(f"this process had {peak >> 20} MiB")
        wrong += bool(step.wrong)
        said = "; ".join(step.wrong) or "as it went in"
        print(f"{name}: {step.said}; {seconds:.0f} s, at most {peak >> 20} MiB; {said}", flush=True)
    print(f"{len(chosen.steps)} steps, {wrong} with something wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
