"""The folder that holds models, one folder for each, beside its card.

Here: finding, listing, fetching, importing and verifying models on this machine.
Not here: which models exist (catalogue), the package client (pull), loading weights (resources.models).

A model that the catalogue pins is held to the catalogue; any other is held to the card that its import wrote.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from iimm_pipelines.model_store.card import (
    CARD_FILE,
    Card,
    CardInvalid,
    ModelName,
    PinnedFile,
    Status,
    Task,
    is_safe_name,
    read_card,
    with_pins,
)
from iimm_pipelines.model_store.catalogue import Catalogue, Entry, load_catalogue
from iimm_pipelines.model_store.files import (
    DigestMismatch,
    Fault,
    FaultKind,
    chunks_of,
    faults_by_digest,
    faults_by_size,
    file_names,
    pin,
    sync_folder,
    sync_folders,
    write_checked,
)
from iimm_pipelines.model_store.pull import PullFailed, fetch_into

_INCOMING = ".incoming-"
_OUTGOING = ".outgoing-"


class ModelMissing(Exception):
    """A model is not on this machine; the message says the command that brings it."""


class ModelDamaged(Exception):
    """A model's files are not those of its card; the message names them."""


class ImportRefused(Exception):
    """A folder cannot be taken in as a model; the message says why."""


class Presence(StrEnum):
    """Whether a model can be used on this machine, as far as names and sizes tell."""

    PRESENT = "present"
    ABSENT = "absent"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Model:
    """A model on this machine. Its digest names it in stage digests: another digest is other work."""

    name: ModelName
    task: Task
    languages: tuple[str, ...]
    status: Status
    licence: str
    commercial: bool
    folder: Path
    digest: str


@dataclass(frozen=True, slots=True)
class ModelState:
    """A model of the catalogue or the store; without a card if the one in the store cannot be read."""

    name: ModelName
    presence: Presence
    card: Card | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A model that is in the store now; `already` if it was there, whole, before."""

    model: Model
    already: bool


def default_folder() -> Path:
    """Where models lie when no settings are at hand: `models` below IIMM_CACHE, or below the user's cache folder."""
    if cache := os.environ.get("IIMM_CACHE"):
        return Path(cache) / "models"
    return Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "iimm" / "models"


