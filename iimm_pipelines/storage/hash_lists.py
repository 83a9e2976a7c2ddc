"""Hash lists as they are kept: one digest a line, in hex, sorted, each once; a file for each list, named by its SHA-256.

Here: writing and reading them.
Not here: the lists that people hand in (accessions/hash_list), what a list is good for (accessions/holds).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Set
from pathlib import Path

from iimm_pipelines.storage.durable import make_folder, write_atomic


class HashLists:
    """All hash lists of a holding."""

    def __init__(self, folder: Path) -> None:
        """Lists in `folder`."""
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where a list lies."""
        return self.folder / f"{digest}.txt"

    def write(self, digests: Set[bytes]) -> str:
        """Keep a list; returns the SHA-256 of its file."""
        text = "".join(f"{d.hex()}\n" for d in sorted(digests)).encode()
        name = hashlib.sha256(text).hexdigest()
        make_folder(self.folder)
        write_atomic(self.path(name), text)
        return name

    def read(self, digest: str) -> Iterator[bytes]:
        """The digests of a list."""
        with self.path(digest).open(encoding="ascii") as lines:
            for line in lines:
                yield bytes.fromhex(line)

    def holds(self, digest: str) -> bool:
        """Whether the list is there as it was written."""
        if not self.path(digest).exists():
            return False
        with self.path(digest).open("rb") as raw:
            return hashlib.file_digest(raw, "sha256").hexdigest() == digest
