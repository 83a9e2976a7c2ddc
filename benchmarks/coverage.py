"""Coverage: every file of the evidence pack in one accession through the whole graph, watched from outside.

Here: bringing it through by `iimm` under strace, the sums, the aims, docs/coverage.md.
Not here: what is expected of each folder (benchmarks.expectations), reading traces (benchmarks.outside).

    python -m benchmarks.coverage [--folders archives,web_warc] [--untraced]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks import tika_server
from benchmarks.expectations import BY_FOLDER, Met, Seen, as_tika, digest_of_pack, identity, seen_in, words
from benchmarks.measure import Figure, run_benchmark
from benchmarks.outside import Watched, watched
from iimm_pipelines.accessions.accounts import account
from iimm_pipelines.engine import isolation
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.node import TRANSPORT_OFFSET
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.graph import STAGES

PACK = Path(__file__).resolve().parents[1] / ".." / "shared" / "evidence-pack"
TABLE = Path(__file__).resolve().parents[1] / "docs" / "coverage.md"
IIMM = Path(sys.executable).with_name("iimm")
NAMES = tuple(s.name for s in STAGES)
_LEFT_SECONDS = 5
KINDS = ("produced", "empty", "excluded", "failed")

AS_TIKA = {
    "tika_formats": 1.0, "archives": 1.0, "archives_misc": 1.0, "archives_zipslip": 1.0, "datashare_docs": 1.0,
    "filetype_magika": 1.0, "social_whatsapp": 1.0, "social_chatminer": 1.0, "mail_eml": 1.0, "web_warc": 1.0,
    "web_wacz": 1.0, "pdf_samples": 15 / 21, "pdf_encryption": 16 / 19, "text_charset": None,
}  # fmt: skip
"""Folders that were measured when engines were chosen, with the share of files in which the chosen one found most of
the words that Tika found: where Tika itself was chosen, all. Of encodings Tika is no reference."""
CHOSEN = {"text_charset": 77 / 78, "filetype_magika": 73 / 77, "web_warc": 13 / 16, "audio_asr": 1.0, "archives_zipslip": 1.0,
          "social_chatminer": 1.0, "web_wacz": 1.0}  # fmt: skip
"""What the chosen reader reached of a folder's own expectations: chardet's encodings, libmagic's types with `text` for
text, warcio's captures."""


def main() -> int:
    """Take all figures, and write the table; 1 when an aim is missed or a promise broken."""
    arguments = argparse.ArgumentParser(description="the evidence pack through the whole graph")
    arguments.add_argument("--folders", help="only these, with commas between; nothing is written then")
    arguments.add_argument("--untraced", action="store_true", help="without strace")
    arguments.add_argument(
        "--keep", type=Path, help="where to leave the holding; of one that is there, only tables are made"
    )
    chosen = arguments.parse_args()
    folders = chosen.folders.split(",") if chosen.folders else sorted(p.name for p in PACK.iterdir() if p.is_dir())
    with tempfile.TemporaryDirectory(prefix="coverage-") as temporary:
        top = chosen.keep or Path(temporary)
        wrong = [] if (top / "data").exists() else _through(top, folders, traced=not chosen.untraced)
        with closing(Holding(load_settings(top / "data"))) as holding:
            wrong += _broken(holding)
            seen = seen_in(holding, NAMES)
        tikas = _words_of_tika(top, [f for f in folders if AS_TIKA.get(f)])
    met = {folder: _met(folder, seen.get(folder, []), tikas) for folder in folders}
    print(*(f"WRONG: {w}" for w in wrong), sep="\n")
    _say_missing(met)
    figures = [Figure("promises broken", len(wrong), "", at_most=0), *_figures(met)]
    results = top / "results" if chosen.folders else None
    if not chosen.folders:
        TABLE.write_text(table(seen, met), encoding="utf-8")
    inputs = {"evidence pack": digest_of_pack(PACK)}
    more = {} if results is None else {"folder": results}
    return run_benchmark("coverage", figures, inputs=inputs, packages=["iimm-pipelines"], **more)


# through the graph


