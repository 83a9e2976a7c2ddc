"""Corrections: what is said now and what was said before, both in the record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from small_holding import open_holding, receipt, take_in_all, write_files

from iimm_pipelines.accessions.corrections import correct, history
from iimm_pipelines.accessions.facts import Facts, Told, Unknown, from_text, read_toml
from iimm_pipelines.accessions.register import RegistrationRefused, change_marks, register, register_exhibits
from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding

PHONE = '[[exhibits]]\ncarrier = "phone"\nserial = "SN 1"\nseal = "none"\ncondition = "worn"'


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    register(opened, write_files(tmp_path / "in", {"a": b"a"}), replace(receipt(), facts=read_toml(PHONE).facts))
    yield opened
    opened.close()


def facts(holding: Holding) -> Facts:
    return from_text(holding.catalogue.accession("A00001").facts)


def test_a_correction_changes_what_it_names_and_nothing_else(holding: Holding) -> None:
    correct(holding, "A00001", read_toml('form = "safe 3"\nsource = "S-2"'), "found in the diary")
    assert facts(holding) == replace(read_toml(PHONE).facts, form="safe 3")
    assert holding.catalogue.accession("A00001").source == "S-2"


def test_the_event_says_what_was_before_and_what_is_now(holding: Holding) -> None:
    correct(holding, "A00001", read_toml('form = "safe 3"\nsource = "S-1"'), "found")
    event = events_of(holding, "A00001")[-1]
    assert (event.kind, event.body) == ("corrected", {
        "before": {"form": {"unknown": "not stated at registration"}}, "after": {"form": "safe 3"}, "reason": "found",
    })  # fmt: skip
    assert verify(holding).valid


def test_everything_that_was_ever_said_can_be_read(holding: Holding) -> None:
    correct(holding, "A00001", read_toml(PHONE.replace("SN 1", "SN 2")), "misread")
    correct(holding, "A00001", read_toml('note = "seen"'), "asked for")
    change_marks(holding, "A00001", ["witness"])
    said = [(s.fact, s.sequence, s.reason) for s in history(events_of(holding, "A00001"))]
    assert [s for s in said if s[0] == "exhibits"] == [("exhibits", 0, None), ("exhibits", 1, "misread")]
    assert [s for s in said if s[0] == "note"] == [("note", 0, None), ("note", 2, "asked for")]
    assert [s for s in said if s[0] == "marks"] == [("marks", 0, None), ("marks", 3, None)]
    values = [s.value[0]["serial"] for s in history(events_of(holding, "A00001")) if s.fact == "exhibits"]
    assert values == ["SN 1", "SN 2"]


REFUSED = {
    "no reason": (Told(note="x"), " "),
    "nothing said": (Told(), "why"),
    "what is said already": (read_toml(PHONE), "why"),
    "marks": (Told(marks=("a",)), "why"),
    "a basis that is none": (Told(basis="theft"), "why"),
    "a source with a blank": (Told(source="Daw Mya"), "why"),
    "a form that is no item": (Told(form="A00001-0000-00001"), "why"),
}


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
def test_a_correction_that_cannot_be_meant_is_refused_and_leaves_nothing(
    holding: Holding, said: tuple[Told, str]
) -> None:
    with pytest.raises(RegistrationRefused):
        correct(holding, "A00001", *said)
    assert len(events_of(holding, "A00001")) == 1


def test_a_form_may_be_an_item_of_this_holding(holding: Holding) -> None:
    correct(holding, "A00001", Told(form="A00001-0000-00000"), "scanned")
    assert facts(holding).form_item == "A00001-0000-00000"


def test_exhibits_alone_are_an_accession_that_is_sealed_over_no_file(holding: Holding) -> None:
    row = register_exhibits(holding, replace(receipt("S-3"), facts=read_toml(PHONE).facts))
    register_exhibits(holding, replace(receipt("S-3"), facts=read_toml(PHONE).facts))
    take_in_all(holding)
    assert [(a.state, a.received) for a in holding.catalogue.accessions()] == [
        ("sealed", 1),
        ("sealed", 0),
        ("sealed", 0),
    ]
    assert holding.catalogue.accession(row.number).same_as is None
    assert verify(holding).valid


@pytest.mark.parametrize("exhibits", [(), Unknown("nobody asked")])
def test_an_accession_without_files_and_exhibits_is_none(holding: Holding, exhibits: tuple[()] | Unknown) -> None:
    with pytest.raises(RegistrationRefused, match="exhibit"):
        register_exhibits(holding, replace(receipt(), facts=Facts(exhibits=exhibits)))
