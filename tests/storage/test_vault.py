"""What goes into the vault comes out, or its damage is named."""

import hashlib
import multiprocessing
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.storage.ciphertext import place_of
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.vault import (
    ChangedWhileRead,
    ObjectDamaged,
    ObjectMissing,
    SourceUnavailable,
    Vault,
    WrongVault,
)

LIMIT = 256 * 1024
"""In place of 64 MiB: files above it are read twice."""
MIB = 1024 * 1024


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys")


@pytest.fixture
def vault(tmp_path: Path, keys: Keys) -> Vault:
    return Vault(tmp_path / "vault", keys, in_memory=LIMIT)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def stored(tmp_path: Path) -> list[Path]:
    return sorted(path for path in (tmp_path / "vault" / "objects").rglob("*") if path.is_file())


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def drafts(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "vault" / "incoming").rglob("*") if path.is_file()]


def overwrite(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])
def test_what_went_in_comes_out(tmp_path: Path, vault: Vault, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "source").write_bytes(data)
    digests = vault.put_file(tmp_path / "source")
    assert (digests.sha256, digests.size) == (sha256(data), size)
    assert (digests.sha1, digests.md5) == (hashlib.sha1(data).digest(), hashlib.md5(data).digest())
    with vault.open(digests.sha256) as stream:
        assert stream.read() == data
    vault.copy_to(digests.sha256, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == data
    vault.check(digests.sha256)


def test_objects_come_out_joined_or_not_at_all(tmp_path: Path, vault: Vault) -> None:
    pieces = [os.urandom(size) for size in (MIB + 1, 0, 7, 2 * MIB)]
    digests = [vault.put_bytes(piece).sha256 for piece in pieces]
    vault.copy_joined(digests, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"".join(pieces)
    with pytest.raises(ObjectMissing):
        vault.copy_joined([*digests, bytes(32)], tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_object_reads_piece_by_piece(vault: Vault) -> None:
    data = os.urandom(2 * MIB + 5)
    digests = vault.put_bytes(data)
    with vault.open(digests.sha256) as stream:
        assert stream.read(3) + stream.read(MIB) + stream.read() + stream.read(1) == data


def test_a_descriptor_is_read_from_the_start_and_stays_where_it_was(tmp_path: Path, vault: Vault) -> None:
    with (tmp_path / "source").open("w+b") as file:
        file.write(b"evidence")
        file.flush()
        assert vault.put_file(file.fileno()).sha256 == sha256(b"evidence")
        assert file.tell() == 8


@pytest.mark.parametrize("size", [10, LIMIT + 10])
def test_the_same_bytes_are_stored_once(tmp_path: Path, vault: Vault, size: int) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(bytes(size))
    assert vault.put_file(tmp_path / "one") == vault.put_file(tmp_path / "two") == vault.put_bytes(bytes(size))
    assert len(list(vault.names())) == len(stored(tmp_path)) == 1


def test_has_says_what_is_there(vault: Vault) -> None:
    vault.put_bytes(b"here")
    assert vault.has(sha256(b"here"))
    assert not vault.has(sha256(b"not here"))


def test_a_missing_object_is_named_so(tmp_path: Path, vault: Vault) -> None:
    for attempt in (vault.open, vault.check, lambda digest: vault.copy_to(digest, tmp_path / "copy")):
        with pytest.raises(ObjectMissing):
            attempt(sha256(b"not here"))


def test_deferred_objects_are_readable_at_once_and_after_sync(tmp_path: Path, vault: Vault, keys: Keys) -> None:
    put = [vault.put_bytes(str(number).encode(), deferred=True) for number in range(50)]
    vault.sync()
    again = Vault(tmp_path / "vault", keys)
    for digests in put:
        again.check(digests.sha256)
    assert sorted(keys.name(digests.sha256) for digests in put) == list(vault.names())


Damage = Callable[[bytes], bytes]


def flipped(place: int) -> Damage:
    """One bit of the byte at a place, or where there are fewer, at what is left beyond whole lengths."""

    def damage(content: bytes) -> bytes:
        at = place % len(content)
        return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]

    return damage


@pytest.mark.parametrize("size", [0, 100, MIB + 100])
@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda content: content[:-1] + bytes([content[-1] ^ 1]), id="last byte"),
        pytest.param(lambda content: content[:-1], id="shorter by one"),
        pytest.param(lambda content: content[: len(content) // 2], id="half"),
        pytest.param(lambda content: content[:14], id="header cut"),
        pytest.param(lambda content: content[:90], id="little more than the header"),
        pytest.param(lambda content: b"", id="nothing"),
        pytest.param(lambda content: content + b"\0", id="longer by one"),
        pytest.param(lambda content: content + content[-MIB:], id="much longer"),
        *(
            pytest.param(flipped(place), id=f"byte {place}")
            for place in (0, 4, 5, 12, 13, 14, 15, 20, 60, 81, 82, 100, 109, 300)
        ),
    ],
)
def test_damage_is_named(tmp_path: Path, vault: Vault, size: int, damage: Damage) -> None:
    digests = vault.put_bytes(bytes(size))
    (path,) = stored(tmp_path)
    overwrite(path, damage(path.read_bytes()))
    with pytest.raises(ObjectDamaged, match=digests.sha256.hex()):
        vault.check(digests.sha256)
    with pytest.raises(ObjectDamaged):
        vault.copy_to(digests.sha256, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


@pytest.mark.parametrize("left", range(0, 115, 6))
def test_a_small_object_cut_anywhere_is_damage(tmp_path: Path, vault: Vault, left: int) -> None:
    digests = vault.put_bytes(b"small")
    (path,) = stored(tmp_path)
    overwrite(path, path.read_bytes()[:left])
    with pytest.raises(ObjectDamaged):
        vault.check(digests.sha256)


def test_every_flipped_byte_of_a_small_object_is_damage(tmp_path: Path, vault: Vault) -> None:
    digests = vault.put_bytes(b"small")
    (path,) = stored(tmp_path)
    content = path.read_bytes()
    for place in range(len(content)):
        overwrite(path, flipped(place)(content))
        with pytest.raises(ObjectDamaged):
            vault.check(digests.sha256)


def test_an_object_under_anothers_name_is_damage(tmp_path: Path, vault: Vault) -> None:
    put = [vault.put_bytes(data) for data in (b"one", b"two")]
    one, two = stored(tmp_path)
    first, second = one.read_bytes(), two.read_bytes()
    overwrite(one, second)
    overwrite(two, first)
    for digests in put:
        with pytest.raises(ObjectDamaged):
            vault.check(digests.sha256)


@pytest.mark.parametrize("size", [100, 3 * MIB])
def test_a_header_before_what_belongs_to_another_is_damage(tmp_path: Path, vault: Vault, size: int) -> None:
    put = [vault.put_file(written(tmp_path / name, os.urandom(size))) for name in ("one", "two")]
    one, two = stored(tmp_path)
    contents = [path.read_bytes() for path in (one, two)]
    begin = [15 + int.from_bytes(content[13:15]) for content in contents]
    overwrite(one, contents[0][: begin[0]] + contents[1][begin[1] :])
    overwrite(two, contents[1][: begin[1]] + contents[0][begin[0] :])
    for digests in put:
        with pytest.raises(ObjectDamaged):
            vault.check(digests.sha256)


def test_a_large_file_is_read_once(tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    source = written(tmp_path / "source", os.urandom(4 * LIMIT))
    read: list[int] = []
    pread = os.pread

    def counting(*given: Any) -> bytes:
        data = pread(*given)
        read.append(len(data))
        return data

    monkeypatch.setattr(os, "pread", counting)
    digests = vault.put_file(source)
    assert sum(read) == digests.size == 4 * LIMIT


def test_two_segments_exchanged_are_damage(tmp_path: Path, vault: Vault) -> None:
    digests = vault.put_bytes(os.urandom(4 * MIB))
    (path,) = stored(tmp_path)
    content = path.read_bytes()
    stream = 15 + int.from_bytes(content[13:15])  # behind the header, whose last part is the wrapped data key
    one, two = stream + MIB, stream + 2 * MIB
    overwrite(path, content[:one] + content[two : two + MIB] + content[one:two] + content[two + MIB :])
    with pytest.raises(ObjectDamaged):
        vault.check(digests.sha256)


def test_another_holdings_keys_do_not_open_the_vault(tmp_path: Path, vault: Vault) -> None:
    vault.put_bytes(b"evidence")
    with pytest.raises(WrongVault):
        Vault(tmp_path / "vault", Keys(tmp_path / "other keys"))


def test_another_holdings_keys_do_not_open_an_object(tmp_path: Path, vault: Vault) -> None:
    digests = vault.put_bytes(b"evidence")
    (path,) = stored(tmp_path)
    other_keys = Keys(tmp_path / "other keys")
    other = Vault(tmp_path / "other", other_keys)
    name = other_keys.name(digests.sha256)
    target = tmp_path / "other" / place_of(name)
    target.parent.mkdir(parents=True)
    target.write_bytes(path.read_bytes())
    with pytest.raises(ObjectDamaged):
        other.check(digests.sha256)


def test_neither_names_nor_contents_tell_what_is_kept(tmp_path: Path, vault: Vault) -> None:
    digests = vault.put_bytes(b"evidence " * 1000)
    kept = "\n".join(str(path.relative_to(tmp_path)) for path in (tmp_path / "vault").rglob("*"))
    for digest in (digests.sha256, digests.sha1, digests.md5):
        assert digest.hex()[:8] not in kept
    (path,) = stored(tmp_path)
    assert b"evidence" not in path.read_bytes() and digests.sha256 not in path.read_bytes()


def test_an_object_is_read_only_and_its_folders_closed_to_others(tmp_path: Path, vault: Vault) -> None:
    vault.put_bytes(b"evidence")
    (path,) = stored(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o400
    above = path.relative_to(tmp_path).parents
    assert {(tmp_path / folder).stat().st_mode & 0o777 for folder in list(above)[:-1]} == {0o700}


def test_rotation_keeps_old_objects_readable_and_rewrites_none(tmp_path: Path, vault: Vault, keys: Keys) -> None:
    old = vault.put_bytes(b"old")
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in stored(tmp_path)}
    keys.rotate()
    new = vault.put_bytes(b"new")
    again = Vault(tmp_path / "vault", Keys(tmp_path / "keys"))
    again.check(old.sha256)
    again.check(new.sha256)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in before} == before


@pytest.mark.parametrize("size", [64, 4 * LIMIT])
@pytest.mark.parametrize("change", ["grows", "shrinks", "is touched"])
def test_a_file_that_changes_while_read_is_refused(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, size: int, change: str
) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(size))
    happens_at_first_read(monkeypatch, lambda: changed(source, change))
    with pytest.raises(ChangedWhileRead):
        vault.put_file(source)
    assert list(vault.names()) == []


def changed(path: Path, how: str) -> None:
    size = path.stat().st_size
    if how == "is touched":
        os.utime(path, ns=(0, 0))
    else:
        os.truncate(path, size * 2 if how == "grows" else size // 2)


def happens_at_first_read(monkeypatch: pytest.MonkeyPatch, event: Callable[[], None]) -> None:
    """Reads stay real; the event comes just before the first."""
    events = [event]

    def after_event(read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(*given: Any) -> Any:
            while events:
                events.pop()()
            return read(*given)

        return reading

    for name in ("pread", "preadv"):
        monkeypatch.setattr(os, name, after_event(getattr(os, name)))


@pytest.mark.parametrize("second", [b"b" * 4 * LIMIT, b"a" * 3 * LIMIT, b"a" * 5 * LIMIT])
def test_a_file_that_changes_between_its_two_readings_mends_nothing(
    tmp_path: Path, vault: Vault, monkeypatch: pytest.MonkeyPatch, second: bytes
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"a" * 4 * LIMIT)
    has, name_of = vault.has, vault.name

    def then_change(digest: bytes) -> str:
        source.write_bytes(second)
        return name_of(digest)

    monkeypatch.setattr(vault, "name", then_change)
    with pytest.raises(ChangedWhileRead):
        vault.mend(sha256(b"a" * 4 * LIMIT), source)
    monkeypatch.undo()
    assert not has(sha256(b"a" * 4 * LIMIT)) and drafts(tmp_path) == []


def test_links_pipes_and_folders_are_no_sources_and_errors_name_no_file(tmp_path: Path, vault: Vault) -> None:
    (tmp_path / "link-to-secret").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe-secret")
    (tmp_path / "folder-secret").mkdir()
    for name in ("link-to-secret", "pipe-secret", "folder-secret", "missing-secret"):
        with pytest.raises(SourceUnavailable) as caught:
            vault.put_file(tmp_path / name)
        assert "secret" not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize("size", [100, MIB, 4 * MIB])
def test_a_full_disk_says_so_and_leaves_nothing(tmp_path: Path, vault: Vault, size: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))  # the nearest to a full disk that needs no disk
    try:
        with pytest.raises(OSError, match="File too large"):
            vault.put_bytes(bytes(size))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(vault.names()) == [] and drafts(tmp_path) == []


def test_racing_processes_store_one(tmp_path: Path, keys: Keys) -> None:
    data = os.urandom(2 * MIB)
    context = multiprocessing.get_context("fork")
    ready = context.Barrier(3)

    def write() -> None:
        vault = Vault(tmp_path / "vault", Keys(tmp_path / "keys"))
        for number in range(20):
            ready.wait()
            vault.put_bytes(data + bytes([number]))

    processes = [context.Process(target=write) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    vault = Vault(tmp_path / "vault", keys)
    assert len(list(vault.names())) == len(stored(tmp_path)) == 20
    for number in range(20):
        vault.check(sha256(data + bytes([number])))
    assert drafts(tmp_path) == []


def test_threads_may_share_a_vault(vault: Vault) -> None:
    def write() -> None:
        for number in range(20):
            vault.put_bytes(str(number).encode(), deferred=number % 2 == 0)
        vault.sync()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(vault.names())) == 20


def test_a_writer_killed_while_writing_leaves_nothing_after_the_next_start(tmp_path: Path, keys: Keys) -> None:
    program = """if True:
        import os, signal, sys
        from pathlib import Path
        from iimm_pipelines.storage.keys import Keys
        from iimm_pipelines.storage.durable import Desk
        from iimm_pipelines.storage.vault import Vault
        vault = Vault(Path(sys.argv[1]) / "vault", Keys(Path(sys.argv[1]) / "keys"))
        Desk.sync = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
        vault.put_bytes(b"evidence")
    """
    killed = subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    assert killed.returncode == -9 and len(drafts(tmp_path)) == 1
    vault = Vault(tmp_path / "vault", keys)
    assert drafts(tmp_path) == []
    assert not vault.has(sha256(b"evidence"))
    vault.check(vault.put_bytes(b"evidence").sha256)
