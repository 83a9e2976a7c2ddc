"""Tiles: a Merkle tree in files of 256 hashes, after C2SP tlog-tiles.

Here: where a tile lies, what its bytes mean, and a tree of a given size read from tiles: its root, ranges, entries.
Not here: who may append, in which order files are made durable, the checkpoint (log).

Level 0 holds the hashes of entries, each level above one hash for each full tile below. A tile that is not yet full
lies under a name with its width, so that no file that a checkpoint covers is ever written again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from iimm_pipelines.custody import merkle

WIDTH = 256
_LEVELS_IN_A_TILE = 8  # 2^8 = WIDTH
_LENGTH_BYTES = 2
ENTRIES = "entries"


class LogDamaged(Exception):
    """A file of the log is missing or not what the checkpoint commits to; the message names it."""


def tile_path(kind: int | str, number: int, width: int) -> str:
    """Path in the log's folder of tile `number` of a level, or of the bundle of entries with that number."""
    groups: list[str] = []
    rest = number
    while True:
        rest, group = divmod(rest, 1000)
        groups.append(f"x{group:03}" if groups else f"{group:03}")
        if not rest:
            break
    path = f"tile/{kind}/{'/'.join(reversed(groups))}"
    return path if width == WIDTH else f"{path}.p/{width}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Each entry behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle; ValueError where lengths and bytes do not meet."""
    entries: list[bytes] = []
    place = 0
    while place < len(data):
        start = place + _LENGTH_BYTES
        place = start + int.from_bytes(data[place:start], "big")
        if place > len(data):
            raise ValueError("the last entry is cut off")
        entries.append(data[start:place])
    return entries


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """A tile's bytes."""
    return b"".join(hashes)


def hashes_at(level: int, size: int) -> int:
    """How many hashes a tree of `size` entries has at a level of tiles."""
    return size >> _LEVELS_IN_A_TILE * level


def levels(size: int) -> int:
    """How many levels of tiles a tree has."""
    return -(-size.bit_length() // _LEVELS_IN_A_TILE)


def edge_root(edges: Sequence[Sequence[bytes]]) -> bytes:
    """Root from the tiles on the right edge that are not full, lowest level first."""
    found: list[bytes] = []
    for edge in edges:
        if edge or found:
            found = [merkle.root([*edge, *found])]
    return merkle.root(found)


def edge_paths(size: int) -> list[str]:
    """The files on the right edge that are not full: the only ones that a later append may remove."""
    kinds: list[tuple[int | str, int]] = [(ENTRIES, size)]
    kinds += [(level, hashes_at(level, size)) for level in range(levels(size))]
    return [tile_path(kind, count // WIDTH, count % WIDTH) for kind, count in kinds if count % WIDTH]


def full_paths(since: int, size: int) -> list[str]:
    """The full tiles and bundles of a tree of `size` entries that one of `since` entries had not."""
    kinds: list[tuple[int | str, int, int]] = [(ENTRIES, since, size)]
    kinds += [(level, hashes_at(level, since), hashes_at(level, size)) for level in range(levels(size))]
    return [tile_path(k, n, WIDTH) for k, before, now in kinds for n in range(before // WIDTH, now // WIDTH)]


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of a fixed size. `edge` holds the files of `edge_paths` as they were when the tree had that size."""

    folder: Path
    size: int
    edge: Mapping[str, bytes]

    def hashes(self, level: int, number: int) -> list[bytes]:
        """The hashes of one tile.

        Raises:
            LogDamaged: the file is missing or has another length than the tree's size demands.
        """
        width = self._width(hashes_at(level, self.size), number)
        path = tile_path(level, number, width)
        data = self._bytes(path)
        if len(data) != width * merkle.HASH_BYTES:
            raise LogDamaged(f"{path}: {len(data)} bytes instead of {width * merkle.HASH_BYTES}")
        return [data[at : at + merkle.HASH_BYTES] for at in range(0, len(data), merkle.HASH_BYTES)]

    def bundle(self, number: int) -> list[bytes]:
        """The entries of one bundle.

        Raises:
            LogDamaged: the file is missing or holds another number of entries than the tree's size demands.
        """
        width = self._width(self.size, number)
        path = tile_path(ENTRIES, number, width)
        try:
            entries = decode_bundle(self._bytes(path))
        except ValueError as fault:
            raise LogDamaged(f"{path}: {fault}") from None
        if len(entries) != width:
            raise LogDamaged(f"{path}: {len(entries)} entries instead of {width}")
        return entries

    def bundles(self) -> int:
        """How many bundles of entries there are, the last perhaps not full."""
        return -(-self.size // WIDTH)

    def edge_hashes(self) -> list[list[bytes]]:
        """The hashes of the tiles that are not full, lowest level first, [] where a level ends with a full tile."""
        counts = [hashes_at(level, self.size) for level in range(levels(self.size))]
        return [self.hashes(level, count // WIDTH) if count % WIDTH else [] for level, count in enumerate(counts)]

    def range_root(self, start: int, end: int) -> bytes:
        """Root over the entries from `start` to before `end`, a range as proofs use them; reads O(log size) tiles."""
        roots: list[bytes] = []
        while start < end:
            level = (end - start).bit_length() - 1
            if start:
                level = min(level, (start & -start).bit_length() - 1)
            roots.append(self._complete(level, start >> level))
            start += 1 << level
        found = roots.pop() if roots else merkle.EMPTY_ROOT
        while roots:
            found = merkle.node_hash(roots.pop(), found)
        return found

    def _complete(self, level: int, index: int) -> bytes:
        """Hash of a complete subtree of 2^level entries."""
        tile_level, inside = divmod(level, _LEVELS_IN_A_TILE)
        number, start = divmod(index << inside, WIDTH)
        return merkle.root(self.hashes(tile_level, number)[start : start + (1 << inside)])

    def _width(self, count: int, number: int) -> int:
        width = min(WIDTH, count - number * WIDTH)
        if number < 0 or width <= 0:
            raise IndexError(f"no tile {number} where there are {count} hashes")
        return width

    def _bytes(self, path: str) -> bytes:
        if path in self.edge:
            return self.edge[path]
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            raise LogDamaged(f"{path}: missing") from None
