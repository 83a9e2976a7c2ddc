"""Containers in several pieces, cut by the programs that people use, through intake and contents."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from small_holding import open_holding, process, receive

from iimm_pipelines.accessions.items import Item, read_items
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages import contents

sys.path.append(str(Path(__file__).parents[1] / "formats"))
from rar_volumes import rar4, rar5

PROGRAMS = ("mkfs.ext4", "qemu-img", "ewfacquire", "zip", "7zz")
MISSING = [name for name in PROGRAMS if not shutil.which(name)]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

NOISE = random.Random(7).randbytes(300_000)
FILES = {"a.txt": b"first", "d/b.bin": NOISE}
WORDS = b"".join(b"Line %d.\n" % n for n in range(300))
LONG = [NOISE[:100_000], NOISE[100_000:200_000], NOISE[200_000:]]
PIECE = ("excluded", "piece of a set")
GOOD, CUT_OFF = ("produced", None), ("failed", "truncated")
Files = dict[str, bytes]


def run(*command: str | Path, cwd: Path) -> None:
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, stdin=subprocess.DEVNULL)


def made(folder: Path, pattern: str) -> Files:
    """What a program made, by name."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob(pattern))}


def cut(name: str, data: bytes, each: int) -> Files:
    """A file cut as `split` cuts it."""
    return {f"{name}.{n + 1:03}": data[at : at + each] for n, at in enumerate(range(0, len(data), each))}


def without(files: Files, *names: str) -> Files:
    """All but the pieces that are lacking."""
    return {n: d for n, d in files.items() if n not in names}


