"""One Java process for two workers: Java's start, and its growing quick, cost as much as the reading of 300 documents.

Here: which two workers share it, who starts it, and asking it over a socket in the scratch folder that they share.
Not here: what is asked and answered (tika), what runs in Java (TikaWorker.java), limits of time (engine).

What one worker's document does to Java, the other's document meets too. So an answer that does not come is nobody's
fault yet: whoever waits for it asks again, in a Java of its own (tika). Where memory runs out Java ends at once, before a
reader that catches everything can make a loss of text of it. Where a document takes long, the one who asked gives up
after some seconds; Java then ends, since no thread of it can be ended otherwise.

Locks of the kernel say who sits where: two seats to a process, and one lock that lasts as long as the process, which
inherits it. A worker's death gives its seat to another, and takes along the Java that it had started.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SEATS = 2
"""Workers to a process: its memory serves as many documents at once."""
PATIENCE_SECONDS = 15.0
"""How long one answer is waited for, Java's start included. Of 2,500 files of all kinds the longest takes 0.7 s."""
_START_SECONDS = 10.0
_LOOK_SECONDS = 0.01

Start = Callable[[str, int], subprocess.Popen[bytes]]
"""Starts Java in the folder, listening on a socket of this name, with this descriptor inherited."""


class SharedJava:
    """A seat at a Java process that serves another worker too."""

    def __init__(self, folder: Path, start: Start, patience: float = PATIENCE_SECONDS) -> None:
        """Share with whoever else names this folder; only one's own processes must be able to write there."""
        self.folder = folder
        self._start = start
        self._patience = patience
        self._seat: tuple[int, int] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None

    @property
    def started(self) -> subprocess.Popen[bytes] | None:
        """The process, if this seat started it."""
        return self._process

    def ask(self, request: bytes) -> bool:
        """Whether a request was answered. If not, its document may be at fault, or another that is read beside it."""
        try:
            if self._connection is not None and _hung_up(
                self._connection
            ):  # for another's document, or its starter's end
                self._leave()
            if self._connection is None:
                self._connection = self._connected()
            self._connection.sendall(request)
            if self._connection.recv(len(b"done\n"), socket.MSG_WAITALL) == b"done\n":
                return True
        except OSError:  # also TimeoutError
            pass
        self._leave()
        return False

    def begin(self) -> None:
        """Start the process of this seat unless it runs; it is asked later."""
        with suppress(OSError):
            self._start_where_none_runs(self._name())

    def close(self) -> None:
        """Leave the seat, and end the process if it was started from here."""
        self._leave()
        if self._seat is not None:
            os.close(self._seat[1])
            self._seat = None

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _connected(self) -> socket.socket:
        """A connection to the process of this seat, which is started where none runs.

        Raises:
            OSError: it does not start.
        """
        name = self._name()
        deadline = time.monotonic() + _START_SECONDS
        while True:
            if (connection := self._connection_to(name)) is not None:
                return connection
            self._start_where_none_runs(name)
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(_LOOK_SECONDS)

    def _name(self) -> str:
        if self._seat is None:
            self._seat = self._taken_seat()
        return f"java-{self._seat[0]}"

    def _taken_seat(self) -> tuple[int, int]:
        return next((number, lock) for number in itertools.count() for seat in range(SEATS)
                    if (lock := self._locked(f"java-{number}.seat-{seat}")) is not None)  # fmt: skip

    def _start_where_none_runs(self, name: str) -> None:
        lock = self._locked(f"{name}.runs")
        if lock is None:
            return
        try:
            if self._process is not None:
                raise ChildProcessError("Java ended as it started")
            (self.folder / name).unlink(missing_ok=True)
            self._process = self._start(name, lock)
        finally:
            os.close(lock)  # Java holds it now

    def _connection_to(self, name: str) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self._patience)
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{name}")  # a socket's path is 107 bytes long at most (unix(7))
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            return None
        finally:
            os.close(folder)
        return connection

    def _locked(self, name: str) -> int | None:
        """A descriptor that holds the lock of this name, if nobody else does."""
        lock = os.open(self.folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return lock
        os.close(lock)
        return None


def _hung_up(connection: socket.socket) -> bool:
    """Whether the other end has gone: it says nothing unasked."""
    waiting = select.poll()
    waiting.register(connection, select.POLLIN)
    return bool(waiting.poll(0))
