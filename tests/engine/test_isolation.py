"""What a worker process can no longer do, seen from inside one, and what is left when it ends."""

import errno
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.engine import isolation
from iimm_pipelines.engine.isolation import WorkerLimits

MIB = 1024 * 1024
FORK = multiprocessing.get_context("fork")


def limits(scratch: Path) -> WorkerLimits:
    return WorkerLimits(memory=64 * MIB, file_bytes=MIB, scratch=scratch)


def in_worker(scratch: Path, ask: Callable[[], Any] | None = None) -> Any:
    """Answer `ask` inside a fresh worker process; without a question, what `enter` says."""
    ours, theirs = FORK.Pipe()

    def work() -> None:
        network = isolation.enter(limits(scratch))
        theirs.send(ask() if ask else network)

    process = FORK.Process(target=work)
    process.start()
    theirs.close()
    answer = ours.recv() if ours.poll(30) else "no answer"
    process.join()
    return answer


def error_of(action: Callable[[], Any]) -> int | None:
    try:
        action()
    except OSError as error:
        return error.errno
    return None


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not alive(pid)


def worker_with_child(scratch: Path, **popen: Any) -> tuple[multiprocessing.process.BaseProcess, int]:
    """A worker that waits for ever, and the number of its child, which does so too."""
    ours, theirs = FORK.Pipe()

    def work() -> None:
        isolation.enter(limits(scratch))
        child = subprocess.Popen(["sleep", "600"], **popen)
        theirs.send(child.pid)
        time.sleep(600)

    process = FORK.Process(target=work)
    process.start()
    assert ours.poll(30)
    return process, ours.recv()


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK])
def test_no_network_socket_opens_in_a_worker(tmp_path: Path, family: int) -> None:
    refused = in_worker(tmp_path, lambda: error_of(lambda: socket.socket(family, socket.SOCK_DGRAM)))
    assert refused in (errno.EACCES, errno.EAFNOSUPPORT)


