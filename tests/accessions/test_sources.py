"""The register of sources holds codes, and where the true one is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_holding import open_holding, receive

from iimm_pipelines.accessions.register import RegistrationRefused
from iimm_pipelines.accessions.sources import add_source, correct_source, events_of_source, find_source, sources
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Holding]:
    opened = open_holding(tmp_path / "data")
    yield opened
    opened.close()


def test_a_source_is_listed_with_what_it_handed_over(holding: Holding, tmp_path: Path) -> None:
    add_source(holding, "S-1", "safe 2, book 1")
    add_source(holding, "S-2", "")
    receive(holding, tmp_path / "in", {"a": b"a"})
    assert [(s.code, s.true_register, s.accessions) for s in sources(holding)] == [
        ("S-1", "safe 2, book 1", ("A00001",)), ("S-2", "", ())]  # fmt: skip
    assert verify(holding).valid


def test_a_code_that_only_an_accession_names_is_listed_as_not_registered(holding: Holding, tmp_path: Path) -> None:
    receive(holding, tmp_path / "in", {"a": b"a"}, source="S-9")
    assert find_source(holding, "S-9").registered_at is None


def test_a_correction_keeps_the_old_words(holding: Holding) -> None:
    add_source(holding, "S-1", "safe 2")
    assert correct_source(holding, "S-1", "safe 3", "moved").true_register == "safe 3"
    assert [e.body["true_register"] for e in events_of_source(holding, "S-1")] == ["safe 2", "safe 3"]
    assert events_of_source(holding, "S-1")[-1].body["before"] == "safe 2"


@pytest.mark.parametrize("code", ["", "Daw Mya", "ThanZaw", "မြ1", "../1", "S-1" + "x" * 40])
def test_a_name_is_no_code(holding: Holding, code: str) -> None:
    with pytest.raises(RegistrationRefused, match="code"):
        add_source(holding, code, "")
    assert holding.catalogue.sources() == []


def test_what_would_change_nothing_is_refused(holding: Holding) -> None:
    add_source(holding, "S-1", "safe 2")
    with pytest.raises(RegistrationRefused):
        add_source(holding, "S-1", "safe 3")
    for code, register, reason in (("S-1", "safe 2", "why"), ("S-1", "safe 3", " "), ("S-2", "safe 3", "why")):
        with pytest.raises(RegistrationRefused):
            correct_source(holding, code, register, reason)
    with pytest.raises(RegistrationRefused):
        find_source(holding, "S-2")


def test_a_code_that_looks_like_an_accession_has_a_chain_of_its_own(holding: Holding, tmp_path: Path) -> None:
    add_source(holding, "A00001", "safe 2")
    receive(holding, tmp_path / "in", {"a": b"a"}, source="A00001")
    assert [e.kind for e in events_of_source(holding, "A00001")] == ["source registered"]
    assert verify(holding).valid
