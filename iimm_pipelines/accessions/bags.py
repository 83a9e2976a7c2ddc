"""BagIt bags (RFC 8493, and 0.93 to 0.97 before it): what their manifests claim, and how a bag does not hold.

Here: whether a delivery is a bag, its tag files, its manifests as rows, all deviations that show without reading the
payload.
Not here: digests of payload and tag files (stages/inventory takes them in its one reading of each file).

Own code, since a bag may lie in a store of objects, and bagit.py ends at the first fault, follows links and reads all
of the payload a second time.
"""

from __future__ import annotations

import codecs
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from iimm_pipelines.accessions.delivery import Delivery, Entry
from iimm_pipelines.accessions.rows import Deviation, NamedFile, Role, Row
from iimm_pipelines.storage.vault import ChangedWhileRead, SourceUnavailable

DECLARATION = b"bagit.txt"
_INFO, _FETCH, _PAYLOAD = b"bag-info.txt", b"fetch.txt", b"data/"
_MANIFEST = re.compile(rb"(tag)?manifest-([A-Za-z0-9_-]{1,32})\.txt")
_LINE = re.compile(r"\s*([0-9A-Fa-f]+)[ \t]+\*?(.+?)\s*")
_VERSION = re.compile(r"BagIt-Version:\s*(\d+)\.(\d+)\s*")
_CHARACTERS = re.compile(r"Tag-File-Character-Encoding:\s*(\S+)\s*")
_OXUM = re.compile(r"(?im)^payload-oxum\s*:\s*(\d+)\.(\d+)\s*$")
_VERSIONS = frozenset({(0, 93), (0, 94), (0, 95), (0, 96), (0, 97), (1, 0)})
_ESCAPES = {"%0A": "\n", "%0a": "\n", "%0D": "\r", "%0d": "\r", "%25": "%"}
_ESCAPED = re.compile("|".join(_ESCAPES))
_OF_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\|%[A-Za-z]+%")
_LARGEST_TAG_FILE = 1 << 30


@dataclass(frozen=True, slots=True)
class Tag:
    """A manifest of a bag: its raw path, the algorithm of its digests, and whether it names the payload."""

    path: bytes
    algorithm: str
    payload: bool


