"""A command, watched from outside by strace: what it connected to, and what it changed outside its own folders.

Here: running it under strace, and reading the trace.
Not here: what the command does (benchmarks.coverage).

Workers' own filters refuse sockets before strace could stop at them: of a worker, a refused socket is not seen, but a
look into the resolver's files is, which comes before every connection by name.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_CHANGES = ("creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
            "unlink", "unlinkat", "truncate")  # fmt: skip
_CALLS = ("socket", "connect", "sendto", "open", "openat", *_CHANGES)
_CALL = re.compile(r"^\d+(?:<(.*?)>)? +(\w+)\((.*)$")
_QUOTED = re.compile(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"')
_LOOK_UP = "/etc/resolv.conf"
_OWN_NAME = frozenset({"tesseract"})
"""Programs that only look up this machine's own name, as a library that they are linked with (libldap) is loaded."""
_NO_FILES = re.compile(r"/dev/(?:null|tty|shm/(?:sem\.|iimm|pym|psm_).*)|/proc/(?:self|\d+)/.*")
"""What is no file on a disk: semaphores of processes that talk to each other, and the kernel's own."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen. Paths and addresses with how often."""

    status: int
    output: str
    connections: Mapping[str, int]
    """To addresses of the internet families; names that were looked up count as one."""
    outside: Mapping[str, int]
    """Files and folders opened for writing, made, moved or removed, outside what was allowed."""


def watched(command: Sequence[str], trace: Path, *, own: Sequence[Path], ports: Sequence[int] = ()) -> Watched:
    """Run a command to its end. It may change what lies below `own`, and connect to `ports` on loopback."""
    calls = ",".join(_CALLS)
    # stops at these calls only (--seccomp-bpf): at each and every one, a run takes ten times as long
    strace = ["strace", "-f", "-qq", "-y", "-Y", "--seccomp-bpf", "-s", "4096", "-e", f"trace={calls}", "-e", "signal=none",
              "-o", str(trace)]  # fmt: skip
    temporary = trace.with_suffix(".tmp")
    temporary.mkdir(exist_ok=True)
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([*strace, *command], capture_output=True, text=True, check=False, env=environment)
    with trace.open(encoding="utf-8", errors="replace") as lines:
        connections, outside = read_trace(lines, own=[*own, temporary], ports=ports)
    return Watched(done.returncode, (done.stdout + done.stderr)[-2000:], connections, outside)


def read_trace(lines: Iterator[str], *, own: Sequence[Path], ports: Sequence[int]) -> tuple[Counter[str], Counter[str]]:
    """Connections, and changes outside `own`, in a trace by `strace -f -y -Y`."""
    connections: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for line in lines:
        said = _CALL.match(line)
        if not said:
            continue
        program, call, rest = said.groups()
        if call in ("connect", "sendto"):
            if (address := _address(rest)) and not any(address == f"127.0.0.1:{port}" for port in ports):
                connections[address] += 1
        elif call == "socket":
            continue
        elif call in ("open", "openat") and not any(flag in rest for flag in ("O_WRONLY", "O_RDWR", "O_CREAT")):
            if f'"{_LOOK_UP}"' in rest and program not in _OWN_NAME:
                connections[f"{program or 'a program'} looked up a name"] += 1
        elif " = -1 " not in rest:
            for path in _paths(rest):
                if not _NO_FILES.fullmatch(path) and not any(Path(path).is_relative_to(o) for o in own):
                    outside[path] += 1
    return connections, outside


def _address(rest: str) -> str | None:
    if "AF_INET" not in rest:
        return None
    port = re.search(r"sin6?_port=htons\((\d+)\)", rest)
    host = re.search(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"', rest)
    where = next(filter(None, host.groups()), "?") if host else "?"
    return f"{where}:{port[1] if port else '?'}"


def _paths(rest: str) -> Iterator[str]:
    for folder, name in _QUOTED.findall(rest):
        yield os.path.normpath(name if name.startswith("/") or not folder else f"{folder}/{name}")
