"""Merkle trees after RFC 6962 and RFC 9162: one digest for many leaves, and short proofs about them.

Here: hashes of leaves and nodes, roots, proofs of inclusion and of consistency, and their verification.
Not here: what a leaf is made of (iimm_pipelines.engine), trees too large for memory (tiles, log).
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import reduce

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


class ProofInvalid(ValueError):
    """A proof does not lead to the root it was given with."""


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162, 2.1.1: the prefix keeps a leaf from being taken for a node."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Iterable[bytes]) -> bytes:
    """Root over leaf hashes, which pass one by one: what is kept of them is a hash for each level.

    Whole subtrees are joined as soon as their right half ends, and those that are left from the right: the tree of
    RFC 9162, which splits at the largest power of two below the size.
    """
    whole: list[bytes] = []  # roots of whole subtrees, the largest first
    for count, leaf in enumerate(leaves, 1):
        joined = leaf
        for _ in range((count & -count).bit_length() - 1):
            joined = node_hash(whole.pop(), joined)
        whole.append(joined)
    if not whole:
        return EMPTY_ROOT
    return reduce(lambda right, left: node_hash(left, right), reversed(whole))


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Leaf ranges (from, to) whose roots prove that leaf `index` is in a tree of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise IndexError(f"no leaf {index} in a tree of {size}")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[tuple[int, int]]:
    """Leaf ranges whose roots prove that a tree of `old_size` leaves is the beginning of one of `new_size`."""
    if not 0 <= old_size <= new_size:
        raise IndexError(f"a tree of {new_size} leaves does not begin with {old_size}")
    if old_size == 0:
        return []
    ranges: list[tuple[int, int]] = []
    start, end = 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # the old tree's last subtree; left out where it is the whole old tree, whose root the reader has
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Hashes that lead from leaf `index` to the root over `leaves`."""
    return [root(leaves[start:end]) for start, end in inclusion_ranges(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Hashes that show the first `old_size` leaves to be the beginning of `leaves`."""
    return [root(leaves[start:end]) for start, end in consistency_ranges(old_size, len(leaves))]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """RFC 9162, 2.1.3.2.

    Raises:
        ProofInvalid: the leaf with this hash is not shown to stand at `index` in the tree with this root and size.
    """
    if not 0 <= index < size:
        raise ProofInvalid(f"no leaf {index} in a tree of {size}")
    _require_hashes(leaf, root, *proof)
    here, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if here % 2 or here == last:
            found = node_hash(sibling, found)
            here, last = _skip_levels_without_sibling(here, last)
        else:
            found = node_hash(found, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if found != root:
        raise ProofInvalid("the proof leads to another root")


def verify_consistency(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """RFC 9162, 2.1.4.2; an empty old tree is the beginning of every tree, with an empty proof.

    Raises:
        ProofInvalid: the old tree is not shown to be the beginning of the new one.
    """
    if not 0 <= old_size <= new_size:
        raise ProofInvalid(f"a tree of {new_size} leaves does not begin with {old_size}")
    _require_hashes(old_root, new_root, *proof)
    if old_size in (0, new_size):
        expected = new_root if old_size else EMPTY_ROOT
        if proof or old_root != expected:
            raise ProofInvalid("roots of trees of these sizes need no proof, and differ or were given one")
        return
    if not proof:
        raise ProofInvalid("the proof is too short")
    path = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    here, last = old_size - 1, new_size - 1
    while here % 2:
        here, last = here >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the proof is too long")
        if here % 2 or here == last:
            old_found = node_hash(sibling, old_found)
            new_found = node_hash(sibling, new_found)
            here, last = _skip_levels_without_sibling(here, last)
        else:
            new_found = node_hash(new_found, sibling)
        here, last = here >> 1, last >> 1
    if last:
        raise ProofInvalid("the proof is too short")
    if old_found != old_root or new_found != new_root:
        raise ProofInvalid("the proof leads to other roots")


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _skip_levels_without_sibling(here: int, last: int) -> tuple[int, int]:
    while here and here % 2 == 0:
        here, last = here >> 1, last >> 1
    return here, last


def _require_hashes(*hashes: bytes) -> None:
    if any(len(entry) != HASH_BYTES for entry in hashes):
        raise ProofInvalid("a hash is not 32 bytes long")
