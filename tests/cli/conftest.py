"""The command line in this process, and a holding that the tests of this folder only read."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from small_evidence import OPEN, WITNESS, process, receive

from iimm_pipelines.holding import Holding
from iimm_pipelines.people.rights import Role

ODD_NAME = "[/red] \x1b[31m:smile:\n.txt"


@pytest.fixture(scope="session")
def prepared(new_holding: Callable[..., Holding], tmp_path_factory: pytest.TempPathFactory) -> Holding:
    """A00001 for all readers, with a damaged file of an odd name; A00002 needs the mark witness; A00003 waits."""
    from iimm_pipelines.accessions.register import Basis, Receipt, register

    folder = tmp_path_factory.mktemp("received")
    holding = new_holding()
    holding.accounts.add("auditor", Role.AUDITOR, [], by="tests")
    with zipfile.ZipFile(folder / "archive.zip", "w") as archive:
        archive.writestr("inside.txt", "A text inside an archive.\n")
    damaged = (folder / "archive.zip").read_bytes()[:60]
    receive(holding, folder / "1", {**OPEN, ODD_NAME: damaged})
    receive(holding, folder / "2", WITNESS, ("restricted", "witness"), "S-2")
    process(holding)
    (folder / "3").mkdir()
    (folder / "3" / "w.txt").write_text("This accession waits.")
    register(holding, folder / "3", Receipt("S-3", Basis.ARRANGEMENT, ("restricted",)))
    return holding


@pytest.fixture
def data(prepared: Holding, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its data folder, which commands work on unless they are told otherwise."""
    monkeypatch.setenv("IIMM_DATA", str(prepared.settings.data))
    return prepared.settings.data


@pytest.fixture
def own_data(new_data: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of this test alone, with settings only."""
    made = new_data()
    monkeypatch.setenv("IIMM_DATA", str(made))
    return made


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that does not exist."""
    monkeypatch.setenv("IIMM_DATA", str(tmp_path / "none"))
    return tmp_path / "none"
