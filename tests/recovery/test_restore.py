"""A holding whose machine is gone comes back from backup, vault copy and key backup, with nothing missing."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import (
    computed,
    open_holding,
    process,
    receipt,
    receive,
    tables,
    take_in_all,
    with_same_keys,
    write_files,
)

from iimm_pipelines.accessions.register import change_marks, register
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import RESTORING, Holding, HoldingIncomplete
from iimm_pipelines.people.access_log import AccessEvent, What
from iimm_pipelines.people.rights import Role
from iimm_pipelines.recovery import RecoveryRefused
from iimm_pipelines.recovery.backup import Backup, back_up
from iimm_pipelines.recovery.key_backup import material
from iimm_pipelines.recovery.restore import Restored, restore
from iimm_pipelines.recovery.vault_copy import copy_to
from iimm_pipelines.stages.inventory import take_in
from iimm_pipelines.storage.keys import Keys
from iimm_pipelines.storage.vault import WrongVault

BOX = small.pack(("x", b"in a box"), ("y", small.pack(("z", b"letter 1"))), locks={"x": "sesame"})
FILES = {"0.txt": b"letter 0", "1.txt": b"letter 1", "box": BOX}
MADE_AGAIN = ("catalogue.sqlite", "custody/log", "vault/keys-of-this-vault")

Opened = Callable[..., Holding]


@dataclass
class Kept:
    """What is kept elsewhere: the keys as their backup holds them, the backup's folder, the vault's copy."""

    keys: dict[str, bytes]
    backup: Path
    vault: str

    def restored(self, data: Path) -> Restored:
        return restore(data, self.backup, self.keys, self.vault)


def keep(holding: Holding, tmp_path: Path) -> Kept:
    kept = Kept(material(holding), tmp_path / "backup", str(tmp_path / "copy"))
    assert not copy_to(holding, kept.vault).faults
    assert not back_up(holding, kept.backup).faults
    return kept


def lose(holding: Holding) -> None:
    holding.close()
    shutil.rmtree(holding.settings.data)


def files(data: Path) -> dict[str, bytes]:
    """All files but those that are made again, and those of the log that its next entry changes."""
    found = {str(p.relative_to(data)): p.read_bytes() for p in data.rglob("*") if p.is_file()}
    return {n: data for n, data in found.items() if not n.startswith(MADE_AGAIN)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two accessions, one with a password, marks that were changed, settings; each test works on a copy."""
    top = tmp_path_factory.mktemp("template")
    holding = open_holding(top / "data")
    (top / "data" / "iimm.toml").write_text('holding = "holding"\ncrash_loop = 24\n')
    holding.accounts.add("ana", Role.ANALYST, ["restricted"], by="tests")
    holding.access_log.add(AccessEvent("ana", What.SEARCHED, query="letter", hits=2))
    receive(holding, top / "one", FILES, passwords=["sesame"])
    receive(holding, top / "two", {"same.txt": b"letter 1", "late": b"letter 9"}, source="S-2")
    process(holding)
    change_marks(holding, "A00001", ["witness", "restricted"])
    holding.close()
    return top / "data"


@pytest.fixture
def worked(template: Path, opened: Opened, tmp_path: Path) -> Holding:
    return opened(shutil.copytree(template, tmp_path / "data"))


def test_what_was_lost_comes_back_whole(worked: Holding, opened: Opened, tmp_path: Path) -> None:
    before, marks = tables(worked), worked.catalogue.accession("A00001").marks
    kept = keep(worked, tmp_path)
    lose(worked)
    done = kept.restored(tmp_path / "new")
    again = opened(tmp_path / "new")
    assert (done.faults, done.vault and done.vault.faults) == ((), [])
    assert tables(again) == before
    assert again.catalogue.accession("A00001").marks == marks
    assert again.passwords("A00001") == ["sesame"]
    assert again.settings.crash_loop == 24
    assert [(a.name, a.marks) for a in again.accounts.all()] == [("ana", {"restricted"})]
    assert [again.access_log.query_of(e) for e in again.access_log.entries()] == ["letter"]
    assert computed(process(again)) == {}
    verdict = verify(again)
    assert (verdict.valid, verdict.faults) == (True, [])
    assert again.catalogue.last_event("holding", "restored") is not None


def test_every_file_comes_back_but_what_is_made_again(worked: Holding, tmp_path: Path) -> None:
    """What a later version puts into the data folder is not left out, since nothing here knows of it."""
    (worked.settings.data / "registers").mkdir()
    (worked.settings.data / "registers" / "of-tomorrow").write_bytes(b"a human decision")
    before = files(worked.settings.data)
    kept = keep(worked, tmp_path)
    lose(worked)
    kept.restored(tmp_path / "new")
    after = files(tmp_path / "new")
    assert {n for n in before if before[n] != after.get(n)} == set()


def test_a_backup_shows_nothing_of_the_evidence(worked: Holding, tmp_path: Path) -> None:
    kept = keep(worked, tmp_path)
    for folder in (kept.backup, Path(kept.vault)):
        for path in folder.rglob("*"):
            assert not path.is_file() or not any(w in path.read_bytes() for w in (b"letter", b"A0000", b"sesame"))
            assert "A0000" not in str(path)


def test_a_second_snapshot_has_only_what_is_new_and_both_come_back(
    worked: Holding, opened: Opened, tmp_path: Path
) -> None:
    first = back_up(worked, tmp_path / "backup")
    receive(worked, tmp_path / "three", {"new.txt": b"letter 12"}, source="S-3")
    process(worked)
    kept = keep(worked, tmp_path)
    second = Backup(kept.backup, worked.keys).chain()[-1]
    assert (second.number, second.since) == (2, first.snapshot.size)
    assert second.lines < first.snapshot.lines
    before = tables(worked)
    lose(worked)
    kept.restored(tmp_path / "new")
    assert tables(opened(tmp_path / "new")) == before
    assert verify(opened(tmp_path / "new")).valid


