"""A source that is compared with what was taken in: every deviation is named, by number, and counted once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_evidence import process, receive, write_files

from iimm_pipelines.accessions.completeness import Compared, Deviating, Deviation, compare
from iimm_pipelines.accessions.delivery import delivery_at
from iimm_pipelines.accessions.figures import Group, done_and_waiting, months
from iimm_pipelines.accessions.numbers import Accession
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.holding import Holding

FILES = {"a.txt": "first\n", "b/b.txt": "second\n", "b/c.txt": "third\n", "d.txt": "fourth\n"}
NUMBER = Accession("A00001")


@pytest.fixture
def holding(new_holding: object) -> Iterator[Holding]:
    yield new_holding()  # type: ignore[operator]


def compared(holding: Holding, folder: Path) -> tuple[Compared, dict[str, str | None]]:
    found: list[Deviating] = []
    said = compare(holding, NUMBER, delivery_at(os.fsencode(folder)), found=found.append)
    assert said.deviations == Counter(d.how for d in found)
    return said, {d.path.decode() or str(d.item): d.how for d in found}


def test_what_is_as_it_was_received_is_complete_and_the_event_says_so(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path, FILES)
    said, files = compared(holding, tmp_path)
    assert (said.complete, said.same, said.in_vault, files) == (True, 4, 4, {})
    (*_, last) = events_of(holding, NUMBER)
    assert (last.kind, last.body["same"], last.body["deviations"]) == ("compared with its source", 4, {})


def test_each_deviation_is_named(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path, FILES)
    (tmp_path / "a.txt").unlink()
    (tmp_path / "b" / "b.txt").write_text("another\n")
    (tmp_path / "0").write_text("before all others")
    (tmp_path / "b" / "bb.txt").write_text("between")
    (tmp_path / "z.txt").write_text("after all others")
    said, files = compared(holding, tmp_path)
    assert files == {"a.txt": Deviation.MISSING, "b/b.txt": Deviation.CHANGED, "0": Deviation.ADDITIONAL,
                     "b/bb.txt": Deviation.ADDITIONAL, "z.txt": Deviation.ADDITIONAL}  # fmt: skip
    assert (said.same, said.in_vault) == (2, 4)


def test_a_link_is_not_followed_and_a_file_that_became_one_has_changed(holding: Holding, tmp_path: Path) -> None:
    write_files(tmp_path, FILES)
    (tmp_path / "e.txt").symlink_to(tmp_path / "a.txt")
    receive(holding, tmp_path, {})
    assert compared(holding, tmp_path)[0].complete
    (tmp_path / "d.txt").unlink()
    (tmp_path / "d.txt").symlink_to(tmp_path / "a.txt")
    assert compared(holding, tmp_path)[1] == {"d.txt": Deviation.CHANGED}


def test_what_the_vault_lost_is_named_by_number(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path, FILES)
    objects = sorted(p for p in (holding.settings.data / "vault" / "objects").rglob("*") if p.is_file())
    objects[0].unlink()
    objects[1].chmod(0o600)
    objects[1].write_bytes(b"damaged")
    said, files = compared(holding, tmp_path)
    assert sorted(str(v) for v in files.values()) == ["damaged in the vault", "not in the vault"]
    assert all(k.startswith("A00001-0000-") for k in files)
    assert said.same == 4


def test_figures_count_what_came_and_what_waits(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "one", FILES)
    process(holding)
    receive(holding, tmp_path / "two", {"w.txt": "This one waits.\n"}, source="S-2")
    one, two = months(holding)
    assert (one.source, one.accessions, one.received, one.processed) == ("S-1", 1, 4, 4)
    assert (two.source, two.received, two.processed) == ("S-2", 1, 0)
    done, waiting = done_and_waiting(holding)
    assert sum(done.values()) == 4
    assert {g.kind for g in done} == {"document"}
    assert waiting == {Group("S-2", "unknown", "unknown"): 1}
