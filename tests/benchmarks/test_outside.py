"""Watching a command from outside: a real strace of a command that does what it should not."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

import pytest

from benchmarks.outside import Watched, watched

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def run(tmp_path: Path, program: str, *, own: str = "own", ports: tuple[int, ...] = ()) -> Watched:
    (tmp_path / "own").mkdir()
    (tmp_path / "other").mkdir()
    command = [sys.executable, "-c", program]
    return watched(command, tmp_path / "trace", own=[tmp_path / own], ports=ports)


@needs_strace
def test_what_is_written_below_its_own_folder_is_not_named(tmp_path: Path) -> None:
    seen = run(tmp_path, f"open({str(tmp_path / 'own' / 'a')!r}, 'w').write('a')")
    assert (seen.status, seen.outside, seen.connections) == (0, {}, {})


@needs_strace
def test_a_file_elsewhere_is_named_whether_by_path_or_below_an_open_folder(tmp_path: Path) -> None:
    other = tmp_path / "other"
    program = (
        f"import os; d = os.open({str(other)!r}, os.O_RDONLY); os.mkdir('b', dir_fd=d); os.chdir(d); open('c', 'w')"
    )
    assert set(run(tmp_path, program).outside) == {str(other / "b"), str(other / "c")}


@needs_strace
def test_a_connection_is_named_unless_it_goes_to_a_port_that_was_allowed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        ports = [s.getsockname()[1] for s in (one, two)]
        program = f"import socket; [socket.create_connection(('127.0.0.1', p)) for p in {ports}]"
        assert run(tmp_path, program, ports=(ports[0],)).connections == {f"127.0.0.1:{ports[1]}": 1}
