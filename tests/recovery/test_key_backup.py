"""Backups of the keys: they open for those they are meant for, and bring the holding's keys back."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import pyrage
import pytest

from iimm_pipelines.holding import Holding
from iimm_pipelines.recovery import RecoveryRefused
from iimm_pipelines.recovery.key_backup import (
    back_up_keys,
    confirm_backup,
    material,
    new_identity,
    open_backup,
    restore_keys,
    rotate_keys,
)
from iimm_pipelines.recovery.standing import keys_are_safe
from iimm_pipelines.storage.keys import Keys


@pytest.fixture
def people(tmp_path: Path) -> list[tuple[Path, str]]:
    """Five people with an identity each: its file, and the recipient."""
    return [(tmp_path / f"identity-{n}", new_identity(tmp_path / f"identity-{n}")) for n in range(5)]


People = list[tuple[Path, str]]


def test_any_recipient_opens_a_backup_and_nobody_else(holding: Holding, people: People, tmp_path: Path) -> None:
    file = tmp_path / "keys.age"
    back_up_keys(holding, file, [people[0][1], people[1][1]])
    assert open_backup(file, [people[1][0]]) == open_backup(file, [people[0][0]]) == material(holding)
    with pytest.raises(RecoveryRefused, match="does not open"):
        open_backup(file, [people[2][0]])


def test_a_backup_opens_without_this_program_and_shows_no_key(holding: Holding, people: People, tmp_path: Path) -> None:
    file = tmp_path / "keys.age"
    back_up_keys(holding, file, [people[0][1]])
    identity = pyrage.x25519.Identity.from_str(people[0][0].read_text().splitlines()[1])
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(file.read_bytes(), [identity]))) as archive:
        assert set(archive.getnames()) == {"holding.json", "signing.pem", "signing.pem.pub"}
    assert b"PRIVATE" not in file.read_bytes()


def test_recipients_may_stand_in_a_file(holding: Holding, people: People, tmp_path: Path) -> None:
    (tmp_path / "to.txt").write_text("# of the board\n" + "\n".join(r for _, r in people) + "\n")
    back_up_keys(holding, tmp_path / "keys.age", [str(tmp_path / "to.txt")])
    assert open_backup(tmp_path / "keys.age", [people[4][0]]) == material(holding)


def test_three_of_five_open_a_backup_with_shares_and_two_do_not(
    holding: Holding, people: People, tmp_path: Path
) -> None:
    file = tmp_path / "keys.age"
    assert len(back_up_keys(holding, file, [r for _, r in people], 3)) == 6
    identities = [i for i, _ in people]
    assert open_backup(file, [identities[4], *identities[:3]]) == material(holding)
    with pytest.raises(RecoveryRefused, match="2 shares of the 3"):
        open_backup(file, identities[:2])


def test_shares_open_a_backup_by_their_words_alone(holding: Holding, people: People, tmp_path: Path) -> None:
    file = tmp_path / "keys.age"
    shares = back_up_keys(holding, file, [people[0][1], people[1][1]], 2)[1:]
    words = []
    for share, (identity, _) in zip(shares, people, strict=False):
        key = pyrage.x25519.Identity.from_str(identity.read_text().splitlines()[1])
        words.append(tmp_path / f"{share.name}.words")
        words[-1].write_bytes(pyrage.decrypt(share.read_bytes(), [key]))
        share.unlink()
    assert open_backup(file, [], words) == material(holding)
    words[0].write_text(words[0].read_text().replace(" ", " academic ", 1))
    with pytest.raises(RecoveryRefused, match="misspelt"):
        open_backup(file, [], words)


def test_only_an_opened_backup_of_the_keys_of_now_keys_are_safe(
    holding: Holding, people: People, tmp_path: Path
) -> None:
    file = tmp_path / "keys.age"
    back_up_keys(holding, file, [people[0][1]])
    assert not keys_are_safe(holding)
    confirm_backup(holding, file, [people[0][0]])
    assert keys_are_safe(holding)
    rotate_keys(holding)
    assert not keys_are_safe(holding)
    with pytest.raises(RecoveryRefused, match="other keys"):
        confirm_backup(holding, file, [people[0][0]])


def test_what_was_encrypted_before_a_rotation_opens_after_it_and_is_not_rewritten(holding: Holding) -> None:
    before = holding.vault.put_bytes(b"before").sha256
    files = {p: p.stat().st_mtime_ns for p in holding.settings.data.glob("vault/objects/*/*")}
    rotate_keys(holding)
    after = holding.vault.put_bytes(b"after").sha256
    assert [holding.vault.open(d).read() for d in (before, after)] == [b"before", b"after"]
    assert {p: p.stat().st_mtime_ns for p in files} == files


def test_lost_keys_come_back_and_others_are_not_overwritten(holding: Holding, people: People, tmp_path: Path) -> None:
    digests = holding.vault.put_bytes(b"testimony")
    file, data = tmp_path / "keys.age", holding.settings.data
    back_up_keys(holding, file, [people[0][1]])
    files = open_backup(file, [people[0][0]])
    shutil.rmtree(data / "keys")
    restore_keys(data, files)
    restore_keys(data, files)
    assert Keys(data / "keys").name(digests.sha256) == holding.vault.name(digests.sha256)
    (data / "keys" / "holding.json").write_text("{}")
    with pytest.raises(RecoveryRefused, match="other keys"):
        restore_keys(data, files)


@pytest.mark.parametrize(
    ("recipients", "needed", "said"),
    [([], None, "to whom"), (["age1nobody"], None, "no recipient"), (["age1nobody"], 2, "no recipient"), ([], 2, "cannot be")],
)  # fmt: skip
def test_a_backup_for_nobody_is_refused(
    holding: Holding, tmp_path: Path, recipients: list[str], needed: int | None, said: str
) -> None:
    with pytest.raises(RecoveryRefused, match=said):
        back_up_keys(holding, tmp_path / "keys.age", recipients, needed)
    assert not (tmp_path / "keys.age").exists()


def test_a_backup_overwrites_nothing_and_does_not_lie_in_the_data_folder(
    holding: Holding, people: People, tmp_path: Path
) -> None:
    (tmp_path / "keys.age").write_bytes(b"an earlier one")
    for file, said in ((tmp_path / "keys.age", "exists"), (holding.settings.data / "keys.age", "data folder")):
        with pytest.raises(RecoveryRefused, match=said):
            back_up_keys(holding, file, [people[0][1]])
    assert (tmp_path / "keys.age").read_bytes() == b"an earlier one"


def test_a_file_that_is_no_backup_says_so(people: People, tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"nothing\nof the kind")
    with pytest.raises(RecoveryRefused, match="does not open"):
        open_backup(tmp_path / "none", [people[0][0]])
    with pytest.raises(RecoveryRefused, match="No such file"):
        open_backup(tmp_path / "nowhere", [people[0][0]])
    with pytest.raises(RecoveryRefused, match="no identity"):
        open_backup(tmp_path / "none", [tmp_path / "none"])
