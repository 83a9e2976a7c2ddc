"""The embedded search server: one real OpenSearch node with its security plugin, on loopback.

Here: a node's folder and account, starting and stopping it, and clients for its three kinds of users: admin, ingest,
and readers by token.
Not here: its program (layout), its certificates and settings (node_settings), what is indexed (mapping, analyser), what
is asked (query), who holds which marks (access).
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from iimm_pipelines.search import node_settings
from iimm_pipelines.search.layout import NodeError, find_java, home_in, laid_out, lay_out, locked
from iimm_pipelines.search.node_settings import LOOPBACK, Secrets

if TYPE_CHECKING:
    from opensearchpy import OpenSearch

__all__ = ["Node", "NodeError", "home_in", "lay_out", "reachable_place", "usable_mark"]

SERVER_ACCOUNT = "opensearch"
TRANSPORT_OFFSET = 100
"""The transport port is the HTTP port and this."""

READER_ROLE = "role:reader"
_CONNECTIONS = 4
"""That a client keeps: with fewer than ask at once, each request of the others begins with a handshake."""
SMALL_NODE = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Java options below 2 GB of heap, against Java's own choice on two busy cores: starts in 10 instead of 18 CPU seconds,
rests at 380 instead of 490 MB, and indexes the first 30,000 documents 1.7 times as fast. Larger nodes run long enough
to earn the optimising compiler."""
_SMALL_MB, _LARGE_MB = 512, 2048
_HOLDS_MUCH_BYTES = 256 << 20
"""What some 300,000 segments take."""
_ROOM_FOR_LARGE_BYTES = 7 << 30
_COUNTS_WHAT_IS_ASKED_FOR = "-Eindices.breaker.total.use_real_memory=false"
"""To a small node: its heap is full of what the serial collector has not taken away yet, for which OpenSearch would
refuse requests that there is room for (it did so to a load of a million segments)."""


@dataclass(frozen=True, slots=True)
class _Account:
    """The user and group that the server runs as; `switch` when that is another than ours."""

    uid: int
    gid: int

    def __str__(self) -> str:
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:  # as in a container started with a bare number
            return str(self.uid)

    @property
    def switch(self) -> bool:
        return self.uid != os.geteuid()

    def first_closed(self, paths: Sequence[Path]) -> Path | None:
        """The first of the paths, from the root down, that this account may not read and enter."""
        if not self.switch:
            return next((path for path in paths if not os.access(path, os.R_OK | os.X_OK)), None)
        for path in paths:
            # The kernel's own answer, with access lists: asked by a process that is that account.
            for part in [*reversed(path.parents), path]:
                probe = subprocess.run(
                    ["test", "-x", part], user=self.uid, group=self.gid, extra_groups=[], cwd="/", check=False
                )
                if probe.returncode != 0:
                    return part
        return None


