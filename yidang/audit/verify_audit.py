#!/usr/bin/env python3
"""Check an exported Yidang log with nothing but Python 3: python3 verify_audit.py [FOLDER]

Reads entries.jsonl, checkpoint.txt and public_key.pem beside this file. Every entry must have its hash, follow the one
before it, and lead to the checkpoint, which the archive's key must have signed. Names the first bad entry; ends with 0
only when all is well. Compare the key's name with one that you got another way, such as on paper.
"""

import base64
import hashlib
import json
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


def check_checkpoint(note, pem, size, last):
    """What is wrong with the checkpoint, or nothing; and the key's name."""
    public = base64.b64decode("".join(pem.strip().splitlines()[1:-1]))[-32:]
    name = hashlib.sha256(public).hexdigest()[:16]
    text, _blank, tail = note.partition("\n\n")
    lines, words = text.split("\n"), tail.strip().split(" ")
    if len(lines) != 3 or len(words) != 3 or lines[0] != "yidang-audit":
        return "The checkpoint cannot be read.", name
    signature = base64.b64decode(words[2])
    if signature[:8].hex() != name or not signature_fits(public, (text + "\n").encode(), signature[8:]):
        return "The checkpoint's signature does not fit.", name
    if lines[1] != str(size) or lines[2] != last:
        return f"The checkpoint speaks of {lines[1]} entries; {size} are here, or they end otherwise.", name
    return "", name


def main(folder):
    expected, previous = 1, ORIGIN
    with (folder / "entries.jsonl").open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            wrong, told = check_entry(line, expected, previous)
            if wrong:
                print(f"BAD: entry {expected} {wrong}.")
                return 1
            expected, previous = expected + 1, told
    try:
        note = (folder / "checkpoint.txt").read_text(encoding="utf-8")
        pem = (folder / "public_key.pem").read_text(encoding="ascii")
        wrong, name = check_checkpoint(note, pem, expected - 1, previous)
    except (OSError, ValueError, IndexError):
        wrong, name = "The checkpoint or the key cannot be read.", ""
    if wrong:
        print(f"BAD: {wrong}")
        return 1
    print(f"GOOD: {expected - 1} entries, last hash {previous}, signed by key {name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent))