class ModelStore:
    """Models below one folder."""

    def __init__(self, folder: Path, catalogue: Catalogue | None = None) -> None:
        """Use a folder, made at the first pull or import, with the release's catalogue unless another is given."""
        self.folder = folder
        self._catalogue = load_catalogue() if catalogue is None else catalogue

    def get(self, name: ModelName) -> Model:
        """A model that can be loaded now. Names and sizes are checked here, digests by `verify`.

        Raises:
            ModelMissing: it is not on this machine.
            ModelDamaged: a file is missing, has another size, or belongs to another version of the model.
        """
        folder = self._place(name)
        if not folder.is_dir():
            raise ModelMissing(f"The model {name} is not in {self.folder}. Run `iimm models pull {name}`.")
        try:
            card = self._card(name)
        except CardInvalid as error:
            raise ModelDamaged(f"The model {name} has no readable card: {error}. Import it again.") from error
        if faults := self._quick_faults(card):
            raise ModelDamaged(_told(name, faults))
        return Model(
            card.name, card.task, card.languages, card.status, card.licence, card.commercial, folder, card.digest
        )

    def list(self) -> tuple[ModelState, ...]:
        """Every model of the catalogue and of the folder, by name."""
        return tuple(self._state(name) for name in sorted({*self._catalogue, *self._names_on_disk()}))

    def verify(self) -> tuple[Fault, ...]:
        """Read each byte of each model on this machine and name every file that is not as pinned."""
        faults: list[Fault] = []
        for name in sorted({*self._catalogue, *self._names_on_disk()}):
            if not self._place(name).is_dir():
                continue
            try:
                card = self._card(name)
            except CardInvalid:
                faults.append(Fault(name, CARD_FILE, FaultKind.UNREADABLE))
                continue
            faults += [*self._card_faults(card), *faults_by_digest(card, self._place(name))]
        return tuple(faults)

    def pull(self, name: ModelName) -> Taken:
        """Bring a model of the catalogue onto this machine, or mend it. Nothing is fetched if it is there and whole.

        Raises:
            ModelMissing: the catalogue has no such model.
            PullFailed: it cannot be fetched from here; the message says how else.
            DigestMismatch: other bytes came than the catalogue expects; nothing was taken in.
            ModelDamaged: it ships with the code, and its files are not those of the release.
        """
        entry = self._catalogue.get(name)
        if entry is None:
            known = ", ".join(sorted(self._catalogue))
            raise ModelMissing(f"The catalogue has no model {name}. It has: {known}.")
        with self._lock():
            if self._whole(name):
                return Taken(self.get(name), already=True)
            if entry.shipped:
                raise ModelDamaged(
                    _told(name, faults_by_digest(entry.card, entry.shipped), "Check the code out again.")
                )
            if not entry.card.packages:
                raise PullFailed(
                    f"{name} is in no package: an operator fetches it. On a machine with a network get "
                    f"{entry.card.source} ({entry.card.licence}). {entry.card.operator} Put the files into a folder "
                    f"called {name}, carry it here and run `iimm models import {name}`."
                )
            with self._incoming() as folder, tempfile.TemporaryDirectory(dir=self.folder, prefix=_INCOMING) as scratch:
                fetch_into(entry.card, folder, Path(scratch))
                self._place_whole(name, folder, entry.text)
        return Taken(self.get(name), already=False)

    def import_folder(self, path: Path) -> Taken:
        """Take in a model from a folder, without a network.

        The folder has a `card.toml`, or is called like a model of the catalogue. Files that neither the catalogue nor
        the card pins are pinned as they are now. Hidden files are left out.

        Raises:
            ImportRefused: no card, an unreadable one, no files, or a file that is not plain.
            DigestMismatch: a file is not the one that is pinned; nothing was taken in.
        """
        entry = self._entry_of(path)
        name = entry.card.name
        with self._lock(), self._incoming() as folder:
            for file in entry.card.files:
                write_checked(folder, file, chunks_of(path / file.name))
            if self._whole(name) and self._card(name).digest == entry.card.digest:
                return Taken(self.get(name), already=True)
            self._place_whole(name, folder, entry.text)
        return Taken(self.get(name), already=False)

    def _entry_of(self, path: Path) -> Entry:
        """What an import brings, with every file pinned."""
        own_card = path / CARD_FILE
        if own_card.is_file():
            text = own_card.read_text(encoding="utf-8")
        elif (known := self._catalogue.get(ModelName(path.name))) and not known.shipped:
            text = known.text
        else:
            raise ImportRefused(f"{path} has no {CARD_FILE} and is not called like a model of the catalogue.")
        try:
            card = read_card(text)
        except CardInvalid as error:
            raise ImportRefused(f"{path}: {error}") from error
        pinned = self._catalogue.get(card.name)
        if pinned and pinned.shipped:
            raise ImportRefused(f"{card.name} ships with the code and cannot be replaced: give the model another name.")
        if pinned and pinned.card.pinned:
            card, text = pinned.card, pinned.text
        names = file_names(path)
        for name in names:
            if not is_safe_name(name) or (path / name).is_symlink() or not (path / name).is_file():
                raise ImportRefused(f"{path} holds something that is not a plain file with a printable name.")
        if not names:
            raise ImportRefused(f"{path} has no files.")
        if not card.pinned:
            text = with_pins(text, [pin(path, name) for name in names])
            return Entry(read_card(text), text)
        _refuse_other_names(path, names, card.files)
        return Entry(card, text)

    def _place(self, name: ModelName) -> Path:
        entry = self._catalogue.get(name)
        return entry.shipped if entry and entry.shipped else self.folder / name

    def _card(self, name: ModelName) -> Card:
        """The card that a model on this machine is held to."""
        entry = self._catalogue.get(name)
        return entry.card if entry and entry.card.pinned else self._card_on_disk(name)

    def _card_on_disk(self, name: ModelName) -> Card:
        try:
            card = read_card((self._place(name) / CARD_FILE).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CardInvalid(f"{CARD_FILE} cannot be read ({type(error).__name__})") from error
        if card.name != name or not card.pinned:
            raise CardInvalid(f"{CARD_FILE} is of another model, or pins no file")
        return card

    def _card_faults(self, card: Card) -> Sequence[Fault]:
        """Whether the card that a pull or import wrote pins the same files: one of an older release does not."""
        try:
            same = self._card_on_disk(card.name).digest == card.digest
        except CardInvalid:
            return [Fault(card.name, CARD_FILE, FaultKind.UNREADABLE)]
        return [] if same else [Fault(card.name, CARD_FILE, FaultKind.DIFFERENT)]

    def _quick_faults(self, card: Card) -> Sequence[Fault]:
        return [*self._card_faults(card), *faults_by_size(card, self._place(card.name))]

    def _whole(self, name: ModelName) -> bool:
        if not self._place(name).is_dir():
            return False
        try:
            card = self._card(name)
        except CardInvalid:
            return False
        return not self._card_faults(card) and not faults_by_digest(card, self._place(name))

    def _state(self, name: ModelName) -> ModelState:
        entry = self._catalogue.get(name)
        if not self._place(name).is_dir():
            return ModelState(name, Presence.ABSENT, entry.card if entry else None)
        try:
            card = self._card(name)
        except CardInvalid:
            return ModelState(name, Presence.DAMAGED, entry.card if entry else None)
        return ModelState(name, Presence.DAMAGED if self._quick_faults(card) else Presence.PRESENT, card)

    def _names_on_disk(self) -> Sequence[ModelName]:
        if not self.folder.is_dir():
            return []
        return [ModelName(p.name) for p in self.folder.iterdir() if p.is_dir() and not p.name.startswith(".")]

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One pull or import at a time; what a killed one left is swept, since nobody else can be writing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in [*self.folder.glob(f"{_INCOMING}*"), *self.folder.glob(f"{_OUTGOING}*")]:
                shutil.rmtree(left)
            yield

    @contextmanager
    def _incoming(self) -> Iterator[Path]:
        """A folder beside the models, so that moving it into place is one rename."""
        folder = Path(tempfile.mkdtemp(dir=self.folder, prefix=_INCOMING))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _place_whole(self, name: ModelName, folder: Path, card_text: str) -> None:
        with (folder / CARD_FILE).open("x", encoding="utf-8") as stream:
            stream.write(card_text)
            stream.flush()
            os.fsync(stream.fileno())
        folder.chmod(0o755)
        sync_folders(folder)
        place = self.folder / name
        if place.exists():
            outgoing = self.folder / f"{_OUTGOING}{name}"
            place.rename(outgoing)
            folder.rename(place)
            shutil.rmtree(outgoing)
        else:
            folder.rename(place)
        sync_folder(self.folder)


def _refuse_other_names(path: Path, names: list[str], files: tuple[PinnedFile, ...]) -> None:
    wrong = sorted(set(names).symmetric_difference(file.name for file in files))
    if wrong:
        raise DigestMismatch(f"{path}: missing or not pinned by the card: {', '.join(wrong)}. Nothing was taken in.")


def _told(name: ModelName, faults: Sequence[Fault], remedy: str = "") -> str:
    files = ", ".join(f"{fault.file} ({fault.kind})" for fault in faults)
    return f"The model {name} is not as its card says: {files}. {remedy or f'Run `iimm models pull {name}`.'}"
