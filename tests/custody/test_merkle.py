"""Merkle trees agree with the published vectors and with the recursive definition of RFC 9162."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iimm_pipelines.custody import merkle

VECTORS = Path(__file__).resolve().parents[2] / ".." / "shared" / "evidence-pack" / "merkle_vectors" / "files"
SIZES = st.integers(1, 70)


def leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


def defined_root(hashes: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


def vectors(kind: str) -> list[Path]:
    return sorted((VECTORS / kind).glob("*/*.json"))


def decoded(vector: dict[str, object], *names: str) -> list[bytes]:
    return [base64.b64decode(str(vector[name])) for name in names]


@pytest.mark.skipif(not VECTORS.exists(), reason="published vectors are not here")
@pytest.mark.parametrize("file", vectors("inclusion"), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_inclusion_vector(file: Path) -> None:
    vector = json.loads(file.read_text())
    leaf, root = decoded(vector, "leafHash", "root")
    proof = [base64.b64decode(entry) for entry in vector["proof"] or []]
    try:
        merkle.verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], proof, root)
        refused = False
    except merkle.ProofInvalid:
        refused = True
    assert refused == vector["wantErr"]


@pytest.mark.skipif(not VECTORS.exists(), reason="published vectors are not here")
@pytest.mark.parametrize("file", vectors("consistency"), ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_consistency_vector(file: Path) -> None:
    vector = json.loads(file.read_text())
    old_root, new_root = decoded(vector, "root1", "root2")
    proof = [base64.b64decode(entry) for entry in vector["proof"] or []]
    try:
        merkle.verify_consistency(vector["size1"], vector["size2"], old_root, new_root, proof)
        refused = False
    except merkle.ProofInvalid:
        refused = True
    assert refused == vector["wantErr"]


@given(st.integers(0, 70))
def test_root_is_the_recursively_defined_one(size: int) -> None:
    assert merkle.root(leaves(size)) == defined_root(leaves(size))


@given(SIZES, st.data())
def test_every_leaf_is_proven_and_at_no_other_place(size: int, data: st.DataObject) -> None:
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    proof = merkle.inclusion_proof(tree, index)
    merkle.verify_inclusion(tree[index], index, size, proof, merkle.root(tree))
    if other != index:
        with pytest.raises(merkle.ProofInvalid):
            merkle.verify_inclusion(tree[index], other, size, proof, merkle.root(tree))


@given(SIZES, st.data())
def test_every_beginning_is_proven_and_no_other_tree(size: int, data: st.DataObject) -> None:
    old_size = data.draw(st.integers(0, size))
    tree = leaves(size)
    proof = merkle.consistency_proof(tree, old_size)
    merkle.verify_consistency(old_size, size, merkle.root(tree[:old_size]), merkle.root(tree), proof)
    with pytest.raises(merkle.ProofInvalid):
        merkle.verify_consistency(old_size, size, merkle.root(leaves(size + 1)), merkle.root(tree), proof)


@given(st.integers(2, 70), st.data())
def test_a_changed_cut_or_longer_proof_is_refused(size: int, data: st.DataObject) -> None:
    tree = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(tree, index)
    changed = data.draw(st.integers(0, len(proof) - 1))
    flipped = [bytes([entry[0] ^ 1]) + entry[1:] if at == changed else entry for at, entry in enumerate(proof)]
    for wrong in (flipped, proof[:-1], [*proof, proof[0]], [proof[0][:-1], *proof[1:]]):
        with pytest.raises(merkle.ProofInvalid):
            merkle.verify_inclusion(tree[index], index, size, wrong, merkle.root(tree))


def test_there_is_no_proof_of_what_is_not_there() -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_proof(leaves(3), 3)
    with pytest.raises(IndexError):
        merkle.consistency_proof(leaves(3), 4)
