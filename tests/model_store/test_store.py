"""The store's folder: importing, listing, verifying."""

from __future__ import annotations

from pathlib import Path

import pytest

from iimm_pipelines.model_store.card import ModelName, read_card
from iimm_pipelines.model_store.catalogue import Entry
from iimm_pipelines.model_store.files import DigestMismatch, FaultKind
from iimm_pipelines.model_store.store import (
    ImportRefused,
    ModelDamaged,
    ModelMissing,
    ModelStore,
    Presence,
    default_folder,
)

NAME = ModelName("village-names")
CARD = f"""
name = "{NAME}"
task = "names"
status = "starter"
languages = ["my"]
what = "a model for tests"
source = "made here"
licence = "CC0-1.0"
commercial = true
quality = []
"""


@pytest.fixture
def carried(tmp_path: Path) -> Path:
    """A folder as an operator carries it: two files, one in a folder, and a card without digests."""
    folder = tmp_path / "carried"
    (folder / "vocabulary").mkdir(parents=True)
    (folder / "weights.bin").write_bytes(b"weights")
    (folder / "vocabulary" / "words").write_bytes(b"words")
    (folder / "card.toml").write_text(CARD)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


def presence(store: ModelStore, name: ModelName) -> Presence:
    return next(state.presence for state in store.list() if state.name == name)


def test_a_missing_model_names_the_command_that_brings_it(store: ModelStore) -> None:
    with pytest.raises(ModelMissing, match="Run `iimm models pull whisper-base`"):
        store.get(ModelName("whisper-base"))
    assert presence(store, ModelName("whisper-base")) is Presence.ABSENT


def test_an_imported_folder_is_pinned_and_found(store: ModelStore, carried: Path) -> None:
    model = store.import_folder(carried).model
    assert model == store.get(NAME)
    assert (model.folder / "vocabulary" / "words").read_bytes() == b"words"
    assert presence(store, NAME) is Presence.PRESENT
    assert store.verify() == ()


def test_an_import_again_changes_nothing(store: ModelStore, carried: Path) -> None:
    store.import_folder(carried)
    assert store.import_folder(carried).already


def test_an_import_of_other_files_under_the_same_name_has_another_digest(store: ModelStore, carried: Path) -> None:
    before = store.import_folder(carried).model.digest
    (carried / "weights.bin").write_bytes(b"WEIGHTS")
    assert store.import_folder(carried).model.digest != before
    assert store.verify() == ()


def test_a_model_copied_from_another_store_is_held_to_its_pins(
    store: ModelStore, carried: Path, tmp_path: Path
) -> None:
    here = store.import_folder(carried).model
    there = ModelStore(tmp_path / "there")
    assert there.import_folder(here.folder).model.digest == here.digest
    (here.folder / "weights.bin").write_bytes(b"WEIGHTS")
    with pytest.raises(DigestMismatch):
        ModelStore(tmp_path / "elsewhere").import_folder(here.folder)


def test_verify_finds_a_changed_byte_that_leaves_the_size(store: ModelStore, carried: Path) -> None:
    model = store.import_folder(carried).model
    (model.folder / "weights.bin").write_bytes(b"weighty")
    (fault,) = store.verify()
    assert (fault.model, fault.file, fault.kind) == (NAME, "weights.bin", FaultKind.DIFFERENT)


@pytest.mark.parametrize(
    ("file", "content", "kind"),
    [
        ("weights.bin", None, FaultKind.MISSING),
        ("weights.bin", b"w", FaultKind.DIFFERENT),
        ("more.bin", b"", FaultKind.UNEXPECTED),
        ("card.toml", b"name =", FaultKind.UNREADABLE),
    ],
)
def test_a_damaged_model_is_listed_so_named_by_verify_and_not_handed_out(
    store: ModelStore, carried: Path, file: str, content: bytes | None, kind: FaultKind
) -> None:
    path = store.import_folder(carried).model.folder / file
    path.unlink() if content is None else path.write_bytes(content)
    assert [(fault.file, fault.kind) for fault in store.verify()] == [(file, kind)]
    assert presence(store, NAME) is Presence.DAMAGED
    with pytest.raises(ModelDamaged):
        store.get(NAME)


def test_a_model_that_ships_with_the_code_is_used_in_place_and_not_replaced(
    store: ModelStore, carried: Path, tmp_path: Path
) -> None:
    shipped = store.import_folder(carried).model.folder
    text = (shipped / "card.toml").read_text()
    release = ModelStore(tmp_path / "other", {NAME: Entry(read_card(text), text, shipped)})
    assert release.get(NAME).folder == shipped
    assert release.pull(NAME).already
    with pytest.raises(ImportRefused, match="ships with the code"):
        release.import_folder(carried)
    (shipped / "weights.bin").write_bytes(b"weighty")
    assert [fault.file for fault in release.verify()] == ["weights.bin"]
    with pytest.raises(ModelDamaged, match="Check the code out again"):
        release.pull(NAME)


def test_a_folder_called_like_a_model_of_the_catalogue_takes_its_card(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "madlad400-3b"
    folder.mkdir()
    (folder / "model.bin").write_bytes(b"weights")
    assert store.import_folder(folder).model.licence == "Apache-2.0"


def test_other_bytes_under_the_name_of_a_pinned_model_are_refused(store: ModelStore, tmp_path: Path) -> None:
    folder = tmp_path / "language-regional"
    folder.mkdir()
    (folder / "pdsdetect.ftz").write_bytes(b"weights")
    (folder / "LICENSE").write_bytes(b"mine")
    with pytest.raises(DigestMismatch):
        store.import_folder(folder)
    assert presence(store, ModelName("language-regional")) is Presence.ABSENT


@pytest.mark.parametrize(
    ("card", "says"),
    [
        (None, "has no card.toml"),
        ("name =", "is not TOML"),
        (CARD.replace('licence = "CC0-1.0"\n', ""), "licence: Field required"),
        (CARD.replace('"names"', '"cooking"'), "task"),
        (CARD.replace(NAME, "../outside"), "name may have"),
        (CARD + 'colour = "red"', "colour"),
    ],
)
def test_a_folder_without_a_right_card_is_refused(
    store: ModelStore, carried: Path, card: str | None, says: str
) -> None:
    (carried / "card.toml").unlink() if card is None else (carried / "card.toml").write_text(card)
    with pytest.raises(ImportRefused, match=says):
        store.import_folder(carried)


def test_a_folder_with_a_link_is_refused(store: ModelStore, carried: Path) -> None:
    (carried / "link").symlink_to("/etc/hostname")
    with pytest.raises(ImportRefused, match="plain file"):
        store.import_folder(carried)


def test_the_folder_follows_the_cache_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IIMM_CACHE", str(tmp_path))
    assert default_folder() == tmp_path / "models"
