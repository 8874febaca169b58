#!/usr/bin/env python3
"""Check an exported Yidang log with nothing but Python 3: python3 verify_audit.py [FOLDER [CHECKPOINT…]]

Reads entries.jsonl, checkpoint.txt, checkpoints.txt and public_key.pem beside this file. Every entry must have its
hash and follow the one before it; the Merkle tree over them (RFC 9162) must have the root that the archive's key signed
in checkpoint.txt, and go through every earlier one. Give the checkpoints that you kept yourself, or a witness did, as
further files: the log must go through them too. Names the first bad entry; ends with 0 only when all is well.
Compare the key's name with one that you got another way, such as on paper.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

ORIGIN = "0" * 64

# Ed25519 (RFC 8032), checking only.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three = 2 * a[3] * b[3] * D % P
    four = 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def decompress(raw):
    if len(raw) != 32:
        return None
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_fits(public, message, signature):
    if len(signature) != 64:
        return False
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return equal(multiply(s, BASE), add(r, multiply(h, a)))


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(body):
    return hashlib.sha256(b"\x00" + body.encode()).hexdigest()


def check_entry(line, expected, previous):
    """What is wrong with one line, or nothing; and its hash."""
    try:
        entry = json.loads(line)
        body, told = entry["body"], entry["hash"]
        facts = json.loads(body)
        seq, linked, digest = facts["seq"], facts["previous"], facts["personal"]
        personal = entry.get("personal")
        beside = (
            hashlib.sha256((personal["salt"] + "\n" + personal["body"]).encode()).hexdigest() if personal else digest
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return "cannot be read", ""
    if canonical(facts) != body or set(entry) - {"body", "hash", "personal"}:
        return "is not in its canonical form", told
    if hash_of(body) != told:
        return "does not have its hash", told
    if seq != expected:
        return f"is numbered {seq}", told
    if linked != previous:
        return "does not follow the one before it", told
    if beside != digest:
        return "has other personal facts than it had", told
    return "", told


def root_of(peaks):
    """The root of the tree: its complete parts, joined from the right (RFC 9162, 2.1.1)."""
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hashlib.sha256(b"\x01" + peak + root).digest()
    return root


def grow(peaks, size, leaf):
    """Add a leaf to a tree of this size, kept as the roots of its complete parts."""
    while size & 1:
        leaf, size = hashlib.sha256(b"\x01" + peaks.pop() + leaf).digest(), size >> 1
    peaks.append(leaf)


def read_notes(path, public=None):
    """Size, root and place of each checkpoint in a file; with a public key their signatures are checked."""
    found = []
    for text, tail in re.findall(r"([^\n]+\n\d+\n[^\n]+\n)\n((?:\u2014 [^\n]+\n?)+)", path.read_text(encoding="utf-8")):
        origin, size, root = text.split("\n")[:3]
        key = hashlib.sha256(origin.encode() + b"\n\x01" + (public or b"")).digest()[:4]
        lines = [line.split(" ") for line in tail.strip().split("\n")]
        raws = [base64.b64decode(line[2]) for line in lines if len(line) == 3 and line[1] == origin]
        if public and not any(raw[:4] == key and signature_fits(public, text.encode(), raw[4:]) for raw in raws):
            raise ValueError(f"the signature in {path.name} does not fit")
        found.append((int(size), base64.b64decode(root), path.name))
    if not found:
        raise ValueError(f"{path.name} holds no checkpoint")
    return found


def main(folder, kept):
    try:
        pem = (folder / "public_key.pem").read_text(encoding="ascii")
        public = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))[-32:]
        last = read_notes(folder / "checkpoint.txt", public)[-1]
        waiting = sorted(
            [last, *read_notes(folder / "checkpoints.txt"), *(n for f in kept for n in read_notes(f, public))]
        )
    except (OSError, ValueError, IndexError) as reason:
        print(f"BAD: a checkpoint or the key cannot be used: {reason}.")
        return 1
    before, previous, peaks, at = 0, ORIGIN, [], 0
    if (folder / "start.json").exists():  # a part of a log: the signed root shows whether these beginnings are right
        start = json.loads((folder / "start.json").read_text(encoding="ascii"))
        before, previous, peaks = start["size"], start["hash"], [bytes.fromhex(peak) for peak in start["peaks"]]
    expected = before + 1
    with (folder / "entries.jsonl").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            wrong, told = check_entry(line, expected, previous)
            if wrong:
                print(f"BAD: entry {expected} {wrong}.")
                return 1
            grow(peaks, expected - 1, bytes.fromhex(told))
            while at < len(waiting) and waiting[at][0] <= expected:
                if waiting[at][:2] != (expected, root_of(peaks)):
                    print(f"BAD: up to entry {waiting[at][0]} this is not the log of {waiting[at][2]}.")
                    return 1
                at += 1
            expected, previous = expected + 1, told
    if at < len(waiting) or last[0] != expected - 1:
        print(f"BAD: {expected - 1} entries are here; the checkpoints speak of {max(last[0], waiting[-1][0])}.")
        return 1
    name = hashlib.sha256(public).hexdigest()[:16]
    print(
        f"GOOD: {expected - 1 - before} entries, root {last[1].hex()}, {len(waiting)} checkpoints, signed by key {name}."
    )
    return 0


if __name__ == "__main__":
    words = [Path(word) for word in sys.argv[1:]]
    sys.exit(main(words[0] if words else Path(__file__).resolve().parent, words[1:]))
