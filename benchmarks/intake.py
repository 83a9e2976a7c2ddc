"""Intake and contents against the next best thing: bare digests with Tink, bagit.py, Tika's own server.

Here: the three comparisons, each on the same bytes in the same run.
Not here: how a figure is taken and judged (benchmarks.measure), whether what comes out is right (tests).

Ours does more than what it is held against: every byte is also encrypted, synced, listed, attested and logged.

The small files: ours lists the folder, and at the end the bytes lie in a store of ours, lasting. bagit.py leaves bytes
where they are and does not sync, so who takes in with it copies the folder to the storage, makes the bag there (a bag
holds its payload) and syncs; that is judged. Beside it stand, without an aim, the bag that is made of a folder copied
beforehand, and the copy and sync alone. bagit.py takes the same digests, with two processes. Nobody's folders are
removed while a clock runs, nor before the last round: after many files were removed, ext4 makes new ones ten times as
slowly for minutes.

The mixed files: ours registers them, takes them in and reads them and all files inside; Tika's server is asked for the
metadata and text of each and of all files inside (`/rmeta/text`), without OCR, and keeps nothing. Both sides are timed
cold, a fresh process each with its start included (ours has its workers load while it takes in); then the server as it
is when it has read these very files before, while ours begins anew all the same. This is done twice. On the files as
they are, some 590, both starts weigh as much as the reading. On up to five varied copies of each
(benchmarks.mixed_files) the starts weigh less, and what is compared is how fast files are read. Files inside a copy are
those inside its original: ours knows them by their digest and does not read them again (promise 7), as it does not in
evidence where one attachment was sent to many; Tika's server has no such memory. Both figures have the aim.

    python -m benchmarks.intake [--part large|small|contents] [--large-mb 1024] [--small 10000] [--mixed N] [--copies 5]
                                [--rounds 5]
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks import tika_server
from benchmarks.expectations import digest_of_pack
from benchmarks.measure import Figure, alternately, compared, digest_of, run_benchmark, table
from benchmarks.mixed_files import PACK, gathered
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.holding import Holding
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.inventory import take_in

_LARGE_FILES = 4
_SMALL_BYTES = 2048
_AT_ONCE = 2
"""Processes of bare digests, processes of bagit.py, requests to Tika's server at once: two cores."""
_BLOCK = 1 << 20


