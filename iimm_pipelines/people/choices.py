"""What somebody has chosen for themselves: whether pictures are veiled until they are opened.

Here: the file of choices, sealed as that of accounts is, since it names the same people.
Not here: what is decided about somebody (accounts), what a veil is (page/views).
"""

from __future__ import annotations

from pathlib import Path

import orjson

from iimm_pipelines.storage.durable import locked, make_folder, write_atomic
from iimm_pipelines.storage.keys import Keys

_LABEL = "choices"


class Choices:
    """The choices of those who work with one holding."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        """Open the choices in `folder`; there may be none yet."""
        self._folder = folder
        self._file = folder / "choices"
        self._keys = keys

    def veiled(self, name: str) -> bool:
        """Whether pictures and film are veiled until opened: for everybody who has not chosen otherwise."""
        return name not in self._read()

    def choose_veiled(self, name: str, veiled: bool) -> None:
        """Keep somebody's choice."""
        make_folder(self._folder)
        with locked(self._folder):
            without_veil = self._read() - {name} if veiled else self._read() | {name}
            kept = orjson.dumps({"without veil": sorted(without_veil)})
            write_atomic(self._file, self._keys.seal(kept, _LABEL))

    def _read(self) -> set[str]:
        try:
            sealed = self._file.read_bytes()
        except FileNotFoundError:
            return set()
        return set(orjson.loads(self._keys.open_sealed(sealed, _LABEL))["without veil"])
