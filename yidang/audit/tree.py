"""The Merkle tree over the entries (RFC 9162): a leaf is an entry's hash. Complete parts of 256 are kept, the rest is computed.

Nothing is done when an entry is appended: the tree catches up when a checkpoint is taken.
"""

import hashlib
from collections.abc import Sequence

from yidang.audit.models import Entry, Subtree
from yidang.common.errors import Unavailable

# One kept hash stands for 256 of the level below: a million entries need 3,922 rows.
BITS = 8
WIDTH = 1 << BITS
# So many groups are read with one query while the tree catches up.
GROUPS = 32


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [_node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _kept(level: int, first: int, count: int) -> list[bytes]:
    """Hashes of one kept level; level 0 is the entries themselves.

    :raises Unavailable: some are not there, which verification explains
    """
    if level == 0:
        leaves = Entry.objects.filter(seq__gt=first, seq__lte=first + count).order_by("seq")
        texts = list(leaves.values_list("hash", flat=True))
    else:
        parts = Subtree.objects.filter(level=level, number__gte=first, number__lt=first + count).order_by("number")
        texts = list(parts.values_list("hash", flat=True))
    found = [bytes.fromhex(text) for text in texts]
    if len(found) != count:
        raise Unavailable(code="audit_tree_incomplete", level=level, first=first)
    return found


def catch_up(size: int) -> None:
    """Keep the hash of every complete part of the first ``size`` entries.

    In short inserts, so that a log which has none yet holds up no writer; two that do it at once write the same.
    """
    level = 1
    while size >> (BITS * level):
        ready = size >> (BITS * level)
        last = Subtree.objects.filter(level=level).order_by("-number").values_list("number", flat=True).first()
        done = 0 if last is None else last + 1
        while done < ready:
            group = min(GROUPS, ready - done)
            below = _kept(level - 1, done * WIDTH, group * WIDTH)
            rows = [
                Subtree(level=level, number=done + at, hash=_fold(below[at * WIDTH : (at + 1) * WIDTH]).hex())
                for at in range(group)
            ]
            Subtree.objects.bulk_create(rows, ignore_conflicts=True)
            done += group
        level += 1


def _complete(bits: int, number: int) -> bytes:
    """The root over 2**bits entries that begin at a multiple of that many."""
    level, rest = divmod(bits, BITS)
    return _fold(_kept(level, number << rest, 1 << rest))


def _part(first: int, count: int) -> bytes:
    """The root over ``count`` entries from the 0-based ``first``, which is a multiple of the next power of two."""
    if not count & (count - 1):
        bits = count.bit_length() - 1
        return _complete(bits, first >> bits)
    left = 1 << (count - 1).bit_length() - 1
    return _node(_part(first, left), _part(first + left, count - left))


def peaks(size: int) -> list[bytes]:
    """The roots of the complete parts that the first ``size`` entries fall into, the largest first."""
    found, first = [], 0
    for bits in range(size.bit_length() - 1, -1, -1):
        if size >> bits & 1:
            found.append(_complete(bits, first >> bits))
            first += 1 << bits
    return found


def root(size: int) -> bytes:
    """The root over the first ``size`` entries.

    :raises Unavailable: the log is empty or the tree has not caught up
    """
    if size < 1:
        raise Unavailable(code="audit_empty")
    return _part(0, size)


def inclusion(index: int, size: int) -> list[bytes]:
    """The proof that the entry at a 0-based index stands in the tree of this size."""

    def path(at: int, first: int, count: int) -> list[bytes]:
        if count == 1:
            return []
        left = 1 << (count - 1).bit_length() - 1
        if at < left:
            return [*path(at, first, left), _part(first + left, count - left)]
        return [*path(at - left, first + left, count - left), _part(first, left)]

    if not 0 <= index < size:
        raise Unavailable(code="audit_no_such_entry")
    return path(index, 0, size)


def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the tree of size ``new`` begins with that of size ``old``; empty for the same size."""

    def path(before: int, first: int, count: int, whole: bool) -> list[bytes]:
        if before == count:
            return [] if whole else [_part(first, count)]
        left = 1 << (count - 1).bit_length() - 1
        if before <= left:
            return [*path(before, first, left, whole), _part(first + left, count - left)]
        return [*path(before - left, first + left, count - left, False), _part(first, left)]

    if not 1 <= old <= new:
        raise Unavailable(code="audit_no_such_size")
    return path(old, 0, new, True)