def tar(name: str) -> bytes:
    """A tar of one file."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as opened:
        opened.addfile(tarfile.TarInfo(name))
    return file.getvalue()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """A folder for each set."""
    top = tmp_path_factory.mktemp("cut")
    source = top / "source"
    for name, data in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(data)
        os.utime(source / name, (1_700_000_000, 1_700_000_000))
    for name, size in (("ext", 6 << 20), ("large", 2_100 << 20)):
        with (top / name).open("xb") as empty:
            empty.truncate(size)
        run(
            "mkfs.ext4", "-q", "-O", "^has_journal", "-E", "lazy_itable_init=1", "-N", "64", "-d", source, name, cwd=top
        )
    with (top / "ext").open("r+b") as image:  # what no compression makes small, behind the files
        image.seek(-(5 << 20), 2)
        image.write(random.Random(8).randbytes(5 << 20))
    run("ewfacquire", "-u", "-q", "-t", "x", "-f", "encase6", "-S", "2MiB", top / "ext", cwd=top)
    run("7zz", "a", "-v100k", "x.7z", ".", cwd=source)
    run("7zz", "a", "-v100k", "-psesame", "-mhe=on", "y.7z", "a.txt", "d", cwd=source)
    run("zip", "-q", "-r", "-s", "64k", "z.zip", "a.txt", "d", cwd=source)
    run("zip", "-q", "-r", "w.zip", "a.txt", "d", cwd=source)
    run(
        "qemu-img",
        "convert",
        "-f",
        "raw",
        "-O",
        "vmdk",
        "-o",
        "subformat=twoGbMaxExtentSparse",
        "large",
        "v.vmdk",
        cwd=top,
    )
    run("qemu-img", "convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=monolithicFlat", "ext", "f.vmdk", cwd=top)
    segments, seven, locked = made(top, "x.E*"), made(source, "x.7z.*"), made(source, "y.7z.*")
    zips, extents = made(source, "z.*"), made(top, "v*.vmdk")
    raw = cut("x", (top / "ext").read_bytes(), 1 << 20)
    old = {f"x.{e}": d for e, d in zip(("rar", "r00", "r01"), rar4(LONG, b"end"), strict=True)}
    new = {f"x.part{n}.rar": d for n, d in enumerate(rar5(LONG, b"end"), 1)}
    assert min(len(segments), len(seven), len(zips), len(raw), len(extents)) >= 3
    sets: Mapping[str, Files] = {
        "e01": segments, "e01 gap": without(segments, "x.E03"), "e01 end": without(segments, max(segments)), "e01 rest": without(segments, "x.E01"),
        "7z": seven, "7z gap": without(seven, "x.7z.002"), "7z rest": {"x.7z.002": seven["x.7z.002"]}, "7z locked": locked,
        "zip": zips, "zip gap": without(zips, "z.z01"), "zip rest": without(zips, "z.zip"),
        "zip cut": cut("w.zip", (source / "w.zip").read_bytes(), 100_000),
        "raw": raw, "raw gap": without(raw, "x.003"),
        "vmdk": extents, "vmdk gap": without(extents, "v-s001.vmdk"), "vmdk flat": made(top, "f*.vmdk"),
        "rar": old, "rar5": new, "rar5 gap": without(new, "x.part2.rar"), "rar5 rest": {"x.part2.rar": new["x.part2.rar"]},
        "cut words": cut("x.bin", WORDS, 1000),
        "tars": {"x.tar.001": tar("one"), "x.tar.002": tar("two")},
        "words": {"x.E01": b"The first part.", "x.E02": b"The second part.", "y.rar": b"A word", "y.r00": b"Another word"},
    }  # fmt: skip
    return {f"{folder}/{name}": data for folder, files in sets.items() for name, data in files.items()}


@pytest.fixture(scope="module")
def holding(evidence: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Holding]:
    """All of it received and read once."""
    folder = tmp_path_factory.mktemp("holding")
    opened = open_holding(folder / "data", shard_items=500, worker_memory=2 << 30)
    receive(opened, folder / "in", {name: data for name, data in evidence.items()}, passwords=("sesame",))
    process(opened, [contents.STAGE])
    yield opened
    opened.close()


Seen = Callable[[str], tuple[dict[str, tuple[str, str | None]], dict[str, bytes], dict[str, dict[str, str]]]]


@pytest.fixture(scope="module")
def seen(holding: Holding) -> Seen:
    """Of a folder: the answer for each received file, the bytes of each member, what is said of each received file."""
    (shard,) = (s.number for s in holding.catalogue.shards())
    items = read_items(holding.parts, shard)
    outcomes = holding.parts.read("contents", shard, range(len(items) + 1))

    def of(folder: str) -> tuple[dict[str, tuple[str, str | None]], dict[str, bytes], dict[str, dict[str, str]]]:
        received = {i.number: i for i in items if i.path.startswith(f"{folder}/".encode())}
        members = [i for i in items if i.parent in received]
        answers = {name(i): (outcomes[i.place].kind, outcomes[i.place].reason) for i in received.values()}
        said = {name(i): {m["name"]: m["value"] for d in outcomes[i.place].tables.get("document", ())
                          for m in d["metadata"] or ()} for i in received.values()}  # fmt: skip
        return answers, {i.path.decode(): content(i) for i in members}, said

    def name(item: Item) -> str:
        return item.path.decode().rpartition("/")[2]

    def content(item: Item) -> bytes:
        assert item.object is not None
        with holding.vault.open(item.object) as file:
            return file.read()

    return of


@pytest.mark.parametrize(
    ("folder", "head"),
    [("e01", "x.E01"), ("7z", "x.7z.001"), ("7z locked", "y.7z.001"), ("zip", "z.zip"), ("zip cut", "w.zip.001"),
     ("raw", "x.001"), ("vmdk", "v.vmdk"), ("vmdk flat", "f.vmdk")],
)  # fmt: skip
def test_a_whole_set_gives_its_files_once(seen: Seen, folder: str, head: str) -> None:
    answers, members, said = seen(folder)
    assert answers.pop(head) == GOOD
    assert set(answers.values()) == {PIECE}
    assert {n.removeprefix("./"): d for n, d in members.items()} == FILES
    assert said[head]["pieces"] == str(len(answers) + 1)


@pytest.mark.parametrize(("folder", "head"), [("rar", "x.rar"), ("rar5", "x.part1.rar")])
def test_volumes_give_the_files_that_lie_across_them(seen: Seen, folder: str, head: str) -> None:
    answers, members, _ = seen(folder)
    assert answers.pop(head) == GOOD
    assert set(answers.values()) == {PIECE}
    assert members == {"long": NOISE, "last": b"end"}


def test_a_piece_names_its_head(seen: Seen, holding: Holding) -> None:
    _, _, said = seen("e01")
    (shard,) = (s.number for s in holding.catalogue.shards())
    (head,) = (i.number for i in read_items(holding.parts, shard) if i.path == b"e01/x.E01")
    assert said["x.E02"] == {"set": "EnCase segments", "piece": ".E02", "piece of": head}


@pytest.mark.parametrize(
    ("folder", "head", "lacking", "found"),
    [("e01 gap", "x.E01", ".E03", {"a.txt"}), ("7z gap", "x.7z.001", ".002", None), ("zip gap", "z.zip", ".z01", None),
     ("raw gap", "x.001", ".003", {"a.txt", "d/b.bin"}), ("vmdk gap", "v.vmdk", "-s001.vmdk", set()),
     ("rar5 gap", "x.part1.rar", ".part2.rar", {"last"})],
)  # fmt: skip
def test_a_set_with_a_gap_is_truncated_says_what_lacks_and_keeps_what_was_found(
    seen: Seen, folder: str, head: str, lacking: str, found: set[str] | None
) -> None:
    answers, members, said = seen(folder)
    assert answers.pop(head) == CUT_OFF
    assert set(answers.values()) == {PIECE}
    assert said[head]["set lacks"] == lacking
    assert found is None or found <= members.keys()
    assert all(data == {**FILES, "last": b"end"}.get(name, data) for name, data in members.items())


def test_segments_that_nobody_handed_over_are_missed_where_no_name_tells(seen: Seen) -> None:
    answers, members, said = seen("e01 end")
    assert answers["x.E01"] == CUT_OFF
    assert (set(members), said["x.E01"]["segments that are not there"]) == (set(FILES), "those behind segment 3")


@pytest.mark.parametrize(
    ("folder", "lacking"),
    [("e01 rest", ".E01"), ("7z rest", ".001"), ("zip rest", ".zip"), ("rar5 rest", ".part1.rar")],
)
def test_pieces_without_their_head_are_truncated_and_say_what_lacks(seen: Seen, folder: str, lacking: str) -> None:
    answers, _, said = seen(folder)
    assert CUT_OFF in set(answers.values())
    assert PIECE not in set(answers.values())
    assert {s["set lacks"] for n, s in said.items() if answers[n] == CUT_OFF} == {lacking}


def test_what_was_cut_and_is_no_container_comes_whole_as_a_member(seen: Seen) -> None:
    answers, members, _ = seen("cut words")
    assert (answers["x.bin.001"], members) == (GOOD, {"whole.bin": WORDS})


def test_names_alone_take_nothing_away(seen: Seen, holding: Holding) -> None:
    assert (set(seen("tars")[0].values()), set(seen("tars")[1])) == ({GOOD}, {"one", "two"})
    assert set(seen("words")[0].values()) == {GOOD}
    (shard,) = (s.number for s in holding.catalogue.shards())
    texts = set(holding.parts.frame("contents", "segments", shard)["text"])
    assert {"The first part.", "The second part.", "A word", "Another word"} <= texts


def test_everything_verifies(holding: Holding) -> None:
    assert verify(holding).faults == []
