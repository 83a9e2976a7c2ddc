"""One Java for two workers: what one document does to it fails no other."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.formats import shared_java, tika
from iimm_pipelines.formats.parsed import Limits, Parsed
from iimm_pipelines.formats.tika import Tika

WORDS = "{{\\rtf1\\ansi {}}}"
Two = tuple[Tika, Tika]


@pytest.fixture(name="two")
def two_that_share(tmp_path: Path) -> Iterator[Two]:
    folder = tmp_path / "shared"
    folder.mkdir()
    both = Tika(tika.lay_out(), folder), Tika(tika.lay_out(), folder)
    yield both
    for each in both:
        each.close()


def letter(path: Path, *paragraphs: str) -> Path:
    path.write_text(WORDS.format("\\par ".join(paragraphs)), encoding="ascii")
    return path


def read(reader: Tika, path: Path) -> Parsed:
    return reader.read(path, Path(tempfile.mkdtemp(dir=path.parent)), (), Limits())


def java_of(*readers: Tika) -> list[int]:
    """Every Java that was started to be shared."""
    return [r.shared.started.pid for r in readers if r.shared and r.shared.started]


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def hang(reader: Tika, folder: Path) -> socket.socket:
    """Have the shared Java read what never comes; gives the connection on which it was asked."""
    os.mkfifo(folder / "endless")
    (folder / "answer-to-endless").mkdir()
    assert reader.shared
    connection = reader.shared._connected()
    connection.sendall(f"{folder / 'endless'}\t{folder / 'answer-to-endless'}\t1\t1\t1\t\n".encode())
    return connection


def test_two_are_served_by_one_process(two: Two, tmp_path: Path) -> None:
    path = letter(tmp_path / "blob", "one", "two")
    assert [s.text for reader in two for s in read(reader, path).segments] == ["one", "two"] * 2
    assert len(java_of(*two)) == 1
    assert [reader._process for reader in two] == [None, None]


def test_a_third_and_fourth_share_another(two: Two, tmp_path: Path) -> None:
    path = letter(tmp_path / "blob", "one")
    more = Tika(tika.lay_out(), tmp_path / "shared"), Tika(tika.lay_out(), tmp_path / "shared")
    for reader in (*two, *more):
        assert read(reader, path).problem is None
    assert len(java_of(*two)) == len(java_of(*more)) == 1
    for reader in more:
        reader.close()


def test_memory_that_runs_out_fails_the_one_file_alone(two: Two, tmp_path: Path) -> None:
    (tmp_path / "apart").mkdir()
    bomb = letter(tmp_path / "apart" / "bomb", "x" * (200 << 20))
    path = letter(tmp_path / "blob", *["word " * 50] * 2_000)
    alone = read(Tika(tika.lay_out()), bomb).problem
    found: list[object] = []
    reading = threading.Thread(target=lambda: found.append(read(two[0], bomb).problem))
    reading.start()
    while reading.is_alive():
        other = read(two[1], path)
        assert other.problem is None
        assert len(other.segments) == 2_000
    assert found == [alone]


def test_who_waits_too_long_asks_again_alone_and_the_other_goes_on(two: Two, tmp_path: Path) -> None:
    path = letter(tmp_path / "blob", "one")
    assert read(two[0], path).problem is None
    hang(two[1], tmp_path).close()
    assert read(two[0], path).problem is None
    assert read(two[1], path).problem is None


def test_a_document_that_hangs_is_given_up_in_time(two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = letter(tmp_path / "blob", "one")
    assert two[0].shared
    monkeypatch.setattr(two[0].shared, "_patience", 3.0)
    os.mkfifo(tmp_path / "endless")
    (tmp_path / "answer").mkdir()
    began = time.monotonic()
    request = f"{tmp_path / 'endless'}\t{tmp_path / 'answer'}\t1\t1\t1\t\n".encode()
    assert not two[0].shared.ask(request)
    assert time.monotonic() - began < shared_java.PATIENCE_SECONDS
    assert read(two[1], path).problem is None


def test_java_ends_when_a_worker_left_it_with_a_document(two: Two, tmp_path: Path) -> None:
    read(two[0], letter(tmp_path / "blob", "one"))
    (java,) = java_of(*two)
    hang(two[1], tmp_path).close()
    deadline = time.monotonic() + 5
    while lives(java) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not lives(java)


def test_the_end_of_its_starter_is_no_fault_of_the_others_document(two: Two, tmp_path: Path) -> None:
    path = letter(tmp_path / "blob", "one")
    for reader in two:
        read(reader, path)
    (java,) = java_of(two[0])
    two[0].close()
    assert not lives(java)
    assert read(two[1], path).problem is None
    assert two[1]._process is None
    assert java_of(two[1]) != [java]


def test_java_that_does_not_start_leaves_the_reason_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "home").mkdir()
    reader = Tika(tmp_path / "home", tmp_path / "shared")
    assert read(reader, letter(tmp_path / "blob", "one")).problem == "crashed"
    reader.close()
