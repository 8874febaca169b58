"""The checker of proofs: right on published vectors, right for every size up to forty, and not to be fooled."""

import hashlib
import json
import random
from base64 import b64decode
from pathlib import Path

import pytest

from yidang.audit import proofs
from yidang.audit.proofs import Growing, ProofRefused, check_consistency, check_inclusion, leaf_hash, node_hash

VECTORS = json.loads(
    (Path(__file__).parents[3] / "tests" / "corpora" / "merkle_proofs.json").read_text(encoding="utf-8")
)
LEAVES = [leaf_hash(bytes([number])) for number in range(40)]


def bytes_of(text: str | None) -> bytes:
    return b64decode(text) if text else b""


@pytest.mark.promise("C4")
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["file"])
def test_published_vectors_are_judged_as_published(vector: dict) -> None:
    parts = [bytes_of(part) for part in vector["proof"] or []]
    try:
        if "leafIdx" in vector:
            check_inclusion(
                index=vector["leafIdx"], size=vector["treeSize"], leaf=bytes_of(vector["leafHash"]), proof=parts,
                root=bytes_of(vector["root"]),
            )  # fmt: skip
        else:
            check_consistency(
                old=vector["size1"], new=vector["size2"], old_root=bytes_of(vector["root1"]),
                new_root=bytes_of(vector["root2"]), proof=parts,
            )  # fmt: skip
        refused = False
    except ProofRefused:
        refused = True
    assert refused == vector["wantErr"]


def root_by_the_book(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    return node_hash(root_by_the_book(leaves[:left]), root_by_the_book(leaves[left:]))


def path_by_the_book(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    left = 1 << (len(leaves) - 1).bit_length() - 1
    if index < left:
        return [*path_by_the_book(index, leaves[:left]), root_by_the_book(leaves[left:])]
    return [*path_by_the_book(index - left, leaves[left:]), root_by_the_book(leaves[:left])]


def growth_by_the_book(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_by_the_book(leaves)]
    left = 1 << (len(leaves) - 1).bit_length() - 1
    if old <= left:
        return [*growth_by_the_book(old, leaves[:left], whole), root_by_the_book(leaves[left:])]
    return [*growth_by_the_book(old - left, leaves[left:], False), root_by_the_book(leaves[:left])]


@pytest.mark.promise("C4")
def test_every_proof_of_every_size_is_accepted_for_its_place_and_for_no_other() -> None:
    growing = Growing()
    for size in range(1, len(LEAVES) + 1):
        growing.add(LEAVES[size - 1])
        leaves, root = LEAVES[:size], root_by_the_book(LEAVES[:size])
        assert growing.root() == root
        for index in range(size):
            proof = path_by_the_book(index, leaves)
            check_inclusion(index=index, size=size, leaf=leaves[index], proof=proof, root=root)
            for wrong in {(index + 1) % size, (index + size // 2) % size} - {index}:
                with pytest.raises(ProofRefused):
                    check_inclusion(index=wrong, size=size, leaf=leaves[index], proof=proof, root=root)
        for old in range(1, size + 1):
            proof = growth_by_the_book(old, leaves)
            check_consistency(old=old, new=size, old_root=root_by_the_book(LEAVES[:old]), new_root=root, proof=proof)


@pytest.mark.promise("C4")
def test_a_thousand_spoilt_proofs_are_refused() -> None:
    rng = random.Random(9162)
    for _try in range(1000):
        size = rng.randint(2, 40)
        old = rng.randint(1, size - 1)
        leaves = LEAVES[:size]
        proof = growth_by_the_book(old, leaves)
        spoilt = list(proof)
        match rng.randrange(4):
            case 0:
                at = rng.randrange(len(spoilt))
                spoilt[at] = bytes([spoilt[at][0] ^ 1 << rng.randrange(8)]) + spoilt[at][1:]
            case 1:
                spoilt.insert(rng.randrange(len(spoilt) + 1), rng.randbytes(32))
            case 2:
                del spoilt[rng.randrange(len(spoilt))]
            case 3:
                spoilt[rng.randrange(len(spoilt))] = b""
        with pytest.raises(ProofRefused):
            check_consistency(
                old=old, new=size, old_root=root_by_the_book(leaves[:old]), new_root=root_by_the_book(leaves),
                proof=spoilt,
            )  # fmt: skip


@pytest.mark.promise("C4")
def test_nothing_empty_passes_for_a_hash_or_a_tree() -> None:
    nothing = hashlib.sha256(b"").digest()
    for old_root in (b"", nothing):
        with pytest.raises(ProofRefused):
            check_consistency(old=0, new=1, old_root=old_root, new_root=LEAVES[0], proof=[])
    with pytest.raises(ProofRefused):
        check_consistency(old=0, new=0, old_root=nothing, new_root=nothing, proof=[])
    with pytest.raises(ProofRefused):
        check_inclusion(index=0, size=0, leaf=nothing, proof=[], root=nothing)
    with pytest.raises(ProofRefused):
        check_inclusion(index=0, size=1, leaf=b"", proof=[], root=b"")
    with pytest.raises(ProofRefused):
        Growing().root()


def test_the_checker_needs_nothing_of_what_it_checks() -> None:
    text = Path(proofs.__file__).read_text(encoding="utf-8")
    assert "yidang" not in text and "django" not in text
