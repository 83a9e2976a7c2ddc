"""Office and other documents by Apache Tika, in a Java process.

Here: laying Tika out, starting the process, and its answers as metadata, segments and members.
Not here: what is read inside Java (TikaWorker.java), how workers share it (shared_java), limits of time (engine).

At set-up Java writes down the classes that a rehearsal loads (TikaRehearsal.java), read and verified: the first document
then takes half the processor time (0.66 s, not 1.25), the first ten 1.3 s, not 2.3. The archive fits one build of Java
alone; another passes it over, and starts as slowly as without.
"""

from __future__ import annotations

import base64
import ctypes
import hashlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from iimm_pipelines.engine.outcome import Reason
from iimm_pipelines.formats.parsed import (
    FileKind,
    Limits,
    Member,
    Parsed,
    Relation,
    Segment,
    clean,
    pieces,
    worst,
)
from iimm_pipelines.formats.shared_java import SharedJava

_SOURCES = tuple(Path(__file__).with_name(name) for name in ("TikaWorker.java", "TikaRehearsal.java"))
_RECIPE = Path(__file__).resolve().parents[2] / "infra" / "tika"
_JAR = "tika-server-standard-3.3.2.jar"
_WORKER = "worker.jar"
_ARCHIVE = "classes.jsa"
_USED = frozenset({"tika"})
_OUT_OF_MEMORY = 77
_JAVA = (
    "java", "-Xms128m", "-Xmx512m", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.awt.headless=true",
    "-Dfile.encoding=UTF-8", "-Duser.timezone=UTC", "-Duser.language=en",
    # The large logger loads 600 classes in order to say nothing.
    "-Dlog4j2.loggerContextFactory=org.apache.logging.log4j.simple.SimpleLoggerContextFactory",
    "-Dorg.apache.logging.log4j.simplelog.level=OFF",
    # Java says on its standard output, where answers are awaited, that an archive is not its own.
    "-Xlog:disable",
    # Names of hosts are known by no file and asked of no server: a logger inside asks for this machine's at each start.
    "-Djdk.net.hosts.file=/dev/null",
    # No files but those that are asked for.
    "-XX:-UsePerfData", "-XX:ErrorFile=/dev/null", "-XX:-CreateCoredumpOnCrash",
)  # fmt: skip
_SHARED = "-XX:+ExitOnOutOfMemoryError"
_RELATIONS = {"INLINE": Relation.INLINE, "ATTACHMENT": Relation.ATTACHMENT}
_OWN_METADATA = ("X-TIKA:", "Content-Length", "resourceName")
_SWALLOWED = "X-TIKA:EXCEPTION:"
"""Names under which Tika keeps what one of its parsers threw and another caught: a document may end without its text."""
_LIMIT_OF_ITS_OWN = ("zip bomb", "JAXP0001")
"""Its own words, and Java's code, for too deep or too large."""
_VALUE = 10_000


class NotLaidOut(Exception):
    """Tika could not be laid out: the message says what to mend."""


def default_folder() -> Path:
    """Where Tika lies unless told otherwise."""
    cache = os.environ.get("IIMM_CACHE")
    return (Path(cache) if cache else Path.home() / ".cache" / "iimm") / "tika"


def laid_out(folder: Path | None = None) -> Path | None:
    """The folder of this very version of Tika and of our worker, or `None` if it is not there."""
    home = (folder or default_folder()) / _digest()
    return home if home.is_dir() else None


def lay_out(folder: Path | None = None) -> Path:
    """Fetch Tika with Maven, check its digest, compile the worker, rehearse; nothing is done that was done before.

    Raises:
        NotLaidOut: Maven or the compiler failed, or the jar is not the one we know.
    """
    there = laid_out(folder)
    if there:
        rehearse(there)
        return there
    folder = folder or default_folder()
    folder.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="making-", dir=folder))
    try:
        pom = str(_RECIPE / "pom.xml")
        _run(["mvn", "--batch-mode", "--quiet", "--file", pom, "dependency:copy", f"-Diimm.tika={made}"],
             "Maven could not fetch Tika")  # fmt: skip
        with (made / _JAR).open("rb") as jar:
            if f"{hashlib.file_digest(jar, 'sha256').hexdigest()}  {_JAR}" not in (_RECIPE / "SHA256SUMS").read_text():
                raise NotLaidOut(f"{_JAR} is not the file that infra/tika/SHA256SUMS names")
        failing = "the Java compiler could not make the worker (is a JDK of 17 or newer installed?)"
        _run(["javac", "--release", "17", "-cp", str(made / _JAR), "-d", str(made / "classes"), *map(str, _SOURCES)],
             failing)  # fmt: skip
        _run(["jar", "--create", "--file", str(made / _WORKER), "-C", str(made / "classes"), "."], failing)
        shutil.rmtree(made / "classes")
        try:
            made.rename(folder / _digest())
        except OSError:  # another process was first
            if not laid_out(folder):
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    rehearse(folder / _digest())
    return folder / _digest()


