"""Checking Merkle proofs (RFC 9162), strictly. Separate from what makes them: standard library only, no row, no writer.

A hash is exactly 32 bytes, a tree has at least one leaf, a proof has exactly the hashes it needs; anything else is
refused, because an empty value that passes for a hash is how other logs were fooled.
"""

import hashlib
from collections.abc import Sequence

HASH_SIZE = 32
LEAF, NODE = b"\x00", b"\x01"


class ProofRefused(ValueError):
    """The proof does not show what it claims; the sentence says why, for programs and tests."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of one entry's bytes."""
    return hashlib.sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes side by side."""
    return hashlib.sha256(NODE + left + right).digest()


def _require(condition: bool, reason: str) -> None:
    if not condition:
        raise ProofRefused(reason)


def _require_hashes(hashes: Sequence[bytes], what: str) -> None:
    _require(all(isinstance(one, bytes) and len(one) == HASH_SIZE for one in hashes), f"{what} is not a hash")


def check_inclusion(*, index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf stands at an index (from 0) of the tree with this size and root.

    :raises ProofRefused: it does not, or a value cannot be one
    """
    _require(size >= 1, "a tree without leaves holds nothing")
    _require(0 <= index < size, "the index lies outside the tree")
    _require_hashes([leaf], "the leaf")
    _require_hashes([root], "the root")
    _require_hashes(proof, "a part of the proof")
    place, last, found = index, size - 1, leaf
    for beside in proof:
        _require(last > 0, "the proof is too long")
        if place & 1 or place == last:
            found = node_hash(beside, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        place, last = place >> 1, last >> 1
    _require(last == 0, "the proof is too short")
    _require(found == root, "the proof leads to another root")


def check_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree with the new size begins with all leaves of the old one, unchanged and in order.

    :raises ProofRefused: it does not, or a value cannot be one
    """
    _require(1 <= old <= new, "the sizes are not those of a tree that grew")
    _require_hashes([old_root], "the old root")
    _require_hashes([new_root], "the new root")
    _require_hashes(proof, "a part of the proof")
    if old == new:
        _require(not proof, "trees of one size need no proof")
        _require(old_root == new_root, "two roots for one size")
        return
    _require(bool(proof), "the proof is empty")
    path = list(proof) if old & (old - 1) else [old_root, *proof]  # a power of two: its root is the first part
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for beside in path[1:]:
        _require(last > 0, "the proof is too long")
        if place & 1 or place == last:
            first, second = node_hash(beside, first), node_hash(beside, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, beside)
        place, last = place >> 1, last >> 1
    _require(last == 0, "the proof is too short")
    _require(first == old_root, "the proof leads to another old root")
    _require(second == new_root, "the proof leads to another new root")


class Growing:
    """A tree that grows leaf by leaf and knows its root at any moment; it holds one hash for each bit of its size."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Take the next leaf's hash."""
        grown, size = leaf, self.size
        while size & 1:
            grown = node_hash(self._peaks.pop(), grown)
            size >>= 1
        self._peaks.append(grown)
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far.

        :raises ProofRefused: there is none yet
        """
        _require(self.size >= 1, "a tree without leaves has no root")
        found = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            found = node_hash(peak, found)
        return found