def _through(top: Path, folders: Sequence[str], *, traced: bool) -> list[str]:
    """Everything by the command line, as people do it; what is wrong with how that went."""
    data, received = top / "data", top / "received"
    data.mkdir(parents=True)
    for folder in folders:
        shutil.copytree(PACK / folder, received / folder, copy_function=shutil.copy)
    port = _free_port()
    search = tempfile.mkdtemp(prefix="coverage-search-")  # where the server's own account gets to
    settings = ['holding = "coverage"', f"search_port = {port}", f"search_folder = {search!r}"]
    (data / "iimm.toml").write_text("\n".join(settings) + "\n", encoding="utf-8")
    isolation.adopt_orphans()
    before = set(isolation.descendants_left())
    marks = ["--source", "S-1", "--basis", "open source", "--mark", "restricted", "--sample"]
    try:
        _iimm("up", "--data", data)
        node = set(isolation.descendants_left())
        _iimm("accession", "add", received, *marks, "--data", data)
        command = [str(IIMM), "run", "--data", str(data)]
        if traced:
            cache = load_settings(data).cache
            ran = watched(command, top / "trace", own=[data, Path(search)], ports=[port])
            wrong = _seen_outside(ran, cache)
        else:
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            wrong = [f"iimm run ended with {done.returncode}: {done.stdout[-500:]}"] if done.returncode else []
        wrong += _left(before | node)
        wrong += [f"scratch holds {p.name}" for p in (data / "scratch").glob("*")]
    finally:
        _iimm("down", "--data", data)
        shutil.rmtree(search, ignore_errors=True)
    return wrong


def _left(ours: set[int]) -> list[str]:
    """Processes of the run that live on: as the reaper of orphans we are now the parent of each."""
    deadline = time.monotonic() + _LEFT_SECONDS
    while left := set(isolation.descendants_left()) - ours:
        if time.monotonic() > deadline:
            return [f"{len(left)} processes left after {_LEFT_SECONDS} s"]
        time.sleep(0.1)
    return []


def _seen_outside(ran: Watched, cache: Path) -> list[str]:
    wrong = [f"iimm run ended with {ran.status}: {ran.output[-500:]}"] if ran.status else []
    wrong += [f"{n} connections: {address}" for address, n in ran.connections.items()]
    outside = [p for p in ran.outside if not Path(p).is_relative_to(cache)]
    wrong += [f"written outside: {p}" for p in outside[:20]]
    print(f"watched: {sum(ran.connections.values())} connections but to the search node, "
          f"{len(outside)} files changed outside the data folder")  # fmt: skip
    return wrong