def rehearsed(home: Path) -> bool:
    """Whether the archive of classes is one that the installed Java takes."""
    archive = f"-XX:SharedArchiveFile={home.resolve() / _ARCHIVE}"
    command = [*_JAVA, archive, "-Xshare:on", *_class_path(home), "-version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def rehearse(home: Path) -> None:
    """Have the installed Java archive the classes that a worker loads, unless it did; without, each start is slower."""
    if not os.access(home, os.W_OK) or rehearsed(home):
        return
    with tempfile.TemporaryDirectory(prefix="rehearsal-", dir=home) as folder:
        archive = Path(folder).resolve() / _ARCHIVE
        documents = Path(folder) / "documents"
        documents.mkdir()
        command = [*_JAVA, f"-XX:ArchiveClassesAtExit={archive}", *_class_path(home), "TikaRehearsal",
                   str(home.resolve() / _JAR), "."]  # fmt: skip
        subprocess.run(command, cwd=documents, capture_output=True, check=False)
        if archive.exists():
            archive.rename(home / _ARCHIVE)


def _class_path(home: Path) -> tuple[str, str]:
    """Archives hold for the very paths that they were made with."""
    return "-cp", f"{home.resolve() / _WORKER}{os.pathsep}{home.resolve() / _JAR}"


@dataclass(slots=True)
class _Answer:
    metadata: list[tuple[str, str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    members: list[Member] = field(default_factory=list)
    problem: Reason | None = None


class Tika:
    """Java, started with the first file and again after it died. It dies with the one that started it.

    It stays in its parent's process group. It writes temporary files where `tempfile.gettempdir()` points when it
    starts: scratch, if `TMPDIR` says so.
    """

    def __init__(self, home: Path | None = None, shared: Path | None = None) -> None:
        """Remember where Tika lies; `None` if it was not laid out: then every file is `unavailable`.

        With `shared`, a folder, all who name it share processes there, and a Java of one's own is only started for what
        was not answered there, and for that alone.
        """
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self.shared = None if shared is None else SharedJava(shared, self._start_shared)

    def read(self, path: Path, scratch: Path, passwords: Sequence[str], limits: Limits) -> Parsed:
        """Read one document, with the first password that opens it."""
        if self._home is None:
            return Parsed(FileKind.DOCUMENT, _USED, problem=Reason.UNAVAILABLE)
        answer = _Answer()
        for number, password in enumerate(("", *passwords)):
            folder = scratch / f"tika-{number}"
            folder.mkdir()
            answer = self._answer(path, folder, password, limits)
            if answer.problem is not Reason.ENCRYPTED:
                break
            if number < len(passwords):
                shutil.rmtree(folder)
        return Parsed(
            FileKind.DOCUMENT,
            _USED,
            tuple(answer.metadata),
            tuple(answer.segments),
            tuple(answer.members),
            None,
            answer.problem or worst(answer.members),
        )

    def begin(self) -> None:
        """Start Java where it is shared and does not run yet, without waiting for it."""
        if self.shared is not None and self._home is not None:
            self.shared.begin()

    def close(self) -> None:
        """End what was started."""
        if self.shared is not None:
            self.shared.close()
        self._close_own()

    def _close_own(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _answer(self, path: Path, folder: Path, password: str, limits: Limits) -> _Answer:
        if self.shared is None:
            return self._own_answer(path, folder, password, limits)
        if self.shared.ask(_request(path, folder, password, limits)):
            return _read_answer(folder)
        shutil.rmtree(folder, ignore_errors=True)  # Java may be writing there until it has ended: so in another one
        again = folder.with_name(f"{folder.name}-again")
        again.mkdir()
        try:
            return self._own_answer(path, again, password, limits)
        finally:
            self._close_own()

    def _own_answer(self, path: Path, folder: Path, password: str, limits: Limits) -> _Answer:
        process = self._process or self._start()
        self._process = process
        assert process.stdin and process.stdout
        try:
            process.stdin.write(_request(path, folder, password, limits))
            process.stdin.flush()
            done = process.stdout.readline() == b"done\n"
        except BrokenPipeError:
            done = False
        answer = _read_answer(folder)
        if not done:
            code = process.wait()
            self._close_own()
            answer.problem = Reason.OUT_OF_MEMORY if code == _OUT_OF_MEMORY else Reason.CRASHED
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            preexec_fn=_before_exec,
        )

    def _start_shared(self, name: str, lock: int) -> subprocess.Popen[bytes]:
        assert self.shared is not None
        nowhere = subprocess.DEVNULL
        return subprocess.Popen(
            self._command(name, options=(_SHARED,)), stdin=nowhere, stdout=nowhere, stderr=nowhere, preexec_fn=_before_exec,
            pass_fds=(lock,), cwd=self.shared.folder,
        )  # fmt: skip

    def _command(self, *told: str, options: Sequence[str] = ()) -> list[str]:
        assert self._home
        archive = f"-XX:SharedArchiveFile={self._home.resolve() / _ARCHIVE}"
        temporary = f"-Djava.io.tmpdir={tempfile.gettempdir()}"
        return [*_JAVA, *options, archive, temporary, *_class_path(self._home), "TikaWorker", *told]


def _before_exec() -> None:
    # 1 is PR_SET_PDEATHSIG. It fires when the thread that starts Java ends: in a worker, its only one.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    # Java has a limit of its own, and reserves more than it uses.
    for limit in (resource.RLIMIT_DATA, resource.RLIMIT_AS):
        most = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most, most))


def _request(path: Path, folder: Path, password: str, limits: Limits) -> bytes:
    secret = base64.b64encode(password.encode("utf-8")).decode("ascii")
    most = (limits.max_members, limits.max_bytes, limits.max_characters)
    return ("\t".join((str(path.resolve()), str(folder.resolve()), *map(str, most), secret)) + "\n").encode("utf-8")


def _read_answer(folder: Path) -> _Answer:
    answer = _Answer()
    written = folder / "answer"
    paragraph = 0
    ended = False
    swallowed: Reason | None = None
    if not written.exists():
        return _Answer(problem=Reason.CRASHED)
    with written.open("rb") as lines:
        for line in lines:
            try:
                said = orjson.loads(line)
            except orjson.JSONDecodeError:  # the last line of a process that died
                break
            if "text" in said:
                paragraph += 1
                answer.segments.extend(_segments(said, paragraph))
            elif "name" in said:
                if said["name"].startswith(_SWALLOWED):
                    limit = any(words in (said["value"] or "") for words in _LIMIT_OF_ITS_OWN)
                    swallowed = Reason.LIMIT_REACHED if limit else swallowed or Reason.DAMAGED
                elif not said["name"].startswith(_OWN_METADATA):
                    answer.metadata.append((clean(said["name"]), clean(said["value"] or "")[:_VALUE]))
            elif "member" in said:
                answer.members.append(_member(said, folder))
            elif "end" in said:
                ended = True
                answer.problem = Reason[said["end"]] if said["end"] else swallowed
    written.unlink()
    answer.metadata.sort()
    if not ended:
        answer.problem = Reason.CRASHED
    return answer


def _segments(said: Any, paragraph: int) -> list[Segment]:
    sheet = said["sheet"]
    number = None if said["row"] else paragraph
    return [Segment(piece, said["field"], said["page"], number, sheet, said["row"]) for piece in pieces(said["text"])]


def _member(said: Any, folder: Path) -> Member:
    file = folder / said["member"]
    name = clean(said["called"] or f"embedded-{said['member']}").encode("utf-8")
    relation = _RELATIONS.get(said["kind"] or "", Relation.EMBEDDED)
    if not said["complete"]:
        file.unlink(missing_ok=True)
        return Member(name, relation, None, 0, problem=Reason.DAMAGED if "broken" in said else Reason.LIMIT_REACHED)
    return Member(name, relation, file, file.stat().st_size, modified_text=said["modified"])


def _run(command: list[str], failing: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NotLaidOut(f"{command[0]} is not installed: {failing}") from None
    if done.returncode:
        raise NotLaidOut(f"{failing}:\n{(done.stdout + done.stderr)[-2000:]}")


def _digest() -> str:
    parts = (*_SOURCES, _RECIPE / "pom.xml", _RECIPE / "SHA256SUMS")
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()[:16]
