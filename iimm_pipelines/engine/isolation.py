"""What a worker process does to itself before it touches evidence. Linux only.

Here: process group, death with the parent, no network, limits of memory and files, a clean environment; ending a
worker's group from outside, and finding what is left.
Not here: when workers start and how long they may take (engine/workers).

The network is shut twice. A filter in the kernel (seccomp) refuses every socket but Unix ones, to the worker and to all
that it starts, needs no privilege and works inside containers. Where the process may, it also moves to a network
namespace without interfaces.
"""

import ctypes
import errno
import fcntl
import multiprocessing
import os
import platform
import resource
import signal
import struct
import tempfile
import time
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000
_SECCOMP_SET_MODE_FILTER = 1
_SECCOMP_FILTER_FLAG_TSYNC = 1
_IO_URING_SETUP = 425
_END_SECONDS = 5.0
_RESIDENT = 17
"""Where the resident pages stand behind the session in proc_pid_stat(5): field 24."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_LONGEST_STAT = 4096
"""Bytes: 52 numbers of at most 20 digits, and a name."""

_libc = ctypes.CDLL(None, use_errno=True)
_scratch: Path | None = None


class Network(StrEnum):
    """How the network was shut; belongs into the record of the environment."""

    NAMESPACE_AND_FILTER = "network namespace and socket filter"
    NAMESPACE = "network namespace"
    FILTER = "socket filter"


class NetworkOpen(Exception):
    """This system offers no way to shut the network for a worker, so no worker starts."""


class GroupOutlivesKill(Exception):
    """Processes of a worker's group were still there after SIGKILL: stuck in the kernel, usually on a dead disk."""


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """What a worker may take. `memory`: bytes beyond what it has now; `file_bytes`: size of one file it writes."""

    memory: int
    file_bytes: int
    scratch: Path
    open_files: int = 512


@dataclass(frozen=True, slots=True)
class _Machine:
    """Numbers that differ by processor: how the kernel names it in filters, and three of its system calls."""

    audit: int
    socket: int
    seccomp: int
    setsid: int


_MACHINES = {"x86_64": _Machine(0xC000003E, 41, 317, 112), "aarch64": _Machine(0xC00000B7, 198, 277, 157)}


def enter(limits: WorkerLimits) -> Network:
    """Make this process a worker: leader of a session and group of its own, without network, secrets or much room.

    Raises:
        NetworkOpen: the network cannot be shut here.
    """
    parent = os.getppid()
    if os.getpgrp() != os.getpid():
        os.setsid()
    os.umask(0o077)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    network = _shut_network()
    _die_with_parent(parent)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, limits.file_bytes)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _clean_environment(limits.scratch)
    limit_memory(limits.memory)
    global _scratch
    _scratch = limits.scratch
    return network


def shared_scratch() -> Path | None:
    """In a worker: the folder that it shares with the other workers of its pool, and with nobody else."""
    return _scratch


def limit_memory(budget: int) -> None:
    """Let this process take `budget` bytes more than it has now; beyond, it gets MemoryError.

    Call again after loading a tool, so that the tool does not count. Only the soft limit is set, so that this can.
    """
    status = Path("/proc/self/status").read_text()
    kibibytes = int(status.partition("VmData:")[2].split(maxsplit=1)[0])
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = kibibytes * 1024 + budget
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def preexec() -> None:
    """Let a worker's child die with the worker: pass as `preexec_fn` of a subprocess."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_group(pid: int) -> None:
    """Kill what is left of the group and the session that worker `pid` led; nothing left is fine.

    Call it when the worker's end is seen, not later: once its group is empty, the kernel may give the number away.

    Raises:
        GroupOutlivesKill: some processes cannot be killed.
    """
    if pid <= 1 or pid in (os.getpgrp(), os.getsid(0)):
        raise ValueError("not a worker's group")
    deadline = time.monotonic() + _END_SECONDS
    while members := _members(pid):  # again and again, since members may start others meanwhile
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        for member in members:
            with suppress(ProcessLookupError):
                os.kill(member, signal.SIGKILL)
        if time.monotonic() > deadline:
            raise GroupOutlivesKill(f"{len(members)} processes of group {pid} do not end")
        time.sleep(0.005)


@dataclass(frozen=True, slots=True)
class Children:
    """What a worker has started and still lives: how many processes, and the memory that they hold, in bytes."""

    processes: int
    memory: int


def children_of(workers: Container[int]) -> dict[int, Children]:
    """What each of these workers, the leaders of their sessions, has started; those that started nothing are left out."""
    found: dict[int, Children] = {}
    for process in _processes():
        if process.session in workers and process.pid != process.session:
            before = found.get(process.session, Children(0, 0))
            found[process.session] = Children(before.processes + 1, before.memory + process.memory)
    return found


def adopt_orphans() -> None:
    """Become the parent of all descendants whose own parent ends, so that `descendants_left` sees them too."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def descendants_left() -> list[int]:
    """List the living descendants of this process, without the two servants that multiprocessing keeps."""
    from multiprocessing import forkserver, resource_tracker

    children: dict[int, list[int]] = {}
    for process in _processes():
        children.setdefault(process.parent, []).append(process.pid)
    found: list[int] = []
    look = [os.getpid()]
    while look:
        below = children.get(look.pop(), [])
        found += below
        look += below
    servants = {
        getattr(getattr(forkserver, "_forkserver", None), "_forkserver_pid", None),
        getattr(getattr(resource_tracker, "_resource_tracker", None), "_pid", None),
    }
    return sorted(set(found) - servants)


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    group: int
    session: int
    memory: int
    """Bytes that are in memory now (pages shared with others count for each)."""


