"""What people read: status, failures, search, doctor, and that evidence cannot talk to their terminal."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from iimm_pipelines.cli.search import excerpt, headline
from iimm_pipelines.holding import Holding
from iimm_pipelines.people.access_log import What
from iimm_pipelines.search.query import Hit
from iimm_pipelines.stages.graph import STAGES


def test_a_stage_that_has_not_run_says_so_and_never_zero(data: Path, typed: Callable[..., Any]) -> None:
    ran = {"inventory", "contents", "languages", "search_index"}
    plain = json.loads(typed("status", "--json").out)["stages"]
    assert plain.keys() == {"inventory", *(s.name for s in STAGES)}
    assert {n for n, counts in plain.items() if counts is not None} == ran
    rows = {
        line.split()[1]: line
        for line in typed("status").out.splitlines()
        if line.startswith("│") and len(line.split()) > 1
    }
    for name in plain:
        assert ("not run" in rows[name]) == (name not in ran), name


def test_status_adds_up(data: Path, typed: Callable[..., Any]) -> None:
    said = json.loads(typed("status", "--json").out)
    for kind in ("received", "items"):
        account = said[kind]
        assert account["total"] == sum(n for k, n in account.items() if k != "total")
    assert said["received"]["total"] == 9
    assert json.loads(typed("status", "--accession", "A00002", "--json").out)["received"]["total"] == 2


def test_failures_give_number_reason_and_what_to_do_but_no_name(data: Path, typed: Callable[..., Any]) -> None:
    (failure,) = json.loads(typed("failures", "--json").out)
    assert failure["item"].startswith("A00001-0000-")
    assert failure["reason"] in ("damaged", "truncated")
    assert "ask the source" in failure["what to do"]
    assert "path" not in failure
    table = typed("failures").out
    assert failure["item"] in table
    assert "smile" not in table


def test_a_container_that_was_cut_off_is_not_whole_and_says_how_far_it_got(
    data: Path, typed: Callable[..., Any]
) -> None:
    (cut,) = json.loads(typed("members", "A00001", "--lacking", "--json").out)
    assert (cut["stated"], cut["problem"], cut["whole"]) == (None, "truncated", False)
    rows = json.loads(typed("members", cut["item"], "--names", "--json").out)["members"]
    assert [(r["item"], r["name"], r["problem"]) for r in rows] == [(None, "inside.txt", "truncated")]
    assert "inside" not in typed("members", cut["item"]).out


def test_names_are_shown_when_they_are_asked_for_and_cannot_talk_to_the_terminal(
    data: Path, typed: Callable[..., Any]
) -> None:
    shown = typed("failures", "--names")
    assert shown.code == 0
    assert r"[/red] \x1b[31m:smile:\n.txt" in shown.out
    assert "\x1b" not in shown.out


def test_text_of_a_hit_cannot_talk_to_the_terminal() -> None:
    text = "before \x1b]0;title\x07\x1b[31mred\u202eder\r\nafter ကျောင်း"
    hit = Hit("A00001-0000-00000", 1.0, {"text": text, "language": "\x1b[31mmya"}, {})
    assert excerpt(hit).plain.strip() == r"before \x1b]0;title\x07\x1b[31mred\u202eder after ကျောင်း"
    marked = Hit("A00001-0000-00000", 1.0, {}, {"text": ["<em>a\x1b[31m</em><em>b</em> [/red]"]})
    assert excerpt(marked).plain.strip() == r"a\x1b[31mb [/red]"
    assert "\x1b" not in headline(hit).plain


def test_a_translation_says_that_a_machine_made_it() -> None:
    fields = {"translation_machine": "my-en", "translation_status": "starter", "translation_reliable": False}
    hit = Hit("A00001-0000-00000", 1.0, fields, {"translation": ["two <em>schools</em>"]})
    assert excerpt(hit).plain.strip() == "machine translation: two schools"
    assert "my-en (starter model, not reliable)" in headline(hit).plain


def test_a_search_shows_count_facets_number_and_the_found_words(data: Path, typed: Callable[..., Any]) -> None:
    out = typed("search", "monastery bell", "--as", "lead").out
    assert "3 found" in out or "4 found" in out
    assert "kind: document" in out
    assert "A00001-0000-" in out
    assert "monastery bell was stolen" in out


def test_a_search_that_finds_nothing_says_so_and_is_no_error(data: Path, typed: Callable[..., Any]) -> None:
    said = typed("search", "zanzibarite", "--as", "analyst")
    assert (said.code, said.out.strip()) == (0, "Nothing found.")


def test_a_search_stands_in_the_log_of_access_and_not_in_that_of_custody(
    prepared: Holding, data: Path, typed: Callable[..., Any]
) -> None:
    events = prepared.catalogue.log_size()
    typed("search", "monastery bell", "--record", "message", "--as", "analyst")
    *_, entry = prepared.access_log.entries()
    assert (entry.who, entry.what, entry.hits) == ("analyst", What.SEARCHED, 0)
    assert prepared.access_log.query_of(entry) == "monastery bell | record: message"
    assert prepared.catalogue.log_size() == events


def test_a_retry_says_how_many_and_what_comes_next(data: Path, typed: Callable[..., Any]) -> None:
    assert typed("retry", "--reason", "timed out").out.strip() == "There is no such outcome."
    refused = typed("retry", "--reason", "tired").err
    assert all(reason in refused for reason in ("timed out", "out of memory", "crashed", "encrypted", "no model"))


@pytest.fixture
def bare_machine() -> Iterator[Path]:
    """A PATH with no program but the one that asks what the search server's account may read (not below tmp_path)."""
    folder = Path(tempfile.mkdtemp(prefix="iimm-bare-"))
    folder.chmod(0o755)
    (folder / "test").symlink_to("/usr/bin/test")
    yield folder
    shutil.rmtree(folder)


