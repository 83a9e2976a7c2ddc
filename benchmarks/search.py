"""The search page under twenty readers, over a million segments; and how fast documents come into the index.

Here: segments put together from the texts at hand, indexed in a node as it comes (512 MB of heap) under the marks of
three accessions, one of which the readers may not see, and the node started anew, as it is when somebody comes to work;
readers who sign in and search through the page over HTTP, with facets, rights and the log of access, and one of them
in Chromium, from the key that asks to the hits on the screen; our delivery of a shard against opensearch-py's
`parallel_bulk` with the same documents ready in memory.
Not here: whether what is found is right (benchmarks.search_burmese, tests/search).

    python -m benchmarks.search [--segments 20000] [--readers 20] [--pause 4] [--seconds 60]

A reader looks at a page for some seconds before the next search: `--pause` is their mean. What readers without any
pause are given is measured too, and has no aim: two cores can do so much and no more. The texts are not in the
repository: benchmarks.burmese says where they lie. Nothing of what is generated is kept.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import itertools
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from benchmarks.burmese import TEXTS
from benchmarks.measure import Figure, compared, digest_of, run_benchmark
from iimm_pipelines.accessions.register import Basis, Receipt, register
from iimm_pipelines.burmese.encoding import normal_text
from iimm_pipelines.burmese.syllables import syllables
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.rights import Role
from iimm_pipelines.search import delivery
from iimm_pipelines.search.facet_fields import with_facet_fields
from iimm_pipelines.search.mapping import alias_name, index_body, index_name
from iimm_pipelines.search.node import Node, home_in, lay_out, reachable_place
from iimm_pipelines.search.sounds import name_keys
from iimm_pipelines.settings import load_settings
from iimm_pipelines.stages.graph import bound, run
from iimm_pipelines.stages.inventory import take_in

_LINES_OF = ("parallel/judson-web.en-my.tsv", "segmentation/10k_test.txt", "talpco/my.txt", "tico19/tico19-dev.en-my.tsv",
             "tatoeba/tatoeba-test-v2021-08-07.mya")  # fmt: skip
_NAMES = "names.unicode.tsv"
_PORT, _PAGE_PORT = 9760, 9790
_PASSWORD = "words of a benchmark"
_MARKS = (("restricted",), ("restricted", "witness"), ("closed",))
_SEGMENTS_OF_AN_ITEM = 20
_SEGMENTS_DELIVERED = 20_000
_ROUNDS = 5
_FIRST = 60
"""Searches before anything is measured, of one reader."""
_SECONDS_AT_CHROMIUM = 1.0
"""Mean pause of the one reader there, so that a minute has some fifty of its searches."""
_P95_SECONDS = 0.3
_OF_PARALLEL_BULK = 0.9
_NOTE = """() => {
  window.painted = null;
  addEventListener("submit", () => { window.asked = performance.now(); }, { capture: true, once: true });
  new MutationObserver((_, observer) => {
    if (!document.querySelector("[role=status]") || document.querySelector("[aria-busy]")) return;
    observer.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => { window.painted = performance.now() - window.asked; }));
  }).observe(document.documentElement, { childList: true });
}"""
_BURMESE = re.compile("[\u1000-\u109f]")
_PLACES = ("MMR013", "MMR010D001", "MMR003001", "MMR001", "MMR005D001", "MMR012001", "MMR015", "MMR018")
_LANGUAGES = ("mya", "mya", "mya", "eng", "shn", "ksw", "und")
_KINDS = ("document", "document", "message", "table", "image", "pdf")


# Texts and documents


def lines() -> tuple[list[str], list[str]]:
    """Burmese lines and English ones, in normal form."""
    found = [piece.strip() for name in _LINES_OF for line in (TEXTS / name).read_text(encoding="utf-8").splitlines()
             for piece in line.split("\t")]  # fmt: skip
    kept = dict.fromkeys(normal_text(line, None).text for line in found if 20 < len(line) < 600)
    return [k for k in kept if _BURMESE.search(k)], [k for k in kept if not _BURMESE.search(k)]


def names() -> list[str]:
    """Names of persons as people write them."""
    rows = (TEXTS / _NAMES).read_text(encoding="utf-8").splitlines()
    return [normal_text(row.split("\t")[0], None).text for row in rows if row.strip()]


class Texts:
    """What segments are put together from; every run draws the same."""

    def __init__(self) -> None:
        self.burmese, self.english = lines()
        self.names = names()
        self._sounds = {name: sorted(name_keys(name)) for name in self.names[:500]}
        self.draw = random.Random(6)

    def segment(self, number: int) -> dict[str, Any]:
        """The fields of one segment and of its item, as search/documents makes them."""
        draw = self.draw
        language = draw.choice(_LANGUAGES)
        some = self.english if language == "eng" else self.burmese
        name = draw.choice(self.names[:500])
        text = " ".join((*(draw.choice(some) for _ in range(draw.randint(1, 3))), name, str(draw.randrange(10**7))))[
            :2000
        ]
        place, unit = draw.choice(_PLACES), f"LIB-{draw.randint(1, 600)}"
        key = self._sounds[name][0] if self._sounds[name] else name
        return {
            **self.item(number // _SEGMENTS_OF_AN_ITEM), "text": text, "language": language, "encoding": "unicode",
            "origin": "contents", "ordinal": number % _SEGMENTS_OF_AN_ITEM, "document": f"{number:09d}",
            "entities": [name, unit], "mentions": [f"person:{key}", f"place:{place}", f"unit:{unit}"], "sounds": self._sounds[name],
        }  # fmt: skip

    def item(self, number: int) -> dict[str, Any]:
        """The fields that all documents of an item share; a tenth of all objects came twice."""
        fixed = random.Random(number)
        accession = f"A{fixed.choice((1, 1, 1, 2, 3)):05d}"
        day = (datetime(2017, 1, 1, tzinfo=UTC) + timedelta(days=fixed.randrange(3_000))).isoformat()[:19] + ".000Z"
        points = [f"{fixed.uniform(15, 25):.6f},{fixed.uniform(94, 99):.6f}"] if fixed.random() < 0.1 else None
        made = {
            "item": f"{accession}-0001-{number:07d}", "accession": accession, "shard": f"{accession}-0001",
            "object": hashlib.sha256(str(number - (number % 10 == 9)).encode()).hexdigest(), "family": f"{accession}-0001-{number // 3:07d}",
            "kind": fixed.choice(_KINDS), "media_type": "text/plain", "generation": "generated",
            "marks": sorted(_MARKS[int(accession[-1]) - 1]), "marks_needed": len(_MARKS[int(accession[-1]) - 1]),
            "times": {"message_sent": [{"gte": day, "lte": day}], "received": [{"gte": day, "lte": day}]},
        }  # fmt: skip
        return {**made, "places": points} if points else made

    def documents(self, segments: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Kind, id and fields."""
        for number in range(segments):
            if number % _SEGMENTS_OF_AN_ITEM == 0:
                item = self.item(number // _SEGMENTS_OF_AN_ITEM)
                named = {**item, "document": f"i{number}", "name": f"folder/{self.draw.choice(self.names)}.txt"}
                yield "items", f"i{number}", with_facet_fields(named)
            yield "segments", f"s{number}", with_facet_fields(self.segment(number))

    def queries(self, most: int) -> list[dict[str, str]]:
        """What readers ask: names, stretches, words, common and rare, narrowed, with commands and in other orders."""
        draw = random.Random(7)
        asked: list[dict[str, str]] = []
        while len(asked) < most:
            line = draw.choice(self.burmese)
            spans = list(syllables(line))
            at = draw.randrange(max(1, len(spans) - 4))
            stretch = line[spans[at].start : spans[min(at + draw.randint(2, 4), len(spans) - 1)].end].strip()
            word = draw.choice(re.findall("[A-Za-z]{4,}", draw.choice(self.english)) or ["village"])
            other = draw.choice(re.findall("[A-Za-z]{4,}", draw.choice(self.english)) or ["bridge"])
            asked += [{"q": q, **more} for q, more in (
                (draw.choice(self.names[:500]), {}), (stretch, {}), (f'"{stretch}"', {}), (word, {}), (f"{word} {other}", {}),
                (f"{word} OR {other}", {}), (f"{word[:4]}*", {}), (stretch, {"kind": draw.choice(_KINDS)}),
                (word, {"after": "2019", "before": "2021", "when": "event"}), (draw.choice(self.names[:500]), {"language": "mya"}),
                (str(draw.randrange(10**7)), {}), (stretch, {"order": "event"}),
            ) if q.strip(' "*')]  # fmt: skip
        return asked[:most]


# The holding


class Place:
    """A holding of the benchmark with a node of its own, gone afterwards."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iimm-bench-search-"))
        home = reachable_place(home_in(Path(os.environ.get("IIMM_CACHE", "~/.cache/iimm")).expanduser()))
        lay_out(home)
        self.node = Node(home, reachable_place(self.folder / "node"), _PORT)
        self.node.configure()
        self.node.start(600)
        data = self.folder / "data"
        data.mkdir()
        told = {
            "holding": "bench",
            "search_folder": str(self.node.folder),
            "search_port": _PORT,
            "page_port": _PAGE_PORT,
            "workers": 2,
        }
        (data / "iimm.toml").write_text(
            "\n".join(f"{k} = {v!r}".replace("'", '"') for k, v in told.items()), encoding="utf-8"
        )
        self.holding = Holding(load_settings(data))

    def next_morning(self) -> None:
        """The node started anew, which takes the memory that fits what it holds by now."""
        self.node.stop()
        self.node.start(600)

    def gone(self) -> None:
        """Stop and remove all of it."""
        self.holding.close()
        self.node.stop()
        shutil.rmtree(self.node.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def receive(self, files: Mapping[str, str], marks: Sequence[str]) -> str:
        """Register files and take them in."""
        folder = self.folder / f"in-{marks[0]}-{len(files)}-{len(marks)}"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        number = register(self.holding, folder, Receipt("S-1", Basis.CONSENT, tuple(marks))).number
        with self.holding.catalogue.lease(number):
            take_in(self.holding, number)
        self.holding.record.drain()
        return str(number)


# Delivery


def delivered(place: Place, texts: Texts, segments: int) -> Figure:
    """Documents a second: a shard by our delivery, the same documents ready in memory by `parallel_bulk`, in turns."""
    from opensearchpy.helpers import parallel_bulk

    files = {
        f"{n}.txt": "\n\n".join(str(texts.segment(i)["text"]) for i in range(500)) + "\n"
        for n in range(segments // 500)
    }
    accession = place.receive(files, _MARKS[0])
    holding, client = place.holding, place.holding.node.client("ingest")
    stage = bound(holding.settings)["search_index"]
    (shard,) = (s.number for s in holding.catalogue.shards(accession))
    for name in ("contents", "languages", "search_index"):
        with holding.catalogue.lease(shard):
            run(holding, bound(holding.settings)[name], shard)
    ours, theirs = [], []
    ready: list[dict[str, Any]] = []
    for turn in range(_ROUNDS + 1):
        _begin_anew(place)
        began = time.perf_counter()
        with holding.catalogue.lease(shard):
            sent = delivery.deliver(holding, stage, shard).sent
        ours.append(sent / (time.perf_counter() - began))
        if not ready:
            indices = {kind: index_name("bench", kind, _MARKS[0]) for kind in ("items", "segments")}
            for part in holding.catalogue.parts(shard, "search_index"):
                beside = {"generation": "ready", "marks": list(_MARKS[0]), "marks_needed": 1}
                said = delivery.accession_times(holding.catalogue.accession(accession))
                ready += delivery._actions(holding, stage, part, indices, beside, said)
        _begin_anew(place)
        began = time.perf_counter()
        for accepted, _ in parallel_bulk(client, iter(ready), thread_count=4, chunk_size=500):
            assert accepted
        client.indices.refresh(index="iimm-bench-*")
        theirs.append(len(ready) / (time.perf_counter() - began))
        print(f"delivery, round {turn}: {ours[-1]:.0f} and {theirs[-1]:.0f} documents a second", flush=True)
    _empty(place)
    return compared("documents delivered a second", ours[1:], theirs[1:], unit="documents/s", against="parallel_bulk, ready documents",
                    at_least=_OF_PARALLEL_BULK)  # fmt: skip


def _empty(place: Place) -> None:
    client = place.holding.node.client("admin")
    if names := ",".join(client.indices.get(index="iimm-bench-*")):
        client.indices.delete(index=names)
    for shard in place.holding.catalogue.shards():
        place.holding.catalogue.note_delivery(shard.number, None)


def _begin_anew(place: Place) -> None:
    """Empty indices, as a delivery finds them that is not the first of its marks."""
    _empty(place)
    for kind in ("items", "segments"):
        body = {**index_body(kind), "aliases": {alias_name("bench", kind, _MARKS[0]): {}}}
        place.holding.node.client("ingest").indices.create(index=index_name("bench", kind, _MARKS[0]), body=body)


def filled(place: Place, texts: Texts, segments: int) -> float:
    """Index what is generated under the marks of three accessions; the seconds that took."""
    from opensearchpy.helpers import parallel_bulk

    client = place.holding.node.client("ingest")
    for marks, kind in itertools.product(_MARKS, ("items", "segments")):
        alias: dict[str, Any] = {alias_name("bench", kind, marks): {}}
        client.indices.create(index=index_name("bench", kind, marks), body={**index_body(kind), "aliases": alias})
    actions = ({"_index": index_name("bench", kind, fields["marks"]), "_id": identity, "_source": fields}
               for kind, identity, fields in texts.documents(segments))  # fmt: skip
    began = time.perf_counter()
    for number, (accepted, _) in enumerate(parallel_bulk(client, actions, thread_count=2, chunk_size=1000)):
        assert accepted
        if number % 100_000 == 0:
            print(f"{number} documents after {time.perf_counter() - began:.0f} s", flush=True)
    client.indices.refresh(index="iimm-bench-*")
    return time.perf_counter() - began


# Readers


class Person:
    """A reader at the page, by one kept connection as a browser has it."""

    def __init__(self, name: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", _PAGE_PORT, timeout=120)
        self._cookies: dict[str, str] = {}
        form = re.search(r'name="csrf_token" value="([0-9a-f]+)"', self._ask("GET", "/sign-in")[1])
        assert form
        status, _ = self._ask(
            "POST", "/sign-in", urlencode({"csrf_token": form[1], "name": name, "password": _PASSWORD})
        )
        assert status == 303

    def search(self, asked: Mapping[str, str]) -> float:
        """Seconds until the whole page was there."""
        began = time.perf_counter()
        status, _ = self._ask("GET", f"/search?{urlencode(asked)}")
        assert status == 200, status
        return time.perf_counter() - began

    def _ask(self, method: str, address: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self._connection.request(method, address, body, headers)
            answer = self._connection.getresponse()
        except (
            http.client.RemoteDisconnected,
            BrokenPipeError,
        ):  # the server ends what rests for 5 s; browsers begin anew
            self._connection.close()
            self._connection.request(method, address, body, headers)
            answer = self._connection.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        return answer.status, answer.read().decode()


class Window:
    """A reader in Chromium, who types into the box."""

    def __init__(self, chromium: Any, name: str) -> None:
        self._page = chromium.new_page(viewport={"width": 1200, "height": 900})
        self._page.goto(f"http://127.0.0.1:{_PAGE_PORT}/sign-in")
        self._page.get_by_label("Name").fill(name)
        self._page.get_by_label("Password").fill(_PASSWORD)
        self._page.keyboard.press("Enter")
        self._page.wait_for_url("**/search")

    def search(self, asked: Mapping[str, str]) -> float:
        """Seconds from the key that asks until the frame after the one in which what came was painted, by the browser's clock."""
        self._page.fill("#q", asked["q"])
        self._page.evaluate(_NOTE)
        self._page.keyboard.press("Enter")
        while (milliseconds := self._page.evaluate("window.painted")) is None:
            time.sleep(0.01)
        assert self._page.locator("[role=status]").count()
        return float(milliseconds) / 1000


@contextlib.contextmanager
def window(name: str) -> Iterator[Window | None]:
    """A reader in Chromium, where there is one."""
    if (program := shutil.which("chromium")) is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield Window(browser, name)
        browser.close()


def waited(
    readers: Sequence[Person], queries: Sequence[Mapping[str, str]], seconds: float, pause: float,
    one_more: Window | None = None,
) -> tuple[list[float], list[float]]:  # fmt: skip
    """Seconds that each first page took, of readers at once who look at each for a while; apart, of one in a browser."""
    times: list[float] = []
    seen: list[float] = []
    until = time.perf_counter() + seconds

    def work(number: int, person: Person | Window, asked: Sequence[Mapping[str, str]], taken: list[float],
             pause: float = pause) -> None:  # fmt: skip
        draw = random.Random(number)
        time.sleep(draw.uniform(0, 2 * pause))
        while time.perf_counter() < until:
            taken.append(person.search(draw.choice(asked)))
            time.sleep(draw.uniform(0, 2 * pause))

    threads = [threading.Thread(target=work, args=(*each, queries, times)) for each in enumerate(readers)]
    for thread in threads:
        thread.start()
    if one_more is not None:  # in this thread: Playwright stays in the one in which it began
        typed = [asked for asked in queries if set(asked) == {"q"}]
        work(len(readers), one_more, typed, seen, min(pause, _SECONDS_AT_CHROMIUM))
    for thread in threads:
        thread.join()
    return times, seen


def served(place: Place) -> subprocess.Popen[bytes]:
    """The page as an operator starts it, once it answers."""
    command = [str(Path(sys.executable).with_name("iimm")), "page", "--data", str(place.holding.settings.data)]
    page = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", _PAGE_PORT)) == 0:
                return page
        time.sleep(0.1)
    page.terminate()
    raise SystemExit("the page did not start")


def pages(place: Place, texts: Texts, arguments: argparse.Namespace) -> Iterator[Figure]:
    """First pages of readers at once, with and without pauses."""
    for number in range(arguments.readers):
        made = place.holding.accounts.add(f"reader{number}", Role.ANALYST, ["restricted", "witness"], by="benchmark")
        place.holding.accounts.set_password(made.name, _PASSWORD, by="benchmark")
    page = served(place)
    try:
        readers = [Person(f"reader{number}") for number in range(arguments.readers)]
        queries = texts.queries(600)
        for asked in queries[:_FIRST]:
            readers[0].search(asked)
        one, _ = waited(readers[:1], queries[_FIRST:], arguments.seconds / 3, 0)
        # before what has an aim: Java compiles for some 2,000 searches after its start, and they take twice as long
        pressed, _ = waited(readers, queries[_FIRST:], arguments.seconds / 2, 0)
        paced, _ = waited(readers, queries[_FIRST:], arguments.seconds, arguments.pause)
        with window(f"reader{arguments.readers - 1}") as browser:
            beside, seen = waited(readers[:-1], queries[_FIRST:], arguments.seconds, arguments.pause, browser)
    finally:
        page.terminate()
        page.wait()
    at_once = f"{arguments.readers} readers at once"
    yield Figure(
        f"first page, p95 ({at_once}, a search each {arguments.pause:g} s, {len(paced)} searches)",
        _p95(paced),
        "s",
        at_most=_P95_SECONDS,
    )
    yield Figure("the same, median", statistics.median(paced), "s")
    if seen:
        name = f"from the key to the hits painted in Chromium, p95 ({len(seen)} searches, beside {len(beside)} of the others)"
        yield Figure(name, _p95(seen), "s", at_most=_P95_SECONDS)
        yield Figure("the same, median", statistics.median(seen), "s")
    yield Figure(
        f"first page, p95, one reader without pause, the node just started ({len(one)} searches)", _p95(one), "s"
    )
    yield Figure(f"first page, p95 ({at_once}, without any pause)", _p95(pressed), "s")
    yield Figure("pages a second without any pause", len(pressed) / (arguments.seconds / 2), "pages/s")


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def main() -> int:
    """Measure, print, write the result."""
    asked = argparse.ArgumentParser(description="the search page under many readers")
    asked.add_argument("--segments", type=int, default=1_000_000)
    asked.add_argument("--readers", type=int, default=20)
    asked.add_argument("--pause", type=float, default=4, help="mean seconds that a reader looks at a page")
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--only-pages", action="store_true", help="leave out the delivery")
    arguments = asked.parse_args()
    if not TEXTS.is_dir():
        print(f"the reference texts are not at {TEXTS}: say where by IIMM_BURMESE_TEXTS")
        return 1
    place = Place()
    try:
        texts = Texts()
        rate = [] if arguments.only_pages else [delivered(place, texts, min(_SEGMENTS_DELIVERED, arguments.segments))]
        while len(place.holding.catalogue.accessions()) < len(_MARKS):
            at = len(place.holding.catalogue.accessions())
            place.receive({f"{at}.txt": f"Accession {at}.\n"}, _MARKS[at])
        seconds = filled(place, texts, arguments.segments)
        place.next_morning()
        figures = [
            *pages(place, texts, arguments),
            *rate,
            Figure(f"indexing {arguments.segments} generated segments", seconds, "s"),
        ]
    finally:
        place.gone()
    inputs = {name: digest_of((TEXTS / name).read_bytes()) for name in (*_LINES_OF, _NAMES)}
    full = arguments.segments >= 1_000_000
    return run_benchmark(
        "search" if full else f"search-{arguments.segments}",
        figures,
        inputs=inputs,
        packages=["opensearch-py", "starlette", "uvicorn"],
    )


if __name__ == "__main__":
    raise SystemExit(main())
