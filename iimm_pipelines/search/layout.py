"""The search server's program: jars of OpenSearch, of five of its modules and of its security plugin.

Here: fetching them through Maven, checking their digests, laying them out, and finding a Java that runs them.
Not here: a node's own folder, settings and process (node, node_settings).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "infra" / "opensearch"
JAVA_VERSIONS = range(17, 22)
"""OpenSearch 2.19.4 was run on 17 and 21; from 24 on Java has no SecurityManager, without which it does not start."""

_LAYOUT_MARKER = "layout.sha256"
_SECURITY_ZIP = "download/opensearch-security-2.19.4.0.zip"


class NodeError(Exception):
    """The search server cannot be laid out, configured, started or stopped; the text says what to do."""


@dataclass(frozen=True, slots=True)
class _Module:
    """A part of the server that Maven publishes as bare jars: its class, what it extends, what its code may do."""

    name: str
    plugin_class: str
    extends: str = ""
    permissions: tuple[str, ...] = ()

    def descriptor(self) -> str:
        lines = {
            "name": self.name,
            "description": self.name,
            "version": "2.19.4",
            "opensearch.version": "2.19.4",
            "java.version": "11",
            "classname": self.plugin_class,
            "custom.foldername": "",
            "extended.plugins": self.extends,
            "has.native.controller": "false",
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def policy(self) -> str:
        return "grant {\n" + "".join(f"  permission {permission};\n" for permission in self.permissions) + "};\n"


_MODULES = (
    _Module("analysis-common", "org.opensearch.analysis.common.CommonAnalysisPlugin", extends="lang-painless"),
    _Module(
        "lang-painless",
        "org.opensearch.painless.PainlessPlugin",
        permissions=(
            'java.lang.RuntimePermission "createClassLoader"',
            'java.lang.RuntimePermission "getClassLoader"',
        ),
    ),
    _Module("mapper-extras", "org.opensearch.index.mapper.MapperExtrasPlugin"),
    # Without permissions: those it ships with elsewhere are for reading from another cluster, which must not be.
    _Module("reindex", "org.opensearch.index.reindex.ReindexPlugin"),
    _Module(
        "transport-netty4",
        "org.opensearch.transport.Netty4Plugin",
        permissions=(
            'java.io.FilePermission "/proc/sys/net/core/somaxconn", "read"',
            'java.net.SocketPermission "127.0.0.1", "accept,connect"',
            'java.lang.RuntimePermission "*", "setContextClassLoader"',
            'java.lang.RuntimePermission "getClassLoader"',
            'java.util.PropertyPermission "sun.nio.ch.bugLevel", "write"',
        ),
    ),
)


def home_in(cache: Path) -> Path:
    """Where in the machine's cache the program belongs: a folder for each version, so none changes under a node."""
    return cache / f"opensearch-{_layout_digest()[:12]}"


def lay_out(home: Path) -> None:
    """Make the server's program in `home` (91 MB of jars), from Maven artifacts whose digests are checked.

    Does nothing where it stands already. `home` appears whole or not at all.

    Raises:
        NodeError: no mvn, artifacts not obtainable or not as expected, or `home` holds something else.
    """
    home = home.absolute()
    if laid_out(home):
        return
    home.parent.mkdir(parents=True, exist_ok=True)
    with locked(home.with_name(f".{home.name}.lock")):
        if laid_out(home):
            return
        partial = home.with_name(f".{home.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        _fetch(partial)
        _check_digests(partial)
        _add_what_maven_lacks(partial)
        (partial / _LAYOUT_MARKER).write_text(_layout_digest(), encoding="ascii")
        _open_to_all(partial)
        partial.rename(home)


def _layout_digest() -> str:
    try:
        files = [(SOURCES / name).read_bytes() for name in ("pom.xml", "SHA256SUMS")]
    except FileNotFoundError:
        raise NodeError(f"{SOURCES} is missing: run from a checkout, installed with `pip install -e`") from None
    modules = "".join(module.descriptor() + module.policy() for module in _MODULES)
    return hashlib.sha256(b"\0".join([*files, modules.encode()])).hexdigest()


def laid_out(home: Path) -> bool:
    """Whether this version of the program stands in `home`.

    Raises:
        NodeError: `home` holds something else.
    """
    marker = home / _LAYOUT_MARKER
    if marker.is_file() and marker.read_text(encoding="ascii") == _layout_digest():
        return True
    if home.exists():
        raise NodeError(f"{home} holds something else than this search server: remove it, or name another folder")
    return False


def _fetch(partial: Path) -> None:
    mvn = shutil.which("mvn")
    if mvn is None:
        raise NodeError("mvn is not on PATH: install Maven (on Debian and Ubuntu: apt-get install maven)")
    command = [mvn, "-q", "-B", "-f", str(SOURCES / "pom.xml"), "package", f"-Dlayout={partial}"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join([line for line in done.stdout.splitlines() if "[ERROR]" in line][:3])
        raise NodeError(f"Maven could not fetch the search server; it can be tried again. Maven said:\n{said}")
    shutil.rmtree(partial / "maven", ignore_errors=True)


def _check_digests(partial: Path) -> None:
    lines = (SOURCES / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    wanted = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        str(file.relative_to(partial)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in partial.rglob("*")
        if file.is_file()
    }
    wrong = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if wrong:
        raise NodeError(
            f"{len(wrong)} files of the search server are not those of SHA256SUMS: {', '.join(wrong[:5])}. "
            "Remove them from Maven's local repository and try again; if that does not help, do not use them."
        )


def _add_what_maven_lacks(partial: Path) -> None:
    for module in _MODULES:
        folder = partial / "modules" / module.name
        (folder / "plugin-descriptor.properties").write_text(module.descriptor(), encoding="ascii")
        if module.permissions:
            (folder / "plugin-security.policy").write_text(module.policy(), encoding="ascii")
    with zipfile.ZipFile(partial / _SECURITY_ZIP) as plugin:
        plugin.extractall(partial / "plugins" / "opensearch-security")
    shutil.rmtree(partial / "download")
    # Empty, but the server tries to make them and dies where it may not.
    (partial / "bin").mkdir()
    (partial / "extensions").mkdir()


def _open_to_all(folder: Path) -> None:
    """Whatever umask it was made under: the server's account reads it, and only the maker writes it."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def find_java() -> Path:
    """A Java that the server runs on: JAVA_HOME's, else the one on PATH, else one below /usr/lib/jvm.

    Raises:
        NodeError: none of them has a usable version; says which were seen.
    """
    on_path = shutil.which("java")
    candidates = [
        *([Path(os.environ["JAVA_HOME"]) / "bin" / "java"] if os.environ.get("JAVA_HOME") else []),
        *([Path(on_path)] if on_path else []),
        *sorted(Path("/usr/lib/jvm").glob("*/bin/java")),
    ]
    seen = []
    for java in dict.fromkeys(path.resolve() for path in candidates if path.exists()):
        said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
        version = re.search(r'version "(\d+)', said)
        if version and int(version[1]) in JAVA_VERSIONS:
            return java
        seen.append(f"{java} ({version[1] if version else 'no version'})")
    raise NodeError(
        f"the search server needs Java 17 to 21 (on Debian and Ubuntu: apt-get install openjdk-17-jre-headless); "
        f"found: {', '.join(seen) or 'none'}"
    )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a file's lock, so that of two processes at once the second waits."""
    file.touch(mode=0o600)
    with file.open("w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