def _server_account() -> _Account:
    """Ours, or `opensearch` (made if absent) where we are root: OpenSearch refuses to run as root."""
    if os.geteuid() != 0:
        return _Account(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", SERVER_ACCOUNT], check=True)
        entry = pwd.getpwnam(SERVER_ACCOUNT)
    return _Account(entry.pw_uid, entry.pw_gid)


def _existing_part(path: Path) -> Path:
    return next(part for part in [path.absolute(), *path.absolute().parents] if part.exists())


def _refuse_closed(account: _Account, *paths: Path) -> None:
    closed = account.first_closed(paths)
    if closed is not None:
        raise NodeError(
            f"{closed} is closed to user {account}, which the search server runs as (it refuses root). Let others pass "
            f"through it (chmod o+x), or name a folder elsewhere, on a volume as well protected."
        )


def reachable_place(folder: Path) -> Path:
    """`folder`, or where the server's account cannot get there (root's home is closed), one below /var/lib/iimm.

    For the layout, which is public, and for samples and tests. An index holds evidence in clear: a real holding's
    must not move to another, perhaps unencrypted, volume unasked, so that `Node` refuses and never moves.
    """
    folder = folder.absolute()
    if _server_account().first_closed([_existing_part(folder)]) is None:
        return folder
    open_place = Path("/var/lib/iimm")
    open_place.mkdir(exist_ok=True)
    open_place.chmod(0o755)  # whatever the umask
    return open_place / f"{folder.name}-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"


def usable_mark(mark: str) -> bool:
    r"""Whether an access mark can be a role in a reader's token.

    OpenSearch pastes roles between quotes into the document-level query without escaping, replaces `${...}` in them,
    and trims them. So: 1 to 100 printable characters, none of `"\,${}`, no space at the ends, and not what gives access
    as such (`role:`).
    """
    plain = mark.isprintable() and mark == mark.strip() and 0 < len(mark) <= 100
    return plain and not mark.startswith("role:") and not set(mark) & set('"\\,${}')


def fitting_heap_mb(data: Path, room_bytes: int | None = None) -> int:
    """The memory that a node begins with, by what its folder `data` holds and by the machine's memory."""
    room = room_bytes or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    held = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    return _LARGE_MB if held > _HOLDS_MUCH_BYTES and room >= _ROOM_FOR_LARGE_BYTES else _SMALL_MB


class Node:
    """One search server: program in `home` (shared), and config, data, logs, tmp and private in `folder` (its own).

    The server's account owns config, data, logs and tmp; it can neither list `folder` nor read `private`, where the
    secrets are. Everything stands on loopback: HTTP on `http_port`, transport on `http_port` + 100.
    """

    def __init__(self, home: Path, folder: Path, http_port: int) -> None:
        """Name a node; nothing is touched before `configure` or `start`."""
        self.home = home.absolute()
        self.folder = folder.absolute()
        self.http_port = http_port
        self._process: subprocess.Popen[bytes] | None = None
        self._readers: dict[tuple[str, tuple[str, ...], int, str], tuple[OpenSearch, int]] = {}

    @property
    def configured(self) -> bool:
        """Whether `configure` was done for this folder."""
        return (self._private / "secrets.json").is_file()

    @property
    def _private(self) -> Path:
        return self.folder / "private"

    def configure(self) -> None:
        """Make certificates, passwords, token key and security settings in `folder`, which must be absent or empty.

        Raises:
            NodeError: `folder` holds something, or the server's account could not reach it.
        """
        account = _server_account()
        _refuse_closed(account, _existing_part(self.folder.parent))
        if self.folder.exists() and any(self.folder.iterdir()):
            raise NodeError(f"{self.folder} is not empty: a node is configured once, in a folder of its own")
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        partial = self.folder.with_name(f".{self.folder.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        for name in ("config", "data", "logs", "tmp", "private"):
            (partial / name).mkdir(mode=0o700)
        node_settings.write_certificates(partial / "config", partial / "private")
        made = Secrets.made()
        made.write(partial / "private")
        node_settings.write_settings(partial / "config", made)
        if account.switch:
            for name in ("config", "data", "logs", "tmp"):
                for path in [partial / name, *(partial / name).rglob("*")]:
                    os.chown(path, account.uid, account.gid, follow_symlinks=False)
            os.chown(partial, -1, account.gid)
            partial.chmod(0o710)
        partial.rename(self.folder)

    def start(self, timeout_s: float = 180, *, heap_mb: int | None = None) -> None:
        """Start the server, detached from us, and wait until it answers; where it runs already, only wait.

        Unless `heap_mb` says it, a node that holds much gets 2 GB of memory, where the machine has 7, and others 512 MB.

        Raises:
            NodeError: not laid out or configured, no usable Java, a port in use, a folder closed to the server's
                account, or no answer in time (then it is left running: it may only be slow).
        """
        if not self.configured:
            raise NodeError(f"{self.folder} is not configured")
        with locked(self._private / "start.lock"):
            if not self.running():
                self._launch(heap_mb or fitting_heap_mb(self.folder / "data"))
        self.wait_ready(timeout_s)

    def _launch(self, heap_mb: int) -> None:
        if not laid_out(self.home):
            raise NodeError(f"the search server is not laid out in {self.home}")
        java = find_java()
        account = self._owner()
        _refuse_closed(account, self.home / "lib", self.folder / "data", java)
        for port in (self.http_port, self.http_port + TRANSPORT_OFFSET):
            _refuse_taken(port)
        # Outside the server's own folders: root must not open what another account could have made a link of.
        node_settings.write_private(self._private / "console.txt", b"")
        with (self._private / "console.txt").open("wb") as console:
            self._process = subprocess.Popen(
                self._command(java, heap_mb),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                cwd=self.folder / "tmp" if not account.switch else "/",
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},
                start_new_session=True,
                umask=0o077,
                user=account.uid if account.switch else None,
                group=account.gid if account.switch else None,
                extra_groups=[] if account.switch else None,
            )
        node_settings.write_private(self._private / "node.pid", str(self._process.pid).encode())

    def _command(self, java: Path, heap_mb: int) -> list[str]:
        """The command line; every account of the machine can read it, so no secret is in it."""
        temporary = self.folder / "tmp"
        return [
            str(java),
            f"-Xms{heap_mb}m",
            f"-Xmx{heap_mb}m",
            *(SMALL_NODE if heap_mb < _LARGE_MB else ("-XX:+UseG1GC",)),
            "-XX:+ExitOnOutOfMemoryError",
            # No copies of memory, which holds evidence, and no file outside our folder.
            "-XX:-CreateCoredumpOnCrash",
            "-XX:-UsePerfData",
            f"-XX:ErrorFile={self.folder / 'logs' / 'crash-%p.log'}",
            f"-Djava.io.tmpdir={temporary}",
            f"-Djna.tmpdir={temporary}",
            "-Djna.nosys=true",
            "-Dfile.encoding=UTF-8",
            "-Djava.awt.headless=true",
            "-Dio.netty.noUnsafe=true",
            "-Dio.netty.noKeySetOptimization=true",
            "-Dlog4j.shutdownHookEnabled=false",
            "-Dlog4j2.disable.jmx=true",
            "-Dlog4j2.formatMsgNoLookups=true",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "-Djava.security.manager=allow",
            f"-Dopensearch.path.home={self.home}",
            self._identity,
            "-Dopensearch.distribution.type=tar",
            "-Dopensearch.bundled_jdk=false",
            "-cp",
            f"{self.home}/lib/*",
            "org.opensearch.bootstrap.OpenSearch",
            *((_COUNTS_WHAT_IS_ASKED_FOR,) if heap_mb < _LARGE_MB else ()),
            f"-Epath.data={self.folder / 'data'}",
            f"-Epath.logs={self.folder / 'logs'}",
            f"-Ehttp.port={self.http_port}",
            f"-Etransport.port={self.http_port + TRANSPORT_OFFSET}",
        ]

    @property
    def _identity(self) -> str:
        """The argument by which a process is known to be this node's server and no other that got its number."""
        return f"-Dopensearch.path.conf={self.folder / 'config'}"

    def _owner(self) -> _Account:
        """The account that owns the data, whoever starts it."""
        about = (self.folder / "data").stat()
        if about.st_uid == 0 or os.geteuid() not in (0, about.st_uid):
            raise NodeError(
                f"the search server cannot run as the owner of {self.folder / 'data'}: start it as root or as that "
                f"owner, and after restoring a copy give config, data, logs and tmp back to user {SERVER_ACCOUNT}"
            )
        return _Account(about.st_uid, about.st_gid)

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until the server answers a logged-in user and every index can be searched.

        It opens its port first, says 503 or 401 until the security settings are loaded, and 408 while shards load.

        Raises:
            NodeError: it ended, or the time is over.
        """
        deadline = time.monotonic() + timeout_s
        logs = self.folder / "logs"
        while not self._answers():
            if not self.running():
                raise NodeError(f"the search server ended; see {logs} and {self._private / 'console.txt'}")
            if time.monotonic() > deadline:
                raise NodeError(f"no answer within {timeout_s:.0f} s: slow, or an index is damaged; see {logs}")
            time.sleep(0.5)

    def _answers(self) -> bool:
        # Not by opensearch-py, which logs each refusal with its traceback.
        trust = ssl.create_default_context(cafile=str(self._private / "ca.pem"))
        connection = http.client.HTTPSConnection(LOOPBACK, self.http_port, timeout=10, context=trust)
        login = base64.b64encode(f"admin:{self._secrets().admin}".encode()).decode("ascii")
        try:
            connection.request(
                "GET", "/_cluster/health?wait_for_status=yellow&timeout=2s", headers={"Authorization": f"Basic {login}"}
            )
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self, timeout_s: float = 60) -> None:
        """End the server, by force after `timeout_s`; returns when its process is gone. Nothing to do: no error."""
        pid = self._pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            if not self._gone_within(timeout_s):
                os.kill(pid, signal.SIGKILL)
                if not self._gone_within(timeout_s):
                    raise NodeError(f"process {pid} of the search server cannot be ended")
        (self._private / "node.pid").unlink(missing_ok=True)

    def _gone_within(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while self.running():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def running(self) -> bool:
        """Whether the server's process lives, started by us or by another."""
        return self._pid() is not None

    def _pid(self) -> int | None:
        # the child that lives is ours, whatever /proc says of it: its command line is empty for a moment after its start
        if self._process is not None and self._process.poll() is None:
            return self._process.pid
        try:
            pid = int((self._private / "node.pid").read_text(encoding="ascii"))
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return pid if os.fsencode(self._identity) in arguments else None

    def client(self, user: Literal["admin", "ingest"]) -> OpenSearch:
        """A client of one of the node's own users: `ingest` may do all with indices `iimm-*`, and nothing else."""
        made = self._secrets()
        password = made.admin if user == "admin" else made.ingest
        login = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        return self._client(f"Basic {login}")

    def reader_client(self, subject: str, marks: Sequence[str], lifetime_s: int = 300) -> OpenSearch:
        """A client that sees of `iimm-*` only documents all of whose marks are in `marks`, for `lifetime_s` seconds.

        `subject` is who reads, as the audit log names them. The same client is given for half of that time: a new one
        shakes hands anew, which takes longer than most searches.

        Raises:
            ValueError: a mark that cannot be a role (see `usable_mark`).
        """
        import jwt

        if not all(usable_mark(mark) for mark in marks):
            raise ValueError("a mark holds characters that are not allowed, or begins with 'role:'")
        now = int(time.time())
        jwt_key = self._secrets().jwt_key
        asked = (subject, tuple(marks), lifetime_s, jwt_key)
        made, until = self._readers.get(asked, (None, 0))
        if made is not None and now < until:
            return made
        self._readers = {who: kept for who, kept in self._readers.items() if now < kept[1]}
        claims = {"sub": subject, "roles": [READER_ROLE, *marks], "iat": now, "exp": now + lifetime_s}
        key = base64.b64decode(jwt_key)
        made = self._client(f"Bearer {jwt.encode(claims, key, algorithm='HS512')}")
        self._readers[asked] = (made, now + lifetime_s // 2)
        return made

    def _client(self, authorization: str) -> OpenSearch:
        from opensearchpy import OpenSearch

        return OpenSearch(
            hosts=[{"host": LOOPBACK, "port": self.http_port}],
            use_ssl=True,
            verify_certs=True,
            ca_certs=str(self._private / "ca.pem"),
            headers={"Authorization": authorization},
            timeout=60,
            pool_maxsize=_CONNECTIONS,
        )

    def _secrets(self) -> Secrets:
        return Secrets.read(self._private)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise NodeError(f"port {port} is in use: end what uses it, or choose another search port") from None
