"""A copy of the vault: the same ciphertext under the same names, whole on arrival."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from small_holding import open_holding, receive

from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery import RecoveryRefused
from iimm_pipelines.recovery.vault_copy import copy_to, open_copy
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.vault import Vault, WrongVault

FILES = {f"{n}.txt": f"letter {n}".encode() * 50 for n in range(6)} | {"twice.txt": b"letter 1" * 50}


Opened = Callable[..., Holding]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("template")
    holding = open_holding(top / "data")
    receive(holding, top / "received", FILES)
    holding.close()
    return top / "data"


@pytest.fixture
def filled(template: Path, opened: Opened, tmp_path: Path) -> Holding:
    return opened(shutil.copytree(template, tmp_path / "data"))


def stored(vault: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (vault / "objects").glob("*/*")}


def place(vault: Path, opened: Vault, data: bytes) -> Path:
    return next((vault / "objects").glob(f"*/{opened.name(hashlib.sha256(data).digest())}"))


def damage(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[-20] ^= 1
    file.chmod(0o600)
    file.write_bytes(data)


def test_a_copy_has_the_same_ciphertext_under_the_same_names_and_opens(filled: Holding, tmp_path: Path) -> None:
    done = copy_to(filled, str(tmp_path / "copy"))
    assert (done.copied, done.there, done.faults) == (6, 0, [])
    assert stored(tmp_path / "copy") == stored(filled.settings.data / "vault")
    copy = open_copy(str(tmp_path / "copy"), filled.settings, filled.keys)
    for data in FILES.values():
        copy.check(hashlib.sha256(data).digest())


def test_a_copy_that_was_cut_short_goes_on_where_it_was(filled: Holding, tmp_path: Path) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    place(tmp_path / "copy", filled.vault, FILES["3.txt"]).unlink()
    done = copy_to(filled, str(tmp_path / "copy"))
    assert (done.copied, done.there) == (1, 5)


def test_a_damaged_object_is_named_and_not_taken(filled: Holding, tmp_path: Path) -> None:
    damage(place(filled.settings.data / "vault", filled.vault, FILES["3.txt"]))
    done = copy_to(filled, str(tmp_path / "copy"))
    (fault,) = done.faults
    assert hashlib.sha256(FILES["3.txt"]).hexdigest()[:16] in fault
    assert "damaged at the source" in fault
    assert done.copied == len(stored(tmp_path / "copy")) == 5


def test_a_copy_that_is_whole_stays_though_the_vault_is_damaged(filled: Holding, tmp_path: Path) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    whole = stored(tmp_path / "copy")
    ours = place(filled.settings.data / "vault", filled.vault, FILES["3.txt"])
    ours.chmod(0o600)
    ours.write_bytes(ours.read_bytes()[:-40])
    assert len(copy_to(filled, str(tmp_path / "copy")).faults) == 1
    assert stored(tmp_path / "copy") == whole


def test_a_check_of_the_copy_replaces_what_is_damaged_there(filled: Holding, tmp_path: Path) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    damage(place(tmp_path / "copy", filled.vault, FILES["3.txt"]))
    assert copy_to(filled, str(tmp_path / "copy")).copied == 0
    assert copy_to(filled, str(tmp_path / "copy"), again=True).copied == 1
    assert stored(tmp_path / "copy") == stored(filled.settings.data / "vault")


def test_objects_that_no_part_names_yet_come_too(filled: Holding, tmp_path: Path) -> None:
    filled.vault.put_bytes(b"of a run that goes on")
    done = copy_to(filled, str(tmp_path / "copy"))
    assert (done.copied, done.unknown) == (7, 1)
    assert stored(tmp_path / "copy") == stored(filled.settings.data / "vault")


def test_a_copy_is_recorded(filled: Holding, tmp_path: Path) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    assert filled.catalogue.last_event("holding", "vault copied") is not None
    assert not filled.catalogue.outbox()


def test_no_copy_is_made_into_the_data_folder_another_vault_or_other_files(filled: Holding, tmp_path: Path) -> None:
    with pytest.raises(RecoveryRefused, match="data folder"):
        copy_to(filled, str(filled.settings.data / "copy"))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").touch()
    with pytest.raises(RecoveryRefused, match="something else"):
        copy_to(filled, str(tmp_path / "photos"))
    Vault(tmp_path / "other", Keys(tmp_path / "other-keys"))
    with pytest.raises(WrongVault):
        copy_to(filled, str(tmp_path / "other"))


def test_the_vault_itself_is_no_copy(opened: Opened, tmp_path: Path) -> None:
    holding = opened(tmp_path / "data", vault="../vault")
    holding.vault.put_bytes(b"testimony")
    with pytest.raises(RecoveryRefused, match="itself"):
        copy_to(holding, str(tmp_path / "vault"))


def test_a_copy_whose_volume_is_not_mounted_is_not_begun_anew(filled: Holding, tmp_path: Path) -> None:
    with pytest.raises(RecoveryRefused, match="mounted"):
        open_copy(str(tmp_path / "unmounted"), filled.settings, filled.keys)
    assert not (tmp_path / "unmounted").exists()
