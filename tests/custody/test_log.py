"""The log grows durably under its lock, proves itself, and names what was changed, cut or put in its place."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iimm_pipelines.custody import merkle
from iimm_pipelines.custody.log import Log, LogDamaged, LogForked, LogRolledBack
from iimm_pipelines.custody.note import Checkpoint, CheckpointInvalid
from iimm_pipelines.custody.signing import Signer
from iimm_pipelines.custody.tiles import decode_bundle, encode_bundle, tile_path

ORIGIN = "holding-1"


def digests(count: int, start: int = 0) -> list[bytes]:
    return [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(start, start + count)]


def expected_root(entries: list[bytes]) -> bytes:
    return merkle.root([merkle.leaf_hash(entry) for entry in entries])


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.open(tmp_path_factory.mktemp("keys") / "key")


@pytest.fixture
def log(tmp_path: Path, signer: Signer) -> Log:
    return Log(tmp_path / "log", ORIGIN, signer)


class Killed(Exception):
    """Stands for a kill at this instant."""


def kill(_: object) -> None:
    raise Killed


def append_killed_before_the_checkpoint(log: Log, entries: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        log.checkpoint() or log.append([])
        patch.setattr(log, "write_checkpoint", kill)
        log.append(entries)


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "tile/3/000"),
        (999, 256, "tile/3/999"),
        (1000, 256, "tile/3/x001/000"),
        (1234067, 256, "tile/3/x001/x234/067"),
        (1234067, 8, "tile/3/x001/x234/067.p/8"),
    ],
)
def test_tiles_lie_where_other_tools_look(number: int, width: int, path: str) -> None:
    assert tile_path(3, number, width) == path


@given(st.lists(st.binary(max_size=40)))
def test_a_bundle_reads_back_and_a_cut_one_is_refused(entries: list[bytes]) -> None:
    data = encode_bundle(entries)
    assert decode_bundle(data) == entries
    if entries and entries[-1]:
        with pytest.raises(ValueError, match="cut off"):
            decode_bundle(data[:-1])


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from([1, 2, 255, 256, 257, 700]), st.booleans()), min_size=1, max_size=6))
def test_any_appends_with_any_kills_give_the_root_over_all_entries(
    steps: list[tuple[int, bool]], signer: Signer
) -> None:
    with TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log", ORIGIN, signer)
        wanted: list[bytes] = []
        for count, killed in steps:
            if killed:
                append_killed_before_the_checkpoint(log, digests(count, start=1_000_000))
            else:
                wanted += digests(count, start=len(wanted))
                assert log.append(wanted[-count:]).root == expected_root(wanted)
            assert log.check() == []
        assert log.entries(0, len(wanted)) == wanted


@pytest.mark.parametrize("full", [256, 65_536])
def test_sizes_around_full_tiles(log: Log, full: int) -> None:
    entries = digests(full + 1)
    for start, end in [(0, full - 1), (full - 1, full), (full, full + 1)]:
        assert log.append(entries[start:end]) == Checkpoint(ORIGIN, end, expected_root(entries[:end]))
        assert log.check() == []


def test_proofs_from_tiles_are_those_from_the_whole_tree(log: Log) -> None:
    entries = digests(1500)
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    now = log.append(entries)
    for index in (0, 255, 256, 1279, 1280, 1499):
        proof = log.inclusion_proof(index)
        assert proof == merkle.inclusion_proof(leaves, index)
        merkle.verify_inclusion(leaves[index], index, now.size, proof, now.root)
    for old_size in (0, 1, 255, 256, 1024, 1281, 1500):
        assert log.consistency_proof(old_size) == merkle.consistency_proof(leaves, old_size)
        log.prove_extends(Checkpoint(ORIGIN, old_size, merkle.root(leaves[:old_size])))


def test_entries_are_found_by_place_and_by_value(log: Log) -> None:
    entries = digests(600)
    log.append(entries)
    assert log.entries(250, 520) == entries[250:520]
    assert log.entries(600, 600) == []
    assert [log.index_of(entries[index]) for index in (0, 300, 599)] == [0, 300, 599]
    assert log.index_of(bytes(32)) is None
    with pytest.raises(IndexError):
        log.entries(0, 601)


def test_an_empty_log_is_right_and_an_empty_append_seals_it(log: Log) -> None:
    assert (log.checkpoint(), log.check(), log.index_of(bytes(32))) == (None, [], None)
    assert log.append([]) == log.checkpoint() == Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
    assert log.check() == []


def test_the_folder_keeps_only_the_tiles_of_the_sealed_size(log: Log) -> None:
    for start in range(0, 520, 10):
        log.append(digests(10, start))
    files = sorted(str(file.relative_to(log.folder)) for file in log.folder.rglob("*") if file.is_file())
    assert files == [
        "checkpoint",
        "lock",
        *("tile/0/000", "tile/0/001", "tile/0/002.p/8", "tile/1/000.p/2"),
        *("tile/entries/000", "tile/entries/001", "tile/entries/002.p/8"),
    ]


def test_what_a_killed_append_left_behind_is_written_over(log: Log) -> None:
    log.append(digests(300))
    append_killed_before_the_checkpoint(log, digests(400, start=5000))
    assert log.check() == []
    now = log.append(digests(3, start=300))
    assert now.root == expected_root(digests(303))
    assert log.check() == []


def test_an_append_killed_for_real_leaves_a_valid_log(log: Log, signer: Signer, tmp_path: Path) -> None:
    log.append(digests(300))
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from iimm_pipelines.custody.log import Log; from iimm_pipelines.custody.signing import Signer\n"
        f"log = Log(Path({str(log.folder)!r}), {ORIGIN!r}, Signer.open(Path({str(tmp_path / 'k')!r})), SIGNER)\n"
        "log.write_checkpoint = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "log.append([bytes(32)] * 400)\n"
    ).replace("SIGNER", f"__import__('iimm_pipelines.custody.signing').custody.signing.Verifier({signer.public!r})")
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert log.check() == []
    assert log.append(digests(1, start=300)).root == expected_root(digests(301))


def test_two_processes_append_in_turn(log: Log, signer: Signer) -> None:
    children = []
    for number in range(2):
        child = os.fork()
        if child == 0:
            mine = Log(log.folder, ORIGIN, signer)
            for step in range(20):
                mine.append(digests(7, start=1000 * number + 7 * step))
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert log.check() == []
    assert sorted(log.entries(0, 280)) == sorted(digests(140) + digests(140, start=1000))


def test_append_works_inside_the_lock_that_the_caller_holds(log: Log) -> None:
    with log.locked():
        log.append(digests(2))
        assert log.entries(0, 2) == digests(2)
    assert log.append(digests(1)).size == 3


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[70] ^= 1
    path.write_bytes(data)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("damage", [flip, cut, Path.unlink])
@pytest.mark.parametrize(
    "file",
    ["tile/entries/001", "tile/0/001", "tile/1/000.p/3", "tile/0/003.p/32", "tile/entries/003.p/32", "checkpoint"],
)
def test_each_changed_cut_or_missing_file_is_named(log: Log, file: str, damage: Callable[[Path], None]) -> None:
    log.append(digests(800))
    damage(log.folder / file)
    faults = log.check()
    assert 1 <= len(faults) <= 2
    assert any(file in fault for fault in faults)


def test_a_changed_entry_is_named_by_its_place(log: Log) -> None:
    log.append(digests(800))
    flip(log.folder / "tile/entries/001")
    assert log.check() == ["tile/0/001: hash 2 is not that of entry 258 in tile/entries/001"]


def test_damage_behind_a_proof_is_not_called_a_fork(log: Log) -> None:
    old = log.append(digests(300))
    log.append(digests(500, start=300))
    flip(log.folder / "tile/0/001")
    with pytest.raises(LogDamaged):
        log.prove_extends(old)


@pytest.mark.parametrize("file", ["tile/entries/000.p/44", "tile/0/000.p/44"])
def test_nothing_is_appended_to_a_log_in_doubt(log: Log, file: str) -> None:
    log.append(digests(44))
    flip(log.folder / file)
    with pytest.raises(LogDamaged):
        log.append(digests(1))


def test_a_removed_checkpoint_is_not_an_empty_log(log: Log) -> None:
    log.append(digests(3))
    (log.folder / "checkpoint").unlink()
    with pytest.raises(LogDamaged, match="checkpoint"):
        log.append(digests(1))


def test_a_copy_from_yesterday_is_named_a_rollback(log: Log, tmp_path: Path) -> None:
    log.append(digests(300))
    shutil.copytree(log.folder, tmp_path / "yesterday")
    kept = log.append(digests(10))
    shutil.rmtree(log.folder)
    shutil.copytree(tmp_path / "yesterday", log.folder)
    assert log.check() == []
    with pytest.raises(LogRolledBack, match="310 entries and now has 300"):
        log.prove_extends(kept)
    shutil.rmtree(log.folder)
    with pytest.raises(LogRolledBack, match="now has 0"):
        log.prove_extends(kept)


@pytest.mark.parametrize("size", [300, 310])
def test_a_log_written_anew_is_named_a_fork(log: Log, size: int) -> None:
    kept = log.append(digests(300))
    shutil.rmtree(log.folder)
    log.append(digests(size, start=1))
    assert log.check() == []
    with pytest.raises(LogForked, match="first 300"):
        log.prove_extends(kept)


def test_another_logs_checkpoint_is_refused(log: Log, signer: Signer) -> None:
    log.append(digests(3))
    with pytest.raises(LogForked):
        log.prove_extends(Checkpoint("holding-2", 3, expected_root(digests(3))))
    with pytest.raises(CheckpointInvalid):
        Log(log.folder, "holding-2", signer).checkpoint()


def test_a_copy_without_signer_or_lock_can_be_read_and_not_written(log: Log, signer: Signer) -> None:
    log.append(digests(3))
    (log.folder / "lock").unlink()
    copy = Log(log.folder, ORIGIN, None, signer.verifier)
    assert copy.check() == []
    assert copy.entries(0, 3) == digests(3)
    with pytest.raises(ValueError, match="without a signer"):
        copy.append(digests(1))
    assert not (log.folder / "lock").exists()


def test_an_entry_that_is_no_digest_is_refused(log: Log) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        log.append([b"short"])
