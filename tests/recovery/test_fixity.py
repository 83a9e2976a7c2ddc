"""Fixity: every object is read in time, damage is named by item, mended from the copy and recorded."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import stages_for_tests as small
from small_holding import open_holding, process, receive

from iimm_pipelines.custody.lineage import events_of
from iimm_pipelines.custody.verify import verify
from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery.fixity import check_fixity, fixity_standing
from iimm_pipelines.recovery.vault_copy import copy_to
from iimm_pipelines.storage.checks import Checks

FILES = {f"{n}.txt": b"letter %d" % n for n in range(5)} | {
    "box": small.pack(("inside", b"letter 3"), ("y", b"in a box"))
}
OBJECTS = 7
DAY = 86_400

Opened = Callable[..., Holding]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven objects, of which `letter 3` occurs three times in two accessions; each test works on a copy."""
    top = tmp_path_factory.mktemp("template")
    holding = open_holding(top / "data")
    receive(holding, top / "one", FILES)
    receive(holding, top / "two", {"again.txt": b"letter 3"}, source="S-2")
    process(holding, [small.UNPACK])
    holding.close()
    return top / "data"


@pytest.fixture
def filled(template: Path, opened: Opened, tmp_path: Path) -> Holding:
    """A holding whose objects are read again within two days."""
    return opened(shutil.copytree(template, tmp_path / "data"), fixity_days=2, vault_copy=str(tmp_path / "copy"))


def stored(holding: Holding, data: bytes) -> Path:
    name = holding.vault.name(hashlib.sha256(data).digest())
    return next(holding.settings.data.glob(f"vault/objects/*/{name}"))


def damage(holding: Holding, data: bytes) -> None:
    file = stored(holding, data)
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")


def read_days_ago(holding: Holding, data: bytes, days: float) -> None:
    Checks(holding.catalogue).note([hashlib.sha256(data).digest()], int((time.time() - days * DAY) * 1000))


def test_what_was_never_read_is_read_at_once_then_only_a_share_each_day(filled: Holding) -> None:
    assert fixity_standing(filled).never == OBJECTS
    assert check_fixity(filled).checked == OBJECTS
    assert fixity_standing(filled).overdue == 0
    later = check_fixity(filled, minutes=0)
    assert later.checked == 0
    filled.vault.put_bytes(b"of no accession")  # which is none of the catalogue's
    assert check_fixity(filled, everything=True).standing.objects == OBJECTS


def test_the_oldest_checks_come_first_and_all_that_is_overdue(filled: Holding) -> None:
    check_fixity(filled)
    read_days_ago(filled, b"letter 1", 3)
    read_days_ago(filled, b"letter 2", 2.5)
    read_days_ago(filled, b"letter 4", 1)
    assert fixity_standing(filled).overdue == 2
    oldest = [d for d, _ in Checks(filled.catalogue).oldest(3)]
    assert oldest == [hashlib.sha256(b"letter %d" % n).digest() for n in (1, 2, 4)]
    assert check_fixity(filled).standing.overdue == 0
    assert min(Checks(filled.catalogue).last(d) for d in oldest[:2]) > (time.time() - 60) * 1000


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_a_bad_object_is_named_by_its_items_mended_from_the_copy_and_recorded(
    filled: Holding, how: str, tmp_path: Path
) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    whole = stored(filled, b"letter 3").read_bytes()
    damage(filled, b"letter 3") if how == "damaged" else stored(filled, b"letter 3").unlink()
    (found,) = check_fixity(filled).damage
    assert (found.found, found.restored) == (how, True)
    assert set(found.items) == {"A00001-0000-00003", "A00002-0000-00000"} | {
        n for n in found.items if n > "A00001-0000-00005"
    }
    assert len(found.items) == 3
    assert hashlib.sha256(b"letter 3").hexdigest()[:16] in str(found)
    assert stored(filled, b"letter 3").read_bytes() == whole
    for accession in ("A00001", "A00002"):
        event = events_of(filled, accession)[-1]
        assert (event.kind, event.body["objects"][0]["restored"]) == ("damage found", True)
    assert verify(filled).valid


def test_damage_without_a_copy_is_said_again_at_each_run_until_it_is_mended(filled: Holding, tmp_path: Path) -> None:
    check_fixity(filled)
    copy = filled.settings.model_copy(update={"vault_copy": None})
    damage(filled, b"letter 1")
    alone = Holding(copy)
    done = check_fixity(alone, everything=True)
    assert [d.restored for d in done.left] == [False]
    assert "vault_copy" in done.why_not_restored
    assert [d.object for d in check_fixity(alone, minutes=0).left] == [done.left[0].object]
    alone.close()
    assert fixity_standing(filled).damaged == 1
    damaged = stored(filled, b"letter 1")
    letter = tmp_path / "letter"
    letter.write_bytes(b"letter 1")
    assert "mounted" in check_fixity(filled, minutes=0).why_not_restored
    filled.vault.mend(hashlib.sha256(b"letter 1").digest(), letter)
    filled.vault.sync()
    assert check_fixity(filled, minutes=0).damage == []
    assert fixity_standing(filled).damaged == 0
    assert damaged.name in {p.name.split(".")[0] for p in filled.settings.data.glob("vault/damaged/*")}


def test_a_copy_that_is_damaged_too_mends_nothing(filled: Holding, tmp_path: Path) -> None:
    copy_to(filled, str(tmp_path / "copy"))
    damage(filled, b"letter 1")
    bad = stored(filled, b"letter 1").read_bytes()
    (tmp_path / "copy" / stored(filled, b"letter 1").relative_to(filled.settings.data / "vault")).unlink()
    done = check_fixity(filled)
    assert "does not have it whole" in done.why_not_restored
    assert stored(filled, b"letter 1").read_bytes() == bad


def test_a_rebuilt_catalogue_counts_every_object_as_never_read(filled: Holding, opened: Opened) -> None:
    from iimm_pipelines.custody.rebuild import rebuild

    check_fixity(filled)
    filled.close()
    for file in filled.settings.data.glob("catalogue.sqlite*"):
        file.unlink()
    again = opened(filled.settings.data, fixity_days=2)
    rebuild(again)
    assert fixity_standing(again).never == OBJECTS
    assert check_fixity(again).checked == OBJECTS
    assert verify(again).valid