def test_doctor_names_what_is_missing_with_the_command_that_mends_it(
    tmp_path: Path, own_data: Path, bare_machine: Path
) -> None:
    environment = {"PATH": str(bare_machine), "IIMM_DATA": str(own_data), "IIMM_CACHE": str(tmp_path / "cache"),
                   "HOME": os.environ.get("HOME", "/"), "JAVA_HOME": str(tmp_path)}  # fmt: skip
    done = subprocess.run([str(Path(sys.executable).with_name("iimm")), "doctor", "--json"], env=environment, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    mends = {f["what"]: f["mend"] for f in json.loads(done.stdout) if f["state"] == "missing"}
    assert mends["tesseract"] == "apt-get install tesseract-ocr"
    assert mends["Burmese for tesseract"] == "apt-get install tesseract-ocr-mya"
    assert mends["model language-general"] == "iimm models pull language-general"
    assert mends["Tika worker"]
    assert all(mends.values())


def test_doctor_names_what_is_unsafe(data: Path, prepared: Holding, typed: Callable[..., Any]) -> None:
    found = {f["what"]: f for f in json.loads(typed("doctor", "--json").out)}
    assert found["backup of the keys"]["state"] == "unsafe"
    assert found["keys closed to others"]["state"] == "good"
    assert found["search node"]["state"] == "good"
    (data / "keys").chmod(0o755)
    try:
        assert "chmod 700" in typed("doctor").out.replace("\n", " ")
    finally:
        (data / "keys").chmod(0o700)


@pytest.mark.parametrize("command", [("status",), ("accession", "list")])
def test_keys_that_others_can_read_do_not_end_in_a_traceback(
    data: Path, command: tuple[str, ...], typed: Callable[..., Any]
) -> None:
    (data / "keys").chmod(0o755)
    try:
        assert "Traceback" not in typed(*command).err
    finally:
        (data / "keys").chmod(0o700)