def main() -> int:
    """Take all figures."""
    arguments = argparse.ArgumentParser(description="intake against bare digests, bagit.py and Tika's server")
    arguments.add_argument("--large-mb", type=int, default=1024, help="of all large files together")
    arguments.add_argument("--small", type=int, default=10_000, help="files of 2 kB")
    arguments.add_argument("--mixed", type=int, help="files of the evidence pack; all of seven folders unless given")
    arguments.add_argument("--copies", type=int, default=5, help="how often the mixed files come at most, varied")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--part", choices=("large", "small", "contents"), help="by default all")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-intake-") as folder:
        top = Path(folder)
        parts: dict[str, Callable[[], Iterable[Figure]]] = {
            "large": lambda: [_large(top, chosen.large_mb << 20, chosen.rounds)],
            "small": lambda: _small(top, chosen.small, chosen.rounds),
            "contents": lambda: _contents(top, chosen.mixed, chosen.copies, max(1, chosen.rounds // 2)),
        }
        if chosen.part:  # to look at, not to quote
            print(table(list(parts[chosen.part]())))
            return 0
        figures = [figure for part in parts.values() for figure in part()]
    inputs = {"evidence pack": digest_of_pack(PACK),
              "made": digest_of(f"{chosen.large_mb} MiB, {chosen.small} files".encode())}  # fmt: skip
    return run_benchmark("intake", figures, inputs=inputs, packages=["iimm-pipelines", "tink", "bagit", "pyarrow"])


# large files


def _large(top: Path, size: int, rounds: int) -> Figure:
    files = top / "large"
    files.mkdir()
    chance = random.Random(1)
    paths = []
    for number in range(_LARGE_FILES):
        path = files / f"{number}.bin"
        with path.open("wb") as file:
            for _ in range(size // _LARGE_FILES // _BLOCK):
                file.write(chance.randbytes(_BLOCK))
        paths.append(path)
    with ProcessPoolExecutor(_AT_ONCE) as pool:

        def bare() -> None:
            to = Path(tempfile.mkdtemp(dir=top))
            for _ in pool.map(digested_and_encrypted, paths, [to / p.name for p in paths]):
                pass
            shutil.rmtree(to)

        ours, theirs = alternately(_intake(top, files), bare, rounds=rounds)
    shutil.rmtree(files)
    megabytes = size / 1e6
    return compared("large files, intake", [megabytes / s for s in ours], [megabytes / s for s in theirs], unit="MB/s",
                    against="hashlib's three digests and Tink, two processes", at_least=0.8)  # fmt: skip


def digested_and_encrypted(source: Path, target: Path) -> str:
    """The least that intake of a large file could be: read once, three digests, one stream of ciphertext on the disk."""
    import tink
    from tink import streaming_aead

    streaming_aead.register()
    key = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
    digests = [hashlib.sha256(), hashlib.sha1(usedforsecurity=False), hashlib.md5(usedforsecurity=False)]
    with source.open("rb") as file, target.open("wb") as sealed:
        descriptor = os.dup(sealed.fileno())
        stream = key.primitive(streaming_aead.StreamingAead).new_encrypting_stream(sealed, b"")
        while block := file.read(_BLOCK):
            for digest in digests:
                digest.update(block)
            stream.write(block)
        stream.close()
        os.fsync(descriptor)
        os.close(descriptor)
    return digests[0].hexdigest()


# small files


def _small(top: Path, count: int, rounds: int) -> Iterator[Figure]:
    import bagit

    files = top / "small"
    chance = random.Random(2)
    for number in range(count):
        path = files / f"{number // 1000:03d}" / f"{number:06d}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(_SMALL_BYTES))
    places = (top / f"bag-{number}" for number in itertools.count())
    beforehand = iter([_copied(files, next(places)) for _ in range(rounds + 1)])
    os.sync()

    def bag(folder: Path) -> None:
        bagit.make_bag(str(folder), processes=_AT_ONCE, checksums=["md5", "sha1", "sha256"])

    def copy_bag_and_sync() -> None:
        bag(_copied(files, next(places)))
        os.sync()

    def copy_and_sync() -> None:
        _copied(files, next(places))
        os.sync()

    ways = (_intake(top, files, keep=True), copy_bag_and_sync, lambda: bag(next(beforehand)), copy_and_sync)
    ours, *others = ([count / s for s in seconds] for seconds in alternately(*ways, rounds=rounds))
    yield compared("files of 2 kB, intake", ours, others[0], unit="files/s",
                   against="copy, bagit.py with the same digests and two processes, sync", at_least=3)  # fmt: skip
    yield compared("files of 2 kB, intake", ours, others[1], unit="files/s",
                   against="bagit.py alone, of a folder copied beforehand, not synced")  # fmt: skip
    yield compared("files of 2 kB, intake", ours, others[2], unit="files/s", against="copy and sync alone")


def _copied(files: Path, to: Path) -> Path:
    shutil.copytree(files, to)
    return to


def _intake(top: Path, files: Path, *, keep: bool = False) -> Callable[[], None]:
    """Register and take in, each time in a holding of its own, which is gone afterwards unless it is kept."""
    numbers = itertools.count()

    def once() -> None:
        with _holding(top / f"intake-{files.name}-{next(numbers)}", keep=keep) as holding:
            row = register(holding, files, Receipt("S-1", Basis.CONSENT, ("restricted",), sample=True))
            with holding.catalogue.lease(row.number):
                take_in(holding, row.number)
            holding.record.drain()

    return once


# contents


def _contents(top: Path, count: int | None, copies: int, rounds: int) -> Iterator[Figure]:
    mixed = [("mixed files", gathered(top / "few", count=count))]
    if copies > 1:
        mixed.insert(0, (f"mixed files, each up to {copies} times", gathered(top / "many", count=count, copies=copies)))
    for name, files in mixed:
        cold, warm = _against_tika(top, files, rounds)
        yield compared(f"{name}, intake and contents", *cold, unit="files/s", at_least=2,
                       against="Tika's server alone, started for them, two requests at once")  # fmt: skip
        yield compared("the same, against a server that waits", *warm, unit="files/s",
                       against="Tika's server alone, after it read the same files")  # fmt: skip


_Speeds = tuple[list[float], list[float]]


def _against_tika(top: Path, files: Sequence[Path], rounds: int) -> tuple[_Speeds, _Speeds]:
    """Files a second of ours and Tika's, of a server that is started for them, then of one that waits."""
    numbers = itertools.count()

    def ours() -> None:
        data = top / f"contents-{files[0].parent.name}-{next(numbers)}"
        subprocess.run([sys.executable, "-m", "benchmarks.ingest", data, files[0].parent], check=True)

    def all_asked(server: tika_server.TikaServer) -> None:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for _ in pool.map(lambda some: _asked(server, some), [files[i::_AT_ONCE] for i in range(_AT_ONCE)]):
                pass

    def cold() -> None:
        with tika_server.started(top) as server:
            all_asked(server)

    with tika_server.started(top) as server:
        seconds = alternately(ours, cold, lambda: all_asked(server), rounds=rounds)
    mine, other, warm = ([len(files) / s for s in each] for each in seconds)
    return (mine, other), (mine, warm)


def _asked(server: tika_server.TikaServer, files: Sequence[Path]) -> None:
    connection = server.connection()
    for file in files:
        server.read(file, connection)
    connection.close()


@contextmanager
def _holding(folder: Path, *, keep: bool = False) -> Iterator[Holding]:
    """A new holding, gone afterwards unless it is kept."""
    holding = Holding(load_settings(folder))
    try:
        yield holding
    finally:
        holding.close()
        if not keep:
            shutil.rmtree(folder)


if __name__ == "__main__":
    raise SystemExit(main())
