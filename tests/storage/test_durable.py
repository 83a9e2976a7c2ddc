"""Files appear whole, drafts of the dead go, drafts of the living stay."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from iimm_pipelines.storage.durable import draft, make_folder, sweep, write_atomic


def test_bytes_and_pieces_are_written(tmp_path: Path) -> None:
    write_atomic(tmp_path / "whole", b"one two")
    write_atomic(tmp_path / "pieces", iter([b"one ", b"two"]))
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "pieces").read_bytes() == b"one two"


def test_a_file_is_its_owners_only_unless_said(tmp_path: Path) -> None:
    write_atomic(tmp_path / "default", b"")
    write_atomic(tmp_path / "sealed", b"", mode=0o400)
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in ("default", "sealed")] == [0o600, 0o400]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"new"
        raise RuntimeError

    path = tmp_path / "file"
    write_atomic(path, b"old")
    with pytest.raises(RuntimeError):
        write_atomic(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_never_replaces(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content, expected in ((b"first", True), (b"second", False)):
        with draft(tmp_path) as new:
            new.file.write(content)
            assert new.link(path) is expected
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_folders_are_made_with_those_above_and_closed_to_others(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700, 0o700]


def test_the_sweep_removes_only_what_dead_writers_left(tmp_path: Path) -> None:
    program = """if True:
        import os, signal, sys
        from pathlib import Path
        from iimm_pipelines.storage.durable import draft
        with draft(Path(sys.argv[1]), 0o400):
            os.kill(os.getpid(), signal.SIGKILL)
    """
    subprocess.run([sys.executable, "-c", program, tmp_path], check=False)
    (tmp_path / "other").touch()
    assert len(list(tmp_path.iterdir())) == 2
    with draft(tmp_path) as living:
        assert sweep(tmp_path) == 1
        living.file.write(b"still here")
        living.replace(tmp_path / "done")
    assert {path.name for path in tmp_path.iterdir()} == {"other", "done"}