def _processes() -> Iterator[_Process]:
    """All processes that live; the dead whose parent has not yet looked are left out.

    Each second of a stage looks at all of them: without `Path` 500 take 6 ms, not 50.
    """
    for name in os.listdir("/proc"):  # noqa: PTH208
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb", 0) as file:  # noqa: PTH123
                said = file.read(_LONGEST_STAT)
            # The name before the last bracket may itself hold brackets and blanks (proc_pid_stat(5)).
            state, parent, group, session, *more = said.rpartition(b")")[2].split()
        except (OSError, ValueError):
            continue
        if state not in (b"Z", b"X"):
            yield _Process(int(name), int(parent), int(group), int(session), int(more[_RESIDENT]) * _PAGE)


def _members(pid: int) -> list[int]:
    return [process.pid for process in _processes() if pid in (process.group, process.session)]


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _die_with_parent(parent: int) -> None:
    """After the namespace: new credentials make the kernel forget the signal.

    The parent is multiprocessing's fork server, which lives on until its last child has ended. So the kernel is also
    asked to kill us when the pipe closes that the driver holds open: a thread that waits for that would be held up by
    code that keeps the interpreter's lock.
    """
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    driver = multiprocessing.parent_process()
    if driver is not None:
        pipe = driver.sentinel
        fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if os.getppid() != parent or (driver is not None and not driver.is_alive()):
        os._exit(1)  # it ended before the signal was asked for


def _shut_network() -> Network:
    own_namespace = _libc.unshare(_CLONE_NEWNET) == 0
    filtered = _refuse_sockets()
    if own_namespace and filtered:
        return Network.NAMESPACE_AND_FILTER
    if own_namespace:
        return Network.NAMESPACE
    if filtered:
        return Network.FILTER
    raise NetworkOpen("neither a network namespace nor a socket filter is allowed here: run on a kernel with seccomp")


def _refuse_sockets() -> bool:
    """Have the kernel answer EACCES to every socket that is not a Unix one, and to a new session; say whether it will."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = ctypes.create_string_buffer(_socket_filter(machine))
    header = ctypes.create_string_buffer(struct.pack("HP", len(program) // 8, ctypes.addressof(program)))
    answer = _libc.syscall(machine.seccomp, _SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC, header)
    return bool(answer == 0)


def _socket_filter(machine: _Machine) -> bytes:
    """Write the filter in the kernel's classic BPF, over its `struct seccomp_data` (seccomp(2)).

    Refused besides: other calling conventions, which number their calls differently; io_uring, which opens sockets
    without a call; a session of its own, by which a child would outlive the end of its worker's.
    """
    load, equal, at_least, answer = 0x20, 0x15, 0x35, 0x06
    number_at, processor_at, first_argument_at = 0, 4, 16
    allow, refuse = 0x7FFF0000, 0x00050000 | errno.EACCES
    x32_calls = 0x40000000
    steps = [
        (load, 0, 0, processor_at),
        (equal, 0, 8, machine.audit),  # else refuse
        (load, 0, 0, number_at),
        (at_least, 6, 0, x32_calls),
        (equal, 5, 0, _IO_URING_SETUP),
        (equal, 4, 0, machine.setsid),
        (equal, 0, 2, machine.socket),  # else allow
        (load, 0, 0, first_argument_at),
        (equal, 0, 1, 1),  # AF_UNIX, else refuse
        (answer, 0, 0, allow),
        (answer, 0, 0, refuse),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (most, most))


def _clean_environment(scratch: Path) -> None:
    path = os.environ.get("PATH", os.defpath)
    os.environ.clear()
    os.environ.update(
        PATH=path,
        LANG="C.UTF-8",
        LC_ALL="C.UTF-8",
        HOME=str(scratch),
        TMPDIR=str(scratch),
        OMP_NUM_THREADS="1",  # one worker for each processor is the parallelism; threads would multiply it
        PYTHONDONTWRITEBYTECODE="1",  # what it starts writes nothing outside scratch
        ORT_DISABLE_TELEMETRY="1",  # onnxruntime reports to its maker unless told otherwise before it is loaded
    )
    tempfile.tempdir = None  # it may remember a folder outside scratch
    # Clearing leaves what the process was started with readable in /proc/self/environ (fields 50, 51 of its stat).
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[47]), int(fields[48])
    if start < end:
        ctypes.memset(start, 0, end - start)
