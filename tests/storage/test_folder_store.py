"""A store in a folder: no name before the bytes are lasting, whoever writes beside, and whatever fails."""

import errno
import hashlib
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.storage import ciphertext
from iimm_pipelines.storage.ciphertext import FolderStore, Writable
from iimm_pipelines.storage.durable import Desk, sweep

NAMES = [hashlib.sha256(bytes([n])).hexdigest() for n in range(20)]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "vault")


def writing(data: bytes) -> Callable[[Writable], None]:
    def write(file: Writable) -> None:
        file.write(data)

    return write


def files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def test_names_are_given_after_all_drafts_were_synced_and_are_synced_themselves(
    tmp_path: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[tuple[int, int]] = []
    sync = Desk.sync

    def seen(desk: Desk) -> None:
        found.append((len(files(tmp_path / "vault" / "incoming")), len(files(tmp_path / "vault" / "objects"))))
        sync(desk)

    monkeypatch.setattr(Desk, "sync", seen)
    for name in NAMES:
        store.put(name, 4, writing(b"data"))
    store.sync()
    assert found == [(20, 0), (0, 20)]


def test_a_store_that_could_not_sync_names_nothing_and_takes_in_nothing_more(
    tmp_path: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(desk: Desk) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))  # what a disk that breaks says, and says once

    store.put(NAMES[0], 4, writing(b"data"))
    monkeypatch.setattr(Desk, "sync", fails)
    with pytest.raises(OSError, match="Input/output error"):
        store.sync()
    monkeypatch.undo()
    store.put(NAMES[1], 4, writing(b"data"))
    with pytest.raises(OSError, match="Input/output error"):
        store.sync()
    assert list(store.names()) == []
    again = FolderStore(tmp_path / "vault")
    again.put(NAMES[0], 4, writing(b"data"))
    again.sync()
    assert list(again.names()) == [NAMES[0]]


def test_an_object_is_there_for_its_writer_at_once_and_for_others_after_the_sync(
    tmp_path: Path, store: FolderStore
) -> None:
    other = FolderStore(tmp_path / "vault")
    store.put(NAMES[0], 4, writing(b"data"))
    assert store.has(NAMES[0]) and store.size(NAMES[0]) == 4 and store.open(NAMES[0]).read() == b"data"
    assert not other.has(NAMES[0])
    store.sync()
    assert other.has(NAMES[0]) and store.open(NAMES[0]).read() == other.open(NAMES[0]).read() == b"data"


def test_an_object_that_waits_for_its_name_is_not_written_again(tmp_path: Path, store: FolderStore) -> None:
    store.put(NAMES[0], 5, writing(b"first"))
    store.put(NAMES[0], 6, writing(b"second"))
    assert len(files(tmp_path / "vault" / "incoming")) == 1
    store.put_unnamed(lambda draft: NAMES[0] if draft.write(b"third") else "")
    assert len(files(tmp_path / "vault" / "incoming")) == 1
    store.sync()
    assert store.open(NAMES[0]).read() == b"first" and files(tmp_path / "vault" / "incoming") == []


def test_what_another_store_named_meanwhile_stays(tmp_path: Path, store: FolderStore) -> None:
    other = FolderStore(tmp_path / "vault")
    for each, data in ((store, b"mine"), (other, b"others")):
        each.put(NAMES[0], 4, writing(data))
    other.sync()
    store.sync()
    assert store.open(NAMES[0]).read() == b"others"
    assert len(files(tmp_path / "vault" / "objects")) == 1 and files(tmp_path / "vault" / "incoming") == []


def test_a_writer_of_the_same_object_relies_on_no_name_that_was_not_synced(
    tmp_path: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = FolderStore(tmp_path / "vault")
    other.put(NAMES[0], 4, writing(b"data"))
    other.sync()
    syncs: list[Desk] = []
    monkeypatch.setattr(Desk, "sync", lambda desk: syncs.append(desk))  # noqa: PLW0108 (a function, to become a method)
    store.sync()
    assert syncs == []
    store.put(NAMES[0], 4, writing(b"data"))
    store.sync()
    assert len(syncs) == 1


def test_processes_that_take_in_the_same_objects_store_each_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(3)

    def write() -> None:
        mine = FolderStore(tmp_path / "vault")
        for _ in range(10):
            ready.wait()
            for name in NAMES:
                mine.put(name, 4, writing(name.encode()))
            mine.sync()
            assert all(mine.has(name) for name in NAMES)

    processes = [context.Process(target=write) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {p.name: p.read_bytes() for p in files(tmp_path / "vault" / "objects")} == {n: n.encode() for n in NAMES}


def test_a_damaged_object_is_set_aside_when_the_whole_one_is_named(tmp_path: Path, store: FolderStore) -> None:
    store.put(NAMES[0], 3, writing(b"bad"))
    store.sync()
    store.put(NAMES[0], 5, writing(b"whole"), instead=True)
    assert store.open(NAMES[0]).read() == b"whole" and not (tmp_path / "vault" / "damaged").exists()
    store.sync()
    assert store.open(NAMES[0]).read() == b"whole"
    assert [p.read_bytes() for p in files(tmp_path / "vault" / "damaged")] == [b"bad"]


def test_drafts_do_not_pile_up(tmp_path: Path, store: FolderStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ciphertext, "_MOST_DRAFTS", 8)
    for name in NAMES:
        store.put(name, 4, writing(b"data"))
        assert len(files(tmp_path / "vault" / "incoming")) < 8
    store.sync()
    assert list(store.names()) == sorted(NAMES)


def test_the_sweep_takes_the_desk_of_a_dead_writer_and_leaves_that_of_a_living_one(tmp_path: Path) -> None:
    program = """if True:
        import os, signal, sys
        from pathlib import Path
        from iimm_pipelines.storage.durable import Desk
        desk = Desk(Path(sys.argv[1]))
        Path(desk.path()).write_bytes(b"half of an obj")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    living = Desk(tmp_path)
    draft = Path(living.path())
    draft.write_bytes(b"being written")
    assert sweep(tmp_path) == 1
    assert files(tmp_path) == [draft]


def test_a_desk_goes_with_its_writer_and_not_with_a_child(tmp_path: Path) -> None:
    desk: Any = Desk(tmp_path)
    child = os.fork()
    if not child:
        desk = None
        os._exit(0)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    del desk
    assert list(tmp_path.iterdir()) == []
