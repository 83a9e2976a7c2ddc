"""Intake: every listed file is answered for, by what it is when it is read; the accession is sealed by what was read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_holding import kinds, open_holding, process, receipt, receive, take_in_all, write_files

from iimm_pipelines.accessions.accounts import account
from iimm_pipelines.accessions.numbers import Shard
from iimm_pipelines.accessions.register import register
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding

SHARD = Shard("A00001-0000")


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def vanish(path: Path) -> None:
    path.unlink()


def grow(path: Path) -> None:
    path.write_bytes(b"something longer")


def be_rewritten(path: Path) -> None:
    path.write_bytes(path.read_bytes())


def become_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


CHANGES: dict[Callable[[Path], None], str] = {
    vanish: "unavailable", grow: "changed while read", be_rewritten: "changed while read", become_a_link: "unavailable",
    become_a_pipe: "changed while read", become_a_folder: "changed while read",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda f: f.__name__)
def test_a_file_that_changed_since_it_was_listed_fails_alone(
    holding: Holding, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    register(holding, write_files(tmp_path / "in", {"a": b"a", "b": b"b", "c": b"c"}), receipt())
    change(tmp_path / "in" / "b")
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [
        ("produced", None),
        ("failed", CHANGES[change]),
        ("produced", None),
    ]
    process(holding)
    received, items = account(holding, ["contents", "languages"], [SHARD])
    assert received == items
    assert (received.total, received.processed, received.failed) == (3, 2, 1)
    assert received.adds_up
    assert verify(holding).valid


def test_a_folder_that_became_a_link_leads_nowhere(holding: Holding, tmp_path: Path) -> None:
    register(holding, write_files(tmp_path / "in", {"sub/a": b"a"}), receipt())
    shutil.rmtree(tmp_path / "in" / "sub")
    (tmp_path / "in" / "sub").symlink_to(write_files(tmp_path / "elsewhere", {"a": b"secret"}))
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [("failed", "changed while read")]


def test_links_are_excluded_and_never_followed_and_where_they_lead_is_kept(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path / "in", {"a": b"a"})
    write_files(tmp_path / "elsewhere", {"secret": b"secret"})
    (tmp_path / "in" / "b").symlink_to(tmp_path / "elsewhere" / "secret")
    (tmp_path / "in" / "c").symlink_to(tmp_path / "elsewhere")
    register(holding, tmp_path / "in", receipt())
    take_in_all(holding)
    assert [*kinds(holding, "inventory").values()] == [("produced", None)] + [("excluded", "wrong kind")] * 2
    assert len(list(holding.vault.names())) == 1
    leads = holding.parts.frame("inventory", "received", SHARD)["leads_to"].to_list()
    assert leads == [None, os.fsencode(tmp_path / "elsewhere" / "secret"), os.fsencode(tmp_path / "elsewhere")]


def test_raw_names_go_through_every_stage(holding: Holding, tmp_path: Path) -> None:
    names = (b"new\nline", b"not utf-8 \xff\xfe", "မြန်မာ.txt".encode(), b"sub\xff/\n")
    receive(holding, tmp_path / "in", {n: n for n in names})
    process(holding)
    assert set(kinds(holding, "contents").values()) == {("produced", None)}
    frame = holding.parts.frame("inventory", "received", SHARD)
    assert set(frame["path"].to_list()) == set(names)


@pytest.mark.parametrize("change", [vanish, grow], ids=lambda f: f.__name__)
def test_a_file_that_is_read_at_a_second_try_is_sealed_too(
    holding: Holding, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    register(holding, write_files(tmp_path / "in", {"a": b"a", "b": b"b"}), receipt())
    change(tmp_path / "in" / "b")
    take_in_all(holding)
    first = holding.catalogue.accession("A00001")
    if change is vanish:
        write_files(tmp_path / "in", {"b": b"b"})
    holding.catalogue.ask_again("inventory", SHARD, 0, ["unavailable", "changed while read"])
    take_in_all(holding)
    assert set(kinds(holding, "inventory").values()) == {("produced", None)}
    second = holding.catalogue.accession("A00001")
    assert second.state == "sealed"
    assert second.root != first.root
    assert [e.body.get("read") for e in events_of(holding, "A00001")] == [None, 1, 2]
    size = (tmp_path / "in" / "b").stat().st_size
    assert holding.parts.frame("inventory", "received", SHARD)["size"].to_list() == [1, size]
    process(holding)
    assert verify(holding).valid
    take_in_all(holding)
    assert len(events_of(holding, "A00001")) == 3


def test_taking_in_again_after_the_folder_is_gone_changes_nothing(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"})
    shutil.rmtree(tmp_path / "in")
    take_in_all(holding)
    process(holding)
    assert [*kinds(holding, "contents").values()] == [("produced", None)]


def test_a_whole_folder_that_is_gone_before_intake_is_answered_for(holding: Holding, tmp_path: Path) -> None:
    register(holding, write_files(tmp_path / "in", {"a": b"a", "b": b"b"}), receipt())
    shutil.rmtree(tmp_path / "in")
    take_in_all(holding)
    process(holding)
    received, _ = account(holding, ["contents", "languages"], [SHARD])
    assert (received.total, received.failed, received.adds_up) == (2, 2, True)