def test_a_backup_in_the_midst_of_an_intake_comes_back_and_goes_on(opened: Opened, tmp_path: Path) -> None:
    """The catalogue that is made again knows one slice of two; intake must not take that for all."""
    begun = opened(tmp_path / "data", shard_items=1000)
    material(begun)  # which makes the keys
    many = {f"{n:04}.txt": b"letter %d" % (n % 7) for n in range(600)}
    register(begun, write_files(tmp_path / "one", many), receipt())
    whole = opened(with_same_keys(tmp_path / "uninterrupted", begun.settings.data / "keys"), shard_items=1000)
    with pytest.raises(KeyboardInterrupt), begun.catalogue.lease("A00001"):
        take_in(begun, "A00001", progress=_stop)
    kept = keep(begun, tmp_path)
    lose(begun)
    kept.restored(tmp_path / "new")
    again = opened(tmp_path / "new", shard_items=1000)
    assert len(again.catalogue.parts()) == 1
    take_in_all(again)
    register(whole, tmp_path / "one", receipt())
    take_in_all(whole)
    assert tables(again) == tables(whole)
    assert verify(again).valid


def _stop(_: int) -> None:
    raise KeyboardInterrupt


def test_a_restore_that_was_cut_short_is_not_worked_on_and_goes_on(
    worked: Holding, opened: Opened, tmp_path: Path
) -> None:
    before = tables(worked)
    kept = keep(worked, tmp_path)
    lose(worked)
    hidden = Path(kept.vault).rename(tmp_path / "unmounted")
    with pytest.raises(RecoveryRefused, match="mounted"):
        kept.restored(tmp_path / "new")
    with pytest.raises(HoldingIncomplete, match="iimm restore"):
        open_holding(tmp_path / "new")
    hidden.rename(kept.vault)
    kept.restored(tmp_path / "new")
    assert not (tmp_path / "new" / RESTORING).exists()
    assert tables(opened(tmp_path / "new")) == before


def test_a_backup_goes_on_after_a_restore_from_an_older_one(worked: Holding, opened: Opened, tmp_path: Path) -> None:
    kept = keep(worked, tmp_path)
    old = shutil.copytree(kept.backup, tmp_path / "old")
    receive(worked, tmp_path / "three", {"lost.txt": b"letter 13"}, source="S-3")
    keep(worked, tmp_path)
    lose(worked)
    restore(tmp_path / "new", old, kept.keys, kept.vault)
    again = opened(tmp_path / "new")
    done = back_up(again, kept.backup)
    assert (done.snapshot.number, done.snapshot.since, done.faults) == (3, 0, [])
    before = tables(again)
    lose(again)
    restore(tmp_path / "newer", kept.backup, kept.keys, kept.vault)
    assert tables(opened(tmp_path / "newer")) == before


def test_damage_in_a_backup_is_found_and_mended(worked: Holding, tmp_path: Path) -> None:
    kept = keep(worked, tmp_path)
    for file in sorted((kept.backup / "store" / "objects").glob("*/*"))[::5]:
        file.chmod(0o600)
        file.write_bytes(file.read_bytes()[:-3])
    done = back_up(worked, kept.backup, again=True)
    before = tables(worked)
    # what of the log's edge has gone on since cannot be taken again, nor need it: the new snapshot has its own
    assert all(f.startswith("custody/log/") for f in done.faults)
    lose(worked)
    assert kept.restored(tmp_path / "new").faults == ()
    again = open_holding(tmp_path / "new")
    assert tables(again) == before
    again.close()


def test_a_damaged_backup_is_refused_by_name_and_nothing_is_worked_on(worked: Holding, tmp_path: Path) -> None:
    kept = keep(worked, tmp_path)
    store = Backup(kept.backup, worked.keys)
    line = next(x for x in store.lines(store.chain()[-1]) if x.path.startswith("custody/events/"))
    name = store.store.name(bytes.fromhex(line.sha256))
    lose(worked)
    next((kept.backup / "store" / "objects").glob(f"*/{name}")).unlink()
    with pytest.raises(RecoveryRefused, match=line.path):
        kept.restored(tmp_path / "new")
    assert (tmp_path / "new" / RESTORING).exists()


def test_nothing_is_restored_over_a_holding_or_from_another_ones_copies(worked: Holding, tmp_path: Path) -> None:
    kept = keep(worked, tmp_path)
    with pytest.raises(RecoveryRefused, match="not empty"):
        kept.restored(worked.settings.data)
    with pytest.raises(RecoveryRefused, match="no backup"):
        restore(tmp_path / "new-1", tmp_path / "nowhere", kept.keys, kept.vault)
    other = open_holding(tmp_path / "other")
    with pytest.raises(WrongVault):
        restore(tmp_path / "new-2", kept.backup, material(other), kept.vault)
    other.close()


def test_a_backup_lies_outside_and_not_over_other_files(worked: Holding, tmp_path: Path) -> None:
    with pytest.raises(RecoveryRefused, match="data folder"):
        back_up(worked, worked.settings.data / "backup")
    with pytest.raises(RecoveryRefused, match="something else"):
        back_up(worked, tmp_path)
    keys = Keys(tmp_path / "other-keys")
    Backup(tmp_path / "theirs", keys)
    with pytest.raises(WrongVault):
        back_up(worked, tmp_path / "theirs")