class Bag:
    """A bag as it was handed over, read for what it claims."""

    def __init__(self, delivery: Delivery, entries: Sequence[Entry]) -> None:
        """The bag at the top of a delivery with these entries."""
        self._delivery = delivery
        self._sizes = {e.path: e.state.size for e in entries if e.regular}
        self._wrong, self._version, self._encoding = self._declaration()
        self.manifests = tuple(
            Tag(p, found[2].decode().lower(), found[1] is None)
            for p in sorted(self._sizes) if (found := _MANIFEST.fullmatch(p))
        )  # fmt: skip

    @property
    def names_all_in_each(self) -> bool:
        """Whether each of its payload manifests must name all of its payload."""
        return self._version >= (1, 0)

    @property
    def payload(self) -> list[bytes]:
        """Paths of its payload files; every other file belongs to the bag itself."""
        return [p for p in self._sizes if p.startswith(_PAYLOAD)]

    def deviations(self) -> list[Row]:
        """What is wrong with the bag as a whole."""
        rows = []
        if self._wrong:
            rows.append(Row(0, deviation=Deviation.NO_DECLARATION))
        if not any(m.payload for m in self.manifests):
            rows.append(Row(0, deviation=Deviation.NO_MANIFEST))
        if self._oxum_differs():
            rows.append(Row(0, deviation=Deviation.OXUM))
        for nth, line in self._lines(_FETCH):
            parts = line.split(None, 2)
            path = _unescaped(parts[2]) if len(parts) == 3 else ""
            if len(parts) != 3:
                rows.append(Row(nth, deviation=Deviation.UNREADABLE))
            elif outside(path):
                rows.append(Row(nth, files=(NamedFile(Role.FILE, path),), deviation=Deviation.OUTSIDE))
            elif _raw(path) not in self._sizes:
                rows.append(Row(nth, files=(NamedFile(Role.FILE, path),), deviation=Deviation.NOT_FETCHED))
        return rows

    def rows(self, manifest: Tag) -> Iterator[Row]:
        """A row for each line of a manifest."""
        seen: dict[str, str] = {}
        for nth, line in self._lines(manifest.path):
            found = _LINE.fullmatch(line)
            if found is None:
                yield Row(nth, deviation=Deviation.UNREADABLE)
                continue
            value, path = found[1].lower(), _unescaped(found[2])
            if _raw(path) not in self._sizes and _raw(found[2]) in self._sizes:
                path = found[2]  # a percent sign that its writer did not escape
            deviation = None
            if outside(path) or (manifest.payload and not _raw(path).startswith(_PAYLOAD)):
                deviation = Deviation.OUTSIDE
            elif seen.setdefault(path, value) != value:
                deviation = Deviation.CONTRADICTION
            yield Row(nth, files=(NamedFile(Role.FILE if manifest.payload else Role.LIST, posixpath.normpath(path)),),
                      digests=((manifest.algorithm, value),), deviation=deviation)  # fmt: skip

    def _declaration(self) -> tuple[bool, tuple[int, int], str]:
        """Whether bagit.txt is wrong, the bag's version, and the encoding of the other tag files."""
        data = self._bytes(DECLARATION)
        if data is None or data.startswith(codecs.BOM_UTF8):
            return True, (0, 0), "utf-8"
        lines = data.decode("utf-8", errors="replace").splitlines()
        version = next((m for line in lines if (m := _VERSION.fullmatch(line))), None)
        characters = next((m for line in lines if (m := _CHARACTERS.fullmatch(line))), None)
        numbers = (int(version[1]), int(version[2])) if version else (0, 0)
        try:
            encoding = codecs.lookup(characters[1]).name if characters else "utf-8"
        except LookupError:
            return True, numbers, "utf-8"
        return numbers not in _VERSIONS or characters is None, numbers, encoding

    def _oxum_differs(self) -> bool:
        data = self._bytes(_INFO)
        found = _OXUM.search(data.decode(self._encoding, errors="replace")) if data else None
        payload = [self._sizes[p] for p in self.payload]
        return found is not None and (int(found[1]), int(found[2])) != (sum(payload), len(payload))

    def _lines(self, path: bytes) -> Iterator[tuple[int, str]]:
        data = self._bytes(path) or b""
        encoding = self._encoding
        if encoding == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16-le"
        errors = "surrogateescape" if encoding == "utf-8" else "replace"
        for nth, line in enumerate(re.split(r"\r\n|\n|\r", data.decode(encoding, errors=errors)), 1):
            if line.strip():
                yield nth, line

    def _bytes(self, path: bytes) -> bytes | None:
        if self._sizes.get(path, _LARGEST_TAG_FILE + 1) > _LARGEST_TAG_FILE:
            return None
        try:
            with self._delivery.open(path) as opened:
                return b"".join(opened.pieces())
        except (ChangedWhileRead, SourceUnavailable):
            return None


def bag_in(delivery: Delivery, entries: Sequence[Entry]) -> Bag | None:
    """The bag that a delivery is: it has a bagit.txt at its top, or lacks just that."""
    top = {e.path for e in entries if b"/" not in e.path}
    manifest = any((m := _MANIFEST.fullmatch(p)) and m[1] is None for p in top)
    payload = any(e.path.startswith(_PAYLOAD) for e in entries)
    return Bag(delivery, entries) if DECLARATION in top or (manifest and payload) else None


def outside(path: str) -> bool:
    """Whether a path leads out of the bag, on any system."""
    return path.startswith(("/", "~")) or ".." in re.split(r"[\\/]", path) or bool(_OF_WINDOWS.match(path))


def _unescaped(path: str) -> str:
    return _ESCAPED.sub(lambda m: _ESCAPES[m[0]], path)


def _raw(path: str) -> bytes:
    return posixpath.normpath(path).encode("utf-8", errors="surrogateescape")
