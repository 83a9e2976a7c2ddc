"""Apache Tika's own server, from the same jar that our worker runs on: what others would use, for comparison.

Here: starting it on loopback, and asking it for the text of a file and all files inside.
Not here: our worker (iimm_pipelines/formats/tika), what is compared (the benchmarks).
"""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from iimm_pipelines.formats import tika

_CONFIGURATION = """<properties>
  <parsers><parser class="org.apache.tika.parser.DefaultParser">
    <parser-exclude class="org.apache.tika.parser.ocr.TesseractOCRParser"/>
    <parser-exclude class="org.apache.tika.parser.external.CompositeExternalParser"/>
  </parser></parsers>
</properties>"""
_START_SECONDS = 120.0


class TikaServer:
    """A server that runs. One connection for each thread that asks."""

    def __init__(self, port: int) -> None:
        self.port = port

    def connection(self) -> http.client.HTTPConnection:
        """A connection that can be asked again and again."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def read(self, path: Path, connection: http.client.HTTPConnection) -> Sequence[Mapping[str, Any]]:
        """What it says of a file and of all files inside, each with its text; nothing where it fails."""
        connection.request("PUT", "/rmeta/text", body=path.read_bytes(), headers={"Accept": "application/json"})
        answer = connection.getresponse()
        data = answer.read()
        return list(json.loads(data)) if answer.status == 200 else []


@contextmanager
def started(folder: Path) -> Iterator[TikaServer]:
    """Start a server whose configuration lies in `folder`; it is gone afterwards."""
    home = tika.laid_out()
    if home is None:
        raise FileNotFoundError("Tika is not laid out: `iimm setup` does that")
    jar = next(home.glob("tika-server-*.jar"))
    configuration = folder / "tika.xml"
    configuration.write_text(_CONFIGURATION, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["java", "-Xmx1g", "-Djava.awt.headless=true", "-jar", str(jar), "--host", "127.0.0.1", "--port", str(port),
               "--config", str(configuration), "--noFork"]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = TikaServer(port)
        _wait(server, process)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: TikaServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Tika's server ended with {process.returncode} as it started")
        try:
            connection = server.connection()
            connection.request("GET", "/version")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("Tika's server does not answer")