def _iimm(*command: str | Path) -> None:
    done = subprocess.run([IIMM, *command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"iimm {command[0]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")


def _free_port() -> int:
    import socket

    while True:
        with socket.socket() as http, socket.socket() as transport:
            http.bind(("127.0.0.1", 0))
            try:
                transport.bind(("127.0.0.1", http.getsockname()[1] + TRANSPORT_OFFSET))
            except (OSError, OverflowError):
                continue
            return int(http.getsockname()[1])


def _broken(holding: Holding) -> list[str]:
    """Sums that do not hold, and outcomes that nobody foresaw."""
    shards = [s.number for s in holding.catalogue.shards()]
    received, items = account(holding, NAMES, shards)
    wrong = [f"{what} do not add up" for what, a in (("received files", received), ("items", items)) if not a.adds_up]
    wrong += [
        f"{a.unfinished} {what} unfinished" for what, a in (("files", received), ("items", items)) if a.unfinished
    ]
    bugs = Counter(f"{o.detail} in {part.stage}" for part in holding.catalogue.parts()
                   for o in holding.parts.outcomes(part) if o.reason == "bug")  # fmt: skip
    print(f"received {received.total}: {received.processed} processed, {received.empty} empty, {received.excluded} "
          f"excluded, {received.failed} failed; items {items.total}: {items.processed} processed, {items.empty} empty, "
          f"{items.excluded} excluded, {items.failed} failed")  # fmt: skip
    return wrong + [f"{n} bugs: {what}" for what, n in bugs.items()]


# expectations


def _words_of_tika(top: Path, folders: Sequence[str]) -> dict[str, set[str]]:
    """Distinct words that Tika's server finds in each file and in all files inside."""
    found: dict[str, set[str]] = {}
    if not folders:
        return found
    with tika_server.started(top) as server, closing(server.connection()) as connection:
        for folder in folders:
            for file in sorted(p for p in (PACK / folder / "files").rglob("*") if p.is_file()):
                said = server.read(file, connection)
                text = " ".join(str(each.get("X-TIKA:content", "")) for each in said)
                found[file.relative_to(PACK).as_posix()] = set(words(text))
    return found


def _met(folder: str, files: Sequence[Seen], tikas: Mapping[str, set[str]]) -> dict[str, Met]:
    """By what is expected, whether each file meets it."""
    met = {"as received": identity(PACK, folder, files)}
    if AS_TIKA.get(folder):
        met["words"] = as_tika(PACK, files, tikas)
    if folder in BY_FOLDER:
        name, rule = BY_FOLDER[folder]
        met[name] = rule(PACK, files)
    return met


def _figures(met: Mapping[str, Mapping[str, Met]]) -> list[Figure]:
    figures = []
    for folder, rules in met.items():
        for rule, files in rules.items():
            aim = 1.0 if rule == "as received" else AS_TIKA[folder] if rule == "words" else CHOSEN.get(folder)
            if files:
                share = sum(files.values()) / len(files)
                figures.append(Figure(f"{folder}: {rule}", share, f"of {len(files)}", at_least=aim))
    return figures


def _say_missing(met: Mapping[str, Mapping[str, Met]]) -> None:
    for folder, rules in met.items():
        for rule, files in rules.items():
            missing = [path for path, ok in files.items() if not ok]
            if missing:
                print(f"{folder}, {rule}: {len(missing)} not met: {', '.join(Path(p).name for p in missing[:12])}"
                      f"{' …' if len(missing) > 12 else ''}")  # fmt: skip


# the page


def table(seen: Mapping[str, Sequence[Seen]], met: Mapping[str, Mapping[str, Met]]) -> str:
    """The page on coverage: by format, and by folder of the pack."""
    by_type: dict[str, list[Seen]] = defaultdict(list)
    for files in seen.values():
        for one in files:
            by_type[str(one.document.get("media_type") or "not looked into")].append(one)
    of_file: dict[str, list[bool]] = defaultdict(list)
    for rules in met.values():
        for files_met in rules.values():
            for path, ok in files_met.items():
                of_file[path].append(ok)
    lines = [
        "# Coverage",
        "",
        "Made by `make coverage`: every file of the evidence pack in one accession, through the whole graph. Kinds are",
        "those of `contents` for received files; files inside are items of their own. An expectation is what the pack",
        "says of a file, or that most of the words that Tika finds in it are found; one that its digest is the",
        "manifest's is counted for each.",
        "",
        "## By format",
        "",
        f"| format | files | {' | '.join(KINDS)} | files inside | expectations met |",
        f"|---|{'---|' * (len(KINDS) + 3)}",
    ]
    for media_type, files in sorted(by_type.items(), key=lambda t: (-len(t[1]), t[0])):
        kinds = Counter(one.outcomes.get("contents", ("excluded", None))[0] for one in files)
        inside = sum(len(one.members) for one in files)
        said = [ok for one in files for ok in of_file.get(one.path, [])]
        counts = " | ".join(str(kinds[k]) for k in KINDS)
        lines.append(f"| {media_type} | {len(files)} | {counts} | {inside} | {sum(said)} of {len(said)} |")
    lines += ["", "## By folder", "", "| folder | expected | met | of | aim |", "|---|---|---|---|---|"]
    for figure in _figures(met):
        folder, rule = figure.name.split(": ")
        count = int(figure.unit.removeprefix("of "))
        aim = f"{figure.at_least:.0%}" if figure.at_least is not None else ""
        lines.append(f"| {folder} | {rule} | {round(figure.value * count)} | {count} | {aim} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
