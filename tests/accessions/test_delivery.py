"""Deliveries: registration and intake work through the protocol, whatever lies behind it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from small_holding import kinds, open_holding, receipt, take_in_all, write_files

from iimm_pipelines.accessions.delivery import Entry, Opened, SingleFile, State, delivery_at, delivery_of
from iimm_pipelines.accessions.register import register
from iimm_pipelines.holding import Holding
from iimm_pipelines.stages import inventory
from iimm_pipelines.storage.vault import ChangedWhileRead, SourceUnavailable

SHARD = "A00001-0000"


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


@dataclass
class Shelf:
    """A delivery that gives streams, as a store of objects does; `tag` stands for an ETag."""

    objects: dict[bytes, bytes]
    where: bytes = b"shelf:"
    size_of_piece: int = 1 << 20
    begun: int = 0
    later: dict[bytes, bytes] = field(default_factory=dict)
    """What the second reading of an object gives."""

    def _state(self, path: bytes) -> State:
        return State(len(self.objects[path]), 0, hashlib.md5(self.objects[path]).hexdigest())  # noqa: S324

    def entries(self) -> Iterator[Entry]:
        yield from (Entry(p, self._state(p)) for p in sorted(self.objects))

    @contextmanager
    def open(self, path: bytes) -> Iterator[Opened]:
        if path not in self.objects:
            raise SourceUnavailable("gone")
        state = self._state(path)

        def pieces() -> Iterator[memoryview]:
            if self._state(path) != state:
                raise ChangedWhileRead("another tag")
            data = memoryview(self.objects[path])
            self.begun += 1
            if path in self.later:
                self.objects[path] = self.later.pop(path)
            yield from (data[i : i + self.size_of_piece] for i in range(0, len(data), self.size_of_piece))

        yield Opened(state, pieces)

    def leads_to(self, path: bytes) -> bytes | None:
        return None


def test_a_single_file_is_an_accession_of_one(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {b"phone\xff.zip": b"bytes", "beside": b"not handed over"})
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/phone\xff.zip"))
    assert register(holding, file, receipt()).received == 1
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [("produced", None)]
    assert holding.parts.frame("inventory", "received", SHARD)["path"].to_list() == [b"phone\xff.zip"]


def test_a_link_to_a_file_is_registered_as_what_it_leads_to(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"real": b"bytes"})
    (tmp_path / "link").symlink_to(tmp_path / "in" / "real")
    assert delivery_of(tmp_path / "link") == SingleFile(os.fsencode((tmp_path / "in" / "real").resolve()))
    assert delivery_of(tmp_path / "nothing") is None


def test_a_delivery_that_is_gone_has_entries_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable), delivery_at(os.fsencode(tmp_path / "gone")).open(b"a"):
        pass


def take_in(holding: Holding, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[str, str | None]]:
    monkeypatch.setattr(inventory, "delivery_at", lambda where: shelf)
    take_in_all(holding)
    return kinds(holding, "inventory")


def test_streams_are_taken_in_like_files(holding: Holding, monkeypatch: pytest.MonkeyPatch) -> None:
    large = bytes(range(256)) * (260 << 10)  # 65 MiB: read twice
    shelf = Shelf({b"a": b"small", b"b": large, b"c": b""})
    register(holding, shelf, receipt())
    assert set(take_in(holding, shelf, monkeypatch).values()) == {("produced", None)}
    found = holding.parts.frame("inventory", "received", SHARD)
    assert found["sha256"].to_list() == [hashlib.sha256(d).digest() for d in (b"small", large, b"")]
    assert shelf.begun == 4
    holding.vault.check(hashlib.sha256(large).digest())


def test_a_tag_that_changed_since_the_listing_is_seen(holding: Holding, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf({b"a": b"one", b"b": b"two"})
    register(holding, shelf, receipt())
    shelf.objects[b"a"] = b"eno"  # as long as before, and no time tells
    assert [*take_in(holding, shelf, monkeypatch).values()] == [("failed", "changed while read"), ("produced", None)]


@pytest.mark.parametrize("later", [b"y" * (65 << 20), b"x" * (66 << 20), b"x"], ids=["other", "longer", "shorter"])
def test_what_changes_between_two_readings_is_not_stored(
    holding: Holding, monkeypatch: pytest.MonkeyPatch, later: bytes
) -> None:
    shelf = Shelf({b"a": b"x" * (65 << 20)}, later={b"a": later})
    register(holding, shelf, receipt())
    assert [*take_in(holding, shelf, monkeypatch).values()] == [("failed", "changed while read")]
    assert list(holding.vault.names()) == []


@pytest.mark.parametrize("size", [1, 5])
def test_a_stream_of_another_length_than_it_says_is_not_stored(holding: Holding, size: int) -> None:
    with pytest.raises(ChangedWhileRead):
        holding.vault.put_stream(size, lambda: iter([memoryview(b"abc")]))
    assert list(holding.vault.names()) == []
