"""When material was captured and when it was received: other times than those that it states of itself."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import deliver_all, process, receive
from warcio.warcwriter import WARCWriter

from iimm_pipelines.accessions.corrections import correct
from iimm_pipelines.accessions.facts import Told, read_toml
from iimm_pipelines.accessions.items import read_items
from iimm_pipelines.holding import Holding
from iimm_pipelines.search.access import reader
from iimm_pipelines.search.delivery import stands
from iimm_pipelines.search.query import Narrowing, search
from iimm_pipelines.search.when_and_where import Asked, times_of, times_of_accession, with_accession

Found = Callable[[Asked], set[str]]


def web(date: str) -> bytes:
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=True)
    writer.write_record(writer.create_warc_record(
        "http://example.org/page", "resource", payload=io.BytesIO(b"A page of the monastery."),
        warc_headers_dict={"WARC-Date": date}))  # fmt: skip
    return written.getvalue()


def captures(*written: str) -> Told:
    return read_toml("\n".join(
        f"[[captures]]\nurl = 'http://example.org'\naccount = {{unknown = 'x'}}\ntool = {{unknown = 'x'}}\n"
        f"captured = '{w}'\ncollector = {{unknown = 'x'}}" for w in written))  # fmt: skip


@pytest.fixture(name="holding", scope="module")
def with_captures(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """Two web archives with one page in both, and a note, of an accession that was captured in March 2022."""
    holding = new_holding()
    files = {
        "first.warc.gz": web("2021-02-01T03:04:05Z"),
        "second.warc.gz": web("2021-02-08"),
        "note.txt": "A monastery.\n",
    }
    receive(holding, tmp_path_factory.mktemp("web"), files, facts=captures("2022-03-04").facts)
    process(holding)
    return holding


@pytest.fixture(name="found")
def by_name(holding: Holding) -> Found:
    """Names of what is found; of the page, of which one occurrence is shown, that of its archive."""
    items = [i for s in holding.catalogue.shards() for i in read_items(holding.parts, s.number)]
    names = {i.number: i.path.decode() for i in items}
    names |= {i.number: names[i.parent] for i in items if i.parent}

    def ask(asked: Asked) -> set[str]:
        hits = search(holding, reader(holding, "analyst"), "monastery", 10, Narrowing(when_and_where=asked)).hits
        return {names[hit.item] for hit in hits}

    return ask


def test_a_page_was_captured_when_its_archive_says(found: Found) -> None:
    assert found(Asked(after="2021-02-01", before="2021-02-01", when="captured")) == {"first.warc.gz"}
    assert found(Asked(after="2021-02-08", before="2021-02-08", when="capture")) == {"second.warc.gz"}


def test_what_says_nothing_of_its_capture_was_captured_with_its_accession(found: Found) -> None:
    assert found(Asked(after="2022-03-04", before="2022-03-04", when="captured")) == {"note.txt"}


def test_all_was_received_when_it_was_registered(holding: Holding, found: Found) -> None:
    now = holding.catalogue.accession("A00001").registered_at
    assert len(found(Asked(after=now, before=now, when="received"))) == len(found(Asked())) == 2
    assert found(Asked(before="2025", when="receipt")) == set()


def test_receipt_is_none_of_the_times_that_the_material_says(holding: Holding, found: Found) -> None:
    now = holding.catalogue.accession("A00001").registered_at
    assert found(Asked(after=now, before=now)) == set()


def test_a_corrected_time_of_capture_moves_the_documents_without_reprocessing(holding: Holding, found: Found) -> None:
    (shard,) = holding.catalogue.shards()
    keys = [part.key for part in holding.catalogue.parts()]
    correct(holding, "A00001", captures("2019-05-06"), "the label was misread")
    assert not stands(holding, shard.number)
    deliver_all(holding)
    assert stands(holding, shard.number)
    assert found(Asked(after="2019-05-06", before="2019-05-06", when="captured")) == {"note.txt"}
    assert found(Asked(after="2022-03-04", before="2022-03-04", when="captured")) == set()
    assert [part.key for part in holding.catalogue.parts()] == keys


def test_of_many_captures_the_stretch_from_first_to_last_stands() -> None:
    many = times_of_accession(
        "2024-01-01T00:00:00Z", (f"2020-01-01T{h:02}:{m:02}:00Z" for h in range(3) for m in range(60))
    )
    assert many["captured"] == [{"gte": "2020-01-01T00:00:00.000Z", "lte": "2020-01-01T02:59:00.999Z"}]


def test_a_capture_in_words_is_no_time_in_the_index() -> None:
    assert times_of_accession("2024-01-01T00:00:00Z", ["in spring"]).keys() == {"received"}


def test_a_capture_of_ones_own_comes_before_that_of_the_accession() -> None:
    of_accession = times_of_accession("2024-01-01T00:00:00Z", ["2022"])
    own = times_of([], {"parent": None, "captured_ms": 0})
    moment = "1970-01-01T00:00:00.000Z"
    assert with_accession(own, of_accession)["captured"] == [{"gte": moment, "lte": moment}]
    assert with_accession(None, of_accession) == of_accession


def test_what_lies_in_a_capture_was_captured_with_it(new_holding: Callable[..., Holding], tmp_path: Path) -> None:
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("inside.txt", "Nothing else.\n")
    written = io.BytesIO()
    writer = WARCWriter(written, gzip=True)
    writer.write_record(writer.create_warc_record(
        "http://example.org/a.zip", "resource", payload=io.BytesIO(made.getvalue()),
        warc_headers_dict={"WARC-Date": "2021-02-01T03:04:05Z"}))  # fmt: skip
    holding = new_holding()
    receive(holding, tmp_path / "files", {"w.warc.gz": written.getvalue()})
    process(holding)
    (shard,) = holding.catalogue.shards()
    captured = {i.path: i.captured_ms for i in read_items(holding.parts, shard.number)}
    assert captured == {
        b"w.warc.gz": None,
        b"http://example.org/a.zip": 1_612_148_645_000,
        b"inside.txt": 1_612_148_645_000,
    }