def test_programs_that_a_worker_starts_reach_nobody(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = f"import socket; socket.create_connection(('127.0.0.1', {server.getsockname()[1]}))"
        run = [sys.executable, "-c", program]
        assert subprocess.run(run, check=False).returncode == 0
        answer = in_worker(tmp_path, lambda: subprocess.run(run, check=False, capture_output=True).stderr)
        assert b"PermissionError" in answer


def test_unix_sockets_still_open(tmp_path: Path) -> None:
    assert in_worker(tmp_path, lambda: error_of(lambda: socket.socket(socket.AF_UNIX))) is None


def test_the_filter_alone_refuses_too(tmp_path: Path) -> None:
    ours, theirs = FORK.Pipe()

    def work() -> None:
        isolation._prctl(isolation._PR_SET_NO_NEW_PRIVS, 1)
        theirs.send((isolation._refuse_sockets(), error_of(socket.socket)))

    process = FORK.Process(target=work)
    process.start()
    assert ours.recv() == (True, errno.EACCES)
    process.join()


def test_enter_says_how_the_network_was_shut(tmp_path: Path) -> None:
    assert in_worker(tmp_path) in set(isolation.Network)


def test_a_memory_hog_gets_a_memory_error(tmp_path: Path) -> None:
    def hog() -> str:
        kept = bytearray(16 * MIB)
        try:
            return f"{len(kept) + len(bytearray(256 * MIB))} bytes"
        except MemoryError:
            return "MemoryError"

    assert in_worker(tmp_path, hog) == "MemoryError"


def test_what_a_tool_took_does_not_count_after_the_limit_is_set_again(tmp_path: Path) -> None:
    def load() -> int:
        tool = bytearray(48 * MIB)
        isolation.limit_memory(64 * MIB)
        return len(tool) + len(bytearray(48 * MIB))

    assert in_worker(tmp_path, load) == 96 * MIB


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    write = (tmp_path / "made").write_bytes
    assert in_worker(tmp_path, lambda: error_of(lambda: write(bytes(2 * MIB)))) == errno.EFBIG


def test_no_core_is_dumped_and_few_files_open(tmp_path: Path) -> None:
    kinds = (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)
    assert in_worker(tmp_path, lambda: [resource.getrlimit(kind) for kind in kinds]) == [(0, 0), (512, 512)]


def test_files_that_a_worker_makes_are_its_own(tmp_path: Path) -> None:
    made = tmp_path / "made"
    in_worker(tmp_path, lambda: made.write_bytes(b""))
    assert made.stat().st_mode & 0o777 == 0o600


def test_no_secret_is_left_in_the_environment(tmp_path: Path) -> None:
    program = """if True:
        import os, subprocess, sys
        from pathlib import Path
        from iimm_pipelines.engine.isolation import WorkerLimits, enter
        enter(WorkerLimits(memory=1 << 28, file_bytes=1 << 20, scratch=Path(sys.argv[1])))
        print(sorted(os.environ))
        print(b"hunter2" in Path("/proc/self/environ").read_bytes())
        print(subprocess.run(["env"], capture_output=True).stdout)
    """
    environment = os.environ | {"PASSWORD": "hunter2"}
    run = subprocess.run([sys.executable, "-c", program, tmp_path], env=environment, capture_output=True, text=True)
    assert run.stdout.splitlines()[:2] == [
        "['HOME', 'LANG', 'LC_ALL', 'OMP_NUM_THREADS', 'ORT_DISABLE_TELEMETRY', 'PATH', 'PYTHONDONTWRITEBYTECODE', "
        "'TMPDIR']",
        "False",
    ]
    assert "hunter2" not in run.stdout


def test_temporary_files_go_to_scratch(tmp_path: Path) -> None:
    tempfile.gettempdir()
    assert in_worker(tmp_path, tempfile.gettempdir) == str(tmp_path)


def test_a_worker_leads_its_own_group_and_session(tmp_path: Path) -> None:
    pid, group, session = in_worker(tmp_path, lambda: (os.getpid(), os.getpgrp(), os.getsid(0)))
    assert pid == group == session != os.getpid()


def test_a_worker_dies_with_its_parent(tmp_path: Path) -> None:
    ours, theirs = FORK.Pipe()

    def parent() -> None:
        def work() -> None:
            isolation.enter(limits(tmp_path))
            theirs.send(os.getpid())
            time.sleep(600)

        FORK.Process(target=work).start()
        time.sleep(600)

    process = FORK.Process(target=parent)
    process.start()
    worker = ours.recv()
    assert alive(worker)
    process.kill()
    assert gone(worker)


def test_a_child_of_a_killed_worker_dies(tmp_path: Path) -> None:
    process, child = worker_with_child(tmp_path, preexec_fn=isolation.preexec)
    process.kill()
    assert gone(child)


def test_end_group_ends_a_child_that_outlived_its_worker(tmp_path: Path) -> None:
    process, child = worker_with_child(tmp_path)
    process.kill()
    process.join()
    assert alive(child)
    isolation.end_group(process.pid or 0)
    assert not alive(child)


def test_end_group_ends_a_child_in_a_group_of_its_own(tmp_path: Path) -> None:
    process, child = worker_with_child(tmp_path, process_group=0)
    isolation.end_group(process.pid or 0)
    assert not alive(child) and not alive(process.pid or 0)


def test_a_child_cannot_leave_the_session_of_its_worker(tmp_path: Path) -> None:
    run = ["setsid", "true"]
    assert subprocess.run(run, check=False).returncode == 0
    assert in_worker(tmp_path, lambda: subprocess.run(run, check=False, stderr=subprocess.DEVNULL).returncode) != 0


def test_end_group_of_a_group_that_is_gone_does_nothing(tmp_path: Path) -> None:
    process = FORK.Process(target=os.setsid)
    process.start()
    process.join()
    isolation.end_group(process.pid or 0)


@pytest.mark.parametrize("pid", [0, 1, os.getpgrp()])
def test_end_group_never_ends_our_own(pid: int) -> None:
    with pytest.raises(ValueError, match="not a worker"):
        isolation.end_group(pid)


def test_descendants_left_sees_orphans_and_then_none(tmp_path: Path) -> None:
    ours, theirs = FORK.Pipe()

    def driver() -> None:
        isolation.adopt_orphans()
        process, child = worker_with_child(tmp_path)
        process.kill()
        process.join()
        before = isolation.descendants_left()
        os.kill(child, signal.SIGKILL)
        gone(child)
        theirs.send((before == [child], isolation.descendants_left()))

    process = FORK.Process(target=driver)
    process.start()
    assert ours.recv() == (True, [])
    process.join()
