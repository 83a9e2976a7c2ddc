"""Registration: what is listed, what is refused, and that nothing else happens."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_holding import open_holding, receipt, receive, take_in_all, write_files

from iimm_pipelines.accessions.delivery import DeliveryUnlistable, Folder
from iimm_pipelines.accessions.register import RegistrationRefused, change_marks, register
from iimm_pipelines.holding import Holding
from iimm_pipelines.storage.catalogue import CatalogueError

FILES: dict[str | bytes, bytes] = {"a.txt": b"a letter", "sub/b.txt": b"another"}


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def listed(holding: Holding, number: str = "A00001") -> list[bytes]:
    return [f.path for f in holding.listings.read(number)]


def test_names_are_raw_bytes(holding: Holding, tmp_path: Path) -> None:
    names = (b"new\nline", b"not utf-8 \xff\xfe", "မြန်မာ.txt".encode(), b"-rf", b" ", b"sub\xff/\n")
    register(holding, write_files(tmp_path / "in", {n: b"x" for n in names}), receipt())
    assert set(listed(holding)) == set(names)


def test_links_devices_and_pipes_are_listed_and_no_folder_behind_a_link_is(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"a": b"a"})
    write_files(tmp_path / "elsewhere", {"secret": b"secret"})
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "in" / "file").symlink_to(tmp_path / "elsewhere" / "secret")
    (tmp_path / "in" / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "in" / "pipe")
    register(holding, tmp_path / "in", receipt())
    found = {f.path: f.regular for f in holding.listings.read("A00001")}
    assert found == {b"a": True, b"folder": False, b"file": False, b"dangling": False, b"pipe": False}


def test_shards_are_cut_by_number_and_by_bytes(tmp_path: Path) -> None:
    write_files(tmp_path / "in", {f"{i}": bytes(10) for i in range(7)})
    by_number = open_holding(tmp_path / "one", shard_items=3)
    register(by_number, tmp_path / "in", receipt())
    assert [s.received for s in by_number.catalogue.shards()] == [3, 3, 1]
    by_bytes = open_holding(tmp_path / "two", shard_bytes=20)
    register(by_bytes, tmp_path / "in", receipt())
    assert [s.received for s in by_bytes.catalogue.shards()] == [2, 2, 2, 1]


def test_a_file_larger_than_a_shard_is_one(tmp_path: Path) -> None:
    holding = open_holding(tmp_path / "data", shard_bytes=5)
    register(holding, write_files(tmp_path / "in", {"a": bytes(10), "b": b""}), receipt())
    assert [s.received for s in holding.catalogue.shards()] == [1, 1]


def test_more_shards_than_numbers_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for i in range(10_001):
        (tmp_path / "in" / f"{i}").touch()
    holding = open_holding(tmp_path / "data", shard_items=1)
    with pytest.raises(RegistrationRefused, match="shards"):
        register(holding, tmp_path / "in", receipt())
    assert holding.catalogue.accessions() == []


def test_folders_in_folders_deeper_than_calls_go_are_listed(holding: Holding, tmp_path: Path) -> None:
    top = tmp_path / "in"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)  # noqa: PTH102 (relative to a descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("f", os.O_CREAT, dir_fd=here))
    os.close(here)
    register(holding, top, receipt())
    subprocess.run(["rm", "-r", top], check=True)  # pytest cannot
    assert listed(holding) == [b"d/" * 1200 + b"f"]


@pytest.mark.parametrize("seconds", [-5_000_000_000, 13_000_000_000])
def test_times_that_no_clock_should_show_are_kept(holding: Holding, tmp_path: Path, seconds: int) -> None:
    write_files(tmp_path / "in", {"a": b"a"})
    os.utime(tmp_path / "in" / "a", ns=(0, seconds * 10**9))
    kept = (tmp_path / "in" / "a").stat().st_mtime_ns
    register(holding, tmp_path / "in", receipt())
    assert [f.modified_ns for f in holding.listings.read("A00001")] == [kept]
    take_in_all(holding)
    assert holding.parts.frame("inventory", "received", "A00001-0000")["modified_ms"].to_list() == [kept // 1_000_000]


def test_an_empty_folder_is_refused_and_leaves_nothing(holding: Holding, tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    with pytest.raises(RegistrationRefused):
        register(holding, tmp_path / "in", receipt())
    assert holding.catalogue.accessions() == []
    assert list((tmp_path / "data" / "listings").iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [replace(receipt(), source=s) for s in ("", "two words", "two\twords", "two\nwords")]
    + [replace(receipt(), marks=m) for m in ((), ("",), (" ",), ("a,b",))],
    ids=lambda r: repr((r.source, r.marks)),
)
def test_what_is_stated_must_be_usable(holding: Holding, tmp_path: Path, wrong: object) -> None:
    with pytest.raises(RegistrationRefused):
        register(holding, write_files(tmp_path / "in", FILES), wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("marks", [("a", "a"), ("b", "a")])
def test_marks_are_a_set(holding: Holding, tmp_path: Path, marks: tuple[str, ...]) -> None:
    register(holding, write_files(tmp_path / "in", FILES), replace(receipt(), marks=marks))
    expected = tuple(sorted({m.strip() for m in marks}))
    assert holding.catalogue.accession("A00001").marks == expected
    assert change_marks(holding, "A00001", [*marks, *marks]).marks == expected


def test_the_data_folder_is_never_received(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "data" / "in", FILES)
    for folder in (tmp_path / "data", tmp_path / "data" / "in", tmp_path, Path("/")):
        with pytest.raises(RegistrationRefused):
            register(holding, folder, receipt())


def test_the_same_files_from_the_same_source_are_refused_at_once(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", FILES)
    before = sorted((tmp_path / "data").rglob("*"))
    for source in ("S-1", " S-1 "):
        with pytest.raises(RegistrationRefused, match="A00001"):
            register(holding, write_files(tmp_path / "copy", FILES), receipt(source))
    assert [a.number for a in holding.catalogue.accessions()] == ["A00001"]
    assert [p for p in sorted((tmp_path / "data").rglob("*")) if p.suffix not in (".sqlite-wal", ".sqlite-shm")] == [
        p for p in before if p.suffix not in (".sqlite-wal", ".sqlite-shm")
    ]


def test_the_same_files_under_other_names_are_another_accession(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", FILES)
    assert receive(holding, tmp_path / "other", {"x.txt": b"a letter", "y.txt": b"another"}) == "A00002"


def test_the_same_files_from_another_source_corroborate(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", FILES)
    number = receive(holding, tmp_path / "copy", FILES, source="S-2")
    row = holding.catalogue.accession(number)
    assert (row.state, row.same_as) == ("sealed", "A00001")


def test_a_repeated_delivery_that_came_before_sealing_is_refused_at_sealing(holding: Holding, tmp_path: Path) -> None:
    for folder in ("one", "two"):
        register(holding, write_files(tmp_path / folder, FILES), receipt())
    take_in_all(holding)
    assert [(a.state, a.same_as) for a in holding.catalogue.accessions()] == [("sealed", None), ("refused", "A00001")]


def test_a_folder_that_moves_while_it_is_listed_is_refused_without_a_name(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "in", {f"witness {i}/statement": b"" for i in range(2)})
    walk = Folder(os.fsencode(folder)).entries()
    next(walk)
    shutil.rmtree(tmp_path / "in")
    with pytest.raises(DeliveryUnlistable) as refused:
        list(walk)
    assert "witness" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_passwords_left_by_a_registration_that_died_are_not_the_next_one_s(holding: Holding, tmp_path: Path) -> None:
    holding.add_passwords("A00001", ["of another source"])
    register(holding, write_files(tmp_path / "in", FILES), receipt(), ["its own"])
    assert holding.passwords("A00001") == ["its own"]
    holding.add_passwords("A00002", ["of another source"])
    register(holding, write_files(tmp_path / "two", {"z": b"z"}), receipt())
    assert holding.passwords("A00002") == []


def test_an_accession_without_marks_cannot_be(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", FILES)
    for marks in ([], [" "], ["a,b"]):
        with pytest.raises(RegistrationRefused):
            change_marks(holding, "A00001", marks)
    with pytest.raises(CatalogueError):
        change_marks(holding, "A00009", ["a"])
