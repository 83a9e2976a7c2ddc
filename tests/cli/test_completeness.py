"""Commands about completeness: comparing with the source, what is urgent, failures for a spreadsheet, trying again."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from small_evidence import add_accounts, receive

from iimm_pipelines.custody.rebuild import rebuild
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import What
from iimm_pipelines.settings import load_settings

Type = Callable[..., Any]


@pytest.fixture
def own(own_data: Path, tmp_path: Path) -> Path:
    """Two accessions of one file each."""
    holding = Holding(load_settings(own_data))
    receive(holding, tmp_path / "one", {"=names.txt": "first\n"})
    receive(holding, tmp_path / "two", {"b.txt": "second\n"}, source="S-2")
    add_accounts(holding)
    holding.close()
    return own_data


def test_a_source_that_changed_is_an_exit_code_and_a_number(own: Path, tmp_path: Path, typed: Type) -> None:
    assert typed("accession", "verify", "A00001").code == 0
    (tmp_path / "one" / "=names.txt").write_text("changed\n")
    said = typed("accession", "verify", "A00001", "--json")
    assert said.code == 1
    assert json.loads(said.out)["files"] == [{"item": "A00001-0000-00000", "how": "changed at the source"}]
    assert "names" not in typed("accession", "verify", "A00001").out
    assert "=names.txt" in typed("accession", "verify", "A00001", "--names").out


def test_a_source_that_lies_elsewhere_now_can_be_named(own: Path, tmp_path: Path, typed: Type) -> None:
    shutil.move(tmp_path / "one", tmp_path / "moved")
    assert typed("accession", "verify", "A00001").code == 2
    assert typed("accession", "verify", "A00001", tmp_path / "moved").code == 0


def test_an_original_goes_to_readers_of_its_marks_only(own: Path, tmp_path: Path, typed: Type) -> None:
    item, file = "A00001-0000-00000", tmp_path / "out"
    said = typed("original", item, file, "--as", "nobody", "--reason", "curious")
    assert (said.code, file.exists()) == (2, False) and f"there is no item {item}" in said.err
    assert "NOT scanned" in typed("original", item, file, "--as", "analyst", "--reason", "for the hearing").out
    assert file.read_text() == "first\n"
    assert typed("original", item, file, "--as", "analyst", "--reason", "again, where a file is").code == 2
    with closing(Holding(load_settings(own))) as holding:
        assert [(e.who, e.what, e.subject) for e in holding.access_log.entries()] == [
            ("nobody", What.REFUSED, item), ("analyst", What.DOWNLOADED, item), ("analyst", What.DOWNLOADED, item),
            ("analyst", What.REFUSED, item)]  # fmt: skip


def test_what_is_urgent_is_a_custody_event_that_outlives_the_catalogue(own: Path, typed: Type) -> None:
    assert "comes first" in typed("accession", "urgent", "A00002").out
    (own / "catalogue.sqlite").unlink()
    holding = Holding(load_settings(own))
    rebuild(holding)
    assert [a.urgent for a in holding.catalogue.accessions()] == [False, True]
    holding.close()
    assert "waits with the others" in typed("accession", "urgent", "A00002", "--off").out


def test_failures_for_a_spreadsheet_never_begin_like_a_formula(data: Path, tmp_path: Path, typed: Type) -> None:
    file = tmp_path / "failures.csv"
    assert typed("failures", "--csv", file, "--names").code == 0
    (row,) = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    assert row["item"].startswith("A00001-0000-")
    assert row["can help to try again"] == "no"
    assert r"smile:\n" in row["name"]


def test_trying_again_is_refused_where_it_cannot_help(data: Path, typed: Type) -> None:
    assert "does not help what is damaged" in typed("retry", "--reason", "damaged").err
    assert "--all" in typed("retry").err
    assert typed("retry", "--all").out.strip() == "There is no such outcome."
    assert typed("retry", "--accession", "A00001").out.strip() == "There is no such outcome."
